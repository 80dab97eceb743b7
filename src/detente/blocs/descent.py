"""Good partitions quickly: descent by moving single actors and by merging camps.

These give upper bounds and starting points only; what is optimal is proved elsewhere.
"""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from detente.blocs.graph import SignedGraph, numbered

SLACK = 1e-12


def descend_two(matrix: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Move one actor at a time to the other camp while that lowers the cost, for many starts.

    Parameters
    ----------
    matrix
        Signed weights, symmetric, zero on the diagonal.
    starts
        Sides +1 and -1, one row a start; returned changed.
    """
    sides = starts.astype(float).copy()
    field = sides @ matrix
    rows = np.arange(len(sides))
    scale = SLACK * max(1.0, float(np.abs(matrix).sum()))
    active = rows
    while len(active):
        gain = -(sides[active] * field[active])
        best = gain.argmax(axis=1)
        improving = gain[np.arange(len(active)), best] > scale
        active, best = active[improving], best[improving]
        flipped = -sides[active, best]
        sides[active, best] = flipped
        field[active] += 2.0 * flipped[:, None] * matrix[best]
    return sides


def descend_many(matrix: np.ndarray, camps: np.ndarray, most: int | None = None) -> np.ndarray:
    """Move actors between camps, or to a new one, and merge camps, while that lowers the cost.

    Parameters
    ----------
    matrix
        Signed weights, symmetric, zero on the diagonal.
    camps
        Camp of each actor to start from.
    most
        Camps allowed; any number without it.
    """
    n = len(camps)
    if not n:
        return camps
    scale = SLACK * max(1.0, float(np.abs(matrix).sum()))
    labels = numbered(camps)
    while True:
        room = n + 1 if most is None else most
        inside = np.zeros((n, room))
        inside[np.arange(n), labels] = 1.0
        pull = matrix @ inside
        moved = False
        for _ in range(20 * n):
            gain = pull - pull[np.arange(n), labels][:, None]
            actor, camp = divmod(int(gain.argmax()), room)
            if gain[actor, camp] <= scale:
                break
            pull[:, labels[actor]] -= matrix[:, actor]
            pull[:, camp] += matrix[:, actor]
            labels[actor] = camp
            moved = True
        labels = numbered(labels)
        merged = _merge(matrix, labels, scale)
        if not moved and merged is None:
            return labels
        if merged is not None:
            labels = merged
        elif not moved:
            return labels


def _merge(matrix: np.ndarray, labels: np.ndarray, scale: float) -> np.ndarray | None:
    count = int(labels.max()) + 1
    inside = np.zeros((len(labels), count))
    inside[np.arange(len(labels)), labels] = 1.0
    between = np.triu(inside.T @ matrix @ inside, 1)
    if count < 2 or between.max() <= scale:
        return None
    one, other = divmod(int(between.argmax()), count)
    return numbered(np.where(labels == other, one, labels))


def first_partition(graph: SignedGraph, two: bool, given: np.ndarray | None) -> np.ndarray:
    """Return a good partition from a few starts; the same one every time.

    Parameters
    ----------
    graph
        The network.
    two
        Whether there are two camps; otherwise any number.
    given
        A partition to start from beside the others, if any.
    """
    matrix = graph.matrix
    rng = np.random.default_rng(0)
    starts = np.where(rng.random((8, graph.n)) < 0.5, 1.0, -1.0)
    starts[0] = 1.0
    if graph.n:
        starts[1] = np.where(_leading(matrix) >= 0, 1.0, -1.0)
    if given is not None and two:
        starts[2] = np.where(given == 0, 1.0, -1.0)
    sides = descend_two(matrix, starts)
    halves = [numbered((row > 0).astype(np.int64)) for row in sides]
    best = min(halves, key=graph.cost)
    if two:
        return best
    tried = [best, np.arange(graph.n)] + ([given] if given is not None else [])
    return min((descend_many(matrix, camps) for camps in tried), key=graph.cost)


def near(graph: SignedGraph, given: np.ndarray) -> np.ndarray:
    """Return what descent makes of one partition into two camps.

    Parameters
    ----------
    graph, given
        As in `first_partition`.
    """
    sides = descend_two(graph.matrix, np.where(given == 0, 1.0, -1.0)[None, :])
    return numbered((sides[0] > 0).astype(np.int64))


def _leading(matrix: np.ndarray) -> np.ndarray:
    """Return roughly the leading eigenvector, by powers of a shifted matrix."""
    shift = float(np.abs(matrix).sum(axis=1).max()) or 1.0
    vector = np.random.default_rng(1).standard_normal(len(matrix))
    for _ in range(60):
        vector = matrix @ vector + 0.5 * shift * vector
        vector /= np.linalg.norm(vector) or 1.0
    return vector


def rounded(graph: SignedGraph, violated: np.ndarray, two: bool) -> np.ndarray:
    """Return a partition near a fractional solution: keep ties in order of how little they give.

    Parameters
    ----------
    graph
        The network.
    violated
        Fraction by which the relaxation violates each tie.
    two
        Whether there are two camps; otherwise any number.
    """
    if two:
        sides = 1.0 - 2.0 * _tree_sides(graph, violated)
        return numbered((descend_two(graph.matrix, sides[None, :])[0] > 0).astype(np.int64))
    held = np.flatnonzero((graph.sign > 0) & (violated < 0.5))
    return descend_many(graph.matrix, graph.joined(held))


def _tree_sides(graph: SignedGraph, violated: np.ndarray) -> np.ndarray:
    """Return sides 0 and 1 that keep every tie of the trees of least violation."""
    shape = (graph.n, graph.n)
    # A zero length would read as no tie at all.
    net = coo_array((violated + 1e-6, (graph.a, graph.b)), shape=shape).tocsr()
    tree = minimum_spanning_tree(net)
    sides = [0] * graph.n
    for root in np.unique(graph.pieces, return_index=True)[1].tolist():
        order, before = breadth_first_order(tree, root, directed=False)
        nodes, parents = order[1:], before[order[1:]]
        across = (graph.sign[graph.position[parents, nodes]] < 0).tolist()
        for node, parent, unlike in zip(nodes.tolist(), parents.tolist(), across, strict=True):
            sides[node] = sides[parent] ^ unlike
    return np.array(sides, dtype=float)
