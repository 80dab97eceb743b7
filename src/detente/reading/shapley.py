"""Shapley values: how the value of a whole is shared among the players that make it up.

Shapley (1953): a player's share is what it adds to the players before it, averaged over all
orders. The shares add up to the value of the whole; players that add the same get the same; a
player that adds nothing gets nothing.
"""

from collections.abc import Callable, Iterator
from math import comb

import numpy as np


def exact(values: np.ndarray) -> np.ndarray:
    """Return the Shapley values from the values of all sets of players.

    Parameters
    ----------
    values
        [2^n, ...] value of each set; bit k of the position says whether player k is in it.

    Returns
    -------
    [n, ...] shares; they add up to `values[-1] - values[0]`.

    Examples
    --------
    >>> exact(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    count = (len(values) - 1).bit_length()
    sets = np.arange(len(values))
    size = np.array([int(one).bit_count() for one in sets])
    shares = []
    for player in range(count):
        without = sets[(sets >> player) & 1 == 0]
        # Of all orders, the share in which exactly this set goes before the player.
        weight = np.array([1 / (count * comb(count - 1, int(k))) for k in size[without]])
        added = values[without | (1 << player)] - values[without]
        shares.append(np.tensordot(weight, added, axes=1))
    return np.array(shares)


def orders(count: int, samples: int, seed: int) -> Iterator[list[int]]:
    """Return random orders of the players in antithetic pairs: each, then the same backwards.

    Parameters
    ----------
    count
        Number of players.
    samples
        Number of orders, even.
    seed
        Of the random orders.

    Notes
    -----
    Mitchell, Cooper, Frank and Holmes (2022): the reverse of an order has the opposite error
    where players hinder one another more, the more of them there are.
    """
    rng = np.random.default_rng(seed)
    for _ in range(samples // 2):
        order = rng.permutation(count).tolist()
        yield order
        yield order[::-1]


def prefixes(order: list[int]) -> list[int]:
    """Return the sets that an order passes through, as bits, from none to all.

    Examples
    --------
    >>> prefixes([1, 0])
    [0, 2, 3]
    """
    found = [0]
    for player in order:
        found.append(found[-1] | (1 << player))
    return found


def sampled(
    paths: list[list[int]], value: Callable[[int], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean share of each player over some orders, and its standard error.

    Parameters
    ----------
    paths
        Orders in antithetic pairs, from `orders`.
    value
        Value [...] of a set given as bits.

    Returns
    -------
    Shares and standard errors, each [n, ...]. The shares add up to the value of the whole
    whatever the orders are. Errors come from the spread between pairs of orders.
    """
    added = np.stack([_added(order, value) for order in paths])
    pairs = (added[0::2] + added[1::2]) / 2
    error = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    return pairs.mean(axis=0), error


def _added(order: list[int], value: Callable[[int], np.ndarray]) -> np.ndarray:
    """Return [n, ...] what each player adds in one order."""
    steps = [value(bits) for bits in prefixes(order)]
    rows: list[np.ndarray] = [steps[0]] * len(order)
    for place, player in enumerate(order):
        rows[player] = steps[place + 1] - steps[place]
    return np.stack(rows)
