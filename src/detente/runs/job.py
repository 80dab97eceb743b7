"""A run that is planned: everything it solves, and how its results are labelled."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from detente.ensemble import Ensemble
from detente.models.trade_hat import TradeBase
from detente.outcome import Outcome
from detente.runs import assemble
from detente.runs.assemble import BaseFacts, Sheet
from detente.runs.batches import Task
from detente.runs.plan import Variant, runs_table
from detente.runs.solved import Solved
from detente.scenario import Scenario
from detente.world import World


@dataclass(frozen=True)
class Job:
    """A run that is planned and not yet solved.

    Attributes
    ----------
    world, scenarios, rows : what is run; one row for each entry of the scenario axis
    ensemble, parameters : priors, and the draws made from them
    task : solves a draw
    facts : what outcomes state of the base economy
    actors : countries whose goods trade with every partner is recorded
    manifest : what is needed to repeat the run
    """

    world: World
    scenarios: list[Scenario]
    rows: list[Variant]
    ensemble: Ensemble
    parameters: pd.DataFrame
    task: Task
    facts: BaseFacts
    actors: list[str]
    manifest: dict[str, Any]

    @property
    def base(self) -> TradeBase:
        """The base economy at the medians of the parameters."""
        return self.facts.base

    def label(
        self, results: dict[int, list[Solved]], manifest: dict[str, Any] | None = None
    ) -> Outcome:
        """Return the results of some draws as an Outcome.

        Parameters
        ----------
        results
            For each draw, one result a row of the axis.
        manifest
            Instead of the manifest of the plan.
        """
        draws = sorted(results)
        sheet = self.sheet(draws)
        for draw in draws:
            sheet.put(draw, results[draw])
        return self.outcome(sheet, draws, manifest)

    def sheet(self, draws: list[int]) -> Sheet:
        """Return an empty sheet for the results of some draws."""
        return Sheet(len(self.rows), draws, len(self.actors), len(self.world.countries))

    def outcome(
        self, sheet: Sheet, draws: list[int], manifest: dict[str, Any] | None = None
    ) -> Outcome:
        """Return some draws of a sheet as an Outcome.

        Parameters
        ----------
        sheet
            From `sheet`, with the results of these draws.
        draws
            Their numbers, in order.
        manifest
            Instead of the manifest of the plan.
        """
        return assemble.outcome_of(
            sheet,
            draws,
            self.rows,
            self.task.engine,
            self.facts,
            self.actors,
            self.parameters,
            runs_table(self.rows),
            manifest or self.manifest,
        )
