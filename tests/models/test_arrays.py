"""Arrays of NumPy and of JAX give the same, for one economy and for several draws of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from detente.models import trade, trade_measures, trade_world
from detente.models.arrays import add_at, contract, namespace, set_at
from detente.models.equilibrium import Certificate
from detente.models.trade_hat import DEFICIT_RULES
from detente.runs import lift
from economies import economy, given, scenario, tariff

EDITS = (
    tariff("MEX", "USA", 0.2),
    {"layer": "sanction_trade", "where": {"origin": "USA", "destination": "RUS"}, "set": 3},
    {"layer": "export_ban", "where": {"origin": "RUS", "destination": "CAN"}, "set": 1},
    {"layer": "trade_agreement", "where": {"origin": "CAN", "destination": "MEX"}, "set": 1},
)
RNG = np.random.default_rng(11)
PATTERNS = ("sdo,so->sd", "sod,sd->so", "sod,so->sd", "crs,rc->sc", "crs,sc->rc")


@pytest.mark.parametrize("draws", [(), (1,), (5,)])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_contract_is_a_sum_of_products(pattern, draws):
    first, second = pattern.split("->")[0].split(",")
    size = dict(zip(first, (3, 4, 5), strict=True))
    table = RNG.standard_normal([size[one] for one in first])
    values = RNG.standard_normal((*draws, *(size[one] for one in second)))
    wide = f"...{first},...{second}->...{pattern[-2:]}"
    expected = np.einsum(wide, table, values)
    np.testing.assert_allclose(contract(pattern, table, values), expected, atol=1e-13)
    with lift.double_precision():
        same = contract(pattern, jnp.asarray(table), values)
    np.testing.assert_allclose(same, expected, atol=1e-13)
    own = np.broadcast_to(table, draws + table.shape) * 2.0  # a table for each draw
    np.testing.assert_allclose(contract(pattern, own, values), 2 * expected, atol=1e-13)


@pytest.mark.parametrize("kind", [np.asarray, jnp.asarray])
def test_places_that_come_twice_add_up(kind):
    places = np.array([1, 1, 3])
    into, values = np.ones((2, 4)), np.arange(30.0).reshape(5, 2, 3)
    found = np.asarray(add_at(kind(into), (places,), kind(values)))
    assert found.shape == (5, 2, 4)
    np.testing.assert_array_equal(found[..., 1], 1 + values[..., 0] + values[..., 1])
    np.testing.assert_array_equal(found[..., 3], 1 + values[..., 2])
    np.testing.assert_array_equal(found[..., [0, 2]], 1)
    np.testing.assert_array_equal(into, 1)


@pytest.mark.parametrize("kind", [np.asarray, jnp.asarray])
def test_set_at_writes_into_a_copy(kind):
    into = np.ones((2, 3, 3))
    found = np.asarray(set_at(kind(into), (np.array([0, 2]), np.array([1, 1])), 0.0))
    assert found.sum() == 2 * 7
    assert into.all()


def test_one_jax_array_makes_all_of_them_jax():
    assert namespace(np.ones(1), 2.0) is np
    assert namespace(np.ones(1), jnp.ones(1)) is jnp


# Six ties are changed; 9 are stated beside others that are not; 16 is one full table.
@pytest.mark.parametrize("ties", [0, 9, 16])
@pytest.mark.parametrize("rule", [rule for rule in DEFICIT_RULES if rule != "zero"])
def test_what_follows_from_a_state_needs_no_compiler(rule, ties):
    world = economy(3, closed=False)
    base = trade_world.prepare(world)
    policy = trade_world.policy(world, scenario(*EDITS).apply(world))
    policy = trade_world.filled(policy, base, ties)
    theta = RNG.uniform(2, 9, (3, 2))
    drawn = jax.tree.map(
        lambda *leaves: np.stack(leaves), *[given(np.asarray(one), 4) for one in theta]
    )
    aids, actors = trade.search_aids(base), np.array([0, 2])
    with lift.double_precision():
        compiled = lift.solve(base, policy, drawn, trade.at_base(base), aids, actors, rule)
    plain = jax.tree.map(np.asarray, compiled)
    ended = Certificate(np.ones(3, dtype=bool), np.zeros(3), plain.certificate.steps)
    change = trade_world.resolve(policy, drawn)
    fixed = trade.prepare(base, change, theta, aids)
    found = trade.unfold(plain.state, ended, base, fixed, rule)
    measured = trade_measures.measures(base, change, found, policy.goods, aids, actors)
    assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(measured))
    assert found.certificate.converged.all()
    for one, other in zip(jax.tree.leaves(measured), jax.tree.leaves(plain.measured), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.power, plain.power, rtol=1e-12)
    np.testing.assert_allclose(found.demand, plain.demand, rtol=1e-12)


def test_a_state_that_is_none_is_not_certified():
    world = economy(3, closed=False)
    base = trade_world.prepare(world)
    policy = trade_world.filled(trade_world.policy(world, scenario(*EDITS).apply(world)), base, 9)
    drawn = jax.tree.map(lambda leaf: np.asarray(leaf)[None], given(np.array([4.0, 5.0]), 4))
    state = jax.tree.map(lambda leaf: np.asarray(leaf)[None], trade.at_base(base))
    ended = Certificate(np.array([True]), np.zeros(1), np.ones(1, dtype=int))
    change = trade_world.resolve(policy, drawn)
    fixed = trade.prepare(base, change, drawn.theta, trade.search_aids(base))
    found = trade.unfold(state, ended, base, fixed, "fixed")
    assert not found.certificate.converged[0]
    assert found.certificate.residual[0] > 1e-4
