"""The same solves on the device that JAX finds first, say a graphics card.

    python -m benchmarks.accelerator
    JAX_PLATFORMS=cpu python -m benchmarks.accelerator

Prints a table: one counterfactual, draws side by side as one compiled program, and the same draws
by products of matrices with NumPy, which stay on the processor. What is found on the device is held
against what NumPy finds.
"""

import statistics
import time

import jax
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import cases
from benchmarks.synthetic import synthetic
from detente.counts import cores
from detente.ensemble import ensemble_for
from detente.runs import run as runs
from detente.runs.batches import solve_batches
from detente.runs.crew import Crew
from detente.runs.engine import Engine

WORLDS = ("campos2019", "wiod2011", "world2023")
LANES = 256
DRAWS = 1000


def single(world: str) -> str:
    """Return the row of one counterfactual."""
    start = time.perf_counter()
    solve = cases.counterfactual(world)
    first = solve()
    begun = time.perf_counter() - start
    times = cases.seconds(solve, 15)
    return _row(f"one counterfactual, {world}", times, first.steps, first.residual, begun)


def large() -> str:
    """Return the row of one counterfactual of 196 countries and 133 sectors."""
    world = synthetic(196, 133)
    pair = tuple(world.countries[:2])
    start = time.perf_counter()
    ensemble = ensemble_for(world, [])
    engine = Engine(world, [cases.tariff_war(pair).apply(world)], ensemble, "fixed")
    row = ensemble.medians()
    first = engine.solve(0, row, engine.base)
    begun = time.perf_counter() - start
    times = cases.seconds(lambda: engine.solve(0, row, engine.base), 5)
    return _row("one counterfactual, 196 x 133", times, first.steps, first.residual, begun)


def draws(world: str) -> list[str]:
    """Return the rows of many draws: side by side on the device, and by NumPy."""
    asked = (cases.tariff_war(), None, DRAWS, 1, None, "actors", (), False, False)
    job = runs._plan(world, *asked)
    engine, table = job.task.engine, job.parameters.to_dict("records")
    some = [{str(k): float(v) for k, v in row.items()} for row in table[:LANES]]
    start = time.perf_counter()
    found = engine._lanes(0, some, engine.base, plain=True)
    begun = time.perf_counter() - start
    times = cases.seconds(lambda: engine._lanes(0, some, engine.base, plain=True), 3)
    assert found.certificate.converged.all()
    worst = float(found.certificate.residual.max())
    name = f"a draw of {LANES} side by side, {world}"
    steps = int(found.certificate.steps.max())
    rows = [_row(name, [one / LANES for one in times], steps, worst, begun)]
    start = time.perf_counter()
    engine.warm()
    begun = time.perf_counter() - start
    kept: dict[int, np.ndarray] = {}

    def keep(batch, results):
        kept.update(
            (n, one[0].country["real_income"]) for n, one in zip(batch, results, strict=True)
        )

    start = time.perf_counter()
    with threadpool_limits(1, "blas"), Crew(cores()) as crew:
        crew.tell(job=job, task=job.task)
        solve_batches(crew, job.task, list(job.parameters.index), keep)
    each = (time.perf_counter() - start) / DRAWS
    gap = max(
        np.abs(kept[n] - found.measured.country["real_income"][n]).max() for n in range(LANES)
    )
    rows.append(_row(f"a draw of {DRAWS} with NumPy, {world}", [each], 0, gap, begun))
    return rows


def _row(name: str, times: list[float], steps: int, residual: float, begun: float) -> str:
    middle, best = 1e3 * statistics.median(times), 1e3 * min(times)
    count = steps or ""
    return (
        f"| {name} | {middle:.2f} ms | {best:.2f} ms | {count} | {residual:.0e} | {begun:.1f} s |"
    )


def main() -> None:
    """Print the table."""
    print(f"{jax.devices()[0].device_kind}, JAX {jax.__version__}", flush=True)
    print("| what | median | best | steps | residual or gap | until the first |")
    print("|---|---|---|---|---|---|")
    for world in WORLDS:
        print(single(world), flush=True)
    for world in WORLDS:
        print("\n".join(draws(world)), flush=True)
    print(large(), flush=True)


if __name__ == "__main__":
    main()
