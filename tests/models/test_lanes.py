"""Several draws at once give what one draw at a time gives, however ties are stated."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from detente.models import lanes, trade, trade_world
from detente.runs import lift
from economies import economy, given, scenario, tariff

EDITS = (
    tariff("MEX", "USA", 0.2),
    {"layer": "sanction_trade", "where": {"origin": "USA", "destination": "RUS"}, "set": 3},
    {"layer": "export_ban", "where": {"origin": "RUS", "destination": "CAN"}, "set": 1},
    {"layer": "trade_agreement", "where": {"origin": "CAN", "destination": "MEX"}, "set": 1},
)
THETAS = np.random.default_rng(3).uniform(2, 9, (3, 2))


def asked(ties):
    world = economy(3, closed=False)
    base = trade_world.prepare(world)
    policy = trade_world.policy(world, scenario(*EDITS).apply(world))
    policy = trade_world.filled(policy, base, ties)
    drawn = [given(jnp.asarray(theta), 4) for theta in THETAS]
    base = jax.device_put(base)
    return base, policy, drawn, lift.search_aids(base)


def solved(ties, rows):
    base, policy, drawn, aids = asked(ties)
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *[drawn[n] for n in rows])
    none = np.zeros(0, dtype=int)
    return lift.solve(base, policy, stacked, trade.at_base(base), aids, none, "own_share")


@pytest.fixture(scope="module")
def alone():
    base, policy, drawn, aids = asked(0)
    every = []
    for one in drawn:
        change = trade_world.resolve(policy, one)
        every.append(trade.solve(base, change, one.theta, "own_share", aids=aids))
    return every


# Six ties are changed; 9 are stated beside others that are not; 16 is one full table.
@pytest.mark.parametrize("ties", [0, 9, 16])
def test_lanes_equal_single_solves(alone, ties):
    found = solved(ties, [0, 1, 2])
    for n, one in enumerate(alone):
        assert bool(found.certificate.converged[n])
        np.testing.assert_allclose(found.state.log_wage[n], one.state.log_wage, atol=1e-10)
        np.testing.assert_allclose(found.demand[n], one.demand, rtol=1e-9)
        share = np.asarray(one.share)
        assert np.all(share[:, 2, 0] == 0)


@pytest.mark.parametrize("ties", [0, 9, 16])
def test_a_lane_depends_on_no_other(ties):
    first, second = solved(ties, [0, 1, 2]), solved(ties, [0, 2, 1])
    for one, other in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True):
        np.testing.assert_array_equal(one[0], other[0])


def test_the_place_of_a_lane_changes_no_bit():
    order = [2, 0, 1, 1, 0, 2, 0, 1]
    first, second = solved(9, [0, 1, 2, 0, 1, 2, 0, 1]), solved(9, order)
    for one, other in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True):
        for place, draw in enumerate(order):
            np.testing.assert_array_equal(other[place], one[draw])


def test_axes_name_every_field():
    _, policy, drawn, _ = asked(9)
    change = jax.vmap(trade_world.resolve, (None, 0), lanes.CHANGE_AXES)(
        policy, jax.tree.map(lambda *leaves: jnp.stack(leaves), *drawn)
    )
    assert change.log_cost.shape == (3, 2, 9)
    assert change.tariff.shape == (2, 9)
