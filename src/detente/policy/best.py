"""The best rates of one player while all others stand: a bounded ascent with exact slopes."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from detente.errors import ConvergenceError
from detente.runs.levers import Levers

# Outcomes are fractions of income; the ascent looks at numbers of about one.
SCALE = 1e3
# What rates without equilibrium cost the ascent: a hundredth of income over the last with one.
WALL, TINY = 0.01 * SCALE, 1e-12
# A slope below this, in income per unit of rate, is none.
FLAT = 1e-5
# Part of the way to the edge of all equilibria at which an ascent that meets it ends.
INSIDE = 0.99
# Where a best reply is looked for afresh, as multiples of the rates found.
DEVIATIONS = (0.0, 0.5, 0.8, 1.25, 2.0)


@dataclass(frozen=True)
class Best:
    """The best rates of one player that an ascent found.

    Attributes
    ----------
    rates : of all levers, those of the others as they were
    value : outcome of the player, fraction of the base
    slope : largest slope that is left in a direction the bounds allow, per unit of rate
    stopped : whether rates without a certified equilibrium ended the ascent before its slope did
    """

    rates: np.ndarray
    value: float
    slope: float
    stopped: bool = False


def best_reply(
    levers: Levers,
    player: int,
    own: Sequence[int],
    rates: np.ndarray,
    bounds: tuple[float, float],
) -> Best:
    """Return the player's best rates on its own levers, the others' rates given.

    Parameters
    ----------
    levers
        All levers of the game.
    player
        Position of the country.
    own
        Which levers are the player's.
    rates
        Of all levers, where the ascent begins.
    bounds
        Lowest and highest rate.
    """
    own = list(own)
    rates = np.array(rates, dtype=float)
    start = np.clip(rates[own], *bounds)
    last: tuple[np.ndarray, float] | None = None
    walls = 0

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal last, walls
        rates[own] = x
        try:
            point = levers.at(rates, player)
        except ConvergenceError:
            if last is None:
                raise
            # Where no equilibrium is certified the ascent turns back to the last that was.
            walls += 1
            place, value = last
            away = x - place
            return value + WALL, WALL * away / max(float(away @ away), TINY)
        assert point.slope is not None
        value = -SCALE * float(point.value[player])
        last = x.copy(), value
        return value, -SCALE * point.slope[own]

    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[bounds] * len(own),
        options={"ftol": 1e-15, "gtol": 1e-7, "maxiter": 300, "maxfun": 500},
    )
    x, value, jac = found.x, float(found.fun), np.asarray(found.jac)
    stopped = walls > 0 and _left(x, -jac / SCALE, bounds) > FLAT
    if stopped:
        # On the very edge the certificate hangs on where a search begins.
        x = start + INSIDE * (x - start)
        value, jac = loss(x)
    rates[own] = x
    return Best(rates, -value / SCALE, _left(x, -jac / SCALE, bounds), stopped)


def _left(x: np.ndarray, slope: np.ndarray, bounds: tuple[float, float]) -> float:
    """Return the largest slope, but for those that point out of a bound."""
    held = ((x <= bounds[0]) & (slope < 0)) | ((x >= bounds[1]) & (slope > 0))
    return float(np.abs(np.where(held, 0.0, slope)).max())


def gain_of_deviation(
    levers: Levers,
    player: int,
    own: Sequence[int],
    rates: np.ndarray,
    bounds: tuple[float, float],
    value: float,
) -> float:
    """Return the most that a player would gain by other rates, as far as they were tried.

    Multiples of the rates are tried, the rates of the base, and one ascent that begins there.
    """
    own = list(own)
    tried = [np.clip(factor * rates[own], *bounds) for factor in DEVIATIONS]
    tried.append(np.clip(levers.rates[own], *bounds))
    best = -np.inf
    for one in tried:
        other = np.array(rates)
        other[own] = one
        # Rates without a certified equilibrium are no choice.
        with contextlib.suppress(ConvergenceError):
            best = max(best, float(levers.at(other).value[player]))
    afresh = np.array(rates)
    afresh[own] = levers.rates[own]
    best = max(best, best_reply(levers, player, own, afresh, bounds).value)
    return best - value
