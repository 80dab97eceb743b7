"""The page that explains one read-out of the strategic balance."""

import dataclasses
import json

import numpy as np
import pytest
from typer.testing import CliRunner

import detente as dt
from detente.cli.app import app
from detente.errors import ScenarioError
from detente.files.outcomes import save_outcome
from detente.reading.equations import READOUTS
from detente.strategic import VARIABLES
from fabricate import LIFT, NAME, fabricate
from test_strategic import DRAWS, outcome, strategic


def explain(*words, **sides):
    return dt.reading.explain_readout(outcome(), *words, **sides)


def test_every_readout_has_an_equation():
    assert tuple(READOUTS) == VARIABLES


def test_the_page_holds_levels_change_edits_alone_and_drivers():
    page = explain("challenge_risk", origin="RUS", destination="EST")
    row = outcome().table("challenge_risk", scenario=NAME).iloc[0]
    assert page.before["median"] == row["before"] and page.change["median"] == row["median"]
    assert [one["label"] for one in page.alone][-1] == "interaction"
    parts = {one["label"]: one["median"] for one in page.alone}
    assert parts[LIFT] == 0.0 and parts["interaction"] == pytest.approx(0.0)
    assert page.drivers[0]["parameter"] == "deterrence.pact_effect"
    assert page.assumptions == ["Reliability scales the effect of a pact."]


def test_a_set_named_as_a_whole_is_found_and_no_meaning_is_none():
    page = explain("military_outlays", country="@USMCA")
    assert page.name == "@USMCA" and page.level_unit == "million USD"
    page = explain("second_strike", origin="USA", destination="ZAF")
    assert page.before["median"] is None and page.unit == "points"


def test_what_cannot_be_explained_is_refused_with_what_can():
    with pytest.raises(ScenarioError, match="several read-outs of second_strike fit: RUS and USA"):
        explain("second_strike", country="@WORLD")
    with pytest.raises(ScenarioError, match="explains a number of one country"):
        explain("real_income")
    with pytest.raises(ScenarioError, match="explain_readout explains it"):
        dt.reading.explain(outcome(), "USA", "war_risk")


def test_a_point_estimate_has_levels_and_no_drivers():
    point = dataclasses.replace(fabricate(0), strategic=strategic(1))
    page = dt.reading.explain_readout(point, "challenge_risk")
    assert page.change["p05"] is None and page.drivers == [] and page.draws == 0


def test_the_command_prints_the_page(tmp_path):
    folder = str(save_outcome(outcome(), tmp_path / "o"))
    words = ["explain", folder, "--variable", "challenge_risk", "--origin", "RUS"]
    text = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert "Russia towards Estonia: challenge_risk" in text and "rests on" in text
    page = json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)
    assert page["destination"] == ["EST"] and page["draws"] == DRAWS
    with pytest.raises(ScenarioError, match="--country USA"):
        CliRunner().invoke(app, ["explain", folder], catch_exceptions=False)


def test_shares_of_an_idle_pair_are_not_a_number_less():
    levels = np.copy(strategic().levels)
    levels[1] = levels[0]
    still = dataclasses.replace(
        outcome(), strategic=dataclasses.replace(strategic(), levels=levels)
    )
    page = dt.reading.explain_readout(still, "challenge_risk")
    assert page.change["median"] == 0.0 and page.drivers == []
