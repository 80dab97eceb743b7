"""The panel behind the response of third states: positions 1946-2024 and the ties of each year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from detente.alignment.response_terms import (
    DISTANCE_SCALE,
    SMOOTHING,
    Ties,
    likeness,
    row_weights,
)
from detente.data.estimate.tables import raw_table

FIRST, LAST = 1946, 2024
LAST_ATOP = 2018
LAST_TRADE = 2014
POWERS = ("USA", "RUS", "CHN")
# Width of the central 90 per cent of a normal distribution in standard deviations.
WIDTH_90 = 2 * 1.6448536269514722
PANELS = {
    "votes_2025": "release of July 2025, final-passage votes by calendar year, 1946-2024",
    "votes_2020": "release of April 2020, all votes by session, 1946-2019 (sessions 1-74)",
}


@dataclass(frozen=True)
class Panel:
    """Positions and ties by year.

    Attributes
    ----------
    years : the years, in order
    countries : codes
    position : [year, country], NaN where a state did not vote
    spread : published posterior standard deviation, [year, country]; NaN where not published
    level : smoothed positions, from this and earlier years only
    ties : row weights of each year, known at its end
    """

    years: np.ndarray
    countries: tuple[str, ...]
    position: np.ndarray
    spread: np.ndarray
    level: np.ndarray
    ties: tuple[Ties, ...]

    def state(self, place: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return position, last change, smoothed position (zero where absent) and presence.

        The change is taken from its mean over states: what is common is agenda or scale.
        """
        now = self.position[place]
        before = self.position[place - 1] if place else np.full_like(now, np.nan)
        present = np.isfinite(now)
        change = np.where(present & np.isfinite(before), now - before, 0.0)
        both = present & np.isfinite(before)
        if both.any():
            change[both] -= change[both].mean()
        fill = np.where(present, now, 0.0)
        return fill, change, np.where(present, self.level[place], 0.0), present


def positions(raw: Path, panel: str) -> pd.DataFrame:
    """Return iso3, year, position, spread of one release.

    Parameters
    ----------
    raw
        Folder of raw tables.
    panel
        Key of `PANELS`.
    """
    if panel == "votes_2025":
        table = pd.read_parquet(raw_table(raw, "unga_ideal/idealpoints_2025.parquet"))
        table = table.dropna(subset=["idealpointfp"])
        spread = (table["q95fp"] - table["q5fp"]) / WIDTH_90
        return table[["iso3", "year"]].assign(position=table["idealpointfp"], spread=spread)
    table = pd.read_parquet(raw_table(raw, "unga_ideal/idealpoints_by_issue_apr2020.parquet"))
    table = table.dropna(subset=["ip_all"])
    year = table["session"].astype(int) + FIRST - 1
    return table[["iso3"]].assign(year=year, position=table["ip_all"].astype(float), spread=np.nan)


def read_panel(raw: Path, panel: str = "votes_2025", pacts: str = "atop") -> Panel:
    """Return the panel of one release with the ties of each year.

    Parameters
    ----------
    raw
        Folder of raw tables.
    panel
        Key of `PANELS`.
    pacts
        `atop` (ATOP 5.1 to 2018, then the hand-coded list) or `handcoded` (all years).
    """
    bare = positions_only(raw, panel)
    place = {code: index for index, code in enumerate(bare.countries)}
    years = len(bare.years)
    strengths = _strengths(raw, place, years, pacts)
    union = _union(raw, place, years)
    ties = tuple(
        _ties({k: grid[t] for k, grid in strengths.items()}, union[t], bare.countries, seen)
        for t, seen in enumerate(np.isfinite(bare.position))
    )
    return replace(bare, ties=ties)


def positions_only(raw: Path, panel: str) -> Panel:
    """Return the positions of one release without any ties.

    Parameters
    ----------
    raw, panel
        As in `read_panel`.
    """
    table = positions(raw, panel)
    countries = tuple(sorted(table["iso3"].unique()))
    place = {code: index for index, code in enumerate(countries)}
    years = np.arange(FIRST, int(table["year"].max()) + 1)
    grids = []
    for column in ("position", "spread"):
        grid = np.full((len(years), len(countries)), np.nan)
        rows = table["year"].to_numpy(dtype=int) - FIRST
        grid[rows, table["iso3"].map(place).to_numpy(dtype=int)] = table[column]
        grids.append(grid)
    nothing = tuple(Ties() for _ in years)
    return Panel(years, countries, grids[0], grids[1], smooth(grids[0]), nothing)


def smooth(position: np.ndarray) -> np.ndarray:
    """Return the exponentially smoothed past of each column; gaps keep the last value.

    Examples
    --------
    >>> smooth(np.array([[0.0], [np.nan], [1.0]])).ravel().tolist()
    [0.0, 0.0, 0.5]
    """
    level = np.full_like(position, np.nan)
    last = np.full(position.shape[1], np.nan)
    for row, now in enumerate(position):
        new = np.where(np.isnan(last), now, SMOOTHING * now + (1 - SMOOTHING) * last)
        last = np.where(np.isnan(now), last, new)
        level[row] = last
    return level


def _ties(
    strengths: Mapping[str, np.ndarray],
    union: np.ndarray,
    codes: Sequence[str],
    present: np.ndarray,
) -> Ties:
    """Return the row weights of one year.

    A tie to one power weighs as its share of the state's trade, or 1 under a defence pact.
    """
    weights = {kind: row_weights(grid, present) for kind, grid in strengths.items()}
    share = row_weights(strengths["partners"])
    for code in POWERS:
        column = (np.array(codes) == code) & present
        weights[f"trade_{code}"] = share * column
        weights[f"pact_{code}"] = strengths["allies"] * column
    members = union & present
    mean = members / max(members.sum(), 1)
    weights["trade_EU"] = share[:, members].sum(axis=1, keepdims=True) * mean
    return Ties(weights)


def _grid(
    rows: pd.Series, columns: pd.Series, years: pd.Series, values: np.ndarray,
    place: Mapping[str, int], count: int,
) -> np.ndarray:  # fmt: skip
    """Return [year, row country, column country], the largest value where a cell repeats."""
    grid = np.zeros((count, len(place), len(place)), dtype=np.float32)
    kept = (
        rows.isin(place.keys())
        & columns.isin(place.keys())
        & years.between(FIRST, FIRST + count - 1)
    )
    where = (
        years[kept].to_numpy(dtype=int) - FIRST,
        rows[kept].map(place).to_numpy(dtype=int),
        columns[kept].map(place).to_numpy(dtype=int),
    )
    np.maximum.at(grid, where, np.asarray(values, dtype=np.float32)[kept.to_numpy()])
    return grid


def _both_ways(grid: np.ndarray) -> np.ndarray:
    return np.maximum(grid, grid.transpose(0, 2, 1))


def _pacts(raw: Path, place: Mapping[str, int], count: int, source: str) -> np.ndarray:
    listed = pd.read_parquet(raw_table(raw, "blocs_handcoded/defence_dyad_year.parquet"))
    listed = listed[(listed["defense"] > 0) | (listed["eu_42_7"] > 0)]
    hand = _grid(
        listed["iso3_a"], listed["iso3_b"], listed["year"], np.ones(len(listed)), place, count
    )
    if source == "handcoded":
        return _both_ways(hand)
    coded = pd.read_parquet(raw_table(raw, "atop_v5_1/atop_dyad_year.parquet"))
    coded = coded[coded["defense"] > 0]
    pacts = _grid(
        coded["iso3_a"], coded["iso3_b"], coded["year"], np.ones(len(coded)), place, count
    )
    pacts[LAST_ATOP + 1 - FIRST :] = hand[LAST_ATOP + 1 - FIRST :]
    return _both_ways(pacts)


def _trade(raw: Path, place: Mapping[str, int], count: int) -> np.ndarray:
    """Return trade in both directions; after 2014 the last year stands, known at the time."""
    flows = pd.read_parquet(raw_table(raw, "cow_trade_v4/trade_dyad_year.parquet"))
    both = flows["imp_a_from_b"].fillna(0).clip(lower=0) + flows["imp_b_from_a"].fillna(0).clip(
        lower=0
    )
    trade = _grid(flows["iso3_a"], flows["iso3_b"], flows["year"], both.to_numpy(), place, count)
    trade[LAST_TRADE + 1 - FIRST :] = trade[LAST_TRADE - FIRST]
    return _both_ways(trade)


def _regimes(raw: Path, place: Mapping[str, int], count: int) -> np.ndarray:
    table = pd.read_parquet(raw_table(raw, "regime/democracy.parquet"))
    table = table.dropna(subset=["v2x_polyarchy"])
    table = table[
        table["iso3"].isin(place.keys()) & table["year"].between(FIRST, FIRST + count - 1)
    ]
    grid = np.full((count, len(place)), np.nan)
    rows = table["year"].to_numpy(dtype=int) - FIRST
    grid[rows, table["iso3"].map(place).to_numpy(dtype=int)] = table["v2x_polyarchy"]
    return grid


def _union(raw: Path, place: Mapping[str, int], count: int) -> np.ndarray:
    table = pd.read_parquet(raw_table(raw, "blocs_handcoded/membership.parquet"))
    table = table[(table["org"] == "EU") & (table["status"] == "member")]
    grid = np.zeros((count, len(place)), dtype=bool)
    for code, start, end in table[["iso3", "start", "end"]].fillna("").to_numpy():
        if code in place:
            first = int(start[:4]) - FIRST
            last = int(end[:4]) - FIRST if end else count
            grid[max(first, 0) : max(last, 0), place[code]] = True
    return grid


def _strengths(raw: Path, place: Mapping[str, int], count: int, pacts: str) -> dict:
    """Return the strength of each kind of tie, [year, country, country]."""
    sanctions = pd.read_parquet(raw_table(raw, "sanctions_handcoded/sanction_dyad_year.parquet"))
    sanctions = sanctions[(sanctions["trade"] > 0) | (sanctions["financial"] > 0)]
    by_target = (sanctions["target"], sanctions["sender"], sanctions["year"])
    distances = pd.read_parquet(raw_table(raw, "geography/capital_distance_2024.parquet"))
    pairs = (distances["iso3_a"], distances["iso3_b"], pd.Series(FIRST, distances.index))
    near = np.exp(-distances["capdist_km"].to_numpy() / DISTANCE_SCALE)
    nearness = _both_ways(_grid(*pairs, near, place, 1))
    return {
        "allies": _pacts(raw, place, count, pacts),
        "partners": _trade(raw, place, count),
        "regime": np.array([likeness(row) for row in _regimes(raw, place, count)]),
        "neighbours": np.broadcast_to(nearness, (count, *nearness.shape[1:])),
        "sanctions": _grid(*by_target, np.ones(len(sanctions)), place, count),
    }
