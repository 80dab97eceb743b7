"""Costinot and Rodriguez-Clare (2014), table 4.1: gains from trade, one sector and many.

34 regions, 31 sectors, 2008. The gain is what real income would lose in autarky. It is solved for
as an equilibrium in which every border is shut, not taken from the closed form.
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

GROUP = "Costinot-Rodriguez-Clare"
SOURCE = "Costinot & Rodriguez-Clare (2014) Handbook of International Economics 4, table 4.1"
ONE_SECTOR_ELASTICITY = 5.0
ONE_SECTOR, MANY_SECTORS = 4.4, 15.3


def _flows(raw: Path) -> pd.DataFrame:
    table = read_table(raw, "cr2014/flows_2008.parquet")
    names = {"exporter": "origin", "importer": "destination", "sector_id": "sector"}
    return table.rename(columns=names | {"value_musd": "value"}).astype({"sector": str})


def one_sector(raw: Path) -> World:
    """Return the world of column 1: trade added up over sectors.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    flows = _flows(raw).groupby(["origin", "destination"])["value"].sum().reset_index()
    return world_from_tables(flows, trade_elasticity=ONE_SECTOR_ELASTICITY, name="cr2014-one")


def many_sectors(raw: Path) -> World:
    """Return the world of column 2: sectors, no intermediate goods.

    The authors take import shares from all trade and the weights of sectors from final spending;
    so purchases of each sector are scaled to final spending's shares, origin by origin alike.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    flows = _flows(raw)
    shares = read_table(raw, "cr2014/shares_2008.parquet").astype({"sector_id": str})
    final = shares.set_index(["country", "sector_id"])["beta_expenditure_share"]
    cell = flows.groupby(["destination", "sector"])["value"].transform("sum")
    total = flows.groupby("destination")["value"].transform("sum")
    place = pd.MultiIndex.from_frame(flows[["destination", "sector"]])
    flows["value"] *= final.reindex(place).to_numpy() * total / cell
    theta = read_table(raw, "cr2014/epsilon.csv").astype({"sector_id": str})
    theta = theta.rename(columns={"sector_id": "sector", "epsilon": "value"})
    return world_from_tables(flows, trade_elasticity=theta, name="cr2014-many")


def gains(world: World) -> pd.Series:
    """Return the gains from trade of each country in per cent: minus real wages in autarky.

    Parameters
    ----------
    world
        Any world in which each country makes what it buys.
    """
    shut = Scenario(name="autarky", edits=(Edit(layer="export_ban", set="ban"),))
    # Each country is a trading zone of its own, and spends what it earns.
    outcome = run(world, shut, models=["trade"], draws=0, deficits="own_share")
    return -outcome.table("real_wage").set_index("iso3")["median"]


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield the mean gains from trade of both columns."""
    folder = raw_folder(raw)
    for name, world, theirs in (
        ("mean gains, one sector", one_sector(folder), ONE_SECTOR),
        ("mean gains, many sectors", many_sectors(folder), MANY_SECTORS),
    ):
        yield Line(GROUP, name, SOURCE, "%", float(gains(world).mean()), theirs, 0.055)
