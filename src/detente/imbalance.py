"""Which large changes of real income stand on a deficit or surplus that is large for its country.

A kept deficit is a claim that the model does not explain. Where it is of the order of the
country's income, a rule about it can move income without bound, and the result is an equilibrium
all the same: certified, and no statement about the scenario.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import xarray as xr

# Deficits or surpluses above this share of income are large.
LARGE = 0.5
# Changes of real income above this fraction of the base are large.
FAR = 1.0
KEPT = {
    "fixed": "amounts",
    "world_share": "shares of world income",
    "own_share": "shares of each country's income",
}


class Holder(Protocol):
    """What is looked at: an Outcome."""

    @property
    def base(self) -> xr.Dataset: ...  # noqa: D102
    @property
    def full_scenarios(self) -> list[str]: ...  # noqa: D102
    @property
    def manifest(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def variables(self) -> list[str]: ...  # noqa: D102
    def name(self, country: str) -> str: ...  # noqa: D102
    def ok_draws(self, scenario: str) -> np.ndarray: ...  # noqa: D102
    def values(self, variable: str, countries: list[str], scenario: str) -> np.ndarray: ...  # noqa: D102


def notes(outcome: Holder, scenario: str | None = None) -> list[str]:
    """Return one sentence for each country whose large change stands on a large deficit.

    Parameters
    ----------
    outcome
        What a run computed.
    scenario
        Label on the scenario axis; None is every scenario in full.

    Examples
    --------
    >>> notes(outcome)  # doctest: +SKIP
    ['Hong Kong: real income +4,388 %: its deficit in the base is 122 % of its income, and ...']
    """
    if "real_income" not in outcome.variables:
        return []
    labels = outcome.full_scenarios if scenario is None else [scenario]
    several = len(labels) > 1
    found = []
    for label in labels:
        if len(outcome.ok_draws(label)):
            found += [f"{label}: {text}" if several else text for text in _of(outcome, label)]
    return found


def _of(outcome: Holder, label: str) -> list[str]:
    codes = [str(code) for code in outcome.base["country"].values]
    income, spending = (outcome.base[name].values for name in ("income", "spending"))
    share = np.divide(spending - income, income, out=np.zeros(len(income)), where=income > 0)
    change = np.median(outcome.values("real_income", codes, label), axis=0)
    kept = KEPT.get(outcome.manifest.get("deficits", "fixed"))
    if kept is None:  # without deficits there is none to stand on
        return []
    return [
        f"{outcome.name(codes[c])}: real income {100 * change[c]:+,.0f} %: its "
        f"{'deficit' if share[c] > 0 else 'surplus'} in the base is {100 * abs(share[c]):.0f} % of "
        f"its income, and deficits are kept as {kept}; this number is of that rule more than of "
        "the scenario."
        for c in np.flatnonzero((abs(share) > LARGE) & (abs(change) > FAR))
    ]
