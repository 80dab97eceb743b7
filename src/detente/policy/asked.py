"""What callers ask for, checked and turned into cells: countries, partners, sectors, measures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.errors import ScenarioError, nearest
from detente.files.scenarios import load_scenario, presets
from detente.files.worlds import SUFFIX, embedded_worlds, load_world, own_worlds
from detente.labels import positions
from detente.models.trade_hat import DEFICIT_RULES
from detente.runs import assemble
from detente.runs.run import HORIZONS
from detente.scenario import Scenario
from detente.world import World

FILES = (".yaml", ".yml", ".toml", ".json")
# An ascent over more rates than these takes its time for nothing a table could show.
MOST_LEVERS = 2000


def place_and_scenario(given: str, world: str | None = None) -> tuple[World, Scenario | None]:
    """Return what a word names: a world as it is, or a scenario and the world it changes.

    Parameters
    ----------
    given
        Name or file of a world, or a preset or file of a scenario.
    world
        World of a scenario; `world2023` when None.

    Raises
    ------
    ScenarioError
        If the word names neither, or a world is named twice.
    """
    worlds = (*embedded_worlds(), *own_worlds())
    if given in worlds or given.endswith(SUFFIX):
        if world is not None:
            raise ScenarioError(f"'{given}' is a world, and --world names '{world}'; name one")
        return load_world(given), None
    if given not in presets() and not given.endswith(FILES) and given != "-":
        known = (*worlds, *presets())
        raise ScenarioError(
            f"'{given}' names no world and no scenario{nearest(given, known)}; a world is one of "
            f"{', '.join(worlds)} or a {SUFFIX} file, a scenario a preset (see `detente "
            f"scenarios`) or a file that ends in {', '.join(FILES)}"
        )
    place = load_world(world or "world2023")
    scenario = load_scenario(Path(given) if given.endswith(FILES) else given)
    return place, scenario


def beside(world: World, scenario: Scenario | str | Path | None) -> World:
    """Return the world with the edits of a scenario made, or as it is."""
    if scenario is None:
        return world
    one = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    return one.apply(world)


def check_words(variable: str, rule: str, horizon: str, bounds: Sequence[float]) -> None:
    """Raise if an option is not one of its words, or bounds are out of order.

    Raises
    ------
    ScenarioError
        Naming the option and the nearest valid choice.
    """
    words = (
        ("outcome", variable, assemble.variables()),
        ("deficit rule", rule, DEFICIT_RULES),
        ("horizon", horizon, HORIZONS),
    )
    for what, word, known in words:
        if word not in known:
            raise ScenarioError(
                f"unknown {what} '{word}'{nearest(word, known)}; one of {', '.join(known)}"
            )
    low, high = bounds
    if not -1 < low < high <= 10:
        raise ScenarioError(
            f"bounds are two rates in order, above -1 and up to 10 (1 is 100 %), not {bounds}"
        )


def country(world: World, code: str) -> int:
    """Return the position of one country.

    Raises
    ------
    ScenarioError
        If the world has no such country.
    """
    if code not in world.countries:
        raise ScenarioError(f"unknown country '{code}'{nearest(code, world.countries)}")
    return world.countries.index(code)


def countries(world: World, words: str | Iterable[str] | None, without: int) -> list[int]:
    """Return the positions of countries and groups, without one; all of them for None."""
    wanted = ["@WORLD"] if words is None else [words] if isinstance(words, str) else list(words)
    found = [place for place in positions(world, "country", wanted) if place != without]
    if not found:
        raise ScenarioError(f"no partner is left besides {world.countries[without]}")
    return found


def sectors(world: World, words: str | Iterable[str] | None) -> np.ndarray:
    """Return [sector] True for those asked for; goods where the world has them for None."""
    if words is None:
        words = ["@goods"] if "goods" in world.sector_groups else list(world.sectors)
    wanted = [words] if isinstance(words, str) else list(words)
    chosen = np.zeros(len(world.sectors), dtype=bool)
    chosen[positions(world, "sector", wanted)] = True
    return chosen


@dataclass(frozen=True)
class Lever:
    """One rate of one country: on whom, on what, and the cells that it moves.

    Attributes
    ----------
    owner : position of the country that levies it
    partner, sector : what the rate is levied on, as a table names it
    cells : [origin, destination, sector]
    """

    owner: int
    partner: str
    sector: str
    cells: np.ndarray


def levers(
    world: World,
    owner: int,
    partners: Mapping[str, Sequence[int]],
    sectors: Mapping[str, np.ndarray],
) -> list[Lever]:
    """Return one lever for each pair of partners and sectors that the owner buys anything of.

    Parameters
    ----------
    world
        Base.
    owner
        Position of the country that levies the rates.
    partners
        By name, positions of the countries that share a rate.
    sectors
        By name, [sector] True for those that share a rate.

    Raises
    ------
    ScenarioError
        If it buys nothing of any: no rate then matters.
    """
    flow, found = world.values("flow"), []
    for name, origins in partners.items():
        for what, chosen in sectors.items():
            mask = np.zeros(flow.shape, dtype=bool)
            mask[list(origins), owner] = chosen
            if (flow[mask] > 0).any():
                found.append(Lever(owner, name, what, mask))
    if not found:
        shown = ", ".join(list(partners)[:5]) + (", ..." if len(partners) > 5 else "")
        what = ", ".join(list(sectors)[:5])
        raise ScenarioError(
            f"{world.countries[owner]} buys nothing of {what} from {shown}: "
            "no tariff on it changes anything; name other partners or sectors"
        )
    if len(found) > MOST_LEVERS:
        raise ScenarioError(
            f"{len(found)} rates at once, more than {MOST_LEVERS}: name fewer partners or sectors, "
            "or let them share a rate"
        )
    return found


def named_sectors(
    world: World, words: str | Iterable[str] | None, apart: bool
) -> dict[str, np.ndarray]:
    """Return the sectors asked for by name: each [sector] True for those that share a rate."""
    chosen = sectors(world, words)
    if apart:
        each = np.eye(len(world.sectors), dtype=bool)
        return {world.sectors[s]: each[s] for s in np.flatnonzero(chosen)}
    if words is None:
        name = "@goods" if "goods" in world.sector_groups else "all"
    else:
        name = words if isinstance(words, str) else ", ".join(words)
    return {name: chosen}
