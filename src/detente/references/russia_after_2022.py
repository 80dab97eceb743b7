"""After the fact: Russia's trade by partner, 2019 against 2023, from effects estimated earlier.

The base is trade of 2019 (campos2019, one sector). Its costs change by the trade sanctions in
force at the end of 2023 against those of 2019, between all countries, with effects estimated on
the same hand-coded list from 1950 to 2014: partial -0.25, complete -1.03 log points. No effect of
the level "broad" exists from years before 2022, and none is used.

What is predicted is compared with goods trade of 2023 (baci2023). Definitions: both tables are
merchandise; 2019 is as reported to the IMF (imports partly with freight), 2023 is reconciled free
on board. So that neither this nor prices of 2023 count, both years are divided by all other trade
between countries seen in both, and changes are in logs of what remains.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from detente.data.estimate.tables import read_table as read_estimates
from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.files.worlds import load_world
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.world import World

TARGET = "RUS"
BEFORE, AFTER = 2019, 2023
SPEC = "sanctions_handcoded"
# Partners below this trade in 2019, million USD, are left out: their records are mostly noise.
LEAST = 100.0
# Forecasts below this, in logs, are forecasts of no change.
STILL = 0.005
DIRECTIONS = ("trade", "exports", "imports")


@dataclass(frozen=True)
class Score:
    """One forecast score beside a baseline.

    Attributes
    ----------
    group, name : what was scored
    ours, baseline : the score, and that of the baseline
    baseline_name : which baseline
    better : "higher" or "lower"
    unit, note : of the score; what a reader must know
    """

    group: str
    name: str
    ours: float
    baseline: float
    baseline_name: str
    better: str
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Effects:
    """Effects of trade sanctions by level of the hand-coded list, in log points of flow.

    Attributes
    ----------
    partial, complete : estimated
    sample : of the estimate
    """

    partial: float
    complete: float
    sample: str

    def of(self, level: np.ndarray) -> np.ndarray:
        """Return the effect of each level, 0 to 2."""
        return np.select([level == 1, level == 2], [self.partial, self.complete], 0.0)


def effects() -> Effects:
    """Return the effects that were estimated on years before 2022."""
    with resources.as_file(resources.files("detente.data") / "estimates.csv") as path:
        table = read_estimates(path)
    rows = table[table["spec"] == SPEC].set_index("term")
    value = rows["coefficient"]
    sample = str(rows["sample"].iloc[0])
    return Effects(float(value["partial"]), float(value["complete"]), sample)


def levels(raw: Path, year: int, countries: list[str]) -> np.ndarray:
    """Return [sender, target] levels of the trade sanctions in force at the end of a year.

    Parameters
    ----------
    raw
        Folder of raw tables.
    year
        Of the list.
    countries
        Ordered labels.
    """
    table = read_table(raw, "sanctions_handcoded/sanction_dyad_year.parquet")
    place = {code: number for number, code in enumerate(countries)}
    known = table["sender"].isin(countries) & table["target"].isin(countries)
    rows = table[(table["year"] == year) & known]
    grid = np.zeros((len(countries), len(countries)), dtype=int)
    at = rows["sender"].map(place), rows["target"].map(place)
    np.maximum.at(grid, at, rows["trade_eoy"].to_numpy())
    return grid


def shift(raw: Path, countries: list[str], given: Effects) -> np.ndarray:
    """Return [origin, destination] log points by which sanctions move flows, 2019 to 2023.

    A sanction acts on both directions; where both sides sanction the stronger effect holds.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered labels.
    given
        Effects by level.
    """

    def both(year: int) -> np.ndarray:
        effect = given.of(levels(raw, year, countries))
        return np.minimum(effect, effect.T)

    return both(AFTER) - both(BEFORE)


def predicted(world: World, moved: np.ndarray) -> np.ndarray:
    """Return new flows [origin, destination] in general equilibrium.

    Parameters
    ----------
    world
        One sector.
    moved
        [origin, destination] log points of flow at given prices and incomes.
    """
    codes = world.countries
    theta = float(world.values("trade_elasticity")[0])
    cost = pd.DataFrame(np.exp(-moved / theta), index=codes, columns=codes)
    rows = cost.rename_axis("origin").reset_index().melt("origin", var_name="destination")
    rows = rows[rows["value"] != 1.0].reset_index(drop=True)
    scenario = Scenario(name="sanctions", edits=(Edit(layer="trade_cost", table=rows),))
    outcome = run(world, scenario, models=["trade"], draws=0, deficits="own_share")
    wide = outcome.flows().pivot_table(index="origin", columns="destination", values="new")
    return wide.reindex(index=codes, columns=codes).to_numpy()


def comparison(raw: Path, given: Effects | None = None) -> pd.DataFrame:
    """Return log changes of Russia's trade with each partner, seen and predicted.

    Parameters
    ----------
    raw
        Folder of raw tables.
    given
        Effects by level; those of `effects` when None.

    Returns
    -------
    pandas.DataFrame
        partner, direction (trade, exports, imports of Russia), before and after (million USD),
        seen, model, gravity (logs, less those of all other trade).
    """
    world = load_world("campos2019")
    codes = world.countries
    old = world.values("flow")[:, :, 0]
    table = read_table(raw, "baci2023/trade_2023.parquet")
    grid = table.pivot_table(index="exporter", columns="importer", values="value_kusd") / 1e3
    new = grid.reindex(index=codes, columns=codes).to_numpy()
    moved = shift(raw, codes, effects() if given is None else given)
    after = {"seen": new, "model": predicted(world, moved), "gravity": old * np.exp(moved)}
    both = (old > 0) & (new > 0) & ~np.eye(len(codes), dtype=bool)
    home = codes.index(TARGET)
    rest = both.copy()
    rest[home] = rest[:, home] = False
    common = {name: np.log(flow[rest].sum() / old[rest].sum()) for name, flow in after.items()}
    parts = []
    for direction in DIRECTIONS:
        before = _of_target(old, home, direction)
        known = _of_target(both.astype(float), home, direction)
        # Trade in both directions is known where each of them is.
        kept = (known == known.max()) & (before >= LEAST)
        columns = {"partner": np.array(codes)[kept], "direction": direction}
        columns |= {"before": before[kept], "after": _of_target(new, home, direction)[kept]}
        for name, flow in after.items():
            growth = _of_target(flow, home, direction)[kept] / before[kept]
            columns[name] = np.log(growth) - common[name]
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _of_target(flow: np.ndarray, home: int, direction: str) -> np.ndarray:
    """Return the target's exports to, imports from or trade with each partner."""
    if direction == "trade":
        return flow[home] + flow[:, home]
    return flow[home] if direction == "exports" else flow[:, home]


def _errors(
    seen: np.ndarray, forecast: np.ndarray, size: np.ndarray
) -> tuple[float, float, float, float]:
    """Return share of signs met, rank correlation, and error in logs: each alike, and by size."""
    met = np.where(np.abs(forecast) < STILL, 0.5, np.sign(seen) == np.sign(forecast))
    signs = float(met.mean())
    alike = np.ptp(forecast) == 0
    rank = 0.0 if alike else float(spearmanr(seen, forecast).statistic)
    square = (seen - forecast) ** 2
    plain, by_size = np.mean(square), np.average(square, weights=size)
    return 100 * signs, rank, float(np.sqrt(plain)), float(np.sqrt(by_size))


def scores(raw: Path | None = None) -> Iterator[Score]:
    """Yield sign accuracy, rank correlation and error of each direction, beside two baselines.

    The first baseline scales all partners by one factor, the one that Russia's trade really had;
    it knows the total, which no forecast does. The second is gravity at given prices and incomes:
    each flow moves by its own sanction and no other. A forecast of no change is no forecast of a
    sign, and counts as half met.

    Parameters
    ----------
    raw
        Folder of raw tables, or None for the default.
    """
    table = comparison(raw_folder(raw))
    names = ("signs met", "rank correlation", "error", f"error weighted by trade of {BEFORE}")
    units = ("%", "", "log points", "log points")
    better = ("higher", "higher", "lower", "lower")
    for direction, part in table.groupby("direction", sort=False):
        seen = part["seen"].to_numpy()
        total = part["after"].sum() / part["before"].sum()
        own = np.log((part["after"] / part["before"]).to_numpy())
        alike = np.full(len(part), np.log(total) - (own - seen)[0])
        size = part["before"].to_numpy()
        ours = _errors(seen, part["model"].to_numpy(), size)
        for words, forecast in (
            ("all partners scale alike", alike),
            ("gravity without equilibrium", part["gravity"].to_numpy()),
        ):
            theirs = _errors(seen, forecast, size)
            for n, name in enumerate(names):
                note = f"{len(part)} partners"
                label = f"{direction} of {TARGET} {BEFORE}-{AFTER}: {name}"
                yield Score(
                    "Russia after 2022", label, ours[n], theirs[n], words, better[n], units[n], note
                )
