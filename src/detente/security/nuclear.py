"""Second-strike stability of pairs of nuclear states: an index, at the level of classes of force.

Point targets only, no geography beyond the distance of two capitals that says which classes count;
an index of stability and no plan of war.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest
from detente.security.arsenals import Force, forces, nuclear_states, without_table
from detente.security.delivered import Salvo, at_least
from detente.security.exchange_priors import SHARED, ExchangeDraws, exchange_draws
from detente.security.first_strike import POSTURES, Attack, Posture, Strike, Victim, strike
from detente.security.treaties import Treaty, capped
from detente.world import World

REQUIRED = (1, 10, 100)
# A second strike is called assured in a draw where it is at least this likely.
ASSURED = 0.95
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
    together : groups of states that may attack as one, besides each by itself; an answer to them
        is what reaches every one
    shared : share of variance that uncertain numbers of one cause have in common, 0-1
    """

    cut: str = "proportional"
    upload: float | Mapping[str, float] = 0.0
    warning: float = 0.0
    treaty: Treaty | None = None
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
class Stability:
    """Second strikes of every ordered pair, over the same draws.

    Attributes
    ----------
    pairs : by (attacker, victim)
    required : numbers of delivered warheads R*
    draws : the parameter draws
    choices : rules used
    unmodelled : countries with warheads for which there is no class table
    """

    pairs: dict[tuple[str, str], Pair]
    required: tuple[int, ...]
    draws: ExchangeDraws = field(repr=False)
    choices: Choices
    unmodelled: tuple[str, ...] = ()

    def pair(self, attacker: str, victim: str) -> Pair:
        """Return one ordered pair.

        Raises
        ------
        WorldError
            If there is no such pair.
        """
        key = (attacker, victim)
        if key not in self.pairs:
            known = sorted({name for pair in self.pairs for name in pair})
            bad = next((name for name in key if name not in known), attacker)
            raise WorldError(
                f"no pair of attacker {attacker} and victim {victim}{nearest(bad, known)}; "
                f"sides: {', '.join(known)}"
            )
        return self.pairs[key]

    def second_strike(
        self, attacker: str, victim: str, required: int = 10, posture: Posture = "surprise"
    ) -> np.ndarray:
        """Return P(R >= R*) by draw; NaN where it is not defined (`Pair.status` says why)."""
        if required not in self.required:
            raise WorldError(f"R* = {required} was not asked for; have {self.required}")
        if posture not in POSTURES:
            raise WorldError(f"unknown posture '{posture}'; postures: {', '.join(POSTURES)}")
        pair = self.pair(attacker, victim)
        if pair.status != DEFINED:
            return np.full(self.draws.size, np.nan)
        return pair.reach[posture][:, self.required.index(required)]

    def index(
        self, one: str, other: str, required: int = 10, posture: Posture = "surprise"
    ) -> np.ndarray:
        """Return the stability index of two sides by draw: the smaller P(R >= R*) of the two.

        NaN where either side has no arsenal or cannot reach the other: no index, and not 0 or 1.
        """
        both = (
            self.second_strike(one, other, required, posture),
            self.second_strike(other, one, required, posture),
        )
        return np.minimum(*both)

    def first_strike_advantage(
        self, attacker: str, victim: str, posture: Posture = "surprise"
    ) -> np.ndarray:
        """Return by draw the share of the victim's deliverable warheads that a first strike saves.

        It compares what arrives if the victim shoots first with what arrives after riding out.
        """
        pair = self.pair(attacker, victim)
        if pair.status != DEFINED:
            return np.full(self.draws.size, np.nan)
        return 1.0 - pair.struck[posture] / pair.unstruck[posture]

    def advantage_difference(
        self, one: str, other: str, posture: Posture = "surprise"
    ) -> np.ndarray:
        """Return by draw the first-strike advantage of one side minus that of the other."""
        return self.first_strike_advantage(one, other, posture) - self.first_strike_advantage(
            other, one, posture
        )

    def table(self) -> pd.DataFrame:
        """Return one row a pair, posture and R*: medians, 5 and 95 per cent, share assured."""
        from detente.security.nuclear_table import stability_table

        return stability_table(self)

    def change(self, other: "Stability") -> pd.DataFrame:
        """Return by pair, posture and R* what differs in `other`, draw by draw.

        Raises
        ------
        WorldError
            If the two were not made from the same draws.
        """
        from detente.security.nuclear_table import change_table

        return change_table(self, other)


def second_strike(
    world: World,
    draws: int = 200,
    seed: int = 1,
    point: bool = False,
    required: Sequence[int] = REQUIRED,
    states: Sequence[str] | None = None,
    choices: Choices | None = None,
    parameters: ExchangeDraws | None = None,
) -> Stability:
    """Return the second strikes of every ordered pair of nuclear states.

    Parameters
    ----------
    world
        Carries the layers `warheads` and `distance_capital`; `alert_share` (share of today's
        ready weapons that stay ready) and `missile_defence` (probability of interception) when a
        scenario edits them.
    draws, seed
        Number of parameter draws, and their seed.
    point
        One draw, of medians.
    required
        Numbers of delivered warheads R*.
    states
        Which states; all of the class table when None.
    choices
        Rules that no source decides; see `Choices`.
    parameters
        Draws made before, for instance with one number held; then `draws`, `seed` and `point` are
        not used.

    Raises
    ------
    WorldError
        If a layer, a state or a choice cannot be used.

    Notes
    -----
    P(R >= R*) in a parameter draw is exact for the model (`detente.security.delivered`), not a
    simulation. Lieber and Press (2006, 2017); Glaser and Fetter (2016); Wu (2020).

    Examples
    --------
    >>> import detente as dt
    >>> found = second_strike(dt.load_world("world2023"), point=True, states=["USA", "RUS", "PAK"])
    >>> found.pair("USA", "RUS").status, found.pair("USA", "PAK").status
    ('defined', 'out of reach')
    """
    choices = choices or Choices()
    wanted = _asked(required, choices)
    names = _states(states)
    drawn = parameters or exchange_draws(0 if point else draws, seed, choices.shared)
    held = forces(world, choices.cut, choices.upload)
    if choices.treaty is not None:
        held = {name: capped(force, choices.treaty) for name, force in held.items()}
    sides: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    for group in choices.together:
        sides["+".join(_states(group))] = tuple(group)
    setting = _setting(world, held, drawn, wanted, choices)
    pairs = {
        (attacker, victim): _pair(setting, attacker, members, victim)
        for attacker, members in sides.items()
        for victim in names
        if victim not in members
    }
    return Stability(pairs, wanted, drawn, choices, without_table(world))


@dataclass(frozen=True)
class _Setting:
    place: dict[str, int]
    layers: dict[str, np.ndarray]
    held: dict[str, Force]
    draws: ExchangeDraws
    required: tuple[int, ...]
    choices: Choices

    def number(self, layer: str, *where: str) -> float:
        """Return a cell of a layer."""
        value = float(self.layers[layer][tuple(self.place[name] for name in where)])
        if not np.isfinite(value):
            raise WorldError(f"layer '{layer}' is not known for {', '.join(where)}; set it first")
        return value


def _setting(
    world: World,
    held: dict[str, Force],
    draws: ExchangeDraws,
    required: tuple[int, ...],
    choices: Choices,
) -> _Setting:
    names = ("distance_capital", "alert_share", "missile_defence")
    place = {code: number for number, code in enumerate(world.countries)}
    layers = {name: np.asarray(world.values(name), dtype=float) for name in names}
    return _Setting(place, layers, held, draws, required, choices)


def _pair(setting: _Setting, attacker: str, members: tuple[str, ...], victim: str) -> Pair:
    force = setting.held.get(victim)
    attacking = tuple(setting.held[name] for name in members if name in setting.held)
    if force is None or not attacking or force.deployed.sum() == 0:
        return Pair(attacker, victim, NO_ARSENAL)
    distances = {name: setting.number("distance_capital", name, victim) for name in members}
    # What counts as an answer to several attackers reaches every one of them.
    reaches = force.reach_km >= max(distances.values())
    if not np.any(reaches & (force.deployed > 0)):
        return Pair(attacker, victim, NO_REACH)
    alert = {name: setting.number("alert_share", name) for name in members}
    # Each warhead meets the strongest defence among those who attack together.
    defence = max(setting.number("missile_defence", name) for name in members)
    attack = Attack(
        attacking,
        tuple(distances[one.state] for one in attacking),
        alert,
        _interception(defence, setting.draws),
    )
    struck = Victim(force, reaches, setting.number("alert_share", victim))
    pair = Pair(attacker, victim, DEFINED)
    # One pool of arms dilutes good with less good ones: allies may also let one of them shoot.
    alone = [(name,) for name in members] if len(members) > 1 else []
    for posture in POSTURES:
        plans = [
            strike(dataclasses.replace(attack, shooters=who), struck, posture, setting.draws)
            for who in (None, *alone)
        ]
        warning = setting.choices.warning
        left = np.stack([_expected(plan, warning) for plan in plans])
        best = left.argmin(axis=0)  # the plan that leaves least, draw by draw
        reach = np.stack([_reach(plan, setting) for plan in plans])
        draw = np.arange(setting.draws.size)
        pair.reach[posture] = reach[best, draw]
        pair.struck[posture] = left[best, draw]
        pair.unstruck[posture] = plans[0].unstruck.mean
        pair.used[posture] = np.stack([plan.used for plan in plans])[best, draw]
    return pair


def _reach(result: Strike, setting: _Setting) -> np.ndarray:
    warning = setting.choices.warning
    reach = at_least(result.struck, setting.required)
    if warning == 0:
        return reach
    return warning * at_least(result.launched, setting.required) + (1.0 - warning) * reach


def _expected(result: Strike, warning: float) -> np.ndarray:
    salvos: tuple[Salvo, Salvo] = (result.launched, result.struck)
    return warning * salvos[0].mean + (1.0 - warning) * salvos[1].mean


def _interception(stated: float, draws: ExchangeDraws) -> np.ndarray:
    """Return [draw] probabilities around a stated one; 0 and 1 are certain."""
    if stated in (0.0, 1.0):
        return np.full(draws.size, stated)
    from scipy.special import betaincinv

    spread = draws.of("interception")
    return betaincinv(TRIALS * stated, TRIALS * (1.0 - stated), spread)


def _states(states: Sequence[str] | None) -> tuple[str, ...]:
    known = nuclear_states()
    names = known if states is None else tuple(dict.fromkeys(states))
    for name in names:
        if name not in known:
            raise WorldError(
                f"no class table of the arsenal of '{name}'{nearest(name, known)}; it knows: "
                f"{', '.join(known)}"
            )
    return names


def _asked(required: Sequence[int], choices: Choices) -> tuple[int, ...]:
    numbers = tuple(dict.fromkeys(int(number) for number in required))
    if not numbers or min(numbers) < 1:
        raise WorldError(f"required numbers of warheads must be 1 or more, not {list(required)}")
    if not 0.0 <= choices.warning <= 1.0:
        raise WorldError(f"warning must be a probability from 0 to 1, not {choices.warning:g}")
    return numbers
