"""Who of two states starts a dispute: a scored logit on the ratio of their outputs."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from detente.data import records

RECORD = "initiators.json"


def read_record() -> Mapping[str, Any]:
    """Return the estimate with its scores, as `detente.data.estimate.initiators` wrote it.

    Raises
    ------
    DataError
        If the file is missing from the installation.
    """
    return records.read_record(RECORD, "initiators")


def initiator_slope() -> tuple[float, float]:
    """Return slope and standard error: log-odds of starting per log of the GDP ratio.

    Examples
    --------
    >>> slope, error = initiator_slope()
    >>> 0 < error < slope
    True
    """
    fit = read_record()["fits"]["gdp"]
    return float(fit["coefficient"][0]), float(fit["se"][0])


def challenger_share(gdp: np.ndarray, slope: float) -> np.ndarray:
    """Return the chance that the row's state is the challenger, given a dispute of the pair.

    Parameters
    ----------
    gdp
        Gross domestic products, any one unit, [country], > 0.
    slope
        Log-odds per log ratio.

    Returns
    -------
    numpy.ndarray
        [country, country]; the shares of a pair add to one.

    Notes
    -----
    The slope comes from GDP at purchasing power; a world's is at exchange rates.

    Examples
    --------
    >>> challenger_share(np.array([1.0, 3.0]), 1.0).tolist()
    [[0.5, 0.25], [0.75, 0.5]]
    """
    pull = np.asarray(gdp, dtype=float) ** slope
    return pull[:, None] / (pull[:, None] + pull[None, :])
