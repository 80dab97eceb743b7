"""The panel behind the demand for military spending: spending, output, ties of each year."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.estimate.tables import raw_table

FIRST, LAST = 1949, 2025
# The last year whose disputes the source holds; later pair risks stay as they were.
LAST_DISPUTES = 2014
LAST_LATENT, LAST_PPP = 2019, 2022
MILLION = 1e6


@dataclass(frozen=True)
class Panel:
    """Spending and what may move it, by year and state.

    Attributes
    ----------
    years : the years, in order, [year]
    countries : codes, [country]
    spending : log of million USD at constant prices of 2024, [year, country]; NaN where unknown
    output : log of gross domestic product, common deflator left in, [year, country]
    democracy : electoral democracy index, 0 to 1, [year, country]
    nato : True for members on 31 December, [year, country]
    latent : million dollars of spending by another series, to bridge gaps; NaN where unknown
    rivals, pacts : [year, country, country], True where two states are rivals, or bound by a
        defence pact
    threat : 100 x probability of at least one fatal dispute, [year, country]
    """

    years: np.ndarray
    countries: tuple[str, ...]
    spending: np.ndarray
    output: np.ndarray
    democracy: np.ndarray
    nato: np.ndarray
    latent: np.ndarray
    rivals: np.ndarray
    pacts: np.ndarray
    threat: np.ndarray

    def row(self, year: int) -> int:
        """Return the place of a year."""
        return int(year - self.years[0])

    def upto(self, year: int) -> "Panel":
        """Return what was known at the end of a year: later rows are cut off."""
        stop = self.row(year) + 1
        cut = ("years", "spending", "output", "democracy", "nato", "latent", "rivals", "pacts")
        parts = {name: getattr(self, name)[:stop] for name in (*cut, "threat")}
        return replace(self, **parts)

    def level(self) -> np.ndarray:
        """Return million USD of spending with gaps bridged, for sums over partners alone.

        The other series is brought to the state's known level by the median ratio of the years
        that both hold, else by the median of all states; 0 where neither holds anything.
        """
        ratio = self.spending - np.log(np.where(self.latent > 0, self.latent, np.nan))
        some = np.asarray(np.isfinite(ratio).any(axis=0))
        middle = np.full(some.size, np.median(ratio[np.isfinite(ratio)]) if some.any() else np.nan)
        middle[some] = np.nanmedian(ratio[:, some], axis=0)
        dollars = np.exp(self.spending)
        return np.nan_to_num(np.where(np.isfinite(dollars), dollars, self.latent * np.exp(middle)))


def read_panel(raw: Path, threat: np.ndarray | None = None, pacts: str = "handcoded") -> Panel:
    """Return the panel of 1949-2025.

    Parameters
    ----------
    raw
        Folder of raw tables.
    threat
        [year, country] in points on `panel_countries(raw)`; zero if absent.
    pacts
        `handcoded` (as the layer of a world) or `atop` (ATOP 5.1 to 2018, then the hand-made list).

    Raises
    ------
    MissingDataError
        A raw table is not at hand.

    Notes
    -----
    Zero spending (states without armed forces) has no logarithm and is left out. Output is the
    latent series to 2019, carried on by growth at purchasing power to 2022 and by growth in current
    dollars to 2025; what is common to all states in a year (prices) goes into the year effect.
    """
    codes = panel_countries(raw)
    place = {code: index for index, code in enumerate(codes)}
    years = np.arange(FIRST, LAST + 1)
    table = pd.read_parquet(raw_table(raw, "milex_sipri_owid/milex.parquet"))
    known = table[table["milex_const2024usd"] > 0]
    dollars = _grid(known, "milex_const2024usd", place) / MILLION
    output = np.log(_output(raw, place))
    shares = pd.read_parquet(raw_table(raw, "milex_open/gmsd_gdp_pct_1816_2019.parquet"))
    regimes = pd.read_parquet(raw_table(raw, "regime/democracy.parquet"))
    return Panel(
        years=years,
        countries=codes,
        spending=np.log(dollars),
        output=output,
        democracy=_grid(regimes.dropna(subset=["v2x_polyarchy"]), "v2x_polyarchy", place),
        nato=_members(raw, place, "NATO"),
        latent=_grid(shares, "milex_gdp_pct", place) / 100 * np.exp(output),
        rivals=_rivals(raw, place),
        pacts=_pacts(raw, place, pacts),
        threat=np.zeros((len(years), len(codes))) if threat is None else threat,
    )


def panel_countries(raw: Path) -> tuple[str, ...]:
    """Return the states of the panel: those with capabilities since 1946 or spending."""
    spending = pd.read_parquet(raw_table(raw, "milex_sipri_owid/milex.parquet"))
    states = pd.read_parquet(raw_table(raw, "cow_nmc_v7/nmc.parquet"), columns=["iso3", "year"])
    listed = set(states[states["year"] >= FIRST - 3]["iso3"]) | set(spending["iso3"])
    return tuple(sorted(listed))


def _grid(table: pd.DataFrame, column: str, place: Mapping[str, int]) -> np.ndarray:
    """Return [year, country]; NaN where the table holds nothing."""
    kept = table[table["iso3"].isin(place.keys()) & table["year"].between(FIRST, LAST)]
    grid = np.full((LAST - FIRST + 1, len(place)), np.nan)
    rows = kept["year"].to_numpy(dtype=int) - FIRST
    grid[rows, kept["iso3"].map(place).to_numpy(dtype=int)] = kept[column].to_numpy(dtype=float)
    return grid


def _output(raw: Path, place: Mapping[str, int]) -> np.ndarray:
    """Return gross domestic product, million dollars, [year, country]."""
    latent = pd.read_parquet(raw_table(raw, "gdp_pop_latent/gdp_pop_fariss2022.parquet"))
    latent = latent.dropna(subset=["pwtrgdp"]).drop_duplicates(["iso3", "year"])
    grid = _grid(latent, "pwtrgdp", place)
    power = _grid(
        pd.read_parquet(raw_table(raw, "wdi_macro/gdp_ppp_1990_2022.parquet")),
        "gdp_ppp_intl",
        place,
    )
    listed = pd.read_parquet(
        raw_table(raw, "wdi_trade_structure/wdi_trade_structure_2010_2025.parquet")
    )
    market = _grid(listed[listed["indicator"] == "gdp_usd"], "value", place)
    for year in range(LAST_LATENT + 1, LAST + 1):
        source = power if year <= LAST_PPP else market
        t = year - FIRST
        grid[t] = grid[t - 1] * source[t] / source[t - 1]
    return grid


def _members(raw: Path, place: Mapping[str, int], organisation: str) -> np.ndarray:
    table = pd.read_parquet(raw_table(raw, "blocs_handcoded/membership.parquet"))
    table = table[(table["org"] == organisation) & (table["status"] == "member")]
    grid = np.zeros((LAST - FIRST + 1, len(place)), dtype=bool)
    for code, start, end in table[["iso3", "start", "end"]].fillna("").to_numpy():
        if code in place:
            first = max(int(start[:4]) - FIRST, 0)
            stop = int(end[:4]) - FIRST if end else len(grid)
            grid[first : max(stop, 0), place[code]] = True
    return grid


def _pairs(place: Mapping[str, int]) -> np.ndarray:
    return np.zeros((LAST - FIRST + 1, len(place), len(place)), dtype=bool)


def _rivals(raw: Path, place: Mapping[str, int]) -> np.ndarray:
    """Return strategic rivals; rivalries going on at the end of the list (2020) are carried on."""
    table = pd.read_parquet(raw_table(raw, "rivalries/tss_rivalries_1494_2020.parquet"))
    grid = _pairs(place)
    for a, b, start, end in table[["iso3_a", "iso3_b", "start", "end"]].itertuples(index=False):
        if a in place and b in place:
            last = LAST if end >= 2020 else int(end)
            span = slice(max(int(start) - FIRST, 0), max(last - FIRST + 1, 0))
            grid[span, place[a], place[b]] = grid[span, place[b], place[a]] = True
    return grid


def _pacts(raw: Path, place: Mapping[str, int], source: str) -> np.ndarray:
    listed = pd.read_parquet(raw_table(raw, "blocs_handcoded/defence_dyad_year.parquet"))
    grid = _filled(listed[listed["defense"] > 0], place)
    if source == "handcoded":
        return grid
    coded = pd.read_parquet(raw_table(raw, "atop_v5_1/atop_dyad_year.parquet"))
    atop = _filled(coded[coded["defense"] > 0], place)
    last = 2018 - FIRST + 1
    atop[last:] = grid[last:]
    return atop


def _filled(table: pd.DataFrame, place: Mapping[str, int]) -> np.ndarray:
    grid = _pairs(place)
    inside = table["iso3_a"].isin(place.keys()) & table["iso3_b"].isin(place.keys())
    kept = table[inside & table["year"].between(FIRST, LAST)]
    t = kept["year"].to_numpy(dtype=int) - FIRST
    a = kept["iso3_a"].map(place).to_numpy(dtype=int)
    b = kept["iso3_b"].map(place).to_numpy(dtype=int)
    grid[t, a, b] = grid[t, b, a] = True
    return grid
