"""The tariff of one country that is best for a measure of its own, the others' tariffs given."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from detente.files.worlds import as_world
from detente.policy import asked
from detente.policy.best import best_reply, gain_of_deviation
from detente.runs.levers import Levers
from detente.scenario import Scenario
from detente.world import World

# Bounds of rates where none are asked for: no subsidies, and no more than 300 per cent.
BOUNDS = (0.0, 3.0)
# Gain of another rate, as a fraction of income, that counts as none.
TOLERANCE = 1e-7


@dataclass(frozen=True)
class OptimalTariff:
    """The rates that are best for one country, and how sure that is.

    Attributes
    ----------
    country, variable : whose outcome was made as large as it gets, and which
    rates : partner, sector, rate and base_rate (fractions), a row a lever; what the country buys
        nothing of has none
    value : outcome at these rates, fraction of the base
    gain : outcome there less the outcome at the rates as they were
    deviation : most that rates tried apart from the ascent would add
    slope : largest slope that is left, per unit of rate
    outcomes : iso3 by the outcome at these rates and at the rates as they were
    residual, solves : largest certificate of a result shown, and how often the model was solved
    converged : whether no deviation adds more than the tolerance
    reason : what is missing where `converged` is false
    """

    country: str
    variable: str
    rates: pd.DataFrame
    value: float
    gain: float
    deviation: float
    slope: float
    outcomes: pd.DataFrame
    residual: float
    solves: int
    converged: bool
    reason: str


def optimal_tariff(
    world: World | str,
    country: str,
    partners: str | Iterable[str] | None = None,
    sectors: str | Iterable[str] | None = None,
    scenario: Scenario | str | Path | None = None,
    by_partner: bool = False,
    by_sector: bool = False,
    variable: str = "real_income",
    deficits: str = "fixed",
    horizon: str = "long",
    bounds: tuple[float, float] = BOUNDS,
    tolerance: float = TOLERANCE,
) -> OptimalTariff:
    """Return the tariff that makes an outcome of a country as large as it gets.

    With a `scenario` whose tariffs hit the country this is its best reply to them.

    Parameters
    ----------
    world
        A World, or the name of an embedded one.
    country
        Code of the country that levies the tariff.
    partners
        Countries and groups it is levied on; all others when None.
    sectors
        Sectors and sector groups; goods when None, where the world has them.
    scenario
        What else is changed; the others' tariffs stay as it leaves them.
    by_partner
        Whether each partner gets a rate of its own; else all get one.
    by_sector
        Whether each sector gets a rate of its own; else all get one.
    variable
        An outcome of one country.
    deficits, horizon
        As in `run`. Parameters are at their medians.
    bounds
        Lowest and highest rate, as fractions.
    tolerance
        Gain of a deviation, as a fraction of the base, up to which the result counts as best.

    Raises
    ------
    ScenarioError
        If a name or an option is wrong.
    ConvergenceError
        If no equilibrium is certified at the rates where the search begins.

    Notes
    -----
    Slopes follow from the implicit function theorem. In a one-sector world without inputs the
    best tariff of a country that is small is 1 / theta, and against one partner
    1 / (theta * share), with the partner's spending share on its own goods at the new
    equilibrium: Gros (1987). Where labour follows the real wage (`supply_elasticity`, as in
    campos2019) a tariff also lowers what is worked, since its revenue is no wage: the best rate is
    lower, and may be none. A country that keeps a deficit is paid it at any tariff, and lets others
    bear more of the tariff: its best rate is then higher, up to the bound; `deficits='zero'` takes
    that away. Rates without a certified equilibrium are turned back from.

    Examples
    --------
    >>> import detente as dt
    >>> best = dt.policy.optimal_tariff("world2023", "USA")  # doctest: +SKIP
    >>> round(best.rates["rate"].item(), 2)  # doctest: +SKIP
    0.21
    """
    place = as_world(world)
    asked.check_words(variable, deficits, horizon, bounds)
    player = asked.country(place, country)
    if partners is not None and not isinstance(partners, str):
        partners = list(partners)
    origins = asked.countries(place, partners, player)
    names = place.countries
    groups = {names[one]: [one] for one in origins} if by_partner else {_named(partners): origins}
    found = asked.levers(place, player, groups, asked.named_sectors(place, sectors, by_sector))
    edited = asked.beside(place, scenario)
    levers = Levers(place, edited, [one.cells for one in found], variable, deficits, horizon)
    own = range(len(found))
    before = levers.at_rest()
    best = best_reply(levers, player, own, levers.rates, bounds)
    deviation = gain_of_deviation(levers, player, own, best.rates, bounds, best.value)
    point = levers.at(best.rates)
    return OptimalTariff(
        country=country,
        variable=variable,
        rates=pd.DataFrame(
            {
                "partner": [one.partner for one in found],
                "sector": [one.sector for one in found],
                "rate": best.rates,
                "base_rate": levers.rates,
            }
        ),
        value=best.value,
        gain=best.value - float(before[player]),
        deviation=deviation,
        slope=best.slope,
        outcomes=pd.DataFrame(
            {variable: point.value, "before": before}, index=pd.Index(names, name="iso3")
        ),
        residual=point.residual,
        solves=levers.calls,
        converged=deviation <= tolerance and not best.stopped,
        reason=_missing(country, deviation, tolerance, best.stopped),
    )


def _missing(country: str, deviation: float, tolerance: float, stopped: bool) -> str:
    """Return what a result lacks to be the best, or nothing."""
    if deviation > tolerance:
        return f"{country} gains {deviation:.1e} by other rates, more than {tolerance:.0e}"
    if stopped:
        return (
            f"{country} would gain beyond these rates, where no equilibrium was certified: the "
            "deficits that are kept may allow none; deficits='zero' or 'own_share' asks for less"
        )
    return ""


def _named(partners: str | Iterable[str] | None) -> str:
    """Return how partners that share a rate are called in a table."""
    if partners is None:
        return "@WORLD"
    return partners if isinstance(partners, str) else ", ".join(partners)
