"""What groups and camps hold and can do together: members, seats, people, power by votes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

# Measures of power that a table by votes holds, and the rules of decision, as in
# `detente.alignment.influence_assembly`.
POWERS = ("prevails_for", "prevails_against", "banzhaf", "shapley")
RULES = ("simple_majority", "two_thirds")
# Outcomes that claims are made of. Important questions need two thirds. A camp of 65 votes stops
# those by itself; what sets camps apart is whether they stop a simple majority.
OUTCOMES = {
    "power_to_pass": ("prevails_for", "two_thirds"),
    "power_to_block": ("prevails_against", "two_thirds"),
    "camp_block": ("prevails_against", "simple_majority"),
    "camp_power": ("shapley", "two_thirds"),
}


@dataclass(frozen=True)
class Collective:
    """What the collective influence of groups and camps is computed from.

    Attributes
    ----------
    seats : [country] 1 for a member of the United Nations, else 0
    total : seats of the General Assembly
    population : [country] persons; NaN where unknown
    members : by group [world, country]: who is in it, with memberships as edited
    power : index votes (every whole number from 0 to all seats), a column for each pair of
        `POWERS` and `RULES`
    model : what is supposed of the votes of the others, in words
    """

    seats: np.ndarray
    total: int
    population: np.ndarray
    members: Mapping[str, np.ndarray]
    power: pd.DataFrame
    model: str

    def votes(self, belongs: np.ndarray) -> np.ndarray:
        """Return the votes of those who belong, [...] of [..., country] shares of membership."""
        return np.asarray(belongs, dtype=float) @ self.seats

    def power_of(self, votes: np.ndarray, measure: tuple[str, str]) -> np.ndarray:
        """Return the power of so many votes cast as one.

        A camp can hold a part of a vote, where its best partitions differ; power is then taken
        between those of the two whole numbers of votes.

        Parameters
        ----------
        votes
            Numbers of votes.
        measure
            One of `POWERS` and one of `RULES`.
        """
        known = self.power.index.to_numpy(dtype=float)
        return np.interp(votes, known, self._power[measure])

    # Asked for hundreds of times a brief, and slow to read from a table.
    @cached_property
    def _power(self) -> dict[tuple[str, str], np.ndarray]:
        pairs = [(str(measure), str(rule)) for measure, rule in self.power.columns]
        return dict(zip(pairs, self.power.to_numpy(dtype=float).T.copy(), strict=True))


def capability(output: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Return output times output per head, [..., country]; 0 where nobody lives.

    Beckley (2018), The power of nations, International Security 43(2): what a state has less what
    it needs, for which output per head stands.

    Examples
    --------
    >>> capability(np.array([2.0, 2.0]), np.array([1.0, 4.0])).tolist()
    [4.0, 1.0]
    """
    square = np.asarray(output, dtype=float) ** 2
    known = population > 0
    return np.divide(square, population, out=np.zeros_like(square), where=known)


def share_of(belongs: np.ndarray, income: np.ndarray) -> np.ndarray:
    """Return the share of a total that those who belong hold, [...].

    Examples
    --------
    >>> share_of(np.array([1.0, 0.0, 0.5]), np.array([1.0, 2.0, 2.0])).item()
    0.4
    """
    held = np.asarray(income, dtype=float)
    return (np.asarray(belongs, dtype=float) * held).sum(axis=-1) / held.sum(axis=-1)
