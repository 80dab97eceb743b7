"""`python -m benchmarks.scaling`: cost of a step as worlds grow, beside what the machine can do.

A step reads its tables four times, as products of matrices: N x N x S multiply-adds a draw and
pass, and eight bytes a cell, for all lanes together (four bytes in the steps of many lanes that are
taken in single precision). The table sets the time of a step against
N^2 S and against the machine's own rates of a large product of matrices and of a copy, measured
in the same process by NumPy. Times are CPU seconds.
"""

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cases import tariff_war
from benchmarks.icio_world import icio_world
from benchmarks.synthetic import synthetic
from detente.ensemble import ensemble_for
from detente.files.worlds import load_world
from detente.runs.engine import LANES, Engine
from detente.world import World

SIZES = ((25, 10), (50, 10), (50, 50), (100, 10), (100, 25), (196, 12), (81, 50))
LARGE = (196, 133)
PASSES = 4
ROUNDS = 5


@dataclass(frozen=True)
class Machine:
    """Rates of this machine, one thread.

    Attributes
    ----------
    product : floating-point operations a second in a product of two large matrices
    copy : bytes read and written a second in a large copy
    """

    product: float
    copy: float


@dataclass(frozen=True)
class Cost:
    """One solve of one world, compiled.

    Attributes
    ----------
    cells : N x N x S
    lanes : draws solved side by side
    steps : steps of the slowest lane
    seconds : CPU time of the call
    """

    cells: int
    lanes: int
    steps: int
    seconds: float

    @property
    def step(self) -> float:
        """Seconds a step and draw."""
        return self.seconds / self.steps / self.lanes

    @property
    def operations(self) -> float:
        """Floating-point operations a second in the products of the steps."""
        return 2 * PASSES * self.cells / self.step

    @property
    def bytes(self) -> float:
        """Bytes of tables read a second."""
        return 8 * PASSES * self.cells * self.steps / self.seconds


def seconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median CPU time of some calls, after a first that is not counted."""
    call()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return statistics.median(times)


def machine(size: int = 1000) -> Machine:
    """Measure the rates of this machine."""
    one = np.random.default_rng(0).random((size, size))
    target = np.empty((size, size))
    long = np.random.default_rng(0).random(8_000_000)
    there = np.empty_like(long)
    product = 2 * size**3 / seconds(lambda: np.matmul(one, one, out=target))
    return Machine(product, 2 * long.nbytes / seconds(lambda: np.copyto(there, long)))


def cost(world: World, lanes: int, rounds: int = ROUNDS) -> Cost:
    """Measure the solve of a tariff war at the medians, in one lane or in several.

    Parameters
    ----------
    world
        Any; two of its countries raise their tariffs on each other.
    lanes
        How many draws side by side; all at the medians, so that all take the same steps.
    rounds
        Calls, of which the median is taken.
    """
    ensemble = ensemble_for(world, [])
    pair = ("CHN", "USA") if "USA" in world.countries else tuple(world.countries[:2])
    engine = Engine(world, [tariff_war(pair).apply(world)], ensemble, "fixed")
    # Rows that are one object are searched for once.
    rows = [dict(ensemble.medians()) for _ in range(lanes)]
    if lanes > 1:
        engine.warm()

    def solve():
        # One draw is solved as a point estimate is: by a compiled program.
        return engine._lanes(0, rows, engine.base, alone=lanes == 1)

    steps = int(solve().certificate.steps.max())
    spent = seconds(solve, rounds)
    return Cost(len(world.countries) ** 2 * len(world.sectors), lanes, steps, spent)


def row(name: str, found: Cost, rates: Machine) -> str:
    """Return one line of the table."""
    return (
        f"| {name} | {found.lanes} | {found.steps} | {1000 * found.seconds / found.lanes:.1f} ms | "
        f"{1e6 * found.step:.0f} | {1e9 * found.step / found.cells:.2f} | "
        f"{100 * found.operations / rates.product:.0f} % | "
        f"{100 * found.bytes / rates.copy:.0f} % |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 196 x 133")
    parser.add_argument("--only-large", action="store_true", help="196 x 133 and nothing else")
    parser.add_argument(
        "--raw",
        type=Path,
        default=os.environ.get("DETENTE_RAW"),
        help="folder of raw tables: also 81 x 50 made of them by RAS",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    rates = machine()
    print(
        f"product {rates.product / 1e9:.0f} GFLOP/s, copy {rates.copy / 1e9:.1f} GB/s, one thread"
    )
    print(
        "| world | lanes | steps | a draw | us a step and draw | ns a cell | of product | of copy |"
    )
    print("|---|---|---|---|---|---|---|---|")
    sizes = () if given.only_large else SIZES
    for countries, sectors in (*sizes, *((LARGE,) if given.large or given.only_large else ())):
        world = synthetic(countries, sectors)
        print(row(f"{countries} x {sectors}", cost(world, 1, given.rounds), rates), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak of memory so far: {peak:.1f} GB", flush=True)
    if given.only_large:
        return
    if given.raw:
        world = icio_world(given.raw)
        print(row("81 x 50 by RAS", cost(world, 1, given.rounds), rates), flush=True)
    for lanes in (1, LANES):
        for name in ("campos2019", "wiod2011", "world2023"):
            print(row(name, cost(load_world(name), lanes, given.rounds), rates), flush=True)


if __name__ == "__main__":
    main()
