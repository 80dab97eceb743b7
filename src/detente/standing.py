"""Who stands with whom before and after a scenario: positions, camps, division of the system.

Positions vary by draw with their published spread, ties with the ranges of the tie rule; both are
the same draw before and after, so that a change is due to the edits alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest

BY_POSITION = ("position_gap", "dispersion", "polarization")
BY_CAMP = ("cohesion", "frustration", "camp_votes", "camp_output")
VARIABLES = BY_POSITION + BY_CAMP


@dataclass(frozen=True)
class Camps:
    """The two camps of a world over draws of its ties.

    Attributes
    ----------
    frustration : [camp draw] share of the weight of all ties that the camps violate
    together : [camp draw, anchor, country] share of the best partitions in which a state is in
        the anchor's camp; NaN where no chain of ties connects them
    cohesion : [camp draw, group] net weight of the ties among the members, per pair of them
    ties : columns a, b, sign, weight: the ties at the centre of the rule
    optima : mean number of best partitions of a draw
    unproved : share of draws without proof that the partition is best
    """

    frustration: np.ndarray
    together: np.ndarray
    cohesion: np.ndarray
    ties: pd.DataFrame
    optima: float
    unproved: float


@dataclass(frozen=True)
class Standing:
    """What alignment and blocs computed, by distinct world: world 0 is the base.

    Attributes
    ----------
    countries : codes, in the order of the world
    worlds : for each label of the scenario axis, the number of its world
    draws, camp_draws : numbers of the draws of positions, and of the ties (a part of them)
    position : [world, draw, country] General Assembly positions; NaN where none is known
    polarization : [world, draw] Esteban-Ray index of the positions, weighted by output
    output : [country] gross domestic product, million USD
    anchors : states whose camps are stated
    groups : groups whose cohesion is stated, with their members
    camps : by number of world, where they were asked for
    """

    countries: tuple[str, ...]
    worlds: Mapping[str, int]
    draws: np.ndarray
    camp_draws: np.ndarray
    position: np.ndarray
    polarization: np.ndarray
    output: np.ndarray
    anchors: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    camps: Mapping[int, Camps]

    def change(
        self, variable: str, where: Mapping[str, Sequence[str]], scenario: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the draws, and the change in each as a fraction of the base.

        Parameters
        ----------
        variable
            One of `VARIABLES`.
        where
            Codes by dimension, as in a claim.
        scenario
            Label on the scenario axis.

        Raises
        ------
        WorldError
            If a state has no position, or a camp was not asked for.
        """
        after, before = (self._level(variable, where, n) for n in (self.worlds[scenario], 0))
        draws = self.draws if variable in BY_POSITION else self.camp_draws
        flat = before == 0
        ratio = after / np.where(flat, 1.0, before) - 1
        return draws, np.where(flat & (after == 0), 0.0, ratio)

    def level(
        self, variable: str, where: Mapping[str, Sequence[str]], scenario: str | None = None
    ) -> np.ndarray:
        """Return [draw] the level of a variable; of the base when no scenario is named."""
        return self._level(variable, where, 0 if scenario is None else self.worlds[scenario])

    def _level(self, variable: str, where: Mapping[str, Sequence[str]], world: int) -> np.ndarray:
        if variable == "polarization":
            return self.polarization[world]
        if variable == "cohesion":
            return self._camps(world).cohesion[:, self._group(where["country"])]
        if variable == "frustration":
            return self._camps(world).frustration
        if variable == "dispersion":
            return self._points(where["country"], world).std(axis=1)
        if variable == "position_gap":
            first = self._points(where["origin"], world)
            second = self._points(where["destination"], world)
            return np.abs(first[:, :, None] - second[:, None, :]).mean(axis=(1, 2))
        weight = self.output if variable == "camp_output" else np.ones(len(self.countries))
        return self._camp(where["country"], world) @ (weight / weight.sum())

    def _points(self, codes: Sequence[str], world: int) -> np.ndarray:
        """Return [draw, state] positions of those that have one."""
        places = [self.countries.index(code) for code in codes]
        points = self.position[world][:, places]
        known = ~np.isnan(points[0])
        if not known.any():
            raise WorldError(
                f"no General Assembly position is known of {', '.join(codes[:5])}: name states "
                "that vote there"
            )
        return points[:, known]

    def _camp(self, codes: Sequence[str], world: int) -> np.ndarray:
        """Return [camp draw, country] membership of the camp of one anchor."""
        if len(codes) != 1 or codes[0] not in self.anchors:
            raise WorldError(
                f"camps were computed of {', '.join(self.anchors)}, not of {', '.join(codes[:3])}"
                f"{nearest(codes[0], self.anchors)}"
            )
        held = self._camps(world).together[:, self.anchors.index(codes[0])]
        return np.nan_to_num(held, nan=0.0)

    def _group(self, codes: Sequence[str]) -> int:
        """Return the place of the group with just these members."""
        for place, members in enumerate(self.groups.values()):
            if set(members) == set(codes):
                return place
        raise WorldError(
            f"cohesion was computed of groups (@{', @'.join(self.groups)}), not of "
            f"{', '.join(codes[:5])}"
        )

    def _camps(self, world: int) -> Camps:
        if world not in self.camps:
            raise WorldError("camps were computed of full scenarios, not of these edits alone")
        return self.camps[world]

    def membership(self, scenario: str | None = None) -> pd.DataFrame:
        """Return the probability that each state is in the camp of each anchor.

        Parameters
        ----------
        scenario
            Label on the scenario axis; the base when none is named.

        Returns
        -------
        DataFrame
            iso3, one column an anchor (share of the draws in which ties connect the two), untied
            (share of draws in which no chain of ties leads to the first anchor).
        """
        held = self._camps(0 if scenario is None else self.worlds[scenario]).together
        known = ~np.isnan(held)
        total = np.where(known, held, 0.0).sum(axis=0)
        count = known.sum(axis=0)
        share = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
        table = pd.DataFrame(share.T, columns=list(self.anchors))
        table.insert(0, "iso3", list(self.countries))
        table["untied"] = 1 - count[0] / len(self.camp_draws)
        return table
