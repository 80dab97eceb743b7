"""The verbs show, compare and brief."""

import dataclasses
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from detente.cli.app import app
from detente.errors import ConvergenceError, DetenteError, PlaceError, ScenarioError
from detente.files.outcomes import save_outcome
from fabricate import NAME, RETALIATION, fabricate, with_imbalance

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
    call("brief", folders[0], "--json", str(tmp_path / "brief.JSON"))
    for words, message in (
        (["--html", "z.pdf"], r"--html z.pdf: .*ends in .html or .htm, .*'.pdf' .*with --pdf"),
        (["--pdf", "z.html"], r"--pdf z.html: .*ends in .pdf, .*'.html' .*with --html"),
        (["--markdown", "z.txt"], r"--markdown z.txt: a brief ends in .*'.txt'"),
    ):
        words[1] = str(tmp_path / words[1])
        with pytest.raises(PlaceError, match=message.replace(" z.", r" \S*z.", 1)) as found:
            call("brief", folders[0], *words)
        assert found.value.exit_code == 2
    assert len(list(tmp_path.iterdir())) == 4


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


def test_what_is_of_no_single_country_is_shown_too(folders):
    text = call("show", folders[0], "--variable", "pair_trade")
    assert "Russia and United States" in text and "change in per cent" in text
    words = ["--variable", "pair_trade_pct", "--origin", "@EU", "--destination", "RUS"]
    (row, other) = json.loads(call("show", folders[0], *words, "--json"))
    outcome = fabricate(12)
    change = 100 * np.median(outcome.pair_change("@EU", "RUS"))
    assert row["median"] == pytest.approx(change) and row["of"] == "@EU RUS"
    assert (row["scenario"], other["scenario"]) == (NAME, RETALIATION)
    (row, _) = json.loads(call("show", folders[0], "--variable", "pair_trade", "--country",
                               "@USMCA", "--json"))  # fmt: skip
    assert row["median"] == pytest.approx(100 * np.median(outcome.bloc_change("@USMCA")))
    rows = json.loads(call("show", folders[0], "--variable", "output_share", "--json"))
    assert {"@EU", "@USMCA", "@NATO"} <= {row["of"] for row in rows}
    rows = json.loads(call("compare", *folders, "--variable", "output_share", "--json"))
    assert rows[0]["difference"] == rows[0]["median_second"] - rows[0]["median_first"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pair_trade", "--country", "USA"], "--origin USA --destination RUS"),
        (["position_gap", "--country", "USA"], "--origin USA --destination RUS"),
        (["pair_trade", "--origin", "BRA", "--destination", "IND"], "--watch BRA"),
        (["frustration", "--country", "USA"], "leave out --country"),
        (["cohesion", "--origin", "USA"], "leave out --origin"),
        (["cohesion"], "this outcome holds no cohesion"),
        (["polarization"], "positions and camps were not computed"),
        (["real_income", "--origin", "USA"], "leave out --origin and --destination"),
        (["real_incme"], "did you mean real_income"),
        (["cohesin"], "did you mean cohesion?; this outcome can show, of a country: real_income"),
        (["capabilty"], "of a group: output_share, dispersion, cohesion, power_to_pass"),
    ],
)
def test_advice_is_for_the_command_line(folders, words, said):
    with pytest.raises(DetenteError) as error:
        call("show", folders[0], "--variable", *words)
    assert said in str(error.value) and "outcome." not in str(error.value)


def test_explain_names_the_verb_that_shows_what_it_does_not_take(folders):
    with pytest.raises(ScenarioError, match=r"detente show .* --variable position_gap"):
        call("explain", folders[0], "--variable", "position_gap")


def test_compare_writes_changes_as_show_does(folders):
    shown = call("show", folders[0], "--country", "RUS", "--scenario", NAME)
    middle = shown.split("Russia │ ")[1].split(" [")[0].strip()
    text = call("compare", *folders, "--country", "RUS")
    assert middle in text and "points │" in text
    assert "change in per cent" in shown and "change in per cent" in text


def test_trade_that_nothing_reaches_is_a_sentence(tmp_path):
    one = fabricate(4)
    data = one.data * 0 + 1e-13
    folder = str(save_outcome(dataclasses.replace(one, data=data), tmp_path / "still"))
    text = call("show", folder)
    assert text.count("Nothing in this scenario reaches trade") == 2 and "│" not in text
    assert "first: Nothing in this scenario reaches trade" in call("compare", folder, folder)


def test_income_that_stands_on_a_large_deficit_is_noted_under_tables(folders, tmp_path):
    strained = with_imbalance(fabricate(12), "NOR", 1.22, 43.88)
    folder = str(save_outcome(strained, tmp_path / "strained"))
    said = "Norway: real income +4,388 %: its deficit in the base is 122 % of its income"
    assert call("show", folder).count(said) == 1
    assert said in call("show", folder, "--variable", "real_wage")
    assert f"second: {said}" in call("compare", folders[0], folder)
    assert said not in call("show", folders[0])
    rows = call("show", folder, "--json")
    assert isinstance(json.loads(rows), list)
