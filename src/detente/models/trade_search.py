"""The search for an equilibrium: far off in single precision, then near in differences.

What neither reaches is sought in double precision. Where a search ends is certified by `trade` with
its own equations.

Scenarios with quotas or export taxes, labour that cannot change its sector, and returns to scale
have more unknowns; `lanes` searches for those.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from detente.models import mixing
from detente.models.trade import LAST, TOLERANCE
from detente.models.trade_board import Board, in_kind
from detente.models.trade_map import Draws, Map
from detente.models.trade_near import Near, reference
from detente.models.trade_response import Newton

Table = np.ndarray
# Searches that end take some ten steps, and a hundred where shocks are large.
MOST_STEPS = 300
# A search in which all wages move together either ends within these or not at all.
FEW_STEPS = 80
# A search begins in single precision, at half the cost, and leaves it at this error, near which
# rounding begins to show.
ROUGH, MOST_ROUGH_STEPS = 3e-5, 14
# Differences from there are known to seven digits.
MOST_NEAR_STEPS = 12


@dataclass(frozen=True)
class Found:
    """Where the searches ended, draw by draw: logs of wages, prices and spending.

    Attributes
    ----------
    log_wage, log_price, log_spending : as in `trade_hat.TradeState`
    ended : whether the search says that it has ended
    error : largest relative change that one more step would make; where the last step was not
        judged any more, that of the step before
    steps : taken
    """

    log_wage: Float[Table, "l c"]
    log_price: Float[Table, "l s c"]
    log_spending: Float[Table, "l s c"]
    ended: Bool[Table, " l"]
    error: Float[Table, " l"]
    steps: Int[Table, " l"]


def search(
    board: Board,
    draws: Draws,
    rule: str,
    start: tuple[Table, Table, Table],
    tolerance: float = TOLERANCE,
    newton: Newton | None = None,
    rough: Board | None = None,
) -> Found:
    """Search for the equilibria of one scenario in several draws.

    Parameters
    ----------
    board, draws, rule, newton
        See `Map`.
    start
        Log wages [c], log prices and log spending [s, c] where every search begins.
    tolerance
        Bound on the relative change that one more step makes; a search in differences stops at
        `trade.LAST` times it and takes that step.
    rough
        The board in single precision; the search then begins with it.
    """
    move = Map(board, draws, rule, newton)
    wage, price, spending = (np.asarray(part).T for part in start)
    first = np.concatenate([wage[:, None], price, spending], axis=1).reshape(-1, 1)
    first = np.repeat(first, move.lanes, axis=1)
    found = _State(first.copy(), np.full(move.lanes, np.inf), np.zeros(move.lanes, int))
    memory = mixing.MEMORY if newton is None else mixing.SHORT_MEMORY
    past = mixing.Past.empty(move.lanes, len(first), memory)
    ended = np.zeros(move.lanes, bool)
    with np.errstate(all="ignore"):  # a search that runs away says so by its error
        if rough is not None:
            _roughly(Map(rough, in_kind(draws, np.float32), rule, newton), found, past)
            _closely(move, rough, found, past, tolerance)
            ended = found.error <= LAST * tolerance
        if not ended.all():
            most = MOST_STEPS if newton is None else FEW_STEPS
            _exactly(move, found, past, ~ended, tolerance, most)
            ended |= found.error <= tolerance
        if newton is not None and not ended.all():
            # Far from the base wages respond otherwise; short steps of each wage are safe.
            found.state[:, ~ended] = first[:, ~ended]
            past = mixing.Past.empty(move.lanes, len(first))
            _exactly(Map(board, draws, rule), found, past, ~ended, tolerance, MOST_STEPS)
            ended |= found.error <= tolerance
    wage, price, spending = move.split(found.state)
    return Found(
        np.ascontiguousarray(wage.T),
        np.ascontiguousarray(price.transpose(2, 1, 0)),
        np.ascontiguousarray(spending.transpose(2, 1, 0)),
        ended,
        found.error,
        found.steps,
    )


@dataclass
class _State:
    """How far the searches have come: states, errors and steps of all draws."""

    state: Float[Table, "m l"]
    error: Float[Table, " l"]
    steps: Int[Table, " l"]


def _roughly(move: Map, found: _State, past: mixing.Past) -> None:
    """Search in single precision; lanes that lose their way there return to where they began."""
    begin = found.state.astype(move.kind)
    ended = mixing.fixed_points(
        move, begin, move.weights(), ROUGH, MOST_ROUGH_STEPS, past, onward=True
    )
    lost = ~(ended.error < 1)
    past.forget(lost)
    found.state = np.where(lost, found.state, ended.state)
    found.steps += ended.steps


def _closely(move: Map, rough: Board, found: _State, past: mixing.Past, tolerance: float) -> None:
    """Search in differences from a state; lanes that come no closer stay where they were."""
    at = reference(move, found.state)
    near = Near(move, rough, at)
    begin, weights = np.zeros(found.state.shape, np.float32), near.weights()
    ended = mixing.fixed_points(
        near, begin, weights, LAST * tolerance, MOST_NEAR_STEPS, past, onward=True
    )
    lost = ~(ended.error < at.error())
    past.forget(lost)
    found.state = found.state + np.where(lost, 0.0, ended.state)
    found.error = np.where(lost, np.inf, ended.error)
    found.steps += ended.steps


def _exactly(
    move: Map,
    found: _State,
    past: mixing.Past,
    lanes: Bool[Table, " l"],
    tolerance: float,
    most: int,
) -> None:
    """Search in double precision where some lanes are; the others stay as they are."""
    kept = mixing.in_blocks(lanes)
    begin = np.ascontiguousarray(found.state[:, kept])
    ended = mixing.fixed_points(
        move.only(kept), begin, move.weights()[:, kept], tolerance, most, past.only(kept)
    )
    mine = lanes[kept]
    found.state[:, lanes] = ended.state[:, mine]
    found.error[lanes] = ended.error[mine]
    found.steps[lanes] += ended.steps[mine]
