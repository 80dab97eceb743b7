"""Positions in General Assembly votes with their posterior spread (unga_ideal, 2024)."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from detente.data.recipes.tables import country_vector, described, read_table

SOURCE = "unga_ideal"
YEAR = 2024
# Width of the central 90 per cent of a normal distribution in standard deviations.
WIDTH_90 = 2 * 1.6448536269514722


def ideal_points(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return ideal points of final-passage votes in 2024.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list; countries that did not vote are not known (NaN).

    Returns
    -------
    xarray.Dataset
        ideal_point, ideal_point_sd, ideal_point_p05, ideal_point_p95 [country].

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> round(float(ideal_points(raw, ["USA"]).ideal_point[0]), 2)  # doctest: +SKIP
    2.21
    """
    table = read_table(
        raw,
        "unga_ideal/idealpoints_2025.parquet",
        ["iso3", "year", "idealpointfp", "q5fp", "q95fp"],
    )
    table = table[table.year == YEAR].set_index("iso3").astype(float)
    spread = (table.q95fp - table.q5fp) / WIDTH_90
    columns = {
        "ideal_point": (table.idealpointfp, "Posterior mean."),
        "ideal_point_sd": (spread, "Width of the 90 per cent interval over 3.29."),
        "ideal_point_p05": (table.q5fp, "5 per cent posterior quantile."),
        "ideal_point_p95": (table.q95fp, "95 per cent posterior quantile."),
    }
    scale = " Final-passage votes of 2024; higher is nearer to the US-led order. "
    absent = "Afghanistan and Venezuela had no vote; Taiwan and territories have no seat."
    return xr.Dataset(
        {
            name: described(
                country_vector(values, countries), SOURCE, str(YEAR), note + scale + absent
            )
            for name, (values, note) in columns.items()
        }
    )
