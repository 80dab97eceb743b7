"""The observed world input-output table of 2011: 41 regions x 35 sectors (wiod2013)."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from detente.data.recipes.tables import described, read_table, significant

SOURCE = "wiod2013"
YEAR = 2011
REST_OF_WORLD = "ROW"
# Final use of a market is at least this share of its purchases, so that rounding keeps it >= 0.
FLOOR = 1e-4
OBSERVED, MOVED = 1, 3

INVENTORIES = (
    "Changes in inventories count as final use. A drawdown that would make a flow negative is "
    "cut to that flow, and drawdowns that exceed the final purchases of a market are scaled "
    "down to them: 0.01 per cent of world output is affected. "
)


def wiod2011_countries(raw: Path) -> list[str]:
    """Return the 41 regions in order; ROW stands for the rest of the world.

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
    >>> len(wiod2011_countries(raw))  # doctest: +SKIP
    41
    """
    return sorted(read_table(raw, "wiod2013/countries.csv").country)


def wiod2011_sector_names(raw: Path) -> dict[str, str]:
    """Return the readable names of the 35 sectors c1 to c35.

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
    >>> wiod2011_sector_names(raw)["c2"]  # doctest: +SKIP
    'Mining and quarrying'
    """
    table = read_table(raw, "wiod2013/sectors.csv")
    return dict(zip(table.sector, table.name, strict=True))


def wiod2011_sector_groups(raw: Path) -> dict[str, tuple[str, ...]]:
    """Return the groups goods, services and manufacturing of the 35 sectors.

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
    >>> len(wiod2011_sector_groups(raw)["goods"])  # doctest: +SKIP
    16
    """
    table = read_table(raw, "wiod2013/sectors.csv")
    goods = tuple(table[table.tradable_goods].sector)
    services = tuple(table[~table.tradable_goods].sector)
    return {"goods": goods, "services": services, "manufacturing": goods[2:]}


def _cube(
    table: pd.DataFrame, value: str, keys: tuple[str, str, str], axes: list[list[str]]
) -> np.ndarray:
    """Place a long table on a three-dimensional grid; cells that it lacks are 0."""
    data = np.zeros([len(axis) for axis in axes])
    index = tuple(
        table[key].astype(str).map({label: i for i, label in enumerate(axis)}).to_numpy(dtype=int)
        for key, axis in zip(keys, axes, strict=True)
    )
    data[index] = table[value].to_numpy(dtype=float)
    return data


def _use(raw: Path, countries: list[str], sectors: list[str]) -> np.ndarray:
    """Return input use [country, supplying_sector, using_sector] in million USD."""
    table = read_table(raw, "wiod2013/io_use.parquet")
    table = table[table.year == YEAR]
    keys = ("country", "input_sector", "using_sector")
    return _cube(table, "value_musd", keys, [countries, sectors, sectors])


def _gross_output(raw: Path, countries: list[str], sectors: list[str]) -> np.ndarray:
    """Return gross output [country, sector] in million USD."""
    table = read_table(raw, "wiod2013/output_va.parquet")
    table = table[table.year == YEAR].astype({"country": str, "sector": str})
    wide = table.pivot(index="country", columns="sector", values="gross_output_musd")
    return wide.loc[countries, sectors].to_numpy(dtype=float)


def _settle_inventories(
    intermediate: np.ndarray, final: np.ndarray, inventory: np.ndarray
) -> np.ndarray:
    """Return inventory changes that leave every flow and every market's final use at least 0."""
    kept = np.maximum(inventory, -(intermediate + final))
    drawn = -np.minimum(kept, 0).sum(axis=0)
    room = final.sum(axis=0) + np.maximum(kept, 0).sum(axis=0)
    scale = np.where(drawn > room, room / np.where(drawn > 0, drawn, 1.0), 1.0)
    return np.where(kept < 0, kept * scale[None, :, :], kept)


def wiod2011_layers(raw: Path) -> xr.Dataset:
    """Return flows and input shares of 2011, as observed.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    xarray.Dataset
        flow, flow_status, tariff_rate (all zero), tariff_rate_status (absent) on origin,
        destination, sector; input_share [country, supplying_sector, using_sector].

    Raises
    ------
    MissingDataError
        A raw table is not at hand.

    Notes
    -----
    Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics
    23, 575-605. Deficits follow from the accounts.

    Examples
    --------
    >>> wiod2011_layers(raw).flow.shape  # doctest: +SKIP
    (41, 41, 35)
    """
    countries = wiod2011_countries(raw)
    sectors = list(wiod2011_sector_names(raw))
    table = read_table(raw, "wiod2013/flows.parquet")
    table = table[table.year == YEAR]
    keys = ("exporter", "importer", "sector")
    intermediate, final, inventory = (
        _cube(table, column, keys, [countries, countries, sectors])
        for column in ("intermediate_musd", "final_musd", "inventory_musd")
    )
    settled = _settle_inventories(intermediate, final, inventory)
    flow = significant(intermediate + final + settled)
    gross = _gross_output(raw, countries, sectors)
    share = _input_share(_use(raw, countries, sectors), gross, flow)
    moved = ~np.isclose(settled, inventory, rtol=0, atol=1e-9)
    status = np.where(moved, MOVED, OBSERVED).astype(np.uint8)
    return _dataset(flow, status, share, countries, sectors)


def _input_share(use: np.ndarray, gross: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Return input use over gross output, trimmed where it leaves no final use in a market."""
    # The published gross output, not the sum of the flows: each flow is rounded to a million,
    # and in a sector of a few millions the sum can fall below the input use.
    share = use / np.where(gross > 0, gross, 1.0)[:, None, :]
    used = np.einsum("crs,cs->cr", share, flow.sum(axis=1))
    limit = (1 - FLOOR) * flow.sum(axis=0)
    trim = np.where(used > limit, limit / np.where(used > 0, used, 1.0), 1.0)
    return significant(share * trim[:, :, None])


def _dataset(
    flow: np.ndarray,
    status: np.ndarray,
    share: np.ndarray,
    countries: list[str],
    sectors: list[str],
) -> xr.Dataset:
    trade = ("origin", "destination", "sector")
    dims = {"country": countries, "origin": countries, "destination": countries}
    dims |= {"sector": sectors, "supplying_sector": sectors, "using_sector": sectors}
    absent = "This table carries no tariffs: all rates are zero and marked absent."
    layers = {
        "flow": xr.DataArray(flow, dims=trade),
        "flow_status": xr.DataArray(status, dims=trade),
        "input_share": xr.DataArray(share, dims=("country", "supplying_sector", "using_sector")),
        "tariff_rate": xr.DataArray(np.zeros_like(flow), dims=trade),
        "tariff_rate_status": xr.DataArray(np.zeros(flow.shape, dtype=np.uint8), dims=trade),
    }
    notes = {
        "flow": INVENTORIES + "Basic prices, net of tariffs.",
        "flow_status": "1 observed, 3 observed and changed by the inventory rule.",
        "input_share": "Input use over gross output; value added contains product taxes and "
        "international transport margins.",
        "tariff_rate": absent,
        "tariff_rate_status": absent,
    }
    return xr.Dataset(
        {key: described(layer, SOURCE, str(YEAR), notes[key]) for key, layer in layers.items()},
        coords=dims,
    )
