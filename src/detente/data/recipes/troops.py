"""United States troops abroad (troops_us, 2024)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from detente.data.recipes.tables import described, read_table

SOURCE = "troops_us"
YEAR = 2024
# The quarterly reports have left these theatres out since the end of 2017.
NOT_REPORTED = ("AFG", "IRQ", "SYR")


def troops(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return active-duty troops stationed abroad.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    xarray.Dataset
        troops [origin, destination]; the row of the United States is known, others are NaN.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> grid = troops(raw, ["JPN", "USA"]).troops  # doctest: +SKIP
    >>> grid.sel(origin="USA", destination="JPN").item()  # doctest: +SKIP
    55154.0
    """
    table = read_table(
        raw, "troops_us/us_troops_country_year.parquet", ["iso3", "year", "troops_ad"]
    )
    there = table[(table.year == YEAR) & table.iso3.notna()].set_index("iso3").troops_ad
    labels = list(countries)
    data = np.full((len(labels), len(labels)), np.nan)
    if "USA" in labels:
        row = there.reindex(labels).fillna(0).to_numpy(dtype=float)
        unknown = np.isin(labels, [*NOT_REPORTED, "USA"])
        data[labels.index("USA")] = np.where(unknown, np.nan, row)
    grid = xr.DataArray(
        data, dims=["origin", "destination"], coords={"origin": labels, "destination": labels}
    )
    note = (
        "Active-duty personnel as reported by the Department of Defense. A country absent from "
        "the report holds 0; Afghanistan, Iraq and Syria are not reported and not known. "
        "Temporary deployments are left out. Other origins are not known."
    )
    return xr.Dataset({"troops": described(grid, SOURCE, str(YEAR), note)})
