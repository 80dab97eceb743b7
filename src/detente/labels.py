"""Labels of a world: what a code or a group stands for, and what a wrong one may have meant."""

import csv
import functools
from collections.abc import Sequence
from importlib import resources

from detente.errors import WorldError, nearest
from detente.faults import Fault, LocatedError
from detente.world import COUNTRY_DIMS, SECTOR_DIMS, World


@functools.cache
def country_codes() -> dict[str, str]:
    """Return ISO3 codes by ISO2 code and by name, as users write them instead.

    Examples
    --------
    >>> country_codes()["UK"], country_codes()["NO"]
    ('GBR', 'NOR')
    """
    text = (resources.files("detente") / "country_codes.csv").read_text(encoding="utf-8")
    table = {}
    for row in csv.DictReader(text.splitlines()):
        for word in (row["iso2"], *row["names"].split("|")):
            table.setdefault(word, row["iso3"])
    return table


def labels(world: World, dim: str) -> list[str]:
    """Return the ordered labels of a dimension."""
    return list(world.places(dim))


def positions(world: World, dim: str, wanted: Sequence[str]) -> list[int]:
    """Return where the labels stand on the axis, groups expanded, each once and in order.

    Parameters
    ----------
    world
        The world.
    dim
        Name of the axis.
    wanted
        Codes and groups.

    Raises
    ------
    LocatedError
        Naming each unknown label by its position in the list, and the nearest valid one.
    """
    index = world.places(dim)
    faults, found = [], set()
    for place, word in enumerate(wanted):
        path = (place,) if len(wanted) > 1 else ()
        try:
            members = [word] if word in index else expand(world, dim, word)
        except WorldError as error:
            faults.append(Fault(path, str(error)))
            continue
        unknown = [code for code in members if code not in index]
        if unknown:
            faults.append(Fault(path, unknown_label(world, dim, unknown[0])))
        found |= {index[code] for code in members if code in index}
    if faults:
        raise LocatedError(faults)
    return sorted(found)


def expand(world: World, dim: str, word: str) -> list[str]:
    """Return the members of a group, or the label itself.

    Raises
    ------
    WorldError
        If the group is unknown.
    """
    if not word.startswith("@"):
        return [word]
    if dim in COUNTRY_DIMS:
        return list(world.members(word))
    if dim in SECTOR_DIMS:
        name = word.removeprefix("@")
        if name in world.sector_groups:
            return list(world.sector_groups[name])
        known = ["@" + key for key in world.sector_groups]
        have = f"sector groups: {', '.join(known)}" if known else "this world has none"
        raise WorldError(f"unknown sector group '{word}'{nearest(word, known)}; {have}")
    raise WorldError(f"the dimension {dim} has no groups, so '{word}' means nothing")


def unknown_label(world: World, dim: str, word: str) -> str:
    """Say that a label is unknown and what may have been meant."""
    known = labels(world, dim)
    if dim in COUNTRY_DIMS:
        groups = list(dict.fromkeys([*world.groups, "WORLD"]))
        if word in groups:
            return f"unknown country '{word}'; did you mean @{word}, the group?"
        names = {name: code for code, name in world.country_names.items()}
        extra = {k: v for k, v in (country_codes() | names).items() if v in known}
        meant = country_codes().get(word.strip(), "")
        if meant and meant not in known and len(meant) == 3:
            return f"unknown country '{word}': {meant} is not in world '{world.name}'"
        hint = nearest(word, known, extra) if len(word) <= 3 else ""
        hint = hint or _by_name(word, extra) or nearest(word, known)
        hint = hint or nearest(f"@{word}", [f"@{name}" for name in groups])
        if word in country_codes().values() and not extra.get(word):
            return f"unknown country '{word}': it is not in world '{world.name}'"
        return f"unknown country '{word}'{hint}{'' if hint else _some(known)}"
    kind = "sector" if dim in SECTOR_DIMS else dim
    if dim in SECTOR_DIMS and word in world.sector_groups:
        return f"unknown sector '{word}'; did you mean @{word}, the group?"
    names = {name: code for code, name in world.sector_names.items()} if kind == "sector" else {}
    return f"unknown {kind} '{word}'{nearest(word, known, names)}{_some(known)}"


def _by_name(word: str, extra: dict[str, str]) -> str:
    names = {name.casefold(): code for name, code in extra.items() if len(name) > 3}
    near = nearest(word.casefold(), names, names)
    for name, code in names.items():
        if near == f"; did you mean {name}?":
            return f"; did you mean {code}?"
    return near


def _some(known: list[str]) -> str:
    shown = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return f"; known: {shown}"
