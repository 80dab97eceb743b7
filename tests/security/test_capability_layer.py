"""The user's own index in the place of the open one: where it acts, and where it must not."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

import detente as dt
from detente.errors import ScenarioError
from detente.runs.plan import variants
from detente.runs.secure import secure
from detente.scenario import Scenario
from detente.security import (
    capability,
    capability_layer,
    challenge_risk,
    coalition,
    dispute_hazards,
    fight,
)
from detente.security.protection import strength
from detente.strategic import Readout


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


def carrying(world, share, spread=0.0):
    layers = world.layers.assign(
        cinc=xr.DataArray(share, dims="country"),
        cinc_sd=xr.DataArray(np.full(len(share), spread), dims="country"),
    )
    return dataclasses.replace(world, layers=layers)


def test_an_index_equal_to_the_open_one_changes_nothing(world):
    """CINC that is the share of GDP x GDP per head gives the risks of that index."""
    same = carrying(world, capability(world, "gdp_product"))
    onset = np.full((1, 197, 197), 0.01) * (1 - np.eye(197))
    held = {"capability_exponent": 1.0}
    one, other = (challenge_risk(w, onset, 4, 1, held=held).risk for w in (world, same))
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_stronger_guarantor_protects_more_and_the_risk_without_pacts_stays(world):
    share = capability(world, "gdp_product")
    more = share.copy()
    usa, rus, est = (world.countries.index(code) for code in ("USA", "RUS", "EST"))
    more[usa] *= 3
    onset = np.full((1, 197, 197), 0.01) * (1 - np.eye(197))
    weak, strong = (
        challenge_risk(carrying(world, s), onset, 1, 1, point=True).risk[0] for s in (share, more)
    )
    assert strong[rus, est] < weak[rus, est]
    hazards = [dispute_hazards(w, 1, point=True).onset for w in (world, carrying(world, more))]
    assert (hazards[0] == hazards[1]).all()


def test_the_spread_is_drawn_by_number_and_the_point_is_the_table(world):
    one = carrying(world, capability(world, "gdp_product"), 0.3)
    few, many = (
        capability_layer.draw_log_index(one, numbers, 5) for numbers in ([0, 1], range(400))
    )
    assert (few == many[:2]).all()
    assert many.std(axis=0).mean() == pytest.approx(0.3, rel=0.02)
    point = capability_layer.draw_log_index(one, [0], 5, point=True)[0]
    np.testing.assert_allclose(np.exp(point), one.values("cinc"))
    arms = strength(one, np.zeros(2), np.full(2, 5000.0), [0, 1], 5)
    np.testing.assert_allclose(np.log(arms.capability()), few)


def test_a_country_without_a_share_has_half_of_the_smallest(world):
    share = np.full(197, np.nan)
    share[:2] = 0.2, 0.1
    assert capability_layer.own_index(carrying(world, share))[2:].tolist() == [0.05] * 195


def test_coalitions_and_contests_use_it_by_default(world):
    even = carrying(world, np.full(197, 1 / 197))
    assert capability(even)[0] == pytest.approx(1 / 197)
    assert coalition(even, ["USA", "CAN"]).total == pytest.approx(2 / 197)
    assert capability(even, "gdp_product").argmax() == world.countries.index("USA")
    assert fight(even, ["USA"], ["CAN"], 1, 1, point=True).win < 0.5  # distance is all that counts
    with pytest.raises(ScenarioError, match="data add nmc PATH --world world2023"):
        capability(world, "cinc")


def test_a_run_says_which_index_it_used(world):
    scenario = Scenario.model_validate(
        {"name": "x", "why": "?", "edits": [
            {"layer": "alliance_reliability", "where": {"origin": "USA", "destination": "EST"},
             "set": 0.5}]}
    )  # fmt: skip
    asked = [Readout.of("challenge_risk", {"origin": ["RUS"], "destination": ["EST"]})]
    rows = variants([scenario], False)
    share = np.full(197, 1 / 197)
    found = [secure(w, rows, asked, [0], 1, True) for w in (world, carrying(world, share))]
    assert capability_layer.SAID_OPEN in found[0].assumptions
    assert capability_layer.SAID in found[1].assumptions
    assert found[0].levels[1, 0] != found[1].levels[1, 0]
