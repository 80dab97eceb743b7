"""The split of the risk models, in one place: what is fitted, what is chosen on, what is judged."""

import numpy as np

from detente.data.estimate.disputes_features import Rows
from detente.errors import DataError

# The one constant: no row later than this year enters a fit that is judged.
LAST_TRAINING_YEAR = 1989
FIRST_TRAINING_YEAR = 1946
LAST_TEST_YEAR = 2010
# Choices (memory, settings) are made inside the training years: fit to 1979, look at 1980-1989.
LAST_CHOICE_YEAR = 1979
# Rows without an event, not contiguous and without a dispute in RECENT_YEARS, are sampled.
SHARE_KEPT, RECENT_YEARS, SEED = 0.1, 40, 1946


def training(year: np.ndarray, last: int = LAST_TRAINING_YEAR) -> np.ndarray:
    """Return which rows may enter a fit that is judged after `last`."""
    return (year >= FIRST_TRAINING_YEAR) & (year <= last)


def judged(
    year: np.ndarray, last: int = LAST_TRAINING_YEAR, end: int = LAST_TEST_YEAR
) -> np.ndarray:
    """Return which rows a fit up to `last` is judged on."""
    return (year > last) & (year <= end)


def refuse_leak(fitted: np.ndarray, last: int = LAST_TRAINING_YEAR) -> None:
    """Raise if a row later than the split was fitted.

    Raises
    ------
    DataError
        Naming the latest year.

    Examples
    --------
    >>> refuse_leak(np.array([1946, 1989]))
    >>> refuse_leak(np.array([1990]))
    Traceback (most recent call last):
    detente.errors.DataError: a row of 1990 was to be fitted; the split is at 1989
    """
    if len(fitted) and fitted.max() > last:
        raise DataError(f"a row of {fitted.max()} was to be fitted; the split is at {last}")


def sample(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are kept for a fit, and their weights (King & Zeng 2001)."""
    column = rows.columns
    hot = (rows.onset > 0) | (column["contiguity"] > 0) | (column["since"] < RECENT_YEARS)
    lucky = np.random.default_rng(SEED).random(len(rows.year)) < SHARE_KEPT
    return hot | lucky, np.where(hot, 1.0, 1 / SHARE_KEPT)
