"""EMERGING V2 (245 economies, 133 sectors): a MATLAB file, or a folder of CSVs exported from it.

The file holds `z` (sales for production), `f` (final use, three columns a country) and `va`
(value added), countries outermost. Labels come from `country_list` and `sector_list` in the file
or from `countries.csv` and `sectors.csv` beside it. The folder holds `z.csv`, `f.csv`, `va.csv`
without headers and the two files of labels. Values in million USD at basic prices.
"""

import csv
import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.errors import DetenteError, WorldError
from detente.importers.blocks import buyer_blocks, final_block, not_negative, year_of
from detente.importers.imported import Imported
from detente.importers.plain_text import plain_text
from detente.importers.reading import beside, existing
from detente.importers.settle import Blocks, settle

SOURCE = "emerging"
COUNTRY_FILES = ("countries.csv", "country_list.csv", "country_list.txt", "countries.txt")
SECTOR_FILES = ("sectors.csv", "sector_list.csv", "sector_list.txt", "sectors.txt")
COUNTRY_HEADS = ("iso3", "country_list", "code", "country")
SECTOR_HEADS = ("code", "sector_list", "sector")


@dataclass(frozen=True)
class _Parts:
    """Labels, small matrices, and a function that returns what one country buys for production."""

    countries: list[str]
    sectors: list[str]
    bought: Callable[[int], np.ndarray]
    final: np.ndarray
    value_added: np.ndarray
    place: Path


def read_emerging(path: Path | str, year: int | None = None) -> Imported:
    """Read one year of EMERGING V2.

    Parameters
    ----------
    path
        The `.mat` file (needs h5py: `pip install 'detente[importers]'`), or the folder of CSVs.
    year
        Year of the tables; by default the one in the name.

    Returns
    -------
    Imported
        The matrix is read one buying country at a time, never as a whole. The layout has no row
        of taxes: value added is output less inputs as in the file.

    Raises
    ------
    DetenteError
        h5py is not installed.
    PlaceError
        A file is not there.
    WorldError
        A matrix does not fit its labels, or a cell is no number.

    Notes
    -----
    Huo et al. (2022), Journal of Industrial Ecology 26, 1218-1232.
    """
    place = Path(path)
    if place.is_dir():
        return _settled(_folder(place), year)
    existing(place, "EMERGING table")
    if place.suffix.casefold() != ".mat":
        raise WorldError(
            f"{place}: name a .mat file, or the folder that holds z.csv, f.csv and va.csv"
        )
    try:
        import h5py
    except ImportError as error:
        raise DetenteError(
            f"reading {place.name} needs h5py: pip install 'detente[importers]'; or export z, f "
            "and va to CSV and name their folder"
        ) from error
    try:
        with h5py.File(place, "r") as stream:
            return _settled(_mat(stream, place), year)
    except OSError as error:
        raise WorldError(f"{place}: not a MATLAB 7.3 file: {error}") from None


def _settled(parts: _Parts, year: int | None) -> Imported:
    shape = (len(parts.countries), len(parts.sectors))
    count = shape[0] * shape[1]
    kinds, odd = divmod(parts.final.shape[1], shape[0])
    if parts.final.shape[0] != count or odd or not kinds:
        raise WorldError(
            f"{parts.place}: f is {parts.final.shape[0]} x {parts.final.shape[1]}; with "
            f"{shape[0]} countries and {shape[1]} sectors it needs {count} rows and the same "
            "number of columns for each country"
        )
    if parts.value_added.size % count:
        raise WorldError(
            f"{parts.place}: va has {parts.value_added.size} cells; {count} or a multiple are "
            f"needed ({shape[0]} countries x {shape[1]} sectors)"
        )
    rows = np.divmod(np.arange(count), shape[1])
    sales = np.zeros((shape[0], *shape))
    use = np.zeros((*shape, shape[1]))
    for buyer in range(shape[0]):
        cells = parts.bought(buyer)
        not_negative(cells, functools.partial(_where, parts, buyer))
        sales[:, buyer], use[buyer] = buyer_blocks(cells, *rows, np.arange(shape[1]), shape)
    buyers = np.repeat(np.arange(shape[0]), kinds)
    final = final_block(parts.final, rows, buyers, shape)
    return settle(
        Blocks(
            SOURCE, year or year_of(parts.place), parts.countries, parts.sectors, sales, use,
            final, np.zeros_like(final),
            value_added=parts.value_added.reshape(-1, count).sum(axis=0).reshape(shape),
            taxes=np.zeros(shape),
        )
    )  # fmt: skip


def _where(parts: _Parts, buyer: int, row: int, column: int) -> str:
    """Return the place of a cell of what a country buys in z, by numbers and by labels."""
    column += buyer * len(parts.sectors)
    names = [f"{c} {s}" for c in parts.countries for s in parts.sectors]
    place = parts.place / "z.csv" if parts.place.is_dir() else f"{parts.place}: z"
    return f"{place}, row {row + 1} ({names[row]}), column {column + 1} ({names[column]})"


def _mat(stream: Any, place: Path) -> _Parts:
    group = stream
    if "z" not in stream:
        # Some releases hold everything in one struct that bears the file's name.
        inner = [one for one in stream.values() if hasattr(one, "keys") and "z" in one]
        if not inner:
            raise WorldError(f"{place}: no variable z; it has {', '.join(sorted(stream.keys()))}")
        group = inner[0]
    for name in ("f", "va"):
        if name not in group:
            raise WorldError(
                f"{place}: no variable {name}; it has {', '.join(sorted(group.keys()))}"
            )
    countries = _list(stream, group, "country_list", place, COUNTRY_FILES, COUNTRY_HEADS)
    sectors = _list(stream, group, "sector_list", place, SECTOR_FILES, SECTOR_HEADS)
    size = len(sectors)
    count = len(countries) * size
    z = group["z"]
    if z.shape != (count, count):
        raise WorldError(
            f"{place}: z is {z.shape[0]} x {z.shape[1]}; {len(countries)} countries and {size} "
            f"sectors need {count} x {count}"
        )

    def bought(buyer: int) -> np.ndarray:
        # HDF5 shows MATLAB's columns as rows: one row of z is what one industry buys.
        block = np.asarray(z[buyer * size : (buyer + 1) * size, :], dtype=float).T
        if not np.isfinite(block).all():
            row, column = np.argwhere(~np.isfinite(block))[0]
            raise WorldError(
                f"{place}: z, row {row + 1}, column {buyer * size + column + 1} is not finite"
            )
        return block

    final, value_added = (np.asarray(group[one], dtype=float) for one in ("f", "va"))
    return _Parts(countries, sectors, bought, final.T, value_added.T.ravel(), place)


def _list(stream: Any, group: Any, name: str, place: Path, files, heads) -> list[str]:
    if name not in group:
        what = f"list of labels ({name} is not in the file)"
        return _label_file(beside(place.parent, files, what), heads)
    words = []
    for one in np.asarray(group[name]).ravel():
        letters = np.asarray(stream[one] if not isinstance(one, int | np.integer) else one).ravel()
        words.append("".join(chr(int(letter)) for letter in letters).strip())
    return _distinct(words, place)


def _folder(folder: Path) -> _Parts:
    countries = _label_file(beside(folder, COUNTRY_FILES, "list of countries"), COUNTRY_HEADS)
    sectors = _label_file(beside(folder, SECTOR_FILES, "list of sectors"), SECTOR_HEADS)
    size = len(sectors)
    count = len(countries) * size
    path = beside(folder, ("z.csv",), "matrix z")
    z = _numbers(path)
    if z.shape != (count, count):
        raise WorldError(
            f"{path}: {z.shape[0]} x {z.shape[1]} cells; {len(countries)} countries and {size} "
            f"sectors need {count} x {count}"
        )
    final = _numbers(beside(folder, ("f.csv",), "matrix f"))
    value_added = _numbers(beside(folder, ("va.csv",), "matrix va"))
    return _Parts(
        countries, sectors, lambda buyer: z[:, buyer * size : (buyer + 1) * size], final,
        (value_added.T if value_added.shape[0] == count else value_added).ravel(), folder,
    )  # fmt: skip


def _numbers(path: Path) -> np.ndarray:
    plain_text(path)
    try:
        frame = pd.read_csv(path, header=None, keep_default_na=False, low_memory=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise WorldError(f"{path}: {str(error).strip()[:200]}") from None
    found = frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    bad = ~np.isfinite(found)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        cell = frame.iat[row, column]
        if str(cell) in ("", "nan"):
            raise WorldError(
                f"{path}, row {row + 1}, column {column + 1}: no number; every row needs "
                f"{frame.shape[1]}. Complete it, or fetch the file anew if it was cut short"
            )
        raise WorldError(
            f"{path}, row {row + 1}, column {column + 1}: {str(cell)!r} is not a finite number; "
            "the matrix has neither header nor labels"
        )
    return found


def _label_file(path: Path, heads: tuple[str, ...]) -> list[str]:
    try:
        with plain_text(path).open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    except UnicodeDecodeError as error:
        raise WorldError(f"{path} is not UTF-8 ({error}); save it as UTF-8") from None
    if not rows:
        raise WorldError(f"{path} is empty: one label a line is needed")
    first = [cell.strip().casefold() for cell in rows[0]]
    column = next((first.index(head) for head in heads if head in first), None)
    if column is None:
        if len(rows[0]) > 1:
            raise WorldError(
                f"{path}, row 1: several columns, and none is called {' or '.join(heads)}"
            )
        return _distinct([row[0].strip() for row in rows], path)
    return _distinct([row[column].strip() for row in rows[1:]], path)


def _distinct(words: list[str], path: Path) -> list[str]:
    for row, word in enumerate(words, 1):
        if not word or word in words[: row - 1]:
            raise WorldError(f"{path}: label {row} is {word!r}, which is empty or occurs twice")
    return words
