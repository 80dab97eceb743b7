"""Scale, selling costs, selection and relief: what must hold whatever the numbers."""

import numpy as np
import pandas as pd
import pytest

from detente.own_world import world_from_tables
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.world import World, accounts_of, with_deficit

THETA, KAPPA, PSI, NU, PHI = 4.0, 0.5, 0.2, 0.2, 1.3
CODES = ["AAA", "BBB", "CCC", "DDD"]
TARIFF = Scenario(
    name="tariff", edits=(Edit(layer="tariff_rate", where={"destination": "AAA"}, set=0.3),)
)
NOTHING = Scenario(name="nothing", edits=(Edit(layer="trade_cost", multiply=1.0),))


def place(**layers) -> World:
    flow = np.random.default_rng(4).uniform(1, 20, (4, 4)) + 80 * np.eye(4)
    table = pd.DataFrame(flow, index=CODES, columns=CODES).rename_axis("origin").reset_index()
    rows = table.melt("origin", var_name="destination")
    world = world_from_tables(rows, trade_elasticity=THETA)
    given = {"supply_elasticity": KAPPA} | layers
    added = {name: (("country",), np.full(4, value)) for name, value in given.items()}
    return with_deficit(World(**{**vars(world), "layers": world.layers.assign(added)})).check()


def hats(world: World, scenario: Scenario = TARIFF, **more) -> dict[str, np.ndarray]:
    outcome = run(world, scenario, models=["trade"], draws=0, **more)
    assert outcome.draws["residual"].max() <= 1e-10
    names = ("wage", "price_index", "real_wage", "real_income", "real_spending", "tariff_revenue")
    found = {name: outcome.data[name].values[0, 0] for name in names}
    flows = outcome.flows()
    new = flows.pivot_table(index="origin", columns="destination", values="new")
    net = new.loc[CODES, CODES].to_numpy()
    rate = scenario.apply(world).values("tariff_rate")[:, :, 0]
    share = net * (1 + rate)
    found["home"] = np.diag(share) / share.sum(axis=0)
    base = world.values("flow")[:, :, 0]
    found["home_hat"] = found["home"] / (np.diag(base) / base.sum(axis=0))
    found["spending_hat"] = share.sum(axis=0) / base.sum(axis=0)
    found["net"] = net
    value_added = outcome.base["value_added"].values
    income = value_added * (1 + found["real_income"]) * (1 + found["price_index"])
    found["revenue"] = found["tariff_revenue"] * value_added
    found["pay_hat"] = (income - found["revenue"]) / value_added
    found["pay"] = found["pay_hat"] * value_added
    found["labour_hat"] = found["pay_hat"] / (1 + found["wage"])
    return found


ALL = {
    "scale_elasticity": PSI,
    "local_labour_share": NU,
    "tariff_selection": PHI - 1,
    "tax_relief": 1.0,
}


@pytest.fixture(scope="module")
def full():
    return hats(place(**ALL))


def test_switches_that_are_zero_change_nothing():
    plain, zero = hats(place()), hats(place(**dict.fromkeys(ALL, 0.0)))
    for name in ("wage", "price_index", "real_income"):
        np.testing.assert_allclose(zero[name], plain[name], atol=1e-9)


def test_nothing_changed_changes_nothing():
    found = hats(place(**ALL), NOTHING)
    assert np.abs(found["real_income"]).max() < 1e-12


def test_employment_follows_take_home_pay(full):
    take_home = 1 / (1 - full["revenue"] / full["pay"])
    expected = (take_home * (1 + full["real_wage"])) ** KAPPA
    np.testing.assert_allclose(full["labour_hat"], expected, rtol=1e-9)
    assert take_home[0] > 1.001


def test_real_wages_follow_from_home_shares_scale_and_varieties(full):
    """w / P = home share^(-1/theta) * employment^scale * (spending / wage)^(selection)."""
    wage = 1 + full["wage"]
    varieties = (full["spending_hat"] / wage) ** (PHI - 1)
    expected = full["home_hat"] ** (-1 / THETA) * full["labour_hat"] ** PSI * varieties
    np.testing.assert_allclose(1 + full["real_wage"], expected, rtol=1e-9)


def test_labour_earns_sales_less_selling_costs_and_the_selling_at_home(full):
    net = full["net"]
    np.testing.assert_allclose(
        full["pay"], (1 - NU) * net.sum(axis=1) + NU * net.sum(axis=0), rtol=1e-9
    )


def test_balanced_trade_is_solved_with_the_switches():
    found = hats(place(**ALL), deficits="zero")
    assert found["real_income"][0] != 0


def test_deficits_of_a_world_with_selling_costs_add_to_zero():
    world = place(local_labour_share=NU)
    flow = world.values("flow")[:, :, 0]
    pay = (1 - NU) * flow.sum(axis=1) + NU * flow.sum(axis=0)
    np.testing.assert_allclose(accounts_of(world).value_added, pay)
    np.testing.assert_allclose(world.values("deficit"), flow.sum(axis=0) - pay)
    assert abs(world.values("deficit").sum()) < 1e-9
