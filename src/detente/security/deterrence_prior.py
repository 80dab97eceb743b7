"""What deterrence hangs on: declared distributions, drawn once a draw.

None of these is estimated here but the slope of who starts; each stands with its source, and
results carry `ASSUMPTIONS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from detente.errors import WorldError, nearest
from detente.security.initiators import initiator_slope
from detente.security.seeds import draw_numbers, generator

EFFECT_MEAN = -0.20
# Normal with 90 per cent in -0.40 ... 0, cut off at 0: one draw in twenty has no effect at all.
EFFECT_SD = 0.20 / 1.6448536269514722
# Chance that a coupling exists at all; where it does, its size is uniform on 0-1.
EXISTS = 0.5
# Troops and arms: no sign is known; 90 per cent within the effect of a credible pact, either way.
PRESENCE_SD = 0.20 / 1.6448536269514722
REACH, REACH_FACTOR = 5000.0, 2.0  # km

ASSUMPTIONS = (
    "The effect of a pact is scaled by reliability over its prior mean; no study estimates this.",
    "The effect of a pact is read causally from studies that disagree (from 28 % less to none).",
    "Guarantors are added up by strength that falls with distance, by a declared rule.",
    "A discount of one promise reaches other promises only by the couplings, which are assumed.",
)


@dataclass(frozen=True)
class Drivers:
    """One value a draw of everything that is uncertain beside reliability itself.

    Attributes
    ----------
    pact_effect
        Log-odds of a challenge where one credible pact protects the target; <= 0. Leeds (2003,
        American J. Political Science 47:427) -28 % in probability, Benson (2011, J. Politics
        73:1111) -18 % for conditional deterrent pacts, Kenwick, Vasquez & Powers (2015, J. Politics
        77:943) dispute it.
    substitution
        How far guarantors stand in for one another, see `detente.security.protection`. Uniform.
    capability_exponent
        Capability is GDP x (GDP per head)^exponent: 0 is GDP, 1 Beckley's index (2018, Int.
        Security 43:7). Uniform.
    reputation_spillover
        How far the mean discount of a guarantor's promises reaches its other promises. 0 in half of
        the draws (Mercer 1996 Reputation and International Politics; Press 2005 Calculating
        Credibility), else uniform (Crescenzi 2007, American J. Political Science 51:382; Gibler
        2008, J. Conflict Resolution 52:426; Weisiger & Yarhi-Milo 2015, Int. Organization 69:473).
    alliance_contagion
        How far a guarantor's discount towards a state reaches the promises of its co-guarantors.
        No study; same shape.
    informal_weight
        Worth of a public commitment without a duty to defend, as a share of a pact. Uniform.
    initiator_slope
        Log-odds of being the challenger per log of GDP ratio; estimated.
    reach
        Distance at which strength falls to 37 %, km. Log-uniform on 2,500-10,000.
    troops_effect, arms_effect
        Log-odds of a challenge where a deployment of 35,000 begins, or a supply of arms: around
        none, see `detente.security.presence`.
    """

    pact_effect: np.ndarray
    substitution: np.ndarray
    capability_exponent: np.ndarray
    reputation_spillover: np.ndarray
    alliance_contagion: np.ndarray
    informal_weight: np.ndarray
    initiator_slope: np.ndarray
    reach: np.ndarray
    troops_effect: np.ndarray
    arms_effect: np.ndarray

    def table(self) -> pd.DataFrame:
        """Return one row a draw and one column a driver."""
        return pd.DataFrame({field.name: getattr(self, field.name) for field in fields(self)})

    def fixed(self, values: Mapping[str, float]) -> "Drivers":
        """Return the drivers with some at one value in every draw.

        Raises
        ------
        WorldError
            If a name is unknown.
        """
        known = [field.name for field in fields(self)]
        for name in values:
            if name not in known:
                raise WorldError(
                    f"no driver of deterrence '{name}'{nearest(name, known)}; drivers: "
                    f"{', '.join(known)}"
                )
        return replace(
            self, **{name: np.full_like(self.pact_effect, v) for name, v in values.items()}
        )


def drivers(draws: int | Sequence[int], seed: int, point: bool = False) -> Drivers:
    """Draw the drivers, or give their medians.

    Parameters
    ----------
    draws
        How many, or their numbers.
    seed
        Of the draws.
    point
        Whether to give medians: no spill-over and no contagion, the others at their centre.

    Examples
    --------
    >>> found = drivers(200, seed=1)
    >>> bool((found.pact_effect <= 0).all()), drivers(1, 1, point=True).pact_effect.tolist()
    (True, [-0.2])
    """
    numbers = draw_numbers(draws)
    # Rows of uniforms: a later driver takes the next column and moves none of these.
    uniform = np.stack([generator(seed, n, "deterrence").random(12) for n in numbers])
    if point:
        uniform = np.full_like(uniform, 0.5)
    effect, substitution, exponent, has_rep, rep, has_con, con, informal, slope, reach = uniform.T[
        :10
    ]
    troops, arms = uniform.T[10:]
    mean, sd = initiator_slope()
    return Drivers(
        pact_effect=np.minimum(EFFECT_MEAN + EFFECT_SD * ndtri(effect), 0.0),
        substitution=substitution,
        capability_exponent=exponent,
        reputation_spillover=np.where(has_rep > EXISTS, rep, 0.0),
        alliance_contagion=np.where(has_con > EXISTS, con, 0.0),
        informal_weight=informal,
        initiator_slope=mean + sd * ndtri(slope),
        reach=REACH * REACH_FACTOR ** (2 * reach - 1),
        troops_effect=PRESENCE_SD * ndtri(troops),
        arms_effect=PRESENCE_SD * ndtri(arms),
    )
