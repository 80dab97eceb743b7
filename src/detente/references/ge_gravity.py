"""ge_gravity (Baier, Yotov and Zylkin 2019): EU enlargement, 44 countries, 2000.

The reference states flows and real wages in another numeraire; flows are compared as shares of
the world's, which do not depend on it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.own_world import world_from_tables
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line
from detente.world import World

THETA = 4.0
SOURCE = "ge_gravity for Stata, results shipped with GEGravity for R"
# Its welfare is spending over prices: real spending with fixed deficits, which with constant
# ratios of spending to income is the real wage.
RULES = {
    "additive": ("fixed", "eu", "real_spending"),
    "multiplicative": ("own_share", "mult", "real_wage"),
}


def world_and_scenario(raw: Path) -> tuple[World, Scenario, pd.DataFrame]:
    """Return the world of 2000, the partial effects as costs, and the reference results.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    trade = read_table(raw, "ge_gravity_wiod44/trade_2000_2014.parquet")
    names = {"exporter": "origin", "importer": "destination"}
    flows = trade[trade["year"] == 2000].rename(columns=names | {"trade": "value"})
    world = world_from_tables(
        flows[["origin", "destination", "value"]], trade_elasticity=THETA, name="wiod44"
    )
    result = read_table(raw, "ge_gravity_wiod44/reference_results_2000.parquet")
    result = result.rename(columns=names)
    abroad = result[result["origin"] != result["destination"]]
    cost = abroad[["origin", "destination"]].assign(value=np.exp(-abroad["eu_effect"] / THETA))
    edit = Edit(layer="trade_cost", table=cost.reset_index(drop=True))
    return world, Scenario(name="eu-enlargement", edits=(edit,)), result


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield the largest difference of flows and real wages, for both deficit rules."""
    world, scenario, result = world_and_scenario(raw_folder(raw))
    for name, (rule, key, measure) in RULES.items():
        outcome = run(world, scenario, models=["trade"], draws=0, deficits=rule)
        both = outcome.flows().merge(result, on=["origin", "destination"])
        ours = both["new"] / both["new"].sum()
        theirs = both[f"X_{key}"] / both[f"X_{key}"].sum()
        known = theirs > 0
        gap = float(np.abs(ours[known] / theirs[known] - 1).max())
        what = f"{name}: largest relative flow gap"
        yield Line("ge_gravity", what, SOURCE, "ratio - 1", gap, 0.0, 1e-6)
        wage = outcome.table(measure).set_index("iso3")["median"] / 100 + 1
        stated = result[result["origin"] == result["destination"]].set_index("origin")[f"w_{key}"]
        gap = float(np.abs(wage / stated - 1).max())
        what = f"{name}: largest relative {measure} gap"
        yield Line("ge_gravity", what, SOURCE, "ratio - 1", gap, 0.0, 1e-6)
