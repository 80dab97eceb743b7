"""Draws of positions and items, and what is read from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from detente.alignment.ideal_points_table import RollCalls
from detente.errors import DataError, nearest

INTERVAL = (0.05, 0.95)
TERMS = ("discrimination", "cut_yes", "cut_no")
MOST = 300


@dataclass(frozen=True, repr=False)
class IdealPoints:
    """Draws of positions from votes.

    Attributes
    ----------
    draws : DataArray (chain, draw, position), with voter, period and votes of each position
    item_draws : DataArray (chain, draw, item, term); terms are discrimination, cut_yes (below
        it: yes) and cut_no (above it: no)
    counts : DataFrame, one row an item: votes of each kind, first period, periods
    calls : DataFrame, one row a period: voters, roll calls, and how many of these share their
        item with another period
    anchors : voters that fix the sign, with their starting positions
    facts : method, seed, warmup, thin, share of accepted moves, seconds
    """

    draws: xr.DataArray
    item_draws: xr.DataArray
    counts: pd.DataFrame
    calls: pd.DataFrame
    anchors: Mapping[str, float]
    facts: Mapping[str, Any]

    def __repr__(self) -> str:
        chains, draws, positions = self.draws.shape
        return (
            f"IdealPoints: {positions} positions of {len(self.voters)} voters in "
            f"{len(self.calls)} periods, {len(self.counts)} items, {chains} x {draws} draws "
            f"({self.facts['method']}, {self.facts['seconds']:.0f} s)"
        )

    @property
    def voters(self) -> list[str]:
        """Return the voters, sorted."""
        return sorted({str(voter) for voter in self.draws.voter.values})

    @property
    def warnings(self) -> tuple[str, ...]:
        """Say which periods no recurring item ties to the others."""
        if len(self.calls) < 2:
            return ()
        alone = self.calls.loc[self.calls["recurring"] == 0]
        return tuple(
            f"period {row.period}: none of its {row.roll_calls} roll calls recurs in another "
            "period. Only the prior ties its scale to other periods, so a move into it mixes a "
            "change of position with a change of agenda"
            for row in alone.itertuples()
        )

    def table(self) -> pd.DataFrame:
        """Return voter, period, mean, sd, p05, p95 and votes of each position."""
        values = self.draws.values.reshape(-1, self.draws.shape[2])
        frame = _summary(values)
        frame.insert(0, "voter", self.draws.voter.values)
        frame.insert(1, "period", self.draws.period.values)
        return frame.assign(votes=self.draws.votes.values)

    def items(self) -> pd.DataFrame:
        """Return discrimination and cutpoints of each item with intervals, and its votes.

        A cutpoint between kinds of votes of which one was not cast is known from one side
        only: the prior's bound of 7 is its other side.
        """
        count = self.item_draws.shape[2]
        frame = self.counts.copy()
        for place, term in enumerate(TERMS):
            values = self.item_draws.values[..., place].reshape(-1, count)
            found = _summary(values).drop(columns="sd")
            found.columns = [term, f"{term}_p05", f"{term}_p95"]
            frame = pd.concat([frame, found], axis=1)
        return frame

    def position(self, voter: str, period: Any) -> np.ndarray:
        """Return all draws of one position, chains one after another.

        Parameters
        ----------
        voter, period
            As in the table of votes.

        Raises
        ------
        DataError
            The voter is unknown, or cast no vote in the period.
        """
        self._known(voter)
        at = (self.draws.voter.values == voter) & (self.draws.period.values == period)
        if not at.any():
            periods = self.draws.period.values[self.draws.voter.values == voter]
            raise DataError(
                f"no position of {voter} in period {period}: it cast no vote then that divides "
                f"voters. It has {len(periods)} periods from {periods.min()} to {periods.max()}"
            )
        return self.draws.values[..., np.flatnonzero(at)[0]].ravel()

    def distance(self, first: str, second: str) -> pd.DataFrame:
        """Return how far two voters are apart in each common period, from joint draws.

        Parameters
        ----------
        first, second
            Voters.

        Returns
        -------
        DataFrame
            period; mean, sd, p05 and p95 of |difference|; `share_first_higher`, the share of
            draws in which the first voter lies higher.

        Raises
        ------
        DataError
            A voter is unknown, or they have no common period.
        """
        places = []
        for voter in (first, second):
            self._known(voter)
            at = np.flatnonzero(self.draws.voter.values == voter)
            places.append(pd.Series(at, index=self.draws.period.values[at]))
        common = places[0].index.intersection(places[1].index).sort_values()
        if common.empty:
            raise DataError(f"{first} and {second} have no period in which both voted")
        values = self.draws.values.reshape(-1, self.draws.shape[2])
        gap = values[:, places[0][common]] - values[:, places[1][common]]
        frame = _summary(np.abs(gap))
        frame.insert(0, "period", common)
        return frame.assign(share_first_higher=(gap > 0).mean(axis=0))

    def diagnostics(self, most: int | None = MOST) -> pd.DataFrame:
        """Return R-hat and effective sample sizes of positions, computed by ArviZ.

        Parameters
        ----------
        most
            Positions at most, taken at even distances, since ArviZ needs some milliseconds for
            each; None for all.

        Returns
        -------
        DataFrame
            voter, period, r_hat (rank-normalised, split), ess_bulk, ess_tail.

        Raises
        ------
        DataError
            ArviZ is not installed, or there are fewer than four draws a chain.
        """
        try:
            from arviz_stats.base.array import array_stats
        except ImportError as error:
            raise DataError(
                "diagnostics need ArviZ: install arviz-stats (pip install arviz-stats)"
            ) from error
        _, draws, positions = self.draws.shape
        if draws < 4:
            raise DataError(f"{draws} draws a chain are too few for diagnostics: ask for four")
        count = positions if most is None else min(most, positions)
        at = np.unique(np.linspace(0, positions - 1, count).round().astype(int))
        values = self.draws.values[..., at].astype(float)
        ess = partial(array_stats.ess, values, chain_axis=0, draw_axis=1)
        return pd.DataFrame(
            {
                "voter": self.draws.voter.values[at],
                "period": self.draws.period.values[at],
                "r_hat": array_stats.rhat(values, chain_axis=0, draw_axis=1),
                "ess_bulk": ess(method="bulk"),
                "ess_tail": ess(method="tail", prob=INTERVAL),
            }
        )

    def _known(self, voter: str) -> None:
        if voter not in self.voters:
            raise DataError(f"no voter {voter}{nearest(str(voter), self.voters)}")


def _summary(values: np.ndarray) -> pd.DataFrame:
    low, high = np.quantile(values, INTERVAL, axis=0)
    return pd.DataFrame(
        {
            "mean": values.mean(axis=0, dtype=float),
            "sd": values.std(axis=0, ddof=1, dtype=float),
            "p05": low,
            "p95": high,
        }
    )


def labelled(
    calls: RollCalls,
    positions: np.ndarray,
    items: np.ndarray,
    anchors: Mapping[str, float],
    facts: Mapping[str, Any],
) -> IdealPoints:
    """Attach names to draws.

    Parameters
    ----------
    calls
        Checked and indexed votes.
    positions
        [chain, draw, position], positions by voter, then period.
    items
        [chain, draw, item, 3].
    anchors, facts
        As in the result.
    """
    period = calls.period_of[calls.roll_call]
    place = calls.voter * len(calls.periods) + period
    kept, votes = np.unique(place, return_counts=True)
    draws = xr.DataArray(
        positions,
        dims=["chain", "draw", "position"],
        coords={
            "voter": ("position", calls.voters[kept // len(calls.periods)]),
            "period": ("position", calls.periods[kept % len(calls.periods)]),
            "votes": ("position", votes),
        },
        name="ideal_point",
    )
    item_draws = xr.DataArray(
        items,
        dims=["chain", "draw", "item", "term"],
        coords={"item": calls.items, "term": list(TERMS)},
        name="item",
    )
    return IdealPoints(
        draws=draws,
        item_draws=item_draws,
        counts=_counts(calls),
        calls=_periods(calls, kept % len(calls.periods)),
        anchors=dict(anchors),
        facts=dict(facts, binary=calls.binary, dropped=calls.dropped, bridged=calls.bridged),
    )


def _counts(calls: RollCalls) -> pd.DataFrame:
    item, size = calls.item_of[calls.roll_call], len(calls.items)
    first = np.full(size, len(calls.periods))
    np.minimum.at(first, calls.item_of, calls.period_of)
    pairs = np.unique(np.stack([calls.item_of, calls.period_of]), axis=1)
    kinds = {
        word: np.bincount(item[calls.vote == code], minlength=size)
        for word, code in (("yes", 1), ("abstain", 2), ("no", 3))
    }
    return pd.DataFrame(
        {
            "item": calls.items,
            "first_period": calls.periods[first],
            "periods": np.bincount(pairs[0], minlength=size),
            **kinds,
        }
    )


def _periods(calls: RollCalls, period_of_position: np.ndarray) -> pd.DataFrame:
    size = len(calls.periods)
    pairs = np.unique(np.stack([calls.item_of, calls.period_of]), axis=1)
    several = np.bincount(pairs[0], minlength=len(calls.items)) > 1
    return pd.DataFrame(
        {
            "period": calls.periods,
            "voters": np.bincount(period_of_position, minlength=size),
            "roll_calls": np.bincount(calls.period_of, minlength=size),
            "recurring": np.bincount(
                calls.period_of, several[calls.item_of].astype(float), minlength=size
            ).astype(int),
        }
    )
