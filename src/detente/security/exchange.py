"""Rules of a nuclear exchange between point targets, as the open literature prints them.

Point targets only: no places, no geography. Every function takes arrays that broadcast.

Sources: Lieber and Press (2006) International Security 30(4):7-44, appendix; Davis and Schilling
(1973) Journal of Conflict Resolution 17:207-242.
"""

from dataclasses import dataclass

import numpy as np

METRES_PER_MILE = 1852.0
# Lethal radius in nautical miles of one megaton against one psi; a surface burst.
RADIUS = 2.62
# The same constant in the exponential form: 1 / (ln 2 * 2.62^2), rounded as printed.
EXPONENT = 0.21
# More arms on one point meet the debris of the first (fratricide).
MOST_SHOTS = 2


def lethal_radius(yield_mt: np.ndarray | float, hardness_psi: np.ndarray | float) -> np.ndarray:
    """Return the distance in metres within which a point target of a hardness is destroyed.

    Parameters
    ----------
    yield_mt
        Yield, megatons of TNT, >= 0.
    hardness_psi
        Overpressure that the target withstands, pounds per square inch, > 0.

    Notes
    -----
    2.62 Y^(1/3) / H^(1/3) nautical miles (Lieber and Press 2006). Against Brode's overpressure of a
    surface burst it errs by less than 5 per cent between 100 and 3,000 psi.

    Examples
    --------
    >>> round(float(lethal_radius(0.455, 3000.0)))
    259
    """
    scaled = np.cbrt(np.asarray(yield_mt, dtype=float) / np.asarray(hardness_psi, dtype=float))
    return RADIUS * METRES_PER_MILE * scaled


def single_shot(radius_m: np.ndarray | float, cep_m: np.ndarray | float) -> np.ndarray:
    """Return the probability that one arm that works destroys its target (SSPK).

    Parameters
    ----------
    radius_m
        Lethal radius, metres.
    cep_m
        Circular error probable, metres, > 0: half of the arms land within it.

    Notes
    -----
    1 - 0.5^((LR/CEP)^2): circular normal error without bias.

    Examples
    --------
    >>> float(single_shot(100.0, 100.0))
    0.5
    """
    ratio = np.asarray(radius_m, dtype=float) / np.asarray(cep_m, dtype=float)
    return -np.expm1(-np.log(2.0) * ratio**2)


def single_shot_exponential(
    yield_mt: np.ndarray | float, hardness_psi: np.ndarray | float, cep_nmi: np.ndarray | float
) -> np.ndarray:
    """Return the same probability from its other printed form.

    Parameters
    ----------
    yield_mt, hardness_psi
        As in `lethal_radius`.
    cep_nmi
        Circular error probable, nautical miles, > 0.

    Notes
    -----
    1 - exp(-Y^(2/3) / (0.21 H^(2/3) CEP^2)). Equal to `single_shot` but for the rounding of 0.21.

    Examples
    --------
    >>> round(float(single_shot_exponential(0.455, 3000.0, 0.05)), 3)
    0.996
    """
    lethality = np.cbrt(np.asarray(yield_mt, dtype=float) / hardness_psi) ** 2
    return -np.expm1(-lethality / (EXPONENT * np.asarray(cep_nmi, dtype=float) ** 2))


def terminal_kill(reliability: np.ndarray | float, sspk: np.ndarray | float) -> np.ndarray:
    """Return the kill probability of one assigned arm (TKP): over-all reliability times SSPK.

    Examples
    --------
    >>> float(terminal_kill(0.8, 0.5))
    0.4
    """
    return np.multiply(reliability, sspk)


def kill(
    tkp: np.ndarray | float, shots: np.ndarray | int, most: int | None = MOST_SHOTS
) -> np.ndarray:
    """Return the probability that a point is destroyed by several independent arms.

    Parameters
    ----------
    tkp
        Kill probability of one arm.
    shots
        Arms on the point; those beyond `most` do nothing.
    most
        Cap, or None for no cap.

    Examples
    --------
    >>> float(kill(0.5, 2)), float(kill(0.5, 5))
    (0.75, 0.75)
    """
    used = np.minimum(shots, most) if most is not None else shots
    return 1.0 - (1.0 - np.asarray(tkp)) ** used


@dataclass(frozen=True)
class Allocation:
    """How arms are spread over groups of equal points.

    Attributes
    ----------
    once, twice : [..., group] share of the points that get at least one, and a second, arm
    killed : [..., group] probability that a point of the group is destroyed
    used : [...] arms spent
    """

    once: np.ndarray
    twice: np.ndarray
    killed: np.ndarray
    used: np.ndarray


def allocate(
    value: np.ndarray, tkp: np.ndarray, points: np.ndarray, arms: np.ndarray | float
) -> Allocation:
    """Return the allocation that destroys the most expected value.

    Parameters
    ----------
    value
        [..., group] warheads lost with one point.
    tkp
        [..., group] kill probability of one arm on a point.
    points
        [..., group] number of points; fractions count as a share of a point.
    arms
        [...] arms that the attacker may spend.

    Notes
    -----
    The value destroyed is a sum over points of concave functions of the arms on each (v p for the
    first, v p (1 - p) for the second), so taking the largest marginal kill first is exact (Gross
    1956); two arms a point at most. No arm is spent where it destroys nothing.

    Examples
    --------
    >>> found = allocate(np.array([10.0, 1.0]), np.array([0.5, 0.9]), np.array([1.0, 5.0]), 3.0)
    >>> found.once, found.twice
    (array([1. , 0.2]), array([1., 0.]))
    """
    value, tkp, points = np.broadcast_arrays(
        *(np.asarray(part, dtype=float) for part in (value, tkp, points))
    )
    arms = np.broadcast_to(np.asarray(arms, dtype=float), value.shape[:-1])
    first = value * tkp
    gain = np.concatenate([first, first * (1.0 - tkp)], axis=-1)
    size = np.concatenate([points, points], axis=-1) * (gain > 0)
    order = np.argsort(-gain, axis=-1, kind="stable")
    sorted_size = np.take_along_axis(size, order, axis=-1)
    before = np.cumsum(sorted_size, axis=-1) - sorted_size
    spent = np.clip(arms[..., None] - before, 0.0, sorted_size)
    filled = np.empty_like(spent)
    np.put_along_axis(filled, order, spent, axis=-1)
    share = np.divide(filled, size, out=np.zeros_like(filled), where=size > 0)
    once, twice = np.split(share, 2, axis=-1)
    killed = once * tkp + twice * tkp * (1.0 - tkp)
    return Allocation(once, twice, killed, spent.sum(axis=-1))


def survivors(
    deployed: np.ndarray, hidden: np.ndarray, lost_hidden: np.ndarray, lost_fixed: np.ndarray
) -> np.ndarray:
    """Return the warheads of a class that outlast a first strike.

    Parameters
    ----------
    deployed
        Warheads of the class, N_b.
    hidden
        Share at sea, dispersed or airborne.
    lost_hidden, lost_fixed
        Probability that a hidden unit (found and destroyed) or a fixed point is lost.

    Notes
    -----
    N_b [a (1 - q) + (1 - a)(1 - k)].

    Examples
    --------
    >>> round(float(survivors(100.0, 0.6, 0.1, 0.9)))
    58
    """
    hidden = np.asarray(hidden, dtype=float)
    kept = hidden * (1.0 - np.asarray(lost_hidden)) + (1.0 - hidden) * (1.0 - lost_fixed)
    return deployed * kept
