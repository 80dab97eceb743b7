"""Fitting the response of third states, and its intervals: least squares with session effects."""

from collections.abc import Sequence

import numpy as np

from detente.alignment.response_terms import exposures
from detente.data.estimate.alignment_response_panel import Panel

Rows = list[tuple[np.ndarray, np.ndarray, np.ndarray]]


def design(panel: Panel, terms: Sequence[str]) -> Rows:
    """Return the terms, the next change and the states of each session but the last.

    Parameters
    ----------
    panel
        Positions and ties.
    terms
        Names of terms, as in `exposures`.

    Returns
    -------
    list
        For the place t of each origin: terms [state, term], change from t to t + 1 [state] and
        the columns of the states, for states that voted in both; not centred.
    """
    rows: Rows = []
    for t in range(len(panel.years) - 1):
        position, change, level, present = panel.state(t)
        ahead = panel.position[t + 1] - panel.position[t]
        states = np.flatnonzero(present & np.isfinite(ahead))
        parts = exposures(position, change, level, panel.ties[t], terms)
        rows.append((parts[:, states].T, ahead[states], states))
    return rows


def moments(rows: Rows, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return sums of products about the session means: [origin, term, term], [origin, term].

    Parameters
    ----------
    rows
        From `design`.
    weights
        Weight of each state (column of the panel); 1 if absent.
    """
    squares, products = [], []
    for parts, ahead, states in rows:
        weight = np.ones(len(states)) if weights is None else weights[states]
        total = max(weight.sum(), 1e-300)
        x = parts - weight @ parts / total
        y = ahead - weight @ ahead / total
        squares.append((x * weight[:, None]).T @ x)
        products.append((x * weight[:, None]).T @ y)
    return np.array(squares), np.array(products)


def solve(squares: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Return least-squares coefficients from sums of products.

    A term that never varies gets zero (China voted first in 1971), collinear terms share.

    Examples
    --------
    >>> solve(np.diag([4.0, 0.0]), np.array([2.0, 0.0])).tolist()
    [0.5, 0.0]
    """
    size = np.diag(squares)
    alive = size > 1e-9 * max(float(size.max()), 1e-9)
    scale = np.sqrt(size[alive])
    inside = squares[np.ix_(alive, alive)] / np.outer(scale, scale)
    found = np.zeros(len(products))
    found[alive] = np.linalg.lstsq(inside, products[alive] / scale, rcond=1e-10)[0] / scale
    return found


def rolling(rows: Rows) -> np.ndarray:
    """Return the coefficients that each origin could know: from changes that ended by then.

    Returns
    -------
    numpy.ndarray
        [origin, term]; the change from t - 1 to t is the last one used at t.
    """
    squares, products = moments(rows)
    before, ahead = np.cumsum(squares, axis=0), np.cumsum(products, axis=0)
    found = [
        solve(before[t - 1], ahead[t - 1]) if t else 0 * ahead[0] for t in range(len(rows) + 1)
    ]
    return np.array(found)


def bootstrap(rows: Rows, states: int, draws: int, seed: int) -> np.ndarray:
    """Return coefficients of samples of states and of sessions, both drawn with replacement.

    Drawing both (Owen 2007, Annals of Applied Statistics 1:386) keeps the errors that one state
    shares over time and those that one session shares over states; it is, if anything, wide.

    Parameters
    ----------
    rows
        From `design`.
    states
        Number of columns of the panel.
    draws, seed
        Number of samples and their seed.

    Returns
    -------
    numpy.ndarray
        [draw, term].
    """
    random = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        weights = np.bincount(random.integers(states, size=states), minlength=states)
        sessions = np.bincount(random.integers(len(rows), size=len(rows)), minlength=len(rows))
        squares, products = moments(rows, weights.astype(float))
        found.append(solve(np.tensordot(sessions, squares, 1), sessions @ products))
    return np.array(found)
