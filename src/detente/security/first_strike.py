"""One first strike: what an attacker can destroy, and what the victim still delivers.

Arrays are [draw, group]; the groups of a victim are its hidden units and its fixed points, class
by class. Only classes that can reach the attacker count, for the attacker aims at retaliation.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from detente.security.arsenals import Force
from detente.security.delivered import Salvo
from detente.security.exchange import (
    allocate,
    lethal_radius,
    single_shot,
    terminal_kill,
)
from detente.security.exchange_priors import ExchangeDraws

Posture = Literal["surprise", "generated"]
POSTURES: tuple[Posture, ...] = ("surprise", "generated")
# Hidden units that missiles can hit once found; boats and aircraft are hunted by other means.
BARRAGED = ("mobile", "other")


@dataclass(frozen=True)
class Attack:
    """What an attacker has for a first strike.

    Attributes
    ----------
    forces : one state, or several acting together
    distances : km from the capital of each to that of the victim
    alert : by state, share of the weapons ready today that are still ready
    arms : number of arms allocated, or None for all that are ready and prompt
    shooters : states whose arms are used, or None for all; those who do not shoot still look
    """

    forces: tuple[Force, ...]
    distances: tuple[float, ...]
    alert: dict[str, float]
    arms: np.ndarray | float | None = None
    shooters: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Victim:
    """What is struck.

    Attributes
    ----------
    force : its arsenal
    reaches : [class] whether the class can reach the attacker
    alert : share of the weapons ready today that are still ready
    """

    force: Force
    reaches: np.ndarray
    alert: float = 1.0


@dataclass(frozen=True)
class Strike:
    """The victim's forces in three cases, before any defence; salvos are [draw, group].

    Attributes
    ----------
    struck : rides out the strike
    launched : the ready forces leave before the strike arrives, the rest rides it out
    unstruck : no strike has come
    used : [draw] arms that the attacker spends
    """

    struck: Salvo
    launched: Salvo
    unstruck: Salvo
    used: np.ndarray


def odds_scaled(probability: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return the probability whose odds are the given ones times a factor.

    Examples
    --------
    >>> float(odds_scaled(np.array(0.5), np.array(3.0)))
    0.75
    """
    return factor * probability / (1.0 - probability + factor * probability)


def arms_ready(attack: Attack, posture: Posture) -> list[np.ndarray]:
    """Return the prompt arms that can reach the victim, [class] for each force of the attacker."""
    found = []
    for force, distance in zip(attack.forces, attack.distances, strict=True):
        ready = force.ready * attack.alert.get(force.state, 1.0)
        if posture == "generated":
            ready = force.ready_generated
        can = force.prompt & (force.reach_km >= distance)
        shoots = attack.shooters is None or force.state in attack.shooters
        found.append(force.deployed * ready * can * shoots)
    return found


def mean_kill(
    attack: Attack, arms: list[np.ndarray], hardness: np.ndarray, draws: ExchangeDraws
) -> tuple[np.ndarray, np.ndarray]:
    """Return the kill probability and the reliability of an average arm of the attacker.

    The arms are taken as one pool: with one kind of arm the allocation is separable and its greedy
    solution exact.

    Parameters
    ----------
    attack, arms
        The attacker, and the arms it uses by class.
    hardness
        [draw, group] of the points, psi.
    draws
        Parameter draws.

    Returns
    -------
    tuple
        Kill probability on each point [draw, group]; over-all reliability [draw].
    """
    total = sum(float(part.sum()) for part in arms)
    tkp, reliable = np.zeros(hardness.shape), np.zeros(draws.size)
    if total == 0:
        return tkp, reliable
    for force, numbers in zip(attack.forces, arms, strict=True):
        for place in np.flatnonzero(numbers):
            where = f"[{force.state} {force.classes[place]}]"
            weight = numbers[place] / total
            oar = draws.of("reliability" + where)
            radius = lethal_radius(force.yield_mt[place], hardness)
            sspk = single_shot(radius, draws.of("cep" + where)[:, None])
            tkp += weight * terminal_kill(oar[:, None], sspk)
            reliable += weight * oar
    return tkp, reliable


def strike(attack: Attack, victim: Victim, posture: Posture, draws: ExchangeDraws) -> Strike:
    """Return the victim's forces after, before and without a first strike.

    Parameters
    ----------
    attack, victim
        The two sides.
    posture
        `surprise`: both as on an ordinary day. `generated`: both at the alert of a crisis.
    draws
        Parameter draws.

    Raises
    ------
    WorldError
        If the draws lack a number.

    Examples
    --------
    >>> from detente.security.arsenals import base_force
    >>> from detente.security.exchange_priors import exchange_draws
    >>> draws, usa, rus = exchange_draws(0, 1), base_force("USA"), base_force("RUS")
    >>> attack = Attack((usa,), (7800.0,), {})
    >>> result = strike(attack, Victim(rus, np.array([1, 1, 1, 1, 0], bool)), "surprise", draws)
    >>> bool(result.struck.mean[0] < result.unstruck.mean[0])
    True
    """
    force, size = victim.force, draws.size
    classes = np.flatnonzero(victim.reaches & (force.deployed > 0))
    ready = force.ready_generated if posture == "generated" else force.ready * victim.alert
    names = [force.classes[n] for n in classes]
    keys = [f"[{force.state} {name}]" for name in names]
    hidden = (force.hidden_generated if posture == "generated" else force.hidden)[classes]
    hidden = odds_scaled(hidden, _column(draws, ["hidden" + key for key in keys], 1.0))

    found = _found(attack, names, keys, draws)
    kill_found = _column(draws, [f"kill_found[{name}]" for name in names])
    hardness = _column(draws, ["hardness" + key for key in keys])
    barraged = np.isin(names, BARRAGED)
    arms = arms_ready(attack, posture)
    tkp_fixed, reliable = mean_kill(attack, arms, hardness, draws)
    tkp_hidden = np.where(barraged, kill_found * reliable[:, None], 0.0)

    units = _split(force.units[classes] * hidden, force.points[classes] * (hidden < 1))
    loads = _loads(force, classes, hidden)
    targets = units * np.concatenate([found, np.ones_like(found)], axis=1)
    total = sum(part.sum() for part in arms) if attack.arms is None else attack.arms
    plan = allocate(
        loads,
        np.concatenate([tkp_hidden, tkp_fixed], axis=1),
        targets,
        np.broadcast_to(total, (size,)),
    )
    by_missiles, fixed = np.split(plan.killed, 2, axis=1)
    lost = found * np.where(barraged, by_missiles, kill_found)
    survive = 1.0 - np.concatenate([lost, fixed], axis=1)

    # Ready weapons of fixed points can be launched before they are hit; the hidden ones already
    # have their chance in `hidden`.
    away = np.concatenate([np.zeros(len(classes)), ready[classes]])
    arrive = _column(draws, ["reliability" + key for key in keys])
    arrive = _split(arrive, arrive)
    common = np.zeros((size, 2 * len(classes)))
    common[:, : len(classes)] = draws.of("common")[:, None]
    command = draws.of(f"command[{force.state}]")
    if posture == "generated":
        command = 1.0 - (1.0 - command) * (1.0 - draws.of("command_gain"))
    shared = (draws.of("common"),)
    kept = 1.0 - (1.0 - survive) * (1.0 - away)
    return Strike(
        Salvo(units, loads, survive, arrive, common, command, *shared),
        Salvo(units, loads, kept, arrive, common, command, *shared),
        Salvo(units, loads, np.ones_like(survive), arrive, common, np.ones(size), *shared),
        plan.used,
    )


def _found(attack: Attack, names: list[str], keys: list[str], draws: ExchangeDraws) -> np.ndarray:
    """Return [draw, class] the chance that a hidden unit is found; allies pool what they see."""
    missed = np.ones((draws.size, len(names)))
    for force in attack.forces:
        skill = draws.of(f"hunting[{force.state}]")
        for place, (name, key) in enumerate(zip(names, keys, strict=True)):
            if name == "silo":
                continue
            missed[:, place] *= 1.0 - odds_scaled(draws.of("found" + key), skill)
    return 1.0 - missed


def _column(draws: ExchangeDraws, names: list[str], default: float = 0.0) -> np.ndarray:
    """Return [draw, name]; a default where a class has no such number (silos are not hidden)."""
    absent = np.full(draws.size, default)
    return np.stack([draws.values.get(name, absent) for name in names], axis=1)


def _split(hidden: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    return np.concatenate([hidden, fixed], axis=-1)


def _loads(force: Force, classes: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return [draw, group] warheads of a hidden unit, and of a fixed point."""
    units, points, deployed = (x[classes] for x in (force.units, force.points, force.deployed))
    each = np.divide(deployed, units, out=np.zeros_like(deployed), where=units > 0)
    rest = deployed * (1.0 - hidden)
    rest = np.divide(rest, points, out=np.zeros_like(rest), where=points > 0)
    return _split(np.broadcast_to(each, rest.shape), rest)
