"""Bailey, Strezhnev and Voeten (2017): positions in the General Assembly, 1946-2019.

The whole replication: about 790,000 votes, two chains of 4,000 iterations, one and a half
minutes on two free cores.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from detente.alignment import fit_ideal_points, un_bridge, un_votes
from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.references import ideal_points_simulated
from detente.validate import Line

SOURCE = "Bailey, Strezhnev & Voeten (2017) JCR 61(2), positions of April 2020, sessions 1-74"
BY_YEAR = "ideal points by year, final passage, release of July 2025"
GROUP = "ideal points"
LAST = 74
OWN_INTERVALS = "ideal_points_2020_intervals.csv"


def compared(raw: Path, table: pd.DataFrame) -> dict[str, float]:
    """Return agreement of a table of positions with the published ones.

    Parameters
    ----------
    raw
        Folder of raw tables.
    table
        voter, period, mean, p05, p95 by session, as of `IdealPoints.table`.

    Returns
    -------
    dict
        `overall`: correlation of all positions; `within`: median correlation within sessions;
        `inside`: share of our means of two states inside their published 5-95 per cent
        interval; `inside_2025`: share of all our means inside the interval of the release of
        2025 for the year of the session; `around`: share of published means inside ours.

    Notes
    -----
    The published intervals of 2020 are not among the raw tables; those of the United States
    and of Congo (Brazzaville), 132 positions, stand beside this file. The intervals of 2025 are
    by calendar year and of final-passage votes: of the published means of 2020 themselves 97
    per cent lie inside.
    """
    means = read_table(raw, "unga_ideal/idealpoints_by_issue_apr2020.parquet")
    bands = read_table(
        raw, "unga_ideal/idealpoints_2025.parquet", ["iso3", "year", "q5fp", "q95fp"]
    )
    both = table.merge(means, left_on=["voter", "period"], right_on=["iso3", "session"])
    within = both.groupby("period")[["mean", "ip_all"]].apply(
        lambda part: np.corrcoef(part["mean"], part["ip_all"])[0, 1]
    )
    two = pd.read_csv(str(files("detente.references") / OWN_INTERVALS), comment="#")
    two = both.merge(two, on=["voter", "session"])
    banded = both.merge(bands.dropna(), on=["iso3", "year"])
    return {
        "overall": float(np.corrcoef(both["mean"], both["ip_all"])[0, 1]),
        "within": float(within.median()),
        "inside": float(two["mean"].between(two["q05"], two["q95"]).mean()),
        "inside_2025": float(banded["mean"].between(banded["q5fp"], banded["q95fp"]).mean()),
        "around": float(both["ip_all"].between(both["p05"], both["p95"]).mean()),
    }


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield recovery of simulated truth, then agreement with the published positions."""
    yield from ideal_points_simulated.lines()
    folder = raw_folder(raw)
    votes = un_votes(folder, last=LAST)
    found = compared(folder, fit_ideal_points(votes, un_bridge(folder)).table())
    yield Line(GROUP, "correlation, 1946-2019", SOURCE, "r", found["overall"], 1.0, 0.002)
    yield Line(GROUP, "median within sessions", SOURCE, "r", found["within"], 1.0, 0.001)
    yield Line(GROUP, "inside 5-95 %, two states", SOURCE, "share", found["inside"], 1.0, 0.05)
    share = found["inside_2025"]
    yield Line(GROUP, "inside 5-95 %, by year", BY_YEAR, "share", share, 1.0, 0.05)
    yield Line(GROUP, "published inside our 5-95 %", SOURCE, "share", found["around"], 1.0, 0.05)
