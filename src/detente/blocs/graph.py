"""A signed network: actors, and ties that are positive (together) or negative (apart)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detente.errors import WorldError, nearest

COLUMNS = ("a", "b", "sign", "weight")
# Squares of sums of heavier ties leave the range of numbers.
HEAVIEST = 1e100


@dataclass(frozen=True)
class SignedGraph:
    """An undirected signed network in arrays; one tie between two actors at most.

    Parameters
    ----------
    actors
        Names, in order.
    a, b
        Positions of the two ends of each tie.
    sign
        +1 or -1 for each tie.
    weight
        Above zero for each tie: what it costs to violate it.

    Examples
    --------
    >>> ties = pd.DataFrame({"a": ["X", "Y"], "b": ["Y", "Z"], "sign": [1, -1]})
    >>> read_edges(ties).actors
    ('X', 'Y', 'Z')
    """

    actors: tuple[str, ...]
    a: np.ndarray
    b: np.ndarray
    sign: np.ndarray
    weight: np.ndarray

    @property
    def n(self) -> int:
        """Number of actors."""
        return len(self.actors)

    @property
    def m(self) -> int:
        """Number of ties."""
        return len(self.a)

    @cached_property
    def whole(self) -> bool:
        """Whether every weight is a whole number, so that every cost is one."""
        return bool(np.all(self.weight == np.round(self.weight)))

    @cached_property
    def matrix(self) -> np.ndarray:
        """Symmetric matrix of sign times weight."""
        table = np.zeros((self.n, self.n))
        table[self.a, self.b] = table[self.b, self.a] = self.sign * self.weight
        return table

    @cached_property
    def position(self) -> np.ndarray:
        """Number of the tie between two actors, -1 where there is none."""
        table = np.full((self.n, self.n), -1, dtype=np.int64)
        table[self.a, self.b] = table[self.b, self.a] = np.arange(self.m)
        return table

    @cached_property
    def pieces(self) -> np.ndarray:
        """Number of the connected piece of each actor, in order of first appearance."""
        return self.joined(np.arange(self.m))

    def joined(self, ties: np.ndarray) -> np.ndarray:
        """Return the number of each actor's piece when only some ties join.

        Parameters
        ----------
        ties
            Numbers of the ties that join.
        """
        if not self.n:
            return np.zeros(0, dtype=np.int64)
        net = coo_array((np.ones(len(ties)), (self.a[ties], self.b[ties])), shape=(self.n, self.n))
        return numbered(connected_components(net, directed=False)[1])

    def table(self, ties: np.ndarray | None = None) -> pd.DataFrame:
        """Return ties as a table: columns a, b, sign, weight.

        Parameters
        ----------
        ties
            Numbers of the ties wanted; all without it.
        """
        names = np.array(self.actors, dtype=object)
        chosen = np.arange(self.m) if ties is None else ties
        return pd.DataFrame(
            {
                "a": names[self.a[chosen]],
                "b": names[self.b[chosen]],
                "sign": self.sign[chosen],
                "weight": self.weight[chosen],
            }
        )

    def violated(self, camps: np.ndarray) -> np.ndarray:
        """Say of each tie whether a partition violates it.

        A positive tie is violated when it joins two camps, a negative one when it lies within one.

        Parameters
        ----------
        camps
            Camp of each actor.
        """
        return (camps[self.a] == camps[self.b]) == (self.sign < 0)

    def cost(self, camps: np.ndarray) -> float:
        """Return the total weight of the ties that a partition violates."""
        return float(self.weight[self.violated(camps)].sum())


@dataclass(frozen=True)
class Joined:
    """Actors that ties hold together, each with a side relative to the others.

    Attributes
    ----------
    root : first actor of the set that each actor belongs to
    side : 0 for the side of that actor, 1 for the opposite one
    """

    root: np.ndarray
    side: np.ndarray


def joined(graph: SignedGraph, ties: np.ndarray) -> Joined:
    """Return the sets of actors that some ties hold together, none of them violated.

    Parameters
    ----------
    graph
        The network.
    ties
        Numbers of the ties; some partition into two camps violates none of them.

    Notes
    -----
    Every actor stands in the double cover twice, once a side; a positive tie joins like sides and
    a negative one unlike sides. Sets of actors are its connected parts.
    """
    count = graph.n
    one, other, across = graph.a[ties], graph.b[ties], np.where(graph.sign[ties] < 0, count, 0)
    ends = (
        np.concatenate([one, one + count]),
        np.concatenate([other + across, other + count - across]),
    )
    shape = (2 * count, 2 * count)
    cover = coo_array((np.ones(len(ends[0])), ends), shape=shape)
    part = connected_components(cover, directed=False)[1]
    _, first = np.unique(np.minimum(part[:count], part[count:]), return_inverse=True)
    root = np.full(int(first.max(initial=-1)) + 1, count)
    np.minimum.at(root, first, np.arange(count))
    side = part[:count] != part[root[first]]
    return Joined(root[first], side.astype(np.int64))


def numbered(labels: np.ndarray) -> np.ndarray:
    """Return labels renumbered 0, 1, ... in order of first appearance.

    Examples
    --------
    >>> numbered(np.array([7, 3, 7, 1])).tolist()
    [0, 1, 0, 2]
    """
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse]


def read_edges(edges: pd.DataFrame, actors: Iterable[str] | None = None) -> SignedGraph:
    """Return the signed network of a table of ties, after checking it.

    Parameters
    ----------
    edges
        Columns a, b (names), sign (+1 or -1) and, if wanted, weight (above zero; 1 without it).
        The order of a and b means nothing; a tie stated twice alike counts once.
    actors
        Names to include even if no tie touches them.

    Raises
    ------
    WorldError
        If a column is missing or unknown, a name is empty, a tie joins an actor with itself, a
        sign is not +1 or -1, a weight is not above zero, or a tie is stated twice differently.
    """
    if not isinstance(edges, pd.DataFrame):
        raise WorldError(f"edges must be a DataFrame with a, b, sign; got {type(edges).__name__}")
    _check_columns(edges)
    if edges.empty and actors is None:
        raise WorldError("no ties: the table of edges is empty. Give at least one, or name actors=")
    extra = _extra(actors)
    left, right = _names(edges, "a"), _names(edges, "b")
    sign, weight = _signs(edges), _weights(edges)
    _reject(left == right, edges, "joins an actor with itself; leave such rows out")
    names = tuple(sorted({*left, *right, *extra}))
    where = {name: number for number, name in enumerate(names)}
    one = np.array([where[name] for name in left], dtype=np.int64)
    two = np.array([where[name] for name in right], dtype=np.int64)
    low, high = np.minimum(one, two), np.maximum(one, two)
    keep = _once(low * max(len(names), 1) + high, sign, weight, edges)
    return SignedGraph(names, low[keep], high[keep], sign[keep], weight[keep])


def _extra(actors: Iterable[str] | None) -> list[str]:
    """Return the names to include even if no tie touches them."""
    if isinstance(actors, str):
        raise WorldError(f"actors is one text, '{actors}'; give a list of names, as ['{actors}']")
    named = [] if actors is None else list(actors)
    for name in named:
        if pd.isna(name) or not str(name).strip():
            raise WorldError(f"actors holds {name!r}, which is no name; leave it out")
    return [str(name) for name in named]


def _check_columns(edges: pd.DataFrame) -> None:
    columns = [str(name) for name in edges.columns]
    for needed in COLUMNS[:3]:
        if needed not in columns:
            raise WorldError(
                f"edges lack the column '{needed}'; they have {', '.join(columns) or 'none'}. "
                "Needed: a, b, sign; allowed: weight"
            )
    for given in columns:
        if columns.count(given) > 1:
            raise WorldError(f"edges have the column '{given}' more than once; keep one")
        if given not in COLUMNS:
            raise WorldError(
                f"edges have an unknown column '{given}'{nearest(given, COLUMNS)}. "
                "Allowed: a, b, sign, weight"
            )


def _names(edges: pd.DataFrame, column: str) -> np.ndarray:
    values = edges[column]
    empty = values.isna() | (values.astype(str).str.strip() == "")
    _reject(empty.to_numpy(dtype=bool), edges, f"has no name in column {column}")
    return values.astype(str).to_numpy(dtype=object)


def _signs(edges: pd.DataFrame) -> np.ndarray:
    sign = pd.to_numeric(edges["sign"], errors="coerce").to_numpy(dtype=float)
    _reject(~np.isin(sign, (-1.0, 1.0)), edges, "has a sign other than +1 and -1")
    return sign.astype(np.int64)


def _weights(edges: pd.DataFrame) -> np.ndarray:
    if "weight" not in edges.columns:
        return np.ones(len(edges))
    weight = pd.to_numeric(edges["weight"], errors="coerce").to_numpy(dtype=float)
    wrong = ~(np.isfinite(weight) & (weight > 0))
    _reject(
        wrong, edges, "has a weight that is not a number above zero; leave out ties of no weight"
    )
    _reject(weight > HEAVIEST, edges, f"has a weight above {HEAVIEST:g}; divide all by one number")
    return weight


def _reject(wrong: np.ndarray, edges: pd.DataFrame, what: str) -> None:
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong)[0])
    values = edges.iloc[row].astype(object).tolist()  # plain numbers, not NumPy's
    cells = ", ".join(f"{n}={v!r}" for n, v in zip(edges.columns, values, strict=True))
    more = int(wrong.sum()) - 1
    others = f" ({more} more rows likewise)" if more else ""
    raise WorldError(f"edges, row {row} ({cells}): it {what}{others}")


def _once(key: np.ndarray, sign: np.ndarray, weight: np.ndarray, edges: pd.DataFrame) -> np.ndarray:
    """Return the first row of each pair; raise if a later one says something else."""
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    differs = (sign != sign[first][inverse]) | (weight != weight[first][inverse])
    if differs.any():
        row = int(np.flatnonzero(differs)[0])
        raise WorldError(
            f"edges state the tie {edges.iloc[row]['a']}-{edges.iloc[row]['b']} twice and "
            f"differently (rows {int(first[inverse[row]])} and {row}). Keep one, or add them up"
        )
    return np.sort(first)
