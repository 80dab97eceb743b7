"""The search for an equilibrium in three parts: far in single precision, near, and to the end.

Where a search ends is certified by `trade` with its own equations.

Scenarios with quotas or export taxes, labour that cannot change its sector, and returns to scale
have more unknowns; `lanes` searches for those.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from detente.models import mixing
from detente.models.trade import TOLERANCE
from detente.models.trade_board import Board, in_kind
from detente.models.trade_map import Draws, Map
from detente.models.trade_near import Near, reference
from detente.models.trade_response import Newton

Table = np.ndarray
# Searches that end take some twenty steps, and a hundred where shocks are large.
MOST_STEPS = 300
# A search in which all wages move together either ends within these or not at all.
FEW_STEPS = 80
# A search begins in single precision, at half the cost, and leaves it at this error.
ROUGH, MOST_ROUGH_STEPS = 1e-5, 14
# Differences from there are known to seven digits, and sought to this part of the tolerance.
NEAR, MOST_NEAR_STEPS = 0.7, 12


@dataclass(frozen=True)
class Found:
    """Where the searches ended, draw by draw: logs of wages, prices and spending.

    Attributes
    ----------
    log_wage, log_price, log_spending : as in `trade_hat.TradeState`
    error : largest relative change that one more step would make;  steps : taken
    """

    log_wage: Float[Table, "l c"]
    log_price: Float[Table, "l s c"]
    log_spending: Float[Table, "l s c"]
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
        Bound on the relative change that one more step makes.
    rough
        The board in single precision; the search then begins with it.
    """
    move = Map(board, draws, rule, newton)
    wage, price, spending = (np.asarray(part).T for part in start)
    first = np.concatenate([wage[:, None], price, spending], axis=1).reshape(-1, 1)
    first = np.repeat(first, move.lanes, axis=1)
    with np.errstate(all="ignore"):  # a search that runs away says so by its error
        steps, begin = np.zeros(move.lanes, int), first
        memory = mixing.MEMORY if newton is None else mixing.SHORT_MEMORY
        past = mixing.Past.empty(move.lanes, len(first), memory)
        if rough is not None:
            begin, steps = _roughly(
                Map(rough, in_kind(draws, np.float32), rule, newton), first, past
            )
            begin, more = _closely(move, rough, begin, past, tolerance)
            steps = steps + more
        most = MOST_STEPS if newton is None else FEW_STEPS
        ended = mixing.fixed_points(move, begin, move.weights(), tolerance, most, past)
        state, error, steps = ended.state, ended.error, steps + ended.steps
        lost = ~(error <= tolerance)
        if newton is not None and lost.any():
            # Far from the base wages respond otherwise; short steps of each wage are safe.
            safe = Map(board, draws, rule)
            again = mixing.fixed_points(safe, first, safe.weights(), tolerance, MOST_STEPS)
            state = np.where(lost, again.state, state)
            error = np.where(lost, again.error, error)
            steps = np.where(lost, steps + again.steps, steps)
    wage, price, spending = move.split(state)
    return Found(
        np.ascontiguousarray(wage.T),
        np.ascontiguousarray(price.transpose(2, 1, 0)),
        np.ascontiguousarray(spending.transpose(2, 1, 0)),
        error,
        steps,
    )


def _roughly(move: Map, first: Table, past: mixing.Past) -> tuple[Table, Int[Table, " l"]]:
    """Search in single precision; lanes that lose their way there return to where they began."""
    begin = first.astype(move.kind)
    ended = mixing.fixed_points(move, begin, move.weights(), ROUGH, MOST_ROUGH_STEPS, past)
    state, lost = ended.state.astype(first.dtype), ~(ended.error < 1)
    state[:, lost] = first[:, lost]
    past.forget(lost)
    return state, ended.steps


def _closely(
    move: Map, rough: Board, state: Table, past: mixing.Past, tolerance: float
) -> tuple[Table, Int[Table, " l"]]:
    """Search in differences from a state; lanes that come no closer stay where they were."""
    at = reference(move, state)
    near = Near(move, rough, at)
    begin, weights = np.zeros(state.shape, np.float32), near.weights()
    ended = mixing.fixed_points(near, begin, weights, NEAR * tolerance, MOST_NEAR_STEPS, past)
    lost = ~(ended.error < at.error())
    past.forget(lost)
    return state + np.where(lost, 0.0, ended.state), ended.steps
