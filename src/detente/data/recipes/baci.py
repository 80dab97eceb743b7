"""Bilateral goods trade 2023 by country pair (CEPII BACI, all products together)."""

from pathlib import Path

import pandas as pd

from detente.data.recipes.tables import read_table

SOURCE = "baci2023"


def goods_pairs(raw: Path) -> pd.DataFrame:
    """Return goods trade by pair, with the 257 missing pairs filled from 2019.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.DataFrame
        Columns origin, destination (ISO3), value (million USD of 2023, free on board) and imputed
        (bool: no side reported the pair for 2023).

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> goods_pairs(raw)["value"].sum() / 1e6  # doctest: +SKIP
    21.9
    """
    table = read_table(
        raw,
        "baci2023/trade_2023_patched.parquet",
        ["exporter", "importer", "value_kusd", "imputed"],
    )
    return pd.DataFrame(
        {
            "origin": table["exporter"].astype(str),
            "destination": table["importer"].astype(str),
            "value": table["value_kusd"].astype(float) / 1e3,
            "imputed": table["imputed"].astype(bool),
        }
    ).sort_values(["origin", "destination"], ignore_index=True)


def gdp(raw: Path) -> pd.Series:
    """Return gross domestic product of the economies of the trade table.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.Series
        Million USD at current prices, latest year (mostly 2023), index iso3.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> len(gdp(raw))  # doctest: +SKIP
    194
    """
    table = read_table(raw, "baci2023/countries.csv", ["iso3", "gdp_usd"])
    return (table.set_index("iso3")["gdp_usd"].astype(float) / 1e6).sort_index()
