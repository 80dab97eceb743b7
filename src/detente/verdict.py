"""The rules by which a claim is judged, fixed before any run.

A claim names a direction and a threshold, the region of practical equivalence. It *holds* when at
least 90 per cent of the draws lie beyond the threshold in its direction, is *contradicted* when
they lie beyond it in the other, *negligible* when they lie inside, and *undecided* otherwise.

A claim that something does *not* fall (or rise) holds when at least 90 per cent of the draws stay
on the right side of the threshold, the region of equivalence included, and is contradicted when
they lie beyond it: for such a claim nothing is negligible.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

REQUIRED_SHARE = 0.90
Direction = Literal["rises", "falls", "does_not_fall", "does_not_rise"]
STAYS = ("does_not_fall", "does_not_rise")
Region = Literal["beyond", "inside", "opposite"]
HOLDS, CONTRADICTED = "holds", "contradicted"
NEGLIGIBLE, UNDECIDED = "negligible", "undecided"
POINT_ONLY = "point estimate only"
NOT_MODELLED = "not yet modelled"
NOT_COMPUTED = "not computed"
NO_EQUILIBRIUM = "no equilibrium"


@dataclass(frozen=True)
class Shares:
    """Where the draws lie, as shares that add to one."""

    beyond: float
    inside: float
    opposite: float


def sign(direction: Direction) -> int:
    """Return 1 for `rises` and `does_not_fall`, -1 for `falls` and `does_not_rise`."""
    return 1 if direction in ("rises", "does_not_fall") else -1


def shares(values: np.ndarray, direction: Direction, threshold: float) -> Shares:
    """Return the shares of draws beyond, inside and opposite of a threshold.

    Parameters
    ----------
    values
        [draw] changes, in the unit of the threshold.
    direction
        What the claim says.
    threshold
        Half-width of the region of practical equivalence; a value on its edge lies inside.

    Examples
    --------
    >>> shares(np.array([1.0, 0.2, -1.0, 3.0]), "rises", 0.5)
    Shares(beyond=0.5, inside=0.25, opposite=0.25)
    >>> shares(np.array([1.0, 0.2, -1.0, 3.0]), "does_not_fall", 0.5)
    Shares(beyond=0.75, inside=0.0, opposite=0.25)
    """
    claimed = sign(direction) * values
    if direction in STAYS:
        kept = float(np.mean(claimed >= -threshold))
        return Shares(beyond=kept, inside=0.0, opposite=1.0 - kept)
    return Shares(
        beyond=float(np.mean(claimed > threshold)),
        inside=float(np.mean(np.abs(claimed) <= threshold)),
        opposite=float(np.mean(claimed < -threshold)),
    )


def verdict(values: np.ndarray, direction: Direction, threshold: float) -> str:
    """Return `holds`, `contradicted`, `negligible` or `undecided`.

    Parameters
    ----------
    values
        [draw] changes, in the unit of the threshold.
    direction, threshold
        As in `shares`.

    Examples
    --------
    >>> verdict(np.full(10, 2.0), "falls", 0.5)
    'contradicted'
    """
    found = shares(values, direction, threshold)
    # Shares are counts over draws: 9 of 10 is 0.9 however it is rounded.
    required = REQUIRED_SHARE - 1e-12
    if found.beyond >= required:
        return HOLDS
    if found.opposite >= required:
        return CONTRADICTED
    if found.inside >= required:
        return NEGLIGIBLE
    return UNDECIDED


def region(value: float, direction: Direction, threshold: float) -> Region:
    """Return where one value lies: beyond the threshold, inside, or beyond the opposite one.

    Examples
    --------
    >>> region(-3.0, "falls", 0.5)
    'beyond'
    """
    claimed = sign(direction) * value
    if direction in STAYS:
        return "beyond" if claimed >= -threshold else "opposite"
    if claimed > threshold:
        return "beyond"
    return "opposite" if claimed < -threshold else "inside"
