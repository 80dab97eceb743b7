"""Country codes, names and regions (state_system)."""

from pathlib import Path

import pandas as pd

from detente.data.recipes.tables import read_table

SOURCE = "state_system"

# Where the source's form is dated, too long for a table, or absent.
SHORT_NAMES = {
    "COD": "DR Congo",
    "COG": "Congo",
    "FSM": "Micronesia",
    "HKG": "Hong Kong",
    "MAC": "Macao",
    "MMR": "Myanmar",
    "TUR": "Türkiye",
    "XKX": "Kosovo",
}


def country_table(raw: Path) -> pd.DataFrame:
    """Return names and regions of the ISO 3166-1 countries.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.DataFrame
        Index iso3; columns name, un_region, un_subregion.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> country_table(raw).loc["USA", "un_region"]  # doctest: +SKIP
    'Americas'
    """
    table = read_table(
        raw, "state_system/iso3_names.parquet", ["iso3", "name_en", "un_region", "un_subregion"]
    )
    table = table.rename(columns={"name_en": "name"}).set_index("iso3")
    for iso3, name in SHORT_NAMES.items():
        table.loc[iso3, "name"] = name
    return table.sort_index()


def country_names(raw: Path) -> dict[str, str]:
    """Return the English short name of each ISO3 code.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> country_names(raw)["TUR"]  # doctest: +SKIP
    'Türkiye'
    """
    names = country_table(raw)["name"]
    return {str(iso3): str(name) for iso3, name in names.items()}
