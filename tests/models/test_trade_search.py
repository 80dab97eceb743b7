"""The search written for many draws takes the steps of `trade.step`, and ends where it ends."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from detente.models import lanes, mixing, trade, trade_search, trade_world
from detente.models.trade_board import board
from detente.models.trade_hat import TradeState
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
        made = jax.tree.map(np.asarray, lift.prepare(self.base, self.policy, self.given, self.aids))
        ends = np.asarray(self.policy.origin), np.asarray(self.policy.destination)
        self.board = board(self.base, self.aids, *ends, np.asarray(self.policy.tariff))
        self.draws = trade_search.draws_of(
            self.board, made.theta, made.tied, made.tied_net, made.pace, made.deficit, made.zone
        )

    def map(self, rule, answer=None):
        return trade_search.Map(self.board, self.draws, rule, answer)

    def answer(self, rule):
        count = len(np.asarray(self.base.value_added))
        one = self.draws.only(np.arange(3) == 0)
        many = np.zeros(count, dtype=int)
        empty = np.zeros((count, 2, 0))
        none = np.zeros(0, dtype=int)
        plain = board(self.base, self.aids, none, none)
        draws = trade_search.draws_of(
            plain,
            -one.theta[0].T[many],
            empty,
            empty,
            one.pace.T[many],
            np.asarray(self.base.deficit),
            one.zone,
        )
        return trade_search.wage_answer(plain, draws, rule)

    def start(self):
        state = trade.at_base(self.base)
        parts = (state.log_wage, state.log_price, state.log_spending)
        return tuple(np.asarray(part) for part in parts)


@pytest.mark.parametrize("rule", RULES)
def test_a_step_is_the_step_of_the_model(rule):
    case = Case()
    move = case.map(rule)
    rng = np.random.default_rng(5)
    state = 0.05 * rng.standard_normal((4 * (1 + 2 * 2), 3))
    wage, price, spending = move.split(move(state))
    with lift.double_precision():
        axes = lanes.fixed_axes(False, False)
        change = jax.vmap(trade_world.resolve, (None, 0), lanes.CHANGE_AXES)(
            case.policy, case.given
        )
        fixed = jax.vmap(trade.prepare, (None, lanes.CHANGE_AXES, 0, None), axes)(
            case.base, change, case.given.theta, case.aids
        )
        first = move.split(state)
        states = TradeState(first[0].T, *(part.transpose(2, 1, 0) for part in first[1:]))
        found = jax.vmap(trade.step, (0, None, axes, None))(states, case.base, fixed, rule)
    np.testing.assert_allclose(wage.T, found.log_wage, rtol=0, atol=1e-14)
    np.testing.assert_allclose(price.transpose(2, 1, 0), found.log_price, rtol=0, atol=1e-14)
    np.testing.assert_allclose(spending.transpose(2, 1, 0), found.log_spending, rtol=0, atol=1e-14)


@pytest.mark.parametrize("rule", RULES)
def test_searches_end_where_the_model_settles(rule):
    case = Case()
    rough = case.board.astype(np.float32)
    ways = ({}, {"answer": case.answer(rule)}, {"rough": rough})
    both = {"answer": case.answer(rule), "rough": rough}
    with lift.double_precision():
        start = trade.at_base(case.base)
        alone = lift.solve(case.base, case.policy, case.given, start, case.aids, rule).state
    for more in (*ways, both):
        found = trade_search.search(case.board, case.draws, rule, case.start(), **more)
        assert (found.error <= trade.TOLERANCE).all()
        np.testing.assert_allclose(found.log_wage, alone.log_wage, atol=1e-9)
        np.testing.assert_allclose(found.log_price, alone.log_price, atol=1e-9)


def test_an_answer_of_wages_clears_markets_to_first_order():
    case = Case(edits=())
    answer = case.answer("fixed")
    assert np.isfinite(answer).all()
    # With it the map contracts: a few plain steps undo a disturbance, without acceleration.
    move = case.map("fixed", answer)
    state = trade_search.search(case.board, case.draws, "fixed", case.start(), tolerance=1e-13)
    parts = (state.log_wage.T[:, None], state.log_price.transpose(2, 1, 0))
    where = np.concatenate([*parts, state.log_spending.transpose(2, 1, 0)], axis=1).reshape(-1, 3)
    moved = where + 1e-3 * np.random.default_rng(1).standard_normal(where.shape)
    for _ in range(30):
        moved = move(moved)
    assert np.abs(moved - where).max() < 1e-6


def test_lanes_that_are_done_are_left_behind_and_change_nothing():
    class Linear:
        def __init__(self, scale, target):
            self.scale, self.target = scale, target

        def __call__(self, z):
            return self.scale * np.roll(z, 1, axis=0) + self.target

        def only(self, kept):
            return Linear(self.scale[:, kept], self.target[:, kept])

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
