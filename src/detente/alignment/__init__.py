"""Who stands with whom: positions from votes, similarity, influence and third states' response.

Names load on first use, so that importing the room costs nothing.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

_HOMES = {
    "IdealPoints": "ideal_points_result",
    "UN_ANCHORS": "ideal_points_un",
    "Response": "response",
    "VotingPower": "influence_power",
    "assembly_power": "influence_assembly",
    "collective_influence": "influence",
    "drift": "response_drift",
    "fit_ideal_points": "ideal_points",
    "respond": "response",
    "respond_world": "response",
    "similarity": "similarity",
    "un_bridge": "ideal_points_un",
    "un_votes": "ideal_points_un",
    "voting_power": "influence_power",
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


class _Room(ModuleType):
    """A package in which a function goes before the file of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing alignment/similarity.py would otherwise hide the function `similarity`.
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Room


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
