"""Moving trade between pairs: re-exports to their origin, and trade a country cannot carry."""

import numpy as np

FIT_STEPS = 15


def redirect(
    flow: np.ndarray,
    country: int,
    amount: float,
    sector: int,
    locked: np.ndarray,
) -> float:
    """Turn re-exports through a country into direct trade, in place.

    Imports and exports of the country fall by the same amount, in proportion to its partners;
    trade from the origins to the final destinations rises by it. Net exports of every country stay
    as they are. No trade is added to or taken from a locked pair: a re-export that would need one
    stays where it is. What returns to its origin becomes domestic sales there.

    Parameters
    ----------
    flow
        [origin, destination, sector] cross-border trade (diagonal ignored); changed in place.
    country, sector
        Positions.
    amount
        Value to move, in the unit of the flows.
    locked
        bool [origin, destination] pairs that keep their value.

    Returns
    -------
    float
        Value moved, at most `amount`.

    Examples
    --------
    >>> flow = np.zeros((3, 3, 1)); flow[0, 1, 0] = flow[1, 2, 0] = 5.0
    >>> redirect(flow, 1, 4.0, 0, np.zeros((3, 3), bool)), float(flow[0, 2, 0])
    (4.0, 4.0)
    """
    into = np.where(locked[:, country], 0.0, flow[:, country, sector])
    out = np.where(locked[country], 0.0, flow[country, :, sector])
    into[country] = out[country] = 0.0
    o, d = np.flatnonzero(into > 0), np.flatnonzero(out > 0)
    if not len(o) or not len(d) or amount <= 0:
        return 0.0
    amount = min(amount, float(into.sum()), float(out.sum()))
    rows = amount * into[o] / into.sum()
    columns = amount * out[d] / out.sum()
    block = locked[np.ix_(o, d)]
    way = np.where(block, 0.0, 1.0)
    left, right = rows.copy(), columns / amount
    if block.any():
        for _ in range(FIT_STEPS):
            left = _ratio(rows, (way * right).sum(axis=1))
            right = _ratio(columns, (way.T * left).sum(axis=1))
    added = left[:, None] * way * right[None, :]
    # Where the locks leave no way, no partner gives more than its part.
    added *= np.minimum(1.0, _ratio(rows, added.sum(axis=1)))[:, None]
    added *= np.minimum(1.0, _ratio(columns, added.sum(axis=0)))[None, :]
    flow[o, country, sector] -= added.sum(axis=1)
    flow[country, d, sector] -= added.sum(axis=0)
    flow[np.ix_(o, d, np.array([sector]))] += added[:, :, None]
    flow[o, country, sector] = np.maximum(flow[o, country, sector], 0.0)
    flow[country, d, sector] = np.maximum(flow[country, d, sector], 0.0)
    same = np.arange(len(flow))
    flow[same, same, sector] = 0.0
    return float(added.sum())


def _ratio(target: np.ndarray, now: np.ndarray) -> np.ndarray:
    return np.divide(target, now, out=np.zeros_like(target), where=now > 0)


def reassign_imports(
    flow: np.ndarray, country: int, amount: np.ndarray, locked: np.ndarray, closed: np.ndarray
) -> np.ndarray:
    """Give imports that a country cannot use to its suppliers' other customers, in place.

    Parameters
    ----------
    flow
        [origin, destination, sector] cross-border trade; changed in place.
    country
        Position.
    amount
        [sector] value to take away.
    locked
        bool [origin, destination] pairs that keep their value.
    closed
        bool [country] customers that take no more (entrepots, registers).

    Returns
    -------
    numpy.ndarray
        [sector] value moved.
    """
    return _reassign(flow, country, amount, locked, closed)


def reassign_exports(
    flow: np.ndarray, country: int, amount: np.ndarray, locked: np.ndarray, closed: np.ndarray
) -> np.ndarray:
    """Let other suppliers serve exports that a country cannot have made, in place.

    Parameters and result as in `reassign_imports`, with `closed` the suppliers that give no more.
    """
    view = flow.transpose(1, 0, 2)
    return _reassign(view, country, amount, locked.T, closed)


def _reassign(
    flow: np.ndarray, country: int, amount: np.ndarray, locked: np.ndarray, closed: np.ndarray
) -> np.ndarray:
    moved = np.zeros(len(amount))
    for s in np.flatnonzero(amount > 0):
        into = np.where(locked[:, country], 0.0, flow[:, country, s])
        into[country] = 0.0
        others = np.where(locked | closed[None, :], 0.0, flow[:, :, s])
        others[:, country] = 0.0
        np.fill_diagonal(others, 0.0)
        room = others.sum(axis=1)
        into[room <= 0] = 0.0
        if into.sum() <= 0:
            continue
        take = into * min(1.0, float(amount[s]) / float(into.sum()))
        flow[:, country, s] -= take
        flow[:, :, s] += others * _ratio(take, room)[:, None]
        moved[s] = take.sum()
    return moved
