"""Drawdown curve: what is left of a second strike as the attacker allocates more arms."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest
from detente.security.arsenals import forces
from detente.security.delivered import simulate
from detente.security.exchange import MOST_SHOTS
from detente.security.exchange_priors import SHARED, exchange_draws
from detente.security.first_strike import POSTURES, Attack, Posture, Victim, strike
from detente.world import World

STEPS = 21
# Simulated wars in each parameter draw.
WARS = 25


def drawdown(
    world: World,
    attacker: str,
    victim: str,
    arms: Sequence[float] | None = None,
    draws: int = 200,
    seed: int = 1,
    posture: Posture = "surprise",
    cut: str = "proportional",
) -> pd.DataFrame:
    """Return how many warheads the victim still delivers, by arms allocated to the strike.

    Parameters
    ----------
    world
        Carries `warheads` and `distance_capital`.
    attacker, victim
        Codes of two states of the class table.
    arms
        Arms allocated, >= 0; when None, 21 steps from none to two for every point and unit of the
        victim, more than which destroy nothing.
    draws, seed
        As in `second_strike`; each draw fights 25 simulated wars.
    posture
        `surprise` or `generated`.
    cut
        As in `detente.security.arsenals.scaled`.

    Returns
    -------
    DataFrame
        arms; used, the mean number spent; mean, E[R] over draws and chance; p05 and p95, the band
        in which 90 per cent of wars lie.

    Raises
    ------
    WorldError
        If a state has no arsenal, cannot reach the other, or a number is negative.

    Notes
    -----
    Arms beyond those that are ready and prompt are granted to the attacker: the curve asks what a
    larger strike would do, with arms of today's mix.

    Examples
    --------
    >>> import detente as dt
    >>> curve = drawdown(dt.load_world("world2023"), "USA", "CHN", arms=[0, 100], draws=50)
    >>> bool(curve["mean"].is_monotonic_decreasing)
    True
    """
    if posture not in POSTURES:
        raise WorldError(f"unknown posture '{posture}'; postures: {', '.join(POSTURES)}")
    sides = forces(world, cut)
    for name in (attacker, victim):
        if name not in sides:
            raise WorldError(
                f"no arsenal of {name}{nearest(name, sides)} in world '{world.name}'; states with "
                f"warheads: {', '.join(sides)}"
            )
    if attacker == victim:
        raise WorldError(f"{victim} cannot strike itself; name two states")
    places = [world.countries.index(name) for name in (attacker, victim)]
    distance = float(world.values("distance_capital")[places[0], places[1]])
    force = sides[victim]
    reaches = force.reach_km >= distance
    if not np.any(reaches & (force.deployed > 0)):
        raise WorldError(f"no forces of {victim} can reach {attacker}: no second strike to draw")
    most = MOST_SHOTS * float((force.points + force.units)[reaches].sum())
    numbers = np.linspace(0.0, most, STEPS) if arms is None else np.asarray(arms, dtype=float)
    if (numbers < 0).any():
        raise WorldError(f"arms must be 0 or more, not {numbers.min():g}")
    drawn = exchange_draws(draws, seed, SHARED)
    rows = []
    for number in numbers:
        attack = Attack((sides[attacker],), (distance,), {}, float(number))
        result = strike(attack, Victim(force, reaches), posture, drawn)
        # The same random numbers at every step: the curve is smooth, its steps comparable.
        delivered = simulate(result.struck, WARS, np.random.default_rng(seed))
        low, high = np.quantile(delivered, [0.05, 0.95])
        rows.append(
            {
                "arms": float(number),
                "used": float(result.used.mean()),
                "mean": float(result.struck.mean.mean()),
                "p05": float(low),
                "p95": float(high),
            }
        )
    return pd.DataFrame(rows)
