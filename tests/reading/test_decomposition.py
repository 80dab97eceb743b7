"""Partners and sectors: their parts add up to what the run reports."""

from functools import cache

import numpy as np
import pytest

import detente as dt
from detente.errors import ConvergenceError
from economies import economy, scenario, tariff

MEASURES = ("terms_of_trade", "volume_of_trade", "technical", "first_order")
SCENARIOS = {
    "tariffs and costs": (
        tariff("MEX", "USA", 0.3),
        {"layer": "trade_cost", "where": {"origin": "RUS", "destination": "CAN"}, "multiply": 1.5},
    ),
    "a ban and a sanction": (
        {"layer": "export_ban", "where": {"origin": "RUS", "destination": "CAN"}, "set": 1},
        {"layer": "sanction_trade", "where": {"origin": "USA", "destination": "RUS"}, "set": 3},
    ),
    "taxes on exports and a quota": (
        {"layer": "export_tax", "where": {"origin": "MEX", "destination": "USA"}, "set": 0.2},
        {"layer": "quota", "where": {"origin": "CAN", "destination": "USA"}, "set": 0.6},
    ),
    "everything": ({"layer": "tariff_rate", "where": {}, "add": 0.1},),
}


@cache
def world():
    return economy(4, closed=False)


@pytest.mark.parametrize("name", SCENARIOS)
def test_parts_add_up_to_the_outcome(name):
    asked = scenario(*SCENARIOS[name])
    outcome = dt.run(world(), asked, draws=0)
    for split in (dt.reading.by_partner, dt.reading.by_sector):
        sums = split(world(), asked).groupby("iso3")[list(MEASURES)].sum()
        for measure in MEASURES:
            wanted = outcome.table(measure).set_index("iso3")["median"]
            np.testing.assert_allclose(sums[measure][wanted.index], wanted, atol=1e-10)


def test_a_country_is_no_partner_of_its_own_and_partners_mirror_one_another():
    found = dt.reading.by_partner(world(), scenario(*SCENARIOS["tariffs and costs"]))
    own = found[found["iso3"] == found["partner"]]
    assert own[list(MEASURES)].abs().max(axis=None) < 1e-14
    # Terms of trade are a transfer: what one gains from a partner, the partner loses.
    base = dt.run(world(), scenario(*SCENARIOS["everything"]), draws=0).base["spending"]
    gain = found["terms_of_trade"] * found["iso3"].map(base.to_series())
    table = found.assign(gain=gain).pivot(index="iso3", columns="partner", values="gain")
    np.testing.assert_allclose(table, -table.T, atol=1e-10)


def test_costs_are_put_down_to_the_partner_they_stand_against():
    found = dt.reading.by_partner(world(), scenario(SCENARIOS["tariffs and costs"][1]), "CAN")
    technical = found.set_index("partner")["technical"]
    assert technical["RUS"] < 0
    assert (technical.drop("RUS") == 0).all()


def test_the_short_run_and_deficits_are_read_from_the_scenario():
    asked = scenario(tariff("MEX", "USA", 0.3), horizon="short", deficits="own_share")
    outcome = dt.run(world(), asked, draws=0)
    sums = dt.reading.by_sector(world(), asked, "@WORLD").groupby("iso3")["first_order"].sum()
    wanted = outcome.table("first_order").set_index("iso3")["median"]
    np.testing.assert_allclose(sums[wanted.index], wanted, atol=1e-10)


def test_no_equilibrium_is_said():
    alone = [
        {"layer": "export_ban", "where": {"origin": a, "destination": b}, "set": 1}
        for a, b in [("RUS", "@WORLD"), ("@WORLD", "RUS")]
    ]
    with pytest.raises(ConvergenceError, match="RUS cannot trade"):
        dt.reading.by_partner(world(), scenario(*alone))
