"""Who may challenge whom, with what risk, once pacts are counted in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest
from detente.security.deterrence_prior import ASSUMPTIONS, Drivers

Pair = tuple[str, str]


@dataclass(frozen=True)
class Challenge:
    """Annual risk that one state challenges another, per draw.

    Attributes
    ----------
    countries : codes of both axes
    risk : [draw, challenger, target], probability a year that the challenger starts a dispute
    protection : [draw, challenger, target], what pacts of the target add to its log-odds; <= 0
    drivers : what was drawn beside reliability
    assumptions : what the result rests on that no estimate supports
    """

    countries: tuple[str, ...]
    risk: np.ndarray
    protection: np.ndarray
    drivers: Drivers
    assumptions: tuple[str, ...] = field(default=ASSUMPTIONS)

    @property
    def combined(self) -> np.ndarray:
        """Risk that either challenges the other, [draw, country, country], symmetric."""
        return either(self.risk)

    def place(self, code: str) -> int:
        """Return the place of a country.

        Raises
        ------
        WorldError
            If it is not among the countries; the message offers the nearest.
        """
        if code not in self.countries:
            raise WorldError(f"no country {code!r} here{nearest(code, self.countries)}")
        return self.countries.index(code)

    def pair(self, challenger: str, target: str) -> np.ndarray:
        """Return the risk of one pair, [draw].

        Raises
        ------
        WorldError
            If the two are one country, or one is unknown.
        """
        if challenger == target:
            raise WorldError(f"{challenger} cannot challenge itself; name two countries")
        return self.risk[:, self.place(challenger), self.place(target)]

    def table(self, pairs: Iterable[Pair]) -> pd.DataFrame:
        """Return one row a pair of challenger and target.

        Returns
        -------
        DataFrame
            Risk in per cent a year (median, p05, p95), and by how much pacts lower the odds, in
            per cent (median, p05, p95).
        """
        rows = []
        for challenger, target in pairs:
            risk = 100 * self.pair(challenger, target)
            shift = self.protection[:, self.place(challenger), self.place(target)]
            odds = 100 * np.expm1(shift)
            row: dict[str, object] = {"challenger": challenger, "target": target}
            for name, values in (("risk_pct", risk), ("odds_pct", odds)):
                low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
                row |= {name: middle, f"{name}_p05": low, f"{name}_p95": high}
            rows.append(row)
        return pd.DataFrame(rows)

    def region(
        self, members: Sequence[str], challengers: Sequence[str] | None = None
    ) -> np.ndarray:
        """Return the expected number of challenges a year against a group, [draw].

        Parameters
        ----------
        members
            Targets.
        challengers
            Who challenges; every state when None, members among them.

        Raises
        ------
        WorldError
            If a country is unknown or a list is empty.
        """
        if not members or (challengers is not None and not challengers):
            raise WorldError("a region needs at least one country on either side")
        targets = [self.place(code) for code in dict.fromkeys(members)]
        rows = slice(None) if challengers is None else [self.place(code) for code in challengers]
        return self.risk[:, :, targets][:, rows].sum(axis=(1, 2))


def either(risk: np.ndarray) -> np.ndarray:
    """Return the risk that either challenges the other, from [..., challenger, target].

    Examples
    --------
    >>> either(np.array([[0.0, 0.5], [0.5, 0.0]])).tolist()
    [[0.0, 0.75], [0.75, 0.0]]
    """
    quiet = 1.0 - risk
    return 1.0 - quiet * np.swapaxes(quiet, -1, -2)
