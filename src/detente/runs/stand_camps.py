"""Camps of the worlds of a run, over draws of their ties.

Whatever draws share is laid out once for each world; within a draw every partition starts from that
of the world before, whose cycles prove most of the next.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from detente.blocs import Partition, TieNet, best_partition, camp_shares
from detente.blocs.graph import SignedGraph
from detente.counts import cores
from detente.standing import Camps
from detente.world import World


@dataclass(frozen=True)
class Place:
    """A world laid out for the search of camps.

    Attributes
    ----------
    ties : under the published rule
    belongs : [group, country] who is in each group whose cohesion is stated
    """

    ties: TieNet
    belongs: np.ndarray

    def cohesion(self, graph: SignedGraph) -> np.ndarray:
        """Return [group] net weight of the ties among the members of each group, per pair."""
        net = graph.sign * graph.weight
        sizes = self.belongs.sum(axis=1)
        inside = self.belongs[:, graph.a] & self.belongs[:, graph.b]
        # Only the group's own ties are added up: those of others must not move the last bit.
        return np.array([net[mask].sum() for mask in inside]) / (sizes * (sizes - 1) / 2)


def place_of(world: World) -> Place:
    """Lay out a world: its ties and its groups."""
    members = list(groups_of(world).values())
    belongs = [np.isin(world.countries, codes) for codes in members]
    return Place(TieNet(world), np.array(belongs, dtype=bool).reshape(-1, len(world.countries)))


def groups_of(world: World) -> dict[str, tuple[str, ...]]:
    """Return the groups of two members or more that are not the whole world."""
    count = len(world.countries)
    return {name: tuple(m) for name, m in world.groups.items() if 1 < len(m) < count}


@dataclass(frozen=True)
class Drawn:
    """What is drawn of the ties; it is the same for every world.

    Attributes
    ----------
    weights : [draw, row] of the rule
    position : [world, draw, country]
    centre : [world, country] positions at their centre
    streams : of each draw, for the sanctions that stand in it; None where all do
    """

    weights: np.ndarray
    position: np.ndarray
    centre: np.ndarray
    streams: Sequence[Callable[[], np.random.Generator]] | None

    def graph(self, number: int, place: Place, draw: int) -> SignedGraph:
        """Return the ties of a world in a draw."""
        rng = self.streams[draw]() if self.streams else None
        return place.ties.graph(rng, self.position[number, draw], self.weights[draw])


@dataclass(frozen=True)
class _Found:
    """The camps of one world in one draw, as in `Camps`."""

    frustration: float
    together: np.ndarray
    cohesion: np.ndarray
    optima: int
    proved: bool


def camps_of(
    places: Mapping[int, Place],
    anchors: Sequence[str],
    drawn: Drawn,
    workers: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
    start: Partition | None = None,
) -> dict[int, Camps] | None:
    """Return the camps of each world over draws of its ties; None if told to stop.

    Parameters
    ----------
    places
        By number of the world.
    anchors
        States whose camps are stated.
    drawn
        Of the ties.
    workers
        Threads; all cores when None.
    stopped
        Asked before each draw whether to give up.
    start
        From `central`: its partition and cycles are tried first in each draw.
    """

    def one_draw(draw: int) -> dict[int, _Found]:
        found: dict[int, _Found] = {}
        if stopped():
            return found
        last = start
        for number, place in places.items():
            graph = drawn.graph(number, place, draw)
            last = best_partition(graph, 2, start=last)
            together, optima = camp_shares(last, anchors)
            cohesion = place.cohesion(graph)
            found[number] = _Found(last.frustration, together, cohesion, optima, last.certified)
        return found

    with ThreadPoolExecutor(workers or cores()) as pool:
        every = list(pool.map(one_draw, range(len(drawn.weights))))
    if not all(every):
        return None
    return {
        number: _summed([one[number] for one in every], place, drawn.centre[number])
        for number, place in places.items()
    }


def central(place: Place) -> Partition:
    """Return the best partition of a world whose ties and positions stand at their centre."""
    return best_partition(place.ties.graph(), 2)


def _summed(found: list[_Found], place: Place, centre: np.ndarray) -> Camps:
    return Camps(
        frustration=np.array([one.frustration for one in found]),
        together=np.stack([one.together for one in found]),
        cohesion=np.stack([one.cohesion for one in found]),
        ties=place.ties.graph(positions=centre).table(),
        optima=float(np.mean([one.optima for one in found])),
        unproved=float(np.mean([not one.proved for one in found])),
    )
