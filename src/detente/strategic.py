"""The strategic balance before and after a scenario: risk, deterrence, spending, arsenals.

What is kept are read-outs: a variable of named states, draw by draw, in every distinct world. The
models of security work on all pairs of states; to keep every pair of every draw would take
hundreds of megabytes, so a run keeps the read-outs that claims, regions and tables ask for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.errors import WorldError

# Of pairs of states, both directions added up: how many are expected in a year.
OF_PAIRS = ("dispute_risk", "fatal_dispute_risk", "war_risk")
# Of one side towards the other.
DIRECTED = ("challenge_risk", "challenge_risk_by_treaty")
BY_TREATY = DIRECTED[1]  # the same where doubt about one promise does not spread to others
# Of a state or a group: a level in million USD.
OF_STATES = ("military_outlays",)
# Of the arsenals of two states: a probability, compared by its difference.
OF_ARSENALS = ("second_strike", "second_strike_100")
VARIABLES = OF_PAIRS + DIRECTED + OF_STATES + OF_ARSENALS
# Parts of the parameters (the word before the point in their names) behind each variable.
PARTS = {
    **dict.fromkeys((*OF_PAIRS, *DIRECTED), ("deterrence", "disputes")),
    **dict.fromkeys(OF_STATES, ("spending", "deterrence", "disputes")),
    **dict.fromkeys(OF_ARSENALS, ("exchange",)),
}
Where = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Readout:
    """What one number is about.

    Attributes
    ----------
    variable : one of `VARIABLES`
    origin, destination : codes of the states on either side; destination is empty where the
        variable is of one set of states (of all pairs among them, for risks)
    """

    variable: str
    origin: tuple[str, ...]
    destination: tuple[str, ...] = ()

    @classmethod
    def of(cls, variable: str, where: Where) -> "Readout":
        """Return the read-out that a claim asks for.

        Parameters
        ----------
        variable
            One of `VARIABLES`.
        where
            Codes by dimension: country, or origin and destination.
        """
        if "country" in where:
            return cls(variable, tuple(sorted(where["country"])))
        one, other = tuple(sorted(where["origin"])), tuple(sorted(where["destination"]))
        if variable not in DIRECTED and other < one:
            one, other = other, one
        return cls(variable, one, other)


@dataclass(frozen=True)
class Strategic:
    """What the models of security computed, by distinct world: world 0 is the base.

    Attributes
    ----------
    worlds : for each label of the scenario axis, the number of its world
    draws : numbers of the draws
    readouts : what was kept
    levels : [world, readout, draw] levels: expected number a year, million USD, or probability;
        NaN where a number has no meaning (a balance of arsenals one side of which is empty)
    drawn : what was drawn, one row a draw and one column a parameter
    assumptions : what the numbers rest on beside estimates, in sentences
    """

    worlds: Mapping[str, int]
    draws: np.ndarray
    readouts: tuple[Readout, ...]
    levels: np.ndarray
    drawn: pd.DataFrame
    assumptions: tuple[str, ...] = ()

    def level(self, variable: str, where: Where, scenario: str | None = None) -> np.ndarray:
        """Return [draw] the level of a variable; of the base when no scenario is named.

        Raises
        ------
        WorldError
            If the read-out was not kept.
        """
        asked = Readout.of(variable, where)
        if asked not in self.readouts:
            kept = sorted(
                {"-".join((*r.origin[:2], *r.destination[:2])) for r in self.readouts
                 if r.variable == variable}
            )  # fmt: skip
            raise WorldError(
                f"{variable} was not kept of {', '.join((*asked.origin, *asked.destination)[:6])}: "
                "ask for it in a claim, and run again"
                + (f"; kept are {', '.join(kept[:8])}" if kept else "")
            )
        world = 0 if scenario is None else self.worlds[scenario]
        return self.levels[world, self.readouts.index(asked)]

    def drawn_of(self, variable: str, where: Where) -> pd.DataFrame:
        """Return the parameters that a variable depends on, one row a draw.

        Parameters
        ----------
        variable, where
            As in `level`. Of the arsenals only those of the two states are returned.
        """
        parts = PARTS[variable]
        names = enumerate(map(str, self.drawn.columns.tolist()))
        kept = {place: name for place, name in names if name.split(".")[0] in parts}
        if variable in OF_ARSENALS:
            sides = {code for codes in where.values() for code in codes}
            kept = {place: name for place, name in kept.items() if of_states(name, sides)}
        return self.drawn.iloc[:, list(kept)]

    def change(self, variable: str, where: Where, scenario: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the draws, and the change in each: a fraction of the base, or a difference.

        Parameters
        ----------
        variable
            One of `VARIABLES`; probabilities (`second_strike`) change by a difference.
        where
            Codes by dimension, as in a claim.
        scenario
            Label on the scenario axis.

        Raises
        ------
        WorldError
            If the read-out was not kept, or has no meaning before or after.
        """
        before, after = self.level(variable, where), self.level(variable, where, scenario)
        if np.isnan(before).any() or np.isnan(after).any():
            raise WorldError(
                f"{variable} has no meaning here: one side holds no weapon before or after the "
                "edits"
            )
        return self.draws, moved(variable, before, after)


def of_states(name: str, states: Iterable[str]) -> bool:
    """Say whether a parameter of arsenals is of all states, or of one of those named.

    Parameters
    ----------
    name
        Its brackets hold a state and a class of weapons, a state, or a class of any state.
    states
        Codes.

    Examples
    --------
    >>> names = ("cep[USA silo]", "command[CHN]", "kill_found[silo]", "common")
    >>> [of_states(name, ["USA"]) for name in names]
    [True, False, True, True]
    """
    first = name.partition("[")[2][:3]
    return not first.isupper() or first in states


def moved(variable: str, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the change draw by draw: a difference of probabilities of arsenals, else a fraction.

    Parameters
    ----------
    variable
        One of `VARIABLES`.
    before, after
        Levels, [draw].

    Examples
    --------
    >>> moved("dispute_risk", np.array([2.0]), np.array([3.0])).tolist()
    [0.5]
    """
    if variable in OF_ARSENALS:
        return after - before
    flat = before == 0
    return np.where(flat & (after == 0), 0.0, after / np.where(flat, 1.0, before) - 1)
