"""A user's tidy tables into labelled arrays, with every fault named by table and row."""

import difflib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest

ONE_SECTOR = "total"
SHOWN = 5


def tidy_table(table: object, name: str, keys: Sequence[str]) -> pd.DataFrame:
    """Check one table: columns, labels, duplicates, finite numbers.

    Parameters
    ----------
    table
        What the user gave.
    name
        Name of the argument, for messages.
    keys
        Label columns that must be there beside `value`.

    Raises
    ------
    WorldError
        Naming the table, the row and how to mend it.
    """
    if not isinstance(table, pd.DataFrame):
        raise WorldError(f"{name} must be a pandas DataFrame, not {type(table).__name__}")
    wanted = [*keys, "value"]
    for column in wanted:
        if column not in table.columns:
            have = [str(c) for c in table.columns]
            raise WorldError(
                f"{name} has no column '{column}'{_rename(column, have, wanted)}; it needs "
                f"{', '.join(wanted)}, and has {', '.join(have) or 'none'}"
            )
    if table.empty:
        raise WorldError(f"{name} has no rows")
    found = table.loc[:, wanted].reset_index(drop=True)
    for key in keys:
        missing = found[key].isna().to_numpy()
        if missing.any():
            raise WorldError(
                f"{name}, row {int(missing.argmax())}: {key} is missing. (pandas reads the text "
                "NA as missing: use keep_default_na=False)"
            )
        found[key] = found[key].astype(str)
        _labels(found[key], name)
    found["value"] = _numbers(found["value"], name)
    twice = found.duplicated(list(keys)).to_numpy()
    if twice.any():
        row = int(twice.argmax())
        cell = ", ".join(str(found.loc[row, key]) for key in keys)
        raise WorldError(
            f"{name}, row {row}: {cell} occurs twice ({int(twice.sum())} such rows); "
            "add the rows up or drop one"
        )
    return found


def _labels(column: pd.Series, name: str) -> None:
    """Refuse labels that cannot be asked for by name: blank ones, and those of groups."""
    for wrong, why in (
        (column.str.strip() == "", "is blank; give every country and sector a name"),
        (column != column.str.strip(), "begins or ends with a space: leave it out"),
        (
            column.str.startswith("@"),
            "begins with @, which is how groups are written: leave it out",
        ),
    ):
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise WorldError(f"{name}, row {row}: {column.name} {column[row]!r} {why}")


def _rename(column: str, have: list[str], wanted: Sequence[str]) -> str:
    """Return which column may be the one that is missing, or ""."""
    near = difflib.get_close_matches(column, [c for c in have if c not in wanted], n=1)
    return f"; it has '{near[0]}': rename it to '{column}'?" if near else ""


def _numbers(column: pd.Series, name: str) -> pd.Series:
    values = pd.to_numeric(column, errors="coerce").astype(float)
    bad = ~np.isfinite(values.to_numpy())
    if bad.any():
        row = int(bad.argmax())
        raise WorldError(f"{name}, row {row}: value is {column.iloc[row]!r}, not a finite number")
    return values


def unique(*columns: pd.Series) -> list[str]:
    """Return labels in the order in which they first occur."""
    return list(dict.fromkeys(label for column in columns for label in column))


def spread(
    table: pd.DataFrame, name: str, axes: dict[str, list[str]], negative: bool = False
) -> np.ndarray:
    """Return a tidy table as an array; cells without a row are zero.

    Parameters
    ----------
    table
        From `tidy_table`.
    name
        Name of the argument.
    axes
        For each label column its ordered labels.
    negative
        Whether values below zero are allowed.

    Raises
    ------
    WorldError
        A label is unknown or a value is negative.
    """
    places = []
    for key, labels in axes.items():
        index = pd.Index(labels).get_indexer(pd.Index(table[key]))
        if (index < 0).any():
            row = int(np.argmax(index < 0))
            word = str(table[key].iloc[row])
            raise WorldError(
                f"{name}, row {row}: {key} '{word}' does not occur in flows{nearest(word, labels)}"
            )
        places.append(index)
    values = table["value"].to_numpy()
    if not negative and (values < 0).any():
        row = int(np.argmax(values < 0))
        cell = ", ".join(str(table[key].iloc[row]) for key in axes)
        raise WorldError(f"{name}, row {row}: {cell} is {values[row]:g}; values must be 0 or more")
    array = np.zeros(tuple(len(labels) for labels in axes.values()))
    array[tuple(places)] = values
    return array


def imbalances(
    what: str, left: np.ndarray, right: np.ndarray, axes: Sequence[list[str]], tolerance: float
) -> str:
    """Return a sentence that names the largest differences, or "" when all are small.

    Parameters
    ----------
    what
        What the two sides are, e.g. "output is not inputs plus value added".
    left, right
        Arrays of the same shape.
    axes
        Labels of each axis.
    tolerance
        Largest difference allowed, relative to the larger of the two sides, and at least to a
        tenth of the mean cell of the same country: published tables are rounded.
    """
    larger = np.maximum(np.abs(left), np.abs(right))
    mean = larger.reshape(larger.shape[0], -1).mean(axis=1)
    scale = np.maximum(larger, 0.1 * mean.reshape(-1, *[1] * (larger.ndim - 1)))
    gap = left - right
    bad = np.abs(gap) > tolerance * np.where(scale > 0, scale, 1.0)
    if not bad.any():
        return ""
    order = np.argsort(-np.abs(np.where(bad, gap, 0.0)), axis=None)[:SHOWN]
    cells = [np.unravel_index(i, gap.shape) for i in order if bad.ravel()[i]]
    text = "; ".join(
        f"{' '.join(axis[i] for axis, i in zip(axes, cell, strict=True))}: "
        f"{left[cell]:.6g} against {right[cell]:.6g}"
        for cell in cells
    )
    return f"{what} in {int(bad.sum())} of {bad.size} cells, the largest: {text}"
