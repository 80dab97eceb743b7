"""What callers ask for, checked and turned into cells: countries, partners, sectors, measures."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from detente.errors import ScenarioError, nearest
from detente.files.scenarios import load_scenario
from detente.files.worlds import load_world
from detente.labels import positions
from detente.models.trade_hat import DEFICIT_RULES
from detente.runs import assemble
from detente.runs.run import HORIZONS
from detente.scenario import Scenario
from detente.world import World


def as_world(world: World | str) -> World:
    """Return a World, loaded if it was named."""
    return load_world(world) if isinstance(world, str) else world


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


def cells(world: World, origins: Sequence[int], destination: int, chosen: np.ndarray) -> np.ndarray:
    """Return the cells [origin, destination, sector] that one lever moves."""
    count = len(world.countries)
    mask = np.zeros((count, count, len(world.sectors)), dtype=bool)
    for origin in origins:
        mask[origin, destination] = chosen
    return mask
