"""Tariffs that answer back: theory where it has a formula, certificates everywhere."""

import numpy as np
import pandas as pd
import pytest

import detente as dt
from detente.errors import ScenarioError
from detente.policy.best import gain_of_deviation
from detente.runs.levers import Levers
from economies import three

THETA = 4.0


def world(flow, theta=THETA):
    """Make a one-sector world without inputs or tariffs, with balanced trade."""
    names = "ABCDEFGH"[: len(flow)]
    rows = [(o, d, flow[i][j]) for i, o in enumerate(names) for j, d in enumerate(names)]
    table = pd.DataFrame(rows, columns=["origin", "destination", "value"])
    return dt.world_from_tables(table, trade_elasticity=theta)


PAIR = world([[80.0, 10.0], [10.0, 100.0]])


@pytest.fixture(scope="module")
def best():
    return dt.policy.optimal_tariff(PAIR, "A")


def test_the_best_tariff_against_one_partner_is_that_of_the_formula(best):
    """Gros (1987): 1 / (theta * share of the partner's spending on its own goods), after it."""
    rate = best.rates["rate"].item()
    edit = dt.Edit(layer="tariff_rate", where={"origin": "B", "destination": "A"}, set=rate)
    found = dt.run(PAIR, dt.Scenario(name="x", edits=[edit]), draws=0)
    assert found.kept_flows is not None
    new = found.kept_flows["new"].values[0, :, :, 0]
    assert rate == pytest.approx(THETA / THETA**2 / (new[1, 1] / new[:, 1].sum()), abs=1e-6)
    assert best.value == pytest.approx(found.data["real_income"].values[0, 0, 0], abs=1e-9)


def test_a_best_tariff_has_no_slope_left_and_a_certificate(best):
    assert best.converged and best.slope < 1e-8 and best.deviation <= 1e-9
    assert best.residual <= 1e-10
    assert best.gain == best.value > 0
    assert best.outcomes.loc["B", "real_income"] < 0


def test_a_small_country_has_the_tariff_of_the_limit_and_a_large_one_more(best):
    small = dt.policy.optimal_tariff(world([[0.8, 0.1], [0.1, 100.0]]), "A")
    assert small.rates["rate"].item() == pytest.approx(1 / THETA, rel=2e-3)
    assert best.rates["rate"].item() > small.rates["rate"].item() > 1 / THETA


def test_slopes_are_those_of_the_outcome():
    mask = np.zeros((2, 2, 1), dtype=bool)
    mask[1, 0] = True
    levers = Levers(PAIR, PAIR, [mask], "real_income", "fixed", "long")
    # Five points: what is left of a search's tolerance is divided by a step that is not small.
    step, weights = 1e-3, {-2: 1, -1: -8, 1: 8, 2: -1}
    ahead = sum(w * levers.at(np.array([0.1 + k * step])).value for k, w in weights.items())
    for player in (0, 1):
        slope = levers.at(np.array([0.1]), player).slope
        np.testing.assert_allclose(slope, [ahead[player] / (12 * step)], rtol=1e-6)


def test_rates_apart_are_worth_no_less_than_one_for_all_and_have_no_slope_left():
    two = three()
    one = dt.policy.optimal_tariff(two, "A", sectors=["x", "y"])
    apart = dt.policy.optimal_tariff(two, "A", sectors=["x", "y"], by_partner=True, by_sector=True)
    assert list(apart.rates["partner"]) == ["B", "B", "C"]
    assert list(apart.rates["sector"]) == ["x", "y", "x"]  # nothing of y is bought from C
    assert apart.gain >= one.gain > 0
    assert apart.converged and apart.slope < 1e-7 and apart.reason == ""


def test_nash_tariffs_are_best_replies_and_cost_both():
    found = dt.policy.nash_tariffs(PAIR, ["A", "B"])
    assert found.converged and not found.reason
    assert found.deviations.max() <= 1e-7
    assert found.rates["rate"].between(1 / THETA, 1.5 / THETA).all()
    assert (found.outcomes["real_income"] < 0).all()
    # Each is the best reply to the other's, found apart.
    mine = dt.Edit(
        layer="tariff_rate",
        where={"origin": "B", "destination": "A"},
        set=float(found.rates["rate"][0]),
    )
    reply = dt.policy.optimal_tariff(PAIR, "B", scenario=dt.Scenario(name="x", edits=[mine]))
    assert reply.rates["rate"].item() == pytest.approx(found.rates["rate"][1], abs=1e-5)


def test_an_exchange_that_is_cut_short_says_so():
    found = dt.policy.nash_tariffs(PAIR, ["A", "B"], rounds=1)
    assert not found.converged
    assert "had not settled after 1 round" in found.reason
    assert len(found.path) == 2


def test_other_rates_gain_where_a_rate_is_not_the_best():
    mask = np.zeros((2, 2, 1), dtype=bool)
    mask[1, 0] = True
    levers = Levers(PAIR, PAIR, [mask], "real_income", "fixed", "long")
    poor = np.array([0.02])
    value = float(levers.at(poor).value[0])
    assert gain_of_deviation(levers, 0, [0], poor, (0.0, 3.0), value) > 1e-3


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"country": "AA"}, "unknown country 'AA'"),
        ({"country": "A", "variable": "real_incom"}, "did you mean real_income"),
        ({"country": "A", "horizon": "middle"}, "unknown horizon 'middle'"),
        ({"country": "A", "partners": "A"}, "no partner is left besides A"),
        ({"country": "A", "bounds": (1.0, 0.0)}, "two rates in order"),
        ({"country": "A", "bounds": (0.0, float("nan"))}, "two rates in order"),
        ({"country": "A", "sectors": "totl"}, "total"),
    ],
)
def test_what_is_asked_wrongly_is_named(words, text):
    with pytest.raises(dt.DetenteError, match=text):
        dt.policy.optimal_tariff(PAIR, **words)
    if "country" in words and len(words) == 1:
        with pytest.raises(dt.DetenteError, match="2 to 8 players"):
            dt.policy.nash_tariffs(PAIR, ["A"])


def test_a_country_that_buys_nothing_from_a_partner_is_told_so():
    with pytest.raises(ScenarioError, match="A buys nothing of y from C"):
        dt.policy.optimal_tariff(three(), "A", partners="C", sectors="y")


def test_a_country_without_trade_has_no_tariff_that_matters():
    alone = world([[80.0, 10.0, 0.0], [10.0, 100.0, 0.0], [0.0, 0.0, 50.0]])
    with pytest.raises(ScenarioError, match="C buys nothing of all from @WORLD"):
        dt.policy.optimal_tariff(alone, "C")


def test_an_ascent_that_leaves_all_equilibria_behind_turns_back_and_says_so():
    # With its deficit kept the United States gains up to where a partner could not pay its own.
    found = dt.policy.optimal_tariff("campos2019", "USA")
    assert not found.converged and "no equilibrium was certified" in found.reason
    assert found.residual <= 1e-10 and found.gain > 0
    assert 1 < found.rates["rate"].item() < 3
