"""The specification of Bremer (1992) on politically relevant pairs 1816-2010, as replicated.

The design is that of Miller (2022, CMPS 39:6) in the form which his documentation printed in July
2025, on Correlates of War codes, so that Germany and the Federal Republic are two states in 1990:

* a pair-year needs one day on which both were members of the state system;
* a pair is relevant if its first relation of the year is contiguity by land or across at most 400
  miles of water, or if either was a major power on any day of the year;
* the outcome is a dispute of the two that began in the year (Gibler, Miller & Little); years in
  which one merely went on stay in, without an event;
* years of peace are counted over relevant years, from the last one with a dispute under way;
* of the two states the smaller value counts: democracy (extended Unified Democracy Scores), latent
  GDP per head, soldiers per head; a defence pact is one in either direction.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.data.estimate.disputes_logit import Logit, fit_logit
from detente.data.estimate.tables import raw_table

FIRST, LAST = 1816, 2010
PAIR = ["one", "other", "year"]
NAMES = (
    "contiguity", "power_ratio", "major_power", "defence_pact", "least_democratic",
    "least_income", "militarisation", "peace_years", "peace_years_2", "peace_years_3",
)  # fmt: skip
# Printed coefficient and standard error, log-odds. Those of income and of the cube are printed as
# zero to three decimals, and say nothing.
PUBLISHED = {
    "constant": (-3.517, 0.076),
    "contiguity": (1.057, 0.058),
    "power_ratio": (1.055, 0.082),
    "major_power": (0.113, 0.059),
    "defence_pact": (-0.132, 0.058),
    "least_democratic": (-0.272, 0.032),
    "militarisation": (30.152, 2.378),
    "peace_years": (-0.146, 0.005),
    "peace_years_2": (0.003, 0.000),
}
# Half a unit of the last decimal that is printed.
ROUNDING = 0.0005
PUBLISHED_ROWS = 106_056
# Onsets are not printed; this many came out when the design was rebuilt by others from the same
# tables.
REBUILT_ONSETS = 2_447


def fit_bremer(raw: Path) -> Logit:
    """Return the fit on all relevant pairs of 1816-2010 with every covariate known.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Raises
    ------
    MissingDataError
        If a table is absent.
    """
    rows = relevant_pairs(raw)
    rows = rows.merge(_disputes(raw), how="left", on=PAIR).fillna({"onset": 0, "under_way": 0})
    rows = rows.merge(_pacts(raw), how="left", on=PAIR).fillna({"defence_pact": 0})
    pair = rows["one"].to_numpy(int) * 1000 + rows["other"].to_numpy(int)
    peace = years_of_peace(pair, rows["under_way"].to_numpy() > 0).astype(float)
    power = _sides(raw, rows, "cow_nmc_v7/nmc.parquet", "cinc")
    soldiers, people = (
        _sides(raw, rows, "cow_nmc_v7/nmc.parquet", name) for name in ("milper", "tpop")
    )
    matrix = np.column_stack([
        rows["contiguity"] == 1,
        power.min(axis=0) / power.max(axis=0),
        rows["major_power"],
        rows["defence_pact"],
        _sides(raw, rows, "regime/democracy.parquet", "aeuds").min(axis=0),
        _sides(raw, rows, "gdp_pop_latent/gdp_pop_fariss2022.parquet", "mrgdppc").min(axis=0),
        (soldiers / people).min(axis=0),
        peace, peace**2, peace**3,
    ]).astype(float)  # fmt: skip
    known = np.isfinite(matrix).all(axis=1)
    onset, year = rows["onset"].to_numpy(float), rows["year"].to_numpy(int)
    return fit_logit(matrix[known], onset[known], NAMES, year=year[known])


def relevant_pairs(raw: Path) -> pd.DataFrame:
    """Return one, other, year, contiguity (0 none, 1 land, 2-5 water), major_power; sorted.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    states = pd.read_parquet(raw_table(raw, "state_system/cow_states.parquet"))
    rows = pair_years(states).merge(_contiguity(raw), how="left", on=PAIR)
    rows["contiguity"] = rows["contiguity"].fillna(0)
    majors = pd.read_parquet(raw_table(raw, "state_system/cow_majors.parquet"))
    held, year = spread(majors["styear"].to_numpy(int), majors["endyear"].to_numpy(int))
    great = majors["ccode"].to_numpy(int)[held] * 10_000 + year
    sides = [np.isin(rows[side] * 10_000 + rows["year"], great) for side in PAIR[:2]]
    rows["major_power"] = (sides[0] | sides[1]).astype(float)
    near = rows[(rows["contiguity"] > 0) | (rows["major_power"] > 0)]
    return near.sort_values(PAIR, ignore_index=True)


def pair_years(states: pd.DataFrame) -> pd.DataFrame:
    """Return one, other, year of all pairs of states that were members on one same day.

    Parameters
    ----------
    states
        ccode, start, end (dates): one row a spell of membership.

    Examples
    --------
    >>> spells = pd.DataFrame({
    ...     "ccode": [115, 817, 2],
    ...     "start": ["1975-11-25", "1954-06-04", "1975-01-01"],
    ...     "end": ["1976-12-31", "1975-04-30", "1975-12-31"],
    ... })
    >>> pair_years(spells).to_numpy().tolist()
    [[2, 115, 1975], [2, 817, 1975]]
    """
    code = states["ccode"].to_numpy(int)
    start, end = (pd.to_datetime(states[name]).to_numpy() for name in ("start", "end"))
    first = np.maximum(start[:, None], start[None, :])
    final = np.minimum(end[:, None], end[None, :])
    one, other = np.nonzero((first <= final) & (code[:, None] < code[None, :]))
    begins, ends = (
        dates[one, other].astype("datetime64[Y]").astype(int) + 1970 for dates in (first, final)
    )
    held, year = spread(np.maximum(begins, FIRST), np.minimum(ends, LAST))
    found = pd.DataFrame(dict(zip(PAIR, (code[one][held], code[other][held], year), strict=True)))
    return found.drop_duplicates().sort_values(PAIR, ignore_index=True)


def spread(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each spell, repeated for its years, and the years.

    Examples
    --------
    >>> place, year = spread(np.array([1900, 1950]), np.array([1901, 1949]))
    >>> place.tolist(), year.tolist()
    ([0, 0], [1900, 1901])
    """
    length = np.maximum(last - first + 1, 0)
    place = np.repeat(np.arange(len(first)), length)
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return place, first[place] + within


def years_of_peace(pair: np.ndarray, under_way: np.ndarray) -> np.ndarray:
    """Return the number of rows since the pair's first, or since its last dispute under way.

    Parameters
    ----------
    pair
        Identifier of each row's pair; rows of a pair stand together, in the order of years.
    under_way
        Whether a dispute of the two was under way in the row's year.

    Examples
    --------
    >>> years_of_peace(np.array([1, 1, 1, 1, 2]), np.array([0, 0, 1, 0, 0]) > 0).tolist()
    [0, 1, 2, 0, 0]
    """
    place = np.arange(len(pair))
    fresh = np.ones(len(pair), dtype=bool)
    fresh[1:] = (pair[1:] != pair[:-1]) | under_way[:-1]
    return place - np.maximum.accumulate(np.where(fresh, place, 0))


def _contiguity(raw: Path) -> pd.DataFrame:
    """Return the first contiguity of each pair and year, 0 if the year began without one.

    Spells are dated by month, and spells without contiguity are listed for pairs that had one at
    another time.
    """
    table = pd.read_parquet(raw_table(raw, "geography/cow_direct_contiguity_3_2.parquet"))
    table = table.sort_values("stdate", kind="stable", ignore_index=True)
    years = [table[name].str[:4].astype(int).to_numpy() for name in ("stdate", "enddate")]
    held, year = spread(*years)
    table = _ordered(table, "ccode1", "ccode2").rename(columns={"conttype": "contiguity"})
    found = table.iloc[held].assign(year=year).drop_duplicates(PAIR)
    return found[[*PAIR, "contiguity"]]


def _disputes(raw: Path) -> pd.DataFrame:
    """Return whether a dispute began and whether one was under way; a year can hold several."""
    table = pd.read_parquet(raw_table(raw, "mids/gml_mid_dyad_dispute_year.parquet"))
    table = _ordered(table, "ccode_a", "ccode_b").rename(columns={"ongoing": "under_way"})
    return table.groupby(PAIR, as_index=False)[["onset", "under_way"]].max()


def _pacts(raw: Path) -> pd.DataFrame:
    table = pd.read_parquet(raw_table(raw, "atop_v5_1/atop_dyad_year.parquet"))
    table = _ordered(table, "ccode_a", "ccode_b")
    table["defence_pact"] = (table["defense"] > 0).astype(float)
    return table.groupby(PAIR, as_index=False)[["defence_pact"]].max()


def _ordered(table: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """Return the table with the smaller code as `one`, the larger as `other`."""
    codes = table[[a, b]].to_numpy(int)
    return table.assign(one=codes.min(axis=1), other=codes.max(axis=1))


def _sides(raw: Path, rows: pd.DataFrame, name: str, column: str) -> np.ndarray:
    """Return a column of a table of states for both sides, [side, row]; NaN where unknown."""
    table = pd.read_parquet(raw_table(raw, name))
    values = table.set_index(["ccode", "year"])[column]
    return np.stack([
        values.reindex(pd.MultiIndex.from_frame(rows[[side, "year"]])).to_numpy(float)
        for side in PAIR[:2]
    ])  # fmt: skip


def comparison(line: Logit, terms: Sequence[str] = tuple(PUBLISHED)) -> list[dict[str, Any]]:
    """Return each coefficient beside the printed one, and the relative distance from it.

    A printed number stands for all that round to it: the distance is from the nearest of these.
    """
    found = []
    for name in terms:
        printed, error = PUBLISHED[name]
        ours = float(line.coefficient[line.names.index(name)])
        away = max(abs(ours - printed) - ROUNDING, 0.0)
        found.append({
            "term": name, "ours": ours, "se": float(line.se[line.names.index(name)]),
            "published": printed, "published_se": error,
            "relative_difference": away / abs(printed),
        })  # fmt: skip
    return found
