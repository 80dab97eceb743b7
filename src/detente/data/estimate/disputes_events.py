"""What single events say of a pair by the end of a year, from a list that dates them.

Disputes are listed by year, and a dispute that began in January is not one that began in December.
Militarised interstate events (Gibler & Miller 2023) carry dates; every column here is read from
events that had begun by 31 December, and an event that goes on is known only to be under way.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.estimate.disputes_features import Rows
from detente.data.estimate.disputes_panel import ORIGIN
from detente.data.estimate.tables import raw_table

EVENTS = "mids/mie_1_0_events.parquet"
MONTHS, MIDDLE = 12, 6
# Half-lives in months: of months with an event, of events, of first events of a dispute.
UNDER_WAY, STARTS, FIRSTS, OTHERS = (2.0, 6.0, 24.0), (3.0, 12.0), (3.0, 12.0), 3.0
FORCE, DEATHS = 6.0, 12.0
USE_OF_FORCE, FORGOTTEN = 4, 480.0
NAMES = (
    *(f"event_months_{span:g}" for span in UNDER_WAY), *(f"events_{span:g}" for span in STARTS),
    *(f"event_first_{span:g}" for span in FIRSTS), "event_force", "event_deaths", "event_since",
    "event_age", "event_open", "event_more", "event_less", "event_busy_max", "event_busy_min",
)  # fmt: skip


def read_events(raw: Path, places: Mapping[str, int], last: int) -> pd.DataFrame:
    """Return dated events between the listed states, with months counted from `ORIGIN`.

    Parameters
    ----------
    raw
        Folder of raw tables.
    places
        Place of each state in the list.
    last
        Last year.

    Returns
    -------
    pandas.DataFrame
        a (who acted), b, start and end in months since January of `ORIGIN`, dispute, hostility,
        fatal (0 or 1). A month that is unknown is June.
    """
    table = pd.read_parquet(raw_table(raw, EVENTS))
    known = table["iso3_1"].isin(places.keys()) & table["iso3_2"].isin(places.keys())
    table = table[known & table["styear"].between(ORIGIN, last)]

    def month(side: str) -> np.ndarray:
        within = table[f"{side}mon"].to_numpy(int)
        within = np.where(within > 0, within, MIDDLE)
        return (table[f"{side}year"].to_numpy(int) - ORIGIN) * MONTHS + within - 1

    start = month("st")
    return pd.DataFrame({
        "a": table["iso3_1"].map(places).to_numpy(int),
        "b": table["iso3_2"].map(places).to_numpy(int),
        "start": start,
        "end": np.maximum(month("end"), start),
        "dispute": table["micnum"].to_numpy(int),
        "hostility": table["hostlev"].to_numpy(int),
        "fatal": (table["fatalmin1"] + table["fatalmin2"] > 0).to_numpy(float),
    })  # fmt: skip


class EventMemory:
    """Fading counts of events; `take_in` adds one month, in order."""

    def __init__(self, size: int) -> None:
        shape = size, size
        self.months = {span: np.zeros(shape) for span in UNDER_WAY}
        self.starts = {span: np.zeros(shape) for span in STARTS}
        self.firsts = {span: np.zeros(shape) for span in FIRSTS}
        self.force, self.deaths, self.busy = (np.zeros(shape) for _ in range(3))
        self.since = np.full(shape, FORGOTTEN)
        self.age = np.full(shape, FORGOTTEN)

    def take_in(self, found: dict[str, np.ndarray]) -> None:
        """Add a month: what is under way, starts, first, force and deaths, [a, b] each."""
        live = _joined(found["live"])
        fading = [
            (self.months, live),
            (self.starts, found["starts"]),
            (self.firsts, _joined(found["first"])),
            ({FORCE: self.force}, _joined(found["force"])),
            ({DEATHS: self.deaths}, _joined(found["deaths"])),
            ({OTHERS: self.busy}, live),
        ]
        for memory, now in fading:
            for span, count in memory.items():
                count *= 0.5 ** (1 / span)
                count += now
        self.since = np.where(live > 0, 0.0, np.minimum(self.since + 1, FORGOTTEN))
        new = _joined(found["first"]) > 0
        self.age = np.where(new, 0.0, np.minimum(self.age + 1, FORGOTTEN))

    def columns(self, still: np.ndarray) -> dict[str, np.ndarray]:
        """Return a copy of every column, [country, country]; `still` goes on past the year."""
        acted = self.starts[STARTS[-1]]
        others = self.busy.sum(1)
        own, other = others[:, None] - self.busy, others[None, :] - self.busy
        values = (
            *self.months.values(), *(count + count.T for count in self.starts.values()),
            *self.firsts.values(), self.force, self.deaths, self.since, self.age,
            _joined(still), np.maximum(acted, acted.T),
            np.minimum(acted, acted.T), np.maximum(own, other), np.minimum(own, other),
        )  # fmt: skip
        return {name: np.array(found) for name, found in zip(NAMES, values, strict=True)}


def _joined(directed: np.ndarray) -> np.ndarray:
    """Return 1 where either side acted."""
    return np.maximum(directed, directed.T)


def event_history(
    events: pd.DataFrame, size: int, first: int, years: int
) -> Iterator[dict[str, np.ndarray]]:
    """Yield what events say at the end of each year, from the year of index `first` on.

    Parameters
    ----------
    events
        As `read_events` returns them.
    size, first, years
        Number of states, index of the first year yielded, number of years.
    """
    sides = events[["a", "b"]]
    begun = events.groupby(["dispute", sides.min(axis=1), sides.max(axis=1)])["start"]
    events = events.assign(opens=(events["start"] == begun.transform("min")).astype(float))
    column = {name: events[name].to_numpy() for name in events.columns}
    memory = EventMemory(size)

    def grid(part: np.ndarray, value: np.ndarray | None = None, add: bool = False) -> np.ndarray:
        found = np.zeros((size, size))
        where = column["a"][part], column["b"][part]
        amount = np.ones(int(part.sum())) if value is None else value[part]
        (np.add if add else np.maximum).at(found, where, amount)
        return found

    for month in range(years * MONTHS):
        live = (column["start"] <= month) & (column["end"] >= month)
        starts, ends = column["start"] == month, column["end"] == month
        memory.take_in({
            "live": grid(live),
            "starts": grid(starts, add=True),
            "first": grid(starts, column["opens"]),
            "force": grid(live & (column["hostility"] >= USE_OF_FORCE)),
            "deaths": grid(ends, column["fatal"]),
        })  # fmt: skip
        if month % MONTHS == MONTHS - 1 and month // MONTHS >= first:
            yield memory.columns(grid(live & (column["end"] > month)))


def event_columns(events: pd.DataFrame, rows: Rows, size: int) -> dict[str, np.ndarray]:
    """Return logs of what events say of the pair of each row by the end of the year before.

    Parameters
    ----------
    events
        As `read_events` returns them, with months counted from `ORIGIN`.
    rows
        Rows sorted by year.
    size
        Number of states.
    """
    first, last = int(rows.year[0]), int(rows.year[-1])
    bounds = np.searchsorted(rows.year, np.arange(first, last + 2))
    found = {name: np.zeros(len(rows.year), dtype=np.float32) for name in NAMES}
    known = event_history(events, size, first - 1 - ORIGIN, last - ORIGIN)
    for now, columns in enumerate(known):
        part = slice(bounds[now], bounds[now + 1])
        for name, values in columns.items():
            found[name][part] = np.log1p(values[rows.a[part], rows.b[part]])
    return found
