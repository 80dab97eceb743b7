"""The path of military spending and what can be read off it: tables, groups, race, stability."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from detente.errors import ScenarioError, nearest
from detente.security.spending_dynamics import (
    System,
    interaction,
    paths,
    resting_point,
    richardson,
)
from detente.sensitivity import VarianceShares, variance_shares

POWERS = ("USA", "CHN", "RUS")


@dataclass(frozen=True)
class Inputs:
    """One path: system, push [draw, country], floor [draw, year, country] and held values.

    The floor has one row more than there are years, for the long run.
    """

    system: System
    push: np.ndarray
    floor: np.ndarray
    held: np.ndarray

    @property
    def moves(self) -> bool:
        """Whether anything moves spending off the base path."""
        return bool(
            self.push.any()
            or np.isfinite(self.floor).any()
            or np.isfinite(self.held).any()
            or self.system.before is not self.system.after
        )

    def path(self) -> np.ndarray:
        """Return the log of spending over the base path, [draw, year, country]."""
        if not self.moves:
            return np.zeros((len(self.push), self.floor.shape[1] - 1, self.push.shape[1]))
        return paths(self.system, self.push, self.floor[:, :-1], self.held)

    def rest(self) -> np.ndarray:
        """Return where it comes to rest, [draw, country]."""
        if not self.moves:
            return np.zeros_like(self.push)
        return resting_point(self.system, self.push, self.floor[:, -1], self.held)


@dataclass(frozen=True)
class SpendingPath:
    """Military spending over its base path.

    Attributes
    ----------
    countries : every country of the world
    numbers : numbers of the draws
    change : log of spending over the base path, [draw, year, country]; years count from 1
    level : million USD on the base path at the base year, [country]; NaN where no source says
    output : million USD of gross domestic product of the base year, [country]
    grown : lasting log change of output, [draw, country]
    threat_change : change of the threat in points, [draw, country]
    parameters : draws of the parameters by name
    inputs : what the paths with and without the scenario were computed from
    flag : `prior-driven` while threat and ties do not improve forecasts, else empty
    """

    countries: tuple[str, ...]
    numbers: np.ndarray
    change: np.ndarray
    level: np.ndarray
    output: np.ndarray
    grown: np.ndarray
    threat_change: np.ndarray
    parameters: pd.DataFrame
    inputs: tuple[Inputs, Inputs]
    flag: str

    @property
    def system(self) -> System:
        """Levels, ties and parameters with the scenario."""
        return self.inputs[0].system

    @cached_property
    def long_run(self) -> np.ndarray:
        """Where the change comes to rest, [draw, country]; NaN in draws that do not settle."""
        new, base = (one.rest() for one in self.inputs)
        return new - base

    @property
    def years(self) -> int:
        """Years ahead that were computed."""
        return self.change.shape[1]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Countries whose spending no source states: they answer, and nobody answers to them."""
        return tuple(np.array(self.countries)[~np.isfinite(self.level)].tolist())

    def table(self, year: int | None = None) -> pd.DataFrame:
        """Return one row a country: change over the base path in per cent.

        Parameters
        ----------
        year
            Years ahead, from 1; the last if absent.

        Returns
        -------
        DataFrame
            iso3, year, median, p05, p95 (per cent), share_positive, base_known (whether a source
            states its spending), flag.

        Raises
        ------
        ScenarioError
            If the year was not computed.
        """
        ahead = self._year(year)
        low, middle, high = np.quantile(
            np.expm1(self.change[:, ahead - 1]), [0.05, 0.5, 0.95], axis=0
        )
        return pd.DataFrame({
            "iso3": self.countries, "year": ahead, "median": 100 * middle, "p05": 100 * low,
            "p95": 100 * high, "share_positive": (self.change[:, ahead - 1] > 0).mean(axis=0),
            "base_known": np.isfinite(self.level), "flag": self.flag,
        })  # fmt: skip

    def share_of_output(self, country: str, year: int | None = None) -> np.ndarray:
        """Return spending as a fraction of output, [draw].

        Raises
        ------
        ScenarioError
            If the country is unknown, or its spending is.
        """
        place = self._places([country])[0]
        change = self.change[:, self._year(year) - 1, place] - self.grown[:, place]
        return self.level[place] / self.output[place] * np.exp(change)

    def group_change(self, members: Sequence[str], year: int | None = None) -> np.ndarray:
        """Return the change of a group's total as a fraction of its base, [draw].

        Members without a stated spending are left out of both sums.

        Raises
        ------
        ScenarioError
            If a member is unknown, or no member's spending is known.
        """
        places = [n for n in self._places(members, known=False) if np.isfinite(self.level[n])]
        if not places:
            raise ScenarioError(f"no source states the spending of {', '.join(members)}")
        base = self.level[places]
        new = np.exp(self.change[:, self._year(year) - 1, places]) @ base
        return new / base.sum() - 1

    def group(self, members: Sequence[str], year: int | None = None) -> pd.DataFrame:
        """Return the change of a group's total spending: one row.

        Returns
        -------
        DataFrame
            members (those with a stated spending), year, base_musd, median_musd, median, p05, p95
            (per cent), share_positive.

        Raises
        ------
        ScenarioError
            As `group_change`.
        """
        values = self.group_change(members, year)
        places = [n for n in self._places(members, known=False) if np.isfinite(self.level[n])]
        base = float(self.level[places].sum())
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        return pd.DataFrame([{
            "members": len(places), "year": self._year(year), "base_musd": base,
            "median_musd": base * (1 + middle), "median": 100 * middle, "p05": 100 * low,
            "p95": 100 * high, "share_positive": float((values > 0).mean()),
        }])  # fmt: skip

    def drivers(self, members: Sequence[str], year: int | None = None) -> VarianceShares:
        """Return which parameter the change of a group's total hangs on.

        Parameters
        ----------
        members
            Codes; one for a single country.
        year
            Years ahead; the last if absent.

        Returns
        -------
        VarianceShares
            Shares of the variance over draws, of the parameters and of `threat_change`, the mean
            change of the threat to the members.

        Raises
        ------
        ScenarioError
            As `group_change`.
        """
        values = self.group_change(members, year)
        threat = self.threat_change[:, self._places(members, known=False)].mean(axis=1)
        table = self.parameters.drop(columns="draw").assign(threat_change=threat)
        return variance_shares(table, values)

    def race(self, powers: Sequence[str] = POWERS, year: int | None = None) -> pd.DataFrame:
        """Return the race of some powers: levels, changes and shares of their common total.

        Parameters
        ----------
        powers
            Codes; add GBR, FRA and IND for six.
        year
            Years ahead; the last if absent.

        Returns
        -------
        DataFrame
            iso3, year, base_musd, median_musd, median, p05, p95 (per cent), share_before,
            share_after (median share of the powers' total, fractions), answer_to_<power> (median
            long-run elasticity of the row's spending to that power's).

        Raises
        ------
        ScenarioError
            If a power is unknown, or its spending is.
        """
        ahead, places = self._year(year), self._places(powers)
        base = self.level[places]
        new = base * np.exp(self.change[:, ahead - 1, places])
        low, middle, high = np.quantile(new / base - 1, [0.05, 0.5, 0.95], axis=0)
        answers = np.median(self._interactions(places), axis=0)
        return pd.DataFrame({
            "iso3": list(powers), "year": ahead, "base_musd": base,
            "median_musd": np.median(new, axis=0), "median": 100 * middle, "p05": 100 * low,
            "p95": 100 * high, "share_before": base / base.sum(),
            "share_after": np.median(new / new.sum(axis=1, keepdims=True), axis=0),
        } | {
            f"answer_to_{power}": answers[:, n] for n, power in enumerate(powers)
        })  # fmt: skip

    def stability(self, scenario: bool = True) -> pd.DataFrame:
        """Return Richardson's condition draw by draw.

        Parameters
        ----------
        scenario
            With the ties of the scenario; with those of the base if False.

        Returns
        -------
        DataFrame
            draw, largest_real (of the eigenvalues of the interaction), radius (largest modulus of
            one year's map), margin (1 - radius), stable (radius below 1). `richardson` of
            `spending_dynamics` returns every eigenvalue.
        """
        eigenvalues, yearly = richardson(self.inputs[0 if scenario else 1].system)
        largest = np.real(eigenvalues).max(axis=1)
        radius = np.abs(yearly).max(axis=1)
        return pd.DataFrame({
            "draw": self.numbers, "largest_real": largest, "radius": radius,
            "margin": 1 - radius, "stable": radius < 1,
        })  # fmt: skip

    def _interactions(self, places: list[int]) -> np.ndarray:
        picked = np.ix_(places, places)
        return np.array([interaction(self.system, n)[picked] for n in range(len(self.numbers))])

    def _year(self, year: int | None) -> int:
        ahead = self.years if year is None else year
        if not 1 <= ahead <= self.years:
            raise ScenarioError(f"year {ahead} was not computed; there are 1 to {self.years}")
        return ahead

    def _places(self, members: Sequence[str], known: bool = True) -> list[int]:
        places = []
        for code in members:
            if code not in self.countries:
                raise ScenarioError(
                    f"'{code}' is not a country of this world{nearest(code, self.countries)}"
                )
            places.append(self.countries.index(code))
            if known and not np.isfinite(self.level[places[-1]]):
                raise ScenarioError(f"no source states the military spending of {code}")
        return places
