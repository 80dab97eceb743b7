"""Armament in a network of allies and enemies: a contest over one prize.

König, Rohner, Thoenig & Zilibotti (2017), Networks in conflict, Econometrica 85:1093. Effort x
becomes strength phi with the help of allies and against that of enemies,

    phi_i = x_i + beta sum over allies x_j - gamma sum over enemies x_j
    payoff_i = V phi_i / sum phi - x_i

and in an interior equilibrium, with d+ allies and d- enemies,

    G_i = 1 / (1 + beta d+_i - gamma d-_i),  L = 1 - 1 / sum G
    phi = V L (1 - L) G,  x = (I + beta A+ - gamma A-)^-1 phi

For states it gives the sign of what a tie does to total armament. It is no calibrated level.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.errors import ConvergenceError, WorldError

# About the paper's estimates, for armed groups in the second Congo war: they are no estimates of
# states, and were not checked against its tables.
BETA, GAMMA = 0.11, 0.08


@dataclass(frozen=True)
class Equilibrium:
    """An interior equilibrium.

    Attributes
    ----------
    effort : x, [actor], in units of the prize
    strength : phi, [actor]
    payoff : [actor]
    total : sum of efforts
    gap : largest gain by deviating in the first-order condition, per unit of prize
    """

    effort: np.ndarray
    strength: np.ndarray
    payoff: np.ndarray
    total: float
    gap: float


def contest(
    allies: np.ndarray,
    enemies: np.ndarray,
    beta: float = BETA,
    gamma: float = GAMMA,
    prize: float = 1.0,
    names: Sequence[str] | None = None,
) -> Equilibrium:
    """Return the equilibrium of the contest.

    Parameters
    ----------
    allies, enemies
        Symmetric 0-1 matrices with an empty diagonal, [actor, actor].
    beta, gamma
        Spill-over of an ally's and of an enemy's effort, >= 0.
    prize
        V > 0.
    names
        Of the actors, for messages.

    Raises
    ------
    WorldError
        If a matrix is not as described, or a pair is both allied and hostile.
    ConvergenceError
        If there is no interior equilibrium; the message says which condition fails and for whom.

    Examples
    --------
    Two actors without ties: the classical contest, each spends a quarter of the prize.

    >>> contest(np.zeros((2, 2)), np.zeros((2, 2))).effort.tolist()
    [0.25, 0.25]
    """
    plus, minus = _network("allies", allies), _network("enemies", enemies)
    if plus.shape != minus.shape:
        raise WorldError(f"allies {plus.shape} and enemies {minus.shape} must be of one list")
    who: list[str] = list(names) if names is not None else [f"actor {n}" for n in range(len(plus))]
    both = np.argwhere((plus > 0) & (minus > 0))
    if both.size:
        a, b = both[0]
        raise WorldError(f"{who[a]} and {who[b]} are allies and enemies at once; choose one")
    if beta < 0 or gamma < 0 or prize <= 0:
        raise WorldError("beta and gamma must be >= 0 and the prize above 0")
    slope = 1.0 + beta * plus.sum(axis=1) - gamma * minus.sum(axis=1)
    _interior(slope, who, "1 + beta d+ - gamma d- is not positive (too many enemies)")
    gain = 1.0 / slope
    rest = 1.0 - 1.0 / gain.sum()
    if rest <= 0:
        raise ConvergenceError(
            "no interior equilibrium: the sum of 1 / (1 + beta d+ - gamma d-) is "
            f"{gain.sum():.3g} and must exceed 1; there are too few actors for so many allies"
        )
    strength = prize * rest * (1.0 - rest) * gain
    matrix = np.eye(len(plus)) + beta * plus - gamma * minus
    try:
        effort = np.linalg.solve(matrix, strength)
    except np.linalg.LinAlgError as error:
        raise ConvergenceError("no equilibrium: I + beta A+ - gamma A- is singular") from error
    _interior(effort, who, "effort is not positive")
    total = strength.sum()
    marginal = prize * (total - strength * slope) / total**2 - 1.0
    payoff = prize * strength / total - effort
    return Equilibrium(effort, strength, payoff, float(effort.sum()), float(np.abs(marginal).max()))


def tie_effect(
    allies: np.ndarray,
    enemies: np.ndarray,
    pair: tuple[int, int],
    beta: float = BETA,
    gamma: float = GAMMA,
) -> float:
    """Return the relative change of total effort when one tie, of either kind, is removed.

    Parameters
    ----------
    allies, enemies, beta, gamma
        As in `contest`.
    pair
        Places of the two actors.

    Raises
    ------
    WorldError
        If the two have no tie.
    ConvergenceError
        If one of the two equilibria is not interior.

    Examples
    --------
    Three actors, two of them allied: without the alliance they spend more.

    >>> plus = np.zeros((3, 3))
    >>> plus[0, 1] = plus[1, 0] = 1
    >>> tie_effect(plus, np.zeros((3, 3)), (0, 1)) > 0
    True
    """
    a, b = pair
    cut = []
    for matrix in (allies, enemies):
        without = np.array(matrix, dtype=float)
        without[a, b] = without[b, a] = 0.0
        cut.append(without)
    if np.array_equal(cut[0], np.asarray(allies)) and np.array_equal(cut[1], np.asarray(enemies)):
        raise WorldError(f"actors {a} and {b} have no tie to remove")
    before = contest(allies, enemies, beta, gamma).total
    return contest(cut[0], cut[1], beta, gamma).total / before - 1.0


def payoffs(
    effort: np.ndarray,
    allies: np.ndarray,
    enemies: np.ndarray,
    beta: float = BETA,
    gamma: float = GAMMA,
    prize: float = 1.0,
    defeat: float = 1.0,
) -> np.ndarray:
    """Return the payoffs of any efforts, [actor].

    As in the paper, shares are of the positive strengths, and an actor whose strength is negative
    loses `defeat`: without that loss some would rather spend nothing and be overrun.

    Examples
    --------
    >>> none = np.zeros((2, 2))
    >>> payoffs(np.array([0.25, 0.25]), none, none).tolist()
    [0.25, 0.25]
    """
    effort = np.asarray(effort, dtype=float)
    strength = effort + beta * np.asarray(allies) @ effort - gamma * np.asarray(enemies) @ effort
    total = np.clip(strength, 0.0, None).sum()
    if total <= 0:
        return np.where(strength < 0, -defeat, prize / len(effort)) - effort
    return np.where(strength < 0, -defeat, prize * strength / total) - effort


def _network(name: str, matrix: np.ndarray) -> np.ndarray:
    values = np.asarray(matrix, dtype=float)
    if values.ndim != 2 or values.shape[0] != values.shape[1] or (values != values.T).any():
        raise WorldError(f"{name} must be a symmetric matrix; its shape is {values.shape}")
    if not np.isin(values, (0.0, 1.0)).all() or np.diagonal(values).any():
        raise WorldError(f"{name} must hold 0 and 1, and 0 for an actor with itself")
    return values


def _interior(values: np.ndarray, who: list[str], words: str) -> None:
    bad = np.flatnonzero(~(values > 0))
    if bad.size:
        named = ", ".join(who[int(place)] for place in bad[:5])
        more = f" and {bad.size - 5} more" if bad.size > 5 else ""
        raise ConvergenceError(f"no interior equilibrium: {words} for {named}{more}")
