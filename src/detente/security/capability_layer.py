"""The user's own index of capability as layers of a world, in place of the open one.

A world carries `cinc` (share of the world) and `cinc_sd` (standard deviation of its log) because
its maker said so: `detente data add nmc FILE --world NAME`. What states can bring to bear then is
that index, drawn with its spread; the open index (output times output per head) steps back.
"""

from collections.abc import Sequence

import numpy as np

from detente.errors import WorldError
from detente.security.seeds import generator
from detente.world import World

LAYER, SPREAD = "cinc", "cinc_sd"
SAID = (
    "Capability is the composite index (CINC) of the user's own table, carried forward with a "
    "spread that grows with the years, in place of output times output per head. The risk of "
    "disputes before pacts, and who begins, stay with output: their coefficients were estimated "
    "on it."
)
SAID_OPEN = (
    "Capability is output times a power of output per head, the power drawn evenly between none "
    "(output) and one (Beckley 2018)."
)


def carried(world: World) -> bool:
    """Say whether a world carries the user's own index."""
    return LAYER in world.layers


def said(world: World) -> str:
    """Return which index of capability the models of security use, in a sentence."""
    return SAID if carried(world) else SAID_OPEN


def own_index(world: World) -> np.ndarray:
    """Return the shares of the user's index, [country], positive.

    Parameters
    ----------
    world
        Carries `cinc`.

    Raises
    ------
    WorldError
        If no share is positive.

    Notes
    -----
    A country that the table does not hold, as a territory, has half of the smallest share in it.
    """
    share = np.asarray(world.values(LAYER), dtype=float)
    known = np.isfinite(share) & (share > 0)
    if not known.any():
        raise WorldError(f"world '{world.name}': no country has a share in the layer {LAYER}")
    return np.where(known, share, 0.5 * share[known].min())


def draw_log_index(
    world: World, numbers: Sequence[int], seed: int, point: bool = False
) -> np.ndarray:
    """Return logs of the user's index, [draw, country]; draw n does not depend on the others.

    Parameters
    ----------
    world
        Carries `cinc`, and `cinc_sd` (0 where it is absent).
    numbers, seed
        Of the draws.
    point
        Whether to return the table's own values.
    """
    middle = np.log(own_index(world))
    if point or SPREAD not in world.layers:
        return np.tile(middle, (len(numbers), 1))
    spread = np.nan_to_num(np.asarray(world.values(SPREAD), dtype=float))
    shocks = [generator(seed, n, "capability").standard_normal(len(middle)) for n in numbers]
    return middle + spread * np.stack(shocks)
