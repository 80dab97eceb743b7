"""Security: capabilities and the risk of militarised disputes.

Names load on first use, so that importing the room costs nothing.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

_HOMES = {
    "Hazards": "disputes",
    "capability": "capability",
    "coalition": "capability",
    "dispute_hazards": "disputes",
    "read_nmc": "capability_nmc",
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


class _Room(ModuleType):
    """A package in which a function goes before the file of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing security/capability.py would otherwise hide the function `capability`.
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Room


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
