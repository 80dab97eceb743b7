"""Shocks that one search cannot reach, and those that no equilibrium answers."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import fsolve

import detente as dt
from detente.errors import ConvergenceError
from detente.models.trade import TOLERANCE
from detente.runs.lost import why_lost
from detente.runs.searches import STRICT, Searches

FLOW = np.array([[80.0, 10, 8], [9, 70, 12], [11, 9, 60]])
THETA = 4.0


def world(theta=THETA):
    table = pd.DataFrame(
        [(o, d, FLOW[i, j]) for i, o in enumerate("ABC") for j, d in enumerate("ABC")],
        columns=["origin", "destination", "value"],
    )
    return dt.world_from_tables(table, trade_elasticity=theta)


def tariff(rate):
    edit = dt.Edit(layer="tariff_rate", where={"destination": "A"}, set=rate)
    return dt.Scenario(name="tariff", edits=[edit])


def independent_wages(rate):
    """Solve the one-sector model in NumPy, approaching the rate in twenty parts."""
    output, spent = FLOW.sum(axis=1), FLOW.sum(axis=0)
    deficit, share = spent - output, FLOW / spent

    def gap(log_wage, duty):
        wage = np.exp(log_wage)
        pull = share * (wage[:, None] * (1 + duty)) ** -THETA
        new = pull / pull.sum(axis=0)
        bought = (wage * output + deficit) / (1 - (new * duty / (1 + duty)).sum(axis=0))
        sold = (new * bought / (1 + duty)).sum(axis=1)
        found = np.log(np.maximum(sold, 1e-12) / (wage * output))
        found[0] = np.log((wage * output).sum() / output.sum())
        return found

    found = np.zeros(3)
    for part in np.linspace(0, 1, 21)[1:]:
        duty = np.zeros((3, 3))
        duty[1:, 0] = (1 + rate) ** part - 1
        found = fsolve(gap, found, args=(duty,), xtol=1e-13)
    return np.exp(found)


@pytest.mark.parametrize("rate", [3.0, -0.7, -0.9])
def test_large_tariffs_and_subsidies_match_an_independent_solve(rate):
    outcome = dt.run(world(), tariff(rate), draws=0)
    wages = 1 + outcome.table("wage")["median"].to_numpy() / 100
    assert np.allclose(wages, independent_wages(rate), rtol=1e-8)
    assert outcome.draws["residual"].max() <= 1e-10


def test_a_search_that_the_equations_do_not_confirm_is_begun_anew(monkeypatch):
    exact, bounds = Searches.states, []

    def loose(self, *given, tolerance=TOLERANCE):
        bounds.append(tolerance)
        return exact(self, *given, tolerance=tolerance if tolerance < TOLERANCE else 1e-6)

    plain = dt.run(world(), tariff(0.5), draws=20)
    monkeypatch.setattr(Searches, "states", loose)
    mended = dt.run(world(), tariff(0.5), draws=20)
    assert STRICT in bounds
    assert mended.draws["converged"].all() and mended.draws["residual"].max() <= 1e-10
    wages = [one.values("wage", ["A", "B", "C"]) for one in (plain, mended)]
    np.testing.assert_allclose(*wages, rtol=0, atol=1e-9)


@pytest.mark.parametrize("theta", [0.5, 20.0, 60.0])
def test_extreme_elasticities_meet_the_certificate(theta):
    outcome = dt.run(world(theta), tariff(0.3), draws=0)
    assert outcome.draws["converged"].all() and outcome.draws["residual"].max() <= 1e-10


def test_a_shock_beyond_every_equilibrium_says_how_far_it_was_followed():
    with pytest.raises(dt.DetenteError, match=r"followed the scenario to \d+ % of its size"):
        dt.run(world(), tariff(-0.97), draws=0)


def test_who_would_keep_a_surplus_above_its_income_is_named():
    base = dt.load_world("campos2019")
    others = [code for code in base.countries if code != "USA"]
    edit = dt.Edit(layer="tariff_rate", where={"origin": others, "destination": "USA"}, set=2)
    shock = dt.Scenario(name="shock", edits=[edit])
    with pytest.raises(ConvergenceError, match="COG would keep a surplus above its whole income"):
        dt.run(base, shock, models=["trade"], draws=0)
    assert not dt.run(base, shock, models=["trade"], draws=0, deficits="own_share").failed()


@pytest.mark.parametrize(
    ("layer", "where", "last", "beyond", "named"),
    [
        ("price_cap", {"origin": "RUS"}, 0.85, 0.9, "RUS would keep a surplus above its whole"),
        ("price_cap", {"origin": "RUS"}, 0.85, 0.95, "RUS would keep a surplus above its whole"),
        ("tariff_rate", {}, None, 3.0, "AGO, COG, GAB, GIN, KHM and 4 more would keep a surplus "),
        ("trade_cost", {}, 1.2, 10.0, r"AGO, .*COG, .* more would keep a surplus above their "),
    ],
)
def test_a_surplus_above_income_is_named_however_far_beyond_it_the_scenario_lies(
    layer, where, last, beyond, named
):
    def shock(value):
        edit = dt.Edit(layer=layer, where=where, set=value)
        return dt.Scenario(name="shock", edits=[edit])

    if last is not None:
        # Spending falls towards nothing on the way there, and is the last to be found positive.
        near = dt.run("campos2019", shock(last), models=["trade"], draws=0)
        spending = near.table("real_spending")["median"]
        assert -100 < spending.min() < -85
    with pytest.raises(ConvergenceError, match=named):
        dt.run("campos2019", shock(beyond), models=["trade"], draws=0)


def test_the_same_is_named_where_programs_are_compiled():
    """Who taxes its exports, or cannot move labour, is searched for by other ways."""
    cap = dt.Edit(layer="price_cap", where={"origin": "RUS"}, set=0.95)
    shock = dt.Scenario(name="shock", edits=[cap])
    with pytest.raises(ConvergenceError, match="RUS would keep a surplus above its whole income"):
        dt.run("campos2019", shock, models=["trade"], draws=0, horizon="short")


def test_where_a_search_ran_away_nobody_is_named():
    base = dt.load_world("campos2019")
    values = dict.fromkeys(("real_income", "price_index"), np.zeros(len(base.countries)))
    values["real_spending"] = np.where(np.arange(len(base.countries)) == 3, -1.5, 0.0)
    final = np.full(len(base.countries), 1 / len(base.countries))
    held = 0.5 / len(base.countries)
    named = f"{base.countries[3]} would keep a surplus"
    assert named in why_lost(base, values, final, 2 * held, 1.0, "fixed")
    for residual in (20 * held, np.nan, np.inf):
        assert "the search found no" in why_lost(base, values, final, residual, 0.5, "fixed")


@pytest.mark.parametrize("rule", ["fixed", "own_share", "zero"])
def test_who_may_only_buy_but_would_spend_less_than_it_earns_is_named(rule):
    edit = dt.Edit(layer="export_ban", where={"origin": "B", "destination": ["A", "C"]}, set=1)
    cut = dt.Scenario(name="cut", edits=[edit])
    with pytest.raises(ConvergenceError, match="B may import but not export"):
        dt.run(world(), cut, draws=0, deficits=rule)


def test_a_country_that_pays_more_than_it_earns_is_no_equilibrium():
    """The equations can be met where subsidies on imports take more than the whole income."""
    where = {"origin": "CHN", "destination": "USA"}
    edit = dt.Edit(layer="tariff_rate", where=where, set=-0.85)
    asked = dt.Scenario(name="subsidy", edits=[edit])
    found = dt.run("world2023", asked, draws=6, models=["trade"])
    assert 0 < found.failed() < 6
    assert all("USA would pay more than its whole income" in why for why in found.reasons())
    assert (found.values("real_income", "@WORLD") > -1).all()
