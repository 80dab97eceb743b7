"""Special cases that theory solves in another way, computed here in plain NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from detente.models import trade, trade_hat
from economies import country_measures, economy, full_change, parts, solve, tariff

THETA = np.array([5.0])


def armington(seed=0, count=4):
    """One sector, no inputs, no tariffs, no deficits."""
    codes = ["CAN", "MEX", "RUS", "USA", "VNM"][:count]
    return economy(seed, countries=codes, sectors=["total"], inputs=False, tariffs=False)


def hat_algebra(flow: np.ndarray, iceberg_hat: np.ndarray, theta: float) -> np.ndarray:
    """Wages of the Armington model by the plain iteration of Dekle, Eaton and Kortum (2008)."""
    income = flow.sum(axis=0)
    share = flow / income
    wage = np.ones(len(income))
    for _ in range(20_000):
        weight = share * (iceberg_hat * wage[:, None]) ** -theta
        new = weight / weight.sum(axis=0)
        implied = (new * (wage * income)).sum(axis=1) / income
        step = wage * (implied / wage) ** 0.2
        step *= income.sum() / (step * income).sum()
        if np.abs(step - wage).max() < 1e-15:
            break
        wage = step
    return wage


def test_gains_follow_from_the_domestic_share():
    """Arkolakis, Costinot and Rodriguez-Clare (2012): welfare is share_hat^(-1 / theta)."""
    world = armington()
    where = {"origin": "USA", "destination": ["MEX", "CAN"]}
    edit = {"layer": "trade_cost", "where": where, "multiply": 1.5}
    base, change, theta = parts(world, edit, theta=THETA)
    found = solve(base, change, theta)
    iceberg = np.ones((4, 4))
    iceberg[3, :2] = 1.5
    wage = hat_algebra(world.values("flow")[:, :, 0], iceberg, 5.0)
    np.testing.assert_allclose(found.wage_hat, wage, rtol=1e-9)
    home = np.diagonal(np.asarray(found.share / base.share)[0])
    values = country_measures(base, change, found)
    for name in ("real_wage", "real_income", "real_spending"):
        np.testing.assert_allclose(values[name], home ** (-1 / 5.0) - 1, atol=1e-10)
    assert values["real_income"].min() < -1e-3


def test_gains_with_inputs_and_sectors_follow_from_domestic_shares():
    """Costinot and Rodriguez-Clare (2014), section 3.4: a product over sectors and their inputs."""
    world = economy(1, tariffs=False)
    where = {"origin": "RUS", "destination": "@WORLD"}
    edit = {"layer": "trade_cost", "where": where, "multiply": 1.3}
    base, change, theta = parts(world, edit)
    found = solve(base, change, theta)
    home = np.diagonal(np.asarray(found.share / base.share), axis1=1, axis2=2)
    inputs, final = np.asarray(base.input_share), np.asarray(base.final_share)
    expected = []
    for c in range(4):
        # log P - log w = (I - inputs')^-1 applied to log(home share) / theta.
        right = np.log(home[:, c]) / np.asarray(theta)
        expected.append(-final[c] @ np.linalg.solve(np.eye(2) - inputs[c].T, right))
    values = country_measures(base, change, found)
    np.testing.assert_allclose(np.log1p(values["real_wage"]), expected, atol=1e-10)


def test_small_changes_follow_the_first_order_exposures():
    """Kleinman, Liu and Redding (2024): wages solve one linear system in base shares."""
    world = armington(2)
    base, _, theta = parts(world, theta=THETA)
    flow = world.values("flow")[:, :, 0]
    income = flow.sum(axis=0)
    spent, earned = flow / income, flow / flow.sum(axis=1)[:, None]  # S[o, d], T[o, d]
    cost = np.random.default_rng(5).normal(size=(4, 4)) * (1 - np.eye(4))
    price_of_cost = (spent * cost).sum(axis=0)
    direct = (earned * (price_of_cost[None, :] - cost)).sum(axis=1) * 5.0
    system = np.eye(4) - earned - 5.0 * (earned @ spent.T - np.eye(4))
    # One equation follows from the others (Walras); world income is the numeraire.
    system = np.vstack([system, income / income.sum()])
    wages = np.linalg.lstsq(system, np.append(direct, 0.0), rcond=None)[0]

    def log_wages(log_cost):
        moved = full_change(base, log_cost)
        return jnp.log(trade.solve(base, moved, theta).wage_hat)

    _, slope = jax.jvp(log_wages, (jnp.zeros((1, 4, 4)),), (jnp.asarray(cost)[None],))
    np.testing.assert_allclose(slope, wages, rtol=1e-8, atol=1e-10)


def test_the_decomposition_is_the_derivative_of_real_income():
    """Caliendo and Parro (2015), equation (16), for changes so small that squares vanish."""
    size = 1e-5
    edits = (
        tariff("MEX", "USA", size),
        {"layer": "trade_cost", "where": {"origin": "CAN"}, "multiply": 1 + size},
    )
    base, change, theta = parts(economy(3, closed=False), *edits)
    nothing = parts(economy(3, closed=False))[1]
    base = trade.rebase(base, nothing, solve(base, nothing, theta, rule="zero"))
    values = country_measures(base, change, solve(base, change, theta, rule="zero"))
    np.testing.assert_allclose(values["first_order"], values["real_income"], atol=2e-8)
    assert np.abs(values["real_income"]).max() > 1e-7


def test_an_import_tariff_of_a_large_country_can_pay_off_and_prohibition_cannot():
    """The optimal tariff is positive and finite."""
    world = armington(4)

    def gain(rate):
        base, change, theta = parts(world, tariff("@WORLD", "USA", rate), theta=THETA)
        found = solve(base, change, theta)
        return country_measures(base, change, found)["real_income"][3]

    assert gain(0.1) > 0 > gain(9.0)


@pytest.mark.parametrize("elasticity", [0.0, 1.5])
def test_labour_supply_follows_the_real_wage(elasticity):
    base, change, theta = parts(economy(6), tariff("MEX", "USA", 0.3))
    base = trade_hat.TradeBase(**vars(base) | {"supply_elasticity": jnp.full(4, elasticity)})
    found = solve(base, change, theta)
    assert bool(found.certificate.converged)
    labour = np.asarray(found.value_added / base.value_added / found.wage_hat)
    real_wage = 1 + country_measures(base, change, found)["real_wage"]
    np.testing.assert_allclose(labour, real_wage**elasticity, rtol=1e-9)
