"""Output and population (wdi_trade_structure, wdi_macro, stated figures)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

from detente.data.recipes.tables import country_vector, described, read_table

GDP_SOURCE = "wdi_trade_structure"
POPULATION_SOURCE = "wdi_macro"
GDP_YEAR = 2023
POPULATION_YEAR = 2024
MILLION = 1e6

# Figures that the World Bank does not publish, in million USD and persons; each is rounded and
# was typed by hand from the publication named.
STATED_GDP = {
    # Directorate-General of Budget, Accounting and Statistics: 2023 at 31.2 NTD a dollar.
    "TWN": (756_000.0, 2023),
    # Bank of Korea, July 2024: nominal output of 40.2 trillion won at 1,305 won a dollar.
    "PRK": (30_800.0, 2023),
}
STATED_POPULATION = {
    # Department of Household Registration, end of 2024.
    "TWN": 23_400_000.0,
}


def _nearest_year(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Keep one value a country: that of the year, else the nearest, the earlier of two."""
    known = table.dropna(subset=["value"])
    gap = (known.year - year).abs() + 0.1 * (known.year > year)
    return known.assign(gap=gap).sort_values("gap").groupby("iso3").first()


def gdp(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return gross domestic product at current prices with its year.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    xarray.Dataset
        gdp (million USD) and gdp_year [country].

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> float(gdp(raw, ["RUS"]).gdp[0]) > 2e6  # doctest: +SKIP
    True
    """
    table = read_table(raw, "wdi_trade_structure/wdi_trade_structure_2010_2025.parquet")
    one = _nearest_year(table[table.indicator == "gdp_usd"], GDP_YEAR)
    values = one.value / MILLION
    years = one.year.astype(float)
    for iso3, (value, year) in STATED_GDP.items():
        if iso3 not in values.index:
            values.loc[iso3] = value
            years.loc[iso3] = float(year)
    note = (
        "World Development Indicators for 2023; where that year is missing the nearest one, "
        "named by gdp_year. Taiwan and North Korea are stated figures (see the recipe). It is a "
        "published statistic and need not equal the value added of the trade accounts."
    )
    return xr.Dataset(
        {
            "gdp": described(country_vector(values, countries), GDP_SOURCE, "2023", note),
            "gdp_year": described(
                country_vector(years, countries), GDP_SOURCE, "2023", "Year of the layer gdp."
            ),
        }
    )


def population(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return population in 2024.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    xarray.Dataset
        population [country], persons.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> float(population(raw, ["CHN"]).population[0]) > 1.4e9  # doctest: +SKIP
    True
    """
    table = read_table(
        raw, "wdi_macro/gdp_population_1960_2024.parquet", ["iso3", "year", "population"]
    )
    table = table[table.year == POPULATION_YEAR].dropna().set_index("iso3").population
    for iso3, persons in STATED_POPULATION.items():
        if iso3 not in table.index:
            table.loc[iso3] = persons
    note = "World Development Indicators for 2024; Taiwan is a stated figure (see the recipe)."
    grid = country_vector(table, countries)
    return xr.Dataset(
        {"population": described(grid, POPULATION_SOURCE, str(POPULATION_YEAR), note)}
    )
