"""How alike the portfolios of two states are: S, chance-corrected kappa and pi, and tau-b.

A portfolio is a row of whole-number categories: what a state has with each partner (alliances
0-3), or how it voted on each item (1-3). Every dyad is computed at once from one-hot matrices:
with O_a the 0/1 matrix of "actor i has category a with partner k", O_a W O_b' counts for all
dyads how often one has a where the other has b.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest

MEASURES = ("S", "kappa", "pi", "tau_b")
DISTANCES = ("linear", "squared", "nominal")
MOST_LEVELS = 12
NONE = 1e-12  # an expected disagreement below this share of its scale is none at all


def similarity(
    portfolios: pd.DataFrame,
    measure: str = "pi",
    distance: str = "squared",
    weights: pd.Series | None = None,
    levels: Sequence[int] | None = None,
    least: int = 1,
) -> pd.DataFrame:
    """Return the similarity of each two rows of a table of categories.

    Parameters
    ----------
    portfolios
        Actors in rows, partners or items in columns; whole numbers, NaN where missing.
    measure
        `S` (Signorino & Ritter 1999), `kappa` (Cohen 1960, 1968: each state's own shares of
        categories), `pi` (Scott 1955: their common shares), `tau_b` (Kendall 1945).
    distance
        How far two categories are apart: `linear` |a - b|, `squared` (a - b)^2, `nominal` [a != b].
        `tau_b` uses their order only.
    weights
        Weight of each partner, by column name, zero or more; one for each without it.
    levels
        The categories that exist; those in the table without it. S depends on their range.
    least
        Common entries that a dyad needs; with fewer it is NaN.

    Returns
    -------
    DataFrame
        Actors by actors, symmetric. NaN where it is undefined: no common entry, or no disagreement
        expected by chance because a portfolio is constant (0/0). It is never filled with 1.

    Raises
    ------
    WorldError
        If a category is no whole number, a name occurs twice, a weight is wrong, or a word is
        unknown.

    Notes
    -----
    With w_k the weights, d the distance, and p the shares of categories among common entries::

        S     = 1 - 2 sum_k w_k d(x_k, y_k) / (d_max sum_k w_k)
        kappa = 1 - mean_k d(x_k, y_k) / sum_ab d(a, b) p_x(a) p_y(b)
        pi    = 1 - mean_k d(x_k, y_k) / sum_ab d(a, b) m(a) m(b),   m = (p_x + p_y) / 2
        tau_b = (concordant - discordant) / sqrt((n0 - ties_x) (n0 - ties_y))

    S is no measure of agreement where most entries are zero for everybody: see the page on
    similarity.

    Examples
    --------
    >>> table = pd.DataFrame({"P": [3, 3, 0], "Q": [0, 0, 3], "R": [0, 3, 0]}, index=list("ABC"))
    >>> similarity(table, "kappa").loc["A", "B"].round(3).item()
    0.4
    >>> similarity(table.assign(P=0, Q=0, R=0), "pi").isna().all().all().item()
    True
    """
    _word(measure, MEASURES, "measure")
    _word(distance, DISTANCES, "distance")
    values, scale = _categories(portfolios, levels)
    weight = _weights(portfolios, weights, measure)
    hot = np.stack([(values == level).astype(float) for level in scale])
    seen = hot.sum(axis=0)
    if measure == "tau_b":
        result = _tau_b(hot, seen)
    else:
        far = _distances(scale, distance)
        result = _against_chance(hot, seen, weight, far, measure)
    result[seen @ seen.T < max(least, 1)] = np.nan
    names = portfolios.index
    return pd.DataFrame(result, index=names, columns=names)


def alliance_levels(mask: np.ndarray, own: int = 3) -> np.ndarray:
    """Return the levels 0-3 of a matrix of alliance bit masks, as portfolios use them.

    Parameters
    ----------
    mask
        The layer `alliance` (origin by destination): bits 1 and 2 defence, 4 and 8 consultation,
        16 and 32 nonaggression.
    own
        Entry of a state with itself; the convention moves S by about 0.02.

    Returns
    -------
    numpy.ndarray
        3 defence, 2 consultation, 1 nonaggression, 0 none: the highest that is in force.

    Examples
    --------
    >>> alliance_levels(np.array([[0, 12], [48, 0]])).tolist()
    [[3, 2], [1, 3]]
    """
    bits = np.asarray(mask).astype(np.int64)
    levels = np.select([(bits & 3) > 0, (bits & 12) > 0, (bits & 48) > 0], [3, 2, 1], 0)
    np.fill_diagonal(levels, own)
    return levels


def _against_chance(
    hot: np.ndarray, seen: np.ndarray, weight: np.ndarray, far: np.ndarray, measure: str
) -> np.ndarray:
    total = (seen * weight) @ seen.T
    weighted = hot * weight
    apart = np.zeros_like(total)
    for level, row in zip(weighted, far, strict=True):
        apart += level @ np.tensordot(row, hot, axes=1).T
    if measure == "S":
        top = far.max() * total
        return 1 - 2 * _ratio(apart, top, top > 0)
    shares = [_ratio(level @ seen.T, total, total > 0) for level in weighted]  # p_x(a), by dyad
    other = [share.T for share in shares]
    if measure == "pi":
        shares = other = [(one + two) / 2 for one, two in zip(shares, other, strict=True)]
    chance = np.zeros_like(total)
    for a, b in product(range(len(far)), repeat=2):
        if far[a, b]:
            chance += far[a, b] * shares[a] * other[b]
    defined = (total > 0) & (chance > NONE * max(far.max(), 1.0))
    return 1 - _ratio(_ratio(apart, total, total > 0), chance, defined)


def _tau_b(hot: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return tau-b of each two rows from their joint tables."""
    count = len(hot)
    joint = [[one @ two.T for two in hot] for one in hot]
    total = seen @ seen.T
    pairs = total * (total - 1) / 2
    excess = np.zeros_like(total)
    for a, b in product(range(count), repeat=2):
        above = sum((joint[c][d] for c in range(a + 1, count) for d in range(b + 1, count)), 0.0)
        below = sum((joint[c][d] for c in range(a + 1, count) for d in range(b)), 0.0)
        excess += joint[a][b] * (above - below)
    ties = np.zeros_like(total)
    for level in hot:
        held = level @ seen.T
        ties += held * (held - 1) / 2
    under = (pairs - ties) * (pairs - ties.T)
    return _ratio(excess, np.sqrt(np.maximum(under, 0.0)), under > 0)


def _ratio(above: np.ndarray, below: np.ndarray, defined: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=defined)


def _distances(scale: np.ndarray, distance: str) -> np.ndarray:
    gap = np.abs(scale[:, None] - scale[None, :]).astype(float)
    return {"linear": gap, "squared": gap**2, "nominal": (gap > 0).astype(float)}[distance]


def _categories(
    portfolios: pd.DataFrame, levels: Sequence[int] | None
) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(portfolios, pd.DataFrame) or portfolios.empty:
        raise WorldError("portfolios must be a DataFrame, actors in rows, partners in columns")
    for names, what in ((portfolios.index, "actor"), (portfolios.columns, "partner")):
        if not names.is_unique:
            twice = names[names.duplicated()][0]
            raise WorldError(f"portfolios name the {what} {twice!r} twice")
    try:
        values = portfolios.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise WorldError(f"portfolios hold something that is no number: {error}") from error
    known = ~np.isnan(values)
    _no_cell(known & (values != np.round(values)), portfolios, "is no whole-number category")
    found = np.unique(values[known])
    scale = found if levels is None else np.unique(np.asarray(levels, dtype=float))
    if not len(scale):
        raise WorldError("portfolios are all missing: there is nothing to compare")
    if len(scale) > MOST_LEVELS:
        raise WorldError(
            f"portfolios have {len(scale)} categories; {MOST_LEVELS} at most. Group them first"
        )
    _no_cell(known & ~np.isin(values, scale), portfolios, f"is not among levels {scale.tolist()}")
    return values, scale


def _no_cell(wrong: np.ndarray, portfolios: pd.DataFrame, what: str) -> None:
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        cell = portfolios.iloc[row, column]
        where = f"{portfolios.index[row]}, {portfolios.columns[column]}"
        raise WorldError(f"portfolios at {where}: {cell!r} {what}")


def _weights(portfolios: pd.DataFrame, weights: pd.Series | None, measure: str) -> np.ndarray:
    if weights is None:
        return np.ones(portfolios.shape[1])
    if measure == "tau_b":
        raise WorldError("tau_b counts pairs of partners and takes no weights")
    lacking = [name for name in portfolios.columns if name not in weights.index]
    if lacking:
        raise WorldError(f"weights lack the partner {lacking[0]!r}")
    weight = weights.reindex(portfolios.columns).to_numpy(dtype=float)
    wrong = ~(np.isfinite(weight) & (weight >= 0))
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise WorldError(
            f"weight of {portfolios.columns[where]!r} is {weight[where]}; it must be zero or more"
        )
    return weight


def _word(word: str, known: tuple[str, ...], what: str) -> None:
    if word not in known:
        raise WorldError(
            f"unknown {what} {word!r}{nearest(str(word), known)}. Known: {', '.join(known)}"
        )
