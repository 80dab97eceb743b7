"""Why a search found no equilibrium, as far as where it ended can tell."""

import numpy as np
from jaxtyping import Float

from detente.models.trade_solution import CERTIFIED
from detente.world import World

# Where the equations hold but for this, what keeps them from holding can be read off.
NEARLY = 1e-3


def why_lost(
    world: World,
    income: Float[np.ndarray, " c"],
    spending: Float[np.ndarray, " c"],
    residual: float,
    reached: float,
    rule: str,
) -> str:
    """Return the reason of a draw whose search ended in no equilibrium.

    Parameters
    ----------
    world
        For the names.
    income, spending
        [c] changes of real income and spending where the search ended, as fractions of the base.
    residual
        Of the equations there.
    reached
        Share of the scenario up to which equilibria were found.
    rule
        Deficit rule.
    """
    owes = (spending <= -1) & (income > -1)
    if residual < NEARLY and owes.any():
        # Equations in which a country spends less than nothing have no solution in prices.
        names = ", ".join(world.countries[i] for i in np.flatnonzero(owes)[:5])
        return (
            f"no equilibrium: {names} would keep a surplus above its whole income, which the "
            "scenario makes smaller; state a layer deficit that it can bear, or run with "
            "deficits='own_share' or 'zero'"
        )
    why = f"residual {residual:.1e}" if np.isfinite(residual) else "it ran away"
    less = "deficits='own_share' or 'zero' asks for less" if rule == "fixed" else ""
    hint = f"; {less or 'make the largest edits smaller'}"
    end = (
        f"it followed the scenario to {100 * reached:.0f} % of its size and lost it there, so none "
        "may exist beyond"
        if reached < 1
        else "equilibria of smaller parts of the scenario were found"
    )
    return f"the search found no equilibrium ({why}, bound {CERTIFIED:.0e}); {end}{hint}"
