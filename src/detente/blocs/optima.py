"""All optimal partitions, from the proof that one of them is optimal.

Write y_C for the share of weight of each cycle in the certificate and r_e for what is left of the
weight of a tie. Any partition costs (lower bound) + sum r_e f_e + sum y_C (f(C) - 1), where f_e
says whether it violates tie e and f(C) counts the violated ties of a cycle. In an optimal one the
two sums are together no larger than the gap between cost and bound, which is zero or small. So
ties with r_e above the gap are kept by every optimal partition: their ends become one actor. What
is left is small, falls apart into blocks that share no cycle, and is searched with the two sums
as the budget. The number of optimal partitions is the product over the blocks.

Partitions are told apart by the ties that they violate. With any number of camps each is stated
in its finest form, whose camps are held together by positive ties: two camps without a tie of
either sign between them could be merged at no cost, and nothing in the ties says whether they
should be.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detente.blocs.cover import TOLERANCE, Cover
from detente.blocs.graph import Joined, SignedGraph, joined, numbered

STEPS = 200_000  # branches looked at in one block, at most
DEEPEST = 800  # decisions that one partition may take before its block is given up


@dataclass(frozen=True)
class Optima:
    """Optimal partitions of one network.

    Attributes
    ----------
    violated
        Ties (numbers) that each listed partition violates.
    count
        Number of optimal partitions, listed or not; a lower bound if not `counted`.
    counted
        Whether `count` is exact.
    complete
        Whether all of them are listed.
    """

    violated: tuple[tuple[int, ...], ...]
    count: int
    counted: bool
    complete: bool


def enumerate_optima(
    graph: SignedGraph, two: bool, cover: Cover, limit: int, steps: int = STEPS
) -> Optima:
    """List optimal partitions, up to a limit.

    Parameters
    ----------
    graph, two
        As in `cover.solve`.
    cover
        What it found; its bound must meet its cost.
    limit
        Partitions listed, at most; also those counted in one block before it is given up.
    steps
        Branches looked at in one block, at most.
    """
    budget = _Budget(graph, cover)
    blocks, forced = _blocks(graph, two, budget)
    listed: list[list[tuple[int, ...]]] = []
    counted = True
    for block in blocks:
        search = (_Sides if two else _Merges)(graph, block, forced, budget, steps)
        found = list(itertools.islice(search.run(), max(limit, 1) + 1))
        counted &= len(found) <= limit and not search.stopped
        listed.append(found or [_violated_in(graph, cover, block)])
    count = math.prod(len(found) for found in listed)
    chosen = itertools.islice(itertools.product(*listed), limit)
    violated = tuple(tuple(sorted(itertools.chain(*parts))) for parts in chosen)
    return Optima(violated, count, counted, counted and count <= limit)


def camps_without(graph: SignedGraph, violated: tuple[int, ...], two: bool) -> np.ndarray:
    """Return the camp of each actor once the violated ties are taken away.

    Parameters
    ----------
    graph, two
        As in `cover.solve`.
    violated
        Numbers of the ties that are violated.
    """
    kept = np.ones(graph.m, dtype=bool)
    kept[list(violated)] = False
    found = joined(graph, np.flatnonzero(kept & ((graph.sign > 0) | two)))
    return found.side if two else numbered(found.root)


def _violated_in(graph: SignedGraph, cover: Cover, block: list[int]) -> tuple[int, ...]:
    bad = graph.violated(cover.camps)
    return tuple(tie for tie in block if bad[tie])


class _Budget:
    """How much an optimal partition may exceed the bound, tie by tie and cycle by cycle."""

    def __init__(self, graph: SignedGraph, cover: Cover):
        slack = TOLERANCE * max(1.0, float(graph.weight.sum()))
        bound = cover.certificate.bound(graph)
        self.room = max(cover.cost - bound, 0.0) + 10 * slack
        self.cost, self.slack = cover.cost, 10 * slack
        self.reduced = np.maximum(cover.certificate.reduced(graph), 0.0)
        used = np.flatnonzero(cover.certificate.share > slack)
        self.share = cover.certificate.share[used].tolist()
        self.through: dict[int, list[int]] = {}
        for place, number in enumerate(used.tolist()):
            for tie in cover.certificate.cycles[number]:
                self.through.setdefault(tie, []).append(place)


def _blocks(graph: SignedGraph, two: bool, budget: _Budget) -> tuple[list[list[int]], Joined]:
    """Join the ends of ties that no optimal partition violates; split the rest into blocks."""
    kept = budget.reduced > budget.room
    forced = joined(graph, np.flatnonzero(kept & ((graph.sign > 0) | two)))
    one, other = forced.root[graph.a], forced.root[graph.b]
    inside = np.flatnonzero(one == other).tolist()
    split = np.flatnonzero(one != other)
    low, high = np.minimum(one, other)[split].tolist(), np.maximum(one, other)[split].tolist()
    pairs: dict[tuple[int, int], list[int]] = {}
    for tie, left, right in zip(split.tolist(), low, high, strict=True):
        pairs.setdefault((left, right), []).append(tie)
    blocks = [[tie for pair in block for tie in pairs[pair]] for block in biconnected(list(pairs))]
    return [inside, *blocks] if inside else blocks, forced


def biconnected(pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Return the edges of each block: two edges are in one block if a cycle holds both.

    Parameters
    ----------
    pairs
        Edges, each (smaller, larger).

    Notes
    -----
    Hopcroft & Tarjan (1973), without recursion.
    """
    near: dict[int, list[int]] = {}
    for one, other in pairs:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    found: list[list[tuple[int, int]]] = []
    for root in near:
        if root in order:
            continue
        order[root] = low[root] = len(order)
        edges: list[tuple[int, int]] = []
        path = [(root, -1, iter(near[root]))]
        while path:
            node, parent, rest = path[-1]
            for other in rest:
                if other == parent:
                    continue
                edge = (min(node, other), max(node, other))
                if other not in order:
                    order[other] = low[other] = len(order)
                    edges.append(edge)
                    path.append((other, node, iter(near[other])))
                    break
                if order[other] < order[node]:
                    edges.append(edge)
                    low[node] = min(low[node], order[other])
            else:
                path.pop()
                if path:
                    low[parent] = min(low[parent], low[node])
                    if low[node] >= order[parent]:
                        cut = edges.index((min(parent, node), max(parent, node)))
                        found.append(edges[cut:])
                        del edges[cut:]
    return found


class _Spending:
    """The budget spent by ties decided so far; steps back in reverse order."""

    def __init__(self, budget: _Budget):
        self.budget = budget
        self.hits = [0] * len(budget.share)
        self.spent = 0.0
        self.violated: list[int] = []

    def violate(self, ties: list[int]) -> bool:
        """Mark ties as violated; False if the budget is exceeded (they stay marked)."""
        budget = self.budget
        for tie in ties:
            self.spent += float(budget.reduced[tie])
            for cycle in budget.through.get(tie, ()):
                self.hits[cycle] += 1
                if self.hits[cycle] > 1:
                    self.spent += budget.share[cycle]
            self.violated.append(tie)
        return self.spent <= budget.room

    def restore(self, mark: int, spent: float) -> None:
        for tie in self.violated[mark:]:
            for cycle in self.budget.through.get(tie, ()):
                self.hits[cycle] -= 1
        del self.violated[mark:]
        self.spent = spent


class _Sides:
    """Search of one block for two camps: place actor by actor on one side or the other."""

    def __init__(
        self, graph: SignedGraph, block: list[int], forced: Joined, budget: _Budget, steps: int
    ):
        self.spending, self.left, self.stopped = _Spending(budget), steps, False
        self.ties: dict[int, list[tuple[int, int, int]]] = {}
        root, side = forced.root, forced.side
        a, b = graph.a[block], graph.b[block]
        across = side[a] ^ side[b] ^ (graph.sign[block] < 0)  # 1: kept if on opposite sides
        split = root[a] != root[b]
        self.inside = np.array(block, dtype=np.int64)[~split & (across == 1)].tolist()
        held = np.flatnonzero(split)
        ends = root[a[held]].tolist(), root[b[held]].tolist(), across[held].tolist()
        for place, one, other, kept in zip(held.tolist(), *ends, strict=True):
            self.ties.setdefault(one, []).append((other, kept, block[place]))
            self.ties.setdefault(other, []).append((one, kept, block[place]))
        self.order = _near_first({node: [t[0] for t in ties] for node, ties in self.ties.items()})

    def run(self) -> Iterator[tuple[int, ...]]:
        """Yield the violated ties of each optimal choice."""
        if not self.spending.violate(self.inside):
            return
        if not self.order:
            yield tuple(self.spending.violated)
            return
        yield from self._place(0, {})

    def _place(self, depth: int, side: dict[int, int]) -> Iterator[tuple[int, ...]]:
        if depth == len(self.order):
            yield tuple(self.spending.violated)
            return
        node = self.order[depth]
        for value in (0,) if depth == 0 else (0, 1):
            if self.left <= 0 or depth > DEEPEST:
                self.stopped = True
                return
            self.left -= 1
            mark, spent = len(self.spending.violated), self.spending.spent
            bad = [
                tie
                for other, across, tie in self.ties[node]
                if other in side and (side[other] ^ value) != across
            ]
            if self.spending.violate(bad):
                side[node] = value
                yield from self._place(depth + 1, side)
                del side[node]
            self.spending.restore(mark, spent)


def _near_first(near: dict[int, list[int]]) -> list[int]:
    """Order actors so that each has as many earlier neighbours as possible."""
    order: list[int] = []
    score = dict.fromkeys(near, 0)
    while score:
        node = max(score, key=lambda name: (score[name], len(near[name]), -name))
        del score[node]
        order.append(node)
        for other in near[node]:
            if other in score:
                score[other] += 1
    return order


class _Merges:
    """Search of one block for any number of camps: merge two groups or keep them apart."""

    def __init__(
        self, graph: SignedGraph, block: list[int], forced: Joined, budget: _Budget, steps: int
    ):
        self.graph, self.budget = graph, budget
        self.spending, self.left, self.stopped = _Spending(budget), steps, False
        self.inside: list[int] = []
        self.start: dict[int, dict[int, list[int]]] = {}
        for tie in block:
            one, other = int(forced.root[graph.a[tie]]), int(forced.root[graph.b[tie]])
            if one == other:
                self.inside += [tie] if graph.sign[tie] < 0 else []
                continue
            self.start.setdefault(one, {}).setdefault(other, []).append(tie)
            self.start.setdefault(other, {}).setdefault(one, []).append(tie)

    def run(self) -> Iterator[tuple[int, ...]]:
        """Yield the violated ties of each optimal choice, in its finest form."""
        if not self.spending.violate(self.inside):
            return
        yield from self._branch(self.start, frozenset(), 0)

    def _branch(
        self,
        near: dict[int, dict[int, list[int]]],
        apart: frozenset[tuple[int, int]],
        depth: int,
    ) -> Iterator[tuple[int, ...]]:
        pair = self._next(near, apart)
        if pair is None:
            yield tuple(self.spending.violated)
            return
        for merge in (True, False):
            if self.left <= 0 or 2 * depth > DEEPEST:  # a merge takes two calls
                self.stopped = True
                return
            self.left -= 1
            mark, spent = len(self.spending.violated), self.spending.spent
            if merge:
                yield from self._merged(near, apart, *pair, depth + 1)
            elif self.spending.violate(self._of(near, *pair, 1)):
                yield from self._branch(near, apart | {pair}, depth + 1)
            self.spending.restore(mark, spent)

    def _merged(
        self,
        near: dict[int, dict[int, list[int]]],
        apart: frozenset[tuple[int, int]],
        one: int,
        other: int,
        depth: int,
    ) -> Iterator[tuple[int, ...]]:
        bad = self._of(near, one, other, -1)
        joined: dict[int, list[int]] = {
            key: ties for key, ties in near[one].items() if key != other
        }
        for third, ties in near[other].items():
            if third == one:
                continue
            here, there = _pair(one, third) in apart, _pair(other, third) in apart
            if here != there:  # the group that was not apart becomes so
                side = other if here else one
                bad = bad + self._of(near, side, third, 1)
            joined[third] = joined.get(third, []) + ties
        for third in near[one]:
            if third != other and third not in near[other] and _pair(other, third) in apart:
                bad = bad + self._of(near, one, third, 1)
        if not self.spending.violate(bad):
            return
        fresh = {key: dict(value) for key, value in near.items() if key != other}
        fresh[one] = joined
        for third, ties in joined.items():
            fresh[third].pop(other, None)
            fresh[third][one] = ties
        now = frozenset(_pair(one if p == other else p, one if q == other else q) for p, q in apart)
        yield from self._branch(fresh, now, depth)

    def _of(self, near: dict, one: int, other: int, sign: int) -> list[int]:
        return [tie for tie in near[one].get(other, ()) if self.graph.sign[tie] == sign]

    def _next(self, near: dict, apart: frozenset) -> tuple[int, int] | None:
        """Return the undecided pair joined by most positive ties, or None."""
        best, most = None, 0
        for one, others in near.items():
            for other, ties in others.items():
                if one < other and (one, other) not in apart:
                    held = sum(1 for tie in ties if self.graph.sign[tie] > 0)
                    if held > most:
                        best, most = (one, other), held
        return best


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
