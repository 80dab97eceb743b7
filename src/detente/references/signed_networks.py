"""Signed networks with known answers: highland tribes (Read 1954) and states 1946-1999."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from detente.alignment.similarity import similarity
from detente.blocs import partition
from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.validate import Line

TRIBES = "Read (1954) Southwestern J. Anthropology 10:1-43; frustration index by exact programs"
WINDOWS = "Doreian & Mrvar (2015) networks; optima proved by an independent program"
SCORES = "Alliance portfolios of 2000 (ATOP 5.1), computed by an independent program"
NAMES = (
    *("Gavev", "Kotun", "Ove", "Alika", "Nagam", "Gahuk", "Masil", "Ukudz"),
    *("Notoh", "Kohik", "Geham", "Asaro", "Uheto", "Seuve", "Nagad", "Gama"),
)
ALLIES = (
    "1-2 3-4 3-6 3-7 5-7 6-7 3-8 4-8 6-8 7-8 5-9 9-10 6-11 7-11 8-11 6-12 7-12 8-12 11-12 7-13 "
    "9-13 10-13 5-14 13-14 1-15 2-15 1-16 2-16 15-16"
)
ENEMIES = (
    "1-3 2-3 1-4 1-5 2-5 1-6 2-6 2-9 6-9 2-10 9-11 10-11 1-12 6-13 11-13 8-14 12-14 5-15 9-15 "
    "10-15 11-15 12-15 13-15 5-16 6-16 11-16 12-16 13-16 14-16"
)
KNOWN = {"two camps": (2, 7, 15, 50), "any number of camps": (None, 2, 11, 41)}
GAP = 1e-9


def tribes() -> pd.DataFrame:
    """Return the alliances (rova) and enmities (hina) of 16 tribes: 29 and 29 ties."""
    rows = []
    for text, sign in ((ALLIES, 1), (ENEMIES, -1)):
        for tie in text.split():
            one, other = (NAMES[int(number) - 1] for number in tie.split("-"))
            rows.append({"a": one, "b": other, "sign": sign})
    return pd.DataFrame(rows)


def windows(raw: Path) -> dict[str, pd.DataFrame]:
    """Return the ties of each four-year window, named by its years.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    table = read_table(raw, "signed_cow_1946_1999/edges.parquet")
    table = table.rename(columns={"from": "a", "to": "b"})
    found = {}
    for (start, end), part in table.groupby(["year_start", "year_end"]):
        found[f"{start}-{end}"] = part[["a", "b", "sign"]].reset_index(drop=True)
    return found


def alliances_2000(raw: Path) -> pd.DataFrame:
    """Return the alliance portfolios of 2000: 3 defence or offence, 2 neutrality or consultation.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    DataFrame
        States by states: 1 nonaggression, 0 nothing, and 3 on the diagonal.
    """
    states = read_table(raw, "state_system/gw_cow_crosswalk_1946_2025.parquet")
    names = sorted(set(states.loc[states["year"] == 2000, "iso3"]))
    ties = read_table(raw, "atop_v5_1/atop_dyad_year.parquet")
    ties = ties[(ties["year"] == 2000) & ties["iso3_a"].isin(names) & ties["iso3_b"].isin(names)]
    strong = (ties["defense"] + ties["offense"] > 0).to_numpy()
    middle = (ties["neutral"] + ties["consul"] > 0).to_numpy()
    level = np.select([strong, middle], [3, 2], (ties["nonagg"] > 0).astype(int).to_numpy())
    where = {name: number for number, name in enumerate(names)}
    a, b = ties["iso3_a"].map(where).to_numpy(), ties["iso3_b"].map(where).to_numpy()
    grid = np.diag(np.full(len(names), 3))
    grid[a, b] = grid[b, a] = level
    return pd.DataFrame(grid, index=names, columns=names)


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield frustration indices of the tribes, and the range over the 51 windows of states."""
    for words, (camps, published, _, _) in KNOWN.items():
        mine = partition(tribes(), camps).optimum
        what = f"tribes, {words}: violated ties"
        yield Line("signed networks", what, TRIBES, "ties", mine, published, GAP)
    given = windows(raw_folder(raw))
    for words, (camps, _, least, most) in KNOWN.items():
        found = [partition(ties, camps) for ties in given.values()]
        values = [result.optimum for result in found]
        proved = sum(result.certified for result in found)
        for what, mine, published in (
            ("least", min(values), least),
            ("most", max(values), most),
            ("windows proved", proved, 51),
        ):
            name = f"1946-1999, {words}: {what}"
            yield Line("signed networks", name, WINDOWS, "", mine, published, GAP)
    portfolios = alliances_2000(raw_folder(raw))
    for measure, distance, korea, subcontinent in (
        ("S", "linear", 0.95, 0.94),
        ("kappa", "squared", 0.29, 0.26),
    ):
        table = similarity(portfolios, measure, distance)
        for (a, b), published in ((("PRK", "KOR"), korea), (("IND", "PAK"), subcontinent)):
            mine = float(table.to_numpy()[table.index.get_loc(a), table.columns.get_loc(b)])
            name = f"{measure} of {a} and {b}, alliances of 2000"
            yield Line("signed networks", name, SCORES, "", mine, published, 0.005)
