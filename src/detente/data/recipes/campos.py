"""One-sector trade of 151 countries in 2019 with domestic sales (campos2019).

Campos, Estefania-Flores, Furceri and Timini (2023), Journal of Comparative Economics 51(4),
1289-1315.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from detente.data.recipes.tables import described, pair_grid, read_table, significant

SOURCE = "campos2019"
YEAR = 2019
SECTOR = "total"
THOUSAND = 1e3

# Campos et al. (2023), replication files: mean of the supply elasticities implied by the 10th and
# 90th percentiles of intermediate shares (0.31 and 0.67); trade elasticity of a meta-analysis.
SUPPLY_ELASTICITY = (0.31 / 0.69 + 0.67 / 0.33) / 2
ELASTICITY = 3.8


def campos2019_countries(raw: Path) -> list[str]:
    """Return the 151 countries in order.

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
    >>> len(campos2019_countries(raw))  # doctest: +SKIP
    151
    """
    table = read_table(raw, "campos2019/trade_2019_151.parquet", ["exporter", "importer"])
    return sorted(set(table.exporter) | set(table.importer))


def campos2019_blocs(raw: Path) -> dict[str, tuple[str, ...]]:
    """Return the three blocs of the source: Western, Eastern and Neutral.

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
    >>> len(campos2019_blocs(raw)["CAMPOS_EASTERN"])  # doctest: +SKIP
    19
    """
    table = read_table(raw, "campos2019/blocs.csv")
    return {
        f"CAMPOS_{str(bloc).upper()}": tuple(sorted(rows.iso))
        for bloc, rows in table.groupby("bloc")
    }


def campos2019_layers(raw: Path) -> xr.Dataset:
    """Return trade of 2019 in one sector, with the elasticities of the authors.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    xarray.Dataset
        flow, flow_status, tariff_rate (all zero), tariff_rate_status (absent) on origin,
        destination, sector; input_share [country, supplying_sector, using_sector], all zero;
        trade_elasticity 3.8 and supply_elasticity 1.24.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> campos2019_layers(raw).flow.shape  # doctest: +SKIP
    (151, 151, 1)
    """
    countries = campos2019_countries(raw)
    table = read_table(raw, "campos2019/trade_2019_151.parquet")
    grid = pair_grid(table, ("exporter", "importer"), "value_kusd", countries, fill=0.0)
    flow = significant(grid.values[:, :, None] / THOUSAND)
    seen = np.ones(flow.shape, dtype=np.uint8)
    trade = ("origin", "destination", "sector")
    zero = np.zeros_like(flow)
    layers = {
        "flow": (
            trade,
            flow,
            "Goods and services in one sector; the diagonal is approximated "
            "from output by the authors; a pair without a record holds 0.",
        ),
        "flow_status": (trade, seen, "1 as in the source."),
        "input_share": (
            ("country", "supplying_sector", "using_sector"),
            np.zeros((len(countries), 1, 1)),
            "No input-output links in this world.",
        ),
        "supply_elasticity": (
            ("country",),
            np.full(len(countries), SUPPLY_ELASTICITY),
            "One value for all, as the authors take it.",
        ),
        "trade_elasticity": (("sector",), np.array([ELASTICITY]), "As the authors take it."),
        "tariff_rate": (trade, zero, "No tariffs in this world: zero and marked absent."),
        "tariff_rate_status": (trade, zero.astype(np.uint8), "All absent."),
    }
    labels = dict.fromkeys(("country", "origin", "destination"), countries)
    labels |= {dim: [SECTOR] for dim in ("sector", "supplying_sector", "using_sector")}
    return xr.Dataset(
        {
            name: described(xr.DataArray(values, dims=dims), SOURCE, str(YEAR), note)
            for name, (dims, values, note) in layers.items()
        },
        coords=labels,
    )
