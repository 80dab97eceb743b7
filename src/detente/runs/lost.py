"""Why a search found no equilibrium, as far as where it ended can tell."""

import numpy as np
from jaxtyping import Float

from detente.models.trade_solution import CERTIFIED
from detente.world import World

# So near an end, a search by another way may still arrive.
NEARLY = 1e-3
# A search may settle with spending held at nothing where the equations ask for less. Markets are
# then off by what is held, and by the inputs behind it: a few times as much, and no more.
BEHIND = 5.0
# Residuals above this say that the search ran away, and where it ended says nothing.
AWAY = 0.1
MOST_NAMED = 5
# Wages below this share of those of the base have left every equilibrium.
VANISHED = 1e-6


def why_no_answer(world: World, values: dict[str, np.ndarray]) -> str:
    """Return why a place where the equations hold is no answer; nothing where it is one.

    Parameters
    ----------
    world
        For the names.
    values
        [c] changes of each outcome there, as fractions of the base.
    """
    if (values["wage"] <= VANISHED - 1).any():
        where = world.countries[int(np.argmin(values["wage"]))]
        return f"wages of {where} vanish; make what hits it smaller"
    for name, value in values.items():
        if not np.isfinite(value).all():
            where = world.countries[int(np.flatnonzero(~np.isfinite(value))[0])]
            return f"{name} of {where} is not a finite number"
    if (values["real_income"] <= -1).any():
        # The equations can be met by a country that spends less than nothing; no country can.
        where = world.countries[int(np.argmin(values["real_income"]))]
        return (
            f"no equilibrium: {where} would pay more than its whole income for what the scenario "
            "has it bear; make subsidies (tariffs below zero) or caps on its prices smaller"
        )
    return ""


def why_lost(
    world: World,
    values: dict[str, np.ndarray],
    final: Float[np.ndarray, " c"],
    residual: float,
    reached: float,
    rule: str,
) -> str:
    """Return the reason of a draw whose search ended in no equilibrium.

    Parameters
    ----------
    world
        For the names.
    values
        [c] changes of each outcome where the search ended, as fractions of the base.
    final
        [c] final spending of the base, in units of world value added.
    residual
        Of the equations there.
    reached
        Share of the scenario up to which equilibria were found.
    rule
        Deficit rule.
    """
    left = (1 + values["real_spending"]) * (1 + values["price_index"]) * final
    owes = np.flatnonzero((left <= 0) & (values["real_income"] > -1))
    held = -left[owes].sum()
    if len(owes) and residual < min(BEHIND * held, AWAY):
        # Equations in which a country spends less than nothing have no solution in prices.
        names = ", ".join(world.countries[i] for i in owes[:MOST_NAMED])
        more = len(owes) - MOST_NAMED
        its, it = ("its", "it") if len(owes) == 1 else ("their", "they")
        return (
            f"no equilibrium: {names}{f' and {more} more' if more > 0 else ''} would keep a "
            f"surplus above {its} whole income, which the scenario makes smaller; state a layer "
            f"deficit that {it} can bear, or run with deficits='own_share' or 'zero'"
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
