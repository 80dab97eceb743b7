"""Solve many sets of a scenario's labels of edits, each policy once, for the same draws."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from detente.counts import cores
from detente.ensemble import ensemble_for
from detente.errors import ConvergenceError
from detente.runs.assemble import variables
from detente.runs.batches import split
from detente.runs.drawn import Row
from detente.runs.edited import policy_key, senders
from detente.runs.engine import Engine
from detente.runs.plan import threads
from detente.runs.solved import Solved
from detente.scenario import Scenario
from detente.world import World

# Edited worlds and their policies are held for so many sets at a time: large tables are many.
AT_ONCE = 16


class Coalitions:
    """Values of sets of labels of one scenario, kept so that no policy is solved twice.

    Parameters
    ----------
    world
        The base.
    scenario
        With its answers to tariffs as edits of their own (`scenario.answered(world)`).
    rule, horizon
        Deficit rule and horizon.
    draws, seed
        As in `run`; the same draws serve all sets.
    workers
        Threads; all cores when None.
    """

    def __init__(
        self,
        world: World,
        scenario: Scenario,
        rule: str = "fixed",
        horizon: str = "long",
        draws: int = 0,
        seed: int = 1,
        workers: int | None = None,
    ):
        self.world, self.scenario, self.rule, self.horizon = world, scenario, rule, horizon
        self.labels = scenario.labels
        self.point = draws == 0
        self.workers = threads(workers) or cores()
        alone = [scenario.only(label).apply(world) for label in self.labels]
        found = senders(world, [*alone, scenario.apply(world)])
        self.ensemble = ensemble_for(world, found, horizon)
        self.parameters = self.ensemble.draw(draws, seed)
        self.rows: list[Row] = [
            {str(name): float(value) for name, value in row.items()}
            for row in self.parameters.to_dict("records")
        ]
        self.solves = 0
        self._known: dict[tuple, list[Solved]] = {}
        self._key: dict[int, tuple] = {0: policy_key(world, world)}
        nothing = {name: np.zeros(len(world.countries)) for name in variables()}
        self._known[self._key[0]] = [Solved("", 0.0, 0, nothing)] * len(self.rows)

    def solve(self, sets: Iterable[int], progress: Callable[[int, int], None] | None = None):
        """Solve sets given as bits of the labels; those that are known are not solved again.

        Parameters
        ----------
        sets
            Bit k says whether the k-th label is in.
        progress
            Called with sets done and sets in all.
        """
        todo = [bits for bits in dict.fromkeys(sets) if bits not in self._key]
        for first in range(0, len(todo), AT_ONCE):
            self._some(todo[first : first + AT_ONCE])
            if progress:
                progress(min(first + AT_ONCE, len(todo)), len(todo))

    def value(self, bits: int, variable: str) -> np.ndarray:
        """Return [draw, country] a set's change, a fraction of the base; NaN where it has none.

        Raises
        ------
        ConvergenceError
            If no draw of the set has an equilibrium; the set and the reason are named.
        """
        self.solve([bits])
        found = self._known[self._key[bits]]
        if all(one.country is None for one in found):
            words = " + ".join(self.members(bits))
            raise ConvergenceError(
                f"'{self.scenario.name}' with the edits {words} alone has no equilibrium, so that "
                f"contributions cannot be shared out: {found[0].reason}"
            )
        none = np.full(len(self.world.countries), np.nan)
        return np.stack([none if f.country is None else f.country[variable] for f in found])

    def members(self, bits: int) -> list[str]:
        """Return the labels of a set."""
        return [label for k, label in enumerate(self.labels) if bits >> k & 1]

    def _some(self, sets: list[int]) -> None:
        fresh: dict[tuple, World] = {}
        for bits in sets:
            edited = self.scenario.only(self.members(bits)).apply(self.world)
            self._key[bits] = key = policy_key(self.world, edited)
            if key not in self._known:
                fresh.setdefault(key, edited)
        if not fresh:
            return
        engine = Engine(self.world, list(fresh.values()), self.ensemble, self.rule, self.horizon)
        if not self.point:
            engine.warm()
        bases = [engine.settle(row) for row in self.rows]
        # One draw of many policies, or one policy's draws in batches: either fills the threads.
        batches = [[0]] if self.point else split(list(range(len(self.rows))))
        tasks = [(number, batch) for number in range(len(fresh)) for batch in batches]
        stop = threading.Event()

        def work(task: tuple[int, list[int]]) -> list[Solved]:
            number, batch = task
            if stop.is_set():
                return []
            if self.point:
                return [engine.solve(number, self.rows[0], bases[0])]
            some = [self.rows[n] for n in batch], [bases[n] for n in batch]
            return engine.solve_all(number, *some)

        with ThreadPoolExecutor(self.workers, thread_name_prefix="detente") as pool:
            try:
                found = list(pool.map(work, tasks))
            except BaseException:
                stop.set()
                raise
        for number, key in enumerate(fresh):
            mine = [part for (n, _), part in zip(tasks, found, strict=True) if n == number]
            self._known[key] = [one for part in mine for one in part]
            self.solves += len(self.rows)
