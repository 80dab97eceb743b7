"""Trade totals, partners and shares of value added (CIA World Factbook, last edition)."""

from pathlib import Path

import pandas as pd

from detente.data.recipes.tables import read_table

SOURCE = "factbook_2026"


def variable(raw: Path, name: str, year: int = 2023, oldest: int = 2017) -> pd.Series:
    """Return a variable in the year, else in the latest earlier year not before `oldest`.

    Parameters
    ----------
    raw
        Folder of raw tables.
    name
        Variable (exports_gs, imports_gs in USD; va_agriculture in per cent of GDP; ...).
    year, oldest
        Window of years.

    Returns
    -------
    pandas.Series
        Value in the unit of the table, index iso3.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> variable(raw, "exports_gs")["RUS"] / 1e9  # doctest: +SKIP
    465.2
    """
    table = read_table(raw, "factbook_2026/economy_energy.parquet")
    rows = table[(table["variable"] == name) & table["year"].between(oldest, year)]
    rows = rows.dropna(subset=["value"]).drop_duplicates(["iso3", "year"])
    latest = rows.sort_values(["iso3", "year"]).groupby("iso3").tail(1)
    return latest.set_index("iso3")["value"].astype(float).sort_index()


def top_partners(raw: Path, iso3: str, flow: str) -> pd.Series:
    """Return the shares of the five largest goods partners.

    Parameters
    ----------
    raw
        Folder of raw tables.
    iso3, flow
        Economy, and "export" or "import".

    Returns
    -------
    pandas.Series
        Share of goods trade (0-1), index partner ISO3; rounded to whole per cents in the source.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> top_partners(raw, "TWN", "export")["CHN"]  # doctest: +SKIP
    0.2
    """
    table = read_table(raw, "factbook_2026/trade_partners_top5.parquet")
    rows = table[(table["iso3"] == iso3) & (table["flow"] == flow)].dropna(subset=["partner_iso3"])
    return (rows.set_index("partner_iso3")["share_pct"].astype(float) / 100).sort_index()
