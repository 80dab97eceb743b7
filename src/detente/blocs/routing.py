"""A proof that two camps are best, without a linear program: violated weight routed around.

Seen from a partition, every tie is kept or violated, and an odd cycle that violates one tie is a
path of kept ties between the ends of that tie. Where the whole weight of every violated tie can be
sent along such paths, with no kept tie carrying more than its weight, the paths and what they carry
are a certificate (`Certificate`) whose bound is the cost of the partition: it is best. This is the
multiflow of Hu (1963) among the violated ties. Weight is sent tie by tie and never called back, so
that a best partition may stay without such a proof; the linear program starts from what was found.
"""

import numpy as np

from detente.blocs.certificate import Certificate
from detente.blocs.cycles import Cycle, are_cycles
from detente.blocs.graph import SignedGraph

LEAST = 1e-12  # weight, relative to the heaviest tie, that is not worth a path


def route(graph: SignedGraph, camps: np.ndarray, known: Certificate | None = None) -> Certificate:
    """Return cycles, each with one violated tie, that take as much of the violated weight as found.

    Parameters
    ----------
    graph
        The network.
    camps
        Camp of each actor, two camps at most.
    known
        Cycles with shares, as of a similar network: what fits is taken over and the rest routed.
        What is no odd cycle here is dropped.

    Examples
    --------
    >>> import pandas as pd
    >>> from detente.blocs.graph import read_edges
    >>> ties = pd.DataFrame({"a": ["X", "Y", "X"], "b": ["Y", "Z", "Z"], "sign": [-1, -1, -1]})
    >>> found = route(read_edges(ties), np.array([0, 1, 0]))
    >>> found.cycles, found.share.tolist()
    ([(0, 1, 2)], [1.0])
    """
    flow = _Flow(graph, camps)
    if known is not None and known.cycles:
        flow.take(known)
    flow.open_net()
    # The lightest first: a heavy tie has more paths to choose from than one path's worth.
    for tie in flow.demands[np.argsort(flow.room[flow.demands], kind="stable")].tolist():
        flow.triangles(tie)
        flow.paths(tie)
    return Certificate(list(flow.carried), np.array(list(flow.carried.values())))


class _Flow:
    """What is still free of each tie, and what each cycle carries."""

    def __init__(self, graph: SignedGraph, camps: np.ndarray):
        self.graph = graph
        self.violated = graph.violated(camps)
        self.demands = np.flatnonzero(self.violated)
        self.room = graph.weight.copy()
        self.least = LEAST * float(graph.weight.max(initial=0.0))
        self.carried: dict[Cycle, float] = {}
        self.free = np.zeros((0, 0))
        self.usable = np.zeros((0, 0), dtype=bool)

    def take(self, known: Certificate) -> None:
        """Take over cycles that violate one tie, each as far as its ties have room."""
        valid = are_cycles(self.graph, known.cycles, True)
        violated, room = self.violated.tolist(), self.room.tolist()
        # Whole weights are sent whole: the bound then meets the cost or misses it by one at least.
        shares = np.floor(known.share + 1e-9) if self.graph.whole else known.share
        for cycle, share, good in zip(known.cycles, shares.tolist(), valid, strict=True):
            amount = min(share, *(room[tie] for tie in cycle)) if good else 0.0
            if amount <= self.least or sum(violated[tie] for tie in cycle) != 1:
                continue
            for tie in cycle:
                room[tie] -= amount
            self.carried[cycle] = self.carried.get(cycle, 0.0) + amount
        self.room = np.array(room)

    def open_net(self) -> None:
        """Lay out the room of kept ties as a matrix; from here on it is kept there."""
        graph, kept = self.graph, np.flatnonzero(~self.violated)
        self.free = np.zeros((graph.n, graph.n))
        self.free[graph.a[kept], graph.b[kept]] = self.room[kept]
        self.free[graph.b[kept], graph.a[kept]] = self.room[kept]
        self.usable = self.free > self.least

    def triangles(self, tie: int) -> None:
        """Send the weight of a violated tie by way of one third actor each, the widest first."""
        need = float(self.room[tie])
        if need <= self.least:
            return
        left, right = int(self.graph.a[tie]), int(self.graph.b[tie])
        thirds = np.flatnonzero(self.usable[left] & self.usable[right])
        if not len(thirds):
            return
        width = np.minimum(self.free[left, thirds], self.free[right, thirds])
        order = np.argsort(-width, kind="stable")
        before = np.concatenate([[0.0], np.cumsum(width[order])[:-1]])
        amounts = np.minimum(width[order], need - before)
        for third, amount in zip(thirds[order].tolist(), amounts.tolist(), strict=True):
            if amount <= self.least:
                return
            self._send(tie, [left, third, right], amount)

    def paths(self, tie: int) -> None:
        """Send what is left of a violated tie along paths of fewest ties, while there are any."""
        left, right = int(self.graph.a[tie]), int(self.graph.b[tie])
        while self.room[tie] > self.least:
            path = self._path(left, right)
            if path is None:
                return
            width = float(self.free[path[:-1], path[1:]].min())
            self._send(tie, path, min(width, float(self.room[tie])))

    def _send(self, tie: int, path: list[int], amount: float) -> None:
        here, there = path[:-1], path[1:]
        left = self.free[here, there] - amount
        self.free[here, there] = self.free[there, here] = left
        self.usable[here, there] = self.usable[there, here] = left > self.least
        self.room[tie] -= amount
        cycle = tuple(sorted([tie, *self.graph.position[here, there].tolist()]))
        self.carried[cycle] = self.carried.get(cycle, 0.0) + amount

    def _path(self, start: int, end: int) -> list[int] | None:
        """Return a path of fewest ties with room, from its end to its start; None without one."""
        before = np.full(self.graph.n, -1)
        fresh = np.ones(self.graph.n, dtype=bool)
        fresh[start] = False
        front = np.array([start])
        while len(front):
            reach = self.usable[front]
            new = np.flatnonzero(reach.any(axis=0) & fresh)
            before[new] = front[reach[:, new].argmax(axis=0)]
            if before[end] >= 0:
                path = [end]
                while path[-1] != start:
                    path.append(int(before[path[-1]]))
                return path
            fresh[new] = False
            front = new
        return None
