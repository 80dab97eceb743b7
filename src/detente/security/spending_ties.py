"""Who spends with an eye on whom: rivals, allies and members of NATO, as read from a World."""

from dataclasses import dataclass

import numpy as np

from detente.errors import ScenarioError
from detente.world import World

# Trade sanctions from this level on (2 is broad), or any arms embargo, mark a pair as rivals.
RIVAL_SANCTION = 2
# With hazards at hand: an annual probability of a fatal dispute from which a pair counts as rivals.
RIVAL_HAZARD = 0.005
NATO = "NATO"


@dataclass(frozen=True)
class SpendingTies:
    """Weights of the spending of others.

    Attributes
    ----------
    rivals : [country, country], 1 where two states count as rivals
    allies : [country, country], 1 where a defence pact binds one of them to the other
    nato : True for members, [country]
    """

    rivals: np.ndarray
    allies: np.ndarray
    nato: np.ndarray


def spending_ties(world: World, hazard: np.ndarray | None = None) -> SpendingTies:
    """Return rivals, allies and members of NATO of a world.

    Parameters
    ----------
    world
        Carries defence_pact, sanction_trade and sanction_arms, and membership or a group NATO.
    hazard
        Annual probability of a fatal dispute by pair [country, country], 0 to 1; where it is given
        it adds the pairs at or above `RIVAL_HAZARD`.

    Returns
    -------
    SpendingTies
        Rivals: an arms embargo or a trade sanction of level broad or complete in either direction,
        or the hazard; never two states bound by a defence pact. The estimate reads rivals from a
        list of strategic rivalries that ends in 2020 and may not be shipped; this rule stands in
        for it and is an assumption.

    Raises
    ------
    ScenarioError
        If the hazard has another shape or holds no probabilities.
    WorldError
        If a layer is missing.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> ties = spending_ties(world)
    >>> place = world.countries.index
    >>> bool(ties.rivals[place("IND"), place("PAK")]), bool(ties.allies[place("USA"), place("CAN")])
    (True, True)
    """
    pact = np.asarray(world.values("defence_pact"), dtype=float) > 0
    allies = pact | pact.T
    hostile = np.asarray(world.values("sanction_trade"), dtype=float) >= RIVAL_SANCTION
    hostile = hostile | (np.asarray(world.values("sanction_arms"), dtype=float) > 0)
    if hazard is not None:
        hostile = hostile | (_probabilities(hazard, len(allies)) >= RIVAL_HAZARD)
    rivals = (hostile | hostile.T) & ~allies
    for grid in (rivals, allies):
        np.fill_diagonal(grid, False)
    return SpendingTies(rivals.astype(float), allies.astype(float), _members(world))


def _probabilities(hazard: np.ndarray, count: int) -> np.ndarray:
    grid = np.asarray(hazard, dtype=float)
    if grid.shape != (count, count):
        raise ScenarioError(f"hazard has shape {grid.shape}; it must be ({count}, {count})")
    off = grid[~np.eye(count, dtype=bool)]
    if not (np.isfinite(off).all() and (off >= 0).all() and (off <= 1).all()):
        raise ScenarioError("hazard must hold probabilities from 0 to 1 for every pair")
    return grid


def _members(world: World) -> np.ndarray:
    if "membership" in world.layers and NATO in world.layers["organisation"].values:
        return np.asarray(world.layers["membership"].sel(organisation=NATO).values) > 0
    return np.isin(world.countries, world.groups.get(NATO, ()))
