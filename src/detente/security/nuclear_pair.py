"""One attacker and one victim: the rules of the question, and its answer over all draws."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.special import betaincinv

from detente.errors import WorldError
from detente.security.arsenals import Force
from detente.security.delivered import Salvo, at_least, leaking
from detente.security.exchange_priors import SHARED, ExchangeDraws
from detente.security.first_strike import POSTURES, Attack, Posture, Victim, strike
from detente.security.treaties import Treaty
from detente.world import World

DEFINED, NO_ARSENAL, NO_REACH = "defined", "no arsenal", "out of reach"
# Spread of a stated probability of interception: as if known from this many trials.
TRIALS = 10.0


@dataclass(frozen=True)
class Choices:
    """How a world is read: rules that no source decides.

    Attributes
    ----------
    cut : how warheads are spread over classes (`detente.security.arsenals.scaled`)
    upload : share of the room on launchers filled from the reserve, 0-1; of all, or by state
    warning : probability that ready fixed forces are launched before they are hit; 0 rides out
    treaty : ceilings that bind deployed warheads after uploads, or None
    engaged : by state, most warheads that its missile defence can engage; all of them otherwise.
        Time grows with the number
    together : groups of states that may attack as one, besides each by itself; an answer to them
        is what reaches every one
    shared : share of variance that uncertain numbers of one cause have in common, 0-1
    """

    cut: str = "proportional"
    upload: float | Mapping[str, float] = 0.0
    warning: float = 0.0
    treaty: Treaty | None = None
    engaged: Mapping[str, int] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    shared: float = SHARED


@dataclass(frozen=True)
class Pair:
    """One attacker and one victim.

    Attributes
    ----------
    attacker, victim : codes; states acting together are joined by +
    status : `defined`, or why there is no second strike to speak of
    reach : by posture, [draw, required] P(R >= R*) after a first strike
    struck, unstruck : by posture, [draw] expected delivered warheads with and without it
    used : by posture, [draw] arms that the attacker spends
    """

    attacker: str
    victim: str
    status: str
    reach: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    struck: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    unstruck: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    used: dict[str, np.ndarray] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Setting:
    """What all pairs share: places of countries, layers, forces, draws and rules."""

    place: dict[str, int]
    layers: dict[str, np.ndarray]
    held: dict[str, Force]
    draws: ExchangeDraws
    required: tuple[int, ...]
    choices: Choices
    postures: tuple[Posture, ...] = POSTURES

    def number(self, layer: str, *where: str) -> float:
        """Return a cell of a layer."""
        value = float(self.layers[layer][tuple(self.place[name] for name in where)])
        if not np.isfinite(value):
            raise WorldError(f"layer '{layer}' is not known for {', '.join(where)}; set it first")
        return value


def setting_of(
    world: World,
    held: dict[str, Force],
    draws: ExchangeDraws,
    required: tuple[int, ...],
    choices: Choices,
    postures: tuple[Posture, ...] = POSTURES,
) -> Setting:
    """Return what all pairs share; layers are read once.

    Raises
    ------
    WorldError
        If the world has no distances of capitals.
    """
    names = ("distance_capital", "alert_share", "missile_defence")
    place = {code: number for number, code in enumerate(world.countries)}
    layers = {name: np.asarray(world.values(name), dtype=float) for name in names}
    return Setting(place, layers, held, draws, required, choices, postures)


@dataclass(frozen=True)
class Defence:
    """What meets the warheads that arrive at an attacker.

    Attributes
    ----------
    stopped : [draw] probability that an engaged warhead is intercepted
    engaged : most warheads that can be engaged, or None for all
    """

    stopped: np.ndarray
    engaged: int | None = None

    def met_by(self, salvo: Salvo, required: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Return P(R >= R*) [draw, required] and E[R] [draw] of a salvo behind the defence."""
        if self._runs_out(salvo):
            return leaking(salvo, required, self.engaged or 0, self.stopped)
        left = self._thinned(salvo)
        return at_least(left, required), left.mean

    def expected(self, salvo: Salvo) -> np.ndarray:
        """Return E[R] [draw] alone."""
        if self._runs_out(salvo):
            return leaking(salvo, (1,), self.engaged or 0, self.stopped)[1]
        return self._thinned(salvo).mean

    def _runs_out(self, salvo: Salvo) -> bool:
        if self.engaged is None or not self.stopped.any():
            return False
        most = np.ceil(salvo.units) * np.ceil(salvo.load)
        return bool(np.any(most.sum(axis=-1) > self.engaged))

    def _thinned(self, salvo: Salvo) -> Salvo:
        return dataclasses.replace(salvo, arrive=salvo.arrive * (1.0 - self.stopped[:, None]))


def pair_of(setting: Setting, attacker: str, members: tuple[str, ...], victim: str) -> Pair:
    """Return the second strike of a victim after a first strike by one state or several.

    Parameters
    ----------
    setting
        World, forces, draws and rules.
    attacker, members
        Name of the attacking side, and the states it is made of.
    victim
        The state that answers.
    """
    force = setting.held.get(victim)
    attacking = tuple(setting.held[name] for name in members if name in setting.held)
    if force is None or not attacking or force.deployed.sum() == 0:
        return Pair(attacker, victim, NO_ARSENAL)
    members = tuple(one.state for one in attacking)
    distances = {name: setting.number("distance_capital", name, victim) for name in members}
    # What counts as an answer to several attackers reaches every one of them.
    reaches = force.reach_km >= max(distances.values())
    if not np.any(reaches & (force.deployed > 0)):
        return Pair(attacker, victim, NO_REACH)
    alert = {name: setting.number("alert_share", name) for name in members}
    attack = Attack(attacking, tuple(distances.values()), alert)
    struck = Victim(force, reaches, setting.number("alert_share", victim))
    # Allies pool what they see. One pool of arms dilutes good with less good ones, so that they may
    # also let one of them shoot.
    plans = [attack]
    if len(members) > 1:
        plans += [dataclasses.replace(attack, shooters=(name,)) for name in members]
    pair = Pair(attacker, victim, DEFINED)
    for posture in setting.postures:
        answers = [_answer(setting, plan, struck, members, posture) for plan in plans]
        # The attackers choose the plan that leaves least, draw by draw.
        best = np.stack([answer.struck for answer in answers]).argmin(axis=0)
        draw = np.arange(setting.draws.size)
        for name in ("reach", "struck", "unstruck", "used"):
            values = np.stack([getattr(answer, name) for answer in answers])
            getattr(pair, name)[posture] = values[best, draw]
    return pair


@dataclass(frozen=True)
class _Answer:
    reach: np.ndarray
    struck: np.ndarray
    unstruck: np.ndarray
    used: np.ndarray


def _answer(
    setting: Setting, attack: Attack, struck: Victim, members: tuple[str, ...], posture: Posture
) -> _Answer:
    result = strike(attack, struck, posture, setting.draws)
    defence, warning = _defence(setting, members), setting.choices.warning
    reach, mean = defence.met_by(result.struck, setting.required)
    if warning > 0:
        early, many = defence.met_by(result.launched, setting.required)
        reach = warning * early + (1.0 - warning) * reach
        mean = warning * many + (1.0 - warning) * mean
    return _Answer(reach, mean, defence.expected(result.unstruck), result.used)


def _defence(setting: Setting, members: tuple[str, ...]) -> Defence:
    """Return the strongest defence among those who attack together: every warhead meets it."""
    stated = {name: setting.number("missile_defence", name) for name in members}
    strongest = max(stated, key=lambda name: stated[name])
    chance, draws = stated[strongest], setting.draws
    if chance in (0.0, 1.0):
        stopped = np.full(draws.size, chance)
    else:
        spread = draws.of("interception")
        stopped = betaincinv(TRIALS * chance, TRIALS * (1.0 - chance), spread)
    return Defence(stopped, setting.choices.engaged.get(strongest))
