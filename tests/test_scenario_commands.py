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
from detente.runs.run import run
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


LEAVE = """name: mine
why: A question.
{more}edits:
  - {{layer: membership, where: {{country: USA, organisation: NATO}}, set: none{inside}}}
"""


def test_check_says_how_pacts_follow_membership(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(LEAVE.format(more="", inside=""))
    assert "pacts: follow membership (1 edit follows)" in call("check", str(path)).output
    page = json.loads(call("check", str(path), "--json").output)
    assert page["pacts"] == "follow_membership" and len(page["edits"]) == 2
    path.write_text(LEAVE.format(more="pacts: as_edited\n", inside=""))
    assert "pacts: as_edited: pacts stay as they are" in call("check", str(path)).output
    page = json.loads(call("check", str(path), "--json").output)
    assert page["pacts"] == "as_edited" and len(page["edits"]) == 1
    assert "pacts" not in json.loads(call("check", "us-russia-thaw", "--json").output)


def test_a_key_in_the_wrong_place_is_told_where_it_belongs(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(LEAVE.format(more="", inside=", pacts: as_edited"))
    said = str(call("check", str(path)).exception)
    assert "edits[0].pacts: unknown key 'pacts': it belongs at the top of the scenario" in said
    path.write_text(LEAVE.format(more="layer: membership\n", inside=""))
    said = str(call("check", str(path)).exception)
    assert "layer: unknown key 'layer': it belongs in 'edits'" in said


def test_check_notes_edits_that_move_no_number(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nwhy: A question.\nedits:\n"
        "  - {layer: rent_keeper, where: {origin: CHN, destination: USA}, set: seller}\n"
    )
    result = call("check", str(path))
    assert result.exit_code == 0 and "(note: no quota or price cap stands on" in result.output
    page = json.loads(call("check", str(path), "--json").output)
    assert page["edits"][0]["note"].startswith("no quota or price cap")


ALONE = "{layer: compensation, where: {country: USA}, set: pool}"
TIE = "where: {origin: CHN, destination: USA}, set: 0.5}"
NEVER = [
    ([ALONE], "with USA alone pays nothing"),
    (["{layer: quota, " + TIE, "{layer: quota_value, " + TIE], "a quota on units and one on value"),
]


@pytest.mark.parametrize(("edits", "words"), NEVER)
def test_what_can_never_run_is_refused_by_check_and_by_run(tmp_path, world, edits, words):
    path = tmp_path / "mine.yaml"
    listed = "".join(f"  - {one}\n" for one in edits)
    path.write_text(f"name: mine\nwhy: A question.\nedits:\n{listed}")
    with pytest.raises(ScenarioError, match=words):
        run(world, str(path), models=["trade"], draws=0)
    said = call("check", str(path), "--world", world).exception
    assert isinstance(said, ScenarioError) and words in str(said)
    path.with_name("beside.yaml").write_text(path.read_text().replace("mine", "beside"))
    path.write_text(
        "name: mine\nwhy: A question.\nalongside: [beside.yaml]\nedits:\n"
        "  - {layer: tariff_rate, where: {origin: CHN, destination: USA}, add: 0.1}\n"
    )
    said = call("check", str(path), "--world", world).exception
    assert isinstance(said, ScenarioError) and words in str(said)


def test_a_pool_may_be_stated_member_by_member(tmp_path, world):
    path = tmp_path / "mine.yaml"
    both = f"  - {ALONE}\n  - {ALONE.replace('USA', 'CAN')}\n"
    path.write_text(f"name: mine\nwhy: A question.\nedits:\n{both}")
    assert call("check", str(path), "--world", world).exit_code == 0
