"""Ignatenko, Lashkaripour, Macedoni and Simonovska (2025): the US tariffs of 2 April 2025.

194 countries, one sector, the unpatched trade table, trade elasticity 4. The same trade model as
everywhere, with the switches of `models.trade_supply` as layers of the world: free labour supply,
scale, selling costs paid to local labour, relief of taxes on labour or a lump-sum rebate.

What the source table states (shares of selling costs, domestic sales) is taken from it. How the
elasticity to tariffs follows from these shares, and with which weights countries are averaged, was
found by checking which reading gives the published numbers: docs/explanation/references.md.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.outcome import Outcome
from detente.own_world import world_from_tables
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line
from detente.world import World, with_deficit

GROUP = "Ignatenko et al."
SOURCE = "Ignatenko, Lashkaripour, Macedoni & Simonovska (2025) JIE 157, 104138"
IDENTITY = "identity: markets clear"
THETA = 4.0
LABOUR_SUPPLY = 0.5
SCALE = 0.67 / THETA
TARIFFED = "USA"


@dataclass(frozen=True)
class Case:
    """One column of results.

    Attributes
    ----------
    relief : tariff revenue lowers taxes on labour; else it is handed out in equal sums
    firms : scale, selling costs and selection of firms; without them Eaton and Kortum (2002)
    deficits : rule
    """

    relief: bool = True
    firms: bool = True
    deficits: str = "fixed"


CASES = {
    "income-tax relief": Case(),
    "lump-sum rebate": Case(relief=False),
    "Eaton-Kortum": Case(firms=False),
    "balanced trade": Case(deficits="zero"),
}
# Per cent: the United States, and the average of all others weighted by spending.
PUBLISHED = {"income-tax relief": (1.13, -0.58), "lump-sum rebate": (-0.01, -0.57)}


def countries(raw: Path) -> pd.DataFrame:
    """Return GDP, tariffs and shares of selling costs by country.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    # Namibia's code is no missing value.
    table = read_table(raw, "baci2023/countries.csv")
    table["iso3"] = table["iso3"].fillna("NAM")
    return table.sort_values("iso3", ignore_index=True)


def selection(local: np.ndarray) -> np.ndarray:
    """Return the elasticity of trade to tariffs over that to costs, less one.

    Parameters
    ----------
    local
        Share of selling costs in sales.

    Notes
    -----
    In Melitz (2003) with Pareto productivity of shape k, fixed costs paid in the destination are
    the share (k - s) / (k (1 + s)) of sales, with s the elasticity of substitution less one, and
    trade falls by 1 + 1/s - 1/k times as much with a tariff as with a cost. Eliminating s gives
    (1 + 1/k) local / (1 - local); 1/k is the scale elasticity.
    """
    return (1 + SCALE) * local / (1 - local)


def world_of(raw: Path, case: Case) -> World:
    """Return the world of a case.

    Parameters
    ----------
    raw
        Folder of raw tables.
    case
        Switches.
    """
    table = countries(raw)
    codes = table["iso3"].tolist()
    trade = read_table(raw, "baci2023/trade_2023.parquet")
    grid = trade.pivot_table(index="exporter", columns="importer", values="value_kusd")
    flow = grid.reindex(index=codes, columns=codes).fillna(0.0).to_numpy() / 1e3
    local = table["nu_ignatenko"].to_numpy() if case.firms else np.zeros(len(codes))
    # As the authors close accounts: spending is GDP plus the transfer, and what is not imported
    # is bought at home. Two small states import more than that; they then sell nothing at home.
    bought, sold = flow.sum(axis=0), flow @ (1 - local)
    transfer = (1 - local) * (bought - sold)
    np.fill_diagonal(flow, np.maximum(0.0, table["gdp_usd"].to_numpy() / 1e6 + transfer - bought))
    rows = pd.DataFrame(flow, index=codes, columns=codes).rename_axis("origin").reset_index()
    rows = rows.melt(id_vars="origin", var_name="destination")
    world = world_from_tables(rows, trade_elasticity=THETA, name="liberation-day")
    none = np.zeros(len(codes))
    layers = {"supply_elasticity": none + LABOUR_SUPPLY, "tax_relief": none + case.relief}
    if case.firms:
        layers |= {"scale_elasticity": none + SCALE, "local_labour_share": local}
        layers |= {"tariff_selection": selection(local)}
    added = {name: (("country",), values) for name, values in layers.items()}
    return with_deficit(dataclasses.replace(world, layers=world.layers.assign(added))).check()


def tariffs(raw: Path) -> Scenario:
    """Return the tariffs of 2 April 2025 as one edit.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    table = countries(raw)
    rates = table.loc[table["iso3"] != TARIFFED, ["iso3", "us_tariff_20250402"]]
    rates = rates.set_axis(["origin", "value"], axis=1).assign(destination=TARIFFED)
    edit = Edit(layer="tariff_rate", table=rates[["origin", "destination", "value"]])
    return Scenario(name="liberation-day", edits=(edit,))


def net_of_work(outcome: Outcome, case: Case) -> pd.Series:
    """Return the change of consumption less the disutility of work, in per cent: their measure.

    With disutility L^(1 + 1/kappa) the measure is E / P less kappa / (1 + kappa) of pay before
    relief, wL / P (Greenwood, Hercowitz and Huffman 1988).

    Parameters
    ----------
    outcome, case
        A result, and the switches it was made with.
    """
    base = outcome.base
    codes = outcome.countries
    spending = pd.Series(base["spending"].values, index=codes)
    pay = pd.Series(base["value_added"].values, index=codes)

    def change(variable: str) -> pd.Series:
        return outcome.table(variable).set_index("iso3")["median"].reindex(codes) / 100

    price = 1 + change("price_index")
    # No revenue in the base: income per base income, less revenue, is pay.
    paid = (1 + change("real_income")) - change("tariff_revenue") / price
    weight = LABOUR_SUPPLY / (1 + LABOUR_SUPPLY)
    before = spending - weight * pay
    after = spending * (1 + change("real_spending")) - weight * pay * paid
    return 100 * (after / before - 1)


def solve(raw: Path, case: Case) -> tuple[Outcome, pd.Series]:
    """Solve a case: the outcome, and the authors' measure by country in per cent.

    Parameters
    ----------
    raw
        Folder of raw tables.
    case
        Switches.
    """
    outcome = run(
        world_of(raw, case), tariffs(raw), models=["trade"], draws=0, deficits=case.deficits
    )
    return outcome, net_of_work(outcome, case)


def others(outcome: Outcome, change: pd.Series) -> float:
    """Return the average of all countries but the United States, weighted by spending."""
    spending = pd.Series(outcome.base["spending"].values, index=outcome.countries)
    rest = change.index != TARIFFED
    return float(np.average(change[rest], weights=spending[rest]))


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield the measure of the United States and of the others, and the residual of every case."""
    folder = raw_folder(raw)
    for name, case in CASES.items():
        outcome, change = solve(folder, case)
        if name in PUBLISHED:
            usa, rest = PUBLISHED[name]
            mine = float(change[TARIFFED])
            yield Line(GROUP, f"{name}: USA", SOURCE, "%", mine, usa, 0.0055)
            mine = others(outcome, change)
            yield Line(GROUP, f"{name}: all others", SOURCE, "%", mine, rest, 0.0055)
        residual = float(outcome.draws["residual"].max())
        what = f"{name}: markets that do not clear"
        yield Line(GROUP, what, IDENTITY, "share of value added", residual, 0.0, 1e-10)
