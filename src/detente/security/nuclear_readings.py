"""Two readings of one pair: where the literature disagrees, and the value that flips it.

Lieber and Press (2006, 2017) hold that sensors and accuracy make arsenals vulnerable; Glaser and
Fetter (2016) and Wu (2020) that a retaliation can hardly be excluded. Both are settings of the same
uncertain numbers, and both are reported.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from scipy.optimize import brentq

from detente.errors import WorldError
from detente.security.exchange_priors import ExchangeDraws, exchange_draws, ranges
from detente.security.first_strike import Posture
from detente.security.nuclear import REQUIRED, Stability, second_strike
from detente.security.nuclear_pair import DEFINED, Choices
from detente.world import World

EXPOSED, MIDDLE, ELUSIVE = "exposed", "middle", "elusive"
# Quantile of the attacker's skill in each reading.
SKILL = {EXPOSED: 0.95, MIDDLE: 0.5, ELUSIVE: 0.05}
SOURCES = {
    EXPOSED: "Lieber and Press (2006, 2017)",
    MIDDLE: "medians of the priors",
    ELUSIVE: "Glaser and Fetter (2016); Wu (2020)",
}
# More of these helps the attacker (+1) or the victim (-1); whose number it is decides which count.
ATTACKER = {"hunting": 1, "cep": -1, "reliability": 1}
VICTIM = {"found": 1, "hidden": -1, "hardness": -1, "command": -1}
SHARED = {"kill_found": 1}
HELPS = ATTACKER | VICTIM | SHARED
LOWEST, HIGHEST = 0.001, 0.999
HALF = 0.5
# A number that moves the probability by less is left out of the table.
IDLE = 1e-6


@dataclass(frozen=True)
class Readings:
    """One pair of states under both readings.

    Attributes
    ----------
    table : one row a reading: skill (quantile), P(R >= R*) by R*, expected delivered warheads
    flips : one row an uncertain number that matters, largest first: its values in the two readings,
        P(R >= R*) there with all others at their medians, and the value at which P(R >= R*)
        crosses one half, or NaN
    skill : quantile of all of them together at which it crosses one half, or None
    """

    table: pd.DataFrame
    flips: pd.DataFrame
    skill: float | None


def readings(
    world: World,
    attacker: str,
    victim: str,
    required: int = 1,
    posture: Posture = "surprise",
    choices: Choices | None = None,
) -> Readings:
    """Return a pair of states under both readings, and what separates them.

    Parameters
    ----------
    world
        As in `second_strike`.
    attacker, victim
        Codes.
    required
        R* at which the readings are told apart.
    posture
        `surprise` or `generated`.
    choices
        Rules that no source decides.

    Raises
    ------
    WorldError
        If the victim has no second strike to speak of.

    Examples
    --------
    >>> import detente as dt
    >>> both = readings(dt.load_world("world2023"), "USA", "CHN", required=10)
    >>> both.table["reading"].tolist()
    ['exposed', 'middle', 'elusive']
    """
    rules = choices or Choices()
    numbers = tuple(dict.fromkeys((*REQUIRED, required)))
    names = [name for name in ranges() if _matters(name, attacker, victim)]

    def found(skills: dict[str, float]) -> Stability:
        return second_strike(
            world,
            required=numbers,
            states=(attacker, victim),
            choices=rules,
            parameters=_at(skills),
        )

    def chance(skills: dict[str, float]) -> float:
        return float(found(skills).second_strike(attacker, victim, required, posture)[0])

    middle = found({})
    pair = middle.pair(attacker, victim)
    if pair.status != DEFINED:
        raise WorldError(f"{victim} has no second strike against {attacker}: {pair.status}")
    rows = []
    for reading, skill in SKILL.items():
        result = found(dict.fromkeys(names, skill))
        row = {"reading": reading, "source": SOURCES[reading], "skill": skill}
        for number in numbers:
            key = f"at_least_{number}"
            row[key] = float(result.second_strike(attacker, victim, number, posture)[0])
        row["delivered"] = float(result.pair(attacker, victim).struck[posture][0])
        rows.append(row)
    flips = pd.DataFrame([row for name in names if (row := _flip(name, chance))])
    order = (flips["at_elusive"] - flips["at_exposed"]).abs().sort_values(ascending=False).index
    return Readings(
        pd.DataFrame(rows),
        flips.loc[order].reset_index(drop=True),
        _crossing(lambda skill: chance(dict.fromkeys(names, skill))),
    )


def _flip(name: str, chance: Callable[[dict[str, float]], float]) -> dict[str, object] | None:
    at = {reading: chance({name: SKILL[reading]}) for reading in (EXPOSED, ELUSIVE)}
    if abs(at[ELUSIVE] - at[EXPOSED]) < IDLE:
        return None
    crossing = _crossing(lambda skill: chance({name: skill}))
    return {
        "parameter": name,
        "exposed": _value(name, SKILL[EXPOSED]),
        "elusive": _value(name, SKILL[ELUSIVE]),
        "at_exposed": at[EXPOSED],
        "at_elusive": at[ELUSIVE],
        "flips_at": float("nan") if crossing is None else _value(name, crossing),
    }


def _crossing(chance: Callable[[float], float]) -> float | None:
    low, high = chance(LOWEST) - HALF, chance(HIGHEST) - HALF
    if low * high > 0:
        return None
    return float(brentq(lambda skill: chance(skill) - HALF, LOWEST, HIGHEST, xtol=1e-4))


def _value(name: str, skill: float) -> float:
    """Return the value of a number where the attacker's skill is at a quantile."""
    helps = HELPS[name.partition("[")[0]]
    return float(ranges()[name].quantile(skill if helps > 0 else 1.0 - skill))


def _at(skills: dict[str, float]) -> ExchangeDraws:
    drawn = exchange_draws(0, 0)
    for name, skill in skills.items():
        drawn = drawn.fixed(name, _value(name, skill))
    return drawn


def _matters(name: str, attacker: str, victim: str) -> bool:
    quantity, _, inside = name.rstrip("]").partition("[")
    owner = inside.split(" ")[0]
    return (
        (quantity in ATTACKER and owner == attacker)
        or (quantity in VICTIM and owner == victim)
        or quantity in SHARED
    )
