"""Line simplification by the area of triangles: Visvalingam and Whyatt (1993)."""

import heapq

import numpy as np

# A closed line needs four points, the first repeated, to bound an area.
FEWEST_CLOSED = 4


def _triangle(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    return 0.5 * abs(float((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])))


def simplified(points: np.ndarray, smallest: float) -> np.ndarray:
    """Return which points of a line to keep: Visvalingam and Whyatt (1993).

    The point whose triangle with its neighbours is smallest goes first, until every triangle
    left is at least as large as asked. Both ends stay, so lines that meet keep meeting, and a
    closed line keeps an area.

    Parameters
    ----------
    points
        [point, (x, y)] in the plane in which areas are judged.
    smallest
        Smallest triangle to keep, in squared units of the plane.

    Returns
    -------
    numpy.ndarray
        Indices in order.

    Examples
    --------
    >>> simplified(np.array([[0.0, 0.0], [1.0, 0.01], [2.0, 0.0], [2.0, 2.0]]), 0.1).tolist()
    [0, 2, 3]
    """
    count = len(points)
    closed = bool(np.allclose(points[0], points[-1]))
    fewest = FEWEST_CLOSED if closed else 2
    before = list(range(-1, count - 1))
    after = list(range(1, count + 1))
    area = [np.inf] * count
    for i in range(1, count - 1):
        area[i] = _triangle(points[i - 1], points[i], points[i + 1])
    heap = [(area[i], i) for i in range(1, count - 1)]
    heapq.heapify(heap)
    gone = [False] * count
    left = count
    while heap and left > fewest:
        size, i = heapq.heappop(heap)
        if gone[i] or size != area[i]:
            continue  # an outdated entry of a point that was judged anew
        if size >= smallest:
            break
        gone[i] = True
        left -= 1
        a, c = before[i], after[i]
        after[a], before[c] = c, a
        for k in (a, c):
            if 0 < k < count - 1:
                # Never below the triangle just removed, else detail would go out of order.
                area[k] = max(_triangle(points[before[k]], points[k], points[after[k]]), size)
                heapq.heappush(heap, (area[k], k))
    return np.array([i for i in range(count) if not gone[i]])
