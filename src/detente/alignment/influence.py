"""The collective influence of a group: its shares of output, capability and votes, and its power.

Shares say how much a group has; power in the General Assembly says what its votes decide under a
rule. Both take the group as one actor: how often it acts as one is a question of cohesion, and is
not answered here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.alignment.influence_assembly import (
    COIN,
    RULES,
    SEATS,
    UNIFORM,
    AssemblyPower,
    assembly_power,
)
from detente.alignment.influence_power import VotingPower, voting_power
from detente.alignment.influence_seats import UN_MEMBERS
from detente.collective import capability
from detente.errors import WorldError, nearest
from detente.world import World

__all__ = [
    "COIN",
    "RULES",
    "SEATS",
    "UNIFORM",
    "AssemblyPower",
    "Influence",
    "VotingPower",
    "assembly_power",
    "capability_share",
    "collective_influence",
    "group_share",
    "voting_power",
]


@dataclass(frozen=True)
class Influence:
    """What a group has and what its votes can do.

    Attributes
    ----------
    group : name of the group, or the codes joined by +
    members : countries of the group in the world
    voters : those with a seat in the General Assembly
    output_share, population_share, capability_share, warheads_share, vote_share : 0-1
    assembly : power by rule, with the bloc voting as one
    """

    group: str
    members: tuple[str, ...]
    voters: tuple[str, ...]
    output_share: float
    population_share: float
    capability_share: float
    warheads_share: float
    vote_share: float
    assembly: tuple[AssemblyPower, ...]

    def table(self) -> pd.DataFrame:
        """Return one row a measure: group, measure, rule, value, unit."""
        rows: list[tuple[str, str, float, str]] = [
            (name, "", float(getattr(self, name)), "share of world")
            for name in ("output_share", "population_share", "capability_share", "warheads_share")
        ]
        rows.append(("vote_share", "", self.vote_share, "share of seats"))
        chances = (
            "banzhaf", "shapley", "coleman_prevent", "coleman_initiate",
            "prevails_for", "prevails_against",
        )  # fmt: skip
        for power in self.assembly:
            rows += [(name, power.rule, float(getattr(power, name)), "0-1") for name in chances]
            for name in ("needed_to_pass", "needed_to_block"):
                rows.append((name, power.rule, float(getattr(power, name)), "votes"))
        table = pd.DataFrame(rows, columns=["measure", "rule", "value", "unit"])
        table.insert(0, "group", self.group)
        return table


def collective_influence(
    world: World,
    group: str | Sequence[str],
    yes: float | tuple[float, float] = COIN,
    silent: float = 0.0,
) -> Influence:
    """Return what a group of countries has and what its votes can pass or block.

    Parameters
    ----------
    world
        Carries the layers gdp, population and warheads.
    group
        `@NAME` of a group of the world, or country codes.
    yes, silent
        The supposed votes of the other members, as in
        `detente.alignment.influence_assembly.assembly_power`.

    Raises
    ------
    WorldError
        If the group or a code is unknown, or a layer is missing or not known for a country.

    Notes
    -----
    Capability is output times output per head (Beckley 2018), as in the claims of a run: what free
    sources hold for every country. It is no measure of armed forces; warheads are shown apart,
    since two states hold nearly nine tenths of them.

    Examples
    --------
    >>> import detente as dt
    >>> nato = collective_influence(dt.load_world("world2023"), "@NATO")
    >>> len(nato.voters), round(nato.vote_share, 3), nato.assembly[1].blocks_alone
    (32, 0.166, False)
    """
    name, members = _members(world, group)
    voters = tuple(code for code in members if code in UN_MEMBERS)
    rules = RULES if voters else ()  # who has no seat has no power in the Assembly
    powers = tuple(assembly_power(len(voters), rule, SEATS, yes, silent) for rule in rules)
    return Influence(
        group=name,
        members=members,
        voters=voters,
        output_share=_share(world, "gdp", members),
        population_share=_share(world, "population", members),
        capability_share=capability_share(world, members),
        warheads_share=_share(world, "warheads", members),
        vote_share=len(voters) / SEATS,
        assembly=powers,
    )


def capability_share(world: World, members: Sequence[str]) -> float:
    """Return the group's share of world capability, output times output per head (Beckley 2018).

    Examples
    --------
    >>> import detente as dt
    >>> round(capability_share(dt.load_world("world2023"), ["USA"]), 2)
    0.5
    """
    output, heads = (_known(world, layer) for layer in ("gdp", "population"))
    return float(group_share(capability(output, heads), world.countries, members))


def group_share(values: np.ndarray, countries: Sequence[str], members: Sequence[str]) -> np.ndarray:
    """Return a group's share of a total, for instance of new incomes by draw.

    Parameters
    ----------
    values
        Levels >= 0, [..., country].
    countries
        Codes of the last axis.
    members
        Codes of the group.

    Raises
    ------
    WorldError
        If a member is not among the countries.

    Examples
    --------
    >>> group_share(np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 0.0]]), ["A", "B", "C"], ["A", "C"])
    array([0.5, 0.5])
    """
    unknown = [code for code in members if code not in countries]
    if unknown:
        raise WorldError(f"no country {unknown[0]}{nearest(unknown[0], list(countries))}")
    inside = np.isin(list(countries), list(members))
    return np.asarray(values)[..., inside].sum(axis=-1) / np.asarray(values).sum(axis=-1)


def _members(world: World, group: str | Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if isinstance(group, str) and group.startswith("@"):
        return group, tuple(world.members(group))
    codes = [group] if isinstance(group, str) else list(group)
    unknown = [code for code in codes if code not in world.countries]
    if unknown or not codes:
        hint = nearest(unknown[0], world.countries) if unknown else ""
        raise WorldError(
            f"no countries {', '.join(unknown) or 'given'} in world '{world.name}'{hint}; give "
            "ISO3 codes of the world or one @GROUP"
        )
    return "+".join(dict.fromkeys(codes)), tuple(dict.fromkeys(codes))


def _share(world: World, layer: str, members: Sequence[str]) -> float:
    return float(group_share(_known(world, layer), world.countries, members))


def _known(world: World, layer: str) -> np.ndarray:
    """Return a layer of countries; raise where it is not known for all."""
    values = np.asarray(world.values(layer), dtype=float)
    if not np.isfinite(values).all():
        odd = [c for c, v in zip(world.countries, values, strict=True) if not np.isfinite(v)]
        raise WorldError(f"layer '{layer}' is not known for {', '.join(odd[:5])}; set it first")
    return values
