"""Draws in batches over threads: progress, interruption, and shards that a rerun takes up."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pandas as pd

from detente.runs.engine import LANES, Engine
from detente.runs.solved import Solved

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
    point : whether the only draw is the point estimate
    """

    engine: Engine
    numbers: list[int]
    parameters: pd.DataFrame
    flows: list[bool]
    point: bool = False

    def solve(self, draws: list[int], stopped: Callable[[], bool]) -> list[list[Solved]] | None:
        """Solve every scenario for some draws; None when stopped in between.

        Returns one list a draw, in the order of the scenario axis.
        """
        names = [str(name) for name in self.parameters.columns]
        table = self.parameters.loc[draws].to_numpy(dtype=float)
        rows = [dict(zip(names, values, strict=True)) for values in table.tolist()]
        # Rows of the axis with the same edits share one solve.
        needs: dict[int, bool] = {}
        for number, flows in zip(self.numbers, self.flows, strict=True):
            needs[number] = needs.get(number, False) or flows
        bases = [self.engine.settle(row) for row in rows]
        done: dict[int, list[Solved]] = {}
        for number, flows in needs.items():
            if stopped():
                return None
            if self.point:
                done[number] = [self.engine.solve(number, rows[0], bases[0], flows)]
            else:
                done[number] = self.engine.solve_all(number, rows, bases, flows)
        return [[done[number][k] for number in self.numbers] for k in range(len(rows))]


def split(draws: list[int]) -> list[list[int]]:
    """Cut draws into batches, each as large as one call of the compiled program."""
    return [draws[start : start + LANES] for start in range(0, len(draws), LANES)]


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
        found = task.solve(batch, stop.is_set)
        if found is not None:
            with lock:
                done += len(batch)
        return found

    def shown() -> None:
        if progress:
            progress(done, len(draws))

    with ThreadPoolExecutor(count, thread_name_prefix="detente") as pool:
        pending: dict[Future, list[int]] = {
            pool.submit(work, batch): batch for batch in split(draws)
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
