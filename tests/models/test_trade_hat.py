"""Each equation against plain loops, on 3 origins, 4 destinations and 2 sectors.

Square arrays would hide an axis mistake; the last test plants some and finds them all.
"""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from detente.models import trade_hat as hat
from detente.models.trade_hat import TradeBase, TradeChange
from detente.models.trade_tables import by_destination

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


def change(ties: int) -> TradeChange:
    """Return a change of the first pairs, in an order that is not the order of the table."""
    origin, destination = (one[:ties] for one in np.divmod(RNG.permutation(O * D), D))
    at = (slice(None), origin, destination)
    return TradeChange(
        origin=jnp.asarray(origin),
        destination=jnp.asarray(destination),
        log_cost=jnp.asarray(COST[at]),
        log_tariff=jnp.asarray(np.log(NEW / TARIFF)[at]),
        tariff=jnp.asarray(NEW[at]),
        open=jnp.asarray(OPEN[at]),
        deficit=jnp.zeros(D),
        zone=jnp.zeros(D, dtype=int),
    )


def loop_access(ties: set[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return access, and access over the tariff factor, cell by cell."""
    found, net = np.zeros((S, O, D)), np.zeros((S, O, D))
    for s, o, d in cells:
        if (o, d) not in ties:
            found[s, o, d], net[s, o, d] = SHARE[s, o, d], SHARE[s, o, d] / TARIFF[s, o, d]
            continue
        kappa = np.exp(COST[s, o, d]) * NEW[s, o, d] / TARIFF[s, o, d]
        found[s, o, d] = OPEN[s, o, d] * SHARE[s, o, d] * kappa ** -THETA[s]
        net[s, o, d] = found[s, o, d] / NEW[s, o, d]
    return found, net


EVERY = {(o, d) for o in range(O) for d in range(D)}


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


@pytest.fixture(params=[0, 1, 5, O * D])
def reached(request) -> tuple[hat.Access, np.ndarray, np.ndarray]:
    """Access where few, some or all pairs are ties, and the same by plain loops."""
    moved = change(request.param)
    ties = set(zip(moved.origin.tolist(), moved.destination.tolist(), strict=True))
    return hat.access(base(), moved, jnp.asarray(THETA)), *loop_access(ties)


def test_access_is_share_times_the_cost_of_trade_to_minus_theta(reached):
    found, expected, net = reached
    full = np.asarray(hat.in_full(by_destination(found.rest), found.tied, found))
    np.testing.assert_allclose(full, expected, rtol=1e-13)
    np.testing.assert_array_equal(found.rest_kept, np.swapaxes(found.rest_net, 1, 2))
    np.testing.assert_allclose(hat.in_full(found.rest_net, found.tied_net, found), net, rtol=1e-13)
    assert np.all(full[expected == 0] == 0)


def test_price_sums_add_over_origins(reached):
    found, expected, net = reached
    power = jnp.asarray(POWER)
    np.testing.assert_allclose(hat.price_sum(found, power), loop_price_sum(expected), rtol=1e-13)
    np.testing.assert_allclose(hat.price_sum_net(found, power), loop_price_sum(net), rtol=1e-13)


def test_sales_add_over_destinations(reached):
    found, _, net = reached
    sold = hat.sales(found, jnp.asarray(POWER), jnp.asarray(DEMAND))
    np.testing.assert_allclose(sold, loop_sales(net), rtol=1e-13)


def test_domestic_cells_are_found_on_ties_and_off_them():
    rng = np.random.default_rng(2)
    rest, tied = rng.uniform(size=(S, 3, 3)), rng.uniform(size=(S, 2))
    origin, destination = jnp.asarray([1, 0]), jnp.asarray([1, 2])
    rest[:, [1, 0], [1, 2]] = 0
    arrays = map(jnp.asarray, (rest, rest, rest, origin, destination, tied, tied))
    found = hat.at_home(jnp.asarray(rest), jnp.asarray(tied), hat.Access(*arrays))
    expected = np.stack([rest[:, 0, 0], tied[:, 0], rest[:, 2, 2]], axis=1)
    np.testing.assert_array_equal(found, expected)


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
            lambda: loop_access(EVERY)[0],
        ),
        (
            lambda: OPEN * SHARE * (np.exp(COST) * NEW.T / TARIFF) ** -THETA[0],
            lambda: loop_access(EVERY)[0],
        ),
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
        one = jnp.ones(D)
        hat.deficit_new("none", one, jnp.zeros(D, dtype=int), one, one)
