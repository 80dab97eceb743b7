"""Arsenals by class of force, scaled to the warheads of a world.

The class table (`arsenals.csv`) was typed from general knowledge of the open literature named in
each row, and is to be verified against it; class totals only, no site is named. How many warheads
a state has comes from the layer `warheads` of the world, so that scenarios can cut or add.
"""

import csv
import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

import numpy as np

from detente.errors import WorldError, nearest
from detente.world import World

CLASSES = ("silo", "mobile", "submarine", "bomber", "other")
# From the class that a surprise strike reaches most easily to the one it reaches least.
CUT_FIRST = ("other", "bomber", "silo", "mobile", "submarine")
# How far the class table may lie from the layer of the embedded world.
AGREEMENT = 0.01
TOO_FEW = 1e-9

Cut = Literal["proportional", "download", "reserve", "survivable"]
CUTS: tuple[str, ...] = ("proportional", "download", "reserve", "survivable")
COUNTS = ("launchers", "units", "points", "warheads", "deployed", "capacity")
SHARES = ("ready", "ready_generated", "hidden", "hidden_generated")


@dataclass(frozen=True)
class Force:
    """The arsenal of one state by class; every array is [class].

    Attributes
    ----------
    state : ISO3 code
    classes : names of the classes
    launchers : missiles or aircraft
    units : what survives or not when hidden: boats, launchers, aircraft
    points : what an attacker aims at when not hidden: silos, bases, garrisons
    warheads : assigned to the class, reserve included; they add up to the stockpile
    deployed : warheads that can be delivered within days, without loading from the reserve
    capacity : warheads that the launchers can carry
    ready, ready_generated : share of the deployed that can be launched at once
    hidden, hidden_generated : share at sea, dispersed or airborne
    reach_km : distance of capitals within which the class counts
    prompt : whether it can strike before the victim moves
    yield_mt : megatons, typical of the class
    """

    state: str
    classes: tuple[str, ...]
    launchers: np.ndarray
    units: np.ndarray
    points: np.ndarray
    warheads: np.ndarray
    deployed: np.ndarray
    capacity: np.ndarray
    ready: np.ndarray
    ready_generated: np.ndarray
    hidden: np.ndarray
    hidden_generated: np.ndarray
    reach_km: np.ndarray
    prompt: np.ndarray
    yield_mt: np.ndarray

    @property
    def total(self) -> float:
        """Warheads of all classes."""
        return float(self.warheads.sum())

    def of_class(self, *names: str) -> np.ndarray:
        """Return [class] True where the class is one of the names."""
        return np.isin(self.classes, names)

    def replace(self, **changes: np.ndarray) -> "Force":
        """Return the force with other numbers."""
        return dataclasses.replace(self, **changes)


@functools.cache
def arsenal_rows() -> tuple[dict[str, str], ...]:
    """Return the class table, one mapping a row: numbers as text, with confidence and source."""
    text = (resources.files("detente.security") / "arsenals.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def nuclear_states() -> tuple[str, ...]:
    """Return the states of the class table, in its order.

    Examples
    --------
    >>> nuclear_states()[:3]
    ('USA', 'RUS', 'CHN')
    """
    return tuple(dict.fromkeys(row["state"] for row in arsenal_rows()))


def base_force(state: str) -> Force:
    """Return the arsenal of a state as the class table has it.

    Raises
    ------
    WorldError
        If the table has no such state.

    Examples
    --------
    >>> base_force("GBR").total
    225.0
    """
    rows = [row for row in arsenal_rows() if row["state"] == state]
    if not rows:
        known = nuclear_states()
        raise WorldError(
            f"no class table of the arsenal of '{state}'{nearest(state, known)}; it knows: "
            f"{', '.join(known)}"
        )
    numbers = (*COUNTS, *SHARES, "reach_km", "yield_mt")
    columns = {name: np.array([float(row[name]) for row in rows]) for name in numbers}
    prompt = np.array([row["prompt"] == "1" for row in rows])
    return Force(state, tuple(row["class"] for row in rows), prompt=prompt, **columns)


def scaled(force: Force, warheads: float, cut: str = "proportional") -> Force:
    """Return the force with another number of warheads, spread over classes by a declared rule.

    Parameters
    ----------
    force
        The arsenal as it is.
    warheads
        New stockpile, >= 0.
    cut
        `proportional`: warheads, launchers, boats and bases all shrink or grow alike.
        `download`: launchers stay, with fewer or more warheads on each; new launchers are built
        only when the old are full. `reserve`: stored warheads go first, deployed ones only when
        none is left; additions are stored. `survivable`: whole classes shrink, those that a
        surprise strike reaches most easily first (`CUT_FIRST`); additions are proportional.

    Raises
    ------
    WorldError
        If the number is negative or not known, or the rule is unknown.

    Examples
    --------
    >>> usa = base_force("USA")
    >>> third = 2 * usa.total / 3
    >>> [round(float(scaled(usa, third, cut).deployed.sum())) for cut in CUTS]
    [1180, 1180, 1770, 1243]
    """
    if cut not in CUTS:
        raise WorldError(f"unknown rule '{cut}'{nearest(cut, CUTS)}; rules: {', '.join(CUTS)}")
    if not np.isfinite(warheads) or warheads < 0:
        raise WorldError(
            f"warheads of {force.state} must be a number of at least 0, not {warheads:g}"
        )
    factor = warheads / force.total
    if cut == "download":
        return _downloaded(force, factor)
    if cut == "reserve":
        return _from_reserve(force, warheads)
    if cut == "survivable" and factor < 1:
        return _by_class(force, warheads)
    return force.replace(**{name: getattr(force, name) * factor for name in COUNTS})


def _downloaded(force: Force, factor: float) -> Force:
    deployed = force.deployed * factor
    room = np.maximum(force.capacity, TOO_FEW)
    # Launchers are added only where the old ones cannot carry what is deployed.
    more = np.maximum(deployed / room, 1.0)
    grown = {name: getattr(force, name) * more for name in ("launchers", "units", "points")}
    return force.replace(
        warheads=force.warheads * factor, deployed=deployed, capacity=force.capacity * more, **grown
    )


def _from_reserve(force: Force, warheads: float) -> Force:
    deployed = force.deployed.sum()
    if warheads >= deployed:
        stored = force.warheads - force.deployed
        total = stored.sum()
        share = (warheads - deployed) / total if total > 0 else 1.0
        kept = force.deployed + stored * share
        if total == 0:
            kept = force.warheads * warheads / force.total
        return force.replace(warheads=kept)
    factor = warheads / deployed if deployed else 0.0
    counts = {name: getattr(force, name) * factor for name in COUNTS}
    return force.replace(**(counts | {"warheads": force.deployed * factor}))


def _by_class(force: Force, warheads: float) -> Force:
    left, factor = force.total - warheads, np.ones(len(force.classes))
    for name in CUT_FIRST:
        here = force.of_class(name) & (force.warheads > 0)
        size = force.warheads[here].sum()
        taken = min(left, size)
        if size > 0:
            factor[here] = 1.0 - taken / size
            left -= taken
    return force.replace(**{name: getattr(force, name) * factor for name in COUNTS})


def uploaded(force: Force, share: float) -> Force:
    """Return the force with part of its reserve loaded onto launchers that have room.

    Parameters
    ----------
    force
        Forces of one state.
    share
        Part of the room that is filled, 0-1; never more than the class has warheads.

    Examples
    --------
    >>> float(uploaded(base_force("USA"), 1.0).deployed.sum())
    3700.0
    """
    room = np.minimum(force.capacity, force.warheads) - force.deployed
    return force.replace(deployed=force.deployed + share * np.maximum(room, 0.0))


def forces(
    world: World, cut: str = "proportional", upload: float | Mapping[str, float] = 0.0
) -> dict[str, Force]:
    """Return the arsenals of a world by state: those of the class table that have warheads.

    Parameters
    ----------
    world
        Carries the layer `warheads`.
    cut
        How a number other than that of the class table is spread; see `scaled`.
    upload
        Share of the room on launchers that is filled from the reserve, 0-1: of all states, or by
        state (0 for those not named).

    Raises
    ------
    WorldError
        If the layer is missing or not known for a state, or a choice is unknown.

    Examples
    --------
    >>> import detente as dt
    >>> held = forces(dt.load_world("world2023"))
    >>> round(held["RUS"].total), round(float(held["RUS"].deployed.sum()))
    (4299, 1706)
    """
    states = nuclear_states()
    shares = dict(upload) if isinstance(upload, Mapping) else dict.fromkeys(states, upload)
    for state, share in shares.items():
        if state not in states:
            raise WorldError(f"no class table of the arsenal of '{state}'{nearest(state, states)}")
        if not 0.0 <= share <= 1.0:
            raise WorldError(f"upload must be a share from 0 to 1, not {share:g} ({state})")
    stock = dict(zip(world.countries, world.values("warheads"), strict=True))
    found = {}
    for state in states:
        if state not in stock or stock[state] == 0:
            continue
        force = scaled(base_force(state), float(stock[state]), cut)
        found[state] = uploaded(force, shares.get(state, 0.0))
    return found


def without_table(world: World) -> tuple[str, ...]:
    """Return the countries that hold warheads in this world but have no class table."""
    stock = zip(world.countries, world.values("warheads"), strict=True)
    return tuple(code for code, held in stock if held > 0 and code not in nuclear_states())
