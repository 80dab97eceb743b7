"""Who would prevail: a contest between two coalitions, with the decisiveness left open.

Dispute outcomes do not identify chances in war: since 1980, 94 per cent of bilateral disputes end
in stalemate, and what classifiers gain over shares of outcomes is largely the calendar (see
`detente.data.estimate.dispute_outcomes`). So this is a declared contest function (Tullock 1980;
Hirshleifer 1989, Public Choice 63:101), not an estimate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.errors import WorldError, nearest
from detente.security.protection import strength
from detente.security.reliability import reliability, written
from detente.security.seeds import draw_numbers, generator
from detente.world import World

DECISIVENESS = (0.5, 2.0)
REACH = 5000.0  # km


@dataclass(frozen=True)
class Fight:
    """A contest between two coalitions over a place.

    Attributes
    ----------
    attackers, defenders : codes, the principal first
    place : country where the contest takes place
    win : chance that the attackers prevail, [draw]
    strength_attackers, strength_defenders : what each coalition brings, any one unit, [draw]
    decisiveness : exponent of the contest, [draw]
    """

    attackers: tuple[str, ...]
    defenders: tuple[str, ...]
    place: str
    win: np.ndarray
    strength_attackers: np.ndarray
    strength_defenders: np.ndarray
    decisiveness: np.ndarray


def win_probability(
    a: np.ndarray | float, b: np.ndarray | float, decisiveness: np.ndarray | float
) -> np.ndarray:
    """Return the chance that side a prevails, a^g / (a^g + b^g).

    Parameters
    ----------
    a, b
        Strengths in one unit, >= 0 and not both 0.
    decisiveness
        Exponent g > 0: at 0.5 strength matters little, at 2 much.

    Raises
    ------
    WorldError
        If a strength is negative or not finite, both are 0, or the exponent is not positive.

    Examples
    --------
    >>> float(win_probability(2.0, 1.0, 2.0)), float(win_probability(0.0, 1.0, 0.5))
    (0.8, 0.0)
    """
    one, other, power = (np.asarray(value, dtype=float) for value in (a, b, decisiveness))
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise WorldError("strengths must be finite")
    if (one < 0).any() or (other < 0).any() or (one + other <= 0).any():
        raise WorldError("strengths must be >= 0, and one side must have some")
    if not (power > 0).all():
        raise WorldError("the decisiveness must be above 0; 0.5 to 2 is the declared range")
    # The larger side in the denominator: neither power can overflow.
    ratio = np.minimum(one, other) / np.maximum(one, other)
    weak = ratio**power
    return np.where(one >= other, 1.0, weak) / (1.0 + weak)


def fight(
    world: World,
    attackers: Sequence[str],
    defenders: Sequence[str],
    draws: int | Sequence[int],
    seed: int,
    point: bool = False,
    place: str | None = None,
    beliefs: Mapping[str, float] | None = None,
) -> Fight:
    """Return the chance that a coalition prevails over another.

    Parameters
    ----------
    world
        Carries gdp, population, distances, defence_pact and alliance_reliability.
    attackers, defenders
        Codes, the principal first. Principals take part for certain. A partner bound to its
        principal by a pact takes part to the degree of reliability times what is promised.
    draws, seed, point
        As in `detente.security.deterrence.challenge_risk`.
    place
        Where; the first defender's country when None.
    beliefs
        How far partners without a pact take part, 0-1, by code; a partner that has neither pact nor
        belief is refused.

    Raises
    ------
    WorldError
        If a country is unknown, stands on both sides, or a partner's part is not known.

    Notes
    -----
    Strength is the sum of GDP x GDP per head (Beckley 2018; in a world that carries the user's own
    index, that index) x exp(-distance / 5,000 km) x reliability; the exponent is uniform on 0.5-2.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> alone = fight(world, ["RUS"], ["EST"], 1, 1, point=True).win
    >>> helped = fight(world, ["RUS"], ["EST", "POL", "DEU"], 1, 1, point=True).win
    >>> bool(helped < alone)
    True
    """
    sides = (tuple(dict.fromkeys(attackers)), tuple(dict.fromkeys(defenders)))
    where = place or (sides[1][0] if sides[1] else "")
    _check(world, sides, where)
    numbers = draw_numbers(draws)
    ones = np.ones(len(numbers))
    arms = strength(world, ones, REACH * ones, numbers, seed, point)
    brought = arms.at(world.countries.index(where))
    total = []
    for side in sides:
        places = np.array([world.countries.index(code) for code in side])
        part = _part(world, side, places, beliefs or {}, numbers, seed, point)
        total.append((brought[:, places] * part).sum(axis=1))
    low, high = DECISIVENESS
    uniform = np.array([generator(seed, number, "coalition").random() for number in numbers])
    power = np.full(len(numbers), (low + high) / 2) if point else low + (high - low) * uniform
    win = win_probability(total[0], total[1], power)
    return Fight(sides[0], sides[1], where, win, total[0], total[1], power)


def _check(world: World, sides: tuple[tuple[str, ...], ...], place: str) -> None:
    for code in (*sides[0], *sides[1], place):
        if code not in world.countries:
            raise WorldError(f"no country {code!r} here{nearest(code, world.countries)}")
    if not sides[0] or not sides[1]:
        raise WorldError("a contest needs at least one attacker and one defender")
    both = sorted(set(sides[0]) & set(sides[1]))
    if both:
        raise WorldError(f"{both[0]} stands on both sides; a country can be on one")


def _part(
    world: World,
    side: tuple[str, ...],
    places: np.ndarray,
    beliefs: Mapping[str, float],
    numbers: list[int],
    seed: int,
    point: bool,
) -> np.ndarray:
    """Return to what degree each member takes part, [draw, member]."""
    promise = written(world)[places, places[0]]
    promise[0] = 1.0
    principal = np.full(len(places), places[0])
    chance = reliability(world.countries, places, principal, numbers, seed, point)
    chance[:, 0] = 1.0
    for number, code in enumerate(side):
        if code in beliefs:
            if not 0 <= beliefs[code] <= 1:
                raise WorldError(f"the belief in {code} must lie in 0-1, not {beliefs[code]:g}")
            promise[number], chance[:, number] = beliefs[code], 1.0
        elif promise[number] == 0 and number:
            raise WorldError(
                f"{code} has no pact in force with {side[0]}; say how far it takes part: "
                f"beliefs={{'{code}': 0.5}}"
            )
    return promise * chance
