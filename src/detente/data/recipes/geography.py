"""Distances, land borders and capitals (geography, natural_earth)."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from detente.data.recipes.tables import country_vector, described, flags, pair_grid, read_table

CAPITALS = "geography"
SHAPES = "natural_earth"


def distances(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return how far countries lie apart and whether they share a land border.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list; territories without an own capital in the source are not known.

    Returns
    -------
    xarray.Dataset
        distance_capital, distance_min (km), land_border (0 or 1) [origin, destination],
        symmetric, 0 on the diagonal.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> distances(raw, ["CAN", "USA"]).land_border.values.tolist()  # doctest: +SKIP
    [[0, 1], [1, 0]]
    """
    keys = ("iso3_a", "iso3_b")
    capital = read_table(raw, "geography/capital_distance_2024.parquet")
    shapes = read_table(raw, "natural_earth/ne_mindist_contiguity_50m.parquet")
    grid = pair_grid(capital, keys, "capdist_km", countries, diagonal=0.0, symmetric=True)
    nearest = pair_grid(shapes, keys, "mindist_km", countries, diagonal=0.0, symmetric=True)
    border = pair_grid(shapes, keys, "land_contiguous", countries, fill=0, symmetric=True)
    return xr.Dataset(
        {
            "distance_capital": described(
                grid, CAPITALS, "2024", "Great-circle distance of the capitals."
            ),
            "distance_min": described(
                nearest,
                SHAPES,
                "present-day borders",
                "Smallest distance of the shapes at 1:50 million, overseas departments "
                "included; dependencies are units of their own.",
            ),
            "land_border": described(
                flags(border),
                SHAPES,
                "present-day borders",
                "The shapes share a line at 1:50 million; de facto lines (France touches "
                "Brazil and Suriname).",
            ),
        }
    )


def capitals(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return where the capitals lie.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list; territories are not known (NaN).

    Returns
    -------
    xarray.Dataset
        capital_lat, capital_lon [country], degrees.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> round(float(capitals(raw, ["FRA"]).capital_lat[0]))  # doctest: +SKIP
    49
    """
    table = read_table(raw, "geography/capitals.parquet", ["iso3", "stdate", "lat", "lng"])
    # Where a state moved its capital, the seat since the latest date counts.
    table = table.sort_values("stdate").groupby("iso3").last()
    note = "Seat of government in 2024."
    return xr.Dataset(
        {
            "capital_lat": described(country_vector(table.lat, countries), CAPITALS, "2024", note),
            "capital_lon": described(country_vector(table.lng, countries), CAPITALS, "2024", note),
        }
    )
