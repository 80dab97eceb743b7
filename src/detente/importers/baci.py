"""CEPII's BACI with GDP: goods trade by pair, and domestic sales as output less exports.

`BACI_HS22_Y2023_V202501.csv` has t (year), i (exporter), j (importer), k (HS6 product), v (thousand
USD) and q (tons); `country_codes_V202501.csv` beside it names the numbers.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import PlaceError, WorldError
from detente.importers.codes import Codes, Concordance, counted, padded, plain, read_codes, some
from detente.importers.imported import Imported
from detente.importers.reading import existing, find_column, has_column, header, pieces
from detente.importers.repeats import Repeats
from detente.own_tables import ONE_SECTOR

SOURCE = "baci"
COUNTRY = ("iso3", "country_iso3", "country", "country code", "code")
# The unit stands in the column's name: nothing else tells thousands from millions.
GDP_UNITS = {"gdp_usd": 1e-6, "gdp_kusd": 1e-3, "gdp_musd": 1.0}
PER_MILLION = 1e-3
# Digits of a product.
PRODUCT = 6


def read_baci(
    path: Path | str,
    gdp: Path | str,
    year: int | None = None,
    concordance: Concordance | None = None,
    codes: Path | str | None = None,
    output_ratio: float = 1.0,
    domestic_floor: float | None = None,
    spread: bool = False,
) -> Imported:
    """Read BACI and a table of GDP.

    Parameters
    ----------
    path
        BACI of one HS revision and year.
    gdp
        CSV with iso3, one of gdp_usd, gdp_kusd, gdp_musd, and with several sectors also sector.
    year
        Which year, when the file holds several.
    concordance
        HS products to sectors; without it there is one sector.
    codes
        Countries by number; by default country_codes_*.csv in BACI's folder.
    output_ratio
        Gross output over GDP: 1 measures domestic sales in value added, about 2 in gross sales.
    domestic_floor
        Least share of a country's sales that goes to itself. Without it negative domestic sales
        are refused.
    spread
        With several sectors and GDP by country only: spread domestic sales over sectors as the
        country's exports plus imports.

    Returns
    -------
    Imported
        Million USD. Domestic sales are output_ratio x GDP less exports: the accounting of
        Ignatenko et al. without its adjustment for local labour.

    Raises
    ------
    PlaceError
        A file is not there.
    WorldError
        A row or column is wrong, a row of one key occurs twice, or domestic sales are negative;
        countries are named.

    Notes
    -----
    Gaulier and Zignago (2010), CEPII Working Paper 2010-23; Ignatenko, Lashkaripour, Macedoni and
    Simonovska (2025), Journal of International Economics 157, 104138.
    """
    place = existing(path, "BACI table")
    if not 0 < output_ratio < 20 or (domestic_floor is not None and not 0 < domestic_floor < 1):
        raise WorldError("the ratio of output to GDP is between 0 and 20, a floor between 0 and 1")
    table = read_codes(codes or _codes_beside(place))
    sectors = [ONE_SECTOR] if concordance is None else concordance.names()
    output = _gdp(existing(gdp, "table of GDP"), sectors) * output_ratio
    countries = [str(one) for one in output.index]
    flow, when, notes = _trade(place, table, countries, sectors, concordance, year)
    traded = (flow.sum(axis=(1, 2)) > 0) | (flow.sum(axis=(0, 2)) > 0)
    if not traded.all():
        gone = [one for one, stays in zip(countries, traded, strict=True) if not stays]
        notes.append(f"no trade of {some(gone)} in BACI: left out")
        countries = [one for one, stays in zip(countries, traded, strict=True) if stays]
        flow, output = flow[np.ix_(traded, traded)], output[traded]
    made = output.to_numpy()
    if made.shape[1] != len(sectors):
        made = _spread(made[:, 0], flow, spread, Path(gdp))
        notes.append("domestic sales are spread over sectors as exports plus imports")
    home = made - flow.sum(axis=1)
    home = _floored(home, flow, domestic_floor, countries, sectors, notes)
    at = np.arange(len(countries))
    flow[at, at] = home
    notes.append(f"domestic sales are {output_ratio:g} x GDP less exports")
    return Imported(SOURCE, when, countries, sectors, flow, notes=tuple(notes))


def _codes_beside(path: Path) -> Path:
    found = sorted(path.parent.glob("country_codes*.csv"))
    if not found:
        raise PlaceError(
            f"no country_codes_*.csv beside {path.name}: BACI's numbers need it; give --codes"
        )
    return found[-1]


def _gdp(path: Path, sectors: list[str]) -> pd.DataFrame:
    """Return output in million USD by country, in one column or by sector."""
    names = header(path)
    units = [name for name in names if name.casefold() in GDP_UNITS]
    if not units:
        raise WorldError(
            f"{path}, row 1: no column {', '.join(GDP_UNITS)} (the unit must stand in the name); "
            f"it has {', '.join(names)}"
        )
    labels: dict[str, tuple[str, ...]] = {"country": COUNTRY}
    if has_column(names, ("sector",)):
        labels["sector"] = ("sector",)
    unit = GDP_UNITS[units[0].casefold()]
    find_column(names, COUNTRY, path)
    parts = pieces(path, labels, {"value": (units[0],)})
    table = pd.concat(parts).astype(dict.fromkeys(labels, str))
    if (table["value"] <= 0).any():
        row = table.index[int((table["value"] <= 0).to_numpy().argmax())]
        raise WorldError(f"{path}, row {row}, column {units[0]}: GDP must be positive")
    twice = table.duplicated(list(labels)).to_numpy()
    if twice.any():
        row = table.index[int(twice.argmax())]
        raise WorldError(f"{path}, row {row}: {table['country'].loc[row]} occurs twice")
    if "sector" not in labels:
        return (table.set_index("country")[["value"]] * unit).astype(float)
    wide = table.pivot(index="country", columns="sector", values="value")
    odd = sorted(set(wide.columns) ^ set(sectors))
    if odd or wide.isna().to_numpy().any():
        what = odd[0] if odd else _incomplete(wide)
        raise WorldError(
            f"{path}: every country needs a row for each of the sectors {some(sectors)}; "
            f"look at {what}"
        )
    order = list(dict.fromkeys(table["country"]))
    return wide.loc[order, sectors] * unit


def _incomplete(wide: pd.DataFrame) -> str:
    """Return the first country that lacks a sector."""
    return str(wide.index.to_numpy()[int(wide.isna().to_numpy().any(axis=1).argmax())])


def _trade(place: Path, codes: Codes, countries, sectors, concordance, year):
    """Return flows in million USD without the diagonal, the year, and notes."""
    number = {name: i for i, name in enumerate(countries)}
    rank = {name: i for i, name in enumerate(sectors)}
    flow = np.zeros((len(countries), len(countries), len(sectors)))
    left: dict[str, float] = {}
    own: dict[str, int] = {}
    years: set[str] = set()
    total = 0.0
    for part in _rows(place, year, years):
        part = part.assign(s=_sector_numbers(part, concordance, rank, place))
        groups = part.groupby(["i", "j", "s"], sort=False, observed=True)["v"]
        sums, sizes = groups.sum(), groups.size().to_numpy()
        for (seller, buyer, s), value, size in zip(
            sums.index.tolist(), sums.to_numpy(), sizes, strict=True
        ):
            ends = [codes.expand(end, number) for end in (seller, buyer)]
            if plain(seller) == plain(buyer) or (all(ends) and ends[0][0] == ends[1][0]):
                name = _name(codes, seller)
                own[name] = own.get(name, 0) + int(size)
                continue
            total += float(value)
            if all(ends):
                flow[ends[0][0], ends[1][0], s] += value * PER_MILLION
                continue
            for end, found in zip((seller, buyer), ends, strict=True):
                if not found:
                    left[_name(codes, end)] = left.get(_name(codes, end), 0.0) + value
    when = _one_year(place, years, year)
    if not flow.any():
        raise WorldError(
            f"{place}: no flow between countries that have a GDP; its labels are {some(left, 4)}, "
            f"those of the GDP table {some(countries, 4)}"
        )
    notes = []
    if left:
        kept = flow.sum() / PER_MILLION
        most = sorted(left, key=lambda name: -left[name])
        notes.append(f"without a GDP, and left out: {some(most)} ({1 - kept / total:.2%} of trade)")
    if own:
        rows = counted(sum(own.values()), "from a country to itself")
        notes.append(f"{rows} left out: {some(own)}")
    return flow, when, notes


def _rows(place: Path, year: int | None, years: set[str]) -> Iterator[pd.DataFrame]:
    """Yield the rows of a year by pieces, each key once; add the years seen to a set."""
    # Numbers that lost or kept their leading zeros stand for the same.
    same = {"i": plain, "j": plain, "k": lambda product: padded(product, PRODUCT)}
    seen = Repeats(("t", "i", "j"), ("k",), same)

    def parts() -> Iterator[pd.DataFrame]:
        return pieces(place, {key: (key,) for key in "tijk"}, {"v": ("v",)})

    for part in parts():
        years |= set(part["t"])
        if year is not None:
            part = part[part["t"] == str(year)]
        low = (part["v"] < 0).to_numpy()
        if low.any():
            row = part.index[int(low.argmax())]
            raise WorldError(
                f"{place}, row {row}, column v: the flow is {part['v'].loc[row]:g}; below 0"
            )
        at = seen.twice(part)
        if at is not None:
            first, again = seen.first(part, at, parts()), part.iloc[at]
            cell = ", ".join(str(again[key]) for key in "tijk")
            raise WorldError(
                f"{place}, row {again.name}: {cell} (t, i, j, k) occurs twice, first in row "
                f"{first.name}; v is {first['v']:g} there and {again['v']:g} here. Keep one row"
            )
        yield part


def _one_year(place: Path, years: set[str], year: int | None) -> int:
    if year is None and len(years) > 1:
        raise WorldError(f"{place} holds the years {some(sorted(years))}: say which with --year")
    if year is not None and str(year) not in years:
        raise WorldError(f"{place} holds the year {some(sorted(years))}, not {year}")
    return year or next((int(one) for one in years if one.isdigit()), 0)


def _name(codes: Codes, code: str) -> str:
    return "/".join(codes.countries.get(plain(code), (str(code),)))


def _sector_numbers(part: pd.DataFrame, concordance, rank: dict[str, int], place: Path):
    if concordance is None:
        return 0
    found = {}
    for product in part["k"].unique():
        sector = concordance.sector(padded(product, PRODUCT))
        if sector is None:
            row = part.index[int((part["k"] == product).to_numpy().argmax())]
            raise WorldError(
                f"{place}, row {row}, column k: product {padded(product, PRODUCT)} has no sector "
                f"in {concordance.path}; name it or its chapter {padded(product, PRODUCT)[:2]}"
            )
        found[product] = rank[sector]
    return part["k"].map(found).astype(int)


def _spread(output: np.ndarray, flow: np.ndarray, asked: bool, path: Path) -> np.ndarray:
    """Return output by sector such that domestic sales follow exports plus imports."""
    if not asked:
        raise WorldError(
            f"{path}: with several sectors the table of GDP needs a column sector; or let "
            "domestic sales follow each country's exports plus imports by sector (--spread)"
        )
    exports = flow.sum(axis=1)
    weight = exports + flow.sum(axis=0)
    weight = weight / weight.sum(axis=1, keepdims=True)
    return exports + (output - exports.sum(axis=1))[:, None] * weight


def _floored(home, flow, floor: float | None, countries, sectors, notes: list[str]) -> np.ndarray:
    exports = flow.sum(axis=1)
    least = 0.0 if floor is None else floor / (1 - floor) * exports
    low = home < least if floor is not None else home < 0
    if not low.any():
        return home
    order = np.argsort(np.where(low, home - least, 0.0), axis=None)[: min(5, int(low.sum()))]
    cells = [np.unravel_index(int(at), home.shape) for at in order]
    one = len(sectors) == 1
    named = "; ".join(
        f"{countries[c]}{'' if one else ' ' + sectors[s]}: {home[c, s]:,.6g}" for c, s in cells
    )
    if floor is None:
        raise WorldError(
            f"output less exports is negative in {int(low.sum())} of {home.size} cells, the "
            f"largest (million USD): {named}. Trade passes through these countries; set a floor "
            "(--domestic-floor 0.03: 3 per cent of sales stay at home), a higher --output-ratio, "
            "or leave them out of the table of GDP"
        )
    notes.append(
        f"domestic sales were raised to {floor:.1%} of sales in {int(low.sum())} cells: {named}"
    )
    return np.where(low, least, home)
