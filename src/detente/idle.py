"""What is said beside the sentence of an edit: that it moves no number of trade, or turns a sign.

A rent has a keeper only where a quota or a price cap makes one, and a flow that is zero in the base
stays zero whatever its price. A rate that is lowered by more than there was of it becomes a
subsidy. Such an edit is no error; it is said, so that nobody reads a result into it, or pays a
subsidy unawares.
"""

from collections.abc import Sequence

import numpy as np

from detente.change import Change
from detente.edit import Edit
from detente.world import IMPLIED, World

OF_FLOWS = (
    "tariff_rate", "trade_cost", "export_ban", "export_tax", "price_cap", "quota", "quota_value",
    "embargo", "rent_keeper",
)  # fmt: skip
OF_PAIRS = ("sanction_trade", "sanction_secondary", "trade_agreement")
# Who pays where a rate is below zero.
SUBSIDIES = {
    "tariff_rate": "a subsidy on imports, which the destination pays",
    "export_tax": "a subsidy on exports, which the origin pays",
}
# What makes a rent, if it has another value than the one implied.
OF_RENTS = ("quota", "quota_value", "price_cap")
NO_FLOW = "none of these flows is traded in the base: changes no number of trade"
NO_TRADE = "the two do not trade in the base: changes no number of trade"
NO_RENT = (
    "no quota or price cap stands on these flows, so there is no rent to keep: changes no number"
)


def notes(world: World, edits: Sequence[Edit], made: Sequence[Change]) -> list[str]:
    """Return for each edit why it moves no number of trade, where it pays subsidies, or nothing.

    Parameters
    ----------
    world
        The base.
    edits, made
        Of a scenario, and what each did, in order.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("campos2019")
    >>> keep = Edit(layer="rent_keeper", where={"origin": "RUS"}, set="seller")
    >>> notes(world, [keep], dt.Scenario(name="x", edits=[keep]).changes(world))
    ['no quota or price cap stands on these flows, so there is no rent to keep: changes no number']
    """
    latest = {change.layer: change.after for change in made}
    return [_note(world, edit, one, latest) for edit, one in zip(edits, made, strict=True)]


def _note(world: World, edit: Edit, made: Change, latest: dict[str, np.ndarray]) -> str:
    if edit.layer not in (*OF_FLOWS, *OF_PAIRS):
        return ""
    moved = made.mask & (made.before != made.after)
    if not moved.any():
        return ""  # the sentence of the edit says so
    flow = world.values("flow")
    if edit.layer in OF_PAIRS:
        traded = flow.sum(axis=2)
        return "" if (traded + traded.T)[moved].any() else NO_TRADE
    if not flow[moved].any():
        return NO_FLOW
    if edit.layer == "rent_keeper" and not _rents(world, moved, latest):
        return NO_RENT
    return _subsidy(made, moved)


def _subsidy(made: Change, moved: np.ndarray) -> str:
    """Say how many of the rates that an edit moves are below zero after it."""
    below, all_moved = int((made.after[moved] < 0).sum()), int(moved.sum())
    if made.layer not in SUBSIDIES or not below:
        return ""
    where = "the rate is" if all_moved == 1 else f"{below:,} of {all_moved:,} rates are"
    return f"{where} below zero: {SUBSIDIES[made.layer]}"


def _rents(world: World, where: np.ndarray, latest: dict[str, np.ndarray]) -> bool:
    """Say whether a quota or price cap stands on any of these flows after all edits."""
    for layer in OF_RENTS:
        values = latest[layer] if layer in latest else world.values(layer)
        if (values[where] != IMPLIED[layer]).any():
            return True
    return False
