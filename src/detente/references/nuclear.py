"""Rules of a nuclear exchange against printed numbers, and against one another."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from detente.security.delivered import Salvo, at_least, simulate
from detente.security.exchange import (
    METRES_PER_MILE,
    kill,
    lethal_radius,
    single_shot,
    single_shot_exponential,
)
from detente.validate import Line

GROUP = "nuclear exchange"
BLAST = "Brode's peak overpressure of a surface burst, 14.7 Y/r^3 + 12.8 (Y/r^3)^0.5 psi, r in nmi"
FORMS = "Lieber and Press (2006) and the exponential form with 0.21"
MANY = "Blair, on one hardened point: kill probability 0.04; 17 arms give one half, 69 give 0.94"
CEP = "definition: half of the arms land within the CEP"
OWN = "simulation of the same wars (40,000), 4.5 standard errors"
HARDNESS = (300.0, 1000.0, 3000.0)
WARS = 40_000


def blast_radius(yield_mt: float, psi: float) -> float:
    """Return the distance in nautical miles at which a surface burst gives an overpressure.

    Parameters
    ----------
    yield_mt
        Megatons.
    psi
        Peak overpressure, pounds per square inch.

    Notes
    -----
    The positive root of 14.7 x^2 + 12.8 x = psi with x = (Y / r^3)^(1/2).

    Examples
    --------
    >>> round(blast_radius(1.0, 300.0), 3)
    0.39
    """
    root = (-12.8 + math.sqrt(12.8**2 + 4 * 14.7 * psi)) / (2 * 14.7)
    return float(np.cbrt(yield_mt / root**2))


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield lethal radii, both forms of SSPK, kills by many arms, and exact against simulated.

    Parameters
    ----------
    raw
        Not used: these references need no tables.
    """
    for psi in HARDNESS:
        ours = float(lethal_radius(1.0, psi)) / METRES_PER_MILE
        other = blast_radius(1.0, psi)
        name = f"lethal radius, 1 Mt, {psi:g} psi"
        yield Line(GROUP, name, BLAST, "nmi", ours, other, 0.06 * other)
    grid = np.meshgrid([0.1, 0.455, 1.0], [500.0, 2000.0, 5000.0], [0.05, 0.1, 0.3])
    radius = lethal_radius(grid[0], grid[1])
    gap = np.abs(single_shot(radius, grid[2] * METRES_PER_MILE) - single_shot_exponential(*grid))
    yield Line(GROUP, "two forms of SSPK, largest gap", FORMS, "", float(gap.max()), 0.0, 5e-4)
    half = float(single_shot(100.0, 100.0))
    yield Line(GROUP, "SSPK where CEP is the lethal radius", CEP, "", half, 0.5, 1e-12)
    for arms, published in ((17, 0.50), (69, 0.94)):
        ours = float(kill(0.04, arms, most=None))
        yield Line(GROUP, f"{arms} arms of kill probability 0.04", MANY, "", ours, published, 0.005)
    forces = Salvo(
        units=np.array([12.0, 130.0, 50.0]),
        load=np.array([50.0, 3.0, 2.4]),
        survive=np.array([0.4, 0.1, 0.15]),
        arrive=np.array([0.8, 0.8, 0.7]),
        common=np.array([0.5, 0.0, 0.5]),
        command=np.array(0.9),
        command_common=np.array(0.5),
    )
    required = (1, 10, 100)
    sample = simulate(forces, WARS, np.random.default_rng(1))
    for number, exact in zip(required, at_least(forces, required), strict=True):
        found = float((sample >= number).mean())
        error = 4.5 * math.sqrt(max(found * (1 - found), 1e-4) / WARS)
        yield Line(GROUP, f"P(R >= {number})", OWN, "", float(exact), found, error)
