"""Electoral democracy (regime: V-Dem version 16, 2025)."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from detente.data.recipes.tables import country_vector, described, read_table

SOURCE = "regime"
YEAR = 2025


def polyarchy(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return the electoral democracy index.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list; micro-states and territories are not known (NaN).

    Returns
    -------
    xarray.Dataset
        polyarchy [country], 0 to 1.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> float(polyarchy(raw, ["USA"]).polyarchy[0])  # doctest: +SKIP
    0.735
    """
    table = read_table(raw, "regime/democracy.parquet", ["iso3", "year", "v2x_polyarchy"])
    index = table[table.year == YEAR].dropna().set_index("iso3").v2x_polyarchy
    note = (
        "V-Dem electoral democracy index (v2x_polyarchy), version 16. Only this column of the "
        "source is used. Share-alike terms may hold: the layer is kept apart from the code."
    )
    grid = country_vector(index, countries)
    return xr.Dataset({"polyarchy": described(grid, SOURCE, str(YEAR), note)})
