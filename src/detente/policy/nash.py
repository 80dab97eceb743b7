"""Tariffs that are best replies to one another, with a certificate that nobody gains by others."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import ScenarioError
from detente.files.worlds import as_world
from detente.policy import asked
from detente.policy.best import best_reply, gain_of_deviation
from detente.policy.optimal import BOUNDS, TOLERANCE
from detente.runs.levers import Levers
from detente.scenario import Scenario
from detente.world import World

# Players are few: each round solves the model about ten times for each of them.
MOST_PLAYERS = 8
# Rates that move by less than this in a round have settled.
SETTLED = 1e-6


@dataclass(frozen=True)
class NashTariffs:
    """Rates from which no player gains by leaving alone, or the last ones if none were found.

    Attributes
    ----------
    variable : the outcome that every player makes as large as it gets
    rates : player, partner, sector, rate and base_rate (fractions), a row a lever
    path : round by player: the mean rate that each replied with
    deviations : by player, the most that rates tried apart from the ascent would add
    outcomes : iso3 by the outcome at these rates and at the rates as they were
    residual, solves : certificate of the result, and how often the model was solved
    rounds : rounds of replies
    converged : whether rates settled and no deviation adds more than the tolerance
    reason : what is missing where `converged` is false
    """

    variable: str
    rates: pd.DataFrame
    path: pd.DataFrame
    deviations: pd.Series
    outcomes: pd.DataFrame
    residual: float
    solves: int
    rounds: int
    converged: bool
    reason: str


def nash_tariffs(
    world: World | str,
    players: Iterable[str],
    sectors: str | Iterable[str] | None = None,
    scenario: Scenario | str | Path | None = None,
    by_partner: bool = False,
    by_sector: bool = False,
    variable: str = "real_income",
    deficits: str = "fixed",
    horizon: str = "long",
    bounds: tuple[float, float] = BOUNDS,
    tolerance: float = TOLERANCE,
    rounds: int = 30,
) -> NashTariffs:
    """Return tariffs of a few players on one another that are best replies to each other.

    Each replies in turn to the rates that the others have just chosen, as in an exchange of
    tit for tat in which every answer is the best one; `path` holds the exchange.

    Parameters
    ----------
    world
        A World, or the name of an embedded one.
    players
        Codes of 2 to 8 countries. Each levies tariffs on the others; towards all other
        countries tariffs stay as they are.
    sectors, scenario, by_partner, by_sector, variable, deficits, horizon, bounds
        As in `optimal_tariff`.
    tolerance
        Gain of a deviation, as a fraction of the base, up to which it counts as none.
    rounds
        Most rounds of replies.

    Raises
    ------
    ScenarioError
        If a name or an option is wrong.
    ConvergenceError
        If no equilibrium of trade is certified at rates that are tried.

    Notes
    -----
    Best replies are found by ascents that may end at a local best; the certificate therefore also
    tries multiples of the rates, the rates of the base, and an ascent that begins there. Ossa
    (2014) finds tariffs of this kind for seven regions and many sectors.

    Examples
    --------
    >>> import detente as dt
    >>> war = dt.policy.nash_tariffs("wiod2011", ["USA", "CHN"])  # doctest: +SKIP
    >>> war.converged  # doctest: +SKIP
    True
    """
    place = as_world(world)
    asked.check_words(variable, deficits, horizon, bounds)
    codes = list(dict.fromkeys([players] if isinstance(players, str) else players))
    if not 2 <= len(codes) <= MOST_PLAYERS:
        raise ScenarioError(f"a game has 2 to {MOST_PLAYERS} players, not {len(codes)}: {codes}")
    seats = [asked.country(place, code) for code in codes]
    kinds = asked.named_sectors(place, sectors, by_sector)
    found = _levers(place, seats, kinds, by_partner)
    edited = asked.beside(place, scenario)
    levers = Levers(place, edited, [one.cells for one in found], variable, deficits, horizon)
    own = {seat: [k for k, one in enumerate(found) if one.owner == seat] for seat in seats}
    before = levers.at_rest()
    rates, path, settled = _exchange(levers, seats, own, bounds, rounds)
    point = levers.at(rates)
    gains = [
        gain_of_deviation(levers, seat, own[seat], rates, bounds, float(point.value[seat]))
        for seat in seats
    ]
    deviations = pd.Series(gains, index=pd.Index(codes, name="player"), name="gain")
    names = place.countries
    reason = _reason(settled, deviations, tolerance, len(path))
    return NashTariffs(
        variable=variable,
        rates=pd.DataFrame(
            {
                "player": [names[one.owner] for one in found],
                "partner": [one.partner for one in found],
                "sector": [one.sector for one in found],
                "rate": rates,
                "base_rate": levers.rates,
            }
        ),
        path=pd.DataFrame(path, columns=codes).rename_axis("round"),
        deviations=deviations,
        outcomes=pd.DataFrame(
            {
                variable: point.value,
                "before": before,
            },
            index=pd.Index(names, name="iso3"),
        ),
        residual=point.residual,
        solves=levers.calls,
        rounds=len(path) - 1,
        converged=not reason,
        reason=reason,
    )


def _levers(
    world: World, seats: list[int], kinds: dict[str, np.ndarray], by_partner: bool
) -> list[asked.Lever]:
    """Return the levers of all players."""
    found, names = [], world.countries
    for seat in seats:
        others = [one for one in seats if one != seat]
        groups = [[one] for one in others] if by_partner else [others]
        partners = {", ".join(names[one] for one in group): group for group in groups}
        found += asked.levers(world, seat, partners, kinds)
    return found


def _exchange(
    levers: Levers,
    seats: list[int],
    own: dict[int, list[int]],
    bounds: tuple[float, float],
    rounds: int,
) -> tuple[np.ndarray, list[list[float]], bool]:
    """Let players reply in turn until rates settle; return rates, their path and whether so."""
    rates = np.clip(levers.rates, *bounds)
    path = [[float(rates[own[seat]].mean()) for seat in seats]]
    for _ in range(rounds):
        before = rates.copy()
        for seat in seats:
            rates = best_reply(levers, seat, own[seat], rates, bounds).rates
        path.append([float(rates[own[seat]].mean()) for seat in seats])
        if np.abs(rates - before).max() < SETTLED:
            return rates, path, True
    return rates, path, False


def _reason(settled: bool, deviations: pd.Series, tolerance: float, length: int) -> str:
    if not settled:
        return f"rates had not settled after {length - 1} rounds of replies"
    most = deviations.max()
    if most > tolerance:
        who = deviations.idxmax()
        return f"{who} gains {most:.1e} by other rates, more than {tolerance:.0e}"
    return ""
