"""The models of security side by side, over worlds that differ in what they read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detente.security import (
    Challenge,
    Hazards,
    challenge_risk,
    common_reliability,
    dispute_hazards,
    draw_spending,
    drivers,
    exchange_draws,
    second_strike,
    spending_path,
    unprotected,
)
from detente.security.deterrence_prior import ASSUMPTIONS
from detente.security.disputes import KINDS
from detente.strategic import BY_TREATY, DIRECTED, OF_ARSENALS, OF_STATES, Readout, of_states
from detente.world import World

YEARS = 10
# Warheads that a second strike must deliver.
ANSWERS = {"second_strike": 10, "second_strike_100": 100}
# The parameters of one part are named after it: `deterrence.pact_effect`.
DETERRENCE, SPENDING, EXCHANGE, DISPUTES = "deterrence", "spending", "exchange", "disputes"
# Share of the association between traits of pairs and disputes that an edit of a trait brings
# about. Sanctions follow quarrels as much as they cause them, and no estimate tells the two apart.
EFFECT_SHARE = "effect_share"
SHARE_STREAM = 41
READ_BY_HAZARDS = (
    "gdp", "distance_min", "land_border", "polyarchy", "defence_pact", "ideal_point", "membership",
)  # fmt: skip
# Of these the risk of disputes reads only whether there is any.
ANY_OF = ("sanction_trade", "sanction_financial", "warheads")
READ_BY_PROMISES = (
    "defence_pact", "alliance", "alliance_reliability", "eu_42_7", "membership", "gdp",
    "population", "distance_capital", "distance_min", "troops", "arms_supply",
)  # fmt: skip
READ_BY_EXCHANGE = ("warheads", "alert_share", "missile_defence")
SAID = (
    *ASSUMPTIONS,
    "An edit of a trait of two states (a sanction, a vote, an organisation in common) moves the "
    "log odds of a dispute by a share of the estimated association. The share is not known: it is "
    "drawn evenly between none and all.",
    "What pacts do to disputes they do alike to disputes with deaths and to wars.",
    "The base path of spending is the level of the base year; output stays as it is.",
    "Second strikes rest on a table of classes of force typed from open literature.",
)
Known = dict[Any, Any]


@dataclass(frozen=True)
class Risks:
    """What some draws of one world give, draw first.

    Attributes
    ----------
    table : by variable of pairs, [draw, country, country] probability in a year, symmetric
    challenge : [draw, challenger, target]
    treaties : the same where doubt about one promise does not spread to others
    threat : [draw, country] chance of at least one fatal dispute in a year, points
    """

    table: dict[str, np.ndarray]
    challenge: np.ndarray
    treaties: np.ndarray
    threat: np.ndarray


class Balance:
    """The models of security for some worlds, the first of which is the base.

    Parameters
    ----------
    worlds
        The base, and edited worlds.
    draws
        Numbers of all draws.
    seed, point
        Of the draws; whether every parameter stands at its centre.
    held
        Parameters at values of their own, by name.
    known
        Central results that depend on nothing held, by key; shared between balances.
    """

    def __init__(
        self,
        worlds: Sequence[World],
        draws: np.ndarray,
        seed: int,
        point: bool,
        held: Mapping[str, float] | None = None,
        known: Known | None = None,
    ) -> None:
        self.worlds, self.draws, self.seed, self.point = list(worlds), draws, seed, point
        self._held = dict(held or {})
        self._known: Known = {} if known is None else known
        self._places = {code: n for n, code in enumerate(worlds[0].countries)}
        self._strikes: Known = {}
        # Places of targets whose pacts count, see `_aim`; all of them when None.
        self._targets: list[int] | None = None
        self._by_treaty: list[int] = []

    def _of(self, part: str) -> dict[str, float]:
        """Return what is held of one part."""
        stem = f"{part}."
        return {k.removeprefix(stem): v for k, v in self._held.items() if k.startswith(stem)}

    def spending(self, members: Iterable[str]) -> list[str]:
        """Return those members whose military spending is known."""
        level = self.worlds[0].values("military_spending")
        return [code for code in members if np.nan_to_num(level[self._places[code]]) > 0]

    def central(self, number: int) -> np.ndarray:
        """Return [challenger, target] risks of a world at the centre of every parameter."""
        pair = [self.worlds[0], self.worlds[number]]
        one = Balance(pair, np.zeros(1, dtype=int), self.seed, True, None, self._known)
        return one._risks(1, one.draws, {}).challenge[0]

    def strikes(self, readouts: Iterable[Readout]) -> None:
        """Compute the second strikes that read-outs ask for, over all draws at once."""
        wanted = [one for one in readouts if one.variable in OF_ARSENALS]
        if not wanted:
            return
        sides = tuple(sorted({code for one in wanted for code in (*one.origin, *one.destination)}))
        values = exchange_draws(0 if self.point else int(self.draws.max()) + 1, self.seed)
        for name, value in self._of(EXCHANGE).items():
            values = values.fixed(name, value)
        for number, world in enumerate(self.worlds):
            key = _layers(world, READ_BY_EXCHANGE)
            if key not in self._strikes:
                self._strikes[key] = second_strike(
                    world, required=tuple(ANSWERS.values()), states=sides, parameters=values
                )
            found = self._strikes[key]
            for one in wanted:
                pair = (*one.origin, *one.destination)
                self._strikes[number, one] = found.index(*pair, required=ANSWERS[one.variable])

    def levels(self, readouts: Sequence[Readout], draws: np.ndarray) -> np.ndarray:
        """Return [world, readout, draw] levels of some draws; `strikes` must have run."""
        wanted = {one.variable for one in readouts}
        found = np.empty((len(self.worlds), len(readouts), len(draws)))
        known: Known = {}
        self._aim(readouts)
        first = self._risks(0, draws, known) if wanted - set(OF_ARSENALS) else None
        for number in range(len(self.worlds)):
            risks = self._risks(number, draws, known) if number and first is not None else first
            for place, one in enumerate(readouts):
                if one.variable in OF_ARSENALS:
                    found[number, place] = self._strikes[number, one][draws]
                elif one.variable not in OF_STATES and risks is not None:
                    found[number, place] = self._risk(one, risks)
            if OF_STATES[0] in wanted and first is not None and risks is not None:
                outlays = self._outlays(number, first, risks, draws)[:, YEARS - 1]
                for place, one in enumerate(readouts):
                    if one.variable in OF_STATES:
                        here = [self._places[code] for code in one.origin]
                        found[number, place] = outlays[:, here].sum(axis=1)
        return found

    def _aim(self, readouts: Sequence[Readout]) -> None:
        """Note the targets whose pacts count: all where threats or pairs to show are wanted."""
        ends: dict[str, set[str]] = {"risk": set(), "treaty": set()}
        for one in readouts:
            sides = one.destination if one.variable in DIRECTED else one.origin + one.destination
            ends["treaty" if one.variable == BY_TREATY else "risk"].update(sides)
        self._targets = None
        if not any(one.variable in OF_STATES for one in readouts):
            self._targets = sorted(self._places[code] for code in ends["risk"])
        self._by_treaty = sorted(self._places[code] for code in ends["treaty"])

    def _risk(self, one: Readout, risks: Risks) -> np.ndarray:
        here = [self._places[code] for code in one.origin]
        there = [self._places[code] for code in one.destination]
        if one.variable in DIRECTED:
            table = risks.treaties if one.variable == BY_TREATY else risks.challenge
            return table[:, here][:, :, there].sum(axis=(1, 2))
        table = risks.table[one.variable]
        if not there:
            return table[:, here][:, :, here].sum(axis=(1, 2)) / 2
        # A pair that stands on both sides counts once.
        pairs = sorted({(min(i, j), max(i, j)) for i in here for j in there if i != j})
        first, second = (list(end) for end in zip(*pairs, strict=True))
        return table[:, first, second].sum(axis=1)

    def _hazards(self, world: World, draws: np.ndarray, known: Known) -> Hazards:
        key = ("hazards", *_hazard_key(world))
        if self.point:
            known = self._known
        if key not in known:
            numbers = [0] if self.point else draws.tolist()
            first = self.worlds[0]
            base = known.get(("hazards", *_hazard_key(first)))
            near = None if base is None else (first, base)
            known[key] = dispute_hazards(world, numbers, self.seed, self.point, near=near)
        return known[key]

    def _shares(self, draws: np.ndarray) -> np.ndarray:
        """Return [draw] the share of an association that an edit brings about."""
        held = self._of(DISPUTES).get(EFFECT_SHARE)
        if held is not None or self.point:
            return np.full(len(draws), 0.5 if held is None else held)
        return np.array(
            [np.random.default_rng([self.seed, int(n), SHARE_STREAM]).random() for n in draws]
        )

    def _after(self, number: int, draws: np.ndarray, known: Known) -> Hazards:
        """Return the chances of disputes of a world, moved from the base by a share."""
        first = self._hazards(self.worlds[0], draws, known)
        last = self._hazards(self.worlds[number], draws, known)
        key = ("after", *_hazard_key(self.worlds[number]))
        if last is first:
            return first
        if key not in known:
            share = self._shares(draws)[:, None]
            moved = [_between(getattr(first, k), getattr(last, k), share) for k in KINDS]
            known[key] = Hazards(first.countries, *moved)
        return known[key]

    def _risks(self, number: int, draws: np.ndarray, known: Known) -> Risks:
        """Return the risks of a world; `known` holds what worlds have in common in these draws."""
        world = self.worlds[number]
        key = ("risks", *_hazard_key(world), *_layers(world, READ_BY_PROMISES))
        if key not in known:
            known[key] = self._with_pacts(world, self._after(number, draws, known), draws, known)
        return known[key]

    def _alone(self, world: World, hazards: Hazards, draws: np.ndarray, known: Known) -> np.ndarray:
        """Return challenges before pacts; worlds with the same chances of disputes share them."""
        key = ("alone", id(hazards), *_layers(world, ["gdp"]))
        if key not in known:
            fixed = {k: v for k, v in self._of(DETERRENCE).items() if k != "reliability"}
            drawn = drivers(draws.tolist(), self.seed, self.point).fixed(fixed)
            # The chances are kept beside, so that no others take their place in memory.
            known[key] = unprotected(world, hazards.onset, drawn), hazards
        return known[key][0]

    def _with_pacts(self, world: World, hazards: Hazards, draws: np.ndarray, known: Known) -> Risks:
        alone = self._alone(world, hazards, draws, known)

        def challenge(spread: bool, targets: list[int] | None) -> Challenge:
            return challenge_risk(
                world, hazards.onset, draws.tolist(), self.seed, self.point, base=self.worlds[0],
                reputation=spread, contagion=spread, held=self._of(DETERRENCE), targets=targets,
                alone=alone,
            )  # fmt: skip

        found = challenge(True, self._targets)
        moved = any(
            _layers(world, [name]) != _layers(self.worlds[0], [name]) for name in READ_BY_PROMISES
        )
        combined = found.combined
        shape = {"out": np.ones_like(combined), "where": hazards.onset > 0}
        ratio = np.divide(combined, hazards.onset, **shape)
        fatal = np.minimum(hazards.fatal * ratio, 1 - 1e-12)
        return Risks(
            table={
                "dispute_risk": combined,
                "fatal_dispute_risk": fatal,
                "war_risk": hazards.war * ratio,
            },
            challenge=found.risk,
            treaties=self._treaties(challenge, found, moved),
            threat=-100 * np.expm1(np.log1p(-fatal).sum(axis=2)),
        )

    def _treaties(self, challenge: Any, found: Challenge, moved: bool) -> np.ndarray:
        """Return risks where doubt does not spread, for the targets that are asked about."""
        if not self._by_treaty or not moved:
            return found.risk
        return challenge(False, self._by_treaty).risk

    def _outlays(self, number: int, first: Risks, risks: Risks, draws: np.ndarray) -> np.ndarray:
        """Return [draw, year, country] military spending, million USD; 0 where none is known."""
        level = np.nan_to_num(self.worlds[0].values("military_spending").astype(float))
        found = spending_path(
            self.worlds[0], self.worlds[number], first.threat, risks.threat, YEARS,
            draws.tolist(), self.seed, self.point,
            hazard=self._rivalry(), held=self._of(SPENDING),
        )  # fmt: skip
        return level * np.exp(np.nan_to_num(found.change))

    def _rivalry(self) -> np.ndarray:
        """Return [country, country] fatal hazards of the base at the centre: who is a rival."""
        world = self.worlds[0]
        one = Balance([world], np.zeros(1, dtype=int), self.seed, True, None, self._known)
        return one._hazards(world, one.draws, {}).fatal[0]

    def drawn(self, readouts: Iterable[Readout]) -> pd.DataFrame:
        """Return what was drawn, a row a draw; of the arsenals only what the states hold."""
        if self.point:
            return pd.DataFrame(index=pd.RangeIndex(len(self.draws), name="draw"))
        parts = {DETERRENCE: drivers(self.draws.tolist(), self.seed).table()}
        parts[DISPUTES] = pd.DataFrame({EFFECT_SHARE: self._shares(self.draws)})
        parts[DETERRENCE]["reliability"] = common_reliability(self.draws.tolist(), self.seed)
        parts[SPENDING] = pd.DataFrame(draw_spending(self.draws, self.seed))
        sides = {
            c for r in readouts if r.variable in OF_ARSENALS for c in (*r.origin, *r.destination)
        }
        every = exchange_draws(int(self.draws.max()) + 1, self.seed).table().loc[self.draws]
        kept = [name for name in every.columns if of_states(name, sides)]
        parts[EXCHANGE] = every[kept]
        named = [part.reset_index(drop=True).add_prefix(f"{name}.") for name, part in parts.items()]
        table = pd.concat(named, axis=1)
        return table.set_index(pd.Index(self.draws, name="draw"))

    def assumptions(self) -> tuple[str, ...]:
        """Return what the numbers rest on beside estimates."""
        return SAID


def _between(first: np.ndarray, last: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return chances whose log odds lie a share of the way from the first to the last."""
    moved = (first != last).any(axis=0)
    found = first.copy()
    before, after = first[:, moved], last[:, moved]
    odds = before / (1 - before) * (after / (1 - after) * (1 - before) / before) ** share
    found[:, moved] = odds / (1 + odds)
    return found


def _hazard_key(world: World) -> tuple[bytes, ...]:
    """Return what the risk of disputes reads of a world."""
    return (*_layers(world, READ_BY_HAZARDS), *_layers(world, ANY_OF, any_of=True))


def _layers(world: World, names: Sequence[str], any_of: bool = False) -> tuple[bytes, ...]:
    """Return what worlds are told apart by: layers, or whether their cells are above zero."""
    found = (world.values(name) if world.has(name) else np.zeros(0) for name in names)
    return tuple((values > 0 if any_of else values).tobytes() for values in found)
