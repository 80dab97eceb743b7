import json
from pathlib import Path

import jsonschema
import pytest
import typer
from typer.testing import CliRunner

from detente.cli.scenario_commands import register
from detente.errors import ScenarioError
from detente.files.scenarios import presets
from detente.files.worlds import save_world
from strategies import named_world

BAD = Path(__file__).parent / "bad"


def call(*words):
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def world(tmp_path):
    return str(save_world(named_world(), tmp_path / "named.dworld"))


def test_scenarios_are_listed():
    text = call("scenarios").output
    assert all(name in text for name in presets())
    assert [one["name"] for one in json.loads(call("scenarios", "--json").output)] == presets()


def test_one_scenario_is_shown_as_a_file_one_can_copy(tmp_path):
    result = call("scenarios", "us-russia-thaw", "--json")
    (tmp_path / "copy.json").write_text(result.output, encoding="utf-8")
    again = call("scenarios", str(tmp_path / "copy.json"), "--json")
    assert again.output == result.output
    assert "lift-sanctions" in call("scenarios", "us-russia-thaw").output


def test_check_says_what_each_edit_means(tmp_path, world):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nwhy: A question.\nedits:\n"
        "  - {layer: tariff_rate, where: {origin: CHN, destination: USA}, add: 0.25, label: up}\n"
    )
    sentence = "Tariff of USA on goods from CHN: add 25 points; 5 % becomes 30 % (1 cell)."
    assert sentence in call("check", str(path), "--world", world).output
    page = json.loads(call("check", str(path), "--world", world, "--json").output)
    assert page["ok"] and page["edits"] == [
        {"label": "up", "layer": "tariff_rate", "sentence": sentence}
    ]


def test_check_refuses_a_bad_file(world):
    result = call("check", str(BAD / "unknown_country.yaml"), "--world", world)
    assert isinstance(result.exception, ScenarioError)
    assert result.exception.exit_code == 2


def test_the_schema_is_printed():
    jsonschema.Draft202012Validator.check_schema(json.loads(call("schema").output))
