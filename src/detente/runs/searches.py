"""Searches for equilibria, and what they share: boards of scenarios, and the response to wages.

They serve scenarios without quotas, export taxes, specific labour or returns to scale: see
`models.trade_search`.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from detente.models import mixing, trade, trade_hat, trade_search, trade_world
from detente.models.arrays import Array, each, jax
from detente.models.equilibrium import Certificate
from detente.models.trade import TOLERANCE
from detente.models.trade_aids import Aids, WageStep
from detente.models.trade_board import Board, board, full_board
from detente.models.trade_hat import TradeBase, TradeChange, TradeState
from detente.models.trade_map import draws_of
from detente.models.trade_measures import measures
from detente.models.trade_response import Newton
from detente.models.trade_search import Found
from detente.models.trade_solution import TradeSolution
from detente.models.trade_tables import Tables, without
from detente.models.trade_world import TradeParameters, TradePolicy
from detente.runs.learned import newton_of
from detente.runs.solved import Lanes

# Boards kept: each holds the base tables anew, and subsets of edits can be hundreds.
KEPT = 12
# Cells of a world up to which the response is computed for single draws; beyond, that takes longer
# than it saves.
MOST_CELLS = 1_000_000
# Products that a response by sector takes, up to which it is computed for many draws.
MOST_PRODUCTS = 2e9
# A search whose end the equations do not confirm is begun anew with this bound.
STRICT = TOLERANCE / 5

# A scenario's board in double and in single precision, and the tables without its ties.
Boards = tuple[Board, Board, Tables]


class Searches:
    """Searches of one base under one deficit rule.

    Parameters
    ----------
    base, aids, rule
        See `trade.solve`.
    theta
        Elasticities that stand for all draws.
    """

    def __init__(self, base: TradeBase, aids: Aids, rule: str, theta: Float[np.ndarray, " s"]):
        self.base, self.aids = each(np.asarray, (base, aids))
        self.rule, self.theta = rule, theta
        self._single: tuple[bytes, WageStep | None] = b"", None
        self.newton: Newton | None = None
        self._learned = False
        self._boards: OrderedDict[int, Boards] = OrderedDict()
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs; boards are made anew where they are used."""
        left = {"_lock": None, "_boards": OrderedDict(), "_single": (b"", None)}
        return vars(self) | left

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def learn(self, draws: bool = True) -> None:
        """Find how the base responds to wages, which saves half of the steps of each search.

        Parameters
        ----------
        draws
            Whether elasticities differ from sector to sector by other factors than one for all.
        """
        self._learned = True
        sectors, countries = len(self.theta), len(self.base.value_added)
        apart = draws and sectors**2 * countries**3 <= MOST_PRODUCTS
        groups = np.eye(sectors, dtype=bool) if apart else np.ones((1, sectors), dtype=bool)
        self.newton = newton_of(self.base, self.aids, self.theta, self.rule, groups)

    def aids_of(self, theta: Float[np.ndarray, " s"], aids: Aids) -> Aids:
        """Return the aids of a search in one draw, with the response to wages where it pays.

        Parameters
        ----------
        theta
            Elasticities of the draw.
        aids
            Of the base, as a compiled program reads them.
        """
        # One thread learns and the others wait: a search without it would end in other last bits.
        with self._lock:
            if not self._learned and self.base.share.size <= MOST_CELLS:
                self.learn(draws=False)
            key, known = self._single
            if key != (asked := theta.tobytes()):
                # Many scenarios are solved in one draw, that of the medians above all.
                newton = self._newton(theta[None])
                known = None if newton is None else jax.device_put(newton.step())
                self._single = asked, known
            return replace(aids, newton=known)

    def _newton(self, theta: Float[np.ndarray, "l s"]) -> Newton | None:
        return None if self.newton is None else self.newton.at(theta)

    def solve(
        self,
        number: int,
        policy: TradePolicy,
        given: TradeParameters,
        start: TradeState,
        actors: Int[np.ndarray, " a"],
    ) -> Lanes:
        """Search for the equilibria of a scenario, certify where the searches end, and measure.

        Nothing is compiled: a program for these equations takes seconds to compile, and is no
        faster than products of matrices.

        Parameters
        ----------
        number, policy, given, start
            As in `states`.
        actors
            Countries whose goods trade with every other is kept.
        """
        lanes = len(given.theta)
        policy = each(np.asarray, policy)
        if not self._is_full(policy):
            given = _filled(given)
        with np.errstate(all="ignore"):  # a search that was lost may end anywhere
            change = trade_world.resolve(policy, given)
            rest = None if self._is_full(policy) else self._board(number, policy)[2]
            fixed = trade.prepare(self.base, change, given.theta, self.aids, rest)

            def unfolded(state: TradeState, ended: Certificate) -> TradeSolution:
                state = each(_lane_last, state)
                return trade.unfold(state, ended, self.base, fixed, self.rule)

            state, ended = self.states(number, policy, given, start)
            found = unfolded(state, ended)
            short = np.asarray(ended.converged & ~found.certificate.converged)
            if short.any():
                # What bounds a search is not quite what the equations are held to.
                strict = self.states(number, policy, given, start, tolerance=STRICT)
                found = unfolded(*each(partial(_chosen, short), strict, (state, ended)))
            measured = measures(self.base, change, found, policy.goods, self.aids, actors)
        every = Lanes(found.certificate, found.state, measured, found.power, found.demand)
        return each(lambda leaf: leaf[:lanes], every)

    def states(
        self,
        number: int,
        policy: TradePolicy,
        given: TradeParameters,
        start: TradeState,
        part: float | None = None,
        tolerance: float = TOLERANCE,
    ) -> tuple[TradeState, Certificate]:
        """Search for the equilibria of a scenario, one a lane.

        Parameters
        ----------
        number, policy, given
            The scenario, and the draws with a leading lane axis.
        start
            Where every search begins.
        part
            Share of the scenario that is imposed; all of it when None.
        tolerance
            See `trade_search.search`.
        """
        begin = (start.log_wage, start.log_price, start.log_spending)
        first = tuple(np.asarray(one) for one in begin)
        policy, given = each(np.asarray, (policy, given))
        with np.errstate(over="ignore"):
            change = trade_world.resolve(policy, given)
            if part is not None:
                change = trade_world.part_of(change, self.base, np.asarray(part))
            fixed = self._prepared(change, given.theta)
        if fixed.tables is None:
            parts = [
                self._search(self._board(number, policy)[:2], fixed, slice(None), first, tolerance)
            ]
        else:
            parts = []
            for lane in range(len(given.theta)):
                rest, kept, net = (table[lane] for table in fixed.tables)
                exact = full_board(self.base, self.aids, (rest, kept, net))
                boards = exact, exact.astype(np.float32)
                one = slice(lane, lane + 1)
                parts.append(self._search(boards, fixed, one, first, tolerance))
        wage, price, spending, ended, error, steps = (
            np.concatenate([getattr(one, name) for one in parts])
            for name in ("log_wage", "log_price", "log_spending", "ended", "error", "steps")
        )
        # Of a search that has ended the equations alone say how well they hold: see `certify`.
        certificate = Certificate(ended, np.where(ended, 0.0, error), steps)
        return TradeState(wage, price, spending), certificate

    def _is_full(self, change: TradePolicy | TradeChange) -> bool:
        """Say whether every pair is a tie, so that draws share no table."""
        return len(change.origin) == self.base.share.shape[1] * self.base.share.shape[2]

    def _prepared(self, change: TradeChange, theta: Float[Array, "lane s"]) -> "_Prepared":
        tables = None
        if self._is_full(change):
            reach = trade_hat.access(self.base, change, theta, self.aids.tables)
            ties = reach.tied, reach.tied_net
            tables = reach.rest, reach.rest_kept, reach.rest_net
        else:
            ties = trade_hat.ties(self.base, change, theta)
        pace = trade.wage_pace(self.base, theta, self.aids)
        made = theta, *ties, pace, change.deficit, change.zone, tables
        return _Prepared(*each(np.asarray, made))

    def _search(
        self,
        boards: tuple[Board, Board],
        fixed: "_Prepared",
        lanes: slice,
        first: tuple,
        tolerance: float,
    ) -> Found:
        exact, rough = boards
        theta, tied, tied_net, pace = (
            one[lanes] for one in (fixed.theta, fixed.tied, fixed.tied_net, fixed.pace)
        )
        draws = draws_of(exact, theta, tied, tied_net, pace, fixed.deficit, fixed.zone)
        newton = self._newton(theta)
        return trade_search.search(exact, draws, self.rule, first, tolerance, newton, rough)

    def _board(self, number: int, policy: TradePolicy) -> Boards:
        """Return the boards of a scenario."""
        with self._lock:
            if number in self._boards:
                self._boards.move_to_end(number)
                return self._boards[number]
        pairs = np.asarray(policy.origin), np.asarray(policy.destination)
        rest = without(self.aids.tables, *pairs)
        exact = board(self.base, self.aids, *pairs, np.asarray(policy.tariff), rest)
        boards = exact, exact.astype(np.float32), rest
        with self._lock:
            self._boards[number] = boards
            while len(self._boards) > KEPT:
                self._boards.popitem(last=False)
        return boards


@dataclass(frozen=True)
class _Prepared:
    """What a search reads of some draws; see `trade.Fixed` and `trade_hat.Access`.

    Attributes
    ----------
    theta, tied, tied_net, pace : with a leading lane axis
    deficit, zone : of the scenario
    tables : `rest`, `rest_kept` and `rest_net` by lane, when every pair is a tie; else None
    """

    theta: Float[np.ndarray, "lane s"]
    tied: Float[np.ndarray, "lane s k"]
    tied_net: Float[np.ndarray, "lane s k"]
    pace: Float[np.ndarray, "lane c"]
    deficit: Float[np.ndarray, " c"]
    zone: Int[np.ndarray, " c"]
    tables: tuple[np.ndarray, np.ndarray, np.ndarray] | None


def _filled(given: TradeParameters) -> TradeParameters:
    """Return draws with the last repeated until they are whole blocks, whose sums round alike."""
    lanes = len(given.theta)
    every = np.minimum(np.arange(mixing.whole_blocks(lanes)), lanes - 1)
    return each(lambda leaf: leaf[every], given)


def _chosen(lanes: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return one table in some lanes, and the other in the rest."""
    return np.where(lanes.reshape(-1, *[1] * (one.ndim - 1)), one, other)


def _lane_last(table: np.ndarray) -> np.ndarray:
    """Return a table as it was, laid out in memory with the lanes last, as products leave it."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(table, 0, -1)), -1, 0)
