"""Why a scenario can have no equilibrium, by name, before anything is searched for."""

import numpy as np

from detente.models import trade_edits, trade_world
from detente.models.trade_hat import TradeBase
from detente.models.trade_world import TradePolicy
from detente.world import World


def obstacle(world: World, base: TradeBase, change: TradePolicy, rule: str) -> str | None:
    """Say by name why a scenario can have no equilibrium, or return None.

    Parameters
    ----------
    world
        For the names.
    base, change
        From `prepare` and `policy`.
    rule
        Deficit rule.
    """
    left = np.array(base.share)
    left[:, np.asarray(change.origin), np.asarray(change.destination)] *= np.asarray(change.open)
    reach = left.sum(axis=1)
    cut = (np.asarray(base.expenditure) > 0) & (reach <= 0)
    if cut.any():
        names = [f"{world.countries[d]} {world.sectors[s]}" for s, d in np.argwhere(cut)]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        return (
            f"no supplier is left for {', '.join(names[:5])}{more}: bans cut every origin of a "
            "sector the country buys; leave one origin open or raise trade_cost instead"
        )
    if reason := _one_way(world, base, change, left, rule):
        return reason
    divided = trade_edits.divided_pool(world, change.border, np.asarray(change.zone))
    if divided is None and rule in ("fixed", "world_share"):
        return _stranded(world, base, change)
    return divided


def _stranded(world: World, base: TradeBase, change: TradePolicy) -> str | None:
    """Name a set of countries that cannot pay for, or be paid, the deficit they keep."""
    zone, deficit = np.asarray(change.zone), np.asarray(change.deficit)
    scale = np.asarray(base.value_added)
    for number in range(zone.max() + 1):
        inside = zone == number
        if abs(deficit[inside].sum()) > 1e-9 * scale[inside].sum():
            names = [world.countries[i] for i in np.flatnonzero(inside)]
            if len(names) > len(zone) // 2:
                continue  # the rest of the world is named by the smaller sets
            value = deficit[inside].sum() * trade_world.totals(world).value_added.sum()
            word = "deficit" if value > 0 else "surplus"
            return (
                f"no equilibrium: {', '.join(names[:5])} cannot trade with the rest of the world "
                f"but would keep a {word} of {abs(value):.4g}; set the layer deficit of each to 0, "
                "or run with deficits='zero' or 'own_share'"
            )
    return None


def _one_way(
    world: World, base: TradeBase, change: TradePolicy, left: np.ndarray, rule: str
) -> str | None:
    """Name a country that can only sell, or only buy, and would not run the balance this needs.

    Who cannot import spends less than it earns whatever it sells, and who cannot export spends
    more: a balance of the other sign, or none, has no prices at which it holds.
    """
    flow = left * np.asarray(base.expenditure)[:, None, :]
    at_home = np.diagonal(flow, axis1=1, axis2=2).sum(axis=0)
    sold, bought = (flow.sum(axis=(0, axis)) - at_home for axis in (2, 1))
    scale = np.asarray(base.value_added)
    deficit = np.zeros_like(scale) if rule == "zero" else np.asarray(change.deficit) / scale
    none = 1e-9 * scale
    seller = (bought <= none) & (sold > none) & (deficit > -1e-9)
    buyer = (sold <= none) & (bought > none) & (deficit < 1e-9)
    for stuck, can, cannot, word in (
        (seller, "export", "import", "deficit"),
        (buyer, "import", "export", "surplus"),
    ):
        if stuck.any():
            names = ", ".join(world.countries[i] for i in np.flatnonzero(stuck)[:5])
            return (
                f"no equilibrium: {names} may {can} but not {cannot}, and would keep a {word} or "
                "an even balance; ban trade in both directions, leave some of it open, or state "
                "a layer deficit of the other sign"
            )
    return None
