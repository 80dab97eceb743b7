"""Compute the strategic balance: risk, deterrence, spending and arsenals, before and after."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from detente.counts import cores
from detente.runs.balance import Balance, Known
from detente.runs.balance_reads import NEEDED, Edits, edits
from detente.runs.plan import Variant
from detente.security import capability_layer, presence
from detente.security.arsenals import nuclear_states
from detente.security.parameters import security_parameters
from detente.strategic import (
    BY_TREATY,
    DIRECTED,
    OF_ARSENALS,
    OF_PAIRS,
    OF_STATES,
    Readout,
    Strategic,
)
from detente.world import World

# Read-outs that every run keeps: disputes in these regions, the outlays of these groups and of
# every state, and second strikes between the powers with most warheads.
REGIONS = ("EASTERN_EUROPE", "MIDDLE_EAST", "EAST_ASIA", "USMCA")
SPENDERS = ("MAJOR_POWERS", "NATO", "BRICS")
ARSENALS = (("USA", "RUS"), ("USA", "CHN"), ("RUS", "CHN"))
# Directed pairs kept beside those of the claims: those of the highest risk, and those that move.
SHOWN = 12
# Draws worked on at once: the arrays of all pairs of states stay in the cache.
CHUNK = 25


def can_secure(world: World) -> bool:
    """Say whether a world carries the layers that the models of security need."""
    return all(world.has(layer) for layer in NEEDED)


def secure(
    world: World,
    rows: Sequence[Variant],
    asked: Iterable[Readout],
    draws: Sequence[int],
    seed: int,
    point: bool,
    workers: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Strategic | None:
    """Return the strategic balance of every row of the scenario axis.

    Parameters
    ----------
    world
        The base, with the layers of `can_secure`.
    rows
        Of the scenario axis.
    asked
        Read-outs that claims ask for.
    draws
        Numbers of the draws. Draw n does not depend on how many there are.
    seed
        Of the draws.
    point
        Whether every parameter stands at its centre.
    workers
        Threads; all cores when None.
    stopped
        Asked between batches of draws whether to give up; None is returned then.
    """
    places, worlds, edited = _distinct(world, rows)
    full = sorted({places[row.label] for row in rows if row.kind == "full"} - {0})
    numbers = np.array(list(draws))
    balance = Balance(worlds, numbers, seed, point, edited=edited)
    readouts = _readouts(balance, full, asked)
    balance.strikes(readouts)
    chunks = [numbers[n : n + CHUNK] for n in range(0, len(numbers), CHUNK)]

    def some(chunk: np.ndarray) -> np.ndarray | None:
        return None if stopped() else balance.levels(readouts, chunk)

    with ThreadPoolExecutor(workers or cores()) as pool:
        found = list(pool.map(some, chunks))
    levels = [one for one in found if one is not None]
    if len(levels) < len(chunks):
        return None
    moved = any(presence.edited(one, world) for one in worlds)
    drawn, idle = balance.drawn(readouts), [f"deterrence.{name}" for name in presence.EFFECTS]
    return Strategic(
        worlds=places,
        draws=numbers,
        readouts=readouts,
        levels=np.concatenate(levels, axis=2),
        # What no edit moves explains nothing.
        drawn=drawn if moved else drawn.drop(columns=idle, errors="ignore"),
        assumptions=(
            *balance.assumptions(),
            *([presence.SAID] if moved else []),
            *_untabled(worlds),
            capability_layer.said(world),
        ),
    )


def _untabled(worlds: Sequence[World]) -> list[str]:
    """Return a sentence on states that hold warheads after edits and no table of classes."""
    known = nuclear_states()
    named = sorted({
        code
        for world in worlds
        for code, held in zip(world.countries, world.values("warheads"), strict=True)
        if held > 0 and code not in known
    })  # fmt: skip
    if not named:
        return []
    return [
        f"Of the warheads that edits give to {', '.join(named[:5])} no classes are known: the risk "
        "of disputes reads that there are any, and no second strike is computed with them."
    ]


def parameters_of(strategic: Strategic) -> list[dict[str, Any]]:
    """Return the priors of what was drawn, as a manifest states them.

    Parameters
    ----------
    strategic
        What a run computed; of the arsenals only those that are read out count.
    """
    sides = {
        code
        for one in strategic.readouts
        if one.variable in OF_ARSENALS
        for code in (*one.origin, *one.destination)
    }
    rows = security_parameters(sides)
    drawn = set(strategic.drawn.columns)
    return [row for row in rows if not drawn or row["name"] in drawn]


def point_of(
    world: World,
    row: Variant,
    readout: Readout,
    held: Mapping[str, float],
    known: Known,
) -> Strategic:
    """Return one read-out of one scenario at the centre, some parameters held elsewhere.

    Parameters
    ----------
    world, row
        The base, and the row of the scenario axis.
    readout
        What is asked.
    held
        Values by the name of the parameter, as in `Strategic.drawn`.
    known
        What was computed before and does not depend on what is held; it is added to.
    """
    key = ("worlds", row.label)
    if key not in known:
        known[key] = _distinct(world, [row])
    places, worlds, edited = known[key]
    centre = np.zeros(1, dtype=int)
    balance = Balance(worlds, centre, 0, True, held, known, edited)
    balance.strikes([readout])
    levels = balance.levels([readout], centre)
    return Strategic(places, centre, (readout,), levels, balance.drawn([readout]))


def _distinct(
    world: World, rows: Sequence[Variant]
) -> tuple[dict[str, int], list[World], list[Edits]]:
    """Return the number of each row's world, the worlds that differ in what is read here, and how.

    The first is the base, which differs in nothing.
    """
    found: dict[tuple, int] = {}
    worlds: list[World] = []
    edited: list[Edits] = []

    def number(one: World) -> int:
        differs = edits(one, world)
        key = tuple(differs.items())
        if key not in found:
            found[key] = len(worlds)
            worlds.append(one)
            edited.append(differs)
        return found[key]

    number(world)
    return {row.label: number(row.world(world)) for row in rows}, worlds, edited


def _readouts(
    balance: Balance, full: Sequence[int], asked: Iterable[Readout]
) -> tuple[Readout, ...]:
    """Return what a run keeps: what claims ask for, regions, powers, and the pairs to show."""
    world = balance.worlds[0]
    found = list(asked)
    # Beside a challenge stands what treaties alone make of it.
    found += [replace(one, variable=BY_TREATY) for one in found if one.variable == DIRECTED[0]]
    for group in REGIONS:
        if len(members := world.groups.get(group, ())) > 1:
            found += [Readout.of(name, {"country": members}) for name in OF_PAIRS]
    for group in SPENDERS:
        if members := balance.spending(world.groups.get(group, ())):
            found.append(Readout.of(OF_STATES[0], {"country": members}))
    spenders = balance.spending(world.countries)
    found += [Readout.of(OF_STATES[0], {"country": [code]}) for code in spenders]
    for one, other in ARSENALS:
        if {one, other} <= set(world.countries):
            where = {"origin": [one], "destination": [other]}
            found += [Readout.of(name, where) for name in OF_ARSENALS]
    found += _pairs_to_show(balance, full)
    # Of a directed pair the risks without a direction are kept too.
    for one in [one for one in found if one.variable == DIRECTED[0]]:
        where = {"origin": one.origin, "destination": one.destination}
        found += [Readout.of(name, where) for name in OF_PAIRS]
    return tuple(dict.fromkeys(found))


def _pairs_to_show(balance: Balance, full: Sequence[int]) -> list[Readout]:
    """Return the directed pairs of the highest risk, and those whose risk moves most."""
    codes = balance.worlds[0].countries
    central = {number: balance.central(number) for number in (0, *full)}
    ranks = [central[0], *(np.abs(central[number] - central[0]) for number in full)]
    found = []
    for size in ranks:
        order = np.argsort(-size, axis=None, kind="stable")[:SHOWN]
        for challenger, target in zip(*np.unravel_index(order, size.shape), strict=True):
            if size[challenger, target] > 0:
                where = {"origin": [codes[challenger]], "destination": [codes[target]]}
                found.append(Readout.of(DIRECTED[0], where))
    return found
