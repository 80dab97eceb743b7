"""Roll calls of the United Nations General Assembly as a table of votes."""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.errors import DataError

# Starting positions of the published program; they set the sign and nothing else.
UN_ANCHORS = {"USA": 3.0, "CAN": 3.0, "GBR": 3.0, "ISR": 3.0, "RUS": -2.0, "DDR": -2.0}
ONE_VOTE_SESSION = 19
LAST_PROCEDURAL_YEAR = 1989
SEAT_CHANGED_SESSION = 26
# Voters with next to no votes: two votes in all; one vote in the session of return.
TOO_FEW = (("ZAN", None), ("ZAF", 48))
BLOCKS = ("session", "year")


def un_votes(
    raw: Path | str | None = None,
    first: int = 1,
    last: int = 80,
    period: str = "session",
) -> pd.DataFrame:
    """Return votes of the General Assembly, by the data rules of Bailey, Strezhnev and Voeten.

    Parameters
    ----------
    raw
        Folder of raw tables; see `detente.data.paths`.
    first, last
        Sessions to read; session s begins in the year s + 1945. The votes of 2025 are sessions
        79 and 80.
    period
        `session`, or `year` for calendar years.

    Returns
    -------
    DataFrame
        voter (ISO3), period, item (the roll-call id that `un_bridge` uses), vote (1 yes, 2
        abstain, 3 no).

    Raises
    ------
    MissingDataError
        No raw tables.
    DataError
        No session lies between `first` and `last`, or `period` is unknown.

    Notes
    -----
    Session 19 (one vote) is left out; so are votes on paragraphs and amendments after 1989,
    absences, Zanzibar (two votes), and South Africa's one vote of session 48. China's seat is
    TWN before session 26 and CHN from there on. Items that divide nobody are left out by
    `fit_ideal_points`, after bridging. Votes of emergency special sessions count with the
    regular session in progress, which opens in September. The raw table has no votes of Ukraine
    and Belarus before 1991, which the published positions rest on, and no flags of paragraphs
    from session 75 on.

    Examples
    --------
    >>> un_votes(first=70, last=74)  # doctest: +SKIP
    """
    if period not in BLOCKS:
        raise DataError(f"period {period!r} is not one of {', '.join(BLOCKS)}")
    folder = raw_folder(raw)
    calls = read_table(
        folder,
        "unga_votes/rollcalls.parquet",
        ["rollcall", "session", "date", "year", "rcid", "amend", "para"],
    )
    calls["session"] = session = calls["session"].fillna(_in_progress(calls["date"]))
    procedural = (calls["year"] > LAST_PROCEDURAL_YEAR) & (
        (calls["para"] == 1) | (calls["amend"] == 1)
    )
    kept = session.between(first, last) & (session != ONE_VOTE_SESSION) & ~procedural
    if not kept.any():
        raise DataError(
            f"no roll call in sessions {first} to {last}; the table holds "
            f"{int(session.min())} to {int(session.max())}"
        )
    calls = calls[kept].copy()
    # Ids run to session 74; later roll calls go by their number, which is always larger.
    calls["item"] = calls["rcid"].fillna(calls["rollcall"]).astype(np.int64)
    votes = read_table(folder, "unga_votes/votes.parquet", ["rollcall", "iso3", "vote"])
    table = votes.merge(calls[["rollcall", "item", "session", "year"]], on="rollcall")
    few = np.zeros(len(table), bool)
    for voter, when in TOO_FEW:
        few |= ((table["iso3"] == voter) & ((table["session"] == when) | (when is None))).to_numpy()
    table = table[~few]
    taipei = (table["iso3"] == "CHN") & (table["session"] < SEAT_CHANGED_SESSION)
    return pd.DataFrame(
        {
            "voter": table["iso3"].mask(taipei, "TWN").astype(str).to_numpy(),
            "period": table[period].astype(int).to_numpy(),
            "item": table["item"].to_numpy(),
            "vote": table["vote"].astype(int).to_numpy(),
        }
    )


def _in_progress(dates: pd.Series) -> pd.Series:
    """Return the regular session in progress: session s opens in September of s + 1945."""
    when = pd.to_datetime(dates)
    return (when.dt.year - 1945 - (when.dt.month < 9)).astype(float)


def un_bridge(raw: Path | str | None = None) -> pd.DataFrame:
    """Return pairs of recurring resolutions of the General Assembly: earlier, later.

    Parameters
    ----------
    raw
        Folder of raw tables; see `detente.data.paths`.

    Raises
    ------
    MissingDataError
        No raw tables.

    Notes
    -----
    Bailey, Strezhnev and Voeten (2017), matches to session 74. They hold the scale fixed over
    time; no pair reaches beyond session 74.

    Examples
    --------
    >>> un_bridge()  # doctest: +SKIP
    """
    table = read_table(raw_folder(raw), "unga_bridging/bridging_matches.csv", ["rcid1", "rcid2"])
    return table.rename(columns={"rcid1": "earlier", "rcid2": "later"}).astype(np.int64)
