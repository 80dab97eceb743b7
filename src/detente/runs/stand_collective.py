"""What collective influence is computed from: seats, people, members, and power by votes."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from detente.alignment.influence import SEATS, assembly_power
from detente.alignment.influence_seats import UN_MEMBERS
from detente.alignment.response_record import observed_assembly
from detente.collective import POWERS, RULES, Collective
from detente.world import World


def collective(
    world: World,
    edited: Sequence[World],
    groups: Mapping[str, Sequence[str]],
) -> Collective:
    """Return what the influence of groups and camps is computed from.

    Parameters
    ----------
    world
        The base.
    edited
        Every distinct world, the base first.
    groups
        Members by group.
    """
    seats = np.isin(world.countries, sorted(UN_MEMBERS)).astype(float)
    people = np.full(len(world.countries), np.nan)
    if world.has("population"):
        people = world.values("population").astype(float)
    members = {name: _members(world, edited, name, codes) for name, codes in groups.items()}
    power, model = _power()
    return Collective(seats, SEATS, people, members, power, model)


def _members(world: World, edited: Sequence[World], group: str, codes: Sequence[str]) -> np.ndarray:
    """Return [world, country] who is in a group: as listed, with edits of the layer membership."""
    found = np.tile(np.isin(world.countries, list(codes)), (len(edited), 1))
    if not world.has("membership"):
        return found
    lists = world.layers["organisation"].values.astype(str).tolist()
    if group not in lists:
        return found
    before = world.values("membership")[:, lists.index(group)]
    for number, one in enumerate(edited):
        after = one.values("membership")[:, lists.index(group)]
        found[number] = np.where(after != before, after == 1, found[number])
    return found


@cache
def _power() -> tuple[pd.DataFrame, str]:
    """Return the power of every number of votes cast as one, and what is supposed of the others."""
    others = observed_assembly()
    # Who has no vote decides nothing, and the Assembly cannot do what it votes.
    rows = [[0.0] * (len(POWERS) * len(RULES))]
    model = ""
    for count in range(1, SEATS + 1):
        powers = [assembly_power(count, rule, **others) for rule in RULES]
        rows.append([float(getattr(power, name)) for name in POWERS for power in powers])
        model = powers[0].model
    return pd.DataFrame(rows, columns=pd.MultiIndex.from_product([POWERS, RULES])), model
