"""gegravity (Herman, USITC): its Canada-Japan agreement, 30 countries, 2006, run beside ours.

The package is not a dependency; where it is not installed the group is skipped by name. Its
baseline is the modelled trade of its own gravity equation; ours starts from the same flows.

The two differ by what the package leaves out: its system of prices keeps the shares of output
and expenditure at their base values, so that its new flows miss its own new outputs by up to
0.2 %. Ours add up to rounding. The bounds below are that gap, not a numerical tolerance.
"""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.outcome import Outcome
from detente.own_world import world_from_tables
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line, left_out
from detente.world import World

SOURCE = "gegravity, released package run here on its own sample"
SIGMA = 5.0
# Coefficients of the package's documentation for this sample; log points of flow.
COEFFICIENTS = {
    "lndist": -0.3898623,
    "contiguity": 0.891577,
    "common_language": 0.0354,
    "pta": 0.4823,
    "international": -3.412584,
}
PAIR = ("CAN", "JPN")
BOUNDS = {"real wage": 2e-4, "flow": 5e-3}


@dataclass(frozen=True)
class Peer:
    """The released package with its baseline built and the agreement defined."""

    model: Any

    def simulate(self) -> pd.DataFrame:
        """Solve its counterfactual and return its table by country, in per cent."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model.simulate()
        return self.model.country_results


def peer(raw: Path) -> Peer:
    """Build the package's baseline on its own sample.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Raises
    ------
    ImportError
        If the package is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import gegravity

        sample = read_table(raw, "gegravity_sample/sample_2006_30.parquet")
        data = gegravity.BaselineData(
            baseline_data=sample,
            imp_var_name="importer",
            exp_var_name="exporter",
            year_var_name="year",
            trade_var_name="trade",
            expend_var_name="E",
            output_var_name="Y",
        )
        table = pd.DataFrame(
            {"var": list(COEFFICIENTS), "coeff": list(COEFFICIENTS.values()), "ste": 0.1}
        )
        coefficients = gegravity.CostCoeffs(
            estimates=table, identifier_col="var", coeff_col="coeff", stderr_col="ste"
        )
        model = gegravity.OneSectorGE(
            data,
            year="2006",
            reference_importer="DEU",
            sigma=SIGMA,
            cost_variables=list(COEFFICIENTS),
            cost_coeff_values=coefficients,
            quiet=True,
        )
        model.build_baseline(omr_rescale=10, mr_tolerance=1e-12)
        changed = model.baseline_data.copy()
        both = changed["importer"].isin(PAIR) & changed["exporter"].isin(PAIR)
        changed.loc[both & (changed["importer"] != changed["exporter"]), "pta"] = 1
        model.define_experiment(changed)
    return Peer(model)


def world_and_scenario(given: Peer) -> tuple[World, Scenario]:
    """Return our world from its modelled trade, and the agreement as a cost.

    Parameters
    ----------
    given
        The package after one `simulate`, whose table of flows holds the modelled base.
    """
    flows = given.model.bilateral_trade_results.reset_index().rename(
        columns={"exporter": "origin", "importer": "destination", "baseline modeled trade": "value"}
    )
    theta = SIGMA - 1
    world = world_from_tables(
        flows[["origin", "destination", "value"]], trade_elasticity=theta, name="gegravity"
    )
    cost = math.exp(-COEFFICIENTS["pta"] / theta)
    edit = Edit(
        layer="trade_cost", where={"origin": list(PAIR), "destination": list(PAIR)}, set=cost
    )
    return world, Scenario(name="canada-japan", edits=(edit,))


def ours(world: World, scenario: Scenario) -> Outcome:
    """Solve our side: spending follows income, as in the package."""
    return run(world, scenario, models=["trade"], draws=0, deficits="own_share")


def largest_gaps(given: Peer, theirs: pd.DataFrame, outcome: Outcome) -> dict[str, float]:
    """Return the largest relative differences of real wages and of flows."""
    mine = outcome.table("real_wage").set_index("iso3")["median"] / 100 + 1
    stated = theirs["GDP change (percent)"] / 100 + 1
    flows = given.model.bilateral_trade_results.reset_index()
    both = outcome.flows().merge(
        flows, left_on=["origin", "destination"], right_on=["exporter", "importer"]
    )
    # The numeraires differ: compare shares of world trade.
    new = both["new"] / both["new"].sum()
    other = both["experiment trade"] / both["experiment trade"].sum()
    return {
        "real wage": float(np.abs(mine / stated - 1).max()),
        "flow": float(np.abs(new / other - 1).max()),
    }


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield the largest relative differences from the released package."""
    folder = raw_folder(raw)
    try:
        given = peer(folder)
    except ImportError as error:
        note = f"{error}: install it with pip install 'detente[dev]'"
        yield left_out("gegravity", SOURCE, note, extra="dev")
        return
    theirs = given.simulate()
    outcome = ours(*world_and_scenario(given))
    for name, gap in largest_gaps(given, theirs, outcome).items():
        what = f"largest relative {name} difference"
        yield Line("gegravity", what, SOURCE, "ratio - 1", gap, 0.0, BOUNDS[name])
    flows = outcome.flows()
    sold, base = flows.groupby("origin")["new"].sum(), flows.groupby("origin")["base"].sum()
    wage = outcome.table("wage").set_index("iso3")["median"] / 100 + 1
    gap = float(np.abs(sold / base / wage - 1).max())
    yield Line("gegravity", "ours: flows against outputs", "identity", "ratio - 1", gap, 0.0, 1e-9)
