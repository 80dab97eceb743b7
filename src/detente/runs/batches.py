"""Draws in batches over threads: progress, interruption, and shards that a rerun takes up."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pandas as pd

from detente.runs.lift import Engine, Solved

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """Everything that the solves of a run have in common.

    Attributes
    ----------
    engine : solves
    numbers : for each row of the scenario axis, the number of the engine's scenario
    parameters : draws by row
    flows : for each row of the axis, whether flows by sector are kept
    """

    engine: Engine
    numbers: list[int]
    parameters: pd.DataFrame
    flows: list[bool]

    def draw(self, draw: int, stopped: Callable[[], bool]) -> list[Solved] | None:
        """Solve every scenario for one draw; None when stopped in between."""
        row = {str(name): float(values.loc[draw]) for name, values in self.parameters.items()}
        base = self.engine.settle(row)
        # Rows of the axis with the same edits share one solve.
        needs: dict[int, bool] = {}
        for number, flows in zip(self.numbers, self.flows, strict=True):
            needs[number] = needs.get(number, False) or flows
        done: dict[int, Solved] = {}
        for number, flows in needs.items():
            if stopped():
                return None
            done[number] = self.engine.solve(number, row, base, flows)
        return [done[number] for number in self.numbers]


def split(draws: list[int], workers: int) -> list[list[int]]:
    """Cut draws into batches: several for each worker, at most 20 draws each."""
    size = max(1, min(20, -(-len(draws) // (4 * workers))))
    return [draws[start : start + size] for start in range(0, len(draws), size)]


def solve_batches(
    task: Task,
    draws: list[int],
    finished: Callable[[list[int], list[list[Solved]]], None],
    workers: int | None = None,
    progress: Progress | None = None,
) -> bool:
    """Solve all draws; hand each finished batch over; say whether the run was interrupted.

    Parameters
    ----------
    task
        What to solve.
    draws
        Which draws.
    finished
        Called in this thread with the draws of a batch and their results, in axis order.
    workers
        Threads; all cores when None.
    progress
        Called with draws done and draws in all.
    """
    count = workers or os.cpu_count() or 1
    stop = threading.Event()
    lock = threading.Lock()
    done = 0

    def work(batch: list[int]) -> list[list[Solved]] | None:
        nonlocal done
        results = []
        for draw in batch:
            found = task.draw(draw, stop.is_set)
            if found is None:
                return None
            results.append(found)
            with lock:
                done += 1
        return results

    def shown() -> None:
        if progress:
            progress(done, len(draws))

    with ThreadPoolExecutor(count, thread_name_prefix="detente") as pool:
        pending: dict[Future, list[int]] = {
            pool.submit(work, batch): batch for batch in split(draws, count)
        }
        try:
            shown()
            while pending:
                ready, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ready:
                    batch, results = pending.pop(future), future.result()
                    if results is not None:
                        finished(batch, results)
                shown()
        except KeyboardInterrupt:
            stop.set()
            for future in pending:
                future.cancel()
            for future, batch in pending.items():
                if not future.cancelled() and (results := future.result()) is not None:
                    finished(batch, results)
            return True
        except BaseException:
            stop.set()
            for future in pending:
                future.cancel()
            raise
    return False
