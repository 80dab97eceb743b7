"""Reading a result: what each edit, partner, sector and parameter contributes; what it hangs on.

Names load on first use, so that importing the room costs nothing.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

_HOMES = {
    "Explanation": "explanation",
    "Linearisation": "linear",
    "ReadoutExplanation": "readouts",
    "by_partner": "decomposition",
    "by_sector": "decomposition",
    "coalition_loss": "dependence",
    "concentration": "dependence",
    "contributions": "contributions",
    "dependence": "dependence",
    "drivers": "drivers",
    "explain": "explanation",
    "explain_readout": "readouts",
    "exposure": "linear",
    "linearise": "linear",
    "preview": "linear",
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


class _Room(ModuleType):
    """A package in which a function goes before the file of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing reading/drivers.py would otherwise hide the function `drivers`.
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Room


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
