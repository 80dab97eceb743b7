"""A crisis between a challenger, a target and its guarantor, for explanation only.

Signorino (1999, American Political Science Review 93:279): each mover knows its own noise, the
others see its distribution, and everyone reckons backwards. The stakes and the noise are not
estimated here, so results are illustrative and say so.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from detente.errors import WorldError

LABEL = "illustrative: stakes, costs and noise are assumed"


@dataclass(frozen=True)
class Stakes:
    """What the players gain and lose, in units of the prize (1 = the prize itself).

    Attributes
    ----------
    cost_challenger, cost_target, cost_guarantor : of war
    backing_down : what a challenger loses that challenges and meets no concession, in any case
    honour : what the guarantor loses by staying out
    precision : of choices; large means that the better option is nearly always taken
    """

    cost_challenger: float = 0.4
    cost_target: float = 0.4
    cost_guarantor: float = 0.3
    backing_down: float = 0.0
    honour: float = 0.3
    precision: float = 4.0


@dataclass(frozen=True)
class Crisis:
    """Chances in a crisis.

    Attributes
    ----------
    challenge : that the challenger challenges
    resist : that the target resists, given a challenge
    intervene : that the guarantor intervenes, given resistance
    war : that it comes to war, = challenge x resist
    label : how to read this
    """

    challenge: np.ndarray
    resist: np.ndarray
    intervene: np.ndarray
    war: np.ndarray
    label: str = LABEL


def crisis(
    win_alone: np.ndarray | float,
    win_helped: np.ndarray | float,
    reliability: np.ndarray | float,
    stakes: Stakes | None = None,
) -> Crisis:
    """Return the logit quantal-response equilibrium of challenge, resist, intervene.

    Parameters
    ----------
    win_alone, win_helped
        Chance that the challenger wins against the target alone and with its guarantor.
    reliability
        0-1: scales what the guarantor loses by staying out, 0.5 being `honour` itself.
    stakes
        Values; the defaults when None.

    Raises
    ------
    WorldError
        If a chance or the reliability lies outside 0-1.

    Notes
    -----
    From the end: the guarantor compares (1 - win_helped) - cost with (1 - win_alone) minus honour;
    the target (chance of keeping the prize) - cost with 0; the challenger (chance of winning) -
    cost, weighed with concession at 1, with 0.

    Examples
    --------
    >>> sure, unsure = (crisis(0.9, 0.2, r) for r in (0.9, 0.1))
    >>> bool(sure.challenge < unsure.challenge), sure.label == LABEL
    (True, True)
    """
    given = stakes or Stakes()
    alone, helped, kept = (
        np.asarray(value, dtype=float) for value in (win_alone, win_helped, reliability)
    )
    for name, value in (("win_alone", alone), ("win_helped", helped), ("reliability", kept)):
        if not ((value >= 0) & (value <= 1)).all():
            raise WorldError(f"{name} must lie in 0-1")
    sharp = given.precision
    stay_out = (1.0 - alone) - given.honour * 2.0 * kept
    intervene = expit(sharp * ((1.0 - helped) - given.cost_guarantor - stay_out))
    win = intervene * helped + (1.0 - intervene) * alone
    resist = expit(sharp * ((1.0 - win) - given.cost_target))
    fought = win - given.cost_challenger - given.backing_down
    challenge = expit(sharp * (resist * fought + (1.0 - resist)))
    return Crisis(challenge, resist, intervene, challenge * resist)
