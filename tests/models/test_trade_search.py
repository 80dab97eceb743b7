"""The search written for many draws takes the steps of `trade.step`, and ends where it ends."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from detente.models import lanes, mixing, trade, trade_hat, trade_map, trade_search, trade_world
from detente.models.trade_board import board
from detente.models.trade_hat import TradeState
from detente.models.trade_near import Near, reference
from detente.models.trade_response import LEAST, MOST, NODES, response
from detente.runs import lift
from economies import economy, given, scenario, tariff

EDITS = (
    tariff("MEX", "USA", 0.2),
    {"layer": "sanction_trade", "where": {"origin": "USA", "destination": "RUS"}, "set": 3},
    {"layer": "export_ban", "where": {"origin": "RUS", "destination": "CAN"}, "set": 1},
    {"layer": "trade_agreement", "where": {"origin": "CAN", "destination": "MEX"}, "set": 1},
)
THETAS = np.random.default_rng(3).uniform(2, 9, (3, 2))
RULES = ("fixed", "world_share", "own_share")


class Case:
    """A small economy, a scenario, three draws, and what both kinds of search read of them."""

    def __init__(self, ties=9, edits=EDITS):
        world = economy(3, closed=False)
        base = trade_world.prepare(world)
        policy = trade_world.policy(world, scenario(*edits).apply(world))
        # Some of the ties that are stated beside the edits are of a country with itself.
        self.policy = trade_world.filled(policy, base, ties)
        drawn = [given(jnp.asarray(theta), 4) for theta in THETAS]
        self.given = jax.tree.map(lambda *leaves: jnp.stack(leaves), *drawn)
        self.base = jax.device_put(base)
        self.aids = lift.search_aids(self.base)
        plain = (self.base, self.policy, self.given, self.aids)
        base, policy, drawn, aids = jax.tree.map(np.asarray, plain)
        change, theta = trade_world.resolve(policy, drawn), drawn.theta
        tied, tied_net = trade_hat.ties(base, change, theta)
        pace = trade.wage_pace(base, theta, aids)
        ends = np.asarray(self.policy.origin), np.asarray(self.policy.destination)
        self.board = board(self.base, self.aids, *ends, np.asarray(self.policy.tariff))
        self.draws = trade_map.draws_of(
            self.board, theta, tied, tied_net, pace, change.deficit, change.zone
        )

    def map(self, rule, newton=None):
        return trade_map.Map(self.board, self.draws, rule, newton)

    def response(self, rule, groups=((True, True),)):
        none = np.zeros(0, dtype=int)
        plain = board(self.base, self.aids, none, none)
        return response(plain, THETAS[0], np.asarray(self.base.deficit), rule, np.array(groups))

    def newton(self, rule, groups=((True, False), (False, True))):
        found = self.response(rule, groups)
        return found.newton().at(THETAS)

    def start(self):
        state = trade.at_base(self.base)
        parts = (state.log_wage, state.log_price, state.log_spending)
        return tuple(np.asarray(part) for part in parts)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("rule", RULES)
def test_a_step_is_the_step_of_the_model(rule, together):
    case = Case()
    newton = case.newton(rule) if together else None
    move = case.map(rule, newton)
    # What wages do together is known in single precision, and a sum of it rounds its own way.
    atol = 1e-6 if together else 1e-14
    steps = None
    if newton is not None:
        each = [newton.only(np.arange(3) == lane).step() for lane in range(3)]
        steps = jax.tree.map(lambda *leaves: jnp.stack(leaves), *each)
    rng = np.random.default_rng(5)
    state = 0.05 * rng.standard_normal((4 * (1 + 2 * 2), 3))
    wage, price, spending = move.split(move(state))
    with lift.double_precision():
        change = jax.vmap(trade_world.resolve, (None, 0), lanes.CHANGE_AXES)(
            case.policy, case.given
        )
        first = move.split(state)
        states = TradeState(first[0].T, *(part.transpose(2, 1, 0) for part in first[1:]))

        def one(state, change, theta, step):
            aids = replace(case.aids, newton=step)
            fixed = trade.prepare(case.base, change, theta, aids)
            return trade.step(state, case.base, fixed, rule)

        axes = (0, lanes.CHANGE_AXES, 0, None if steps is None else 0)
        found = jax.vmap(one, axes)(states, change, case.given.theta, steps)
    np.testing.assert_allclose(wage.T, found.log_wage, rtol=0, atol=atol)
    np.testing.assert_allclose(price.transpose(2, 1, 0), found.log_price, rtol=0, atol=atol)
    np.testing.assert_allclose(spending.transpose(2, 1, 0), found.log_spending, rtol=0, atol=atol)


def state_of(found):
    """Return where searches ended as the map takes it, [m, l]."""
    parts = (found.log_wage.T[:, None], found.log_price.transpose(2, 1, 0))
    state = np.concatenate([*parts, found.log_spending.transpose(2, 1, 0)], axis=1)
    return state.reshape(-1, state.shape[-1])


def left_over(case, rule, found):
    """Return by draw the largest change, as searches weigh it, that one step more would make."""
    move, state = case.map(rule), state_of(found)
    return np.max(np.abs(move(state) - state) * move.weights(), axis=0)


@pytest.mark.parametrize("rule", RULES)
def test_searches_end_where_the_model_settles(rule):
    case = Case()
    rough = case.board.astype(np.float32)
    ways = ({}, {"newton": case.newton(rule)}, {"rough": rough})
    both = {"newton": case.newton(rule), "rough": rough}
    with lift.double_precision():
        start = trade.at_base(case.base)
        none = np.zeros(0, dtype=int)
        made = case.base, case.policy, case.given, start, case.aids, none, rule
        alone = lift.solve(*made).state
    for more in (*ways, both):
        found = trade_search.search(case.board, case.draws, rule, case.start(), **more)
        assert found.ended.all()
        assert (left_over(case, rule, found) <= trade.TOLERANCE).all()
        np.testing.assert_allclose(found.log_wage, alone.log_wage, atol=1e-9)
        np.testing.assert_allclose(found.log_price, alone.log_price, atol=1e-9)


def test_a_search_that_common_wages_lose_begins_anew_where_it_began(monkeypatch):
    case = Case()
    made = case.board, case.draws, "fixed", case.start()
    apart = trade_search.search(*made)
    monkeypatch.setattr(trade_search, "FEW_STEPS", 1)
    found = trade_search.search(*made, newton=case.newton("fixed"))
    assert found.ended.all()
    np.testing.assert_array_equal(found.log_price, apart.log_price)
    np.testing.assert_array_equal(found.steps, apart.steps + 1)


class Held(trade_map.Map):
    """The map of prices and spending at given wages; it notes the demand for labour."""

    def response(self, excess):
        self.excess = excess
        return super().response(excess)

    def __call__(self, state):
        moved = super().__call__(state)
        self.split(moved)[0][:] = self.split(state)[0]
        return moved


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("rule", RULES)
def test_the_response_to_wages_is_that_of_small_rises(rule, apart):
    case = Case(edits=())
    found = case.response(rule, np.eye(2, dtype=bool) if apart else [[True, True]])
    factors = found.newton().at(THETAS).factors[1:].astype(float)
    for lane in range(3):
        one = case.draws.only(np.arange(3) == lane)
        held = Held(case.board, one, rule)
        # Elasticities of a group are scaled as a whole in a response: those of the first draw are.
        scale = factors[:, lane]
        theta = -(scale * THETAS[0])[None, :, None]
        held.draws = replace(one, theta=theta, per_theta=1 / theta)
        for raised in range(4):
            state = np.zeros((4 * 5, 1))
            held.split(state)[0][raised] = 1e-5
            for _ in range(80):
                state = held(state)
            _, price, spending = (part[..., 0] / 1e-5 for part in held.split(state))
            np.testing.assert_allclose(found.price[..., raised], price, atol=2e-3)
            more = np.tensordot(scale, found.spending_per, axes=1)
            known = (found.spending + more)[..., raised]
            np.testing.assert_allclose(known, spending, atol=5e-3)
            excess = found.slope(scale)[:, raised]
            level = np.asarray(case.base.value_added)[raised]
            level /= np.asarray(case.base.value_added).sum()
            np.testing.assert_allclose(excess + level, held.excess[:, 0] / 1e-5, atol=2e-2)


@pytest.mark.parametrize("rule", RULES)
def test_wages_that_move_together_contract_without_acceleration(rule):
    case = Case(edits=())
    move = case.map(rule, case.newton(rule))
    state = trade_search.search(case.board, case.draws, rule, case.start(), tolerance=1e-13)
    where = state_of(state)
    moved = where + 1e-3 * np.random.default_rng(1).standard_normal(where.shape)
    for _ in range(12):
        moved = move(moved)
    assert np.abs(moved - where).max() < 1e-7


@pytest.mark.parametrize("rule", RULES)
def test_differences_from_a_state_near_by_end_where_the_search_ends(rule):
    case = Case()
    move = case.map(rule, case.newton(rule))
    found = trade_search.search(case.board, case.draws, rule, case.start(), tolerance=1e-14)
    where = state_of(found)
    at = reference(move, where)
    for gap in (at.price_gap, at.spending_gap, at.excess, at.level):
        assert np.abs(gap).max() < 1e-12
    # All wages may rise together with prices and spending; the numeraire is the world's income.
    away = 1e-5 * np.random.default_rng(4).standard_normal(where.shape)
    near = Near(move, case.board.astype(np.float32), reference(move, where + away))
    zero = np.zeros(where.shape, np.float32)
    ended = mixing.fixed_points(near, zero, near.weights(), 1e-11, 40)
    np.testing.assert_allclose(ended.state, -away, rtol=0, atol=2e-11)
    # A step of the map itself, from where differences end, finds nothing left to do.
    last = where + away + ended.state
    assert np.abs(move(last) - last).max() < 1e-10


def test_responses_between_the_nodes_are_nearly_inverses():
    found = Case(edits=()).response("fixed")
    for scale in np.geomspace(LEAST, MOST, 9):
        newton = found.newton().of(np.array([[scale]]))
        slope = found.slope(np.array([scale]))
        rise = np.stack([newton.rise(-slope[:, [n]])[:, 0] for n in range(4)], axis=1)
        np.testing.assert_allclose(rise, np.eye(4), atol=0.05)


@pytest.mark.parametrize(("slope", "rise"), [(-0.9, 1.1), (-1.0, 1.0), (-2.0, 1.0), (0.5, 1.0)])
def test_a_second_answer_of_wages_takes_no_first_one_back(slope, rise):
    newton = Case(edits=()).newton("fixed")
    one = np.eye(4, dtype=np.float32)
    made = np.concatenate([slope * one, np.zeros((4, 8), np.float32)], axis=1)
    newton = replace(newton, wages=np.tile(one, (1, len(NODES))), slope=made.astype(np.float32))
    excess = np.random.default_rng(6).standard_normal((4, 3))
    np.testing.assert_allclose(newton.rise(excess), rise * excess, rtol=1e-5, atol=1e-6)
    alone = newton.only(np.arange(3) == 1).step()
    np.testing.assert_allclose(alone.wages, rise * one, rtol=1e-5, atol=1e-6)


class Linear:
    def __init__(self, scale, target):
        self.scale, self.target = scale, target

    def __call__(self, z):
        return self.scale * np.roll(z, 1, axis=0) + self.target

    def only(self, kept):
        return Linear(self.scale[:, kept], self.target[:, kept])


def test_lanes_that_are_done_are_left_behind_and_change_nothing():
    rng = np.random.default_rng(2)
    scale, target = np.array([[0.05, 0.9, 0.5, -0.97]]), rng.standard_normal((12, 4))
    every = np.zeros((12, 4))
    found = mixing.fixed_points(Linear(scale, target), every, np.ones((12, 4)), 1e-11, 500)
    assert (found.error <= 1e-11).all()
    assert found.steps[0] < found.steps[3]
    for n in range(4):
        one = slice(n, n + 1)
        alone = mixing.fixed_points(
            Linear(scale[:, one], target[:, one]), every[:, one], np.ones((12, 1)), 1e-11, 500
        )
        np.testing.assert_allclose(found.state[:, one], alone.state, atol=1e-9)


def test_a_lane_that_is_done_takes_its_last_step_whatever_the_others_do():
    rng = np.random.default_rng(3)
    scale, target = np.array([[0.05, 0.3, 0.1]]), rng.standard_normal((12, 3))

    def found(lanes, onward):
        step = Linear(scale[:, lanes], target[:, lanes])
        begin = np.zeros((12, step.scale.shape[1]))
        ended = mixing.fixed_points(step, begin, np.ones_like(begin), 1e-4, 50, onward=onward)
        return ended, np.abs(step(ended.state) - ended.state).max(axis=0)

    every = slice(None)
    (judged, left), (onward, less) = found(every, False), found(every, True)
    np.testing.assert_array_equal(onward.steps, judged.steps)
    np.testing.assert_array_equal(onward.error, judged.error)
    np.testing.assert_allclose(left, judged.error, rtol=1e-6)
    assert (less < 0.31 * left).all()
    for lane in range(3):
        alone, _ = found(slice(lane, lane + 1), True)
        np.testing.assert_allclose(onward.state[:, lane], alone.state[:, 0], rtol=0, atol=1e-14)


def test_a_lane_that_breaks_off_says_so_and_leaves_the_others_alone():
    class Odd:
        def __init__(self, kind):
            self.kind = kind

        def __call__(self, z):
            with np.errstate(invalid="ignore", divide="ignore"):
                ways = (0.5 * z + 1.0, z + 1.0, np.log(z - 1.0))
            return np.select([self.kind == n for n in range(3)], ways)

        def only(self, kept):
            return Odd(self.kind[:, kept])

    kind = np.array([[0, 1, 2]])
    with np.errstate(all="ignore"):
        found = mixing.fixed_points(Odd(kind), np.zeros((4, 3)), np.ones((4, 3)), 1e-11, 50)
    np.testing.assert_allclose(found.state[:, 0], 2.0, atol=1e-10)
    assert (found.error <= 1e-11).tolist() == [True, False, False]


def test_the_search_refuses_a_rule_that_needs_a_base_of_its_own():
    case = Case()
    with pytest.raises(ValueError, match="zero"):
        trade_search.search(case.board, case.draws, "zero", case.start())


def test_aids_are_the_same_whichever_library_computes_them():
    base = Case().base
    with lift.double_precision():
        plain, compiled = lift.search_aids(base), jax.jit(trade.search_aids)(base)
    for one, other in zip(jax.tree.leaves(plain), jax.tree.leaves(compiled), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)
