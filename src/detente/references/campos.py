"""Campos et al. (2023): Russia in autarky and trade costs between blocs, 151 countries, 2019."""

from collections.abc import Iterator
from pathlib import Path

from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.files.scenarios import load_scenario
from detente.files.worlds import load_world
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line

SOURCE = "Campos et al. (2023) J. Comparative Economics 51(4), replication results"
AUTARKY = -9.44
BLOCS = {"RUS": -2.547, "CHN": -1.522, "DEU": -0.812, "CAN": -0.165}


def bloc_costs(raw: Path) -> Scenario:
    """Return the first scenario of costs between blocs as one edit.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    table = read_table(raw, "campos2019/tau_hat.parquet")
    first, second = table.columns[:2]
    cost = table.rename(columns={first: "origin", second: "destination", "tau_hat_1": "value"})
    cost = cost.loc[cost["origin"] != cost["destination"], ["origin", "destination", "value"]]
    edit = Edit(layer="trade_cost", table=cost.reset_index(drop=True))
    return Scenario(name="bloc-costs", edits=(edit,))


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield real incomes of Russia in autarky and of countries under bloc costs.

    Real income is the welfare of the paper, where labour follows the real wage.
    """
    world = load_world("campos2019")
    alone = run(world, load_scenario("russia-autarky"), draws=0)
    mine = float(alone.table("real_income", country="RUS")["median"].iloc[0])
    yield Line("Campos et al.", "RUS in autarky", SOURCE, "%", mine, AUTARKY, 0.005)
    outcome = run(world, bloc_costs(raw_folder(raw)), draws=0, deficits="own_share")
    for country, theirs in BLOCS.items():
        mine = float(outcome.table("real_income", country=country)["median"].iloc[0])
        what = f"{country} under bloc costs 1"
        yield Line("Campos et al.", what, SOURCE, "%", mine, theirs, 0.0006)
