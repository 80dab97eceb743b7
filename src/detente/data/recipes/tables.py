"""Raw tables as the recipes read them, and their way into labelled grids."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from detente.errors import MissingDataError

SOURCES_HELP = "docs/reference/licences.md lists where each table comes from"


def raw_file(raw: Path, name: str) -> Path:
    """Return the path of a raw table, or say which one is missing.

    Parameters
    ----------
    raw
        Folder of raw tables, one folder a source.
    name
        "folder/file" below it.

    Raises
    ------
    MissingDataError
        The file is not there.

    Examples
    --------
    >>> raw_file(Path("nowhere"), "nuclear/warheads.parquet")
    Traceback (most recent call last):
    detente.errors.MissingDataError: no raw table nuclear/warheads.parquet in nowhere; ...
    """
    path = Path(raw) / name
    if not path.is_file():
        raise MissingDataError(
            f"no raw table {name} in {raw}; name the folder with --raw DIR or DETENTE_RAW "
            f"({SOURCES_HELP})"
        )
    return path


def read_table(raw: Path, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read one raw table, Parquet or CSV, with country codes kept as text.

    Parameters
    ----------
    raw
        Folder of raw tables, one folder a source.
    name
        "folder/file" below it.
    columns
        Columns to read; all when left out.

    Raises
    ------
    MissingDataError
        The file is not there.

    Examples
    --------
    >>> read_table(raw, "nuclear/warheads.parquet", ["iso3", "year", "warheads"])  # doctest: +SKIP
    """
    path = raw_file(raw, name)
    if path.suffix == ".csv":
        # Namibia's ISO2 code and an empty note must stay text: nothing is guessed to be missing.
        table = pd.read_csv(path, keep_default_na=False)
        return table if columns is None else table[list(columns)]
    return pd.read_parquet(path, columns=None if columns is None else list(columns))


def country_vector(
    values: pd.Series, countries: Sequence[str], fill: float = np.nan
) -> xr.DataArray:
    """Place values keyed by ISO3 on the country list.

    Parameters
    ----------
    values
        One value a country, the ISO3 code as index; countries outside the list are left out.
    countries
        Ordered ISO3 list.
    fill
        Value of a country that the table does not hold; NaN means not known.

    Raises
    ------
    ValueError
        A country appears twice.

    Examples
    --------
    >>> country_vector(pd.Series({"USA": 1.0}), ["CAN", "USA"]).values
    array([nan,  1.])
    """
    if values.index.has_duplicates:
        twice = sorted(set(values.index[values.index.duplicated()]))
        raise ValueError(f"more than one value for {', '.join(twice)}")
    data = values.reindex(list(countries)).astype(float).to_numpy(copy=True)
    data[np.isnan(data)] = fill
    return xr.DataArray(data, dims=["country"], coords={"country": list(countries)})


def pair_grid(
    table: pd.DataFrame,
    keys: tuple[str, str],
    value: str,
    countries: Sequence[str],
    fill: float = np.nan,
    diagonal: float | None = None,
    symmetric: bool = False,
) -> xr.DataArray:
    """Place values keyed by two ISO3 codes on the grid of origins and destinations.

    Parameters
    ----------
    table
        Long table with two key columns and a value column.
    keys
        Names of the key columns: origin, destination.
    value
        Name of the value column.
    countries
        Ordered ISO3 list; pairs outside it are left out.
    fill
        Value of a pair that the table does not hold; NaN means not known.
    diagonal
        Value of a country with itself; as filled when left out.
    symmetric
        Write each row in both directions (tables of undirected pairs).

    Raises
    ------
    ValueError
        A pair appears twice.

    Examples
    --------
    >>> rows = pd.DataFrame({"a": ["CAN"], "b": ["USA"], "km": [734.0]})
    >>> pair_grid(rows, ("a", "b"), "km", ["CAN", "USA"], diagonal=0, symmetric=True).values
    array([[  0., 734.],
           [734.,   0.]])
    """
    place = {iso3: index for index, iso3 in enumerate(countries)}
    inside = table[table[keys[0]].isin(place) & table[keys[1]].isin(place)]
    if inside.duplicated(list(keys)).any():
        raise ValueError(f"more than one {value} for a pair of {keys[0]} and {keys[1]}")
    row = inside[keys[0]].map(place).to_numpy(dtype=int)
    column = inside[keys[1]].map(place).to_numpy(dtype=int)
    data = np.full((len(place), len(place)), float(fill))
    data[row, column] = inside[value].to_numpy(dtype=float)
    if symmetric:
        data[column, row] = inside[value].to_numpy(dtype=float)
    if diagonal is not None:
        np.fill_diagonal(data, diagonal)
    labels = list(countries)
    return xr.DataArray(
        data, dims=["origin", "destination"], coords={"origin": labels, "destination": labels}
    )


def flags(grid: xr.DataArray) -> xr.DataArray:
    """Store small whole numbers in one byte each.

    Parameters
    ----------
    grid
        Whole numbers from 0 to 255 without a missing value.

    Raises
    ------
    ValueError
        A value is missing, negative, above 255 or not whole.

    Examples
    --------
    >>> flags(xr.DataArray([0.0, 1.0])).dtype
    dtype('uint8')
    """
    data = np.asarray(grid.values, dtype=float)
    if not np.all((data >= 0) & (data <= 255) & (data == np.round(data))):
        raise ValueError(f"{grid.name}: not all values are whole numbers from 0 to 255")
    return grid.copy(data=data.astype(np.uint8))


def described(grid: xr.DataArray, source: str, vintage: str, note: str) -> xr.DataArray:
    """Attach where a layer comes from, when it holds, and what to know before use.

    Parameters
    ----------
    grid
        The layer.
    source
        Key of the source in sources.toml.
    vintage
        The moment or years the values describe.
    note
        Rule and caveats in whole sentences.

    Examples
    --------
    >>> described(xr.DataArray([1.0]), "nuclear", "2025", "Military stockpiles.").attrs["vintage"]
    '2025'
    """
    return grid.assign_attrs(source=source, vintage=vintage, note=note)


def significant(values: np.ndarray, digits: int = 6) -> np.ndarray:
    """Round to a number of significant digits, so that a rebuild is the same byte for byte.

    Parameters
    ----------
    values
        Numbers of any shape.
    digits
        Significant digits to keep.

    Examples
    --------
    >>> significant(np.array([123456.789, 0.0]), 3)
    array([123000.,      0.])
    """
    data = np.asarray(values, dtype=float)
    size = np.where(data == 0, 1.0, np.abs(data))
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
    return np.round(data * scale) / scale
