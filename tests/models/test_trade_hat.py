"""Each equation against plain loops, on 3 origins, 4 destinations and 2 sectors.

Square arrays would hide an axis mistake; the last test plants some and finds them all.
"""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from detente.models import trade_hat as hat
from detente.models.trade_hat import TradeBase, TradeChange

O, D, S = 3, 4, 2  # noqa: E741
RNG = np.random.default_rng(11)
SHARE = RNG.dirichlet(np.ones(O), (S, D)).transpose(0, 2, 1)
TARIFF = 1 + RNG.uniform(0, 0.3, (S, O, D))
NEW = 1 + RNG.uniform(0, 0.3, (S, O, D))
COST = RNG.uniform(-0.2, 0.2, (S, O, D))
OPEN = (RNG.uniform(size=(S, O, D)) > 0.2) * 1.0
THETA = np.array([4.0, 7.0])
POWER = RNG.uniform(0.5, 2, (S, O))
DEMAND = RNG.uniform(1, 2, (S, D))
cells = list(itertools.product(range(S), range(O), range(D)))


def base() -> TradeBase:
    return TradeBase(
        share=jnp.asarray(SHARE),
        tariff=jnp.asarray(TARIFF),
        input_share=jnp.asarray(RNG.uniform(0.1, 0.3, (D, S, S))),
        value_added_share=jnp.full((D, S), 0.5),
        final_share=jnp.full((D, S), 0.5),
        value_added=jnp.full(D, 0.25),
        deficit=jnp.zeros(D),
        expenditure=jnp.asarray(DEMAND),
        supply_elasticity=jnp.zeros(D),
    )


def change() -> TradeChange:
    return TradeChange(
        log_cost=jnp.asarray(COST),
        tariff=jnp.asarray(NEW),
        open=jnp.asarray(OPEN),
        deficit=jnp.zeros(D),
        zone=jnp.zeros(D, dtype=int),
    )


def loop_access() -> np.ndarray:
    found = np.zeros((S, O, D))
    for s, o, d in cells:
        kappa = np.exp(COST[s, o, d]) * NEW[s, o, d] / TARIFF[s, o, d]
        found[s, o, d] = OPEN[s, o, d] * SHARE[s, o, d] * kappa ** -THETA[s]
    return found


def loop_price_sum(reach: np.ndarray) -> np.ndarray:
    found = np.zeros((S, D))
    for s, o, d in cells:
        found[s, d] += reach[s, o, d] * POWER[s, o]
    return found


def loop_sales(net: np.ndarray) -> np.ndarray:
    found = np.zeros((S, O))
    for s, o, d in cells:
        found[s, o] += POWER[s, o] * net[s, o, d] * DEMAND[s, d]
    return found


def test_access_is_share_times_the_cost_of_trade_to_minus_theta():
    found = hat.access(base(), change(), jnp.asarray(THETA))
    np.testing.assert_allclose(found, loop_access(), rtol=1e-13)
    assert np.all(np.asarray(found)[OPEN == 0] == 0)


def test_price_sum_adds_over_origins():
    found = hat.price_sum(jnp.asarray(SHARE), jnp.asarray(POWER))
    np.testing.assert_allclose(found, loop_price_sum(SHARE), rtol=1e-13)


def test_sales_add_over_destinations():
    found = hat.sales(jnp.asarray(SHARE / NEW), jnp.asarray(POWER), jnp.asarray(DEMAND))
    np.testing.assert_allclose(found, loop_sales(SHARE / NEW), rtol=1e-13)


def test_costs_hold_wages_and_inputs():
    c, s = 3, 2
    inputs, labour = RNG.uniform(0.1, 0.3, (c, s, s)), RNG.uniform(0.3, 0.6, (c, s))
    wage, price = RNG.normal(size=c), RNG.normal(size=(s, c))
    found = hat.cost_hat(*map(jnp.asarray, (wage, price, labour, inputs)))
    for country, using in itertools.product(range(c), range(s)):
        expected = labour[country, using] * wage[country] + sum(
            inputs[country, supplying, using] * price[supplying, country] for supplying in range(s)
        )
        np.testing.assert_allclose(found[using, country], expected, rtol=1e-13)


def test_expenditure_holds_inputs_and_final_use():
    c, s = 3, 2
    inputs, final = RNG.uniform(0.1, 0.3, (c, s, s)), RNG.dirichlet(np.ones(s), c)
    sold, spending = RNG.uniform(1, 2, (s, c)), RNG.uniform(1, 2, c)
    found = hat.total_expenditure(*map(jnp.asarray, (sold, spending, inputs, final)))
    for country, supplying in itertools.product(range(c), range(s)):
        expected = final[country, supplying] * spending[country] + sum(
            inputs[country, supplying, using] * sold[using, country] for using in range(s)
        )
        np.testing.assert_allclose(found[supplying, country], expected, rtol=1e-13)


def test_loops_are_multipliers():
    coupling = RNG.uniform(0, 0.2, (3, 2, 2))
    inverse = np.linalg.inv(np.eye(2)[None] - coupling)
    np.testing.assert_allclose(hat.loop(jnp.asarray(coupling)), inverse, rtol=1e-2)


@pytest.mark.parametrize(
    ("planted", "right"),
    [
        (lambda: np.einsum("sod,so->so", SHARE, POWER), lambda: loop_price_sum(SHARE)),
        (lambda: np.einsum("sdo,so->sd", SHARE, POWER), lambda: loop_price_sum(SHARE)),
        (lambda: np.sum(SHARE * POWER[:, None, :], axis=1), lambda: loop_price_sum(SHARE)),
        (lambda: POWER * np.einsum("sdo,sd->so", SHARE, DEMAND), lambda: loop_sales(SHARE)),
        (
            lambda: OPEN * SHARE * (np.exp(COST) * NEW / TARIFF) ** -THETA[None, None, :],
            loop_access,
        ),
        (lambda: OPEN * SHARE * (np.exp(COST) * NEW.T / TARIFF) ** -THETA[0], loop_access),
    ],
)
def test_planted_axis_mistakes_are_found(planted, right):
    try:
        found = planted()
    except ValueError:
        return  # the shapes already refuse it
    expected = right()
    assert found.shape != expected.shape or not np.allclose(found, expected)


def test_an_unknown_deficit_rule_is_refused():
    with pytest.raises(ValueError, match="unknown deficit rule 'none'"):
        hat.deficit_new("none", base(), change(), jnp.ones(D))
