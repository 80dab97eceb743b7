"""World Input-Output Database, release 2016 (44 regions, 56 industries, 2000 to 2014).

A CSV export of the published data frame. Wide: IndustryCode, IndustryDescription, Country, RNr,
Year, then columns AUS1 ... ROW56 for industries, AUS57 ... ROW61 for final use, TOT. Long: the
same labels, then `variable` and `value`. Sheet: the workbook saved as CSV, whose four lines above
the numbers hold industry, description, country and c1, c2 ...; its first four columns alike.
Values in million USD at basic prices.
"""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest
from detente.importers.blocks import (
    final_block,
    intermediate_blocks,
    not_negative,
    state_block,
    year_of,
)
from detente.importers.imported import Imported
from detente.importers.reading import (
    Matrix,
    existing,
    find_column,
    has_column,
    header,
    long_table,
    read_matrix,
)
from detente.importers.settle import Blocks, settle
from detente.importers.wiod_sheet import sheet

SOURCE = "wiod"
LABELS = ("IndustryCode", "Country", "RNr")
MORE = ("IndustryDescription", "Year")
CELL = re.compile(r"([A-Za-z]{3})(\d{1,2})")
TOTAL = "TOT"
# Rows of country TOT between the industries' inputs and their output.
VALUE_ADDED, OUTPUT, SUM = "VA", "GO", "II_fob"
TAXES = ("TXSP", "EXP_adj", "PURR", "PURNR", "IntTTM")
FINALS = 5


def read_wiod(path: Path | str, year: int | None = None) -> Imported:
    """Read one year of the World Input-Output Tables, release 2016, wide or long.

    Parameters
    ----------
    path
        The CSV.
    year
        Which year, when the file holds several; else it is checked against the file.

    Returns
    -------
    Imported
        Sectors bear the industry codes, `ROW` stays a country. The rows TXSP, EXP_adj, PURR,
        PURNR and IntTTM stay in the value added of the producer.

    Raises
    ------
    PlaceError
        No such file.
    WorldError
        A row, a column or a cell is wrong; it is named.

    Notes
    -----
    Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics 23,
    575-605.
    """
    place = existing(path, "WIOD table")
    table = sheet(place) or _frame(place)
    table, when = _one_year(table, year)
    country, code = table.labels["Country"], table.labels["IndustryCode"]
    industry = (country != TOTAL).to_numpy()
    number = _row_numbers(table)
    countries = list(dict.fromkeys(country[industry]))
    rank = {n: i for i, n in enumerate(dict.fromkeys(number[industry]))}
    sectors = _sectors(table, industry, number)
    shape = (len(countries), len(sectors))
    places = {name: i for i, name in enumerate(countries)}
    rows = (
        np.array([places[one] for one in country[industry]]),
        np.array([rank[one] for one in number[industry]]),
    )
    inputs, finals = _columns(table, places, rank)
    columns = (
        np.array([country for _, (country, _) in inputs]),
        np.array([sector for _, (_, sector) in inputs]),
    )
    at = [one for one, _ in inputs]
    cells = table.values[industry][:, at]
    mine = table.labels[industry]
    not_negative(cells, lambda row, column: _where(table, mine, row, table.columns[at[column]]))
    sales, use = intermediate_blocks(cells, rows, columns, shape)
    last = max(kind for _, (_, kind) in finals)
    final = {
        chosen: final_block(
            table.values[industry][:, [c for c, (_, k) in finals if (k == last) is chosen]], rows,
            np.array([d for _, (d, k) in finals if (k == last) is chosen]), shape,
        )
        for chosen in (False, True)
    }  # fmt: skip
    totals = {str(one): table.values[i] for i, one in enumerate(code) if not industry[i]}
    state = _totals(totals, at, columns, shape, place)
    bought = [one for one, _ in finals]
    blocks = Blocks(
        SOURCE, when or year_of(place), countries, sectors, sales, use, final[False], final[True],
        value_added=state[VALUE_ADDED], taxes=state["taxes"], output=state.get(OUTPUT),
        final_taxes=float(sum(totals[one][bought].sum() for one in TAXES if one in totals)),
        notes=(f"{table.blanks} empty cells count as zero",) if table.blanks else (),
    )  # fmt: skip
    return dataclasses.replace(settle(blocks), sector_names=_names(table, industry))


def _frame(path: Path) -> Matrix:
    """Return the table of an export of the data frame, wide or long."""
    names = header(path)
    for name in LABELS:
        find_column(names, (name,), path)
    return _long(path) if has_column(names, ("variable",)) else _wide(path, names)


def _wide(path: Path, names: list[str]) -> Matrix:
    known = [find_column(names, (one,), path) for one in (*LABELS, *MORE)
             if has_column(names, (one,))]  # fmt: skip
    return read_matrix(path, known)


def _long(path: Path) -> Matrix:
    """Return the long form as the wide one."""
    names = header(path)
    labels = {one: (one,) for one in (*LABELS, *MORE) if has_column(names, (one,))}
    frame = long_table(path, labels | {"variable": ("variable",)}, {"value": ("value",)})
    wide = frame.pivot(index=list(labels), columns="variable", values="value")
    order = list(dict.fromkeys(frame["variable"]))
    first = frame.drop_duplicates(list(labels)).set_index(list(labels)).index
    wide = wide.reindex(index=first, columns=order)
    blanks = int(wide.isna().to_numpy().sum())
    text = wide.index.to_frame(index=False)
    text.index = pd.RangeIndex(2, 2 + len(text))
    values = wide.fillna(0.0).to_numpy()
    return Matrix(path, text, [str(one) for one in order], values, blanks, long=True)


def _where(table: Matrix, labels: pd.DataFrame, row: int, column: str) -> str:
    """Return the place of a cell in the file; in the long form it has a row of its own."""
    one = labels.iloc[row]
    words = f"{one['Country']} {one['IndustryCode']}"
    if not table.long:
        return f"{table.path}, row {labels.index[row]} ({words}), column {column}"
    names = {key: (key,) for key in (*labels.columns, "variable")}
    cells = long_table(table.path, names, {})
    wanted = {**one, "variable": column}
    same = np.all([cells[key] == wanted[key] for key in names], axis=0)
    return f"{table.path}, row {cells.index[int(same.argmax())]} ({words}, {column}), column value"


def _one_year(table: Matrix, year: int | None) -> tuple[Matrix, int]:
    if "Year" not in table.labels.columns:
        return table, year or 0
    have = sorted(set(table.labels["Year"]))
    wanted = str(year) if year else have[0]
    if year is None and len(have) > 1:
        raise WorldError(f"{table.path} holds the years {', '.join(have)}: say which with --year")
    if wanted not in have:
        raise WorldError(f"{table.path} holds the year {', '.join(have)}, not {wanted}")
    mine = (table.labels["Year"] == wanted).to_numpy()
    kept = dataclasses.replace(table, labels=table.labels[mine], values=table.values[mine])
    return kept, int(wanted)


def _row_numbers(table: Matrix) -> np.ndarray:
    found = pd.to_numeric(table.labels["RNr"], errors="coerce")
    if found.isna().any():
        row = found.index[int(found.isna().to_numpy().argmax())]
        raise WorldError(
            f"{table.path}, row {row}, column RNr: {table.labels.loc[row, 'RNr']!r} is no number"
        )
    pairs = pd.DataFrame({"country": table.labels["Country"], "number": found})
    twice = pairs.duplicated().to_numpy() & (table.labels["Country"] != TOTAL).to_numpy()
    if twice.any():
        row = pairs.index[int(twice.argmax())]
        raise WorldError(
            f"{table.path}, row {row}: {pairs.loc[row, 'country']} {found[row]:g} occurs twice"
        )
    return found.to_numpy().astype(int)


def _sectors(table: Matrix, industry: np.ndarray, number: np.ndarray) -> list[str]:
    codes = pd.Series(table.labels["IndustryCode"][industry].to_numpy(), index=number[industry])
    found: dict[int, str] = {}
    for n, code in codes.items():
        if found.setdefault(int(str(n)), code) != code:
            raise WorldError(f"{table.path}: RNr {n} is both {found[int(str(n))]} and {code}")
    return list(found.values())


def _columns(table: Matrix, places: dict[str, int], rank: dict[int, int]):
    """Return the columns of industries and of final use, each with its place and its numbers."""
    inputs, finals = [], []
    for at, name in enumerate(table.columns):
        if name == TOTAL:
            continue
        cell = CELL.fullmatch(name)
        if cell is None or cell[1] not in places:
            known = [f"{one}1" for one in places]
            raise WorldError(
                f"{table.path}, row 1, column '{name}': not a country's code and a number, as "
                f"{known[0]}{nearest(name, known)}"
            )
        country, kind = places[cell[1]], int(cell[2])
        if kind in rank:
            inputs.append((at, (country, rank[kind])))
        else:
            finals.append((at, (country, kind)))
    kinds = sorted({kind for _, (_, kind) in finals})
    wanted = len(places) * len(rank)
    if len(inputs) != wanted:
        raise WorldError(
            f"{table.path}, row 1: {len(inputs)} columns of industries for {len(places)} countries "
            f"and {len(rank)} industries; {wanted} are needed"
        )
    if len(kinds) != FINALS or len(finals) != FINALS * len(places):
        raise WorldError(
            f"{table.path}, row 1: {len(finals)} columns of final use, numbered "
            f"{', '.join(map(str, kinds)) or 'none'}; each country has {FINALS}, the last of them "
            "changes in inventories"
        )
    return inputs, finals


def _totals(totals: dict[str, np.ndarray], at: list[int], columns, shape, path: Path):
    if VALUE_ADDED not in totals:
        raise WorldError(
            f"{path}: no row {VALUE_ADDED} of country {TOTAL}; it has "
            f"{', '.join(sorted(totals)) or 'none'}"
        )
    odd = sorted(set(totals) - {VALUE_ADDED, OUTPUT, SUM, *TAXES})
    if odd:
        raise WorldError(
            f"{path}: unknown row '{odd[0]}' of country {TOTAL}"
            f"{nearest(odd[0], (VALUE_ADDED, OUTPUT, SUM, *TAXES))}"
        )
    state = {
        name: state_block(values[at], columns, shape)
        for name, values in totals.items()
        if name in (VALUE_ADDED, OUTPUT)
    }
    taxes = [state_block(totals[name][at], columns, shape) for name in TAXES if name in totals]
    return {**state, "taxes": sum(taxes, np.zeros(shape))}


def _names(table: Matrix, industry: np.ndarray) -> dict[str, str]:
    if "IndustryDescription" not in table.labels.columns:
        return {}
    mine = table.labels[industry]
    return dict(zip(mine["IndustryCode"], mine["IndustryDescription"], strict=True))
