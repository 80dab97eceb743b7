"""The workbook of the World Input-Output Database, saved as CSV.

Some lines of title, then four lines that head the columns (industry, description, country, c1,
c2 ...), then one line for each row, which begins with the same four labels.
"""

import csv
import re
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import WorldError
from detente.importers.plain_text import plain_text
from detente.importers.reading import Matrix

NUMBER = re.compile(r"[cr](\d{1,2})")
LABELS = 4
SEARCHED = 12
TOTAL = "TOT"


def sheet(path: Path) -> Matrix | None:
    """Read a workbook's sheet saved as CSV; None when the file is of another layout.

    Parameters
    ----------
    path
        The CSV.

    Raises
    ------
    WorldError
        The file is no text, a row is too short or too long, or a cell is no number; it is named.
    """
    with plain_text(path).open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        reader = csv.reader(stream)
        heads = list(islice(reader, SEARCHED))
        at = next((i for i, row in enumerate(heads) if _numbers_columns(row)), None)
        if at is None or at < 1:
            return None
        kinds, countries = heads[at], heads[at - 1]
        columns = [
            TOTAL if country.strip() == TOTAL else f"{country.strip()}{_number(kind)}"
            for country, kind in zip(countries[LABELS:], kinds[LABELS:], strict=False)
        ]
        rows = [*enumerate(heads[at + 1 :], at + 2), *enumerate(reader, SEARCHED + 1)]
    labels, cells, lines, blanks = [], [], [], 0
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(columns) + LABELS:
            raise WorldError(
                f"{path}, row {line}: {len(row)} cells; the columns have {len(columns) + LABELS}"
            )
        values = [cell.strip() for cell in row[LABELS:]]
        blanks += values.count("")
        labels.append([cell.strip() for cell in row[:LABELS]])
        cells.append(_floats(values, columns, line, path))
        lines.append(line)
    if not cells:
        raise WorldError(f"{path}: no rows below the four lines of labels")
    names = ["IndustryCode", "IndustryDescription", "Country", "RNr"]
    text = pd.DataFrame(labels, columns=names, index=pd.Index(lines))
    text["RNr"] = [_number(one) for one in text["RNr"]]
    return Matrix(path, text, columns, np.array(cells), blanks)


def _numbers_columns(row: list[str]) -> bool:
    """Say whether a line is the one of c1, c2 ... above the numbers."""
    found = [NUMBER.fullmatch(cell.strip()) for cell in row[LABELS:]]
    return len(found) > 1 and sum(one is not None for one in found) >= len(found) - 1


def _number(text: str) -> str:
    found = NUMBER.fullmatch(text.strip())
    return found[1] if found else text.strip()


def _floats(values: list[str], columns: list[str], line: int, path: Path) -> np.ndarray:
    try:
        found = np.array([float(one or 0) for one in values])
        if np.isfinite(found).all():
            return found
    except ValueError:
        pass
    for column, one in zip(columns, values, strict=True):
        number = pd.to_numeric(one or "0", errors="coerce")
        if not np.isfinite(number):
            raise WorldError(f"{path}, row {line}, column {column}: {one!r} is not a finite number")
    raise WorldError(f"{path}, row {line}: cells that are no numbers")
