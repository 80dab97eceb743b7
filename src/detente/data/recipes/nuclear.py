"""Military stockpiles of nuclear warheads (nuclear, 2025)."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from detente.data.recipes.tables import country_vector, described, read_table

SOURCE = "nuclear"
YEAR = 2025


def warheads(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return military stockpiles of warheads.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list; a country without a weapon holds 0.

    Returns
    -------
    xarray.Dataset
        warheads [country].

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> float(warheads(raw, ["USA"]).warheads[0])  # doctest: +SKIP
    3700.0
    """
    table = read_table(raw, "nuclear/warheads.parquet", ["iso3", "year", "warheads"])
    stock = table[table.year == YEAR].set_index("iso3").warheads
    note = (
        "Deployed and reserve warheads, without retired ones awaiting dismantlement. Figures "
        "for China, India, Israel, North Korea, Pakistan and Russia are rough estimates; 2025 "
        "was typed by hand from published tables."
    )
    grid = country_vector(stock, countries, fill=0.0)
    return xr.Dataset({"warheads": described(grid, SOURCE, str(YEAR), note)})
