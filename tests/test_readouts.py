"""Tables of the strategic balance, in Python and at the command line."""

import dataclasses
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from detente import readouts
from detente.cli.app import app
from detente.errors import ScenarioError
from detente.files.outcomes import save_outcome
from fabricate import NAME, RETALIATION, fabricate
from test_strategic import outcome, strategic

runner = CliRunner()


@pytest.fixture(scope="module")
def whole():
    return outcome()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(save_outcome(outcome(), tmp_path_factory.mktemp("outcomes") / "one"))


def call(*words):
    found = runner.invoke(app, list(words), catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


def test_a_row_holds_levels_before_and_after_and_the_change_draw_by_draw(whole):
    row = whole.table("challenge_risk", scenario=NAME).iloc[0]
    before, after = (whole.strategic.levels[n, 0] for n in (0, 1))
    assert row["before"] == np.median(before) and row["after_p95"] == np.quantile(after, 0.95)
    assert row["median"] == pytest.approx(100 * np.median(after / before - 1))
    assert (row["origin"], row["destination"]) == ("RUS", "EST")
    assert row["name"] == "Russia towards Estonia"
    assert row["level_unit"] == "expected a year" and row["unit"] == "%"
    assert list(whole.table("challenge_risk_pct")["scenario"]) == [NAME, RETALIATION]


def test_groups_are_named_and_found_by_name_or_member(whole):
    for words in ("@USMCA", ["CAN", "MEX", "USA", "RUS"]):
        row = whole.table("military_outlays", country=words, scenario=NAME).iloc[0]
        assert row["origin"] == "@USMCA" and row["destination"] == ""
        assert row["median"] == pytest.approx(3)
    with pytest.raises(ScenarioError, match=r"military_outlays of country USA.*@USMCA"):
        whole.table("military_outlays", country="USA")


def test_arsenals_are_found_either_way_round_and_change_by_points(whole):
    ways = [whole.table("second_strike", scenario=NAME, origin=a, destination=b)
            for a, b in (("USA", "RUS"), ("RUS", "USA"))]  # fmt: skip
    assert ways[0].equals(ways[1])
    assert ways[0]["median"].item() == pytest.approx(-5) and ways[0]["unit"].item() == "points"


def test_what_has_no_meaning_is_empty_and_not_a_number(whole):
    row = whole.table("second_strike", country="ZAF", scenario=NAME).iloc[0]
    assert row[["before", "after", "median", "share_positive"]].isna().all()
    table = whole.table("second_strike", country="ZAF")
    assert {str(table[name].dtype) for name in readouts.NUMBERS} == {"float64"}


def test_a_pair_that_was_not_read_out_is_named_with_what_there_is(whole):
    with pytest.raises(ScenarioError, match="It holds challenge_risk of: RUS towards EST"):
        whole.table("challenge_risk", origin="EST", destination="RUS")
    with pytest.raises(ScenarioError, match=r"it holds challenge_risk\. For more, ask in a claim"):
        whole.table("war_risk", origin="RUS", destination="EST")
    with pytest.raises(ScenarioError, match="did you mean war_risk"):
        whole.table("war_rsk")
    with pytest.raises(ScenarioError, match="is of one country"):
        whole.table("real_income", origin="USA")
    with pytest.raises(ScenarioError, match="of the strategic balance"):
        whole.values("war_risk", "USA")
    with pytest.raises(ScenarioError, match=r"positions and camps.*outcome\.standing\.change"):
        whole.table("position_gap")
    with pytest.raises(ScenarioError, match="`models` leaves out security"):
        fabricate(5).table("war_risk")


def test_a_point_estimate_has_no_intervals():
    point = dataclasses.replace(fabricate(0), strategic=strategic(1))
    row = point.table("challenge_risk", scenario=NAME).iloc[0]
    assert row[["before_p05", "after_p95", "p05", "share_positive"]].isna().all()


def test_show(folder):
    words = ("show", folder, "--variable", "challenge_risk", "--scenario", NAME)
    text = call(*words, "--origin", "RUS", "--destination", "EST")
    assert (
        "Russia towards Estonia" in text
        and "change in per cent" in text
        and "Levels are rough" in text
    )
    rows = json.loads(call(*words, "--json"))
    assert rows[0]["origin"] == "RUS" and rows[0]["before"] > 0
    text = call("show", folder, "--variable", "second_strike", "--scenario", NAME)
    assert "points" in text and "no meaning" in text
    rows = json.loads(call("show", folder, "--variable", "second_strike", "--json"))
    assert None in {row["before"] for row in rows}


def test_compare(folder):
    words = ("compare", folder, folder, "--variable", "second_strike")
    assert "United States" in call(*words)
    rows = json.loads(call(*words, "--country", "RUS", "--json"))
    assert [row["difference"] for row in rows] == [0.0]


def test_compare_says_what_each_holds_where_nothing_is_shared(whole):
    first = whole.table("challenge_risk", scenario=NAME)
    second = first.assign(origin="IRN", name="Iran towards Estonia")
    with pytest.raises(ScenarioError, match="first holds Russia towards Estonia; the second Iran"):
        readouts.side_by_side(first, second)
