"""What each partner and each sector contributes to the first-order effect of a scenario."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from detente.errors import ConvergenceError
from detente.reading.asked import countries_of, scenario_of, world_of
from detente.runs import readings
from detente.runs.plan import Asked
from detente.runs.run import plan
from detente.runs.solved import Solved
from detente.world import World

MEASURES = ("terms_of_trade", "volume_of_trade", "technical")


def by_partner(
    world: World | str,
    scenario: Asked,
    countries: str | Iterable[str] | None = None,
    deficits: str | None = None,
    horizon: str | None = None,
) -> pd.DataFrame:
    """Split the first-order effect on each country by trading partner.

    Parameters
    ----------
    world
        A World, or the name of an embedded one.
    scenario
        A Scenario, a preset's name or a path.
    countries
        Whose effects are split: a code, a "@GROUP" or a list; all when None.
    deficits, horizon
        As in `run`.

    Returns
    -------
    DataFrame
        iso3, partner, terms_of_trade, volume_of_trade, technical, first_order: per cent of base
        income, at the medians of the parameters. Added up over partners they are the country's
        outcomes of these names. The country itself is a partner too: its row is zero unless its
        trade at home changes in cost.

    Notes
    -----
    Caliendo and Parro (2015), equation (16); validity as of a first-order effect.

    Raises
    ------
    ScenarioError
        If a name is unknown.
    ConvergenceError
        If the scenario has no equilibrium.
    """
    return _split("partner", world, scenario, countries, deficits, horizon)


def by_sector(
    world: World | str,
    scenario: Asked,
    countries: str | Iterable[str] | None = None,
    deficits: str | None = None,
    horizon: str | None = None,
) -> pd.DataFrame:
    """Split the first-order effect on each country by sector of the goods traded.

    Parameters, errors and columns as in `by_partner`, with `sector` in the place of the partner.
    """
    return _split("sector", world, scenario, countries, deficits, horizon)


def _split(axis: str, world, scenario, countries, deficits, horizon) -> pd.DataFrame:
    place = world_of(world)
    asked = scenario_of(place, scenario)
    chosen = countries_of(place, countries)
    tables = pair_parts(place, asked, deficits, horizon)
    labels = place.countries if axis == "partner" else place.sectors
    rows = [place.countries.index(code) for code in chosen]
    # Tables run [s, c, p]; what is left is [c, partner] or [c, sector].
    sums = {
        name: table.sum(axis=0) if axis == "partner" else table.sum(axis=2).T
        for name, table in tables.items()
    }
    columns = {name: 100.0 * sums[name][rows].ravel() for name in MEASURES}
    return pd.DataFrame(
        {
            "iso3": np.repeat(chosen, len(labels)),
            axis: np.tile(labels, len(chosen)),
            "scenario": asked.name,
            **columns,
            "first_order": sum(columns.values()),
        }
    )


def pair_parts(
    world: World, scenario: Asked, deficits: str | None = None, horizon: str | None = None
) -> dict[str, np.ndarray]:
    """Return each measure [sector, country, partner], as fractions of base income.

    Parameters, errors and validity as in `by_partner`.
    """
    job = plan(world, scenario, deficits, horizon)
    found = readings.parts_of(job.task.engine, job.task.numbers[0], job.ensemble.medians())
    if isinstance(found, Solved):
        raise ConvergenceError(f"nothing to split: {found.reason}")
    return {name: np.asarray(found[name]) for name in MEASURES}
