"""Goods trade by product group: exporter, importer and an estimate by pair (WTO, BACI)."""

from pathlib import Path

import pandas as pd

from detente.data.recipes.tables import read_table

SOURCE = "wto_merch_products"

PRODUCTS = [
    "food", "agri_raw", "fuels", "ores_nonferrous", "iron_steel", "pharma", "chem_other",
    "office_telecom", "automotive", "transport_other", "machinery_other", "textiles", "clothing",
    "manuf_other", "unspecified",
]  # fmt: skip


def pair_products(raw: Path) -> pd.DataFrame:
    """Return the estimate of goods trade 2023 by pair and product group.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.DataFrame
        Columns origin, destination, product, value (million USD), exporter_mix_imputed,
        importer_mix_imputed.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    table = read_table(raw, "wto_merch_products/bilateral_product_2023_estimate.parquet")
    table = table.rename(
        columns={"exporter": "origin", "importer": "destination", "value_musd": "value"}
    )
    for key in ("origin", "destination", "product"):
        table[key] = table[key].astype(str)
    table["value"] = table["value"].astype(float)
    return table.sort_values(["origin", "destination", "product"], ignore_index=True)


def country_products(raw: Path) -> pd.DataFrame:
    """Return exports and imports of each economy by product group, latest year to 2023.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.DataFrame
        Index (iso3, flow with values export and import); columns year, total_musd and the
        15 product groups in million USD.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> country_products(raw).loc[("TWN", "export"), "office_telecom"]  # doctest: +SKIP
    249408.0
    """
    table = read_table(raw, "wto_merch_products/mix_latest.parquet")
    return table.set_index(["iso3", "flow"]).sort_index()


def goods_total(raw: Path, iso3: str, flow: str, year: int = 2023) -> float:
    """Return total merchandise exports or imports of one economy.

    Parameters
    ----------
    raw
        Folder of raw tables.
    iso3, flow, year
        Economy, "export" or "import", year.

    Returns
    -------
    float
        Million USD; exports free on board, imports mostly with insurance and freight.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    KeyError
        The economy or year is not in the table.
    """
    table = read_table(raw, "wto_merch_products/merch_by_product_2000_2023.parquet")
    key = (table["iso3"] == iso3) & (table["flow"] == flow) & (table["year"] == year)
    values = table.loc[key & (table["product"] == "TO"), "value_musd"]
    if values.empty:
        raise KeyError(f"no total {flow} of {iso3} in {year}")
    return float(values.iloc[0])
