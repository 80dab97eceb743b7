"""Which parameters a conclusion hangs on: their shares of its variance."""

import functools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

# Fewer draws per varying parameter than this, and the regression explains noise.
DRAWS_PER_PARAMETER = 2
# A parameter that explains less of the variance is named as no driver; an idle one gets about one
# part in the number of draws by chance.
SMALLEST_SHARE = 0.01


@dataclass(frozen=True)
class VarianceShares:
    """Shares of the variance of an answer by parameter, largest first.

    Attributes
    ----------
    shares
        Parameter and share of the variance; they add to `r2`.
    r2
        Share of the variance that the regression explains; None when it was not fitted.
    fit
        `linear`, `rank` (of ranks, where that fits better) or `none`.
    note
        Why there are no shares, or an empty string.
    """

    shares: tuple[tuple[str, float], ...]
    r2: float | None
    fit: str
    note: str = ""


def variance_shares(parameters: pd.DataFrame, values: np.ndarray) -> VarianceShares:
    """Return how much of the variance of `values` each parameter explains.

    Squared standardised regression coefficients, scaled to the explained variance: for parameters
    that are drawn independently, as those of an ensemble are, each is the share of its own.

    Parameters
    ----------
    parameters
        [draw, parameter] drawn values.
    values
        [draw] the answer.

    Notes
    -----
    Saltelli et al. (2008), Global Sensitivity Analysis, section 1.2.5. A sum of squares over few
    draws gives every idle parameter about one part in the number of draws.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [0.0, 1, 2, 3, 4, 5], "b": [1.0, 0, 0, 1, 1, 0]})
    >>> variance_shares(table, 3 * table["a"].to_numpy()).shares[0]
    ('a', 1.0)
    """
    numbers = parameters.to_numpy(dtype=float)
    varies = np.ptp(numbers, axis=0) > 1e-12 * np.maximum(np.abs(numbers).max(axis=0), 1e-300)
    names = [str(name) for name in parameters.columns[varies]]
    if len(values) < 3 or np.ptp(values) <= 1e-9 * max(float(np.abs(values).max()), 1e-300):
        return VarianceShares((), None, "none", "the answer does not vary over the draws")
    if len(values) < DRAWS_PER_PARAMETER * len(names) + 2:
        note = f"{len(values)} draws are too few to tell {len(names)} parameters apart"
        return VarianceShares((), None, "none", note)
    if not names:
        return VarianceShares((), None, "none", "no parameter varies over the draws")
    columns = numbers[:, varies]
    weights, fit = _squared_slopes(columns, values), "linear"
    ranked = _squared_slopes(_ranks(columns), _ranks(values[:, None])[:, 0])
    if ranked.sum() > weights.sum() + 0.02:
        weights, fit = ranked, "rank"
    order = np.argsort(-weights, kind="stable")
    found = tuple((names[n], round(float(weights[n]), 12)) for n in order)
    return VarianceShares(found, float(weights.sum()), fit)


def beyond_chance(found: VarianceShares, draws: int, note: str) -> VarianceShares:
    """Return shares of variance less what a regression on so few draws explains of noise.

    Parameters
    ----------
    found
        Of `variance_shares`.
    draws
        Number of draws.
    note
        Said where nothing is left.

    Notes
    -----
    The explained variance is adjusted by its degrees of freedom, and the shares in proportion.

    Examples
    --------
    >>> found = VarianceShares((("a", 0.4), ("b", 0.1)), 0.5, "linear")
    >>> beyond_chance(found, 13, "").r2, beyond_chance(found, 4, "nothing left").note
    (0.4, 'nothing left')
    """
    free = draws - len(found.shares) - 1
    if found.r2 is None:
        return found
    left = 1.0 - (1.0 - found.r2) * (draws - 1) / free if free > 0 else 0.0
    if left <= 0:
        return VarianceShares((), 0.0, found.fit, note)
    kept = tuple((name, share * left / found.r2) for name, share in found.shares)
    return VarianceShares(kept, left, found.fit)


def named(found: VarianceShares, smallest: float = SMALLEST_SHARE) -> VarianceShares:
    """Return the shares that are large enough to be named.

    Parameters
    ----------
    found
        Of `variance_shares`.
    smallest
        Share of the variance below which a parameter is left out.

    Examples
    --------
    >>> named(VarianceShares((("a", 0.9), ("b", 0.004)), 0.904, "linear")).shares
    (('a', 0.9),)
    """
    kept = tuple(pair for pair in found.shares if pair[1] >= smallest)
    none = f"no parameter explains {smallest:.0%} of the variance"
    note = none if found.shares and not kept else found.note
    return replace(found, shares=kept, note=note)


def _ranks(columns: np.ndarray) -> np.ndarray:
    return pd.DataFrame(columns).rank().to_numpy()


def _squared_slopes(columns: np.ndarray, values: np.ndarray) -> np.ndarray:
    x = np.ascontiguousarray((columns - columns.mean(axis=0)) / columns.std(axis=0))
    y = (values - values.mean()) / values.std()
    slopes = _pseudoinverse(x.tobytes(), len(y)) @ y
    explained = 1.0 - float(np.mean((y - x @ slopes) ** 2))
    squares = slopes**2
    return squares * (explained / squares.sum()) if squares.sum() > 0 else squares


@functools.lru_cache(maxsize=16)
def _pseudoinverse(table: bytes, draws: int) -> np.ndarray:
    """Return the solver of least squares for a table of draws, which many answers share."""
    x = np.frombuffer(table).reshape(draws, -1)
    return np.linalg.pinv(x, rcond=np.finfo(float).eps * max(x.shape))
