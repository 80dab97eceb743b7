"""How errors of General Assembly positions hang together: loadings on a few common factors.

Positions of one session are estimated from the same votes, so their errors are correlated, and the
spread of a distance is not that of two independent errors. Published positions come with a spread
for each state and no more. The correlation is therefore estimated here, from the joint posterior of
sessions 68 to 78, and shipped as loadings: `python -m detente.alignment.position_factors --raw DIR`
writes them (about two minutes).
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

FILE = "position_factors.csv"
FIRST, LAST = 68, 78
FACTORS = 4
DRAWS, WARMUP, THIN = 4000, 1500, 4


@cache
def _table() -> pd.DataFrame:
    file = resources.files("detente.alignment").joinpath(FILE)
    with file.open(encoding="utf-8") as stream:
        return pd.read_csv(stream, index_col="iso3", keep_default_na=False)


def position_factors(countries: Sequence[str]) -> np.ndarray:
    """Return the loadings of each state's error on the common factors.

    Parameters
    ----------
    countries
        ISO3 codes.

    Returns
    -------
    numpy.ndarray
        [country, factor]; zero for a state that was not in the estimate, whose error is then
        independent of all others. With f and e standard normal, `loading @ f +
        sqrt(1 - sum of squares) * e` is a standardised error.

    Notes
    -----
    Principal axes of the posterior correlation of positions in session 78, with what is left
    taken as each state's own. Scale and sessions: docs/explanation/ideal-points.md.

    Examples
    --------
    >>> loading = position_factors(["USA", "FRA", "TWN"])
    >>> loading.shape, float(abs(loading[2]).max()), bool((loading**2).sum(axis=1).max() < 1)
    ((3, 4), 0.0, True)
    """
    return _table().reindex(list(countries)).fillna(0.0).to_numpy(dtype=float)


def correlated(loading: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return one standard normal error a state, correlated through the common factors.

    Parameters
    ----------
    loading
        [country, factor], as from `position_factors`.
    random
        Own errors are drawn first, so that they do not depend on the number of factors.

    Examples
    --------
    >>> correlated(np.zeros((3, 2)), np.random.default_rng(1)).shape
    (3,)
    """
    own = random.standard_normal(len(loading))
    common = random.standard_normal(loading.shape[1])
    rest = np.sqrt(np.maximum(1.0 - (loading**2).sum(axis=1), 0.0))
    return loading @ common + rest * own


def loadings_of(correlation: np.ndarray, factors: int = FACTORS) -> np.ndarray:
    """Return loadings [state, factor] that come nearest to a correlation off its diagonal.

    Principal axis factoring: what a state does not share is taken out of the diagonal and found
    again, until it rests.

    Examples
    --------
    >>> given = np.array([0.6, 0.5, -0.4])
    >>> found = loadings_of(np.outer(given, given) + np.diag(1 - given**2), 1)
    >>> np.abs(found[:, 0]).round(3).tolist()
    [0.6, 0.5, 0.4]
    """
    shared = np.full(len(correlation), 0.5)
    found = np.zeros((len(correlation), factors))
    for _ in range(500):
        reduced = correlation - np.diag(np.diag(correlation) - shared)
        values, vectors = np.linalg.eigh(reduced)
        found = vectors[:, -factors:] * np.sqrt(np.maximum(values[-factors:], 0.0))
        before, shared = shared, np.minimum((found**2).sum(axis=1), 0.98)
        if np.abs(shared - before).max() < 1e-7:
            break
    found = found[:, ::-1]
    # A factor has no sign: the sum of its loadings is made positive.
    return found * np.where(found.sum(axis=0) < 0, -1.0, 1.0)


def posterior_correlation(raw: Path | str | None, seed: int = 1) -> pd.DataFrame:
    """Return the posterior correlation of positions in the last session, state by state.

    Raises
    ------
    MissingDataError
        No raw tables.
    """
    from detente.alignment import UN_ANCHORS, fit_ideal_points, un_bridge, un_votes

    votes = un_votes(raw, first=FIRST, last=LAST)
    here = set(votes["voter"])
    anchors = {code: at for code, at in UN_ANCHORS.items() if code in here}
    found = fit_ideal_points(
        votes, un_bridge(raw), draws=DRAWS, warmup=WARMUP, thin=THIN, seed=seed, anchors=anchors,
        method="joint",
    ).draws  # fmt: skip
    found = found.isel(position=np.flatnonzero(found["period"].values == LAST))
    # Each chain about its own mean: the rest of a difference between chains is no correlation.
    values = found.values - found.values.mean(axis=1, keepdims=True)
    flat = values.reshape(-1, values.shape[2])
    names = found["voter"].values
    return pd.DataFrame(np.corrcoef(flat.T), index=names, columns=names)


def main() -> None:
    """Estimate the loadings and write the table beside this file."""
    import argparse

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--raw", type=Path, default=None, help="folder of raw tables")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name(FILE))
    given = parser.parse_args()
    correlation = posterior_correlation(given.raw)
    table = pd.DataFrame(
        loadings_of(correlation.to_numpy()),
        index=pd.Index(correlation.index, name="iso3"),
        columns=[f"factor{n + 1}" for n in range(FACTORS)],
    )
    table.round(4).sort_index().to_csv(given.out)


if __name__ == "__main__":
    main()
