"""The least weight of violated ties, with a proof: every bad cycle must be broken somewhere.

minimise sum w_e f_e with f_e >= 0 and sum of f over each bad cycle >= 1, where f_e says how far a
tie is violated. Cycles are added when a solution breaks them (`cycles.Finder`). The dual of the
linear program gives each cycle a share y_C of the weight of its ties; sum y_C is a lower bound
that anybody can check by hand. For two camps such shares are often found directly (`routing`), and
no program is solved. Where the bound of the linear program does not meet the best partition found,
the program is solved in whole numbers.
"""

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from detente.blocs.certificate import Certificate
from detente.blocs.cycles import Cycle, Finder, are_cycles, triangles
from detente.blocs.descent import first_partition, near, rounded
from detente.blocs.graph import SignedGraph
from detente.blocs.routing import route
from detente.errors import ConvergenceError

SHORT = 1e-6  # a cycle counts as broken by the solution if its sum is below 1 by more than this
ROUND = 200  # cycles added in one round, at most
ROUNDS = 200
THROUGH = 12  # triangles through one tie at the start, at most
TOLERANCE = 1e-9  # relative gap at which a partition counts as optimal


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
    known: Certificate | None = None,
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
    known
        Cycles with shares to start with, as of a similar network; those of the wrong kind are
        dropped.
    seconds
        Limit of the search; when it is up, the answer keeps its gap.

    Raises
    ------
    ConvergenceError
        If the linear program fails.
    """
    end = time.monotonic() + seconds
    # The partition of a similar network seldom needs more than a few moves.
    quick = given if two else None
    first = first_partition(graph, two, given) if quick is None else near(graph, quick)
    search = _Search(graph, two, first)
    search.route(known)
    if quick is not None and search.open():
        search.keep(first_partition(graph, two, given))
        search.route()
    if search.open():
        search.gather(known)
        search.relax(end)
        search.whole_numbers(end)
    return Cover(search.camps, search.cost, search.lower, search.certificate, search.whole)


class _Search:
    """The state of one solve: cycles so far, best partition, best bound."""

    def __init__(self, graph: SignedGraph, two: bool, camps: np.ndarray):
        self.graph, self.two = graph, two
        self.camps, self.cost = camps, graph.cost(camps)
        self.lower, self.certificate, self.whole = 0.0, Certificate(), False
        self.pool: dict[Cycle, None] = {}
        self.scale = float(graph.weight.max(initial=0.0)) or 1.0  # solvers dislike odd units

    @cached_property
    def finder(self) -> Finder:
        """Made when it is first needed: most proofs need none."""
        return Finder(self.graph, self.two)

    def add(self, cycles: list[Cycle]) -> int:
        """Add cycles to the pool, and return how many were new."""
        before = len(self.pool)
        self.pool.update(dict.fromkeys(cycles))
        return len(self.pool) - before

    def open(self) -> bool:
        """Say whether the bound leaves room for a better partition."""
        room = self.cost - self.lower
        if self.graph.whole:
            return room >= 1 - 1e-6
        return room > TOLERANCE * max(1.0, float(self.graph.weight.sum()))

    def keep(self, camps: np.ndarray) -> bool:
        """Keep a partition if it is better than the last, and say whether it is."""
        cost = self.graph.cost(camps)
        better = cost < self.cost - 1e-12
        if better:
            self.camps, self.cost = camps, cost
        return better

    def prove(self, certificate: Certificate) -> None:
        """Keep a certificate if it bounds the cost better than the last."""
        bound = certificate.bound(self.graph)
        if bound > self.lower or not self.certificate.cycles:
            self.lower, self.certificate = max(bound, 0.0), certificate

    def route(self, known: Certificate | None = None) -> None:
        """Try to prove two camps best without a linear program; any number takes the program."""
        if self.two:
            found = route(self.graph, self.camps, known)
            self.prove(found)
            self.add(found.cycles)

    def gather(self, known: Certificate | None) -> None:
        """Collect cycles for the first linear program."""
        cycles = known.cycles if known else []
        valid = are_cycles(self.graph, cycles, self.two)
        self.add([cycle for cycle, good in zip(cycles, valid, strict=True) if good])
        self.add(triangles(self.graph, self.graph.violated(self.camps), self.two, THROUGH))

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
            if self.keep(rounded(self.graph, violated, self.two)):
                self.route()
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
        self.prove(Certificate(list(self.pool), share * self.scale))
        violated = np.zeros(self.graph.m)
        violated[ties] = found.x
        return violated

    def whole_numbers(self, end: float) -> None:
        """Close the gap, if any, in whole numbers; stops with a gap when the time is up."""
        self.whole = self.open()  # which the linear program may have closed
        while self.open() and time.monotonic() < end:
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
            if found.status != 0:
                return
            sources = self.finder.sources(self.camps)
            if not self.add(self.finder.shortest(violated, sources, 1 - SHORT, ROUND)):
                return
