"""What would turn the verdicts of claims: searches for flips side by side, in words and numbers.

Each round collects what every search asks for, so that the points of one scenario are solved
together, whichever claims want them.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detente.claim import Claim
from detente.flips import Flip, Points, Quantile, Search, flip_search
from detente.measured import change_by_draw, drawn_of_standing, is_trade
from detente.outcome import Outcome
from detente.standing import UNITS as STANDING_UNITS
from detente.standing import VARIABLES as STANDING
from detente.strategic import VARIABLES as SECURITY
from detente.vocabulary import terms

# Parameters tried, in order of variance, for a value that flips the verdict; one that explains
# less than this of the variance cannot move the answer as far as the leading one.
CANDIDATES = 3
LEAST_SHARE = 0.05
# Points of trade are solved side by side, and a round costs the same for one as for so many.
TOGETHER = 15


@dataclass(frozen=True)
class Question:
    """A point estimate that is asked for.

    Attributes
    ----------
    claim : what it is about
    label : of the scenario on the axis
    given : parameters held elsewhere than at their centre
    """

    claim: Claim
    label: str
    given: dict[str, float]


# An outcome and the number of the draw in it that answers; None where there is no equilibrium.
Answer = tuple[Outcome, int] | None
Solve = Callable[[Sequence[Question]], Sequence[Answer]]


def drawn_of(outcome: Outcome, page: dict[str, Any]) -> pd.DataFrame | None:
    """Return the parameters behind the draws of a claim, a row a draw; None if not kept.

    Parameters
    ----------
    outcome
        What a run computed.
    page
        The claim, weighed so far.
    """
    if is_trade(page["variable"]):
        draws = outcome.ok_draws(page["scenario"])
        every = np.array_equal(draws, outcome.parameters.index)
        return outcome.parameters if every else outcome.parameters.loc[list(draws)]
    if page["variable"] in STANDING:
        return drawn_of_standing(outcome, page["variable"], page["where"], page["scenario"])
    if outcome.strategic is None or page["variable"] not in SECURITY:
        return None
    codes = {dim: outcome.members(words) for dim, words in page["where"].items()}
    return outcome.strategic.drawn_of(page["variable"], codes)


def add_flips(
    outcome: Outcome,
    weighed: Sequence[tuple[Claim, dict[str, Any]]],
    solve: Solve,
    quantile: Quantile | None,
) -> None:
    """Write into the pages of claims what would flip their verdicts.

    Parameters
    ----------
    outcome
        What a run computed.
    weighed
        Claims with their pages, which are added to.
    solve
        Answers the questions of one round.
    quantile
        Value of a parameter at a quantile of its prior; without it the quantiles of the draws.
    """
    # Claims hang on the same parameters.
    at = None if quantile is None else functools.cache(quantile)
    going = [_Turning(outcome, claim, page, at) for claim, page in weighed if page.get("drivers")]
    while going := [one for one in going if one.asks]:
        questions = [question for one in going for question in one.questions()]
        answers = iter(solve(questions))
        for one in going:
            one.take([next(answers) for _ in one.asks])


class _Turning:
    """The search for what would turn one claim."""

    def __init__(
        self, outcome: Outcome, claim: Claim, page: dict[str, Any], quantile: Quantile | None
    ) -> None:
        self._outcome, self._claim, self._page = outcome, claim, page
        drivers = page["drivers"][:CANDIDATES]
        self._candidates = [
            one["parameter"] for one in drivers if one is drivers[0] or one["share"] >= LEAST_SHARE
        ]
        table, trade = drawn_of(outcome, page), is_trade(page["variable"])
        assert table is not None  # there are drivers
        # Of the parameters of security the draws say how far they reach.
        quantile = None if page["variable"] in SECURITY else quantile
        at = quantile or (lambda name, q: float(np.quantile(table[name], q)))
        self._reach = "prior" if quantile else "draws"
        # All that is drawn of politics but one is at its centre.
        self._middle = {str(name): at(str(name), 0.5) for name in table.columns} if trade else {}
        self._search: Search = flip_search(
            at, self._candidates, page["direction"], page["threshold"], TOGETHER if trade else 1
        )
        self.asks: Points = next(self._search)

    def questions(self) -> list[Question]:
        """Return the points that are asked for in this round."""
        label = self._page["scenario"]
        return [
            Question(self._claim, label, {**self._middle, name: value}) for name, value in self.asks
        ]

    def take(self, answers: Sequence[Answer]) -> None:
        """Go on with the answers of a round."""
        try:
            self.asks = self._search.send(self._values(answers))
        except StopIteration as done:
            self.asks = []
            self._page["flip"] = self._told(done.value)

    def _values(self, answers: Sequence[Answer]) -> list[float | None]:
        page, read = self._page, {}
        for found in answers:
            if found is not None and id(found[0]) not in read:
                changes = change_by_draw(
                    found[0], page["variable"], page["where"], page["scenario"]
                )
                read[id(found[0])] = dict(zip(*changes, strict=True))
        return [
            None if found is None or found[1] not in (by_draw := read[id(found[0])])
            else float(by_draw[found[1]])
            for found in answers
        ]  # fmt: skip

    def _told(self, found: Flip | None) -> dict[str, Any]:
        tried = self._candidates
        if found is None:
            text = (
                f"Neither end of the {self._reach} of {', '.join(tried)} (0.1 and 99.9 per cent) "
                "moves the point estimate across the threshold, the other parameters at their "
                "medians."
            )
            return {"parameter": None, "value": None, "tried": tried, "text": text}
        unit = _unit(self._outcome, found.parameter)
        word = "falls below" if found.value < found.central else "rises above"
        text = (
            f"The point estimate goes from {found.before} to {found.after} the threshold when "
            f"{found.parameter} {word} {found.value:.3g} ({unit or 'no unit'}; median "
            f"{found.central:.3g}; {100 * found.quantile:.3g} per cent of its {self._reach} lie "
            "below)."
        )
        return {
            "parameter": found.parameter,
            "value": found.value,
            "central": found.central,
            "unit": unit,
            "within_prior": found.quantile,
            "before": found.before,
            "after": found.after,
            "text": text,
        }


def _unit(outcome: Outcome, name: str) -> str:
    units = {row["name"]: row["unit"] for row in outcome.manifest.get("priors", [])}
    stem = name.split("[")[0]
    if stem in STANDING_UNITS:
        return STANDING_UNITS[stem]
    row = terms().get(stem) or terms().get(f"{stem}_draw")
    return units.get(name) or (row.unit if row else "")
