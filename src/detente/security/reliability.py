"""How likely a guarantor is to keep a defence pact when called upon: a prior, never a point.

Records of alliances invoked in war disagree: kept in 50 % of cases in 1816-2003, but in 66 % before
1945 and 22 % after (Berkemeier & Fuhrmann 2018, Research & Politics 5:2); about three quarters in
1816-1944 (Leeds, Long & Mitchell 2000, J. Conflict Resolution 44:686); about two thirds in later
data of the same project. Those after 1945 rest on few wars. So the prior is wide, and most of its
width is shared by all pairs, since it is mostly the records that disagree.

What scenarios discount is the layer `alliance_reliability`: 1 is the treaty as written. It
multiplies the prior. Troops stationed in the protected state do not enter: the studies at hand find
no effect that could be given a size (Fuhrmann & Sechser 2014, American J. Political Science 58:919;
Reiter & Poast 2021, Texas National Security Review 4:3).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.special import betaincinv, ndtr

from detente.errors import WorldError
from detente.security.seeds import draw_numbers, generator
from detente.world import World

MEAN = 0.5
INTERVAL = (0.25, 0.75)
# Beta(SHAPE, SHAPE) has that mean, and puts 90 per cent inside that interval.
SHAPE = 4.94
# Shares of the latent variance: all pairs, all promises of one guarantor, one promise. No study
# states them; the split is an assumption.
COMMON, GUARANTOR, PAIR = 0.5, 0.25, 0.25
# Quantiles of the prior at a fine grid of normal scores: a thousand times faster than its inverse.
_SCORES = np.linspace(-6.0, 6.0, 6001)
_QUANTILES = betaincinv(SHAPE, SHAPE, ndtr(_SCORES))


def reliability(
    countries: Sequence[str],
    origins: np.ndarray,
    destinations: np.ndarray,
    draws: int | Sequence[int],
    seed: int,
    point: bool = False,
) -> np.ndarray:
    """Draw how likely each guarantor is to keep its promise, treaties as written.

    Parameters
    ----------
    countries
        Codes, in the order that origins and destinations count in.
    origins, destinations
        Places of guarantor and protected state, one entry a promise.
    draws
        How many draws, or their numbers. Draw n does not depend on how many there are.
    seed
        Of the draws.
    point
        Whether to return the mean of the prior.

    Returns
    -------
    numpy.ndarray
        Probabilities [draw, promise].

    Notes
    -----
    A Gaussian copula over Beta(4.94, 4.94) with three components: `COMMON`, `GUARANTOR`, `PAIR`.
    Random numbers belong to the codes, not to their places: another order of the countries, or
    another set of promises, gives the same promise the same draw.

    Examples
    --------
    >>> found = reliability(["EST", "USA"], np.array([1]), np.array([0]), 3, seed=1)
    >>> found.shape, bool(((found > 0) & (found < 1)).all())
    ((3, 1), True)
    """
    numbers = draw_numbers(draws)
    if point:
        return np.full((len(numbers), len(origins)), MEAN)
    count = len(countries)
    rank = np.empty(count, dtype=int)
    rank[np.argsort(np.asarray(countries))] = np.arange(count)
    giver, taker = rank[origins], rank[destinations]
    score = np.empty((len(numbers), len(origins)))
    for row, number in enumerate(numbers):
        common, own, pair = _normals(seed, number, count)
        score[row] = (
            np.sqrt(COMMON) * common
            + np.sqrt(GUARANTOR) * own[giver]
            + np.sqrt(PAIR) * pair[giver, taker]
        )
    return np.interp(score, _SCORES, _QUANTILES)


@lru_cache(maxsize=64)
def _normals(seed: int, number: int, count: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Return what one draw is made of; the worlds of a scenario share it."""
    rng = generator(seed, number, "reliability")
    return rng.standard_normal(), rng.standard_normal(count), rng.standard_normal((count, count))


def common_reliability(draws: int | Sequence[int], seed: int) -> np.ndarray:
    """Return [draw] reliability of a promise that shares only what all promises share.

    Parameters
    ----------
    draws, seed
        As in `reliability`.

    Examples
    --------
    >>> found = common_reliability(3, seed=1)
    >>> bool(((found > 0) & (found < 1)).all())
    True
    """
    numbers = draw_numbers(draws)
    score = [generator(seed, number, "reliability").standard_normal() for number in numbers]
    return np.interp(np.sqrt(COMMON) * np.array(score), _SCORES, _QUANTILES)


def bound(world: World, assistance_clause: bool = False) -> np.ndarray:
    """Return who is bound to defend whom, bool [guarantor, protected].

    Parameters
    ----------
    world
        Carries defence_pact.
    assistance_clause
        Whether article 42.7 of the Treaty on European Union counts as a pact; authors disagree.

    Raises
    ------
    WorldError
        If a state has a pact with itself.

    Examples
    --------
    >>> import detente as dt
    >>> int(bound(dt.load_world("world2023")).sum())
    1882
    """
    pact = np.asarray(world.values("defence_pact"), dtype=float) > 0
    if assistance_clause:
        pact = pact | (np.asarray(world.values("eu_42_7"), dtype=float) > 0)
    own = np.flatnonzero(np.diagonal(pact))
    if own.size:
        code = world.countries[own[0]]
        raise WorldError(
            f"world '{world.name}': {code} has a defence pact with itself; set defence_pact to 0 "
            f"where origin and destination are both {code}"
        )
    return pact


def written(world: World, assistance_clause: bool = False) -> np.ndarray:
    """Return what is promised: 1 where a pact stands as written, less where it is discounted.

    Parameters
    ----------
    world
        Carries defence_pact, and alliance_reliability where a promise is discounted.
    assistance_clause
        Whether article 42.7 of the Treaty on European Union counts as a pact; authors disagree.

    Returns
    -------
    numpy.ndarray
        [guarantor, protected], 0-1. Where a pact is in force and no reliability is stated, the
        treaty stands as written; a stated reliability without a pact promises nothing.

    Raises
    ------
    WorldError
        If a reliability lies outside 0-1, or as for `bound`.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> float(written(world)[world.countries.index("USA"), world.countries.index("EST")])
    1.0
    """
    pact = bound(world, assistance_clause)
    stated = np.ones(pact.shape)
    if world.has("alliance_reliability"):
        stated = np.asarray(world.values("alliance_reliability"), dtype=float)
    known = np.isfinite(stated)
    odd = np.argwhere(known & ((stated < 0) | (stated > 1)) | np.isinf(stated))
    if odd.size:
        giver, taker = (world.countries[place] for place in odd[0])
        raise WorldError(
            f"world '{world.name}': alliance_reliability of {giver} towards {taker} is "
            f"{stated[tuple(odd[0])]:g}; it must lie between 0 (void) and 1 (as written)"
        )
    return pact * np.where(known, stated, 1.0)
