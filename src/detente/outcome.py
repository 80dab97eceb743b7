"""The Outcome of a run: labelled arrays over scenario, draw and country, and tidy tables.

Arrays hold fractions of the base (0.01 is one per cent more); tables hold per cent. A draw that
found no equilibrium is absent from every table and every array, and counted beside it.
"""

import functools
import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from detente import imbalance, readouts, tidy
from detente.errors import ConvergenceError, ScenarioError, nearest
from detente.standing import Standing
from detente.strategic import Strategic
from detente.vocabulary import terms
from detente.world import World

Countries = str | Iterable[str]


@dataclass(frozen=True, repr=False, eq=False)
class Outcome:
    """What a run computed: every scenario, draw and country.

    Attributes
    ----------
    data
        Dataset over (scenario, draw, country): every outcome variable as a fraction of the base.
        Cells of failed draws mean nothing and are never shown.
    ok
        Boolean array over (scenario, draw): whether it is an equilibrium.
    base
        Dataset over country: value_added, income, spending, exports, imports, goods_trade
        (million USD).
    pairs
        Dataset: `exports` and `imports` over (scenario, draw, actor, country), goods trade of
        each actor with each partner after the edits, and `exports_base`, `imports_base` over
        (actor, country) (million USD).
    draws
        Table: scenario, draw, converged, residual, steps, reason.
    parameters : table by draw, one column per parameter
    runs
        Table: scenario (on the axis), parent, kind (`full`, `alone`, `claim`), label (of edits).
    claims
        Weighed claims, one dict each; see `detente.claims.weigh`.
    manifest
        World, scenarios by name, digests, seed, versions.
    world
        The base world when it is at hand.
    kept_flows
        Dataset when asked for with keep="flows": `base` over (origin, destination, sector) and
        `new` over (scenario, origin, destination, sector) (million USD, median of the draws).
    standing, strategic
        Positions and camps; risk, spending and arsenals. None where a world lacks their layers.
    groups, country_names
        Copied from the world: a stored outcome can be read without it.

    Examples
    --------
    >>> outcome.table("real_income_pct", country="@USMCA")  # doctest: +SKIP
    """

    data: xr.Dataset
    ok: xr.DataArray
    base: xr.Dataset
    pairs: xr.Dataset
    draws: pd.DataFrame
    parameters: pd.DataFrame
    runs: pd.DataFrame
    claims: list[dict[str, Any]] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)
    world: World | None = None
    kept_flows: xr.Dataset | None = None
    standing: Standing | None = None
    strategic: Strategic | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    country_names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.world is not None and not self.groups:
            object.__setattr__(self, "groups", dict(self.world.groups))
        if self.world is not None and not self.country_names:
            object.__setattr__(self, "country_names", dict(self.world.country_names))

    # ---- labels

    @functools.cached_property
    def countries(self) -> list[str]:
        """The ordered country codes."""
        return [str(code) for code in self.data.variables["country"].values.tolist()]

    @property
    def actors(self) -> list[str]:
        """The countries whose trade with every partner was recorded."""
        return [str(code) for code in self.pairs["actor"].values]

    @functools.cached_property
    def scenarios(self) -> list[str]:
        """The labels of the scenario axis: full scenarios, and edits run alone."""
        return [str(label) for label in self.data.variables["scenario"].values.tolist()]

    # Claims ask for these hundreds of times, and they are slow to read from tables.
    @functools.cached_property
    def rows(self) -> list[tidy.Row]:
        """The rows of `runs`, in order."""
        return tidy.rows(self.runs)

    @functools.cached_property
    def places(self) -> dict[str, int]:
        """Where each country stands on the axis."""
        return {code: place for place, code in enumerate(self.countries)}

    @functools.cached_property
    def _failures(self) -> dict[str, list[str]]:
        """Why draws failed, one entry a draw, by scenario."""
        found: dict[str, list[str]] = {}
        failed = self.draws[~self.draws["converged"].astype(bool)]
        for label, reason in zip(failed["scenario"], failed["reason"], strict=True):
            found.setdefault(str(label), []).append(str(reason or "no reason given"))
        return found

    @property
    def full_scenarios(self) -> list[str]:
        """The scenarios as written, without the runs of single edits."""
        full = [row.scenario for row in self.rows if row.kind == "full"]
        return [label for label in full if label in self.scenarios]

    @property
    def main(self) -> str:
        """The scenario the run was asked for: the first one."""
        return (self.full_scenarios or self.scenarios)[0]

    @property
    def variables(self) -> list[str]:
        """The outcome variables that were computed."""
        return [str(name) for name in self.data.data_vars]

    @property
    def is_point(self) -> bool:
        """Whether this is a point estimate (draws=0) and carries no uncertainty."""
        return int(self.manifest.get("draws", self.data.sizes["draw"])) == 0

    def name(self, country: str) -> str:
        """Return the readable name of a country, or its code."""
        return self.country_names.get(country, country)

    def members(self, countries: Countries | None) -> list[str]:
        """Return country codes for a code, a "@GROUP", or a list of either; None is all.

        Raises
        ------
        ScenarioError
            If a country or a group is unknown.
        """
        if countries is None:
            return self.countries
        return tidy.members(countries, self.countries, self.groups, self.country_names)

    def scenario_label(self, scenario: str | None) -> str:
        """Return the label on the scenario axis; None is the main scenario.

        Raises
        ------
        ScenarioError
            If the outcome holds no such scenario.
        """
        scenario = self.main if scenario is None else scenario
        if scenario not in self.scenarios:
            raise ScenarioError(
                f"this outcome has no scenario '{scenario}'{nearest(scenario, self.scenarios)}; "
                f"it has: {', '.join(self.scenarios)}"
            )
        return scenario

    def variable_name(self, variable: str) -> str:
        """Return the name in the vocabulary; see `tidy.variable_name`."""
        return tidy.variable_name(variable, self.variables, self.strategic is not None)

    # ---- draws

    def ok_draws(self, scenario: str | None = None) -> np.ndarray:
        """Return the draws of a scenario that reached an equilibrium, in order."""
        label = self.scenario_label(scenario)
        mask = self.ok.values[self.scenarios.index(label)]
        return self.data.variables["draw"].values[mask]

    def failed(self, scenario: str | None = None) -> int:
        """Return how many draws of a scenario reached no equilibrium."""
        return len(self._failures.get(self.scenario_label(scenario), ()))

    def reasons(self, scenario: str | None = None) -> dict[str, int]:
        """Return why draws failed, with how many did."""
        return tidy.counted(self._failures.get(self.scenario_label(scenario), ()))

    def values(
        self, variable: str, countries: Countries, scenario: str | None = None
    ) -> np.ndarray:
        """Return [draw, country] changes as fractions of the base, over the draws that solved.

        Raises
        ------
        ScenarioError
            If a name is unknown.
        ConvergenceError
            If no draw of the scenario solved.
        """
        label, name = self.scenario_label(scenario), self.variable_name(variable)
        every = self.data.variables[name].values[self.scenarios.index(label)]
        mask = self._solved(label)
        solved = every if mask.all() else every[mask]
        return solved[:, [self.places[code] for code in self.members(countries)]]

    def _solved(self, label: str) -> np.ndarray:
        mask = self.ok.values[self.scenarios.index(label)]
        if not mask.any():
            counts = self.reasons(label).items()
            why = "; ".join(f"{reason} ({tidy.draws(n)})" for reason, n in counts)
            raise ConvergenceError(f"no draw of '{label}' reached an equilibrium: {why}")
        return mask

    # ---- changes over draws, as fractions

    def group_change(
        self, variable: str, members: Countries, scenario: str | None = None
    ) -> np.ndarray:
        """Return [draw] change of a group's total: members' changes weighted by base values.

        Parameters
        ----------
        variable
            An outcome of one country, as in the vocabulary.
        members
            A code, a "@GROUP" or a list.
        scenario
            Label on the scenario axis; None is the main scenario.
        """
        name = self.variable_name(variable)
        codes = self.members(members)
        changes, places = self.values(name, codes, scenario), [self.places[code] for code in codes]
        parts = [part.strip() for part in tidy.WEIGHTS.get(name, "income").split("+")]
        weight = np.sum([self.base.variables[part].values[places] for part in parts], axis=0)
        if weight.sum() <= 0:
            raise ScenarioError(f"no base value to weigh {name} of {', '.join(codes[:5])} by")
        return changes @ (weight / weight.sum())

    def pair_change(self, a: Countries, b: Countries, scenario: str | None = None) -> np.ndarray:
        """Return [draw] change of goods trade between two sets, both directions added.

        Raises
        ------
        ScenarioError
            If trade of a pair was not recorded, or there is none in the base.
        """
        first, second = self.members(a), self.members(b)
        pairs = {(min(i, j), max(i, j)) for i in first for j in second if i != j}
        return self._pairs_change(sorted(pairs), scenario, f"between {a} and {b}")

    def bloc_change(self, members: Countries, scenario: str | None = None) -> np.ndarray:
        """Return [draw] change of goods trade among the members of one set.

        Raises
        ------
        ScenarioError
            If trade of a pair was not recorded, or there is none in the base.
        """
        codes = sorted(self.members(members))
        pairs = [(i, j) for n, i in enumerate(codes) for j in codes[n + 1 :]]
        return self._pairs_change(pairs, scenario, f"among {members}")

    def _pairs_change(
        self, pairs: list[tuple[str, str]], scenario: str | None, what: str
    ) -> np.ndarray:
        label = self.scenario_label(scenario)
        mask = self._solved(label)
        k = self.scenarios.index(label)
        return tidy.pairs_change(self.pairs.isel(scenario=k), mask, pairs, what)

    # ---- tables

    def table(
        self,
        variable: str = "real_income",
        country: Countries | None = None,
        scenario: Countries | None = None,
        origin: Countries | None = None,
        destination: Countries | None = None,
    ) -> pd.DataFrame:
        """Return a tidy table of one variable: one row per scenario and country, in per cent.

        Parameters
        ----------
        variable
            `real_income`, or `real_income_pct`, or any other outcome of the vocabulary; one of the
            strategic balance (`dispute_risk`) gives the columns of `detente.readouts.table`.
        country
            A code, a "@GROUP" (its members), a list, or None for all.
        scenario
            A label of the scenario axis, a list, or None for every full scenario.
        origin, destination
            Of the strategic balance: states within which the two sides of a read-out lie.

        Raises
        ------
        ScenarioError
            If a name is unknown; the message offers the nearest one.
        ConvergenceError
            If no draw reached an equilibrium.
        """
        if readouts.known(variable):
            sides = (None if w is None else self.members(w) for w in (country, origin, destination))
            return readouts.table(self, variable, self._labels(scenario), *sides)
        name = self.variable_name(variable)
        if origin is not None or destination is not None:
            raise ScenarioError(f"{name} is of one country: leave out origin and destination")
        codes = self.members(country)
        labels = self._labels(scenario)
        if scenario is None:
            labels = [label for label in labels if len(self.ok_draws(label))] or [self.main]
        return pd.concat([self._rows(name, codes, label) for label in labels], ignore_index=True)

    def _labels(self, scenario: Countries | None) -> list[str]:
        """Return the labels of the scenario axis that are asked for; all full ones for None."""
        if scenario is None:
            return self.full_scenarios or [self.main]
        asked = [scenario] if isinstance(scenario, str) else list(scenario)
        if not asked:
            raise ScenarioError("an empty list of scenarios selects nothing; leave it out for all")
        return [self.scenario_label(label) for label in asked]

    def _rows(self, name: str, codes: list[str], label: str) -> pd.DataFrame:
        return tidy.summary(
            100.0 * self.values(name, codes, label),
            {
                "iso3": codes,
                "name": [self.name(code) for code in codes],
                "variable": name,
                "measure": "point estimate" if self.is_point else "change",
                "unit": terms("outcome")[name].unit,
                "scenario": label,
                "failed_draws": self.failed(label),
            },
        )

    def flows(self, scenario: Countries | None = None) -> pd.DataFrame:
        """Return bilateral flows by sector, before and after, in million USD.

        Parameters
        ----------
        scenario
            A label of the scenario axis, a list, or None for every one that was kept.

        Returns
        -------
        DataFrame
            scenario, origin, destination, sector, base, new, hat (new over base; 1 where the
            base is zero, for such a flow stays zero).

        Raises
        ------
        ScenarioError
            If the run did not keep its flows.
        """
        if self.kept_flows is None:
            raise ScenarioError(
                'this outcome holds no flows by sector: run again with keep="flows" '
                "(they are large, so they are kept only on request)"
            )
        have = [str(label) for label in self.kept_flows["scenario"].values]
        asked = [scenario] if isinstance(scenario, str) else list(scenario or have)
        for label in asked:
            if label not in have:
                raise ScenarioError(f"no flows were kept for '{label}'{nearest(label, have)}")
        return tidy.flow_rows(self.kept_flows, asked)

    def _lines(self) -> list[str]:
        draws = "a point estimate" if self.is_point else f"{self.data.sizes['draw']} draws"
        failed = [s for s in self.scenarios if self.failed(s)]
        return [
            f"Outcome of {', '.join(self.full_scenarios)}: {draws}, "
            f"{len(self.countries)} countries, {len(self.claims)} claims",
            f"variables: {', '.join(self.variables)}",
            *(f"{tidy.draws(self.failed(s))} of {s} failed" for s in failed),
            *imbalance.notes(self),
        ]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return "<br>".join(html.escape(line) for line in self._lines())
