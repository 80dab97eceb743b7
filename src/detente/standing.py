"""Who stands with whom before and after a scenario: positions, camps, division of the system.

Positions vary by draw with their published spread, ties with the ranges of the tie rule; both are
the same draw before and after, so that a change is due to the edits alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from detente.collective import OUTCOMES, Collective, capability, share_of
from detente.errors import WorldError, nearest

BY_POSITION = ("position_gap", "dispersion", "polarization")
OF_AN_ANCHOR = ("camp_votes", "camp_output", "camp_capability", "camp_block", "camp_power")
BY_CAMP = ("cohesion", "frustration", *OF_AN_ANCHOR)
BY_GROUP = ("power_to_pass", "power_to_block")
VARIABLES = (*BY_POSITION, *BY_CAMP, *BY_GROUP)
# States whose positions are told apart as parameters, at most.
MOST_POSITIONS = 40
ROUNDING = 1e-12
# Names of what is drawn, as parameters.
POSITION, WEIGHT = "position", "tie_weight"
UNITS = {POSITION: "index", WEIGHT: "weight"}


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
class Responded:
    """How the positions of third states were moved after a scenario.

    Attributes
    ----------
    horizon : sessions after the edits
    flag : `prior-driven` where the scores do not license the response, else empty
    scores : one sentence a release and horizon: errors out of sample beside naive forecasts
    """

    horizon: int
    flag: str
    scores: tuple[str, ...]


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
    weights : [camp draw] by layer: the drawn weight of each row of the tie rule
    collective : what collective influence is computed from
    responded : how third states were let respond; None where positions change by edits alone
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
    weights: pd.DataFrame = field(default_factory=pd.DataFrame)
    collective: Collective | None = None
    responded: Responded | None = None

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
        draws = self.camp_draws if variable in BY_CAMP else self.draws
        return draws, relative(before, after)

    def drawn(self, variable: str, where: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """Return [draw, parameter] what is drawn of a variable: positions, or weights of ties.

        Parameters
        ----------
        variable, where
            As in `change`.

        Returns
        -------
        DataFrame
            Columns `position[CODE]` of the states concerned (of all states: those of largest
            output), or `tie_weight[LAYER]`.
        """
        if variable not in BY_POSITION:
            table = self.weights.add_prefix(f"{WEIGHT}[").add_suffix("]")
            return table.set_axis(self.camp_draws[: len(table)], axis=0)
        named = dict.fromkeys(code for codes in where.values() for code in codes)
        if not named:
            order = np.argsort(-self.output, kind="stable")
            named = dict.fromkeys(self.countries[n] for n in order)
        points = self.position[0]
        known = [c for c in named if np.isfinite(points[0, self.countries.index(c)])]
        known = known[:MOST_POSITIONS]
        columns = points[:, [self.countries.index(code) for code in known]]
        return pd.DataFrame(columns, self.draws, [f"{POSITION}[{code}]" for code in known])

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
        if variable in BY_GROUP:
            held = np.atleast_1d(self.belong(where["country"], world))
            return np.broadcast_to(self._power(variable, held), self.draws.shape)
        return self.hold(variable, self.camp(where["country"], world), self.output)

    def hold(self, variable: str, belongs: np.ndarray, income: np.ndarray) -> np.ndarray:
        """Return what those in a camp hold together.

        Parameters
        ----------
        variable
            One of `OF_AN_ANCHOR`.
        belongs
            [draw, country] shares of membership.
        income
            [country] or [draw, country] output.

        Raises
        ------
        WorldError
            If seats and population were not recorded.
        """
        if variable == "camp_output":
            return share_of(belongs, income)
        known = self.known_collective()
        if variable == "camp_votes":
            return known.votes(belongs) / known.total
        if variable == "camp_capability":
            return share_of(belongs, capability(income, known.population))
        return self._power(variable, belongs)

    def known_collective(self) -> Collective:
        """Return what collective influence is computed from; raise where it was not recorded."""
        if self.collective is None:
            raise WorldError("votes, population and power were not recorded with this outcome")
        return self.collective

    def _power(self, variable: str, belongs: np.ndarray) -> np.ndarray:
        known = self.known_collective()
        return known.power_of(known.votes(belongs), OUTCOMES[variable])

    def belong(self, codes: Sequence[str], world: int) -> np.ndarray:
        """Return [country] who is of a group: of a named one, with memberships as edited."""
        members = self.known_collective().members
        for name, listed in self.groups.items():
            if name in members and set(listed) == set(codes):
                return members[name][world].astype(float)
        return np.isin(self.countries, list(codes)).astype(float)

    def _points(self, codes: Sequence[str], world: int) -> np.ndarray:
        """Return [draw, state] positions of those that have one."""
        places = [self.countries.index(code) for code in codes]
        points = self.position[world][:, places]
        # Known before and after: a state that only an edit gives a position has no change.
        known = ~np.isnan(points[0]) & ~np.isnan(self.position[0][0, places])
        if not known.any():
            raise WorldError(
                f"no General Assembly position is known of {', '.join(codes[:5])} before the "
                "edits: name states that vote there"
            )
        return points[:, known]

    def camp(self, codes: Sequence[str], world: int) -> np.ndarray:
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


def relative(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the change as a fraction of the base; 0 where both are 0."""
    flat = before == 0
    ratio = after / np.where(flat, 1.0, before) - 1
    # A sum of the same numbers in another order differs in its last bits, and is no change.
    return np.where((flat & (after == 0)) | (np.abs(ratio) < ROUNDING), 0.0, ratio)
