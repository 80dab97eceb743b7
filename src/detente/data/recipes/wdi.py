"""Shares of trade and value added in GDP (World Bank, World Development Indicators)."""

from pathlib import Path

import pandas as pd

from detente.data.recipes.tables import read_table

SOURCE = "wdi_trade_structure"


def indicator(raw: Path, name: str, year: int = 2023, oldest: int = 2017) -> pd.Series:
    """Return an indicator in the year, else in the latest earlier year not before `oldest`.

    Parameters
    ----------
    raw
        Folder of raw tables.
    name
        Name of the indicator (exports_gs_pct_gdp, va_agri_pct_gdp, ...).
    year, oldest
        Window of years.

    Returns
    -------
    pandas.Series
        Value in the unit of the indicator, index iso3.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    KeyError
        The indicator is not in the table.

    Examples
    --------
    >>> indicator(raw, "exports_gs_pct_gdp")["DEU"]  # doctest: +SKIP
    43.4
    """
    table = read_table(raw, "wdi_trade_structure/wdi_trade_structure_2010_2025.parquet")
    rows = table[table["indicator"] == name]
    if rows.empty:
        raise KeyError(f"no indicator {name}")
    rows = rows[rows["year"].between(oldest, year)].dropna(subset=["value"])
    latest = rows.sort_values(["iso3", "year"]).groupby("iso3").tail(1)
    return latest.set_index("iso3")["value"].astype(float).sort_index()
