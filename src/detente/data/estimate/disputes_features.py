"""What was known of a pair of states at the end of the year before: the rows of the risk models.

Every column of year t is computed from arrays up to t - 1 only; a test changes the future and
compares. `history` walks through the years once, so that nothing later can enter.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detente.data.estimate.disputes_panel import FIRST, ORIGIN, Disputes, Panel
from detente.security.dispute_terms import SMALLEST_SHARE, fill_states, position_gaps

# Half-lives of the memory of past disputes, in years.
MEMORY = (1.0, 3.0, 8.0, 20.0)
FORGOTTEN = 80.0
ALIKE = 0.3
NEAR_KM, ENEMY_MEMORY, TOGETHER_MEMORY, FACTORS = 400.0, 8.0, 10.0, 6


@dataclass(frozen=True)
class Rows:
    """One row a pair and year; pairs of members only.

    Attributes
    ----------
    year : year of the outcome
    a, b : places of the two states in the panel's list
    columns : covariates by name, known at the end of the year before
    onset, fatal, war : outcomes of the year; fatal and war NaN where no dispute began
    part : one over the number of pairs in the dispute that began
    goes_on : no dispute began, and one of before was still under way (an outcome)
    """

    year: np.ndarray
    a: np.ndarray
    b: np.ndarray
    columns: dict[str, np.ndarray]
    onset: np.ndarray
    fatal: np.ndarray
    war: np.ndarray
    part: np.ndarray
    goes_on: np.ndarray

    def matrix(self, names: list[str]) -> np.ndarray:
        """Return the named columns, [row, column]."""
        return np.column_stack([self.columns[name] for name in names])


def read_rows(panel: Panel, first: int = FIRST, last: int | None = None) -> Rows:
    """Return the rows of all pairs of members of the state system.

    Parameters
    ----------
    panel
        Arrays from 1816 on.
    first, last
        Years of the outcomes.
    """
    final = panel.member.shape[0] + ORIGIN - 1 if last is None else last
    upper = np.triu_indices(len(panel.countries), 1)
    parts: dict[str, list[np.ndarray]] = {}
    keys, outcomes = [], []
    for year, past in history(panel, first, final):
        now = year - ORIGIN
        both = panel.member[now][upper[0]] & panel.member[now][upper[1]]
        where = upper[0][both], upper[1][both]
        for name, values in (past | _ties(panel, now - 1) | _states(panel, now - 1)).items():
            parts.setdefault(name, []).append(values[where].astype(np.float32))
        keys.append((np.full(len(where[0]), year), *where))
        found = panel.disputes
        outcomes.append(
            [
                grid[now][where]
                for grid in (found.onset, found.fatal, found.war, found.part, found.active)
            ]
        )
    year, a, b = (np.concatenate(part) for part in zip(*keys, strict=True))
    onset, fatal, war, part, active = (np.concatenate(part) for part in zip(*outcomes, strict=True))
    columns = {name: np.concatenate(part) for name, part in parts.items()}
    return Rows(year, a, b, columns, onset, fatal, war, part, (active > 0) & (onset == 0))


def history(panel: Panel, first: int, last: int) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Yield each year with what past disputes say about every pair, known the year before.

    Parameters
    ----------
    panel
        Arrays from 1816 on.
    first, last
        Years of the outcomes.
    """
    memory = Memory(panel.disputes)
    for now in range(1, last - ORIGIN + 1):
        memory.take_in(now - 1)
        if now + ORIGIN >= first:
            yield now + ORIGIN, memory.columns(panel, now - 1)


class Memory:
    """Decayed counts of past disputes; `take_in` adds one more year, in order.

    How hostile and deadly a dispute became is listed for the dispute as a whole, which may go on
    for years: nothing of it is read here. Dated events tell it (`disputes_events`).
    """

    def __init__(self, disputes: Disputes) -> None:
        pair = disputes.onset.shape[1:]
        self.disputes = disputes
        self.began = {span: np.zeros(pair) for span in MEMORY}
        self.since = np.full(pair, FORGOTTEN)
        self.total = np.zeros(pair)
        self.together = np.zeros(pair)

    def take_in(self, now: int) -> None:
        """Add the year of index `now`."""
        found = self.disputes
        onset, active = found.onset[now], found.active[now]
        for span, count in self.began.items():
            count *= 0.5 ** (1 / span)
            count += onset
        self.since = np.where(active > 0, 0.0, np.minimum(self.since + 1, FORGOTTEN))
        self.total += onset
        self.together = self.together * 0.5 ** (1 / TOGETHER_MEMORY) + found.together[now]

    def columns(self, panel: Panel, last: int) -> dict[str, np.ndarray]:
        """Return [country, country] columns; `last` is the index of the last known year."""
        found = {f"began_{span:g}": count for span, count in self.began.items()}
        found |= {
            "since": self.since,
            "total": self.total,
            "active": self.disputes.active[last],
        }
        return found | self._others(panel, last) | self._third(panel, last)

    def _others(self, panel: Panel, last: int) -> dict[str, np.ndarray]:
        """Return how often each side quarrels with states other than the other side."""
        found = {}
        for span in MEMORY[:3]:
            count = self.began[span]
            sides = count.sum(1)[:, None] - count, count.sum(1)[None, :] - count
            found |= _both(f"busy_{span:g}", *sides)
        active = self.disputes.active[last]
        found |= _both("engaged", active.sum(1)[:, None] - active, active.sum(1)[None, :] - active)
        members = panel.member[last]
        found["world_rate"] = np.full_like(
            self.total, np.log(1e-5 + self.began[3.0].sum() / max(members.sum(), 2) ** 1.0)
        )
        found["states"] = np.full_like(self.total, float(members.sum()))
        return found

    def _third(self, panel: Panel, last: int) -> dict[str, np.ndarray]:
        """Return what third states are to the two: common enemies, allies, enemies of allies."""
        enemy = np.minimum(self.began[ENEMY_MEMORY], 1.0)
        pact = panel.tie["defense"][last].astype(float)
        near = (np.nan_to_num(panel.tie["distance"][last], nan=1e5) < NEAR_KM).astype(float)
        np.fill_diagonal(near, 0.0)
        around, mood = near @ self.began[3.0], near @ self.began[3.0].sum(1)
        power = capability_product(panel.state["gdp"][last], panel.state["population"][last])
        sided = np.minimum(self.together, 1.0)
        position = np.nan_to_num(panel.state["ideal_point"][last], nan=9.0)
        alike = np.exp(-(((position[:, None] - position) / ALIKE) ** 2))
        np.fill_diagonal(alike, 0.0)
        alike /= 1.0 + alike.sum(1, keepdims=True)
        fresh = np.minimum(self.began[1.0], 1.0)
        under_way = panel.disputes.active[last].astype(float)
        found = {
            "common_enemies": enemy @ enemy,
            "common_allies": pact @ pact,
            "allies_enemies": _either(pact @ enemy),
            "allies_fresh": _either(pact @ fresh),
            "allies_active": _either(pact @ under_way),
            "patrons_enemies": _either((pact * np.nan_to_num(power)) @ enemy),
            "comrades": self.together,
            "comrades_enemies": _either(sided @ enemy),
            "comrades_fresh": _either(sided @ fresh),
            "alike_enemies": _either(alike @ enemy),
            "neighbours_enemies": _either(around),
            "neighbours_active": _either(near @ under_way),
            "enemies_pacts": (enemy @ pact) * (enemy @ pact).T,
            "latent": low_rank(np.log1p(self.began[ENEMY_MEMORY])),
        }
        return found | _sides("region", mood)


def low_rank(matrix: np.ndarray) -> np.ndarray:
    """Return the nearest matrix of rank FACTORS: who quarrels with the kind of states they are."""
    values, vectors = np.linalg.eigh(matrix)
    large = np.argsort(-np.abs(values))[:FACTORS]
    return (vectors[:, large] * values[large]) @ vectors[:, large].T


def _either(directed: np.ndarray) -> np.ndarray:
    return directed + directed.T


def _sides(name: str, value: np.ndarray) -> dict[str, np.ndarray]:
    return _both(name, *np.broadcast_arrays(value[:, None], value[None, :]))


def _both(name: str, one: np.ndarray, other: np.ndarray) -> dict[str, np.ndarray]:
    """Return the larger and the smaller of two sides: a pair has no order."""
    return {f"{name}_max": np.maximum(one, other), f"{name}_min": np.minimum(one, other)}


def _ties(panel: Panel, last: int) -> dict[str, np.ndarray]:
    names = ("defense", "nonagg", "offense", "neutral", "pact_own", "igos", "sanction", "embargo",
             "contiguity", "rivalry", "rivalry_spatial", "rivalry_positional", "distance",
             "battle", "battle_primary", "joint_own")  # fmt: skip
    found = {name: panel.tie[name][last] for name in names}
    # Distances begin in 1946, and a state that enters has none the year before it enters: borders
    # and distances of the year itself are facts on its first of January.
    found["distance"] = np.where(
        np.isfinite(found["distance"]), found["distance"], panel.tie["distance"][last + 1]
    )
    found["contiguity"] = np.where(
        found["contiguity"] > 0, found["contiguity"], panel.tie["contiguity"][last + 1]
    )
    old = panel.tie["battle"][max(last - 9, 0) : last + 1] > 0
    return found | {"battle_10": old.sum(0)}


def capability_product(gdp: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Return each state's share of the world's GDP times GDP per head (Beckley 2018)."""
    product = gdp**2 / population
    return product / np.nansum(product, axis=-1, keepdims=True)


def _states(panel: Panel, last: int) -> dict[str, np.ndarray]:
    state = {name: values[last] for name, values in panel.state.items()}
    later = {name: values[last + 1] for name, values in panel.state.items()}
    # A state that enters has no value of the year before: its first one stands in.
    for name in ("cinc", "gdp", "population"):
        state[name] = np.where(np.isfinite(state[name]), state[name], later[name])
    found: dict[str, np.ndarray] = {}
    shares = {
        "cinc": state["cinc"],
        "capability": capability_product(state["gdp"], state["population"]),
        "gdp": state["gdp"] / np.nansum(state["gdp"]),
    }
    for name, share in shares.items():
        found |= _sides(f"log_{name}", np.log(np.maximum(share, SMALLEST_SHARE)))
    found |= _sides("log_income", np.log(state["gdp"] / state["population"]))
    for name in ("polyarchy", "ideal_point", "uds", "major", "civil_war"):
        found |= _sides(name, state[name])
    change = panel.state["polyarchy"][last] - panel.state["polyarchy"][max(last - 5, 0)]
    age = np.minimum(panel.member[: last + 1].sum(0), 100).astype(float)
    member = panel.member[last + 1]
    return (
        found
        | _sides("nuclear", np.minimum(state["warheads"], 1.0))
        | _sides("militarised", state["milper"] / state["tpop"])
        | _sides("unrest", np.abs(change))
        | _sides("age", age)
        | _sides("known_polyarchy", fill_states(state["polyarchy"], member))
        | {"known_gap": position_gaps(state["ideal_point"], member)}
    )
