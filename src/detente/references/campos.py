"""Campos et al. (2023): Russia in autarky and trade costs between blocs, 2019 and 2018.

Published numbers are compared where they are at hand: 151 countries, Russia in autarky (scenario
0) and the first scenario of costs between blocs. For the third scenario, and for the 66 countries
of TiVA 2018, the authors' equations are solved apart, by a plain iteration that shares nothing
with the trade model; the lines say so.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.paths import raw_folder
from detente.data.recipes.campos import ELASTICITY, SUPPLY_ELASTICITY
from detente.data.recipes.tables import read_table
from detente.errors import ConvergenceError
from detente.files.scenarios import load_scenario
from detente.files.worlds import load_world
from detente.own_world import world_from_tables
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line
from detente.world import World

GROUP = "Campos et al."
SOURCE = "Campos et al. (2023) J. Comparative Economics 51(4), replication results"
APART = "equations of Campos et al. (2023), solved apart by plain iteration"
AUTARKY = -9.44
# Percent; the second number is half a unit of the last place known.
BLOCS = {
    "RUS": (-2.547, 6e-4),
    "CHN": (-1.522, 6e-4),
    "DEU": (-0.812, 6e-4),
    "CAN": (-0.165, 6e-4),
    "USA": (-0.13, 5.5e-3),
}
SCENARIOS = (1, 3)
SAME = 1e-6


def bloc_costs(raw: Path, number: int = 1, countries: list[str] | None = None) -> Scenario:
    """Return a scenario of costs between blocs as one edit.

    Parameters
    ----------
    raw
        Folder of raw tables.
    number
        1: tariffs rise to rates of most favoured nations; 3: also no agreements between blocs and
        the Eastern bloc outside the WTO.
    countries
        Those of the world; all of the table when None.
    """
    table = read_table(raw, "campos2019/tau_hat.parquet")
    names = {"exporter": "origin", "importer": "destination", f"tau_hat_{number}": "value"}
    cost = table.rename(columns=names)
    cost = cost.loc[cost["origin"] != cost["destination"], ["origin", "destination", "value"]]
    if countries is not None:
        cost = cost[cost["origin"].isin(countries) & cost["destination"].isin(countries)]
    edit = Edit(layer="trade_cost", table=cost.reset_index(drop=True))
    return Scenario(name=f"bloc-costs-{number}", edits=(edit,))


def tiva_world(raw: Path) -> World:
    """Return the 66 countries of 2018 with the authors' elasticities.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    table = read_table(raw, "campos2019/trade_tiva_2018_66.parquet")
    names = {"exporter": "origin", "importer": "destination", "value_musd": "value"}
    world = world_from_tables(
        table.rename(columns=names), trade_elasticity=ELASTICITY, name="campos-tiva2018"
    )
    supply = np.full(len(world.countries), SUPPLY_ELASTICITY)
    layers = world.layers.assign(supply_elasticity=(("country",), supply))
    return dataclasses.replace(world, layers=layers)


def alone(country: str) -> Scenario:
    """Return the scenario in which a country trades with nobody.

    Under the rule that spending follows income its deficit vanishes without an edit.

    Parameters
    ----------
    country
        Of the world.
    """
    edits = [
        Edit(layer="export_ban", where={side: country}, set="ban")
        for side in ("origin", "destination")
    ]
    return Scenario(name="alone", edits=tuple(edits))


def solved_apart(flow: np.ndarray, cost: np.ndarray, theta: float, supply: float) -> np.ndarray:
    """Solve the authors' equations by damped iteration and return the hat of real wages.

    Output is (p / P)^supply, income p Q, and spending stays a constant multiple of income, scaled
    so that the world spends what it earns (universal gravity: Allen, Arkolakis and Takahashi
    2020, equations 5 to 8 in changes).

    Parameters
    ----------
    flow, cost
        [origin, destination]: base flows, and the factor of trade costs (infinite where shut).
    theta, supply
        Elasticities of trade and of supply.

    Raises
    ------
    ConvergenceError
        If the iteration does not settle.
    """
    income, spending = flow.sum(axis=1), flow.sum(axis=0)
    access = flow / spending * cost**-theta
    # Where nothing crosses the border, spending is income: each set of traders is its own world.
    shut = (access > 0).sum(axis=0) == 1
    ratio = spending / income
    price = np.ones(len(flow))
    for _ in range(100_000):
        weight = access * (price**-theta)[:, None]
        index = weight.sum(axis=0) ** (-1 / theta)
        earned = income * price * (price / index) ** supply
        wish = np.where(shut, earned, ratio * earned)
        scale = earned[~shut].sum() / wish[~shut].sum() if not shut.all() else 1.0
        wish[~shut] *= scale
        sold = weight / weight.sum(axis=0) @ wish
        new = price * (sold / earned) ** (0.8 / (1 + theta))
        new *= income.sum() / earned.sum()
        if np.abs(new / price - 1).max() < 1e-12:
            return new / index
        price = new
    raise ConvergenceError("the equations solved apart did not settle")


def _apart(world: World, scenario: Scenario) -> pd.Series:
    """Return the change of real wages in per cent, solved apart."""
    edited = scenario.apply(world)
    cost = edited.values("trade_cost")[:, :, 0] / (1 - edited.values("export_ban")[:, :, 0]).clip(
        min=1e-300
    )
    hat = solved_apart(world.values("flow")[:, :, 0], cost, ELASTICITY, SUPPLY_ELASTICITY)
    return pd.Series(100 * (hat ** (1 + SUPPLY_ELASTICITY) - 1), index=world.countries)


def _solved(world: World, scenario: Scenario) -> pd.Series:
    """Return the change of real income in per cent, by the trade model."""
    outcome = run(world, scenario, models=["trade"], draws=0, deficits="own_share")
    return outcome.table("real_income").set_index("iso3")["median"]


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield real incomes of Russia in autarky and of countries under bloc costs.

    Real income is the welfare of the paper, where labour follows the real wage.
    """
    folder = raw_folder(raw)
    world = load_world("campos2019")
    shut = run(world, load_scenario("russia-autarky"), models=["trade"], draws=0)
    mine = float(shut.table("real_income", country="RUS")["median"].iloc[0])
    yield Line(GROUP, "RUS in autarky", SOURCE, "%", mine, AUTARKY, 0.005)
    first = _solved(world, bloc_costs(folder))
    for country, (theirs, bound) in BLOCS.items():
        what = f"{country} under bloc costs 1"
        yield Line(GROUP, what, SOURCE, "%", float(first[country]), theirs, bound)
    tiva = tiva_world(folder)
    for name, place in (("2019", world), ("TiVA 2018", tiva)):
        cases = {"Russia in autarky": alone("RUS")} | {
            f"bloc costs {n}": bloc_costs(folder, n, place.countries) for n in SCENARIOS
        }
        for words, scenario in cases.items():
            ours, apart = _solved(place, scenario), _apart(place, scenario)
            worst = str((ours - apart).abs().idxmax())
            what = f"{name}, {words}: farthest, {worst}"
            yield Line(GROUP, what, APART, "%", float(ours[worst]), float(apart[worst]), SAME)
