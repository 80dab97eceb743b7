"""Weigh the claims of a run; point estimates are solved anew to find what flips a verdict."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from detente import claims
from detente.measured import each_member
from detente.outcome import Outcome
from detente.runs.balance import Known
from detente.runs.crew import Crew
from detente.runs.desk import Desk
from detente.runs.drawn import Row
from detente.runs.engine import LANES
from detente.runs.job import Job
from detente.runs.secure import point_of
from detente.runs.solved import Solved
from detente.runs.stand_draws import is_drawn
from detente.runs.stand_draws import quantile as stand_quantile
from detente.runs.stand_points import StandingPoints, middle_of
from detente.scenario import Claim
from detente.standing import Standing
from detente.strategic import VARIABLES as OF_SECURITY
from detente.strategic import Readout, Strategic
from detente.turning import Answer, Question
from detente.world import World

Keep = Callable[[Any], None]
# What keeps the answer of a call, the call, and what it takes behind the desk.
Work = tuple[Any, ...]


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


def weigh_claims(job: Job, outcome: Outcome, crew: Crew) -> list[dict[str, Any]]:
    """Weigh the claims of every scenario, in their order.

    Parameters
    ----------
    job
        What was run.
    outcome
        What the run computed.
    crew
        Solves the points at which a verdict might flip; told of the job and its task.
    """

    def quantile(name: str, probability: float) -> float:
        if is_drawn(name):
            return stand_quantile(job.world, name, probability)
        return float(job.ensemble.priors[name].quantile(probability))

    every = [
        (scenario.name, claim)
        for scenario in job.scenarios
        if scenario.name in outcome.scenarios
        for claim in scenario.claims
    ]
    crew.tell(standing=outcome.standing)
    return claims.weigh_all(outcome, every, _Points(job, outcome, crew), quantile)


class _Points:
    """Answers rounds of questions, each model its own, over all hands."""

    def __init__(self, job: Job, outcome: Outcome, crew: Crew) -> None:
        self._crew = crew
        self._trade = _TradePoints(job, outcome)
        self._standing = _StandingPoints(outcome)
        self._security = _SecurityPoints(job, outcome)

    def __call__(self, questions: Sequence[Question]) -> list[Answer]:
        kinds = [self._kind(question) for question in questions]
        work: list[tuple[Keep, Future]] = []
        # What takes longest comes first.
        for kind in (self._trade, self._standing, self._security):
            asked = [q for q, own in zip(questions, kinds, strict=True) if own is kind]
            work += [(keep, self._crew.submit(*call)) for keep, *call in kind.work(asked)]
        for keep, found in work:
            keep(found.result())
        return [kind.answer(question) for question, kind in zip(questions, kinds, strict=True)]

    def _kind(self, question: Question) -> "_TradePoints | _StandingPoints | _SecurityPoints":
        if question.claim.variable in OF_SECURITY:
            return self._security
        return self._standing if any(map(is_drawn, question.given)) else self._trade


class _TradePoints:
    """Equilibria at given parameters, many side by side; each is solved once."""

    def __init__(self, job: Job, outcome: Outcome) -> None:
        self._job, self._outcome = job, outcome
        self._places = {row.label: place for place, row in enumerate(job.rows)}
        self._medians = job.ensemble.medians()
        self._solved: dict[tuple, Solved] = {}
        self._asked: dict[str, list[dict[str, float]]] = {}
        self._answers: dict[tuple, Answer] = {}

    def work(self, questions: Sequence[Question]) -> list[Work]:
        """Return what is to be done before `answer` can answer these."""
        missing: dict[int, dict[tuple, dict[str, float]]] = {}
        for question in questions:
            self._asked.setdefault(question.label, []).append(question.given)
            # Rows of the axis that share their edits ask for the same points.
            key, row = self._key(question.label, question.given)
            if key not in self._solved:
                missing.setdefault(key[0], {})[key] = row
        return [
            (partial(self._keep, list(some)), solve_rows, number, list(some.values()))
            for number, rows in missing.items()
            for some in map(dict, _cut(list(rows.items()), LANES))
        ]

    def answer(self, question: Question) -> Answer:
        """Return the outcome that holds the answer to a question, as one of its draws."""
        if self._asked.get(question.label):
            self._label(question.label, self._asked.pop(question.label))
        return self._answers[_spelled_out(question)]

    def _key(self, label: str, given: dict[str, float]) -> tuple[tuple, dict[str, float]]:
        row = self._medians | given
        return (self._job.task.numbers[self._places[label]], *row.values()), row

    def _keep(self, keys: list[tuple], found: list[Solved]) -> None:
        self._solved.update(zip(keys, found, strict=True))

    def _label(self, label: str, asked: list[dict[str, float]]) -> None:
        """Label the points of a scenario that were asked for together, as draws of one outcome."""
        unique = {tuple(sorted(given.items())): given for given in asked}
        both = [self._key(label, given) for given in unique.values()]
        one = replace(self._job, rows=[self._job.rows[self._places[label]]])
        results = {draw: [self._solved[key]] for draw, (key, _) in enumerate(both)}
        point = one.label(results, self._job.manifest | {"draws": len(both)})
        point = replace(
            point,
            # Who stands with whom does not hang on parameters of trade: it is that of the run.
            standing=self._outcome.standing,
            parameters=pd.DataFrame([row for _, row in both]).rename_axis("draw"),
        )
        for draw, given in enumerate(unique):
            self._answers[label, *given] = point, draw


class _StandingPoints:
    """Positions and camps at given weights and positions; see `stand_points`."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._middle: dict[str, Outcome] = {}
        self._answers: dict[tuple, Answer] = {}

    def work(self, questions: Sequence[Question]) -> list[Work]:
        """Return what is to be done before `answer` can answer these."""
        missing = {_spelled_out(q): q for q in questions if _spelled_out(q) not in self._answers}
        return [
            (partial(self._keep, key, q.label), standing_point, q.label, q.given)
            for key, q in missing.items()
        ]

    def answer(self, question: Question) -> Answer:
        """Return the outcome that holds the answer to a question."""
        return self._answers[_spelled_out(question)]

    def _keep(self, key: tuple, label: str, found: Standing | None) -> None:
        if found is None or not len(self._outcome.ok_draws(label)):
            self._answers[key] = None
            return
        if label not in self._middle:
            self._middle[label] = middle_of(self._outcome, label)
        self._answers[key] = replace(self._middle[label], standing=found), 0


class _SecurityPoints:
    """The strategic balance at the centre, some parameters held elsewhere; each solved once."""

    def __init__(self, job: Job, outcome: Outcome) -> None:
        self._world, self._outcome = job.world, outcome
        self._points: dict[tuple, Strategic] = {}

    def work(self, questions: Sequence[Question]) -> list[Work]:
        """Return what is to be done before `answer` can answer these."""
        missing = {self._key(q): q for q in questions if self._key(q) not in self._points}
        return [
            (partial(self._points.__setitem__, key), security_point, q.label, key[1], q.given)
            for key, q in missing.items()
        ]

    def answer(self, question: Question) -> Answer:
        """Return the outcome that holds the answer to a question."""
        label, number = question.label, self._number(question)
        found = self._points[self._key(question)]
        found = replace(found, worlds={**found.worlds, label: 1 if number else 0})
        return replace(self._outcome, strategic=found), 0

    def _number(self, question: Question) -> int:
        """Return the world of a label: those that differ in tariffs alone share one balance."""
        held = self._outcome.strategic
        assert held is not None  # else the claim has no drivers to hold
        return held.worlds[question.label]

    def _key(self, question: Question) -> tuple:
        readout = readouts_of(self._world, question.claim)[0]
        return self._number(question), readout, *sorted(question.given.items())


def solve_rows(desk: Desk, number: int, rows: list[Row]) -> list[Solved]:
    """Solve one of the engine's scenarios at given parameters of trade."""
    engine = desk.task.engine
    return engine.solve_all(number, rows, [engine.settle(row) for row in rows])


def standing_point(desk: Desk, label: str, given: dict[str, float]) -> Standing | None:
    """Return positions and camps at given weights and positions; None where there are none."""
    if desk.standing is None:
        return None
    points = desk.kept.get("standing points")
    if points is None:
        points = StandingPoints(desk.job.world, desk.job.rows, desk.standing)
        points = desk.kept.setdefault("standing points", points)
    return points(label, given)


def security_point(desk: Desk, label: str, readout: Readout, held: dict[str, float]) -> Strategic:
    """Return a read-out of one scenario at the centre, some parameters held elsewhere."""
    known: Known = desk.kept.setdefault("security at the centre", {})
    row = next(row for row in desk.job.rows if row.label == label)
    return point_of(desk.job.world, row, readout, held, known)


def _spelled_out(question: Question) -> tuple:
    return question.label, *sorted(question.given.items())


def _cut(listed: list, size: int) -> Iterable[list]:
    return (listed[first : first + size] for first in range(0, len(listed), size))
