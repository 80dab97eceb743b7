"""Input-output and final-demand shares of 77 economies (OECD ICIO, edition 2023, year 2020)."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from detente.data.recipes.tables import read_table
from detente.data.sectors import SECTORS

SOURCE = "icio2020_params"

# ISIC Rev. 4 groups of the table to the sectors of the world.
SECTOR_OF = {
    "A01_02": "agriculture", "A03": "agriculture",
    "B05_06": "energy_mining", "B09": "energy_mining", "B07_08": "other_mining",
    "C10T12": "food", "C13T15": "textiles",
    "C20": "chemicals", "C21": "chemicals", "C22": "chemicals",
    "C23": "metals", "C24": "metals", "C25": "metals",
    "C26": "machinery", "C27": "machinery", "C28": "machinery",
    "C29": "vehicles", "C30": "vehicles",
    "C16": "other_manufacturing", "C17_18": "other_manufacturing",
    "C19": "other_manufacturing", "C31T33": "other_manufacturing",
    "G": "transport_services", "H49": "transport_services", "H50": "transport_services",
    "H51": "transport_services", "H52": "transport_services", "H53": "transport_services",
}  # fmt: skip
VALUE_ADDED_FLOOR = 0.08


def technology(raw: Path) -> xr.Dataset:
    """Return input shares and final-demand shares of each economy by sector of the world.

    Sub-sectors are weighted by the output that each country's own final demand calls for in a
    closed economy, because the source holds no output levels. A value-added share below 0.08 is
    raised to it and the inputs of that column scaled down: without it the price of an (almost)
    empty sector would not depend on domestic wages.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    xarray.Dataset
        input_share[country, supplying_sector, using_sector] (share of gross output),
        final_share[country, sector] (adds to one), value_added_floored[country] (sectors raised).

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> float(technology(raw)["final_share"].sel(country="USA").sum())  # doctest: +SKIP
    1.0
    """
    coefficients = read_table(raw, "icio2020_params/io_coef.parquet")
    shares = read_table(raw, "icio2020_params/va_final_shares.parquet")
    countries = sorted(set(shares["country"]) - {"ROW"})
    fine = sorted(set(shares["sector"]))
    place = {code: i for i, code in enumerate(fine)}
    group = np.zeros((len(fine), len(SECTORS)))
    for code, i in place.items():
        group[i, SECTORS.index(SECTOR_OF.get(code, "other_services"))] = 1.0
    final_fine = (
        shares.pivot(index="country", columns="sector", values="final_share")
        .reindex(index=countries, columns=fine)
        .to_numpy(dtype=float)
    )
    cube = np.zeros((len(countries), len(fine), len(fine)))
    known = coefficients[coefficients["country"].isin(countries)]
    cube[
        known["country"].map({c: i for i, c in enumerate(countries)}).to_numpy(dtype=int),
        known["input_sector"].map(place).to_numpy(dtype=int),
        known["using_sector"].map(place).to_numpy(dtype=int),
    ] = known["coef"].to_numpy(dtype=float)
    inputs, final, floored = [], [], []
    for number in range(len(countries)):
        a, f, raised = _aggregate(cube[number], np.nan_to_num(final_fine[number]), group)
        inputs.append(a)
        final.append(f)
        floored.append(raised)
    return xr.Dataset(
        {
            "input_share": (("country", "supplying_sector", "using_sector"), np.stack(inputs)),
            "final_share": (("country", "sector"), np.stack(final)),
            "value_added_floored": (("country",), np.array(floored)),
        },
        coords={"country": countries, "sector": list(SECTORS)},
    )


def _aggregate(
    fine: np.ndarray, final: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    final = final / final.sum()
    output = np.linalg.solve(np.eye(len(final)) - fine, final)
    # A sub-sector without output still lends its structure, at a negligible weight.
    output = np.maximum(output, 1e-9)
    use = group.T @ (fine * output[None, :]) @ group
    share = use / (group.T @ output)[None, :]
    total = share.sum(axis=0)
    cap = 1.0 - VALUE_ADDED_FLOOR
    raised = int((total > cap).sum())
    share = share * np.minimum(1.0, cap / np.maximum(total, 1e-300))[None, :]
    return share, group.T @ final, raised


def external_balance(raw: Path) -> pd.Series:
    """Return imports less exports of 2020, for comparison only.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.Series
        Million USD, index iso3.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    table = read_table(raw, "icio2020_params/deficits.csv")
    return table.set_index("country")["deficit_musd"].astype(float).drop("ROW")
