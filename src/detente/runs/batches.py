"""Draws in batches over all hands: progress, interruption, and shards that a rerun takes up."""

import sys
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

import pandas as pd

from detente.counts import cores
from detente.runs.crew import Crew
from detente.runs.desk import Desk
from detente.runs.engine import LANES, Engine
from detente.runs.solved import Solved

# Cells of tables, times draws, that are worth a process: about two seconds of one core.
WORTH = 1e8
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


def hands_for(task: Task, draws: list[int], workers: int | None = None) -> tuple[int, bool]:
    """Return how many hands shall solve draws, and whether they are processes of their own.

    Parameters
    ----------
    task
        What to solve.
    draws
        Which draws.
    workers
        How many at most; as many as there are cores when None.
    """
    count = workers or cores()
    engine = task.engine
    solves = len(draws) * sum(engine.is_searched(number) for number in set(task.numbers))
    shares = int(solves * engine.base.share.size // WORTH)
    # Programs would be compiled in each process anew; and where Python is part of another program
    # there is no interpreter to start.
    alone = getattr(sys, "frozen", False) or not sys.executable
    if count == 1 or shares < 2 or engine.compiles() or alone:
        return count, False
    return min(count, shares), True


def split(draws: list[int]) -> list[list[int]]:
    """Cut draws into batches, each of as many as are solved side by side."""
    return [draws[start : start + LANES] for start in range(0, len(draws), LANES)]


def solve_part(desk: Desk, draws: list[int], numbers: list[int]) -> dict[int, list[Solved]] | None:
    """Solve some of the engine's scenarios for a batch of draws: see `Task.solve`."""
    return desk.task.solve(draws, numbers, desk.stopped)


def solve_batches(
    crew: Crew,
    task: Task,
    draws: list[int],
    finished: Callable[[list[int], list[list[Solved]]], None],
    progress: Progress | None = None,
) -> bool:
    """Solve all draws; hand each finished batch over; say whether the run was interrupted.

    Parameters
    ----------
    crew
        Who solves; told of the task.
    task
        What to solve.
    draws
        Which draws.
    finished
        Called in this thread with the draws of a batch and their results, in axis order.
    progress
        Called with draws done and draws in all.
    """
    shares = task.shares()
    found: dict[int, dict[int, list[Solved]]] = {}
    done = 0

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

    pending: dict[Future, list[int]] = {
        crew.submit(solve_part, batch, numbers): batch
        for batch in split(draws)
        for numbers in shares
    }
    try:
        shown()
        while pending:
            ready, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in ready:
                take(pending.pop(future), future.result())
            shown()
    except KeyboardInterrupt:
        crew.stop()
        for future, batch in pending.items():
            if not future.cancelled():
                take(batch, future.result())
        return True
    return False
