"""The least weight of violated ties, with a proof: every bad cycle must be broken somewhere.

minimise sum w_e f_e with f_e >= 0 and sum of f over each bad cycle >= 1, where f_e says how far a
tie is violated. Cycles are added when a solution breaks them (`cycles.Finder`). The dual of the
linear program gives each cycle a share y_C of the weight of its ties; sum y_C is a lower bound
that anybody can check by hand. Where the bound of the linear program does not meet the best
partition found, the program is solved in whole numbers.
"""

import time
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from detente.blocs.cycles import Cycle, Finder, is_cycle, triangles
from detente.blocs.descent import first_partition, rounded
from detente.blocs.graph import SignedGraph
from detente.errors import ConvergenceError

SHORT = 1e-6  # a cycle counts as broken by the solution if its sum is below 1 by more than this
ROUND = 200  # cycles added in one round, at most
ROUNDS = 200
THROUGH = 12  # triangles through one tie at the start, at most
TOLERANCE = 1e-9  # relative gap at which a partition counts as optimal


@dataclass
class Certificate:
    """Cycles with the share of weight that each takes: together they bound the cost from below.

    Attributes
    ----------
    cycles
        Numbers of the ties of each cycle.
    share
        Weight given to each cycle, zero or more.
    """

    cycles: list[Cycle] = field(default_factory=list)
    share: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def bound(self, graph: SignedGraph) -> float:
        """Return the lower bound that the shares prove, whoever computed them.

        Each partition violates at least one tie of each cycle, so its cost is at least the sum of
        the shares, less what the shares take from a tie beyond its weight.
        """
        return float(self.share.sum() + np.minimum(self.reduced(graph), 0.0).sum())

    def reduced(self, graph: SignedGraph) -> np.ndarray:
        """Return the weight of each tie that no cycle takes."""
        sizes = [len(cycle) for cycle in self.cycles]
        ties = np.fromiter((tie for cycle in self.cycles for tie in cycle), np.int64, sum(sizes))
        taken = np.bincount(ties, np.repeat(self.share, sizes), minlength=graph.m)
        return graph.weight - taken


@dataclass
class Cover:
    """What the search found.

    Attributes
    ----------
    camps
        Camp of each actor in the best partition.
    cost
        Weight that it violates.
    lower
        Proven lower bound of the cost of any partition.
    certificate
        Cycles that prove the bound of the linear program.
    whole
        Whether the bound needed the program in whole numbers (then `lower` rests on HiGHS).
    """

    camps: np.ndarray
    cost: float
    lower: float
    certificate: Certificate
    whole: bool


def solve(
    graph: SignedGraph,
    two: bool,
    given: np.ndarray | None = None,
    cycles: list[Cycle] | None = None,
    seconds: float = 60.0,
) -> Cover:
    """Find a best partition into two camps, or into any number, and prove it.

    Parameters
    ----------
    graph
        The network.
    two
        Whether there are two camps; otherwise any number.
    given
        A partition to start from.
    cycles
        Cycles to start with; those of the wrong kind are dropped.
    seconds
        Limit of the search; when it is up, the answer keeps its gap.

    Raises
    ------
    ConvergenceError
        If the linear program fails.
    """
    camps = first_partition(graph, two, given)
    search = _Search(graph, two, camps)
    search.add([cycle for cycle in cycles or [] if is_cycle(graph, cycle, two)])
    search.add(triangles(graph, graph.violated(search.camps), two, THROUGH))
    end = time.monotonic() + seconds
    search.relax(end)
    if search.open():
        search.whole_numbers(end)
    return Cover(search.camps, search.cost, search.lower, search.certificate, search.whole)


class _Search:
    """The state of one solve: cycles so far, best partition, best bound."""

    def __init__(self, graph: SignedGraph, two: bool, camps: np.ndarray):
        self.graph, self.two = graph, two
        self.finder = Finder(graph, two)
        self.camps, self.cost = camps, graph.cost(camps)
        self.lower, self.certificate, self.whole = 0.0, Certificate(), False
        self.pool: dict[Cycle, None] = {}
        self.scale = float(graph.weight.max(initial=0.0)) or 1.0  # solvers dislike odd units

    def add(self, cycles: list[Cycle]) -> int:
        before = len(self.pool)
        self.pool.update(dict.fromkeys(cycles))
        return len(self.pool) - before

    def open(self) -> bool:
        """Say whether the bound leaves room for a better partition."""
        room = self.cost - self.lower
        if self.graph.whole:
            return room >= 1 - 1e-6
        return room > TOLERANCE * max(1.0, float(self.graph.weight.sum()))

    def keep(self, camps: np.ndarray) -> None:
        cost = self.graph.cost(camps)
        if cost < self.cost - 1e-12:
            self.camps, self.cost = camps, cost

    def rows(self) -> tuple[csr_array, np.ndarray]:
        """Return the matrix of cycles over the ties that they touch, and those ties."""
        sizes = np.fromiter((len(cycle) for cycle in self.pool), np.int32, len(self.pool))
        flat = np.fromiter(
            (tie for cycle in self.pool for tie in cycle), np.int64, int(sizes.sum())
        )
        ties, columns = np.unique(flat, return_inverse=True)
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        shape = (len(sizes), len(ties))
        return csr_array((np.ones(len(flat)), columns.astype(np.int32), starts), shape=shape), ties

    def relax(self, end: float) -> None:
        """Solve the linear program, adding cycles until none is missing or nothing is open."""
        for _ in range(ROUNDS):
            if not self.open() or time.monotonic() > end:
                return
            violated = self._linear() if self.pool else np.zeros(self.graph.m)
            if not self.open():
                return
            self.keep(rounded(self.graph, violated, self.two))
            if not self.open():
                return
            sources = self.finder.sources(self.camps)
            if not self.add(self.finder.shortest(violated, sources, 1 - SHORT, ROUND)):
                return

    def _linear(self) -> np.ndarray:
        rows, ties = self.rows()
        found = linprog(  # pyright: ignore[reportCallIssue]
            self.graph.weight[ties] / self.scale,
            A_ub=-rows,  # pyright: ignore[reportArgumentType]
            b_ub=np.full(rows.shape[0], -1.0),
            bounds=(0, None),
            method="highs",
        )
        if not found.success:
            raise ConvergenceError(f"the linear program of {rows.shape} failed: {found.message}")
        share = np.maximum(-np.asarray(found["ineqlin"]["marginals"], dtype=float), 0.0)
        certificate = Certificate(list(self.pool), share * self.scale)
        bound = certificate.bound(self.graph)
        if bound > self.lower or not self.certificate.cycles:
            self.lower, self.certificate = max(bound, 0.0), certificate
        violated = np.zeros(self.graph.m)
        violated[ties] = found.x
        return violated

    def whole_numbers(self, end: float) -> None:
        """Close the gap in whole numbers; stops with a gap when the time is up."""
        self.whole = True
        while time.monotonic() < end:
            rows, ties = self.rows()
            found = milp(
                self.graph.weight[ties] / self.scale,
                integrality=np.ones(len(ties), dtype=int),
                bounds=Bounds(0, 1),
                constraints=LinearConstraint(rows, 1, np.inf),  # pyright: ignore[reportArgumentType]
                options={"time_limit": max(end - time.monotonic(), 0.01), "mip_rel_gap": 0.0},
            )
            bound = found.mip_dual_bound
            if bound is not None and np.isfinite(bound):
                self.lower = max(self.lower, min(float(bound) * self.scale, self.cost))
            if found.x is None:
                return
            violated = np.zeros(self.graph.m)
            violated[ties] = np.round(found.x)
            self.keep(rounded(self.graph, violated, self.two))
            if not self.open() or found.status != 0:
                return
            sources = self.finder.sources(self.camps)
            if not self.add(self.finder.shortest(violated, sources, 1 - SHORT, ROUND)):
                return
