"""Allies and enemies among the states of a world, for `detente.security.contest`."""

from collections.abc import Sequence

import numpy as np

from detente.errors import WorldError, nearest
from detente.security.reliability import bound
from detente.world import World

# Level of trade sanctions from which two states count as enemies: broad.
HOSTILE = 2


def state_network(world: World, countries: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return who is allied with whom and who is hostile to whom.

    Parameters
    ----------
    world
        Carries defence_pact and sanction_trade.
    countries
        Codes of the actors; a few dozen, since the contest knows no distance.

    Returns
    -------
    allies, enemies
        Symmetric 0-1 matrices [actor, actor]. Allies: a defence pact in either direction. Enemies:
        a broad or complete trade sanction in either direction, and no pact. A rule of thumb: the
        embedded world has no layer of rivalries.

    Raises
    ------
    WorldError
        If a country is not in the world.

    Examples
    --------
    >>> import detente as dt
    >>> allies, enemies = state_network(dt.load_world("world2023"), ["USA", "EST", "RUS"])
    >>> allies[0].tolist(), enemies[0].tolist()
    ([0.0, 1.0, 0.0], [0.0, 0.0, 1.0])
    """
    for code in countries:
        if code not in world.countries:
            raise WorldError(f"no country {code!r} in world '{world.name}'"
                             f"{nearest(code, world.countries)}")  # fmt: skip
    places = [world.countries.index(code) for code in countries]
    pact = bound(world)[np.ix_(places, places)]
    hostile = np.asarray(world.values("sanction_trade"))[np.ix_(places, places)] >= HOSTILE
    allies = pact | pact.T
    return allies.astype(float), ((hostile | hostile.T) & ~allies).astype(float)
