"""What is found of one scenario in one draw, or in several side by side."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from detente.models.arrays import Array, record
from detente.models.equilibrium import Certificate
from detente.models.trade_hat import TradeState
from detente.models.trade_measures import TradeMeasures


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


@record
class Lanes:
    """What a solve returns of each draw, with a leading lane axis.

    Attributes
    ----------
    certificate, state : see `trade_solution.TradeSolution`
    measured : outcomes
    power, demand : what new flows are made of, see `trade_solution.TradeSolution`
    """

    certificate: Certificate
    state: TradeState
    measured: TradeMeasures
    power: Float[Array, "lane s o"]
    demand: Float[Array, "lane s d"]
