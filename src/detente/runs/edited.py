"""What the edits of a run touch: worlds that differ for trade, senders of sanctions, actors."""

import hashlib
from collections.abc import Iterable

import numpy as np

from detente.errors import ScenarioError, nearest
from detente.models.trade_world import LAYERS, sanction_levels
from detente.runs.plan import Variant
from detente.scenario import Scenario
from detente.world import World


def distinct_worlds(place: World, rows: list[Variant]) -> tuple[list[World], list[int]]:
    """Return worlds that differ in what the models read, and for each row which one it is."""
    found: dict[tuple, int] = {}
    edited: list[World] = []
    numbers = []
    for row in rows:
        world = row.world(place)
        key = policy_key(place, world)
        if key not in found:
            found[key] = len(edited)
            edited.append(world)
        numbers.append(found[key])
    return edited, numbers


def policy_key(place: World, edited: World) -> tuple[bytes, ...]:
    """Return what edits do to the layers that the trade model reads: equal keys, equal policies."""
    return tuple(_cells(place, edited, layer) for layer in LAYERS)


def _cells(place: World, edited: World, layer: str) -> bytes:
    """Return a digest of the cells of a layer that differ, and their values."""
    if not edited.has(layer) or layer not in edited.layers:
        return b""
    before, after = place.values(layer), edited.values(layer)
    if before is after:  # layers that no edit touches are shared
        return b""
    cells = np.flatnonzero(~((before == after) | (np.isnan(before) & np.isnan(after))))
    if not cells.size:
        return b""
    return hashlib.sha256(cells.tobytes() + after.ravel()[cells].tobytes()).digest()


def senders(world: World, edited: list[World]) -> list[str]:
    """Return the countries whose trade sanctions any scenario changes."""
    before = sanction_levels(world)
    changed = np.zeros(len(world.countries), dtype=bool)
    for one in edited:
        changed |= (sanction_levels(one) != before).any(axis=1)
    return [code for code, found in zip(world.countries, changed, strict=True) if found]


def actors_of(world: World, scenarios: list[Scenario], watch: Iterable[str]) -> list[str]:
    """Return countries named in edits, in pair claims or by the user, in the world's order."""
    named = {code for scenario in scenarios for code in scenario.named_countries()}
    for scenario in scenarios:
        for claim in scenario.claims:
            if claim.variable == "pair_trade":
                for word in claim.where.get("country", ()):
                    named.update(world.members(word) if word.startswith("@") else [word])
    for code in watch:
        members = world.members(code) if code.startswith("@") else [code]
        for member in members:
            if member not in world.countries:
                raise ScenarioError(
                    f"watch: unknown country '{member}'{nearest(member, world.countries)}"
                )
        named.update(members)
    return [code for code in world.countries if code in named]
