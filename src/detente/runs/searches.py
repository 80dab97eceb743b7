"""Searches for equilibria, and what they share: boards of scenarios, and the response to wages.

They serve scenarios without quotas, export taxes, specific labour or returns to scale: see
`models.trade_search`.
"""

import contextlib
import threading
from collections import OrderedDict
from dataclasses import replace

import jax
import numpy as np
from jaxtyping import Float

from detente.models import mixing, trade_search
from detente.models.equilibrium import Certificate
from detente.models.trade import TOLERANCE, Aids
from detente.models.trade_board import Board, board, full_board
from detente.models.trade_hat import TradeBase, TradeState
from detente.models.trade_map import draws_of
from detente.models.trade_response import Newton, Response, response
from detente.models.trade_search import Found
from detente.models.trade_world import TradeParameters, TradePolicy
from detente.runs import lift
from detente.runs.lift import Prepared

# Boards kept: each holds the base tables anew, and subsets of edits can be hundreds.
KEPT = 12
# Cells of a world up to which the response is computed for single draws; beyond, that takes longer
# than it saves.
MOST_CELLS = 1_000_000
# Products that a response by sector takes, up to which it is computed for many draws.
MOST_PRODUCTS = 2e9

Boards = tuple[Board, Board]


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
        self.base, self.aids, self.rule, self.theta = base, aids, rule, theta
        self._single: tuple[bytes, Aids] = b"", aids
        self.response: Response | None = None
        self.newton: Newton | None = None
        self._learned = False
        self._boards: OrderedDict[int, Boards] = OrderedDict()
        self._lock = threading.Lock()

    def learn(self, draws: bool = True) -> None:
        """Find how the base responds to wages, which saves half of the steps of each search.

        Parameters
        ----------
        draws
            Whether elasticities differ from sector to sector by other factors than one for all.
        """
        self._learned = True
        none = np.zeros(0, dtype=int)
        plain = board(self.base, self.aids, none, none)
        sectors, countries = len(self.theta), len(self.base.value_added)
        apart = draws and sectors**2 * countries**3 <= MOST_PRODUCTS
        groups = np.eye(sectors, dtype=bool) if apart else np.ones((1, sectors), dtype=bool)
        found = response(plain, self.theta, np.asarray(self.base.deficit), self.rule, groups)
        if found.is_finite():
            with contextlib.suppress(np.linalg.LinAlgError):
                self.newton, self.response = found.newton(), found

    def aids_of(self, theta: Float[np.ndarray, " s"]) -> Aids:
        """Return the aids of a search in one draw, with the response to wages where it pays.

        Parameters
        ----------
        theta
            Elasticities of the draw.
        """
        # One thread learns and the others wait: a search without it would end in other last bits.
        with self._lock:
            if not self._learned and self.base.share.size <= MOST_CELLS:
                self.learn(draws=False)
            key, known = self._single
            if key != (asked := theta.tobytes()):
                # Many scenarios are solved in one draw, that of the medians above all.
                newton = self._newton(theta[None])
                known = replace(self.aids, newton=None if newton is None else newton.step())
                self._single = asked, known
            return known

    def _newton(self, theta: Float[np.ndarray, "l s"]) -> Newton | None:
        if self.response is None or self.newton is None:
            return None
        return self.newton.of(self.response.factors(theta))

    def states(
        self,
        number: int,
        policy: TradePolicy,
        given: TradeParameters,
        start: TradeState,
        part: float | None = None,
        distinct: int | None = None,
        width: int = 1,
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
        distinct
            How many lanes have draws of their own; the others repeat the last of these, and are
            not searched for anew.
        width
            Lanes that a program which stands already prepares together.
        """
        lanes = len(given.theta)
        needed = lanes if distinct is None else min(lanes, mixing.whole_blocks(distinct))
        if (more := width - lanes) > 0:
            given = jax.tree.map(
                lambda leaf: np.concatenate([leaf, leaf[-1:].repeat(more, 0)]), given
            )
        fixed = self._prepared(policy, given, part)
        begin = (start.log_wage, start.log_price, start.log_spending)
        first = tuple(np.asarray(part) for part in begin)
        if fixed.tables is not None:
            parts = []
            for lane in range(needed):
                rest, kept, net = (np.asarray(table[lane]) for table in fixed.tables)
                exact = full_board(self.base, self.aids, (rest, kept, net))
                boards = exact, exact.astype(np.float32)
                parts.append(self._search(boards, fixed, slice(lane, lane + 1), first))
        else:
            parts = [self._search(self._board(number, policy), fixed, slice(0, needed), first)]
        wage, price, spending, error, steps = (
            np.concatenate([getattr(one, name) for one in parts])
            for name in ("log_wage", "log_price", "log_spending", "error", "steps")
        )
        certificate = Certificate(error <= TOLERANCE, error, steps)
        every = [*range(needed), *[needed - 1] * (lanes - needed)]
        found = TradeState(wage, price, spending), certificate
        return jax.tree.map(lambda leaf: leaf[every], found)

    def _prepared(
        self, policy: TradePolicy, given: TradeParameters, part: float | None = None
    ) -> Prepared:
        if part is None:
            fixed = lift.prepare(self.base, policy, given, self.aids)
        else:
            fixed = lift.prepare_part(self.base, policy, given, self.aids, part)
        return jax.tree.map(np.asarray, fixed)

    def _search(self, boards: Boards, fixed: Prepared, lanes: slice, first: tuple) -> Found:
        exact, rough = boards
        by_lane = (fixed.theta, fixed.tied, fixed.tied_net, fixed.pace)
        theta, tied, tied_net, pace = (np.asarray(table)[lanes] for table in by_lane)
        deficit, zone = np.asarray(fixed.deficit), np.asarray(fixed.zone)
        draws = draws_of(exact, theta, tied, tied_net, pace, deficit, zone)
        newton = self._newton(theta)
        return trade_search.search(exact, draws, self.rule, first, newton=newton, rough=rough)

    def _board(self, number: int, policy: TradePolicy) -> Boards:
        """Return the board of a scenario, in double and in single precision."""
        with self._lock:
            if number in self._boards:
                self._boards.move_to_end(number)
                return self._boards[number]
        pairs = np.asarray(policy.origin), np.asarray(policy.destination)
        exact = board(self.base, self.aids, *pairs, np.asarray(policy.tariff))
        boards = exact, exact.astype(np.float32)
        with self._lock:
            self._boards[number] = boards
            while len(self._boards) > KEPT:
                self._boards.popitem(last=False)
        return boards
