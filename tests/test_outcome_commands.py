"""The verbs show, compare and brief."""

import json

import pytest
from typer.testing import CliRunner

from detente.cli.app import app
from detente.errors import ScenarioError
from detente.files.outcomes import save_outcome
from fabricate import NAME, fabricate

runner = CliRunner()


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("outcomes")
    return [str(save_outcome(fabricate(12, seed=n), place / str(n))) for n in (1, 2)]


def call(*words):
    found = runner.invoke(app, list(words), catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


def test_show(folders):
    text = call("show", folders[0], "--variable", "real_wage", "--country", "USA")
    assert "United States" in text
    rows = json.loads(call("show", folders[0], "--country", "@USMCA", "--scenario", NAME, "--json"))
    assert [row["iso3"] for row in rows] == ["CAN", "MEX", "USA"]


def test_compare(folders):
    rows = json.loads(call("compare", *folders, "--country", "RUS", "--json"))
    assert rows[0]["difference"] == rows[0]["median_second"] - rows[0]["median_first"]
    assert "Russia" in call("compare", *folders, "--country", "RUS")


def test_brief(folders, tmp_path):
    words = ["--html", "--markdown", "--json"]
    paths = [str(tmp_path / f"brief{n}") for n in range(3)]
    call("brief", folders[0], *(w for pair in zip(words, paths, strict=True) for w in pair))
    assert len(list(tmp_path.iterdir())) == 3
    assert "equilibria solved" in call("brief", folders[0])


def test_unknown_names_are_errors(folders):
    with pytest.raises(ScenarioError, match="did you mean"):
        call("show", folders[0], "--variable", "real_incme")
