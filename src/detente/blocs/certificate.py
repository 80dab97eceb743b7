"""Cycles that bound from below what any partition violates, with the share that each takes."""

from dataclasses import dataclass, field

import numpy as np

from detente.blocs.cycles import Cycle
from detente.blocs.graph import SignedGraph


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
        ties = np.array([tie for cycle in self.cycles for tie in cycle], dtype=np.int64)
        taken = np.bincount(ties, np.repeat(self.share, sizes), minlength=graph.m)
        return graph.weight - taken

    def used(self) -> "Certificate":
        """Return the cycles that take a share above zero."""
        kept = np.flatnonzero(self.share > 0)
        return Certificate([self.cycles[number] for number in kept.tolist()], self.share[kept])
