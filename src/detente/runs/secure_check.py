"""What the models of security refuse, said before anything is solved."""

from collections.abc import Iterable

import numpy as np

from detente.errors import ScenarioError, nearest
from detente.runs.weigh import readouts_of
from detente.scenario import Scenario
from detente.security import forces, spending_path
from detente.security.arsenals import nuclear_states
from detente.security.dispute_record import dispute_model
from detente.strategic import DIRECTED, OF_ARSENALS, OF_STATES, VARIABLES, Readout
from detente.world import World


def check(world: World, scenarios: Iterable[Scenario], edited: Iterable[World]) -> None:
    """Raise if a claim or an edit asks for what the models of security cannot answer.

    Parameters
    ----------
    world
        The base.
    scenarios
        Whose claims are looked at.
    edited
        Edited worlds.

    Raises
    ------
    ScenarioError
        Naming the claim, and what it may ask instead.
    WorldError
        Naming the edit that leaves arsenals or spending without meaning.
    """
    for scenario in scenarios:
        for claim in scenario.claims:
            if claim.variable in VARIABLES:
                fault = _fault(world, readouts_of(world, claim)[0])
                if fault:
                    raise ScenarioError(f"{scenario.name}, claim '{claim.id}': {fault}")
    none = np.zeros((1, len(world.countries)))
    for one in edited:
        forces(one)
        spending_path(world, one, none, none, draws=[0], point=True)


def _fault(world: World, one: Readout) -> str:
    sides = {*one.origin, *one.destination}
    if one.variable in OF_ARSENALS:
        return _arsenals(one)
    if one.variable in OF_STATES:
        level = world.values("military_spending")
        known = [c for c in one.origin if level[world.countries.index(c)] > 0]
        if not known:
            return f"military spending of {', '.join(one.origin[:5])} is not known in this world"
        return ""
    if (not one.destination and len(one.origin) < 2) or len(sides) < 2:
        apart = "two different states or groups, as {origin: RUS, destination: EST}"
        return f"{one.variable} is of {apart}, not of {', '.join(sorted(sides))} alone"
    states = dispute_model().states
    ends = (one.origin, one.destination) if one.destination else (one.origin,)
    for codes in ends:
        if not any(code in states for code in codes):
            named = ", ".join(codes[:5])
            return f"{named} is no state in the record of disputes: its risk is not known"
    if one.variable in DIRECTED and set(one.origin) & set(one.destination):
        both = ", ".join(sorted(set(one.origin) & set(one.destination)))
        return f"{both} stands on both sides: nobody challenges itself"
    return ""


def _arsenals(one: Readout) -> str:
    known = nuclear_states()
    sides = (*one.origin, *one.destination)
    if len(one.origin) != 1 or len(one.destination) != 1 or len(set(sides)) < 2:
        return f"{one.variable} is of two states, as {{origin: USA, destination: RUS}}"
    for code in sides:
        if code not in known:
            return (
                f"no table of classes of force is known of {code}{nearest(code, known)}; states: "
                f"{', '.join(known)}"
            )
    return ""
