"""What the labour of each sector earns in the short run, when it cannot move."""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import ConvergenceError
from detente.runs.run import plan
from detente.scenario import Scenario
from detente.world import World


def sector_wages(
    world: World | str,
    scenario: Scenario | str | Path,
    deficits: str | None = None,
) -> pd.DataFrame:
    """Return the real wage of each country's sectors under a scenario in the short run.

    Parameters
    ----------
    world, scenario, deficits
        As in `run`; the horizon is short and parameters are at their medians.

    Returns
    -------
    DataFrame
        iso3 by sector: change of the real wage of labour that stays in the sector, as a fraction
        of the base, and the column `mean` of the country; NaN where a sector has no output.

    Raises
    ------
    ScenarioError
        If a name or an option is wrong.
    ConvergenceError
        If there is no equilibrium; the reason is named.

    Examples
    --------
    >>> import detente as dt
    >>> table = dt.policy.sector_wages("wiod2011", "us-tariffs-2025-04-02")  # doctest: +SKIP
    """
    job = plan(world, scenario, deficits=deficits, horizon="short")
    point, state = job.task.engine.settled_state(job.task.numbers[0], job.ensemble.medians())
    if point.country is None or state is None:
        raise ConvergenceError(point.reason)
    mean = 1 + point.country["real_wage"]
    sold = np.asarray(job.base.share / job.base.tariff) * np.asarray(job.base.expenditure)[:, None]
    made = sold.sum(axis=2) > 0
    premium = np.where(made, np.exp(np.asarray(state.log_premium)), np.nan)
    table = pd.DataFrame(
        (premium * mean - 1).T, index=pd.Index(job.world.countries, name="iso3"),
        columns=pd.Index(job.world.sectors, name="sector"),
    )  # fmt: skip
    return table.assign(mean=mean - 1)
