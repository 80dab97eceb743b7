"""Draws in batches over threads: progress, interruption, and shards that a rerun takes up."""

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import pandas as pd

from detente.counts import cores
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

    def shares(self) -> list[list[int]]:
        """Return the engine's scenarios in the shares that are solved independently of each other.

        Rows of the axis with the same edits share one solve.
        """
        every = list(dict.fromkeys(self.numbers))
        # Where each draw has a base of its own, that is found once for all scenarios.
        return [every] if self.engine.rule == "zero" else [[number] for number in every]

    def solve(
        self, draws: list[int], numbers: list[int], stopped: Callable[[], bool]
    ) -> dict[int, list[Solved]] | None:
        """Solve some scenarios for some draws; None when stopped in between.

        Returns what was found, by scenario and in the order of the draws.
        """
        names = [str(name) for name in self.parameters.columns]
        table = self.parameters.loc[draws].to_numpy(dtype=float)
        rows = [dict(zip(names, values, strict=True)) for values in table.tolist()]
        asked = {n for n, flows in zip(self.numbers, self.flows, strict=True) if flows}
        bases = None
        done: dict[int, list[Solved]] = {}
        for number in numbers:
            if stopped():
                return None
            bases = bases or [self.engine.settle(row) for row in rows]
            flows = number in asked
            if self.point:
                done[number] = [self.engine.solve(number, rows[0], bases[0], flows)]
            else:
                done[number] = self.engine.solve_all(number, rows, bases, flows)
        return done

    def in_order(self, done: dict[int, list[Solved]]) -> list[list[Solved]]:
        """Return what was found of all scenarios: one list a draw, in the order of the axis."""
        count = len(next(iter(done.values())))
        return [[done[number][k] for number in self.numbers] for k in range(count)]


def split(draws: list[int]) -> list[list[int]]:
    """Cut draws into batches, each of as many as are solved side by side."""
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
    count = workers or cores()
    stop = threading.Event()
    shares = task.shares()
    found: dict[int, dict[int, list[Solved]]] = {}
    done = 0

    def work(batch: list[int], numbers: list[int]) -> dict[int, list[Solved]] | None:
        return task.solve(batch, numbers, stop.is_set)

    def take(batch: list[int], part: dict[int, list[Solved]] | None) -> None:
        """Keep a share of a batch, and hand the batch over once it is whole."""
        nonlocal done
        if part is None:
            return
        known = found.setdefault(batch[0], {})
        known.update(part)
        if len(known) == sum(map(len, shares)):
            finished(batch, task.in_order(found.pop(batch[0])))
            done += len(batch)

    def shown() -> None:
        if progress:
            progress(done, len(draws))

    with ThreadPoolExecutor(count, thread_name_prefix="detente") as pool:
        pending: dict[Future, list[int]] = {
            pool.submit(work, batch, numbers): batch for batch in split(draws) for numbers in shares
        }
        try:
            shown()
            while pending:
                ready, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ready:
                    take(pending.pop(future), future.result())
                shown()
        except KeyboardInterrupt:
            stop.set()
            for future in pending:
                future.cancel()
            for future, batch in pending.items():
                if not future.cancelled():
                    take(batch, future.result())
            return True
        except BaseException:
            stop.set()
            for future in pending:
                future.cancel()
            raise
    return False
