"""Partial adjustment of military spending when every state watches the others.

Arrays only: d is the log of spending over its base path, [draw, country]. One year is

    d_t = d_t-1 + k ( target_t - d_t-1 )
    target = push + e_R dR + e_A dA + e_N dN
    dR_i = log(1 + sum_j r'_ij s_j exp(d_j,t-1)) - log(1 + sum_j r_ij s_j)

with s million USD on the base path, r and r' rivals before and after, dA the same for allies of
states outside NATO, dN for members. The others' spending is that of the year before, as in the
estimate, so that answers come back year by year. Equation: partial adjustment as in Nordhaus, Oneal
& Russett (2012), International Organization 66:491-513; the joint system is Richardson's (1960).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.security.spending_ties import SpendingTies

CLOSE, MOST = 1e-13, 2000
# A change of more than e^20 is a draw without a resting point.
FAR = 20.0
ANSWERS = ("rivals", "allies", "nato_allies")


@dataclass(frozen=True)
class System:
    """What the spending of states depends on.

    Attributes
    ----------
    level : million USD on the base path, 0 where not known, [country]
    before, after : ties without and with the scenario
    parameters : adjustment, rivals, allies, nato_allies, each [draw]

    Notes
    -----
    A member of NATO answers to its allies by the parameter of members, also after it has left. The
    estimate knows how members answer to the spending of allies, and no member that gave up most of
    them: one that keeps fewer than half of its allies answers to those it keeps alone, and a state
    without allies before or after has no such term.
    """

    level: np.ndarray
    before: SpendingTies
    after: SpendingTies
    parameters: Mapping[str, np.ndarray]

    @cached_property
    def allies(self) -> tuple[np.ndarray, np.ndarray]:
        """Allies before and after whose spending counts, [country, country] each."""
        old, new = self.before.allies, self.after.allies
        kept = old * new
        left = self.before.nato & (2 * kept.sum(axis=1) < old.sum(axis=1))
        return np.where(left[:, None], kept, old), np.where(left[:, None], kept, new)

    @cached_property
    def base(self) -> tuple[np.ndarray, np.ndarray]:
        """Spending of rivals and of allies on the base path, [draw, country] each."""
        still = np.zeros((len(self.parameters["rivals"]), len(self.level)))
        return (
            _sums(self.level, still, self.before.rivals),
            _sums(self.level, still, self.allies[0]),
        )

    def answer(self, change: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return the part of the target that others' spending makes, [draw, country].

        Parameters
        ----------
        change
            Log of spending over the base path, [draw, country].
        rows
            Which draws; all if absent.
        """
        p = {name: self.parameters[name][rows][:, None] for name in ANSWERS}
        old_rivals, old_allies = (grid[rows] for grid in self.base)
        rivals = _sums(self.level, change, self.after.rivals)
        allies = _sums(self.level, change, self.allies[1])
        both = (allies > 0) & (old_allies > 0)
        ratio = np.log(np.where(both, allies, 1.0)) - np.log(np.where(both, old_allies, 1.0))
        other = np.log1p(allies) - np.log1p(old_allies)
        nato = self.before.nato
        return (
            p["rivals"] * (np.log1p(rivals) - np.log1p(old_rivals))
            + p["allies"] * np.where(nato, 0.0, other)
            + p["nato_allies"] * np.where(nato, ratio, 0.0)
        )


def _sums(level: np.ndarray, change: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (level * np.exp(change)) @ weights.T


def paths(system: System, push: np.ndarray, floor: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return the log of spending over the base path, [draw, year, country].

    Parameters
    ----------
    system
        Levels, ties and parameters.
    push
        Constant part of the target: threat and output, [draw, country].
    floor
        Least value in each year, [draw, year, country]; -inf where nothing is imposed.
    held
        Value that is imposed in every year, [country]; NaN where the state is free.

    Examples
    --------
    One state closes half of the gap to its target each year:

    >>> ties = SpendingTies(np.zeros((1, 1)), np.zeros((1, 1)), np.array([False]))
    >>> half, none = np.array([0.5]), np.array([0.0])
    >>> p = {"adjustment": half, "rivals": none, "allies": none, "nato_allies": none}
    >>> free = np.full((1, 2, 1), -np.inf)
    >>> system = System(np.ones(1), ties, ties, p)
    >>> paths(system, np.ones((1, 1)), free, np.array([np.nan])).ravel().tolist()
    [0.5, 0.75]
    """
    speed = system.parameters["adjustment"][:, None]
    now = np.zeros_like(push)
    found = np.empty((len(push), floor.shape[1], push.shape[1]))
    for year in range(floor.shape[1]):
        target = push + system.answer(now)
        now = _imposed(now + speed * (target - now), floor[:, year], held)
        found[:, year] = now
    return found


def _imposed(value: np.ndarray, least: np.ndarray, held: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(held), np.maximum(value, least), held)


def resting_point(
    system: System, push: np.ndarray, least: np.ndarray, held: np.ndarray
) -> np.ndarray:
    """Return where the path comes to rest, [draw, country]; NaN in draws where it does not.

    Parameters
    ----------
    system, push, held
        As in `paths`.
    least
        Floor in the long run, [draw, country].
    """
    now = np.zeros_like(push)
    active = np.arange(len(push))
    for _ in range(MOST):
        here = now[active]
        # Half steps: an answer of the opposite sign would make whole ones swing.
        goal = push[active] + system.answer(here, active)
        now[active] = _imposed(0.5 * (here + goal), least[active], held)
        moved = np.abs(now[active] - here).max(axis=1)
        size = np.maximum(1.0, np.abs(here).max(axis=1))
        unsettled = (moved > CLOSE * size) & (size < FAR)
        active = active[unsettled]
        if not active.size:
            break
    now[active] = np.nan
    now[np.nan_to_num(np.abs(now), nan=0.0).max(axis=1) >= FAR] = np.nan
    return now


def interaction(system: System, draw: int) -> np.ndarray:
    """Return d target / d spending at the base path with the scenario's ties, [country, country].

    Element i, j is the long-run elasticity of i's spending to that of j: the K of Richardson's
    equations in logs.
    """
    p = {name: values[draw] for name, values in system.parameters.items()}
    rivals = system.after.rivals * system.level
    allies = system.allies[1] * system.level
    total = allies.sum(axis=1, keepdims=True)
    nato = system.before.nato[:, None]
    shares = np.where(nato, allies / np.where(total > 0, total, 1.0), allies / (1 + total))
    return (
        p["rivals"] * rivals / (1 + rivals.sum(axis=1, keepdims=True))
        + np.where(nato, p["nato_allies"], p["allies"]) * shares
    )


def richardson(system: System) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues of the interaction [draw, country] and of one year's map [draw, country].

    In continuous time, x' = k (K - 1) x, the race is stable if every eigenvalue of K has a real
    part below 1; in years, if every eigenvalue of 1 + k (K - 1) lies inside the unit circle.
    """
    speed = system.parameters["adjustment"]
    watched = _watched(system)
    inside = np.ix_(watched, watched)
    found = np.zeros((len(speed), len(system.level)), dtype=complex)
    for draw in range(len(speed)):
        found[draw, : len(watched)] = np.linalg.eigvals(interaction(system, draw)[inside])
    return found, 1 + speed[:, None] * (found - 1)


def _watched(system: System) -> np.ndarray:
    """Return the states that both watch others and are watched.

    The rest form triangular blocks with zeros on the diagonal: their eigenvalues are zero, exactly.
    """
    ties = ((system.after.rivals + system.allies[1]) * system.level) > 0
    kept = np.arange(len(ties))
    while len(kept):
        here = ties[np.ix_(kept, kept)]
        both = here.any(axis=0) & here.any(axis=1)
        if both.all():
            break
        kept = kept[both]
    return kept
