"""What is found of one scenario in one draw."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Solved:
    """One scenario, one draw: plain arrays, or the reason why there are none.

    Attributes
    ----------
    reason : empty when an equilibrium was found and certified
    residual, steps : from the certificate
    country : fractions of base by variable, each [country]
    sold, bought : new goods flows of the actors, [actor, country] each, in the unit of the world's
        flows
    flows : new flows [origin, destination, sector], when asked for
    """

    reason: str
    residual: float
    steps: int
    country: dict[str, np.ndarray] | None = None
    sold: np.ndarray | None = None
    bought: np.ndarray | None = None
    flows: np.ndarray | None = None
