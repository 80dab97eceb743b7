"""Compute who stands with whom: positions and camps of the base and of every edited world."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.blocs import Partition, esteban_ray, membership, partition, signed_ties, tie_rule
from detente.runs import stand_collective, stand_draws, stand_response
from detente.runs.plan import Variant
from detente.standing import Camps, Standing
from detente.world import World

# Layers that positions and ties are read from, beside those of the rule itself.
POSITION = ("ideal_point", "ideal_point_sd")
# Best partitions are proved for this many draws of the ties: each takes a tenth of a second.
CAMP_DRAWS = 25
# Neighbourhood with which a state identifies, in positions; fixed, so that worlds compare.
BANDWIDTH = 0.5
ANCHORS = ("USA", "CHN", "RUS")
# Best partition of one draw, weight of all its ties, cohesion by group.
_Draw = tuple[Partition, float, np.ndarray]


@dataclass(frozen=True)
class Ties:
    """Draws of the ties of the worlds of a run.

    Attributes
    ----------
    rules : of each draw, with fixed weights
    position : [world, draw, country]
    centre : [world, country] positions at their centre
    streams : of each draw, for the sanctions that stand in it; None where all do
    """

    rules: Sequence[pd.DataFrame]
    position: np.ndarray
    centre: np.ndarray
    streams: Sequence[Callable[[], np.random.Generator]] | None

    def of(self, number: int, world: World, draw: int) -> pd.DataFrame:
        """Return the ties of a world in a draw; what is drawn is the same for every world."""
        places = pd.Series(self.position[number, draw], index=list(world.countries))
        rng = self.streams[draw]() if self.streams else None
        return signed_ties(world, self.rules[draw], rng, places)


def can_stand(world: World) -> bool:
    """Say whether a world carries the layers that positions and camps are read from."""
    return all(world.has(layer) for layer in (*layers(), "gdp"))


def stand(
    world: World,
    rows: Sequence[Variant],
    anchors: Iterable[str],
    draws: Sequence[int],
    seed: int,
    point: bool,
    workers: int | None = None,
    camps: Iterable[str] = (),
    stopped: Callable[[], bool] = lambda: False,
    respond: bool = False,
) -> Standing | None:
    """Return positions and camps of every row of the scenario axis.

    Parameters
    ----------
    world
        The base, with the layers of `can_stand`.
    rows
        Of the scenario axis.
    anchors
        States whose camps are stated, beside the great powers.
    draws
        Numbers of the draws. Draw n does not depend on how many there are.
    seed
        Of the draws.
    point
        Whether this is a point estimate: positions and ties at their centre.
    workers
        Threads; all cores when None.
    camps
        Labels of the axis to find camps for, beside the base and the full scenarios.
    stopped
        Asked before each draw of the ties whether to give up; None is returned then.
    respond
        Whether third states respond to the edits with their positions.
    """
    places, edited = distinct(world, rows)
    ids = np.array(list(draws))
    errors = stand_draws.position_errors(world.countries, ids, seed)
    spread = np.zeros(len(world.countries)) if point else _filled(world, "ideal_point_sd")
    centre = np.stack([_filled(one, "ideal_point", np.nan) for one in edited])
    position = centre[:, None, :] + errors * spread
    responded = None
    if respond:
        moves, responded = stand_response.moves(world, edited, ids, seed, point)
        position, centre = position + moves, centre + np.median(moves, axis=1)
    output = _filled(world, "gdp")
    named = [c for c in dict.fromkeys((*ANCHORS, *anchors)) if c in world.countries]
    asked = {*camps, *(row.label for row in rows if row.kind == "full")}
    wanted = {n: edited[n] for n in sorted({0, *(places[label] for label in asked)})}
    first = ids[:CAMP_DRAWS]
    if point:
        ties = Ties([tie_rule()] * len(first), position, centre, None)
    else:
        streams = [lambda n=n: stand_draws.sanction_stream(n, seed) for n in first]
        ties = Ties(stand_draws.rules(first, seed), position, centre, streams)
    start = central(world) if len(first) > 1 else None
    divided = camps_of(world, wanted, named, len(first), ties, workers, stopped, start)
    if divided is None:
        return None
    groups = _groups(world)
    return Standing(
        countries=tuple(world.countries),
        worlds=places,
        draws=ids,
        camp_draws=first,
        position=position,
        polarization=polarization(position, output),
        output=output,
        anchors=tuple(named),
        groups=groups,
        camps=divided,
        weights=stand_draws.weights_of(ties.rules),
        collective=stand_collective.collective(world, edited, groups),
        responded=responded,
    )


def _filled(world: World, layer: str, empty: float = 0.0) -> np.ndarray:
    if not world.has(layer):
        return np.full(len(world.countries), empty)
    return np.nan_to_num(world.values(layer).astype(float), nan=empty)


def polarization(position: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Return [world, draw] the polarization of positions, weighted by output.

    Parameters
    ----------
    position
        [world, draw, country], the base first; states that it does not know are left out.
    output
        [country]
    """
    known = ~np.isnan(position[0, 0])
    return np.array(
        [
            [esteban_ray(points[known], output[known], 1.0, BANDWIDTH) for points in one]
            for one in position
        ]
    )


def layers() -> list[str]:
    """Return the layers that positions and ties are read from."""
    rule = tie_rule()
    discounts = [word for word in rule["discount"] if isinstance(word, str) and word]
    return list(dict.fromkeys([*POSITION, *rule["layer"], *discounts]))


def distinct(world: World, rows: Sequence[Variant]) -> tuple[dict[str, int], list[World]]:
    """Return the number of each row's world, and the worlds that differ in positions or ties."""
    found: dict[tuple, int] = {}
    worlds: list[World] = []

    def number(one: World) -> int:
        key = tuple(one.values(layer).tobytes() if one.has(layer) else b"" for layer in layers())
        if key not in found:
            found[key] = len(worlds)
            worlds.append(one)
        return found[key]

    number(world)
    return {row.label: number(row.world(world)) for row in rows}, worlds


def _groups(world: World) -> dict[str, tuple[str, ...]]:
    """Return the groups of two members or more that are not the whole world."""
    count = len(world.countries)
    return {name: tuple(m) for name, m in world.groups.items() if 1 < len(m) < count}


def _inside(world: World, ties: pd.DataFrame) -> np.ndarray:
    """Return [group] net weight of the ties among the members of each group, per pair."""
    members = list(_groups(world).values())
    belongs = np.array([np.isin(world.countries, codes) for codes in members])
    places = pd.Index(world.countries)
    first, second = (places.get_indexer(pd.Index(ties[end])) for end in ("a", "b"))
    net = (ties["sign"] * ties["weight"]).to_numpy()
    sizes = belongs.sum(axis=1)
    # Only the group's own ties are added up: those of others must not move the last bit.
    total = np.array([net[mask].sum() for mask in belongs[:, first] & belongs[:, second]])
    return total / (sizes * (sizes - 1) / 2)


def camps_of(
    world: World,
    worlds: dict[int, World],
    anchors: Sequence[str],
    count: int,
    ties: Ties,
    workers: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
    start: Partition | None = None,
) -> dict[int, Camps] | None:
    """Return the camps of each world over draws of its ties; None if told to stop.

    Parameters
    ----------
    world
        The base.
    worlds
        By number.
    anchors
        States whose camps are stated.
    count
        Number of draws.
    ties
        Of every draw.
    workers, stopped
        As in `stand`.
    start
        From `central`: its cycles, tried first, prove most of what each draw needs.
    """

    def one_draw(draw: int) -> dict[int, _Draw]:
        if stopped():
            return {}
        found: dict[int, _Draw] = {}
        last = start
        for number, place in worlds.items():
            edges = ties.of(number, place, draw)
            last = partition(edges, 2, actors=world.countries, start=last)
            found[number] = last, float(edges["weight"].sum()), _inside(place, edges)
        return found

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        every = list(pool.map(one_draw, range(count)))
    if not all(every):
        return None
    found = {}
    for number, place in worlds.items():
        centre = signed_ties(place, positions=pd.Series(ties.centre[number], place.countries))
        found[number] = _summed(place, [one[number] for one in every], anchors, centre)
    return found


def central(world: World) -> Partition:
    """Return the best partition of a world whose ties and positions stand at their centre."""
    return partition(signed_ties(world), 2, actors=world.countries)


def _summed(world: World, found: list[_Draw], anchors: Sequence[str], ties: pd.DataFrame) -> Camps:
    together, optima, unproved = [], [], []
    for result, *_ in found:
        table = membership([result], list(anchors))
        wide = table.pivot(index="anchor", columns="actor", values="together")
        wide = wide.reindex(index=list(anchors), columns=list(world.countries))
        together.append(wide.to_numpy(dtype=float))
        optima.append(float(table["optima"].iloc[0]))
        unproved.append(float(table["unproved"].iloc[0]))
    return Camps(
        frustration=np.array([result.optimum / weight for result, weight, _ in found]),
        together=np.stack(together),
        cohesion=np.stack([inside for *_, inside in found]),
        ties=ties,
        optima=float(np.mean(optima)),
        unproved=float(np.mean(unproved)),
    )
