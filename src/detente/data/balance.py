"""Balancing tables: proportional fitting with a certificate, and least squares under bounds.

Each function says how far the result is from what was asked and refuses margins that no table can
meet; none of them draws random numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from detente.errors import WorldError


@dataclass(frozen=True)
class Balanced:
    """A fitted table with its certificate.

    Attributes
    ----------
    flow : the fitted table, in the unit of the margins
    residual : largest relative miss of any margin
    misses : largest relative miss of each margin, in the order given
    steps : passes over all margins
    converged : residual <= tolerance
    """

    flow: np.ndarray
    residual: float
    misses: tuple[float, ...]
    steps: int
    converged: bool


def ipf(
    seed: np.ndarray,
    margins: Sequence[tuple[tuple[int, ...], np.ndarray]],
    tolerance: float = 1e-9,
    steps: int = 500,
) -> Balanced:
    """Scale a table of any dimension to several margins in turn; the last one holds exactly.

    Parameters
    ----------
    seed
        Non-negative table; a zero stays zero.
    margins
        Pairs of the axes that a margin keeps, in increasing order, and its totals.
    tolerance
        Largest relative miss, measured against the largest total of the margin.
    steps
        Most passes. Margins that contradict one another do not raise here: read `misses`.

    Raises
    ------
    ValueError
        A negative entry, or totals that do not fit the axes.

    Source
    ------
    Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444.

    Examples
    --------
    >>> one = ipf(np.ones((2, 2)), [((0,), np.array([3.0, 1.0])), ((1,), np.array([2.0, 2.0]))])
    >>> one.flow.tolist(), one.converged
    ([[1.5, 1.5], [0.5, 0.5]], True)
    """
    table = np.array(seed, dtype=float)
    if (table < 0).any():
        raise ValueError("the seed has negative entries")
    plan = []
    for axes, totals in margins:
        target = np.asarray(totals, dtype=float)
        if target.shape != tuple(table.shape[axis] for axis in axes) or (target < 0).any():
            raise ValueError(f"totals over axes {axes} do not fit the table or are negative")
        summed = tuple(axis for axis in range(table.ndim) if axis not in axes)
        plan.append((summed, target, max(float(target.max(initial=0.0)), 1e-300)))
    count, settled = 0, False
    while count < steps and not settled:
        count += 1
        worst = []
        for summed, target, size in plan:
            now = table.sum(axis=summed)
            worst.append(float(np.abs(now - target).max() / size))
            factor = np.divide(target, now, out=np.zeros_like(target), where=now > 0)
            table *= np.expand_dims(factor, summed)
        settled = max(worst) <= tolerance
    misses = tuple(
        float(np.abs(table.sum(axis=summed) - target).max() / size) for summed, target, size in plan
    )
    return Balanced(table, max(misses), misses, count, max(misses) <= tolerance)


def ras(
    flow: np.ndarray,
    row_totals: np.ndarray,
    column_totals: np.ndarray,
    tolerance: float = 1e-10,
    steps: int = 5000,
    labels: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Balanced:
    """Scale rows and columns of a matrix to given totals (RAS).

    Parameters
    ----------
    flow
        [row, column] non-negative values; zeros stay zero.
    row_totals, column_totals
        Non-negative totals in the unit of the flows; both must add to the same sum.
    tolerance
        Largest miss of a total, relative to the mean total.
    steps
        Most passes.
    labels
        Names of rows and columns for the error messages.

    Raises
    ------
    WorldError
        The totals add to different sums, a row or column without entries has a total, or the zeros
        of the matrix make the totals impossible; the worst rows and columns are named.

    Source
    ------
    Bacharach (1970), Biproportional Matrices and Input-Output Change.

    Examples
    --------
    >>> table, total = np.array([[1.0, 1.0], [1.0, 3.0]]), np.array([2.0, 4.0])
    >>> ras(table, total, np.array([3.0, 3.0])).converged
    True
    """
    table = np.array(flow, dtype=float)
    rows, columns = np.asarray(row_totals, float), np.asarray(column_totals, float)
    _check_margins(table, rows, columns, labels)
    size = max(float(rows.mean()), 1e-300)
    residual, count = np.inf, 0
    while count < steps and residual > tolerance:
        count += 1
        now = table.sum(axis=1)
        table *= np.divide(rows, now, out=np.zeros_like(rows), where=now > 0)[:, None]
        now = table.sum(axis=0)
        table *= np.divide(columns, now, out=np.zeros_like(columns), where=now > 0)[None, :]
        residual = float(np.abs(table.sum(axis=1) - rows).max() / size)
    if residual > tolerance:
        miss = table.sum(axis=1) - rows
        order = np.argsort(-np.abs(miss), kind="stable")[:5]
        names = _names(labels, 0, len(rows))
        text = ", ".join(f"{names[i]} {miss[i]:+.6g}" for i in order)
        raise WorldError(
            f"RAS did not meet the totals after {count} passes (largest relative miss "
            f"{residual:.2e}): the zeros of the table leave no way to them. Rows that miss most: "
            f"{text}. Give these rows or columns more positive cells, or mend their totals"
        )
    missed = float(np.abs(table.sum(axis=0) - columns).max() / size)
    return Balanced(table, max(residual, missed), (residual, missed), count, True)


def _names(labels: tuple[Sequence[str], Sequence[str]] | None, axis: int, count: int) -> list[str]:
    if labels is None:
        return [f"{('row', 'column')[axis]} {i}" for i in range(count)]
    return [str(name) for name in labels[axis]]


def _check_margins(
    table: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    labels: tuple[Sequence[str], Sequence[str]] | None,
) -> None:
    if table.shape != (len(rows), len(columns)):
        raise WorldError(f"table is {table.shape}, totals are for {(len(rows), len(columns))}")
    if not all(np.isfinite(part).all() for part in (table, rows, columns)):
        raise WorldError("the table or its totals hold values that are not finite")
    if min(table.min(initial=0), rows.min(initial=0), columns.min(initial=0)) < 0:
        raise WorldError("RAS needs values and totals that are not negative")
    gap = float(rows.sum() - columns.sum())
    if abs(gap) > 1e-8 * max(float(rows.sum()), float(columns.sum()), 1e-300):
        raise WorldError(
            f"row totals add to {rows.sum():.9g}, column totals to {columns.sum():.9g} "
            f"(difference {gap:.6g}); they must agree"
        )
    for axis, totals in enumerate((rows, columns)):
        empty = (table.sum(axis=1 - axis) <= 0) & (totals > 0)
        if empty.any():
            names = _names(labels, axis, len(totals))
            first = ", ".join(names[i] for i in np.flatnonzero(empty)[:5])
            raise WorldError(f"no positive cell to carry the total of {first}")


def bounded_least_squares(
    matrix: np.ndarray, target: np.ndarray, bounds: np.ndarray, lower: np.ndarray
) -> np.ndarray | None:
    """Minimise |matrix z - target| subject to bounds z >= lower; None when no z satisfies them.

    Parameters
    ----------
    matrix
        [equation, variable], full column rank.
    target
        [equation].
    bounds
        [inequality, variable].
    lower
        [inequality].

    Source
    ------
    Lawson and Hanson (1974), Solving Least Squares Problems, chapter 23 (problem LSI by way of
    least distance programming and non-negative least squares). The minimum is unique.

    Examples
    --------
    >>> z = bounded_least_squares(np.eye(2), np.array([1.0, -1.0]), np.eye(2), np.zeros(2))
    >>> np.round(z, 12).tolist()
    [1.0, 0.0]
    """
    q, r = np.linalg.qr(matrix)
    start = q.T @ target
    inverse = np.linalg.inv(r)
    g = bounds @ inverse
    h = lower - g @ start
    # Solved twice: in units of its own length the distance keeps all digits.
    unit, distance = 1.0, np.zeros(len(start))
    dual = np.zeros(len(h))
    for _ in range(2):
        stacked = np.vstack([g.T, h[None, :] / unit])
        goal = np.zeros(stacked.shape[0])
        goal[-1] = 1.0
        dual, _ = nnls(stacked, goal, maxiter=50 * stacked.shape[1])
        rest = stacked @ dual - goal
        # The residual vanishes exactly when the inequalities contradict one another.
        if -rest[-1] <= 1e-12:
            return None
        distance = -rest[:-1] / rest[-1] * unit
        unit = max(float(np.linalg.norm(distance)), 1e-6)
    active = dual > 1e-12 * dual.max()
    if active.any():
        # The inequalities that bind are known now: the shortest way to them gives the same point
        # to the last digits, so that another machine rounds it alike.
        exact = np.linalg.lstsq(g[active], h[active], rcond=1e-11)[0]
        if (g @ exact - h).min() > -1e-10 * unit:
            distance = exact
    return np.linalg.solve(r, start + distance)
