"""The strategic balance: read-outs, changes, storage, and claims on it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from detente.claims import weigh
from detente.errors import WorldError
from detente.files.strategics import load_strategic, save_strategic
from detente.scenario import Claim
from detente.strategic import Readout, Strategic
from fabricate import LIFT, NAME, RETALIATION, RIFT, fabricate

DRAWS = 60
PAIR = {"origin": ["RUS"], "destination": ["EST"]}
ARSENALS = {"origin": ["USA"], "destination": ["RUS"]}
MEMBERS = {"country": ["CAN", "MEX", "USA"]}


def strategic(draws=DRAWS):
    rng = np.random.default_rng(3)
    effect = rng.normal(-0.2, 0.1, draws)
    idle = rng.normal(0.0, 1.0, draws)
    risk = rng.uniform(0.01, 0.02, draws)
    levels = np.zeros((3, 4, draws))
    levels[:, 0] = risk
    levels[1, 0] = risk * (1 - effect)
    levels[:, 1] = 1e6
    levels[1, 1] *= 1.03
    levels[:, 2] = 0.9
    levels[1, 2] = 0.85
    levels[:, 3] = np.nan
    return Strategic(
        worlds={NAME: 1, RETALIATION: 1, f"{NAME} / {LIFT}": 2, f"{NAME} / {RIFT}": 1},
        draws=np.arange(draws),
        readouts=(
            Readout.of("challenge_risk", PAIR),
            Readout.of("military_outlays", MEMBERS),
            Readout.of("second_strike", ARSENALS),
            Readout.of("second_strike", {"origin": ["USA"], "destination": ["ZAF"]}),
        ),
        levels=levels,
        drawn=pd.DataFrame({"deterrence.pact_effect": effect, "deterrence.idle": idle}),
        assumptions=("Reliability scales the effect of a pact.",),
    )


def outcome():
    return dataclasses.replace(fabricate(DRAWS), strategic=strategic())


def claim(**about):
    return Claim(id="7", text="It rises.", side="against", **about)


def test_sides_of_a_readout_are_sets_and_only_directed_ones_have_a_direction():
    swapped = {"origin": ["RUS"], "destination": ["USA"]}
    assert Readout.of("second_strike", ARSENALS) == Readout.of("second_strike", swapped)
    assert Readout.of("challenge_risk", ARSENALS) != Readout.of("challenge_risk", swapped)
    two = {"origin": ["USA", "CAN"], "destination": ["RUS"]}
    three = {"origin": ["CAN", "USA"], "destination": ["RUS"]}
    assert Readout.of("dispute_risk", two) == Readout.of("dispute_risk", three)


def test_levels_change_by_ratio_and_probabilities_by_difference():
    found = strategic()
    draws, risk = found.change("challenge_risk", PAIR, NAME)
    np.testing.assert_allclose(risk, -found.drawn["deterrence.pact_effect"])
    assert draws.tolist() == list(range(DRAWS))
    np.testing.assert_allclose(found.change("second_strike", ARSENALS, NAME)[1], -0.05)
    assert not found.change("challenge_risk", PAIR, f"{NAME} / {LIFT}")[1].any()


def test_what_was_not_kept_or_has_no_meaning_is_refused_by_name():
    found = strategic()
    with pytest.raises(WorldError, match=r"not kept of USA, ZAF.*ask for it in a claim"):
        found.level("challenge_risk", {"origin": ["USA"], "destination": ["ZAF"]})
    with pytest.raises(WorldError, match="no meaning here: one side holds no weapon"):
        found.change("second_strike", {"origin": ["ZAF"], "destination": ["USA"]}, NAME)


def test_it_is_stored_and_read_to_the_last_bit(tmp_path):
    found = strategic()
    save_strategic(found, tmp_path)
    read = load_strategic(tmp_path)
    assert read is not None
    np.testing.assert_array_equal(read.levels, found.levels)
    pd.testing.assert_frame_equal(read.drawn, found.drawn)
    assert (read.readouts, read.assumptions) == (found.readouts, found.assumptions)
    assert dict(read.worlds) == dict(found.worlds)
    assert load_strategic(tmp_path / "nothing") is None


def test_a_claim_on_risk_names_edits_and_the_parameter_that_drives_it():
    page = weigh(outcome(), claim(variable="challenge_risk", where=PAIR, direction="rises"))
    assert page["median"] == pytest.approx(20, abs=5)
    assert page["drivers"][0]["parameter"] == "deterrence.pact_effect"
    assert page["drivers"][0]["share"] > 0.95
    alone = {part["label"]: part["median"] for part in page["due_to"]}
    assert alone[LIFT] == 0 and alone[RIFT] == pytest.approx(page["median"])


def test_a_claim_on_arsenals_is_judged_in_points():
    page = weigh(outcome(), claim(variable="second_strike", where=ARSENALS, direction="falls"))
    assert page["unit"] == "points"
    assert page["median"] == pytest.approx(-5)
    assert page["verdict"] == "holds"


def test_a_claim_without_the_models_of_security_says_so():
    page = weigh(fabricate(5), claim(variable="challenge_risk", where=PAIR, direction="rises"))
    assert page["computed"] is False
    assert "risk, deterrence, spending and arsenals were not computed" in page["note"]


def test_an_edit_that_reaches_nothing_is_told():
    asked = claim(variable="challenge_risk", where=PAIR, direction="rises", edits=[LIFT])
    page = weigh(outcome(), asked)
    assert page["verdict"] == "negligible" and "reach nothing" in page["note"]
