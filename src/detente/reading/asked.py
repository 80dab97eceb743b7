"""What readings ask for: worlds, scenarios and outcomes by name, refused with the nearest one."""

from collections.abc import Iterable
from pathlib import Path

from detente.errors import ScenarioError, nearest
from detente.files.scenarios import load_scenario
from detente.files.worlds import as_world
from detente.models.trade_hat import DEFICIT_RULES
from detente.runs import assemble
from detente.runs.plan import Asked
from detente.runs.run import HORIZONS
from detente.scenario import Scenario
from detente.world import World


def world_of(world: World | str | Path) -> World:
    """Return a world, loaded where it is named."""
    return as_world(world)


def scenario_of(world: World, asked: Asked) -> Scenario:
    """Return a scenario, with the answers to its tariffs as edits of their own."""
    found = load_scenario(asked) if isinstance(asked, str | Path) else asked
    return found.answered(world)


def variable_of(variable: str, known: Iterable[str] | None = None) -> str:
    """Return the name of an outcome of one country; `real_income_pct` is `real_income`.

    Raises
    ------
    ScenarioError
        If there is no such outcome.
    """
    known = list(assemble.variables() if known is None else known)
    name = variable.removesuffix("_pct")
    if name not in known:
        raise ScenarioError(
            f"unknown outcome '{variable}'{nearest(name, known)}; outcomes of one country: "
            f"{', '.join(known)}"
        )
    return name


def settings_of(
    scenario: Scenario | None, deficits: str | None, horizon: str | None
) -> tuple[str, str]:
    """Return deficit rule and horizon: those asked for, else the scenario's own, else the usual.

    Raises
    ------
    ScenarioError
        If a word is unknown.
    """
    own = (None, None) if scenario is None else (scenario.deficits, scenario.horizon)
    rule, run_of = deficits or own[0] or "fixed", horizon or own[1] or "long"
    for what, word, words in (("deficit rule", rule, DEFICIT_RULES), ("horizon", run_of, HORIZONS)):
        if word not in words:
            raise ScenarioError(
                f"unknown {what} '{word}'{nearest(word, words)}; one of {', '.join(words)}"
            )
    return rule, run_of


def countries_of(world: World, asked: str | Iterable[str] | None) -> list[str]:
    """Return country codes of a code, a "@GROUP" or a list of either; None is all.

    Raises
    ------
    ScenarioError
        If a country is unknown.
    """
    if asked is None:
        return world.countries
    words = [asked] if isinstance(asked, str) else list(asked)
    found: list[str] = []
    for word in words:
        found += world.members(word) if word.startswith("@") else (word,)
    for code in found:
        if code not in world.countries:
            raise ScenarioError(f"unknown country '{code}'{nearest(code, world.countries)}")
    return list(dict.fromkeys(found))


def sectors_of(world: World, asked: str | Iterable[str] | None) -> list[str]:
    """Return sector codes of a code, a "@group" or a list of either; None is all.

    Raises
    ------
    ScenarioError
        If a sector or a group of sectors is unknown.
    """
    if asked is None:
        return world.sectors
    known = [*world.sectors, *(f"@{name}" for name in world.sector_groups)]
    found: list[str] = []
    for word in [asked] if isinstance(asked, str) else list(asked):
        if word not in known:
            raise ScenarioError(f"unknown sector '{word}'{nearest(word, known)}")
        found += world.sector_groups[word[1:]] if word.startswith("@") else (word,)
    return list(dict.fromkeys(found))
