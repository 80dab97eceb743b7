"""Compute who stands with whom: positions and camps of the base and of every edited world."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from detente.blocs import esteban_ray, tie_rule
from detente.runs import stand_camps, stand_collective, stand_draws, stand_response
from detente.runs.plan import Variant
from detente.standing import Standing
from detente.world import World

# Layers that positions and ties are read from, beside those of the rule itself.
POSITION = ("ideal_point", "ideal_point_sd")
# Best partitions are proved for this many draws of the ties: each takes some 15 ms a world.
CAMP_DRAWS = 25
# Neighbourhood with which a state identifies, in positions; fixed, so that worlds compare.
BANDWIDTH = 0.5
ANCHORS = ("USA", "CHN", "RUS")


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
    first = ids[:CAMP_DRAWS]
    drawn = [tie_rule()] * len(first) if point else stand_draws.rules(first, seed)
    weights = stand_draws.weights_of(drawn)
    streams = None
    if not point:
        streams = [lambda n=n: stand_draws.sanction_stream(n, seed) for n in first]
    ties = stand_camps.Drawn(weights.to_numpy(dtype=float), position, centre, streams)
    numbers = sorted({0, *(places[label] for label in asked)})
    laid = {number: stand_camps.place_of(edited[number]) for number in numbers}
    start = stand_camps.central(laid[0]) if len(first) > 1 else None
    divided = stand_camps.camps_of(laid, named, ties, workers, stopped, start)
    if divided is None:
        return None
    groups = stand_camps.groups_of(world)
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
        weights=weights,
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
    # Many edits leave positions as they are: those of equal worlds are computed once.
    found: dict[bytes, list[float]] = {}
    for one in position:
        if one.tobytes() not in found:
            points = one[:, known]
            value = [esteban_ray(y, output[known], 1.0, BANDWIDTH) for y in points]
            found[one.tobytes()] = value
    return np.array([found[one.tobytes()] for one in position])


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
