"""Caliendo and Parro (2015): NAFTA's tariff changes 1993-2005, with and without deficits.

The tables of the paper: 31 countries, 40 sectors, 1993. Input shares that do not add to one are
scaled to it, domestic sales are output less exports, and negative final uses are set to zero with
the base solved for, as the authors do.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.own_world import world_from_tables
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line
from detente.world import World

NAFTA = ["MEX", "CAN", "USA"]
SOURCE = "Caliendo & Parro (2015) REStud 82(1), tables 2 and 3"
# Sectors that are not traded carry no elasticity in the paper; any value gives the same result.
NOT_TRADED = 8.22
PUBLISHED = {
    "zero": {
        "real_wage": (1.72, 0.32, 0.11),
        "terms_of_trade": (-0.41, -0.11, 0.04),
        "volume_of_trade": (1.72, 0.04, 0.04),
        "first_order": (1.31, -0.06, 0.08),
    },
    "fixed": {"real_wage": (1.64, 0.33, 0.12), "first_order": (1.17, -0.04, 0.08)},
}
IMPORTS = (118.28, 11.11, 40.52)


def tables(raw: Path) -> dict[str, pd.DataFrame]:
    """Return the paper's data as the arguments of `world_from_tables`.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    trade = read_table(raw, "cp2015/trade_tariffs.parquet")
    trade = trade[trade.importer != trade.exporter].rename(
        columns={"exporter": "origin", "importer": "destination"}
    )
    trade["value"] = trade["imports_1993_kusd"] * 1e3
    made = read_table(raw, "cp2015/output_va.parquet").set_index(["country", "sector"])
    exports = trade.groupby(["origin", "sector"])["value"].sum().rename_axis(["country", "sector"])
    exports = exports.reindex(made.index).fillna(0.0)
    output = made["gross_output_usd"].clip(lower=exports)
    home = (output - exports).rename("value").reset_index().rename(columns={"country": "origin"})
    cell = ["origin", "destination", "sector"]
    flows = pd.concat([trade[[*cell, "value"]], home.assign(destination=home["origin"])])
    use = read_table(raw, "cp2015/io_shares.parquet")
    place = pd.MultiIndex.from_frame(use[["country", "using_sector"]])
    column = use.groupby(["country", "using_sector"])["share_of_intermediates"].transform("sum")
    bought = ((1 - made["va_share"]) * output).reindex(place).to_numpy()
    use["value"] = use["share_of_intermediates"] / column.where(column > 0, 1.0) * bought
    theta = read_table(raw, "cp2015/sectors_theta.csv")
    traded = theta["theta"].astype(str) != ""
    theta["value"] = [
        float(t) if ok else NOT_TRADED for t, ok in zip(theta["theta"], traded, strict=True)
    ]
    return {
        "flows": flows,
        "input_use": use.rename(columns={"input_sector": "supplying_sector"}),
        "value_added": (made["va_share"] * output).rename("value").reset_index(),
        "tariff_rate": trade.assign(value=trade["tariff_1993_pct"] / 100)[[*cell, "value"]],
        "trade_elasticity": theta[["sector", "value"]],
        "tariff_2005": trade.assign(value=trade["tariff_2005_pct"] / 100)[[*cell, "value"]],
        "traded": theta.loc[traded, ["sector"]],
    }


def world_and_scenario(raw: Path) -> tuple[World, Scenario, list[str]]:
    """Return the world of 1993, NAFTA's tariffs of 2005 as one edit, and the traded sectors."""
    given = tables(raw)
    tariffs = given["tariff_2005"]
    traded = given["traded"]["sector"].tolist()
    world = world_from_tables(
        given["flows"],
        input_use=given["input_use"],
        value_added=given["value_added"],
        tariff_rate=given["tariff_rate"],
        trade_elasticity=given["trade_elasticity"],
        name="cp2015",
    )
    inside = tariffs["origin"].isin(NAFTA) & tariffs["destination"].isin(NAFTA)
    edit = Edit(layer="tariff_rate", table=tariffs[inside].reset_index(drop=True))
    return world, Scenario(name="nafta-1993-2005", edits=(edit,)), traded


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield real wages, decomposition and NAFTA imports, without and with deficits."""
    world, scenario, traded = world_and_scenario(raw_folder(raw))
    for rule, published in PUBLISHED.items():
        group = f"NAFTA, deficits {rule}"
        outcome = run(world, scenario, models=["trade"], draws=0, deficits=rule)
        for variable, values in published.items():
            ours = outcome.table(variable, country=NAFTA)["median"]
            for country, mine, theirs in zip(NAFTA, ours, values, strict=True):
                yield Line(group, f"{country} {variable}", SOURCE, "%", mine, theirs, 0.0055)
        if rule == "zero":
            flows = outcome.flows()
            inside = flows[
                flows["origin"].isin(NAFTA)
                & flows["destination"].isin(NAFTA)
                & (flows["origin"] != flows["destination"])
                & flows["sector"].isin(traded)
            ]
            sums = inside.groupby("destination")[["base", "new"]].sum()
            growth = 100 * (sums["new"] / sums["base"] - 1)
            for country, theirs in zip(NAFTA, IMPORTS, strict=True):
                yield Line(
                    group,
                    f"{country} imports from NAFTA partners",
                    SOURCE,
                    "%",
                    float(growth[country]),
                    theirs,
                    0.01,
                )
