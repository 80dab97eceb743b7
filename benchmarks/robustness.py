"""`python -m benchmarks.robustness [--count N] [--world NAME]...`: large random shocks, counted.

Each shock draws elasticities up to 60 and one to three of: tariffs up to 300 per cent, iceberg
costs up to tenfold, embargoes in both directions, of random countries against random countries.
Every solve ends in a certified equilibrium, in a reason found before any search (no supplier is
left, a deficit without trade), or unsolved. The last are what is to be zero.

With `--out FILE` every shock is a line of JSON, written as it ends: the same command again takes
up where the last one stopped, so that ten thousand shocks can be run in parts (`--minutes`). Shock
n is the same whatever the count, so that one can be looked at again: `--only N`. With `--draws D`
each scenario meets D draws of elasticities side by side, as the draws of a run do, and every draw
counts as a shock.
"""

import argparse
import collections
import contextlib
import json
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

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


@dataclass(frozen=True)
class Shock:
    """What became of one shock.

    Attributes
    ----------
    world, rule, seed, n : which shock it was
    fate : certified, impossible (a reason found before any search) or unsolved
    reason : why there is no equilibrium, or what the search ended with
    residual, steps : of the search
    seconds : CPU time, with making the edits
    """

    world: str
    rule: str
    seed: int
    n: int
    fate: str
    reason: str
    residual: float | None
    steps: int
    seconds: float

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What tells shocks apart."""
        return self.world, self.rule, self.seed, self.n


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

    @property
    def count(self) -> int:
        """How many shocks were tried."""
        return self.solved + self.reasons.total() + len(self.unsolved)

    def add(self, found: Shock) -> None:
        """Count one more shock."""
        self.seconds += found.seconds
        if found.fate == "certified":
            self.solved += 1
            self.steps.append(found.steps)
        elif found.fate == "impossible":
            self.reasons[found.reason.split(":")[0].split(" for ")[0]] += 1
        else:
            self.unsolved.append((found.n, found.reason))


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


def try_one(
    world: World, ensemble: Ensemble, n: int, rule: str = "own_share", seed: int = 0
) -> Shock:
    """Solve one shock.

    Parameters
    ----------
    world, ensemble
        Base and its priors.
    n, seed
        Which shock.
    rule
        Deficit rule. Under own_share a country that is cut off can still have an equilibrium.
    """
    return try_some(world, ensemble, n, 1, rule, seed)[0]


def try_some(
    world: World, ensemble: Ensemble, n: int, draws: int, rule: str = "own_share", seed: int = 0
) -> list[Shock]:
    """Solve shocks of one scenario that meets several draws of elasticities.

    Parameters
    ----------
    world, ensemble
        Base and its priors.
    n, draws, seed
        The first shock, and how many; a single one is solved as a point estimate is.
    rule
        As in `try_one`.
    """
    start = time.process_time()
    rng = np.random.default_rng([seed, n])
    engine = Engine(world, [shock(world, rng).apply(world)], ensemble, rule)
    rows = [elasticities(ensemble, rng) for _ in range(draws)]
    if draws == 1:
        every = [engine.solve(0, rows[0], engine.base)]
    else:
        engine.warm()
        every = engine.solve_all(0, rows, [engine.base] * draws)
    spent = (time.process_time() - start) / draws
    shocks = []
    for k, found in enumerate(every):
        fate = "certified" if not found.reason else "unsolved"
        if engine.reasons[0]:
            fate = "impossible"
        residual = float(found.residual) if np.isfinite(found.residual) else None
        made = world.name, rule, seed, n + k, fate, found.reason, residual, int(found.steps), spent
        shocks.append(Shock(*made))
    return shocks


def try_all(
    world: World,
    count: int,
    rule: str = "own_share",
    seed: int = 0,
    out: Path | None = None,
    minutes: float = math.inf,
    draws: int = 1,
) -> Tally:
    """Solve random shocks of one world.

    Parameters
    ----------
    world
        Base.
    count
        How many shocks; shock n is the same whatever the count.
    rule, seed
        As in `try_one`.
    out
        File that shocks are added to; those in it are not solved again.
    minutes
        Wall time after which no further shock is begun.
    draws
        How many shocks share a scenario: see `try_some`.
    """
    ensemble, tally = ensemble_for(world, []), Tally()
    done = {one.key: one for one in read(out)} if out else {}
    end = time.monotonic() + 60 * minutes
    with out.open("a", encoding="utf-8") if out else contextlib.nullcontext() as file:
        for n in range(0, count, draws):
            keys = [(world.name, rule, seed, n + k) for k in range(draws)]
            found = [done[key] for key in keys if key in done]
            if len(found) < draws:
                if time.monotonic() > end:
                    break
                found = try_some(world, ensemble, n, draws, rule, seed)
                if file is not None:
                    file.writelines(json.dumps(asdict(one)) + "\n" for one in found)
                    file.flush()
            for one in found:
                tally.add(one)
    return tally


def read(path: Path) -> list[Shock]:
    """Return the shocks of a file; a last line that was cut off is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [Shock(**json.loads(line)) for line in lines if line.endswith("}")]


def line(name: str, found: Tally) -> str:
    """Return a row of a table."""
    steps = np.quantile(found.steps, (0.5, 0.99)) if found.steps else (0, 0)
    reasons = ", ".join(f"{words}: {times}" for words, times in found.reasons.items()) or "none"
    each = 1000 * found.seconds / max(found.count, 1)
    return (
        f"| {name} | {found.count} | {found.solved} | {reasons} | {len(found.unsolved)} | "
        f"{steps[0]:.0f} / {steps[1]:.0f} | {each:.0f} ms |"
    )


def main() -> None:
    """Print one row a world, and every search that found nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--world", action="append")
    parser.add_argument("--rule", default="own_share")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="file of JSON lines to add to and to go on from")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after these, a world")
    parser.add_argument("--draws", type=int, default=1, help="draws that a scenario meets")
    parser.add_argument("--only", type=int, help="solve this shock alone and print it")
    given = parser.parse_args()
    if given.only is not None:
        for name in given.world or WORLDS:
            world = world_of(name)
            found = try_one(world, ensemble_for(world, []), given.only, given.rule, given.seed)
            print(json.dumps(asdict(found)), flush=True)
        return
    print("| world | shocks | certified | no equilibrium | unsolved | steps | CPU each |")
    print("|---|---|---|---|---|---|---|")
    for name in given.world or WORLDS:
        how = given.rule, given.seed, given.out, given.minutes, given.draws
        found = try_all(world_of(name), given.count, *how)
        print(line(name, found), flush=True)
        for n, reason in found.unsolved:
            print(f"<!-- {name} shock {n}: {reason} -->", flush=True)


if __name__ == "__main__":
    main()
