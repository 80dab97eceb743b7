"""Every partition of a few actors, to compare with."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from detente.blocs.graph import SignedGraph


def partitions(count: int, most: int) -> Iterator[np.ndarray]:
    """Yield every partition into at most so many camps once."""

    def extend(labels: list[int], used: int) -> Iterator[np.ndarray]:
        if len(labels) == count:
            yield np.array(labels)
            return
        for camp in range(min(used + 1, most)):
            yield from extend([*labels, camp], max(used, camp + 1))

    yield from extend([], 0)


def optima(graph: SignedGraph, most: int) -> tuple[float, set[tuple[int, ...]]]:
    """Return the least cost and the sets of ties that optimal partitions violate."""
    every = list(partitions(graph.n, most))
    costs = np.array([graph.cost(camps) for camps in every])
    best = float(costs.min())
    found = {
        tuple(np.flatnonzero(graph.violated(camps)).tolist())
        for camps, cost in zip(every, costs, strict=True)
        if cost < best + 1e-9
    }
    return best, found


def random_ties(seed: int, most: int = 7, whole: bool = True) -> pd.DataFrame:
    """Return a random signed, weighted network of three or more actors."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, most + 1))
    density = rng.choice([0.4, 0.7, 1.0])
    pairs = [(i, j) for i in range(count) for j in range(i) if rng.random() < density] or [(0, 1)]
    size = len(pairs)
    weight = rng.integers(1, 4, size).astype(float) if whole else rng.random(size) + 0.1
    return pd.DataFrame(
        {
            "a": [f"N{i}" for i, _ in pairs],
            "b": [f"N{j}" for _, j in pairs],
            "sign": rng.choice([-1, 1], size),
            "weight": weight,
        }
    )
