"""How many warheads are delivered: an exact distribution by generating function.

A class of force is `units` that survive or not, each with a load of warheads that arrive or not.
The sum over classes has a generating function in closed form; its probabilities below a required
number come from a Fourier inversion, exact to 1e-6 (Abate and Whitt 1992, Queueing Systems 10:5-87,
lattice-Poisson). `simulate` draws the same sum at random, so that the one checks the other.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

# Error of the inversion; with the radius it needs, rounding stays far below.
ALIASING = 1e-6


@dataclass(frozen=True)
class Salvo:
    """Forces that may deliver, in a fixed parameter draw.

    Attributes
    ----------
    units : [..., group] units that can be lost; a fraction is a chance of one more unit
    load : [..., group] warheads of one unit; a fraction likewise
    survive : [..., group] probability that a unit outlasts the strike
    arrive : [..., group] probability that a surviving warhead arrives
    common : [..., group] share of the loss that strikes all units of the group together
    command : [...] probability that the order reaches the forces
    command_common : [...] share of the failure of command that silences all groups together
    """

    units: np.ndarray
    load: np.ndarray
    survive: np.ndarray
    arrive: np.ndarray
    common: np.ndarray
    command: np.ndarray
    command_common: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Expected number delivered, [...]."""
        each = self.units * self.load * self.survive * self.arrive
        return each.sum(axis=-1) * self.command


def at_least(salvo: Salvo, required: tuple[int, ...]) -> np.ndarray:
    """Return P(R >= R*) for each required number.

    Parameters
    ----------
    salvo
        Forces, [..., group].
    required
        Numbers of delivered warheads R*, each >= 1.

    Returns
    -------
    numpy.ndarray
        Probabilities, [..., required].

    Notes
    -----
    Within a group the units are lost together with probability `common` (1 - `survive`) and
    independently else; means do not depend on `common`. Command fails for all groups together with
    weight `command_common`, for each group by itself else.

    Examples
    --------
    >>> one = np.ones(1)
    >>> boat = Salvo(one, 16 * one, 0.9 * one, one, 0 * one, np.array(1.0), np.array(1.0))
    >>> at_least(boat, (1, 17)).round(6).tolist()
    [0.9, 0.0]
    """
    points, count = _circle(max(required))
    value, silent = _function(salvo, points)
    kernel = _below(points, count, required)
    below = np.einsum("...k,kr->...r", value, kernel).real + silent[..., None]
    return np.clip(1.0 - below, 0.0, 1.0)


def leaking(
    salvo: Salvo, required: tuple[int, ...], engaged: int, stopped: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return P(R >= R*) and E[R] behind a defence that can engage so many warheads and no more.

    Parameters
    ----------
    salvo
        Forces, [..., group], without the defence.
    required
        As in `at_least`.
    engaged
        Most warheads that the defence can engage.
    stopped
        [...] probability that an engaged warhead is intercepted, independently.

    Returns
    -------
    tuple
        Probabilities [..., required]; expected numbers [...].

    Examples
    --------
    >>> one = np.ones(1)
    >>> sure = Salvo(one, 16 * one, one, one, 0 * one, np.array(1.0), np.array(1.0))
    >>> chance, mean = leaking(sure, (10, 12), 5, np.array(1.0))
    >>> chance.round(6).tolist(), round(float(mean), 6)
    ([1.0, 0.0], 11.0)
    """
    most = max(required) + engaged
    points, count = _circle(most)
    value, silent = _function(salvo, points)
    numbers = np.arange(most)
    fold = _fold(len(points), count)
    inverse = fold[:, None] * points[:, None] ** -numbers / count
    chance = np.einsum("...k,ka->...a", value, inverse).real  # P(A = a), a below `most`
    chance[..., 0] += silent
    met = np.minimum(numbers, engaged)
    stopped = np.asarray(stopped)[..., None]
    below = [(chance * _more(numbers - number, met, stopped)).sum(axis=-1) for number in required]
    rest = 1.0 - chance.sum(axis=-1)
    mean = salvo.mean - stopped[..., 0] * ((chance * met).sum(axis=-1) + engaged * rest)
    return np.clip(1.0 - np.stack(below, axis=-1), 0.0, 1.0), mean


def _more(count: np.ndarray, tries: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return the probability of more successes than a count: the binomial tail."""
    inside = (count >= 0) & (count < tries)
    tail = betainc(np.where(inside, count + 1, 1), np.where(inside, tries - count, 1), chance)
    return np.where(inside, tail, np.where(count < 0, 1.0, 0.0))


def _circle(most: int) -> tuple[np.ndarray, int]:
    """Return points of the inversion for probabilities below `most`: half a circle."""
    count = most + 4
    radius = ALIASING ** (1.0 / count)
    half = count // 2 + 1
    return radius * np.exp(2j * np.pi * np.arange(half) / count), count


def _fold(points: int, count: int) -> np.ndarray:
    """Return how often each point counts: conjugates twice."""
    fold = np.full(points, 2.0)
    fold[0] = 1.0
    if count % 2 == 0:
        fold[-1] = 1.0
    return fold


def _below(points: np.ndarray, count: int, required: tuple[int, ...]) -> np.ndarray:
    """Return weights [point, required] that turn values of the function into P(R < R*)."""
    inverse = 1.0 / points
    sums = [(1.0 - inverse**number) / (1.0 - inverse) for number in required]
    return _fold(len(points), count)[:, None] * np.stack(sums, axis=-1) / count


def _function(salvo: Salvo, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return E[z^R; order heard by some], and the chance that the order fails for all."""
    together, apart = _generating(salvo, points)
    weight, command = salvo.command_common, salvo.command
    value = (weight * command)[..., None] * together + (1.0 - weight)[..., None] * apart
    return value, weight * (1.0 - command)


def _generating(salvo: Salvo, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return E[z^R] given that command holds, and with commands that fail group by group."""
    shape = (*salvo.command.shape, len(points))
    together, apart = np.ones(shape, dtype=complex), np.ones(shape, dtype=complex)
    command = salvo.command[..., None]
    for group in range(salvo.units.shape[-1]):
        units, load = salvo.units[..., group, None], salvo.load[..., group, None]
        if not np.any(units * load > 0):
            continue
        arrive, survive = salvo.arrive[..., group, None], salvo.survive[..., group, None]
        common = salvo.common[..., group, None]
        unit = power(1.0 + arrive * (points - 1.0), load)
        value = power(1.0 - survive + survive * unit, units)
        if np.any(common > 0):
            whole = 1.0 - survive + survive * power(unit, units)
            value = common * whole + (1.0 - common) * value
        together *= value
        apart *= 1.0 - command + command * value
    return together, apart


def power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """Return the generating function of a random number of copies: floor, or one more by chance.

    Parameters
    ----------
    base
        Generating function of one copy, complex.
    exponent
        Mean number of copies >= 0; 2.25 is two copies, and a third with probability 0.25.

    Examples
    --------
    >>> power(np.array([0.5]), np.array([1.5]))
    array([0.375])
    """
    whole = np.floor(exponent)
    rest = exponent - whole
    return _squared(base, whole.astype(int)) * (1.0 - rest + rest * base)


def _squared(base: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return base**times by repeated squaring, which is much faster than exp and log."""
    times = times.reshape(-1)[:1].reshape((1,) * base.ndim) if np.ptp(times) == 0 else times
    found = np.ones((1,) * base.ndim, dtype=base.dtype)
    square, left = base, times
    while left.any():
        odd = left & 1
        if odd.all():
            found = found * square
        elif odd.any():
            found = found * np.where(odd, square, 1.0)
        left = left >> 1
        if left.any():
            square = square * square
    return np.broadcast_to(found, np.broadcast_shapes(found.shape, base.shape))


def simulate(salvo: Salvo, wars: int, random: np.random.Generator) -> np.ndarray:
    """Return delivered numbers of simulated wars, [wars, ...].

    Parameters
    ----------
    salvo
        Forces.
    wars
        Number of wars for each parameter draw.
    random
        Source of random numbers.

    Examples
    --------
    >>> one = np.ones(1)
    >>> sure = Salvo(one, 16 * one, one, one, 0 * one, np.array(1.0), np.array(1.0))
    >>> simulate(sure, 3, np.random.default_rng(1)).tolist()
    [16, 16, 16]
    """
    shape = (wars, *np.broadcast_shapes(salvo.units.shape, salvo.survive.shape))
    units = _rounded(np.broadcast_to(salvo.units, shape), random)
    shared = random.random(shape) < salvo.common
    fate = random.random(shape) < salvo.survive
    alone = random.binomial(units, np.broadcast_to(salvo.survive, shape))
    left = np.where(shared, units * fate, alone)
    whole = np.floor(salvo.load).astype(int)
    extra = random.binomial(left, np.broadcast_to(salvo.load - whole, shape))
    arrived = random.binomial(left * whole + extra, np.broadcast_to(salvo.arrive, shape))
    outer = (wars, *salvo.command.shape)
    for_all = random.random(outer) < salvo.command_common
    heard_by_all = random.random(outer) < salvo.command
    heard = random.random(shape) < salvo.command[..., None]
    ordered = np.where(for_all[..., None], heard_by_all[..., None], heard)
    return (arrived * ordered).sum(axis=-1)


def _rounded(numbers: np.ndarray, random: np.random.Generator) -> np.ndarray:
    whole = np.floor(numbers)
    return (whole + (random.random(numbers.shape) < numbers - whole)).astype(int)
