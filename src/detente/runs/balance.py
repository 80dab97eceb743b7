"""The models of security side by side, over worlds that differ in what they read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detente.security import (
    Hazards,
    challenge_risk,
    common_reliability,
    dispute_hazards,
    draw_spending,
    drivers,
    exchange_draws,
    second_strike,
    spending_path,
)
from detente.security.deterrence_prior import ASSUMPTIONS
from detente.strategic import DIRECTED, OF_ARSENALS, OF_STATES, Readout
from detente.world import World

YEARS = 10
# Warheads that a second strike must deliver.
ANSWERS = {"second_strike": 10, "second_strike_100": 100}
# The parameters of one part are named after it: `deterrence.pact_effect`.
DETERRENCE, SPENDING, EXCHANGE = "deterrence", "spending", "exchange"
READ_BY_HAZARDS = (
    "gdp", "population", "distance_min", "land_border", "polyarchy", "defence_pact",
    "ideal_point", "sanction_trade", "sanction_financial", "sanction_arms", "membership",
    "warheads",
)  # fmt: skip
READ_BY_EXCHANGE = ("warheads", "alert_share", "missile_defence")
SAID = (
    *ASSUMPTIONS,
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
    threat : [draw, country] chance of at least one fatal dispute in a year, points
    """

    table: dict[str, np.ndarray]
    challenge: np.ndarray
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
        return one._risks(1, one.draws).challenge[0]

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
        first = self._risks(0, draws) if wanted - set(OF_ARSENALS) else None
        for number in range(len(self.worlds)):
            risks = self._risks(number, draws) if number and first is not None else first
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

    def _risk(self, one: Readout, risks: Risks) -> np.ndarray:
        here = [self._places[code] for code in one.origin]
        there = [self._places[code] for code in one.destination]
        if one.variable in DIRECTED:
            return risks.challenge[:, here][:, :, there].sum(axis=(1, 2))
        table = risks.table[one.variable]
        if not there:
            return table[:, here][:, :, here].sum(axis=(1, 2)) / 2
        # A pair that stands on both sides counts once.
        pairs = sorted({(min(i, j), max(i, j)) for i in here for j in there if i != j})
        first, second = (list(end) for end in zip(*pairs, strict=True))
        return table[:, first, second].sum(axis=1)

    def _hazards(self, world: World, draws: np.ndarray) -> Hazards:
        if not self.point:
            return dispute_hazards(world, draws.tolist(), self.seed)
        key = ("hazards", *_layers(world, READ_BY_HAZARDS))
        if key not in self._known:
            self._known[key] = dispute_hazards(world, [0], self.seed, point=True)
        return self._known[key]

    def _risks(self, number: int, draws: np.ndarray) -> Risks:
        world = self.worlds[number]
        hazards = self._hazards(world, draws)
        found = challenge_risk(
            world, hazards.onset, draws.tolist(), self.seed, self.point,
            base=self.worlds[0], held=self._of(DETERRENCE),
        )  # fmt: skip
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
            threat=-100 * np.expm1(np.log1p(-fatal).sum(axis=2)),
        )

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
        return one._hazards(world, one.draws).fatal[0]

    def drawn(self, readouts: Iterable[Readout]) -> pd.DataFrame:
        """Return what was drawn, a row a draw; of the arsenals only what the states hold."""
        if self.point:
            return pd.DataFrame(index=pd.RangeIndex(len(self.draws), name="draw"))
        parts = {DETERRENCE: drivers(self.draws.tolist(), self.seed).table()}
        parts[DETERRENCE]["reliability"] = common_reliability(self.draws.tolist(), self.seed)
        parts[SPENDING] = pd.DataFrame(draw_spending(self.draws, self.seed))
        sides = {
            c for r in readouts if r.variable in OF_ARSENALS for c in (*r.origin, *r.destination)
        }
        every = exchange_draws(int(self.draws.max()) + 1, self.seed).table().loc[self.draws]
        kept = [c for c in every.columns if "[" not in c or c.split("[")[1][:3] in sides]
        parts[EXCHANGE] = every[kept]
        named = [part.reset_index(drop=True).add_prefix(f"{name}.") for name, part in parts.items()]
        table = pd.concat(named, axis=1)
        return table.set_index(pd.Index(self.draws, name="draw"))

    def assumptions(self) -> tuple[str, ...]:
        """Return what the numbers rest on beside estimates."""
        return SAID


def _layers(world: World, names: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(world.values(name).tobytes() if world.has(name) else b"" for name in names)
