"""The models of security side by side, over worlds that differ in what they read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from detente.runs.balance_reads import (
    BY_EXCHANGE,
    BY_HAZARDS,
    BY_PROMISES,
    BY_SPENDING,
    Edits,
    edits,
    part,
)
from detente.security import (
    Hazards,
    Pacts,
    bonds_of,
    common_reliability,
    dispute_hazards,
    draw_spending,
    drivers,
    exchange_draws,
    pacts_of,
    pair_terms,
    second_strike,
    spending_path,
    unprotected,
)
from detente.security.challenge import either
from detente.security.deterrence_prior import ASSUMPTIONS, Drivers
from detente.security.first_strike import Posture
from detente.strategic import (
    BY_TREATY,
    DIRECTED,
    OF_ARSENALS,
    OF_PAIRS,
    OF_STATES,
    Readout,
    of_states,
)
from detente.world import World

YEARS = 10
# Warheads that a second strike must deliver.
ANSWERS = {"second_strike": 10, "second_strike_100": 100}
# Of the victim, when the first strike comes.
POSTURE: Posture = "surprise"
# The parameters of one part are named after it: `deterrence.pact_effect`.
DETERRENCE, SPENDING, EXCHANGE, DISPUTES = "deterrence", "spending", "exchange", "disputes"
# Share of the association between traits of pairs and disputes that an edit of a trait brings
# about. Sanctions follow quarrels as much as they cause them, and no estimate tells the two apart.
EFFECT_SHARE = "effect_share"
SHARE_STREAM = 41
# In the place of no risk at all, where one divides by it.
TINY = 1e-300
# Held beside the drivers of deterrence: the reliability of every promise.
TRUST = "reliability"
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
    levels : by variable of pairs, [draw, read-out], in the order of the read-outs
    threat : [draw, country] chance of at least one fatal dispute in a year, points; 0 where no
        read-out needs it
    """

    levels: dict[str, np.ndarray]
    threat: np.ndarray


@dataclass(frozen=True)
class Asked:
    """What some read-outs need.

    Attributes
    ----------
    risks : by variable of pairs, cells of a flat table [country, country] and where those of each
        read-out begin among them
    spends : whether outlays are asked for, and so the threats to all states
    targets : places of the targets whose pacts count; all of them when None
    by_treaty : places of the targets whose risks are wanted where doubt does not spread
    """

    risks: dict[str, tuple[np.ndarray, np.ndarray]]
    spends: bool
    targets: list[int] | None
    by_treaty: list[int]

    @property
    def pairs(self) -> bool:
        """Whether risks without a direction are needed."""
        return self.spends or any(name in self.risks for name in OF_PAIRS)


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
    edited
        What `edits` says of each world, where it is known already.
    """

    def __init__(
        self,
        worlds: Sequence[World],
        draws: np.ndarray,
        seed: int,
        point: bool,
        held: Mapping[str, float] | None = None,
        known: Known | None = None,
        edited: Sequence[Edits] | None = None,
    ) -> None:
        self.worlds, self.draws, self.seed, self.point = list(worlds), draws, seed, point
        self._held = dict(held or {})
        self._known: Known = {} if known is None else known
        self._places = {code: n for n, code in enumerate(worlds[0].countries)}
        self._strikes: Known = {}
        self._edits = edited or [edits(world, self.worlds[0]) for world in self.worlds]

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
        known: Known = {}
        alone = one._alone(1, one.draws, known)
        return one._pacts(1, one.draws, known, True, None).shifted(alone, 0)

    def strikes(self, readouts: Iterable[Readout]) -> None:
        """Compute the second strikes that read-outs ask for, over all draws at once."""
        wanted = [one for one in readouts if one.variable in OF_ARSENALS]
        if not wanted:
            return
        sides = tuple(sorted({code for one in wanted for code in (*one.origin, *one.destination)}))
        required = sorted({ANSWERS[one.variable] for one in wanted})
        values = exchange_draws(0 if self.point else int(self.draws.max()) + 1, self.seed)
        for name, value in self._of(EXCHANGE).items():
            values = values.fixed(name, value)
        for number, world in enumerate(self.worlds):
            key = part(self._edits[number], BY_EXCHANGE)
            if key not in self._strikes:
                self._strikes[key] = second_strike(
                    world, required=required, states=sides, parameters=values, postures=(POSTURE,),
                )  # fmt: skip
            found = self._strikes[key]
            for one in wanted:
                pair = (*one.origin, *one.destination)
                self._strikes[number, one] = found.index(*pair, ANSWERS[one.variable], POSTURE)

    def levels(self, readouts: Sequence[Readout], draws: np.ndarray) -> np.ndarray:
        """Return [world, readout, draw] levels of some draws; `strikes` must have run."""
        found = np.empty((len(self.worlds), len(readouts), len(draws)))
        known: Known = {}
        if self.point and not any(self._of(name) for name in (DETERRENCE, DISPUTES)):
            known = self._known.setdefault(("centre", tuple(readouts)), known)
        asked = _asked(readouts, self._places)
        for number in range(len(self.worlds)):
            risks = self._risks(number, draws, known, asked) if asked.risks else None
            for name, levels in (risks.levels if risks else {}).items():
                places = [place for place, one in enumerate(readouts) if one.variable == name]
                found[number, places] = levels.T
            outlays = self._outlays(number, draws, known, asked) if asked.spends else None
            for place, one in enumerate(readouts):
                if one.variable in OF_ARSENALS:
                    found[number, place] = self._strikes[number, one][draws]
                elif one.variable in OF_STATES and outlays is not None:
                    here = [self._places[code] for code in one.origin]
                    found[number, place] = outlays[:, here].sum(axis=1)
        return found

    def _hazards(self, number: int, draws: np.ndarray, known: Known) -> Hazards:
        """Return the chances of disputes of a world, moved from the base by a share."""
        edited = part(self._edits[number], BY_HAZARDS)
        if self.point and not (edited and self._of(DISPUTES)):
            known = self._known
        if ("hazards", edited) not in known:
            world, numbers = self.worlds[number], [0] if self.point else draws.tolist()
            near, share = None, None
            if edited:
                near, share = self._hazards(0, draws, known), self._shares(draws)
            if ("terms", edited) not in self._known:
                self._known["terms", edited] = pair_terms(world)
            known["hazards", edited] = dispute_hazards(
                world, numbers, self.seed, self.point, near=near, share=share,
                terms=self._known["terms", edited],
            )  # fmt: skip
        return known["hazards", edited]

    def _shares(self, draws: np.ndarray) -> np.ndarray:
        """Return [draw] the share of an association that an edit brings about."""
        held = self._of(DISPUTES).get(EFFECT_SHARE)
        if held is not None or self.point:
            return np.full(len(draws), 0.5 if held is None else held)
        return np.array(
            [np.random.default_rng([self.seed, int(n), SHARE_STREAM]).random() for n in draws]
        )

    def _drivers(self, draws: np.ndarray) -> Drivers:
        fixed = {k: v for k, v in self._of(DETERRENCE).items() if k != TRUST}
        return drivers(draws.tolist(), self.seed, self.point).fixed(fixed)

    def _alone(self, number: int, draws: np.ndarray, known: Known) -> np.ndarray:
        """Return challenges before pacts, [draw, challenger, target]."""
        edited = self._edits[number]
        key = ("alone", part(edited, BY_HAZARDS))
        if key not in known:
            onset, near = self._hazards(number, draws, known).onset, None
            if key[1] and "gdp" not in edited:
                near = self._hazards(0, draws, known).onset, self._alone(0, draws, known)
            known[key] = unprotected(self.worlds[number], onset, self._drivers(draws), near)
        return known[key]

    def _pacts(
        self, number: int, draws: np.ndarray, known: Known, spread: bool, targets: list[int] | None
    ) -> Pacts:
        """Return what pacts add to challenges; `spread`: doubt about one reaches others."""
        edited = part(self._edits[number], BY_PROMISES)
        if ("bonds", edited) not in self._known:
            self._known["bonds", edited] = bonds_of(self.worlds[number], self.worlds[0])
        if ("pacts", edited, spread) not in known:
            known["pacts", edited, spread] = pacts_of(
                self.worlds[number], self.worlds[0], self._drivers(draws), draws.tolist(),
                self.seed, self.point, spread, spread, trust=self._of(DETERRENCE).get(TRUST),
                bonds=self._known["bonds", edited].towards(targets),
                near=known.get(("pacts", (), True)),
            )  # fmt: skip
        return known["pacts", edited, spread]

    def _risks(self, number: int, draws: np.ndarray, known: Known, asked: Asked) -> Risks:
        """Return the risks of a world; `known` holds what worlds have in common in these draws."""
        key = ("risks", part(self._edits[number], (*BY_HAZARDS, *BY_PROMISES)))
        if key not in known:
            known[key] = self._protected(number, draws, known, asked)
        return known[key]

    def _protected(self, number: int, draws: np.ndarray, known: Known, asked: Asked) -> Risks:
        hazards = self._hazards(number, draws, known)
        alone = self._alone(number, draws, known)
        pacts = treaties = self._pacts(number, draws, known, True, asked.targets)
        if asked.by_treaty and part(self._edits[number], BY_PROMISES):
            treaties = self._pacts(number, draws, known, False, asked.by_treaty)
        levels = {name: np.empty((len(draws), len(at))) for name, (_, at) in asked.risks.items()}
        threat = np.zeros((len(draws), len(self._places)))
        for row in range(len(draws)):  # one draw at a time stays in the cache
            risk = pacts.shifted(alone, row)
            grids: dict[str, np.ndarray] = dict.fromkeys(DIRECTED, risk)
            if treaties is not pacts:
                grids[BY_TREATY] = treaties.shifted(alone, row)
            if asked.pairs:
                either_way = either(risk)
                ratio = np.maximum(hazards.onset[row], TINY)
                np.divide(either_way, ratio, out=ratio)
                fatal = hazards.fatal[row] * ratio
                np.minimum(fatal, 1 - 1e-12, out=fatal)
                ratio *= hazards.war[row]
                grids.update(zip(OF_PAIRS, (either_way, fatal, ratio), strict=True))
                if asked.spends:
                    threat[row] = 100 * (1 - np.prod(1 - fatal, axis=0))
            for name, (cells, starts) in asked.risks.items():
                levels[name][row] = np.add.reduceat(grids[name].ravel()[cells], starts)
        return Risks(levels, threat)

    def _outlays(self, number: int, draws: np.ndarray, known: Known, asked: Asked) -> np.ndarray:
        """Return [draw, country] military spending after years, million USD; 0 if not known."""
        level = np.nan_to_num(self.worlds[0].values("military_spending").astype(float))
        edited = part(self._edits[number], (*BY_HAZARDS, *BY_PROMISES, *BY_SPENDING))
        if not edited:
            return np.tile(level, (len(draws), 1))
        key = ("outlays", edited, tuple(sorted(self._of(SPENDING).items())))
        if key not in known:
            first, last = (self._risks(n, draws, known, asked).threat for n in (0, number))
            path = spending_path(
                self.worlds[0], self.worlds[number], first, last, YEARS, draws.tolist(), self.seed,
                self.point, hazard=self._rivalry, held=self._of(SPENDING),
            )  # fmt: skip
            known[key] = level * np.exp(np.nan_to_num(path.change[:, YEARS - 1]))
        return known[key]

    @cached_property
    def _rivalry(self) -> np.ndarray:
        """[country, country] fatal hazards of the base at the centre: who is a rival."""
        centre = np.zeros(1, dtype=int)
        one = Balance(self.worlds[:1], centre, self.seed, True, None, self._known)
        return one._hazards(0, centre, {}).fatal[0]

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


def _asked(readouts: Sequence[Readout], places: Mapping[str, int]) -> Asked:
    risky = [one for one in readouts if one.variable in (*OF_PAIRS, *DIRECTED)]
    cells: dict[str, list[np.ndarray]] = {}
    for one in risky:
        cells.setdefault(one.variable, []).append(_cells(one, places))
    risks = {
        name: (np.concatenate(each), np.cumsum([0, *map(len, each[:-1])]))
        for name, each in cells.items()
    }
    ends = [
        (one.variable, places[code])
        for one in risky
        for code in one.destination + (() if one.variable in DIRECTED else one.origin)
    ]
    spends = any(one.variable in OF_STATES for one in readouts)
    targets = None if spends else sorted({place for _, place in ends})
    by_treaty = sorted({place for name, place in ends if name == BY_TREATY})
    return Asked(risks, spends, targets, by_treaty)


def _cells(one: Readout, places: Mapping[str, int]) -> np.ndarray:
    """Return the places, in a flat table of pairs, of what a read-out adds up."""
    here = [places[code] for code in one.origin]
    there = [places[code] for code in one.destination]
    pairs = [(i, j) for i in here for j in there or here]
    if one.variable in OF_PAIRS:
        # A pair that stands on both sides counts once.
        pairs = sorted({(min(i, j), max(i, j)) for i, j in pairs if i != j})
    # A first cell of the diagonal, which is 0, leaves no read-out without a cell.
    return np.array([0, *(i * len(places) + j for i, j in pairs)])
