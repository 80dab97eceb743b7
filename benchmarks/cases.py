"""What is measured, each with the bound it has to keep on two cores."""

import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jax
from threadpoolctl import threadpool_limits

from benchmarks.synthetic import synthetic
from detente.files.worlds import load_world
from detente.reading import linearise
from detente.references import gegravity
from detente.runs import run as runs
from detente.runs.batches import hands_for, solve_batches
from detente.runs.crew import Crew
from detente.runs.solved import Solved
from detente.scenario import Edit, Scenario
from detente.world import World

COUNTERFACTUALS = {"campos2019": 0.010, "wiod2011": 0.010, "world2023": 0.012}  # seconds
MADE_UP = {(41, 35): 0.010, (151, 1): 0.003, (196, 133): 5.0}  # seconds, by countries and sectors
THOUSAND = {"world2023": 12.0, "wiod2011": 10.0}  # seconds
ICIO_BOUND = 0.060  # seconds: 81 economies x 50 industries, made of raw tables
PREVIEW = 0.030  # seconds: the first-order answer to a scenario, once a world is linearised
COMPILE = 10.0
MAIN_JOB_BOUNDS = {"nothing kept from a run before": 20.0, "with what a run before kept": 8.0}
MAIN_JOB_MEMORY = 4.0  # GB
HELP = 0.5
DRAWS = 200
PRESET = "us-russia-realignment"


def tariff_war(pair: tuple[str, ...] = ("CHN", "USA")) -> Scenario:
    """Return 25 points of tariff between two countries, in both directions."""
    both = list(pair)
    return Scenario(
        name="tariff-war",
        why="a benchmark",
        edits=(Edit(layer="tariff_rate", where={"origin": both, "destination": both}, add=0.25),),
    )


def counterfactual(world: str | World, scenario: Scenario | None = None) -> Callable[[], Solved]:
    """Return the solve of one scenario at the medians: all that a draw of a run costs."""
    place = load_world(world) if isinstance(world, str) else world
    asked = scenario or tariff_war()
    job = runs._plan(place, asked, None, 0, 1, None, "actors", (), False, False)
    engine, row = job.task.engine, job.ensemble.medians()

    def solve() -> Solved:
        found = engine.solve(0, row, job.base)
        assert not found.reason, found.reason
        return found

    return solve


def made_up(countries: int, sectors: int) -> Callable[[], Solved]:
    """Return the solve of one scenario in a world made of nothing."""
    world = synthetic(countries, sectors)
    first, second = world.countries[:2]
    return counterfactual(world, tariff_war((first, second)))


def thousand(world: str) -> float:
    """Return the time of a thousand draws of one scenario, from the world to the last draw."""
    place = load_world(world)
    start = time.perf_counter()
    job = runs._plan(place, tariff_war(), None, 1000, 1, None, "actors", (), False, False)
    found: list[int] = []
    draws = job.parameters.index.tolist()
    with threadpool_limits(1, "blas"), Crew(*hands_for(job.task, draws)) as crew:
        job.task.engine.warm()
        crew.tell(job=job, task=job.task)
        solve_batches(crew, job.task, draws, lambda batch, results: found.extend(batch))
    assert sorted(found) == draws
    return time.perf_counter() - start


def preview(world: str) -> Callable[[], object]:
    """Return the preview of one scenario after another, no two alike, in a linearised world."""
    line = linearise(load_world(world))
    pairs = itertools.cycle(itertools.permutations(line.world.countries[:30], 2))

    def show() -> object:
        return line.preview(tariff_war(next(pairs)))

    show()
    return show


def seconds(call: Callable[[], object], rounds: int) -> list[float]:
    """Return the time of each of some calls."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def compile_seconds(world: str) -> float:
    """Return the time of a first solve less that of the next."""
    solve = counterfactual(world)
    jax.clear_caches()
    first = seconds(solve, 1)[0]
    return first - statistics.median(seconds(solve, 3))


@dataclass(frozen=True)
class Process:
    """A whole process: wall clock, CPU time of all threads, and the peak of memory."""

    wall: float
    cpu: float
    memory: float


def main_jobs(rounds: int) -> tuple[list[Process], list[Process]]:
    """Run the main job some times cold, and as often with what a run before has kept."""
    job = "run", PRESET, "--draws", str(DRAWS)
    with tempfile.TemporaryDirectory() as kept:
        process(*job, cache=kept)
        both = [(process(*job), process(*job, cache=kept)) for _ in range(rounds)]
    cold, warm = zip(*both, strict=True)
    return list(cold), list(warm)


def process(*arguments: str, cache: str = "off") -> Process:
    """Run the command line in an empty folder.

    Parameters
    ----------
    arguments
        What follows `detente`.
    cache
        `DETENTE_CACHE`: the folder of what is kept between runs, by default none.
    """
    command = [sys.executable, "-m", "detente", *arguments]
    place = os.environ | {"DETENTE_CACHE": cache}
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=place, capture_output=True, text=True)
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Process(wall, cpu, after.ru_maxrss / 1e6)


@dataclass(frozen=True)
class Beside:
    """The released gegravity package and ours, on its sample, in this process.

    Attributes
    ----------
    theirs, ours : seconds of each of some solves after the first
    gaps : largest relative differences of real wages and of flows
    """

    theirs: list[float]
    ours: list[float]
    gaps: dict[str, float]


def beside(raw: Path, rounds: int = 5) -> Beside:
    """Solve the Canada-Japan agreement of 30 countries with both programs.

    Parameters
    ----------
    raw
        Folder of raw tables, with gegravity_sample.
    rounds
        Solves of each after the first.
    """
    theirs = []
    for _ in range(rounds + 1):
        # The package solves once per baseline; building the baseline is not counted.
        given = gegravity.peer(raw)
        start = time.perf_counter()
        results = given.simulate()
        theirs.append(time.perf_counter() - start)
    world, scenario = gegravity.world_and_scenario(given)
    outcome = gegravity.ours(world, scenario)
    job = runs._plan(world, scenario, None, 0, 1, "own_share", "actors", (), False, False)
    row = job.ensemble.medians()
    return Beside(
        theirs=theirs[1:],
        ours=seconds(lambda: job.task.engine.solve(0, row, job.base), 5 * rounds),
        gaps=gegravity.largest_gaps(given, results, outcome),
    )
