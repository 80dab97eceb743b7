"""What states may do to one another: disputes, deterrence, coalitions, spending, arsenals.

Names load on first use, so that importing the room costs nothing.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

_HOMES = {
    "Challenge": "challenge",
    "Choices": "nuclear_pair",
    "Equilibrium": "contest",
    "Hazards": "disputes",
    "NEW_START": "treaties",
    "SpendingPath": "spending_result",
    "SpendingTies": "spending_ties",
    "Stability": "nuclear",
    "capability": "capability",
    "challenge_risk": "deterrence",
    "coalition": "capability",
    "common_reliability": "reliability",
    "contest": "contest",
    "crisis": "crisis",
    "dispute_hazards": "disputes",
    "draw_spending": "spending_record",
    "drawdown": "nuclear_drawdown",
    "drivers": "deterrence_prior",
    "exchange_draws": "exchange_priors",
    "extended_deterrence": "extended",
    "fight": "coalition",
    "forces": "arsenals",
    "read_nmc": "capability_nmc",
    "readings": "nuclear_readings",
    "reductions": "nuclear_verdict",
    "reliability": "reliability",
    "second_strike": "nuclear",
    "spending_path": "spending",
    "spending_priors": "spending_record",
    "spending_ties": "spending_ties",
    "state_network": "contest_world",
    "unprotected": "deterrence",
    "vulnerable": "vulnerability",
    "war_stable": "vulnerability",
    "win_probability": "coalition",
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


class _Room(ModuleType):
    """A package in which a function goes before the file of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing security/contest.py would otherwise hide the function `contest`.
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Room


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
