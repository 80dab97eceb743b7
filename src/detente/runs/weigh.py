"""Weigh the claims of a run; point estimates are solved anew to find what flips a verdict."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pandas as pd

from detente import claims
from detente.measured import each_member
from detente.outcome import Outcome
from detente.runs.balance import Known
from detente.runs.engine import Solved
from detente.runs.job import Job
from detente.runs.secure import point_of
from detente.runs.stand_draws import is_drawn
from detente.runs.stand_draws import quantile as stand_quantile
from detente.runs.stand_points import StandingPoints
from detente.scenario import Claim
from detente.strategic import VARIABLES as OF_SECURITY
from detente.strategic import Readout, Strategic
from detente.world import World


def spelled(world: World, words: str | Iterable[str]) -> list[str]:
    """Return the countries of a word or of several, groups spelled out."""
    listed = [words] if isinstance(words, str) else list(words)
    return [c for w in listed for c in (world.members(w) if w.startswith("@") else (w,))]


def readouts_of(world: World, claim: Claim) -> list[Readout]:
    """Return what a claim on security asks for: of the whole first, then of each member."""
    variable = str(claim.variable)
    places: list[dict[str, Any]] = [dict(claim.where)]
    if claim.members:
        every = each_member(variable, claim.where, lambda words: spelled(world, words))
        places += [where for _, where in every]
    return [
        Readout.of(variable, {dim: spelled(world, words) for dim, words in where.items()})
        for where in places
    ]


def weigh_claims(job: Job, outcome: Outcome, workers: int | None = None) -> list[dict[str, Any]]:
    """Weigh the claims of every scenario, in their order.

    Parameters
    ----------
    job
        Solves the points at which a verdict might flip.
    outcome
        What the run computed.
    workers
        Threads; all cores when None.
    """
    labels = [row.label for row in job.rows]
    known: dict[tuple, Solved] = {}
    points: dict[tuple, Outcome] = {}

    def point_at(number: int, row: dict[str, float]) -> Solved:
        # Rows of the axis that share their edits ask for the same points.
        key = (number, *row.values())
        if key not in known:
            known[key] = job.task.engine.solve(number, row, job.task.engine.settle(row))
        return known[key]

    def solve(label: str, given: dict[str, float]) -> Outcome:
        if any(map(is_drawn, given)):
            return stands(label, given)
        key = (label, *sorted(given.items()))
        if key not in points:
            k = labels.index(label)
            row = job.ensemble.medians() | given
            found = point_at(job.task.numbers[k], row)
            one = replace(job, rows=[job.rows[k]])
            point = one.label({0: [found]}, job.manifest | {"draws": 0})
            # Who stands with whom does not hang on parameters of trade: it is that of the run.
            point = replace(point, standing=outcome.standing)
            points[key] = replace(point, parameters=pd.DataFrame([row]).rename_axis("draw"))
        return points[key]

    secured = _SecurityPoints(job, outcome)
    stands = StandingPoints(job.world, job.rows, outcome)

    def quantile(name: str, probability: float) -> float:
        if is_drawn(name):
            return stand_quantile(job.world, name, probability)
        return float(job.ensemble.priors[name].quantile(probability))

    def weigh(asked: tuple[str, Claim]) -> list[dict[str, Any]]:
        name, claim = asked
        answer = secured.of(claim) if claim.variable in OF_SECURITY else solve
        return claims.weigh_all(outcome, [claim], answer, quantile, name)

    every = [
        (scenario.name, claim)
        for scenario in job.scenarios
        if scenario.name in outcome.scenarios
        for claim in scenario.claims
    ]
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        return [one for found in pool.map(weigh, every) for one in found]


class _SecurityPoints:
    """The strategic balance at the centre, some parameters held elsewhere; each solved once."""

    def __init__(self, job: Job, outcome: Outcome) -> None:
        self._job, self._outcome = job, outcome
        self._rows = {row.label: row for row in job.rows}
        self._central: Known = {}
        self._points: dict[tuple, Strategic] = {}

    def of(self, claim: Claim) -> claims.Solve:
        """Return the solve of one claim."""
        readout = readouts_of(self._job.world, claim)[0]

        def at(label: str, given: dict[str, float]) -> Outcome:
            held = self._outcome.strategic
            assert held is not None  # else the claim has no drivers to hold
            # Labels that differ in tariffs alone have one strategic balance.
            number = held.worlds[label]
            key = (number, readout, *sorted(given.items()))
            if key not in self._points:
                row = self._rows[label]
                self._points[key] = point_of(self._job.world, row, readout, given, self._central)
            found = self._points[key]
            found = replace(found, worlds={**found.worlds, label: 1 if number else 0})
            return replace(self._outcome, strategic=found)

        return at
