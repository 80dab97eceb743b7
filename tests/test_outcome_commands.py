"""The verbs show, compare and brief."""

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from detente.cli.app import app
from detente.errors import ConvergenceError, ScenarioError
from detente.files.outcomes import save_outcome
from fabricate import NAME, RETALIATION, fabricate

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


@pytest.fixture(scope="module")
def point(tmp_path_factory):
    return str(save_outcome(fabricate(0), tmp_path_factory.mktemp("outcomes") / "point"))


def test_a_point_estimate_prints_no_interval_and_no_share(point, folders):
    text = call("show", point, "--country", "USA", "--country", "RUS")
    assert "point estimate" in text and "rising" not in text and "[" not in text
    rows = json.loads(call("show", point, "--country", "USA", "--json"))
    assert {rows[0][key] for key in ("p05", "p95", "share_positive")} == {None}
    text = call("compare", point, point, "--country", "USA")
    assert "[" not in text and "note" not in text
    rows = json.loads(call("compare", point, folders[0], "--country", "USA", "--json"))
    assert rows[0]["p05_first"] is None and rows[0]["p05_second"] is not None


def test_each_scenario_is_named_once(folders):
    text = call("show", folders[0])
    assert text.count(f"{NAME}\n") + text.count(f"{NAME} ") == 1
    assert text.count(RETALIATION) == 1


def test_compare_says_what_else_differs(folders, point, tmp_path):
    assert "note" not in call("compare", folders[0], folders[0])
    assert "differ in their draws: 12 against 0" in call("compare", folders[0], point)
    one = fabricate(12)
    other = {"seed": 5, "deficits": "zero", "world": {"name": "mine", "digest": "a" * 64}}
    changed = dataclasses.replace(one, manifest=one.manifest | other)
    folder = str(save_outcome(changed, tmp_path / "changed"))
    text = call("compare", folders[0], folder, "--country", "USA")
    for said in (
        "seed: 1 against 5",
        "deficits: fixed against zero",
        "against mine (aaaaaaaaaaaa)",
    ):
        assert said in text


def test_a_brief_of_what_has_no_solution_gives_the_reason(tmp_path):
    folder = str(save_outcome(fabricate(1, fail=(0,)), tmp_path / "none"))
    with pytest.raises(ConvergenceError, match=r"no equilibrium within 400 steps \(1 draw\)") as e:
        call("brief", folder, "--html", str(tmp_path / "brief.html"))
    assert e.value.exit_code == 3
    assert not (tmp_path / "brief.html").exists()
