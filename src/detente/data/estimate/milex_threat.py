"""The threat in the panel of military spending: a pooled logit of fatal disputes.

It is simpler than the dispute hazards of the security room and serves the panel alone: features of
a pair at the end of year t - 1, the probability of a fatal dispute that begins in year t, and

    threat_it = 100 (1 - prod_j (1 - p_ijt))

(Nordhaus, Oneal & Russett 2012, International Organization 66:491-513). Coefficients may be fitted
up to a stated year, so that a forecast from that year knows nothing later.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from detente.data.estimate.milex_panel import FIRST, LAST, LAST_DISPUTES, panel_countries
from detente.data.estimate.tables import raw_table
from detente.errors import ConvergenceError

START = 1946  # first year of disputes after the war
FEATURES = (
    "constant", "land_border", "near_water", "log_distance", "log_power_ratio", "log_power_larger",
    "rivals", "fatal_before", "log_years_since",
)  # fmt: skip
# The search for the maximum ends when no coefficient moves by more than this.
SMALL, STEPS, RIDGE = 1e-8, 60, 1e-6


@dataclass(frozen=True)
class Pairs:
    """Undirected pairs of states by year, features of the year before.

    Attributes
    ----------
    countries : codes of the panel
    years : years of the outcome, one array a year in the lists below
    first, second : places of the two states, one array a year
    features : [pair, feature], one array a year; known at the end of the year before
    fatal : 1.0 where a fatal dispute begins in the year; empty after the last known year
    """

    countries: tuple[str, ...]
    years: np.ndarray
    first: list[np.ndarray]
    second: list[np.ndarray]
    features: list[np.ndarray]
    fatal: list[np.ndarray]


def read_pairs(raw: Path) -> Pairs:
    """Return the pairs of 1947 to the year after the last known disputes.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.
    """
    codes = panel_countries(raw)
    place = {code: index for index, code in enumerate(codes)}
    power = _power(raw, place)
    fatal = _fatal(raw, place)
    border, water = _contiguity(raw, place)
    distance = _distance(raw, place)
    rivals = _rivalry(raw, place)
    since = np.full((len(codes), len(codes)), np.nan)
    ever = np.zeros_like(since)
    upper = np.triu_indices(len(codes), 1)
    pairs = Pairs(codes, np.arange(START + 1, LAST_DISPUTES + 2), [], [], [], [])
    for year in pairs.years:
        t = year - 1 - START  # place of the year before, from which every feature is taken
        since = np.where(fatal[t], 0.0, since + 1)
        ever = ever + fatal[t]
        there = np.isfinite(power[t])
        both = there[upper[0]] & there[upper[1]]
        a, b = upper[0][both], upper[1][both]
        near = border[t, a, b]
        pair_power = np.stack([power[t, a], power[t, b]])
        larger, smaller = pair_power.max(axis=0), pair_power.min(axis=0)
        row = np.stack([
            np.ones(len(a)), near, water[t, a, b] & ~near, np.log(distance[a, b]),
            larger - smaller, larger, rivals[t, a, b], ever[a, b] > 0,
            np.where(ever[a, b] > 0, np.log1p(np.nan_to_num(since[a, b])), 0.0),
        ], axis=1)  # fmt: skip
        pairs.first.append(a)
        pairs.second.append(b)
        pairs.features.append(row.astype(float))
        happened = fatal[t + 1, a, b] if year <= LAST_DISPUTES else np.zeros(0)
        pairs.fatal.append(happened.astype(float))
    return pairs


def fit(pairs: Pairs, last: int = LAST_DISPUTES) -> np.ndarray:
    """Return the coefficients of the logit on outcomes up to a year.

    Parameters
    ----------
    pairs
        From `read_pairs`.
    last
        Last year whose outcomes are used.

    Returns
    -------
    numpy.ndarray
        One coefficient a feature, by Newton's method with a ridge of 1e-6.

    Raises
    ------
    ConvergenceError
        If the search does not end.
    """
    used = [n for n, year in enumerate(pairs.years) if year <= min(last, LAST_DISPUTES)]
    x = np.concatenate([pairs.features[n] for n in used])
    y = np.concatenate([pairs.fatal[n] for n in used])
    found = np.zeros(x.shape[1])
    found[0] = np.log(y.mean() / (1 - y.mean()))
    height = _likelihood(x, y, found)
    for _ in range(STEPS):
        p = expit(x @ found)
        pull = x.T @ (y - p) - RIDGE * found
        curve = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(x.shape[1])
        step = np.linalg.solve(curve, pull)
        # Disputes are rare, so a full step can overshoot: halve until the likelihood rises.
        while (new := _likelihood(x, y, found + step)) < height and np.abs(step).max() > SMALL:
            step = step / 2
        found, height = found + step, new
        if np.abs(step).max() <= SMALL:
            return found
    raise ConvergenceError(f"the logit of fatal disputes did not converge in {STEPS} steps")


def _likelihood(x: np.ndarray, y: np.ndarray, b: np.ndarray) -> float:
    score = x @ b
    return float(y @ score - np.logaddexp(0, score).sum() - RIDGE / 2 * b @ b)


def threat(pairs: Pairs, coefficients: np.ndarray) -> np.ndarray:
    """Return the threat of each state and year, in points, on the years of the panel.

    Years after the last one with features keep its value: no disputes are known by which to
    move it.

    Examples
    --------
    >>> two = np.array([0]), np.array([1])
    >>> pairs = Pairs(("A", "B"), np.array([1949]), [two[0]], [two[1]], [np.ones((1, 1))], [])
    >>> threat(pairs, np.array([0.0]))[0].tolist()
    [50.0, 50.0]
    """
    count = len(pairs.countries)
    grid = np.zeros((LAST - FIRST + 1, count))
    for n, year in enumerate(pairs.years):
        if year < FIRST:
            continue
        p = expit(pairs.features[n] @ coefficients)
        quiet = np.zeros(count)
        np.add.at(quiet, pairs.first[n], np.log1p(-p))
        np.add.at(quiet, pairs.second[n], np.log1p(-p))
        grid[year - FIRST] = 100 * (1 - np.exp(quiet))
    last = int(pairs.years[-1]) - FIRST
    grid[last + 1 :] = grid[last]
    return grid


def _years() -> int:
    return LAST_DISPUTES - START + 1


def _power(raw: Path, place: dict[str, int]) -> np.ndarray:
    """Return the log of the share of world capabilities, NaN outside the system of states."""
    table = pd.read_parquet(raw_table(raw, "cow_nmc_v7/nmc.parquet"))
    table = table[table["year"].between(START, LAST_DISPUTES) & (table["cinc"] > 0)]
    grid = np.full((_years(), len(place)), np.nan)
    rows = table["year"].to_numpy(dtype=int) - START
    columns = table["iso3"].map(place).to_numpy(dtype=int)
    grid[rows, columns] = np.log(table["cinc"])
    return grid


def _fatal(raw: Path, place: dict[str, int]) -> np.ndarray:
    """Return [year, country, country]: a dispute with a battle death begins in the year."""
    table = pd.read_parquet(raw_table(raw, "mids/cow_mid5_dyad_dispute_year.parquet"))
    deadly = (table["fatality"] >= 1) | ((table["fatality"] == -9) & (table["hostlev"] == 5))
    table = table[deadly & (table["onset"] == 1) & table["year"].between(START, LAST_DISPUTES)]
    grid = np.zeros((_years(), len(place), len(place)), dtype=bool)
    for a, b, year in table[["iso3_a", "iso3_b", "year"]].itertuples(index=False):
        if a in place and b in place:
            grid[year - START, place[a], place[b]] = grid[year - START, place[b], place[a]] = True
    return grid


def _contiguity(raw: Path, place: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_parquet(raw_table(raw, "geography/cow_direct_contiguity_3_2.parquet"))
    grids = np.zeros((2, _years(), len(place), len(place)), dtype=bool)
    # Zero is a time without contiguity.
    rows = table.loc[table["conttype"] > 0, ["iso3_a", "iso3_b", "conttype", "stdate", "enddate"]]
    for a, b, kind, start, end in rows.itertuples(index=False):
        if a in place and b in place:
            first, last = max(int(str(start)[:4]) - START, 0), int(str(end)[:4]) - START
            span = slice(first, max(last + 1, 0))
            grid = grids[0 if kind == 1 else 1]
            grid[span, place[a], place[b]] = grid[span, place[b], place[a]] = True
    return grids[0], grids[1]


def _distance(raw: Path, place: dict[str, int]) -> np.ndarray:
    """Return km between capitals, at least 50; the median of a state fills what is not listed."""
    table = pd.read_parquet(raw_table(raw, "geography/capital_distance_2024.parquet"))
    grid = np.full((len(place), len(place)), np.nan)
    kept = table[table["iso3_a"].isin(place.keys()) & table["iso3_b"].isin(place.keys())]
    a = kept["iso3_a"].map(place).to_numpy(dtype=int)
    b = kept["iso3_b"].map(place).to_numpy(dtype=int)
    grid[a, b] = grid[b, a] = kept["capdist_km"].to_numpy(dtype=float)
    for old, now in SUCCESSORS.items():
        if old in place and now in place:
            o, n = place[old], place[now]
            grid[o], grid[:, o] = grid[n], grid[:, n]
            grid[o, n] = grid[n, o] = np.nan
    middle = np.nanmedian(grid)
    return np.maximum(np.where(np.isfinite(grid), grid, middle), 50.0)


# States that are gone, and the one whose capital is nearest to theirs.
SUCCESSORS = {"CSK": "CZE", "DDR": "DEU", "RVN": "VNM", "YMD": "YEM", "ZAN": "TZA"}


def _rivalry(raw: Path, place: dict[str, int]) -> np.ndarray:
    table = pd.read_parquet(raw_table(raw, "rivalries/tss_rivalries_1494_2020.parquet"))
    grid = np.zeros((_years(), len(place), len(place)), dtype=bool)
    for a, b, start, end in table[["iso3_a", "iso3_b", "start", "end"]].itertuples(index=False):
        if a in place and b in place:
            span = slice(max(int(start) - START, 0), max(int(end) - START + 1, 0))
            grid[span, place[a], place[b]] = grid[span, place[b], place[a]] = True
    return grid
