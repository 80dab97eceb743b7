"""Pacts follow membership: who leaves an alliance organisation is bound to its members no more.

The members of these organisations owe one another defence by the treaty of the organisation, and in
the embedded world every pair of them has that pact. So an edit of `membership` there is an edit of
the pacts too: leaving ends them, entering begins them. Pacts that two members hold beside the
organisation, and those of another organisation of both, stay. What an edit says of a pact itself
prevails, and `pacts: as_edited` in a scenario leaves all pacts as they are.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from detente.change import Change
from detente.edit import Edit
from detente.sentences import FOLLOWS
from detente.world import World

# Organisations whose treaty binds every member to defend every other, and the layer of that duty.
ALLIANCES = {
    "AES": "defence_pact",
    "ANZUS": "defence_pact",
    "ARAB_LEAGUE": "defence_pact",
    "CSTO": "defence_pact",
    "ECOWAS": "defence_pact",
    "EU": "eu_42_7",
    "GCC": "defence_pact",
    "NATO": "defence_pact",
    "RIO": "defence_pact",
}
# Members of one organisation who also hold a pact of their own (hand-coded list, end of 2025).
OWN_PACTS = (
    ("ARM", "RUS"), ("AUS", "USA"), ("BLR", "RUS"), ("CAN", "USA"), ("DEU", "FRA"), ("EGY", "JOR"),
    ("FIN", "GBR"), ("FRA", "GRC"), ("GBR", "SWE"), ("KAZ", "RUS"),
)  # fmt: skip


def concerned(world: World, edits: Sequence[Edit]) -> bool:
    """Say whether an edit of membership may touch an alliance organisation of this world.

    Parameters
    ----------
    world
        The base.
    edits
        Of a scenario.
    """
    if not any(edit.layer == "membership" for edit in edits):
        return False
    return "membership" in world.layers and bool(_organisations(world))


def following(world: World, edits: Sequence[Edit], made: Sequence[Change]) -> list[Edit]:
    """Return the edits of pacts that follow from edits of membership, with their labels.

    Parameters
    ----------
    world
        The base.
    edits, made
        Of the scenario, and what each did, in order.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> leave = Edit(layer="membership", where={"country": "USA", "organisation": "NATO"},
    ...              set="none", label="leave")
    >>> found = following(world, [leave], dt.Scenario(name="x", edits=[leave]).changes(world)[:1])
    >>> [(one.layer, one.label, len(one.table.frame)) for one in found]
    [('defence_pact', 'leave', 60)]
    """
    said = {layer: np.zeros(_square(world), dtype=bool) for layer in set(ALLIANCES.values())}
    for change in made:
        if change.layer in said:
            said[change.layer] |= change.mask
    found = []
    for edit, change in zip(edits, made, strict=True):
        if change.layer != "membership":
            continue
        for organisation, place in _organisations(world).items():
            before, after = change.before[:, place] > 0, change.after[:, place] > 0
            if (before != after).any():
                free = ~said[ALLIANCES[organisation]]
                found += _edits(world, edit, organisation, change.after > 0, before, free)
    return found


def _edits(
    world: World,
    edit: Edit,
    organisation: str,
    members: np.ndarray,
    before: np.ndarray,
    free: np.ndarray,
) -> Iterator[Edit]:
    """Return the edits of pacts that follow where one organisation has other members."""
    layer, places = ALLIANCES[organisation], _organisations(world)
    after = members[:, places[organisation]]
    # Bound all the same: by another organisation of both, or a pact of their own.
    others = [
        members[:, place] for name, place in places.items()
        if ALLIANCES[name] == layer and name != organisation
    ]  # fmt: skip
    kept = _own(world) if layer == "defence_pact" else np.zeros(_square(world), dtype=bool)
    for one in others:
        kept |= np.outer(one, one)
    was, now = np.outer(before, before), np.outer(after, after)
    in_force = np.asarray(world.values(layer)) > 0
    for pairs, value, what in (
        (was & ~now & ~kept & in_force, 0, "leaving"),
        (now & ~was & ~in_force, 1, "entering"),
    ):
        chosen = pairs & free & ~np.eye(len(before), dtype=bool)
        if chosen.any():
            origin, destination = np.nonzero(chosen)
            codes = np.array(world.countries)
            rows = pd.DataFrame({"origin": codes[origin], "destination": codes[destination]})
            why = f"{FOLLOWS}{what} {organisation}; `pacts: as_edited` leaves pacts as they are."
            yield Edit(layer=layer, table=rows.assign(set=float(value)), label=edit.label, why=why)


def _organisations(world: World) -> dict[str, int]:
    """Return the places of the alliance organisations that a world knows, with their layer."""
    if "organisation" not in world.layers.coords:
        return {}
    names = [str(name) for name in world.layers["organisation"].values]
    return {
        name: names.index(name) for name, layer in ALLIANCES.items()
        if name in names and layer in world.layers
    }  # fmt: skip


def _own(world: World) -> np.ndarray:
    place = {code: number for number, code in enumerate(world.countries)}
    found = np.zeros(_square(world), dtype=bool)
    for one, other in OWN_PACTS:
        if one in place and other in place:
            found[place[one], place[other]] = found[place[other], place[one]] = True
    return found


def _square(world: World) -> tuple[int, int]:
    return len(world.countries), len(world.countries)
