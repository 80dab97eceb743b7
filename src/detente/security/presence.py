"""Troops abroad and arms supply: what an edit of them does to the risk that others challenge.

Neither has an effect of known size, nor of known sign. Troops: a few tripwire troops do not deter
(Reiter & Poast 2021, Texas National Security Review 4:3), nuclear weapons stationed abroad add
nothing to a pact (Fuhrmann & Sechser 2014, American J. Political Science 58:919), hosts of many
troops are argued to be challenged less and to challenge more (Martinez Machain & Morgan 2013, Armed
Forces & Society 39:102). Arms: shipments make recipients more prone to conflict while dependence on
a supplier restrains them (Kinsella 1998, J. Conflict Resolution 42:3). So both effects are drawn
around none, as wide either way as the effect of a credible pact, and only what an edit changes
against the base counts:

    logit r'_ij = ... + t sum_k [ln(1 + T'_kj / 1000) - ln(1 + T_kj / 1000)] / ln(36)
                      + s sum_k (A'_kj - A_kj),     k other than i
"""

import numpy as np

from detente.security.deterrence_prior import Drivers
from detente.world import World

TROOPS, ARMS = "troops", "arms_supply"
LAYERS = (TROOPS, ARMS)
EFFECTS = ("troops_effect", "arms_effect")
# Persons below which a deployment counts for little.
SMALL = 1000.0
# A deployment of 35,000 that ends or begins has the whole effect: the largest in Europe.
WHOLE = float(np.log(36.0))
SAID = (
    "What troops abroad and arms supply do to the risk of a challenge to the host or recipient is "
    "not known, not even its sign: it is prior-driven, drawn around none and as wide either way as "
    "the effect of a credible pact. Nothing else moves with them but, for troops, the ties between "
    "states."
)


def edited(world: World, base: World) -> bool:
    """Say whether an edit has moved troops or arms supply."""
    if not any(world.differs(base, name) for name in LAYERS):
        return False
    return any((a != b).any() for a, b in zip(_levels(world), _levels(base), strict=True))


def shift(world: World, base: World, drawn: Drivers) -> np.ndarray | float:
    """Return what edits of troops and arms supply add to the log odds of a challenge.

    Parameters
    ----------
    world, base
        After and before the edits; both may carry troops (persons) and arms_supply.
    drawn
        The effects: of a deployment of 35,000, and of a supply that begins.

    Returns
    -------
    numpy.ndarray or float
        [draw, challenger, target]; 0.0 where nothing was edited. Troops and arms of the challenger
        itself do not count against it.

    Notes
    -----
    Where no source knows of troops there are none in the base: an edit that sets them counts as
    all of them new.

    Examples
    --------
    >>> import detente as dt
    >>> from detente.security.deterrence_prior import drivers
    >>> world = dt.load_world("world2023")
    >>> shift(world, world, drivers(1, 1))
    0.0
    """
    if not edited(world, base):
        return 0.0
    after, before = _levels(world), _levels(base)
    moved = (np.log1p(after[0] / SMALL) - np.log1p(before[0] / SMALL)) / WHOLE, after[1] - before[1]
    effects = (drawn.troops_effect, drawn.arms_effect)
    total = 0.0
    for change, effect in zip(moved, effects, strict=True):
        # From all givers to the target, less what the challenger itself gives.
        others = change.sum(axis=0)[None, :] - change
        total = total + effect[:, None, None] * others
    count = len(world.countries)
    return np.where(np.eye(count, dtype=bool), 0.0, total)


def _levels(world: World) -> tuple[np.ndarray, np.ndarray]:
    count = len(world.countries)
    grids = []
    for name in LAYERS:
        held = world.values(name) if world.has(name) else np.zeros((count, count))
        grids.append(np.nan_to_num(np.asarray(held, dtype=float)))
    return grids[0], grids[1]
