"""A world of 81 economies and 50 industries for timing, made with RAS from shares and goods trade.

`icio2020_params` holds technology and demand shares of 76 economies and the rest of the world in
45 industries, without flows or levels; `baci2023` holds goods trade by pair and GDP, without
industries. Here GDP sets the levels, goods trade is spread over industries by what the seller makes
and the buyer uses, services are given a tenth of it by size, and RAS makes supply and demand agree.
Economies that the shares lack take those of the rest of the world; the largest industries are cut
in halves up to the number asked for. It has the size and the unevenness of the tables of the OECD
(2025 edition), and is no estimate of them: use it for times only.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.balancing import balance_by_ras
from detente.data.recipes.tables import read_table
from detente.own_world import Tables
from detente.world import World, make_world

COUNTRIES, SECTORS = 81, 50
HALF = "_2"
# Value-added shares below it are raised, as in the recipe of world2023.
VALUE_ADDED_FLOOR = 0.08
# What is never sold abroad at least, of the output of an industry.
HOME = 0.2
SERVICES_PART = 0.1
# Its GDP in the table is of 2014 and forty times what it trades.
LEFT_OUT = ("VEN",)
# Rounds by which output meets the demand that output itself calls for.
ROUNDS = 200


def icio_world(raw: Path, countries: int = COUNTRIES, sectors: int = SECTORS) -> World:
    """Return the world, an exact base without tariffs.

    Parameters
    ----------
    raw
        Folder of raw tables, with icio2020_params and baci2023.
    countries, sectors
        Up to 194 economies and 45 to 90 industries.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.
    WorldError
        Supply and demand cannot be met.
    """
    codes, gdp = _economies(raw, countries)
    names, inputs, final, theta = _technology(raw, codes, sectors)
    goods = np.array([name[0] in "ABC" for name in names])
    wanted = gdp[:, None] * final
    output = _leontief(inputs, wanted)
    flow = _trade(raw, codes, output, goods)
    abroad = flow.sum(axis=1) - flow.sum(axis=0)
    # What is exported net is made at home with all its inputs, and the reverse.
    supply = np.maximum(_leontief(inputs, wanted + abroad), HOME * output)
    for _ in range(ROUNDS):
        demand = np.einsum("crs,cs->cr", inputs, supply) + wanted
        supply = supply * (demand.sum(axis=0) / supply.sum(axis=0))
    own = np.arange(countries)
    flow[own, own] = np.maximum(supply - flow.sum(axis=1), HOME * supply)
    value_added = (1 - inputs.sum(axis=1)) * supply
    given = Tables(
        countries=codes,
        sectors=names,
        flow=flow,
        tariff=np.zeros_like(flow),
        input_use=inputs * supply[:, None, :],
        value_added=value_added,
        final_use=wanted,
        deficits=None,
    )
    settled, share, report = balance_by_ras(given)
    arrays = {
        "flow": settled,
        "tariff_rate": np.zeros_like(flow),
        "input_share": share,
        "trade_elasticity": theta,
        "sanction_trade": np.zeros((countries, countries), np.uint8),
        "trade_agreement": np.zeros((countries, countries), np.uint8),
    }
    name = f"icio-{countries}x{sectors}"
    return make_world(name, 2023, arrays, codes, names, meta={"balance": report})


def _leontief(inputs: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the output [c, s] that a final demand [c, s] calls for at home."""
    return np.linalg.solve(np.eye(wanted.shape[1]) - inputs, wanted[:, :, None])[:, :, 0]


def _economies(raw: Path, count: int) -> tuple[list[str], np.ndarray]:
    """Return codes and GDP (million USD): those with shares of their own first, then by size."""
    table = read_table(raw, "baci2023/countries.csv")
    shares = read_table(raw, "icio2020_params/va_final_shares.parquet")
    gdp = table.set_index("iso3")["gdp_usd"].astype(float) / 1e6
    known = [code for code in sorted(set(shares["country"])) if code in gdp.index]
    others = gdp.drop([*known, *LEFT_OUT]).sort_values(ascending=False).index
    chosen = sorted([*known, *others][:count])
    return chosen, gdp.loc[chosen].to_numpy()


def _technology(raw: Path, codes: list[str], sectors: int):
    """Return industries, input shares [c, r, s], final shares [c, s] and elasticities [s]."""
    coefficients = read_table(raw, "icio2020_params/io_coef.parquet")
    shares = read_table(raw, "icio2020_params/va_final_shares.parquet")
    elastic = read_table(raw, "icio2020_params/sectors.csv").set_index("sector")
    names = sorted(elastic.index)
    economies = sorted(set(shares["country"]))
    cube = np.zeros((len(economies), len(names), len(names)))
    cube[
        pd.Index(economies).get_indexer(coefficients["country"]),
        pd.Index(names).get_indexer(coefficients["input_sector"]),
        pd.Index(names).get_indexer(coefficients["using_sector"]),
    ] = coefficients["coef"].to_numpy(dtype=float)
    final = shares.pivot(index="country", columns="sector", values="final_share")
    final = np.maximum(final.reindex(index=economies, columns=names).to_numpy(dtype=float), 0)
    used = np.maximum(cube, 0)
    used *= np.minimum(1, (1 - VALUE_ADDED_FLOOR) / used.sum(axis=1))[:, None, :]
    row = [economies.index(code if code in economies else "ROW") for code in codes]
    used, final = used[row], final[row] / final[row].sum(axis=1, keepdims=True)
    # Halves buy alike and are bought alike: a half of each cell that names the industry.
    largest = np.argsort(-final.mean(axis=0), kind="stable")[: sectors - len(names)]
    place = np.concatenate([np.arange(len(names)), largest])
    part = np.where(np.isin(place, largest), 0.5, 1.0)
    return (
        [*names, *(names[s] + HALF for s in largest)],
        used[:, place][:, :, place] * part[None, :, None],
        final[:, place] * part,
        elastic["theta_trade_simulator"].to_numpy(dtype=float)[
            pd.Index(elastic.index).get_indexer(names)
        ][place],
    )


def _trade(raw: Path, codes: list[str], output: np.ndarray, goods: np.ndarray) -> np.ndarray:
    """Return flows [o, d, s] between different economies, million USD."""
    table = read_table(raw, "baci2023/trade_2023_patched.parquet")
    table = table[table["exporter"].isin(codes) & table["importer"].isin(codes)]
    total = np.zeros((len(codes), len(codes)))
    at = [pd.Index(codes).get_indexer(table[side]) for side in ("exporter", "importer")]
    total[at[0], at[1]] = table["value_kusd"].to_numpy(dtype=float) / 1e3
    np.fill_diagonal(total, 0.0)
    pull = np.sqrt(output[:, None, :] * output[None, :, :])
    flow = np.zeros(pull.shape)
    # Pairs without goods trade sell each other services too: no sector falls into islands.
    anyone = np.outer(total.sum(axis=1), total.sum(axis=0)) / total.sum()
    np.fill_diagonal(anyone, 0.0)
    for kind, by_pair in ((goods, total), (~goods, SERVICES_PART * (total + anyone) / 2)):
        weight = pull * kind
        flow += by_pair[:, :, None] * weight / weight.sum(axis=2, keepdims=True)
    # No industry sells more abroad than it makes, less what it keeps.
    most = (1 - HOME) * output
    sold = flow.sum(axis=1)
    return flow * np.minimum(1, most / np.maximum(sold, 1e-300))[:, None, :]
