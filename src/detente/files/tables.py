"""Reading the table of an edit from CSV or Parquet."""

import csv
import warnings
from pathlib import Path

import pandas as pd

from detente.faults import LocatedError, located
from detente.files.text import plain_file
from detente.table import OPERATIONS, Table

TABLE_LIMIT = 200_000_000
SUFFIXES = (".csv", ".parquet")
CSV_HAS = (
    "a CSV file has commas between its cells, a point in its numbers, and as many cells in each "
    "row as in the first"
)


def read_table(path: Path, shown: str) -> Table:
    """Read the rows of an edit; labels stay text, so that NA is Namibia and not missing.

    Parameters
    ----------
    path
        A `.csv` (UTF-8, comma, with header) or `.parquet` file of at most 200 MB.
    shown
        Name for messages.

    Raises
    ------
    LocatedError
        If the file is missing, too large, of another kind, empty or damaged; rows are named.
    """
    if path.suffix not in SUFFIXES:
        raise _error(f"a table ends in .csv or .parquet, not '{path.suffix}'", shown)
    plain_file(path, TABLE_LIMIT, shown)
    try:
        frame = _csv(path, shown) if path.suffix == ".csv" else pd.read_parquet(path)
    except LocatedError:
        raise
    except Exception as error:  # pandas and pyarrow raise many kinds on damaged files
        text = str(error).strip().split("\n")[0][:200].rstrip(".")
        mend = CSV_HAS if path.suffix == ".csv" else "write the file anew"
        raise _error(f"not readable as a table: {text}; {mend}", shown) from None
    return Table.of(frame, shown, 2 if path.suffix == ".csv" else 1)


def _csv(path: Path, shown: str) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = [name.strip() for name in next(csv.reader(stream), [])]
    if not header:
        raise _error("the table is empty", shown)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise _error(f"the column '{twice[0]}' occurs twice", shown)
    with warnings.catch_warnings():
        # Rows longer than the header would lose their last cells with no more than a warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(
            path,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            skip_blank_lines=False,
            index_col=False,
            on_bad_lines="error",
        )
    frame.columns = pd.Index(header)
    for column in [name for name in header if name in ("value", *OPERATIONS)]:
        numbers = pd.Series(pd.to_numeric(frame[column], errors="coerce"), index=frame.index)
        # Words (none, partial) stay; whether they fit is known once the layer is.
        frame[column] = numbers if numbers.notna().all() else frame[column].astype(object)
    return frame


def _error(text: str, shown: str) -> LocatedError:
    return located((), f"{shown}: {text}")
