"""Best partitions of a signed network into camps, with proof, alternatives and violated ties.

Two camps: the frustration index (Harary 1959; Aref, Mason & Wilson 2018). Any number of camps:
weak balance (Davis 1967), which is correlation clustering. Both are exact.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from detente.blocs import cover as covers
from detente.blocs import fixed
from detente.blocs.certificate import Certificate
from detente.blocs.graph import SignedGraph, numbered, read_edges
from detente.blocs.optima import Optima, camps_without, enumerate_optima
from detente.errors import ConvergenceError, ScenarioError


@dataclass(frozen=True)
class OptimalPartitions:
    """Optimal partitions of one network; there are often several.

    Attributes
    ----------
    table
        Columns partition (1, 2, ...), actor, camp, piece: the partitions that are listed.
    ties
        Columns a, b, sign, weight, share: ties that at least one listed partition violates, with
        the share of listed partitions that do.
    count
        Number of optimal partitions, whether listed or not.
    count_exact
        Whether the count is exact; otherwise there are at least so many.
    complete
        Whether all are listed.
    """

    table: pd.DataFrame
    ties: pd.DataFrame
    count: int
    count_exact: bool
    complete: bool


@dataclass(frozen=True)
class Partition:
    """A best partition and the proof that no other violates less.

    Attributes
    ----------
    optimum
        Weight of the violated ties (their number, when no weights are given).
    lower_bound
        No partition violates less than this.
    certified
        Whether the two meet, so that the partition is optimal.
    number
        Camps allowed: 2, a larger number, or None for any number.
    seconds
        Time of the solve.
    """

    optimum: float
    lower_bound: float
    certified: bool
    number: int | None
    seconds: float
    graph: SignedGraph = field(repr=False)
    cover: covers.Cover = field(repr=False)

    @cached_property
    def camps(self) -> pd.DataFrame:
        """Columns actor, camp, piece. Pieces share no tie.

        With two camps the camps 1 and 2 of one piece say nothing about those of another. With any
        number each camp has its own number and is held together by positive ties; an actor whose
        ties hold it nowhere is a camp by itself.
        """
        return _camps(self.graph, self.cover.camps, self.number == 2)

    @property
    def frustration(self) -> float:
        """Share of the weight of all ties that is violated; NaN without ties."""
        total = float(self.graph.weight.sum())
        return self.optimum / total if total else float("nan")

    def frustrated_ties(self) -> pd.DataFrame:
        """Return the ties that this partition violates: columns a, b, sign, weight."""
        return self.graph.table(np.flatnonzero(self.graph.violated(self.cover.camps)))

    def margins(self) -> pd.DataFrame:
        """Return how firmly each actor is held: columns actor, margin, ties.

        The margin is what moving this actor alone, to the best other camp or (with any number of
        camps) to one of its own, would add to the violated weight; `ties` is the weight of all its
        ties. A small margin means that little holds the actor where it is shown; one of zero, that
        it could as well stand elsewhere. An actor without ties has neither.
        """
        labels = numbered(self.cover.camps)
        count = max(int(labels.max(initial=-1)) + 1, 2)
        free = self.number is None or count < self.number
        inside = np.zeros((self.graph.n, count + free))
        inside[np.arange(self.graph.n), labels] = 1.0
        pull = self.graph.matrix @ inside
        here = pull[np.arange(self.graph.n), labels].copy()
        pull[np.arange(self.graph.n), labels] = -np.inf
        weight = np.abs(self.graph.matrix).sum(axis=1)
        return pd.DataFrame(
            {"actor": self.graph.actors, "margin": here - pull.max(axis=1), "ties": weight}
        )

    def optimal_partitions(self, limit: int = 1000) -> OptimalPartitions:
        """List optimal partitions, up to a limit, told apart by the ties that they violate.

        Parameters
        ----------
        limit
            Partitions listed, at most.

        Raises
        ------
        ConvergenceError
            If the partition is not proved optimal.
        ScenarioError
            If the number of camps is fixed above two, or the limit is below one.

        Notes
        -----
        With two camps a piece's optimal partition and its mirror image are one. With any number
        each is stated in its finest form: two camps that no tie joins or sets apart are not
        merged, although that would cost nothing.
        """
        found, two = self._optima(limit), self.number == 2
        tables = []
        times = np.zeros(self.graph.m)
        for number, violated in enumerate(found.violated, start=1):
            camps = _camps(self.graph, camps_without(self.graph, violated, two), two)
            tables.append(camps.assign(partition=number)[["partition", "actor", "camp", "piece"]])
            times[list(violated)] += 1
        touched = np.flatnonzero(times)
        ties = self.graph.table(touched).assign(share=times[touched] / len(found.violated))
        return OptimalPartitions(
            pd.concat(tables, ignore_index=True), ties, found.count, found.counted, found.complete
        )

    def optimal_camps(self, limit: int = 1000) -> np.ndarray:
        """Return [partition, actor] the camps of the optimal partitions, up to a limit.

        Camps of one piece alone compare. Parameters and errors as in `optimal_partitions`.
        """
        found = self._optima(limit).violated
        return np.stack([camps_without(self.graph, ties, self.number == 2) for ties in found])

    def _optima(self, limit: int) -> Optima:
        if limit < 1:
            raise ScenarioError(f"limit is {limit}; at least one partition has to be listed")
        if self.number is not None and self.number > 2:
            raise ScenarioError(
                f"optimal partitions are listed for camps=2 and camps=None, not for {self.number}"
            )
        if not self.certified:
            raise ConvergenceError(
                f"the best partition found violates {self.optimum:g}, the proven bound is "
                f"{self.lower_bound:g}: it is not known which partitions are optimal"
            )
        return enumerate_optima(self.graph, self.number == 2, self.cover, limit)

    def certificate(self) -> pd.DataFrame:
        """Return the cycles that prove the bound: columns share, ties (as "A-B" and "A|B").

        Every partition violates a tie of each of these cycles. The shares of the cycles through a
        tie do not add up to more than its weight, so the sum of the shares is a lower bound. It can
        fall short of `lower_bound` by what only whole numbers rule out.
        """
        graph, proof = self.graph, self.cover.certificate
        rows = []
        for cycle, share in zip(proof.cycles, proof.share.tolist(), strict=True):
            if share > 0:
                rows.append({"share": share, "ties": ", ".join(_tie(graph, tie) for tie in cycle)})
        return pd.DataFrame(rows, columns=["share", "ties"])


def partition(
    edges: pd.DataFrame,
    camps: int | None = None,
    *,
    actors: Iterable[str] | None = None,
    start: Partition | None = None,
    seconds: float = 60.0,
) -> Partition:
    """Return a best partition of a signed network into camps, with a proof that it is one.

    A partition violates a positive tie between two camps and a negative tie within one; the best
    violates least weight.

    Parameters
    ----------
    edges
        Columns a, b, sign (+1 or -1) and, if wanted, weight (above zero; 1 without it).
    camps
        2 for two camps (the frustration index), None for any number (correlation clustering), or
        a larger number of camps at most.
    actors
        Names to include even if no tie touches them.
    start
        An earlier result, of a similar network, whose partition and cycles are tried first.
    seconds
        Limit of the search; when it is up, the answer is the best found, with its bound.

    Returns
    -------
    Partition
        With `.optimum`, `.lower_bound`, `.certified`, `.camps`, `.frustrated_ties()`,
        `.optimal_partitions(limit)`.

    Raises
    ------
    WorldError
        If a tie is wrong (see `read_edges`).
    ScenarioError
        If the number of camps is below two.

    Notes
    -----
    Every cycle with an odd number of negative ties (two camps), or with exactly one (any number),
    holds a violated tie. Where the violated weight can be routed along such cycles (`routing`) the
    partition is proved at once. Otherwise the least weight that meets all such cycles is found by a
    linear program to which violated cycles are added, and in whole numbers where that leaves a gap.

    Examples
    --------
    >>> ties = pd.DataFrame({"a": ["X", "Y", "X"], "b": ["Y", "Z", "Z"], "sign": [-1, -1, -1]})
    >>> partition(ties, camps=2).optimum, partition(ties).optimum
    (1.0, 0.0)
    """
    return best_partition(read_edges(edges, actors), camps, start, seconds)


def best_partition(
    graph: SignedGraph,
    camps: int | None = None,
    start: Partition | None = None,
    seconds: float = 60.0,
) -> Partition:
    """Return a best partition of a network that is already in arrays.

    Parameters
    ----------
    graph
        The network.
    camps, start, seconds
        As in `partition`.

    Raises
    ------
    ScenarioError
        If the number of camps is below two.
    """
    begun = time.perf_counter()
    _check_camps(camps)
    two = camps == 2
    given, known = _warm(graph, start, camps)
    found = covers.solve(graph, two, given, known, seconds)
    if camps is not None and camps > 2:
        found = fixed.solve(graph, camps, found, seconds)
    if camps is None:  # the finest form: camps are held together by positive ties
        violated = tuple(np.flatnonzero(graph.violated(found.camps)).tolist())
        found.camps = camps_without(graph, violated, two)
        found.cost = graph.cost(found.camps)
    gap = found.cost - found.lower
    certified = gap < (1 - 1e-6 if graph.whole else 1e-7 * max(1.0, float(graph.weight.sum())))
    lower = found.cost if certified else found.lower
    seconds = time.perf_counter() - begun
    return Partition(found.cost, lower, certified, camps, seconds, graph, found)


def _check_camps(camps: int | None) -> None:
    if camps is None:
        return
    whole = isinstance(camps, int | np.integer) and not isinstance(camps, bool)
    if not whole or camps < 2:
        raise ScenarioError(
            f"camps is {camps!r}; it must be 2, a larger whole number, or None for any number"
        )


def _warm(
    graph: SignedGraph, start: Partition | None, camps: int | None
) -> tuple[np.ndarray | None, Certificate | None]:
    """Translate an earlier result into this network's numbers."""
    if start is None or start.number != camps:
        return None, None
    before, cover = start.graph, start.cover
    proof = cover.certificate.used()
    if before.actors == graph.actors:
        known = moved = np.arange(graph.n)
    else:
        known, moved = _numbers(before.actors, graph.actors), _numbers(graph.actors, before.actors)
    fresh = len(cover.camps) + np.arange(graph.n)
    given = fresh if camps != 2 else np.zeros(graph.n, dtype=np.int64)
    given = np.where(known >= 0, cover.camps[np.maximum(known, 0)], given)
    a, b = moved[before.a], moved[before.b]
    tie = np.where((a >= 0) & (b >= 0), graph.position[a, b], -1).tolist()
    cycles = [tuple(sorted(tie[old] for old in cycle)) for cycle in proof.cycles]
    kept = [number for number, cycle in enumerate(cycles) if cycle[0] >= 0]
    found = Certificate([cycles[number] for number in kept], proof.share[kept])
    return numbered(given) if camps != 2 else given, found


def _numbers(names: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
    """Return the place among names of each wanted one, -1 where it is not there."""
    where = {name: number for number, name in enumerate(names)}
    return np.array([where.get(name, -1) for name in wanted], dtype=np.int64)


def _camps(graph: SignedGraph, labels: np.ndarray, two: bool) -> pd.DataFrame:
    """Number camps from the largest, within each piece for two camps."""
    pieces = graph.pieces
    group = labels + (pieces * (int(labels.max(initial=0)) + 1) if two else 0)
    _, first, inverse, size = np.unique(
        group, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -size, pieces[first] if two else np.zeros(len(first))))
    camp = np.empty(len(first), dtype=np.int64)
    camp[order] = np.arange(1, len(first) + 1)
    if two:  # camps count from 1 within each piece, and pieces come in order
        _, lead = np.unique(pieces[first[order]], return_index=True)
        camp[order] -= np.repeat(lead, np.diff([*lead, len(first)]))
    return pd.DataFrame({"actor": graph.actors, "camp": camp[inverse], "piece": pieces + 1})


def _tie(graph: SignedGraph, tie: int) -> str:
    mark = "-" if graph.sign[tie] > 0 else "|"
    return f"{graph.actors[int(graph.a[tie])]}{mark}{graph.actors[int(graph.b[tie])]}"
