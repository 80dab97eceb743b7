"""Dyad-years 1946-2014 for the risk of militarised disputes: what happened, and what was known.

Everything is held as arrays [year, country] or [year, country, country] on one list of states, so
that a lag is a shift along the first axis. Sources: Correlates of War disputes 5.0 (Palmer et al.
2021), capabilities 7.0, contiguity 3.2 and organisations 3; ATOP 5.1 (Leeds et al. 2002); latent
GDP and population (Fariss et al. 2022); V-Dem 16; ideal points (Bailey, Strezhnev & Voeten 2017);
rivalries (Thompson, Sakuwa & Suhas 2021; Klein, Goertz & Diehl 2006); UCDP/PRIO 25.1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.estimate.tables import raw_table
from detente.security.dispute_terms import NOT_ORGANISATIONS

# Disputes are read from 1816, so that states enter 1946 with their past.
ORIGIN, FIRST, LAST = 1816, 1946, 2014
LISTS = {
    "gml": "mids/gml_mid_dyad_dispute_year.parquet",
    "cow": "mids/cow_mid5_dyad_dispute_year.parquet",
}
# The list of Gibler, Miller & Little ends in 2010; the other goes on to 2014.
LAST_OF = {"gml": 2010, "cow": LAST}
# Where a source ends before the panel, its last year stands for what follows.
LAST_STATE = {"gdp": 2019, "population": 2019, "cinc": 2022, "milper": 2022, "tpop": 2022}
LAST_TIE = dict.fromkeys(("defense", "nonagg", "offense", "neutral"), 2018) | {"igos": 2014}
WAR_LEVEL, FATALITY_UNKNOWN = 5, -9


@dataclass(frozen=True)
class Disputes:
    """What happened, [year - ORIGIN, country, country], symmetric.

    Attributes
    ----------
    onset : a dispute of the two began in the year
    active : a dispute of the two was under way in the year
    fatal : among onsets: 1 a death, 0 none, NaN unknown; NaN elsewhere
    war : among onsets: 1 at the level of war, 0 below; NaN elsewhere
    part : among onsets: one over the number of pairs whose dispute it is; zero elsewhere
    together : the two stood on the same side of a dispute under way
    """

    onset: np.ndarray
    active: np.ndarray
    fatal: np.ndarray
    war: np.ndarray
    part: np.ndarray
    together: np.ndarray


@dataclass(frozen=True)
class Panel:
    """States, ties and disputes on one list of states.

    Attributes
    ----------
    countries : ordered codes
    member : state system, [year - ORIGIN, country]
    disputes : what happened
    state : covariates of states, [year - ORIGIN, country], NaN where no source says
    tie : covariates of pairs, [year - ORIGIN, country, country]
    """

    countries: tuple[str, ...]
    member: np.ndarray
    disputes: Disputes
    state: Mapping[str, np.ndarray]
    tie: Mapping[str, np.ndarray]


def read_panel(raw: Path, source: str = "gml", last: int = LAST, since: int = FIRST) -> Panel:
    """Read every table and place it on one list of states.

    Parameters
    ----------
    raw
        Folder of raw tables.
    source
        List of disputes, `gml` or `cow`; years after the end of `gml` come from `cow`.
    last
        Last year.
    since
        States that ended before this year are left out.

    Raises
    ------
    MissingDataError
        If a table is absent.
    """
    spells = pd.read_parquet(raw_table(raw, "state_system/cow_states.parquet"))
    start, end = (spells[name].str[:4].astype(int) for name in ("start", "end"))
    # The list ends in 2016 with every state alive.
    end = end.where(end < 2016, last)
    lives = end >= since
    countries = tuple(sorted(set(spells.loc[lives, "iso3"])))
    place = {code: number for number, code in enumerate(countries)}
    member = np.zeros((last - ORIGIN + 1, len(countries)), dtype=bool)
    for code, first, final in zip(spells["iso3"], start, end, strict=True):
        if code in place:
            member[max(first - ORIGIN, 0) : final - ORIGIN + 1, place[code]] = True
    grid = Grid(place, last)
    states, ties = _states(raw, grid), _ties(raw, grid)
    for name, end in LAST_STATE.items():
        states[name][end - ORIGIN + 1 :] = states[name][min(end - ORIGIN, grid.years - 1)]
    for name, end in LAST_TIE.items():
        ties[name][end - ORIGIN + 1 :] = ties[name][min(end - ORIGIN, grid.years - 1)]
    return Panel(countries, member, _disputes(raw, grid, source), states, ties)


@dataclass(frozen=True)
class Grid:
    """The list of states and the years: where a row of a table belongs."""

    place: Mapping[str, int]
    last: int

    @property
    def years(self) -> int:
        """Number of years."""
        return self.last - ORIGIN + 1

    def state(self, table: pd.DataFrame, value: str, fill: float = np.nan) -> np.ndarray:
        """Return a column of a table of iso3 and year as [year, country]."""
        found = np.full((self.years, len(self.place)), fill)
        rows = table[table["iso3"].isin(self.place.keys())]
        rows = rows[rows["year"].between(ORIGIN, self.last) & rows[value].notna()]
        where = rows["year"].to_numpy(int) - ORIGIN, rows["iso3"].map(self.place).to_numpy(int)
        found[where] = rows[value].to_numpy(float)
        return found

    def pairs(
        self, table: pd.DataFrame, value: str, join: Callable = np.maximum, fill: float = 0.0
    ) -> np.ndarray:
        """Return a column of a table of iso3_a, iso3_b and year as [year, country, country]."""
        found = np.full((self.years, len(self.place), len(self.place)), fill, dtype=np.float32)
        known = table["iso3_a"].isin(self.place.keys()) & table["iso3_b"].isin(self.place.keys())
        rows = table[known & table["year"].between(ORIGIN, self.last) & table[value].notna()]
        year = rows["year"].to_numpy(int) - ORIGIN
        a, b = (rows[side].map(self.place).to_numpy(int) for side in ("iso3_a", "iso3_b"))
        for where in ((year, a, b), (year, b, a)):
            join.at(found, where, rows[value].to_numpy(np.float32))
        return found

    def spells(self, table: pd.DataFrame, value: str, fill: float = 0.0) -> np.ndarray:
        """Return a column of a table of iso3_a, iso3_b, first, final as [year, pair]."""
        found = np.full((self.years, len(self.place), len(self.place)), fill, dtype=np.float32)
        known = table["iso3_a"].isin(self.place.keys()) & table["iso3_b"].isin(self.place.keys())
        columns = ["iso3_a", "iso3_b", "first", "final", value]
        for one, other, first, final, size in table.loc[known, columns].to_numpy():
            a, b = self.place[one], self.place[other]
            years = slice(max(int(first) - ORIGIN, 0), max(int(final) - ORIGIN + 1, 0))
            found[years, a, b] = found[years, b, a] = size
        return found


def _disputes(raw: Path, grid: Grid, source: str) -> Disputes:
    table = pd.read_parquet(raw_table(raw, LISTS[source]))
    if source == "gml":
        later = pd.read_parquet(raw_table(raw, LISTS["cow"]))
        table = pd.concat([table, later[later["year"] > LAST_OF["gml"]]])
    onset = table[table["onset"] == 1]
    known = onset[onset["fatality"] != FATALITY_UNKNOWN]
    war = onset.assign(war=(onset["hostlev"] == WAR_LEVEL).astype(float))
    deaths = known.assign(fatal=(known["fatality"] > 0).astype(float))
    began = grid.pairs(onset, "onset")
    return Disputes(
        onset=began,
        active=grid.pairs(table.assign(active=1.0), "active"),
        fatal=np.where(began > 0, grid.pairs(deaths, "fatal", np.fmax, np.nan), np.nan),
        war=np.where(began > 0, grid.pairs(war, "war"), np.nan),
        part=grid.pairs(
            onset.assign(part=1 / onset.groupby("dispnum")["year"].transform("size")), "part"
        ),
        together=grid.pairs(_same_side(table), "together"),
    )


def _same_side(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of states on one side of a dispute, by year."""
    sides = [
        table[["dispnum", "year", f"iso3_{own}", f"sidea_{own}"]].set_axis(
            ["dispnum", "year", "iso3", "first_side"], axis=1
        )
        for own in ("a", "b")
    ]
    every = pd.concat(sides).drop_duplicates()
    pairs = every.merge(every, on=["dispnum", "year", "first_side"], suffixes=("_a", "_b"))
    return pairs[pairs["iso3_a"] < pairs["iso3_b"]].assign(together=1.0)


def _states(raw: Path, grid: Grid) -> dict[str, np.ndarray]:
    power = pd.read_parquet(raw_table(raw, "cow_nmc_v7/nmc.parquet"))
    wealth = pd.read_parquet(raw_table(raw, "gdp_pop_latent/gdp_pop_fariss2022.parquet"))
    regime = pd.read_parquet(raw_table(raw, "regime/democracy.parquet"))
    positions = pd.read_parquet(raw_table(raw, "unga_ideal/idealpoints_2025.parquet"))
    arsenals = pd.read_parquet(raw_table(raw, "nuclear/warheads.parquet"))
    majors = pd.read_parquet(raw_table(raw, "state_system/cow_majors.parquet"))
    great = np.zeros((grid.years, len(grid.place)))
    for code, first, final in majors[["iso3", "styear", "endyear"]].to_numpy():
        if code in grid.place:
            stays = final if final < 2016 else grid.last
            great[first - ORIGIN : stays - ORIGIN + 1, grid.place[code]] = 1.0
    wealth = wealth.drop_duplicates(["iso3", "year"], keep="last")
    return {
        "cinc": grid.state(power, "cinc"),
        "milper": grid.state(power, "milper"),
        "tpop": grid.state(power, "tpop"),
        "gdp": grid.state(wealth, "pwtrgdp"),
        "population": grid.state(wealth, "pwtpop"),
        "polyarchy": grid.state(regime, "v2x_polyarchy"),
        "uds": grid.state(regime, "euds"),
        "ideal_point": grid.state(positions, "idealpointfp"),
        "warheads": grid.state(arsenals, "warheads", 0.0),
        "major": great,
        "civil_war": grid.state(_civil_wars(raw), "civil_war", 0.0),
    }


def _civil_wars(raw: Path) -> pd.DataFrame:
    table = pd.read_parquet(raw_table(raw, "ucdp/ucdp_acd_25_1.parquet"))
    inside = table[table["type_of_conflict"].str.contains("intrastate")]
    return inside.rename(columns={"iso3_side_a": "iso3"})[["iso3", "year"]].assign(civil_war=1.0)


def _ties(raw: Path, grid: Grid) -> dict[str, np.ndarray]:
    pacts = pd.read_parquet(raw_table(raw, "atop_v5_1/atop_dyad_year.parquet"))
    own = pd.read_parquet(raw_table(raw, "blocs_handcoded/defence_dyad_year.parquet"))
    joint = pd.read_parquet(raw_table(raw, "igo_cow_v3/igo_joint_dyad_year.parquet"))
    blows = pd.read_parquet(raw_table(raw, "ucdp/ucdp_interstate_dyad_year.parquet"))
    found = {name: grid.pairs(pacts, name) for name in ("defense", "nonagg", "offense", "neutral")}
    found = {name: (duty > 0).astype(np.float32) for name, duty in found.items()}
    found["pact_own"] = (grid.pairs(own, "defense") > 0).astype(np.float32)
    found["igos"] = grid.pairs(joint, "dyadigos")
    found["battle"] = grid.pairs(blows, "intensity")
    found["battle_primary"] = grid.pairs(blows[blows["primary"] == 1], "intensity")
    found["joint_own"] = _organisations(raw, grid)
    return found | _sanctions(raw, grid) | _geography(raw, grid) | _rivalries(raw, grid)


def _organisations(raw: Path, grid: Grid) -> np.ndarray:
    """Return the number of hand-coded organisations in which both are full members."""
    table = pd.read_parquet(raw_table(raw, "blocs_handcoded/membership.parquet"))
    table = table[(table["status"] == "member") & table["iso3"].isin(grid.place.keys())]
    table = table[~table["org"].isin(NOT_ORGANISATIONS)]
    names = {name: number for number, name in enumerate(sorted(set(table["org"])))}
    inside = np.zeros((grid.years, len(grid.place), len(names)), dtype=np.float32)
    columns = table[["org", "iso3", "start", "end"]].fillna("").to_numpy()
    for name, code, start, end in columns:
        years = slice(int(start[:4]) - ORIGIN, int(end[:4]) - ORIGIN if end else grid.years)
        inside[years, grid.place[code], names[name]] = 1.0
    return inside @ inside.transpose(0, 2, 1)


def _sanctions(raw: Path, grid: Grid) -> dict[str, np.ndarray]:
    table = pd.read_parquet(raw_table(raw, "sanctions_handcoded/sanction_dyad_year.parquet"))
    table = table.rename(columns={"sender": "iso3_a", "target": "iso3_b"})
    hard = table.assign(any=((table["trade"] > 0) | (table["financial"] > 0)).astype(float))
    return {"sanction": grid.pairs(hard, "any"), "embargo": grid.pairs(table, "arms")}


def _geography(raw: Path, grid: Grid) -> dict[str, np.ndarray]:
    touch = pd.read_parquet(raw_table(raw, "geography/cow_direct_contiguity_3_2.parquet"))
    first, final = (touch[name].str[:4].astype(int) for name in ("stdate", "enddate"))
    touch = touch.assign(first=first, final=final.where(final < 2016, grid.last))
    # Zero is a time without contiguity; such spells are listed from the first to the last of a pair
    # and contain closer ones, which they must not overwrite, and nor may a looser kind.
    touch = touch[touch["conttype"] > 0].sort_values("conttype", ascending=False)
    near = pd.read_parquet(raw_table(raw, "geography/cshapes_mindist_spells_1946_2019.parquet"))
    near = near.rename(columns={"start": "first", "end": "final"})
    near["final"] = near["final"].where(near["final"] < 2019, grid.last)
    return {
        "contiguity": grid.spells(touch, "conttype"),
        "distance": grid.spells(near, "mindist_km", np.nan),
    }


def _rivalries(raw: Path, grid: Grid) -> dict[str, np.ndarray]:
    judged = pd.read_parquet(raw_table(raw, "rivalries/tss_rivalries_1494_2020.parquet"))
    judged = judged.rename(columns={"start": "first", "end": "final"})
    judged = judged[judged["final"] >= ORIGIN].assign(rivalry=1.0)
    found = {"rivalry": grid.spells(judged, "rivalry")}
    for kind in ("spatial", "positional"):
        found[f"rivalry_{kind}"] = grid.spells(judged[judged[kind] == 1], "rivalry")
    return found
