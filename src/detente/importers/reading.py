"""Reading published files: every fault is named by file, row and column.

Rows are counted as a spreadsheet counts them: the header is row 1.
"""

import csv
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import PlaceError, WorldError, nearest
from detente.importers.plain_text import plain_text

CHUNK = 1_000_000
# Bytes that are looked through at a time for separators.
BLOCK = 1 << 20
# How like a name must be to be offered; endings such as .csv, which all share, do not count.
NEAR = 0.75
Names = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Matrix:
    """A table of numbers with labelled rows and columns.

    Attributes
    ----------
    path : where it was read
    labels : one column of text for each label of a row
    columns : names of the columns of numbers
    values : [row, column]
    blanks : how many empty cells were read as zero
    long : whether each cell has a row of its own in the file, which `labels` then does not number
    """

    path: Path
    labels: pd.DataFrame
    columns: list[str]
    values: np.ndarray
    blanks: int
    long: bool = False


def existing(path: Path | str, what: str = "file") -> Path:
    """Return the path when it is an ordinary file.

    Parameters
    ----------
    path
        What the user named.
    what
        What it should hold, for the message.

    Raises
    ------
    PlaceError
        Nothing is there; files of like name in the same folder are offered.
    WorldError
        A folder is there.
    """
    place = Path(path)
    if place.is_dir():
        raise WorldError(f"{place} is a folder, not a {what}")
    if not place.is_file():
        raise PlaceError(f"no {what} at {place}{_near(place)}")
    return place


def _near(place: Path) -> str:
    """Offer the file of the same folder whose name without its ending is nearly the same."""
    if not place.parent.is_dir():
        return ""
    have = {_stem(one): one.name for one in sorted(place.parent.iterdir()) if one.is_file()}
    found = difflib.get_close_matches(_stem(place), have, n=1, cutoff=NEAR)
    return f"; did you mean {have[found[0]]}?" if found else ""


def _stem(place: Path) -> str:
    return place.name.partition(".")[0].casefold()


def beside(folder: Path, names: Sequence[str], what: str) -> Path:
    """Return the first of several files that stands in a folder, whatever its case.

    Raises
    ------
    PlaceError
        If none of them does; the message lists the names looked for.
    """
    have = {one.name.casefold(): one for one in folder.iterdir() if one.is_file()}
    for name in names:
        if name.casefold() in have:
            return have[name.casefold()]
    raise PlaceError(
        f"no {what} in {folder}: looked for {' or '.join(names)}; "
        f"it holds {', '.join(sorted(have)[:8]) or 'no files'}"
    )


def header(path: Path) -> list[str]:
    """Return the names of the first row.

    Raises
    ------
    WorldError
        If the file is empty, no text in UTF-8, or a name occurs twice.
    """
    plain_text(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            names = [name.strip() for name in next(csv.reader(stream), [])]
    except UnicodeDecodeError as error:
        raise WorldError(f"{path} is not UTF-8 ({error}); save it as UTF-8") from None
    except csv.Error as error:
        raise WorldError(f"{path}: not a table of text: {error}") from None
    if not any(names):
        raise WorldError(f"{path}: the file is empty")
    seen: set[str] = set()
    for place, name in enumerate(names, 1):
        if name and name in seen:
            raise WorldError(f"{path}, row 1, column {place}: the column '{name}' occurs twice")
        seen.add(name)
    return names


def find_column(names: Sequence[str], accepted: Sequence[str], path: Path) -> str:
    """Return which of the accepted names a header has.

    Raises
    ------
    WorldError
        If it has none; the nearest name of the header is offered.
    """
    have = {name.casefold(): name for name in names}
    for name in accepted:
        if name.casefold() in have:
            return have[name.casefold()]
    raise WorldError(
        f"{path}, row 1: no column {' or '.join(repr(name) for name in accepted)}"
        f"{nearest(accepted[0], names)}; it has {', '.join(list(names)[:12])}"
    )


def has_column(names: Sequence[str], accepted: Sequence[str]) -> bool:
    """Say whether a header has one of the accepted names."""
    have = {name.casefold() for name in names}
    return any(name.casefold() in have for name in accepted)


def pieces(path: Path, labels: Names, values: Names, blank: bool = False) -> Iterator[pd.DataFrame]:
    """Read the wanted columns of a long table, a million rows at a time.

    Parameters
    ----------
    path
        A CSV file with a header.
    labels, values
        For each column of text and of numbers, by the name it shall have: the names it may bear
        in the file.
    blank
        Whether a value may be empty; it is then missing (nan).

    Yields
    ------
    Frames whose index is the row in the file; labels are categories or text.

    Raises
    ------
    WorldError
        A column is missing, a label is empty, a value is no number, or a row has more cells than
        the header; the place is named.
    """
    names = header(path)
    chosen = {find_column(names, accepted, path): key
              for key, accepted in {**labels, **values}.items()}  # fmt: skip
    _no_wider(path, names)
    done = 0
    try:
        with pd.read_csv(
            path, usecols=lambda name: str(name).strip() in chosen, keep_default_na=False,
            dtype={name: str for name, key in chosen.items() if key in labels},
            encoding="utf-8-sig", encoding_errors="replace", chunksize=CHUNK, low_memory=False,
        ) as stream:  # fmt: skip
            for frame in stream:
                frame.columns = [chosen[str(name).strip()] for name in frame.columns]
                frame.index = pd.RangeIndex(done + 2, done + 2 + len(frame))
                done += len(frame)
                shown = {key: name for name, key in chosen.items()}
                yield _clean(frame, path, shown, values, blank)
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise WorldError(f"{path}: {str(error).strip()[:200]}") from None
    if not done:
        raise WorldError(f"{path}: no rows below the header")


def long_table(path: Path, labels: Names, values: Names, blank: bool = False) -> pd.DataFrame:
    """Read a long table at once; as `pieces`, and each combination of labels may occur once.

    Raises
    ------
    WorldError
        As `pieces`, and when two rows bear the same labels.
    """
    frame = pd.concat(pieces(path, labels, values, blank)).astype(dict.fromkeys(labels, str))
    twice = frame.duplicated(list(labels)).to_numpy()
    if twice.any():
        row = frame.index[int(twice.argmax())]
        like = (frame[list(labels)] == frame.loc[row, list(labels)]).all(axis=1).to_numpy()
        cell = ", ".join(str(frame.loc[row, key]) for key in labels)
        raise WorldError(
            f"{path}, row {row}: {cell} occurs twice, first in row "
            f"{frame.index[int(like.argmax())]}; keep one of the two rows"
        )
    return frame


def _clean(frame: pd.DataFrame, path: Path, shown: Mapping[str, str], values: Names, blank: bool):
    for key in frame.columns:
        if key in values:
            frame[key] = _numbers(frame[key], path, shown[key], blank)
            continue
        frame[key] = _stripped(frame[key])
        empty = (frame[key] == "").to_numpy()
        if empty.any():
            row = frame.index[int(empty.argmax())]
            raise WorldError(f"{path}, row {row}, column {shown[key]}: the label is empty")
    return frame


def _stripped(column: pd.Series) -> pd.Series:
    """Return labels without blanks around them; done once for each label, not for each row."""
    # Read as text first: as categories "010121" would become the number 10121.
    column = column.astype("category")
    names = [str(name).strip() for name in column.cat.categories]
    if len(set(names)) == len(names):
        return column.cat.rename_categories(names)
    return pd.Series(np.asarray(names, dtype=object)[column.cat.codes], column.index, dtype=str)


def _numbers(column: pd.Series, path: Path, name: str, blank: bool) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.astype(float)
        bad = ~np.isfinite(numbers.to_numpy())
    else:
        text = column.astype(str).str.strip()
        numbers = pd.to_numeric(text, errors="coerce").astype(float)
        bad = ~np.isfinite(numbers.to_numpy())
        if blank:
            bad &= (text != "").to_numpy()
    if bad.any():
        place = int(bad.argmax())
        raise WorldError(
            f"{path}, row {column.index[place]}, column {name}: {str(column.iloc[place])!r} "
            "is not a finite number"
        )
    return numbers


def read_matrix(path: Path, labels: Sequence[str] | int = 1) -> Matrix:
    """Read a wide table: columns of labels, then columns of numbers. Empty cells count as zero.

    Parameters
    ----------
    path
        A CSV file with a header.
    labels
        Names of the columns of labels, or how many leading columns are labels.

    Raises
    ------
    WorldError
        A column is missing, a cell is no number, or a row has too few or too many cells.
    """
    names = header(path)
    _full_rows(path, names)
    if isinstance(labels, int):
        keys = names[:labels]
    else:
        keys = [find_column(names, (label,), path) for label in labels]
    places = [names.index(key) for key in keys]
    try:
        frame = pd.read_csv(
            path, dtype=dict.fromkeys(places, str), keep_default_na=False, index_col=False,
            encoding="utf-8-sig", low_memory=False, header=None, skiprows=1,
            names=list(range(len(names))), on_bad_lines="error",
        )  # fmt: skip
    except UnicodeDecodeError as error:
        raise WorldError(f"{path} is not UTF-8 ({error}); save it as UTF-8") from None
    except (ValueError, pd.errors.ParserError) as error:
        raise WorldError(f"{path}: {str(error).strip()[:200]}") from None
    if frame.empty:
        raise WorldError(f"{path}: no rows below the header")
    frame.index = pd.RangeIndex(2, 2 + len(frame))
    text = frame[places].astype(str).apply(lambda column: column.str.strip())
    text.columns = pd.Index(keys if not isinstance(labels, int) else range(labels))
    rest = [place for place in range(len(names)) if place not in places]
    blanks = 0
    values = np.empty((len(frame), len(rest)))
    for at, place in enumerate(rest):
        column = _numbers(frame[place], path, names[place], True)
        blanks += int(column.isna().sum())
        values[:, at] = column.fillna(0.0)
    return Matrix(path, text, [names[place] for place in rest], values, blanks)


def _full_rows(path: Path, names: Sequence[str]) -> None:
    """Raise at the first row with fewer cells than the header, whose rest would count as zero."""
    for first, cells in _widths(path):
        for at in np.flatnonzero((cells < len(names)) & (cells > 0)):
            raise WorldError(
                f"{path}, row {first + at}: {cells[at]} cells; the header has {len(names)}, so "
                f"those from column {names[cells[at]]} on are missing. Complete the row (an empty "
                "cell between separators counts as zero), or fetch the file anew if it is cut short"
            )


def _no_wider(path: Path, names: Sequence[str]) -> None:
    """Raise at the first row with more cells than the header, whose values may be out of place."""
    for first, cells in _widths(path):
        for at in np.flatnonzero(cells > len(names)):
            raise WorldError(
                f"{path}, row {first + at}: {cells[at]} cells; the header has {len(names)}. Write "
                "decimals with a point, set text that holds a comma in quotes, and end no row with "
                "a comma"
            )


def _widths(path: Path) -> Iterator[tuple[int, np.ndarray]]:
    """Yield, for some rows at a time, the number of the first and how many cells each has."""
    with path.open("rb") as stream:
        quoted, first = False, 1
        while not quoted and (block := stream.read(BLOCK)):
            quoted = b'"' in block
        stream.seek(0)
        # Counting separators takes a tenth of the time of parsing cells.
        while not quoted and (texts := stream.readlines(BLOCK)):
            cells = np.array([text.count(b",") for text in texts]) + 1
            cells[[at for at in np.flatnonzero(cells == 1) if not texts[at].strip()]] = 0
            yield first, cells
            first += len(texts)
    if quoted:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            for line, row in enumerate(csv.reader(stream), 1):
                yield line, np.array([len(row)])
