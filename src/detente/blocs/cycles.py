"""Cycles that no partition can leave unviolated, found by shortest paths.

Two camps: a cycle with an odd number of negative ties. Any number of camps: a cycle with exactly
one negative tie (Davis 1967). Given a length of each tie, the shortest such cycles through a set
of actors that touches all of them are found by Dijkstra's method: in the two-layer graph for two
camps (a positive tie stays in the layer, a negative one crosses; a path from one layer to the
other at the same actor is an odd cycle), among positive ties for any number.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from detente.blocs.graph import SignedGraph

TINY = (
    1e-9  # length added to each tie, so that of two equally short cycles the one of fewer ties wins
)
Cycle = tuple[int, ...]  # numbers of ties, ascending


class Finder:
    """Finds violated cycles of one network, again and again for other lengths.

    Parameters
    ----------
    graph
        The network.
    two
        Whether there are two camps; otherwise any number.
    """

    def __init__(self, graph: SignedGraph, two: bool):
        self.graph, self.two = graph, two
        a, b, n = graph.a, graph.b, graph.n
        if two:
            cross = np.where(graph.sign < 0, n, 0)
            rows = np.concatenate([a, b, a + n, b + n])
            columns = np.concatenate([b + cross, a + cross, b + n - cross, a + n - cross])
            self.arc = np.tile(np.arange(graph.m), 4)
            size = 2 * n
        else:
            held = np.flatnonzero(graph.sign > 0)
            rows = np.concatenate([a[held], b[held]])
            columns = np.concatenate([b[held], a[held]])
            self.arc = np.tile(held, 2)
            size = n
        order = np.lexsort((columns, rows))
        self.arc = self.arc[order]
        starts = np.searchsorted(rows[order], np.arange(size + 1))
        self.net = csr_array(
            (np.ones(len(order)), columns[order].astype(np.int32), starts.astype(np.int32)),
            shape=(size, size),
        )

    def sources(self, camps: np.ndarray) -> np.ndarray:
        """Return actors that touch every cycle which could be violated.

        Parameters
        ----------
        camps
            Any partition: with two camps each odd cycle holds a tie that it violates.
        """
        graph = self.graph
        ties = np.flatnonzero(graph.violated(camps) if self.two else graph.sign < 0)
        chosen: list[int] = []
        while len(ties):
            ends = np.concatenate([graph.a[ties], graph.b[ties]])
            best = int(np.bincount(ends).argmax())
            chosen.append(best)
            ties = ties[(graph.a[ties] != best) & (graph.b[ties] != best)]
        return np.array(chosen, dtype=np.int64)

    def shortest(
        self, length: np.ndarray, sources: np.ndarray, bound: float, most: int
    ) -> list[Cycle]:
        """Return cycles of the right kind that are shorter than a bound, the shortest first.

        Parameters
        ----------
        length
            Of each tie, zero or more.
        sources
            Actors from which paths start.
        bound
            Longer cycles are not returned.
        most
            Cycles returned, at most.
        """
        if not len(sources):
            return []
        length = np.maximum(length, 0.0)
        self.net.data = length[self.arc] + TINY
        distance, before = dijkstra(
            self.net, indices=sources, limit=bound, return_predecessors=True
        )
        ends = [self._ends(source) for source in sources.tolist()]
        rows = np.repeat(np.arange(len(sources)), [len(ties) for ties, _ in ends])
        ties = np.concatenate([ties for ties, _ in ends])
        stops = np.concatenate([stop for _, stop in ends])
        total = distance[rows, stops] + length[ties]
        order = np.argsort(total, kind="stable")
        found: dict[Cycle, None] = {}
        for pick in order[: int((total < bound).sum())].tolist():
            row = int(rows[pick])
            cycle = self._closed(before[row], int(sources[row]), int(stops[pick]), int(ties[pick]))
            if cycle is not None:
                found[cycle] = None
                if len(found) >= most:
                    break
        return list(found)

    def _ends(self, source: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the ties that could close a cycle at an actor, and where their paths would end."""
        graph = self.graph
        ties = np.flatnonzero((graph.a == source) | (graph.b == source))
        if not self.two:
            ties = ties[graph.sign[ties] < 0]
        stops = graph.a[ties] + graph.b[ties] - source
        if self.two:
            stops = stops + np.where(graph.sign[ties] > 0, graph.n, 0)
        return ties, stops

    def _closed(self, before: np.ndarray, source: int, end: int, tie: int) -> Cycle | None:
        n, position = self.graph.n, self.graph.position
        walk = [end]
        while walk[-1] != source:
            walk.append(int(before[walk[-1]]))
        walk = [node % n for node in walk]  # from the end back to the source
        ties = [int(position[walk[k], walk[k + 1]]) for k in range(len(walk) - 1)] + [tie]
        if not self.two:
            return tuple(sorted(ties)) if tie not in ties[:-1] else None
        return self._simple(walk, ties)

    def _simple(self, walk: list[int], ties: list[int]) -> Cycle | None:
        """Return an odd cycle without repeated actors inside an odd closed walk.

        `ties[k]` joins `walk[k]` and `walk[k + 1]`, the last one closes the walk.
        """
        sign = self.graph.sign
        seen: dict[int, int] = {}
        path: list[int] = []
        steps: list[int] = []
        for node, tie in zip([*walk, walk[0]], [*ties, -1], strict=True):
            if node in seen:
                start = seen[node]
                loop = steps[start:]
                if sum(1 for step in loop if sign[step] < 0) % 2:
                    return tuple(sorted(loop)) if len(loop) > 2 else None
                for gone in path[start + 1 :]:
                    del seen[gone]
                path, steps = path[: start + 1], steps[:start]
            else:
                seen[node] = len(path)
                path.append(node)
            steps.append(tie)
        return None


def triangles(graph: SignedGraph, through: np.ndarray, two: bool, most: int) -> list[Cycle]:
    """Return triangles of the right kind through given ties, with no second one of these.

    Parameters
    ----------
    graph
        The network.
    through
        Whether each tie is one of those that triangles must hold exactly one of.
    two
        Whether there are two camps; otherwise any number.
    most
        Triangles returned through one tie, at most.
    """
    position, sign = graph.position, graph.sign
    found: set[Cycle] = set()
    for tie in np.flatnonzero(through).tolist():
        left, right = int(graph.a[tie]), int(graph.b[tie])
        third = np.flatnonzero((position[left] >= 0) & (position[right] >= 0))
        one, two_ = position[left, third], position[right, third]
        negatives = (sign[one] < 0).astype(int) + (sign[two_] < 0) + (sign[tie] < 0)
        good = (negatives % 2 == 1) if two else (negatives == 1)
        good &= ~(through[one] | through[two_])
        for first, second in zip(
            one[good][:most].tolist(), two_[good][:most].tolist(), strict=True
        ):
            low, mid, high = sorted((tie, first, second))
            found.add((low, mid, high))
    return sorted(found)


def are_cycles(graph: SignedGraph, cycles: list[Cycle], two: bool) -> list[bool]:
    """Say of each of many sets of ties whether `is_cycle` holds.

    Parameters
    ----------
    graph, two
        As in `Finder`.
    cycles
        Numbers of ties.
    """
    if not cycles:
        return []
    sizes = np.array([len(cycle) for cycle in cycles])
    ties = np.array([tie for cycle in cycles for tie in cycle], dtype=np.int64)
    row = np.repeat(np.arange(len(cycles)), sizes)
    negatives = np.bincount(row, graph.sign[ties] < 0, minlength=len(cycles)).astype(int)
    good = (negatives % 2 == 1) if two else (negatives == 1)
    ends = np.concatenate([graph.a[ties], graph.b[ties]]) + np.tile(row, 2) * graph.n
    touched, times = np.unique(ends, return_counts=True)
    good[touched[times != 2] // graph.n] = False
    # Where every actor is touched twice the ties are one cycle or several, each of three or more.
    return [
        held
        and (len(cycle) == len(set(cycle)) > 2 if len(cycle) < 6 else is_cycle(graph, cycle, two))
        for cycle, held in zip(cycles, good.tolist(), strict=True)
    ]


def is_cycle(graph: SignedGraph, cycle: Cycle, two: bool) -> bool:
    """Say whether ties form one closed cycle that every partition must violate somewhere.

    Parameters
    ----------
    graph, two
        As in `Finder`.
    cycle
        Numbers of ties.
    """
    ties = list(cycle)
    if len(ties) < 3 or len(set(ties)) != len(ties):
        return False
    ends: dict[int, list[int]] = {}
    for left, right in zip(graph.a[ties].tolist(), graph.b[ties].tolist(), strict=True):
        ends.setdefault(left, []).append(right)
        ends.setdefault(right, []).append(left)
    if any(len(found) != 2 for found in ends.values()):
        return False
    start = next(iter(ends))
    last, here, steps = start, ends[start][0], 1
    while here != start:
        one, other = ends[here]
        last, here = here, other if one == last else one
        steps += 1
    negatives = int((graph.sign[ties] < 0).sum())
    return steps == len(ties) and (negatives % 2 == 1 if two else negatives == 1)
