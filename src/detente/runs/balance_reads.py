"""What the models of security read of a world, and what worlds are told apart by."""

from collections.abc import Iterable

import numpy as np

from detente.world import World

# Layers that the models of security cannot do without.
NEEDED = (
    "gdp",
    "population",
    "distance_min",
    "distance_capital",
    "land_border",
    "polyarchy",
    "defence_pact",
    "alliance_reliability",
    "ideal_point",
    "membership",
    "military_spending",
    "sanction_arms",
    "sanction_trade",
    "warheads",
)
# Layers that they read, where a world has them.
LAYERS = (
    *NEEDED,
    "alert_share",
    "alliance",
    "arms_supply",
    "eu_42_7",
    "missile_defence",
    "sanction_financial",
    "spending_commitment",
    "troops",
)
# Of these the risk of disputes reads only whether there is any.
ANY_OF = ("sanction_trade", "sanction_financial", "warheads")
BY_HAZARDS = (
    "gdp", "distance_min", "land_border", "polyarchy", "defence_pact", "ideal_point", "membership",
    *(f"any {name}" for name in ANY_OF),
)  # fmt: skip
BY_PROMISES = (
    "defence_pact", "alliance", "alliance_reliability", "eu_42_7", "membership", "gdp",
    "population", "distance_capital", "distance_min", "troops", "arms_supply",
)  # fmt: skip
BY_SPENDING = (
    "military_spending", "spending_commitment", "defence_pact", "membership",
    "sanction_trade", "sanction_arms",
)  # fmt: skip
BY_EXCHANGE = ("warheads", "alert_share", "missile_defence")
Edits = dict[str, bytes]
Key = tuple[tuple[str, bytes], ...]


def edits(world: World, base: World) -> Edits:
    """Return the layers that are read and differ from the base; `any NAME` of those of `ANY_OF`.

    Worlds with the same edits of one base are one world to the models of security.
    """
    found: Edits = {}
    for name in LAYERS:
        if not world.differs(base, name):
            continue
        new, old = world.values(name), base.values(name)
        found[name] = new.tobytes()
        if name in ANY_OF and not np.array_equal(new > 0, old > 0):
            found[f"any {name}"] = (new > 0).tobytes()
    return found


def part(found: Edits, names: Iterable[str]) -> Key:
    """Return what of the edits one model reads."""
    return tuple((name, found[name]) for name in names if name in found)
