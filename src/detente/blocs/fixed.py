"""At most a fixed number of camps above two: bounds from any number, closed in whole numbers."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from detente.blocs.cover import TOLERANCE, Cover
from detente.blocs.descent import descend_many
from detente.blocs.graph import SignedGraph, numbered

STARTS = 20


def solve(graph: SignedGraph, camps: int, any_number: Cover, seconds: float) -> Cover:
    """Find a best partition into at most so many camps.

    Parameters
    ----------
    graph
        The network.
    camps
        Camps allowed, three or more.
    any_number
        Solution with any number of camps: its bound holds here too.
    seconds
        Limit of the search in whole numbers; beyond it the answer keeps a gap.
    """
    best = _few(graph, any_number.camps, camps)
    rng = np.random.default_rng(0)
    for _ in range(STARTS):
        tried = descend_many(graph.matrix, rng.integers(0, camps, graph.n), camps)
        best = min(best, tried, key=graph.cost)
    cost = graph.cost(best)
    found = Cover(best, cost, any_number.lower, any_number.certificate, any_number.whole)
    room = 1 - 1e-6 if graph.whole else TOLERANCE * max(1.0, float(graph.weight.sum()))
    if cost - found.lower >= room:
        _whole_numbers(graph, camps, found, seconds)
    return found


def _few(graph: SignedGraph, labels: np.ndarray, camps: int) -> np.ndarray:
    """Merge the pairs of camps that cost least until few enough are left, then descend."""
    labels = numbered(labels)
    while labels.size and labels.max() >= camps:
        count = int(labels.max()) + 1
        inside = np.zeros((graph.n, count))
        inside[np.arange(graph.n), labels] = 1.0
        between = inside.T @ graph.matrix @ inside
        between[np.tril_indices(count)] = -np.inf
        one, other = divmod(int(between.argmax()), count)
        labels = numbered(np.where(labels == other, one, labels))
    return descend_many(graph.matrix, labels, camps)


def _whole_numbers(graph: SignedGraph, camps: int, found: Cover, seconds: float) -> None:
    """Assign actors to camps by a mixed-integer program that also knows the cycles so far."""
    n, m = graph.n, graph.m
    rows, columns, values, lower = [], [], [], []
    line = 0
    for tie in range(m):
        a, b = int(graph.a[tie]), int(graph.b[tie])
        for camp in range(camps):
            one, other = m + a * camps + camp, m + b * camps + camp
            if graph.sign[tie] > 0:  # f >= x_a - x_b and f >= x_b - x_a
                for first, second in ((one, other), (other, one)):
                    rows += [line] * 3
                    columns += [tie, first, second]
                    values += [1.0, -1.0, 1.0]
                    lower.append(0.0)
                    line += 1
            else:  # f >= x_a + x_b - 1
                rows += [line] * 3
                columns += [tie, one, other]
                values += [1.0, -1.0, -1.0]
                lower.append(-1.0)
                line += 1
    total = m + n * camps
    ties = csr_array(coo_array((values, (rows, columns)), shape=(line, total)))
    one_each = hstack([csr_array((n, m)), csr_array(np.kron(np.eye(n), np.ones(camps)))])
    cycles = found.certificate.cycles
    bad = np.zeros((len(cycles), total))
    for number, cycle in enumerate(cycles):
        bad[number, list(cycle)] = 1.0
    matrix = vstack([ties, one_each, csr_array(bad)]).tocsr()
    low = np.concatenate([lower, np.ones(n), np.ones(len(cycles))])
    high = np.concatenate([np.full(line, np.inf), np.ones(n), np.full(len(cycles), np.inf)])
    upper = np.ones(total)
    for rank, actor in enumerate(np.argsort(-np.abs(graph.matrix).sum(axis=1))[: camps - 1]):
        upper[m + actor * camps + rank + 1 : m + (actor + 1) * camps] = 0.0  # names of camps
    answer = milp(
        np.concatenate([graph.weight, np.zeros(n * camps)]),
        integrality=np.concatenate([np.zeros(m, dtype=int), np.ones(n * camps, dtype=int)]),
        bounds=Bounds(np.zeros(total), upper),  # pyright: ignore[reportArgumentType]
        constraints=LinearConstraint(matrix, low, high),  # pyright: ignore[reportArgumentType]
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    found.whole = True
    if answer.x is not None:
        labels = numbered(answer.x[m:].reshape(n, camps).argmax(axis=1))
        if graph.cost(labels) < found.cost:
            found.camps, found.cost = labels, graph.cost(labels)
    bound = answer.mip_dual_bound
    if bound is not None and np.isfinite(bound):
        found.lower = max(found.lower, min(float(bound), found.cost))
