"""OECD Inter-Country Input-Output tables, edition 2025 (81 economies, 50 industries).

One CSV a year, `2022_SML.csv` or `2022.csv` (extended): rows and columns `COUNTRY_INDUSTRY`,
columns of final use `COUNTRY_HFCE`, rows `TLS`, `VA`, `OUT`, column `OUT`. Values in million USD at
basic prices. In the extended tables China and Mexico are split into CN1, CN2 and MX1, MX2: they are
added up.
"""

from pathlib import Path

import numpy as np

from detente.errors import PlaceError, WorldError, nearest
from detente.importers.blocks import (
    final_block,
    intermediate_blocks,
    not_negative,
    state_block,
    year_of,
)
from detente.importers.imported import Imported
from detente.importers.reading import Matrix, existing, read_matrix
from detente.importers.settle import Blocks, settle

SOURCE = "icio"
FINAL = ("HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR")
STOCKS = "INVNT"
TOTALS = ("OUT", "TOTAL")
SPLIT = {"CN1": "CHN", "CN2": "CHN", "MX1": "MEX", "MX2": "MEX"}


def read_icio(path: Path | str, year: int | None = None) -> Imported:
    """Read one year of the OECD tables.

    Parameters
    ----------
    path
        The CSV, or a folder of them when `year` says which.
    year
        Year of the tables; by default the one in the file's name.

    Returns
    -------
    Imported
        Flows at basic prices; taxes less subsidies on products (`TLS`) stay in the value added
        of the producer. Tariffs are in these taxes and not told apart: add them with a table of
        tariffs.

    Raises
    ------
    PlaceError
        No such file.
    WorldError
        A row, a column or a cell is wrong; it is named.

    Notes
    -----
    Yamano et al. (2023), OECD Science, Technology and Industry Working Papers 2023/08.
    """
    place = _file(Path(path), year)
    table = read_matrix(place)
    names = [str(name) for name in table.labels[0]]
    _once(names, place)
    industry = np.array([name not in ("VA", "TLS", *TOTALS) for name in names])
    rows = _pairs([name for name in names if name not in ("VA", "TLS", *TOTALS)], place, "row")
    inputs, finals = _columns(table)
    countries = list(dict.fromkeys(country for country, _ in rows))
    sectors = list(dict.fromkeys(sector for _, sector in rows))
    _match(rows, [pair for _, pair in inputs], place)
    shape = (len(countries), len(sectors))
    number = _numbered(rows, countries, sectors)
    columns = _numbered([pair for _, pair in inputs], countries, sectors)
    at = [place_ for place_, _ in inputs]
    cells = table.values[industry][:, at]
    lines = table.labels.index[industry]
    not_negative(
        cells, lambda row, column: f"{place}, row {lines[row]} ({'_'.join(rows[row])}), "
        f"column {table.columns[at[column]]}"
    )  # fmt: skip
    sales, use = intermediate_blocks(cells, number, columns, shape)
    firm, stocks = (
        _final(table, industry, [one for one in finals if (one[1][1] == STOCKS) is chosen],
               number, countries, shape)
        for chosen in (False, True)
    )  # fmt: skip
    state = {row: _row(table, names, row, at, columns, shape) for row in ("VA", "TLS", "OUT")}
    if state["VA"] is None:
        raise WorldError(
            f"{place}: no row VA (value added); rows are COUNTRY_INDUSTRY, TLS, VA, OUT"
        )
    taxed = [place_ for place_, _ in finals]
    tls = table.values[names.index("TLS")] if "TLS" in names else np.zeros(len(table.columns))
    return settle(
        Blocks(
            SOURCE, year or year_of(place), countries, sectors, sales, use, firm, stocks,
            value_added=state["VA"],
            taxes=np.zeros(shape) if state["TLS"] is None else state["TLS"],
            output=state["OUT"], final_taxes=float(tls[taxed].sum()),
            notes=_notes(table, names),
        )
    )  # fmt: skip


def _file(path: Path, year: int | None) -> Path:
    if not path.is_dir():
        place = existing(path, "OECD table")
        if year and year_of(place) not in (0, year):
            raise WorldError(f"{place} holds the year {year_of(place)} by its name, not {year}")
        return place
    if year is None:
        raise WorldError(f"{path} is a folder: say which year (--year 2022), or name the file")
    for name in (f"{year}_SML.csv", f"{year}.csv"):
        if (path / name).is_file():
            return path / name
    raise PlaceError(f"no {year}_SML.csv or {year}.csv in {path}")


def _split(name: str) -> tuple[str, str] | None:
    country, mark, rest = name.partition("_")
    return (SPLIT.get(country, country), rest) if mark and country and rest else None


def _once(names: list[str], path: Path) -> None:
    seen: set[str] = set()
    for line, name in enumerate(names, 2):
        if name in seen:
            raise WorldError(f"{path}, row {line}: the row '{name}' occurs twice")
        seen.add(name)


def _pairs(names: list[str], path: Path, kind: str) -> list[tuple[str, str]]:
    pairs = []
    for line, name in enumerate(names, 2):
        pair = _split(name)
        if pair is None:
            apart = next((mark for mark in ";\t|" if mark in name), "")
            raise WorldError(
                f"{path}, {kind} {line}: '{name}' is not COUNTRY_INDUSTRY"
                + (
                    f"; the file seems to be separated by {apart!r}: write it with commas"
                    if apart
                    else nearest(name, ("TLS", "VA", "OUT"))
                )
            )
        pairs.append(pair)
    return pairs


def _columns(table: Matrix):
    """Return the columns of industries and of final use, each with its place and its labels."""
    inputs, finals = [], []
    for place, name in enumerate(table.columns):
        if name in TOTALS:
            continue
        pair = _split(name)
        if pair is None:
            raise WorldError(
                f"{table.path}, row 1, column '{name}': not COUNTRY_INDUSTRY, COUNTRY_"
                f"{'|'.join(FINAL)} or OUT"
            )
        (finals if pair[1] in FINAL else inputs).append((place, pair))
    if not finals:
        raise WorldError(
            f"{table.path}, row 1: no column of final use; they end in {', '.join(FINAL)}"
        )
    return inputs, finals


def _match(rows: list[tuple[str, str]], columns: list[tuple[str, str]], path: Path) -> None:
    known, asked = set(rows), set(columns)
    for have, other, what in ((asked, known, "column"), (known, asked, "row")):
        odd = sorted(have - other)
        if odd:
            name = "_".join(odd[0])
            against = "row" if what == "column" else "column"
            raise WorldError(
                f"{path}: the {what} {name} has no {against} of that name"
                f"{nearest(name, ['_'.join(pair) for pair in other])}"
            )


def _numbered(pairs: list[tuple[str, str]], countries: list[str], sectors: list[str]):
    country = {name: i for i, name in enumerate(countries)}
    sector = {name: i for i, name in enumerate(sectors)}
    return (
        np.array([country[one] for one, _ in pairs]),
        np.array([sector[one] for _, one in pairs]),
    )


def _final(table: Matrix, industry, chosen, number, countries: list[str], shape) -> np.ndarray:
    for place, (country, _) in chosen:
        if country not in countries:
            raise WorldError(
                f"{table.path}, row 1, column '{table.columns[place]}': no row of a country "
                f"'{country}'{nearest(country, countries)}"
            )
    buyer = np.array([countries.index(country) for _, (country, _) in chosen], dtype=int)
    cells = table.values[industry][:, [place for place, _ in chosen]]
    return final_block(cells, number, buyer, shape)


def _row(table: Matrix, names: list[str], row: str, at: list[int], columns, shape):
    if row not in names:
        return None
    return state_block(table.values[names.index(row)][at], columns, shape)


def _notes(table: Matrix, names: list[str]) -> tuple[str, ...]:
    notes = []
    have = {name.partition("_")[0] for name in (*names, *table.columns)}
    split = {}
    for part in sorted(have & set(SPLIT)):
        split.setdefault(SPLIT[part], []).append(part)
    if split:
        to = "; ".join(f"{', '.join(parts)} to {whole}" for whole, parts in split.items())
        notes.append(f"added up: {to}")
    if table.blanks:
        notes.append(f"{table.blanks} empty cells count as zero")
    if "TLS" not in names:
        notes.append("the file has no row TLS: taxes less subsidies on products are taken as zero")
    return tuple(notes)
