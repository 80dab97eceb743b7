"""What a state's next move may depend on: its own past, and the positions of those tied to it.

One session to the next, the position of state i moves by

    change_i = own_level * (level_i - theta_i) + own_move * change_i of last session
               + sum over ties k of gap_k * sum_j w_ij^k (theta_j - theta_i)
               + sum over ties k of move_k * sum_j w_ij^k (last change of j) + common + error

(partial adjustment; the weights of a row sum to one, or to zero where a state has no such tie).
`level` is the smoothed past position, which takes up errors of measurement in the last one. The
same arithmetic serves the estimate, the forecast and the answer to a scenario.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from detente.errors import ScenarioError

# Weight of the newest position in the smoothed one: fixed before any score was seen.
SMOOTHING = 0.5
# Scale of the likeness of regimes (polyarchy 0-1) and of nearness (km between capitals).
REGIME_SCALE = 0.1
DISTANCE_SCALE = 1000.0
OWN = ("own_level", "own_move")


@dataclass(frozen=True)
class Ties:
    """Row weights by kind of tie.

    Attributes
    ----------
    weights : for each kind, an array [country, country]; row i says whose positions bear on i
    """

    weights: Mapping[str, np.ndarray] = field(default_factory=dict)


def row_weights(strength: np.ndarray, present: np.ndarray | None = None) -> np.ndarray:
    """Return weights that add to one along each row, or to zero where there is no tie.

    Parameters
    ----------
    strength
        Strength of ties [country, country], >= 0; the diagonal is not read.
    present
        Countries with a known position; others weigh nothing. All, if absent.

    Examples
    --------
    >>> row_weights(np.array([[9.0, 1.0, 3.0], [0.0, 0.0, 0.0], [2.0, 0.0, 0.0]])).tolist()
    [[0.0, 0.25, 0.75], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    weights = np.array(strength, dtype=float)
    np.fill_diagonal(weights, 0.0)
    if present is not None:
        weights = weights * np.asarray(present, dtype=float)[None, :]
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)


def likeness(values: np.ndarray, scale: float = REGIME_SCALE) -> np.ndarray:
    """Return exp(-|difference| / scale) of all pairs; zero where a value is not known.

    Examples
    --------
    >>> likeness(np.array([0.9, 0.8, np.nan])).round(2).tolist()
    [[1.0, 0.37, 0.0], [0.37, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    return np.nan_to_num(np.exp(-np.abs(values[:, None] - values[None, :]) / scale))


def exposures(
    position: np.ndarray,
    change: np.ndarray,
    level: np.ndarray,
    ties: Ties,
    terms: Sequence[str],
) -> np.ndarray:
    """Return the terms that the next change is a weighted sum of.

    Parameters
    ----------
    position, change, level
        Position, last change and smoothed position, [..., country], finite (zero for absent
        countries, which no tie weighs).
    ties
        Row weights by kind.
    terms
        `own_level`, `own_move`, `KIND_gap`, `KIND_move`.

    Returns
    -------
    numpy.ndarray
        [term, ..., country], in units of position.

    Raises
    ------
    ScenarioError
        If a term names a tie that is not given.

    Examples
    --------
    >>> ties = Ties({"allies": row_weights(np.ones((2, 2)))})
    >>> zero = np.zeros(2)
    >>> exposures(np.array([1.0, -1.0]), zero, zero, ties, ["allies_gap"]).tolist()
    [[-2.0, 2.0]]
    """
    found = []
    for term in terms:
        if term == "own_level":
            found.append(level - position)
            continue
        if term == "own_move":
            found.append(change)
            continue
        kind, _, form = term.rpartition("_")
        if kind not in ties.weights or form not in ("gap", "move"):
            have = ", ".join(ties.weights) or "none"
            raise ScenarioError(f"term '{term}' needs a tie '{kind}'; the ties given are: {have}")
        weight = ties.weights[kind]
        if form == "gap":
            found.append(position @ weight.T - weight.sum(axis=1) * position)
        else:
            found.append(change @ weight.T)
    return np.array(found).reshape(len(found), *position.shape)


def smoothed(level: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Return the smoothed position after a new one.

    Examples
    --------
    >>> smoothed(np.array([0.0]), np.array([1.0])).tolist()
    [0.5]
    """
    return SMOOTHING * position + (1 - SMOOTHING) * level


def path(
    position: np.ndarray,
    change: np.ndarray,
    level: np.ndarray,
    ties: Ties,
    coefficients: np.ndarray,
    terms: Sequence[str],
    horizon: int,
    held: np.ndarray | None = None,
    centred: np.ndarray | None = None,
) -> np.ndarray:
    """Return positions one to `horizon` sessions ahead, with ties as they are now.

    Parameters
    ----------
    position, change, level
        As in `exposures`, [country].
    ties, terms
        As in `exposures`.
    coefficients
        One row a draw, one column a term.
    horizon
        Number of sessions.
    held
        Countries whose position stays as given (True), if any.
    centred
        Countries whose changes are taken from their mean: a forecast says nothing of what is
        common to all. None leaves changes as they are.

    Returns
    -------
    numpy.ndarray
        [draw, session, country].

    Examples
    --------
    >>> ties, zero = Ties({"allies": row_weights(np.ones((2, 2)))}), np.zeros(2)
    >>> start = np.array([1.0, -1.0])
    >>> path(start, zero, start, ties, np.array([[0.25]]), ["allies_gap"], 2)[0].tolist()
    [[0.5, -0.5], [0.25, -0.25]]
    """
    draws, count = len(coefficients), len(position)
    now, moved, past = (np.tile(x, (draws, 1)) for x in (position, change, level))
    found = np.zeros((draws, horizon, count))
    for session in range(horizon):
        parts = exposures(now, moved, past, ties, terms)
        moved = np.einsum("nk,knc->nc", coefficients, parts)
        if held is not None:
            moved = np.where(held, 0.0, moved)
        if centred is not None:
            mean = moved[:, centred].mean(axis=1, keepdims=True)
            moved = np.where(centred, moved - mean, 0.0)
        now = now + moved
        past = smoothed(past, now)
        found[:, session] = now
    return found
