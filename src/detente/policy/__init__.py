"""Policies that answer back: tariffs that are best for a country, alone or against others'.

What is best is best for one named measure of one model at central parameters; it is a property of
the model's terms of trade, and no advice.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.policy.asked import place_and_scenario as place_and_scenario
    from detente.policy.factors import sector_wages as sector_wages
    from detente.policy.nash import NashTariffs as NashTariffs
    from detente.policy.nash import nash_tariffs as nash_tariffs
    from detente.policy.optimal import OptimalTariff as OptimalTariff
    from detente.policy.optimal import optimal_tariff as optimal_tariff

_HOMES = {
    "NashTariffs": "detente.policy.nash",
    "OptimalTariff": "detente.policy.optimal",
    "nash_tariffs": "detente.policy.nash",
    "optimal_tariff": "detente.policy.optimal",
    "place_and_scenario": "detente.policy.asked",
    "sector_wages": "detente.policy.factors",
}

__all__ = [
    "NashTariffs",
    "OptimalTariff",
    "nash_tariffs",
    "optimal_tariff",
    "place_and_scenario",
    "sector_wages",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'detente.policy' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
