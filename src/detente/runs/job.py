"""A run that is planned: everything it solves, and how its results are labelled."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from detente.ensemble import Ensemble
from detente.models.trade_hat import TradeBase
from detente.outcome import Outcome
from detente.runs import assemble
from detente.runs.assemble import BaseFacts
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
        return assemble.outcome_of(
            results,
            self.rows,
            self.task.engine,
            self.facts,
            self.actors,
            self.parameters,
            runs_table(self.rows),
            manifest or self.manifest,
        )
