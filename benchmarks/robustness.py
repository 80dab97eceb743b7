"""`python -m benchmarks.robustness [--count N] [--world NAME]...`: large random shocks, counted.

Each shock draws elasticities up to 60 and one to three of: tariffs up to 300 per cent, iceberg
costs up to tenfold, embargoes in both directions, of random countries against random countries.
Every solve ends in a certified equilibrium, in a reason found before any search (no supplier is
left, a deficit without trade), or unsolved. The last are what is to be zero.
"""

import argparse
import collections
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.synthetic import synthetic
from detente.edit import Edit
from detente.ensemble import LEVEL, Ensemble, ensemble_for
from detente.files.worlds import load_world
from detente.runs.engine import Engine
from detente.scenario import Scenario
from detente.world import World

HIGHEST = 60.0
WORLDS = ("synthetic-20x6", "campos2019")


@dataclass
class Tally:
    """What became of the shocks of one world.

    Attributes
    ----------
    solved : certified equilibria
    reasons : how many ended for each reason, named before any search
    unsolved : seeds and messages of searches that found nothing
    steps : of the certified
    seconds : CPU time of all
    """

    solved: int = 0
    reasons: collections.Counter = field(default_factory=collections.Counter)
    unsolved: list[tuple[int, str]] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    seconds: float = 0.0


def world_of(name: str) -> World:
    """Return an embedded world, or synthetic-NxS."""
    if not name.startswith("synthetic-"):
        return load_world(name)
    countries, sectors = name.removeprefix("synthetic-").split("x")
    return synthetic(int(countries), int(sectors))


def shock(world: World, rng: np.random.Generator) -> Scenario:
    """Return a random scenario of one to three large edits."""

    def some() -> list[str]:
        most = max(2, len(world.countries) // 10)
        count = int(rng.integers(1, most))
        return [str(code) for code in rng.choice(world.countries, count, replace=False)]

    edits = []
    for _ in range(int(rng.integers(1, 4))):
        first, second = some(), some()
        where = {"origin": first, "destination": second}
        if first == second and len(first) == 1:
            continue
        kind = rng.integers(3)
        if kind == 0:
            edits.append(Edit(layer="tariff_rate", where=where, set=float(rng.uniform(0, 3))))
        elif kind == 1:
            factor = float(np.exp(rng.uniform(0, np.log(10))))
            edits.append(Edit(layer="trade_cost", where=where, multiply=factor))
        else:
            back = {"origin": second, "destination": first}
            edits += [Edit(layer="export_ban", where=one, set=1) for one in (where, back)]
    if not edits:
        return shock(world, rng)
    return Scenario(name="shock", why="a benchmark", edits=edits)


def elasticities(ensemble: Ensemble, rng: np.random.Generator) -> dict[str, float]:
    """Return the medians, with elasticities spread evenly in logs from 1 to the highest."""
    row = ensemble.medians()
    top = float(np.exp(rng.uniform(np.log(2), np.log(HIGHEST))))
    for name in row:
        if name.startswith("trade_elasticity["):
            row[name] = float(np.exp(rng.uniform(0, np.log(top)))) / row[LEVEL]
    return row


def try_all(world: World, count: int, rule: str = "own_share", seed: int = 0) -> Tally:
    """Solve random shocks of one world.

    Parameters
    ----------
    world
        Base.
    count
        How many shocks; shock n is the same whatever the count.
    rule
        Deficit rule. Under own_share a country that is cut off can still have an equilibrium.
    seed
        Of the random numbers.
    """
    ensemble, tally, start = ensemble_for(world, []), Tally(), time.process_time()
    for n in range(count):
        rng = np.random.default_rng([seed, n])
        engine = Engine(world, [shock(world, rng).apply(world)], ensemble, rule)
        found = engine.solve(0, elasticities(ensemble, rng), engine.base)
        if not found.reason:
            tally.solved += 1
            tally.steps.append(found.steps)
        elif engine.reasons[0]:
            tally.reasons[found.reason.split(":")[0].split(" for ")[0]] += 1
        else:
            tally.unsolved.append((n, found.reason))
    tally.seconds = time.process_time() - start
    return tally


def line(name: str, count: int, found: Tally) -> str:
    """Return a row of a table."""
    steps = np.quantile(found.steps, (0.5, 0.99)) if found.steps else (0, 0)
    reasons = ", ".join(f"{words}: {times}" for words, times in found.reasons.items()) or "none"
    return (
        f"| {name} | {count} | {found.solved} | {reasons} | {len(found.unsolved)} | "
        f"{steps[0]:.0f} / {steps[1]:.0f} | {1000 * found.seconds / count:.0f} ms |"
    )


def main() -> None:
    """Print one row a world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--world", action="append")
    parser.add_argument("--rule", default="own_share")
    given = parser.parse_args()
    print("| world | shocks | certified | no equilibrium | unsolved | steps | CPU each |")
    print("|---|---|---|---|---|---|---|")
    for name in given.world or WORLDS:
        found = try_all(world_of(name), given.count, given.rule)
        print(line(name, given.count, found), flush=True)
        for n, reason in found.unsolved[:10]:
            print(f"<!-- {name} shock {n}: {reason} -->", flush=True)


if __name__ == "__main__":
    main()
