"""Ask what happens if states change how they get along.

detente computes it across trade, security, alignment and blocs, with uncertainty, and argues
both sides. The public names load on first use, so that importing the package costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.brief import Brief as Brief
    from detente.brief import write_brief as write_brief
    from detente.errors import DetenteError as DetenteError
    from detente.files.outcomes import load_outcome as load_outcome
    from detente.files.scenarios import load_scenario as load_scenario
    from detente.files.worlds import load_world as load_world
    from detente.files.worlds import save_world as save_world
    from detente.outcome import Outcome as Outcome
    from detente.own_world import world_from_tables as world_from_tables
    from detente.runs.run import run as run
    from detente.runs.run import slopes as slopes
    from detente.scenario import Edit as Edit
    from detente.scenario import Scenario as Scenario
    from detente.world import World as World

__version__ = "0.1.0"

_HOMES = {
    "Brief": "detente.brief",
    "DetenteError": "detente.errors",
    "Edit": "detente.scenario",
    "Outcome": "detente.outcome",
    "Scenario": "detente.scenario",
    "World": "detente.world",
    "load_outcome": "detente.files.outcomes",
    "load_scenario": "detente.files.scenarios",
    "load_world": "detente.files.worlds",
    "run": "detente.runs.run",
    "save_world": "detente.files.worlds",
    "slopes": "detente.runs.run",
    "world_from_tables": "detente.own_world",
    "write_brief": "detente.brief",
}

__all__ = [
    "Brief",
    "DetenteError",
    "Edit",
    "Outcome",
    "Scenario",
    "World",
    "load_outcome",
    "load_scenario",
    "load_world",
    "run",
    "save_world",
    "slopes",
    "world_from_tables",
    "write_brief",
]


# Rooms with public names of their own: `dt.blocs.partition(...)` needs no further import.
_ROOMS = ("alignment", "blocs", "policy", "reading", "security")


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"detente.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'detente' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, *_ROOMS, "__version__"]
