"""Second-strike stability of pairs of nuclear states: an index, at the level of classes of force.

Point targets only, no geography beyond the distance of two capitals that says which classes count;
an index of stability and no plan of war.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest
from detente.security.arsenals import forces, nuclear_states, without_table
from detente.security.exchange_priors import ExchangeDraws, exchange_draws
from detente.security.first_strike import POSTURES, Posture
from detente.security.nuclear_pair import DEFINED, Choices, Pair, pair_of, setting_of
from detente.security.nuclear_table import change_table, stability_table
from detente.security.treaties import capped
from detente.world import World

REQUIRED = (1, 10, 100)


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
    postures : of the victim, that were worked out
    """

    pairs: dict[tuple[str, str], Pair]
    required: tuple[int, ...]
    draws: ExchangeDraws = field(repr=False)
    choices: Choices
    unmodelled: tuple[str, ...] = ()
    postures: tuple[Posture, ...] = POSTURES

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
        if posture not in self.postures:
            have = ", ".join(self.postures)
            raise WorldError(f"unknown posture '{posture}'; postures: {have}")
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
        return stability_table(self)

    def change(self, other: "Stability") -> pd.DataFrame:
        """Return by pair, posture and R* what differs in `other`, draw by draw.

        Raises
        ------
        WorldError
            If the two were not made from the same draws.
        """
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
    postures: Sequence[Posture] = POSTURES,
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
    postures
        Those to work out.

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
    setting = setting_of(world, held, drawn, wanted, choices, tuple(postures))
    pairs = {
        (attacker, victim): pair_of(setting, attacker, members, victim)
        for attacker, members in sides.items()
        for victim in names
        if victim not in members
    }
    return Stability(pairs, wanted, drawn, choices, without_table(world), tuple(postures))


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
    for state, engaged in choices.engaged.items():
        _states([state])
        if int(engaged) != engaged or engaged < 0:
            raise WorldError(
                f"engaged must be a whole number of at least 0, not {engaged:g} ({state})"
            )
    return numbers
