"""How likely a state is in the camp of another, over draws of the ties.

Camps carry no names: camp 1 of one draw is not camp 1 of the next. So membership is stated with
respect to anchors: the share of draws in which a state is in the same camp as a named one. Where a
draw has several optimal partitions they count in equal parts.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from detente.blocs.camps import Partition, partition
from detente.errors import ScenarioError, WorldError, nearest


def membership(
    partitions: Sequence[Partition], anchors: Sequence[str], limit: int = 100
) -> pd.DataFrame:
    """Return the probability that each actor is in the camp of each anchor.

    Parameters
    ----------
    partitions
        One for each draw, all with the same number of camps.
    anchors
        Names to compare with.
    limit
        Optimal partitions of one draw that are looked at, at most. Those of a draw that is not
        proved optimal are not known; its best partition stands alone.

    Returns
    -------
    DataFrame
        Columns actor, anchor, together (share of the draws in which ties connect the two and they
        are in one camp; with any number of camps, share of all draws), untied (share of draws in
        which no chain of ties connects them), draws, optima (mean number of optimal partitions),
        unproved (share of draws without proof). With two camps `together` is NaN for a pair that
        is never connected: nothing says on which side it stands.

    Raises
    ------
    ScenarioError
        If there are no partitions, or they differ in the number of camps.
    WorldError
        If an anchor is in none of them.

    Examples
    --------
    >>> ties = pd.DataFrame({"a": ["X", "X"], "b": ["Y", "Z"], "sign": [1, -1]})
    >>> found = membership([partition(ties, 2)], ["X"])
    >>> found.set_index("actor")["together"].to_dict()
    {'X': 1.0, 'Y': 1.0, 'Z': 0.0}
    """
    actors = _common(partitions, anchors)
    where = {name: number for number, name in enumerate(actors)}
    held = [where[anchor] for anchor in anchors]
    together = np.zeros((len(actors), len(anchors)))
    tied = np.zeros_like(together)
    margin = np.zeros(len(actors))
    optima, unproved = 0.0, 0
    for result in partitions:
        here = np.array([where[name] for name in result.graph.actors])
        piece = np.full(len(actors), -1)
        piece[here] = result.graph.pieces
        margin[here] += result.margins()["margin"].to_numpy()
        lone = piece < 0  # not in this draw: tied to nobody
        piece[lone] = -2 - np.flatnonzero(lone)
        connected = piece[:, None] == piece[None, held]
        tied += connected
        listed = _alternatives(result, limit)
        optima += len(listed)
        unproved += not result.certified
        for camps in listed:
            camp = -2 - np.arange(len(actors))
            camp[here] = camps
            together += (connected & (camp[:, None] == camp[None, held])) / len(listed)
    draws = len(partitions)
    two = partitions[0].number == 2
    base = tied if two else np.full_like(tied, draws)
    share = np.divide(together, base, out=np.full_like(together, np.nan), where=base > 0)
    table = pd.DataFrame(
        {
            "actor": np.repeat(actors, len(anchors)),
            "anchor": np.tile(np.array(anchors, dtype=object), len(actors)),
            "together": share.ravel(),
            "untied": 1 - tied.ravel() / draws,
            "margin": np.repeat(margin / draws, len(anchors)),
        }
    )
    return table.assign(draws=draws, optima=optima / draws, unproved=unproved / draws)


def camp_shares(
    result: Partition, anchors: Sequence[str], limit: int = 100
) -> tuple[np.ndarray, int]:
    """Return [anchor, actor] the share of best partitions that join the two, and their number.

    Parameters
    ----------
    result
        Of one draw; actors are in the order of its network.
    anchors, limit
        As in `membership`, whose `together` this is for a single draw.

    Raises
    ------
    WorldError
        If an anchor is no actor.

    Examples
    --------
    >>> ties = pd.DataFrame({"a": ["X", "X"], "b": ["Y", "Z"], "sign": [1, -1]})
    >>> shares, optima = camp_shares(partition(ties, 2), ["X"])
    >>> shares.tolist(), optima
    ([[1.0, 1.0, 0.0]], 1)
    """
    _common([result], anchors)
    held = [result.graph.actors.index(anchor) for anchor in anchors]
    pieces, camps = result.graph.pieces, _alternatives(result, limit)
    connected = pieces[held][:, None] == pieces
    share = (connected & (camps[:, held, None] == camps[:, None, :])).mean(axis=0)
    return np.where(connected | (result.number != 2), share, np.nan), len(camps)


def _alternatives(result: Partition, limit: int) -> np.ndarray:
    """Return [partition, actor] the camps in each optimal partition that is looked at."""
    fixed = result.number is not None and result.number > 2
    if fixed or not result.certified:
        return result.cover.camps[None, :]
    return result.optimal_camps(limit)


def _common(partitions: Sequence[Partition], anchors: Sequence[str]) -> np.ndarray:
    if not partitions:
        raise ScenarioError("membership needs at least one partition")
    numbers = {result.number for result in partitions}
    if len(numbers) > 1:
        raise ScenarioError(f"the partitions differ in the number of camps: {numbers}")
    if isinstance(anchors, str) or not len(anchors):
        raise ScenarioError("anchors must be a list of one or more names")
    actors = sorted({name for result in partitions for name in result.graph.actors})
    for anchor in anchors:
        if anchor not in actors:
            raise WorldError(f"anchor '{anchor}' has no ties in any draw{nearest(anchor, actors)}")
    return np.array(actors, dtype=object)


def partitions_over(
    draws: Iterable[pd.DataFrame],
    camps: int | None = 2,
    actors: Iterable[str] | None = None,
    each: Callable[[Partition], None] | None = None,
) -> list[Partition]:
    """Partition many draws of the ties, each started from the one before.

    Parameters
    ----------
    draws
        Tables of ties, one a draw.
    camps, actors
        As in `partition`.
    each
        Called with every result, for progress.

    Returns
    -------
    list of Partition
        In the order of the draws. Each is proved by itself: the start saves time only.
    """
    named = None if actors is None else list(actors)
    found: list[Partition] = []
    for edges in draws:
        found.append(partition(edges, camps, actors=named, start=found[-1] if found else None))
        if each:
            each(found[-1])
    return found
