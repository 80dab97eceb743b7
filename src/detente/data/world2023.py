"""The economic layers of the embedded world: 197 countries, 12 sectors, the year 2023.

The steps are explained, with what is observed and what is imputed, in
docs/explanation/world2023.md. Nothing here draws random numbers; values are rounded to six
significant digits at the end, so that a rebuild is the same byte for byte.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from detente.accounts import accounts
from detente.data.assembly import Build, Log, assemble
from detente.data.recipes.tables import significant
from detente.data.repair import cap_deficits, close_all
from detente.data.sectors import SECTORS
from detente.errors import DataError

OBSERVED, IMPUTED, MOVED = 1, 2, 3
# A cell counts as moved when the recipe changed it by more than this share; reports of the two
# sides of a pair differ by more than that.
MOVED_BY = 0.05


def economic_layers(
    raw: Path, log: Callable[[str], None] | None = None
) -> tuple[xr.Dataset, pd.DataFrame]:
    """Build flows, input shares and base tariffs of 2023 with their status.

    Parameters
    ----------
    raw
        Folder of raw tables, one folder a source.
    log
        Called with a line of progress.

    Returns
    -------
    tuple
        Dataset with flow (million USD, net of tariffs, domestic sales on the diagonal),
        input_share, tariff_rate, flow_status and tariff_rate_status (0 absent, 1 observed,
        2 imputed, 3 moved), value_moved and value_imputed; and the build log.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.
    DataError
        The accounts of a country cannot be closed.
    """
    raw = Path(raw)
    build = assemble(raw, Log(log))
    cap_deficits(build)
    output = close_all(build)
    return _layers(build, output), build.log.table()


def _layers(build: Build, output: np.ndarray) -> xr.Dataset:
    codes, sectors = build.countries, list(SECTORS)
    exports = build.flow.sum(axis=1)
    flow = build.flow.copy()
    same = np.arange(len(codes))
    flow[same, same] = output - exports
    flow = significant(flow)
    inputs = significant(build.inputs)
    status = _status(build, flow)
    moved, imputed = _shares(build, status)
    books = accounts(flow, build.tariff, inputs)
    for c, code in enumerate(codes):
        gap = books.value_added[c] - build.gdp[c]
        build.log.note(code, "value added less GDP", gap, f"{gap / build.gdp[c]:.2e} of GDP")
    if (books.final_use <= 0).any():
        c, s = np.argwhere(books.final_use <= 0)[0]
        raise DataError(f"final use of {codes[c]} in {sectors[s]} is not positive after rounding")
    pair = ("origin", "destination", "sector")
    return xr.Dataset(
        {
            "flow": (pair, flow),
            "input_share": (("country", "supplying_sector", "using_sector"), inputs),
            "tariff_rate": (pair, build.tariff),
            "flow_status": (pair, status),
            "tariff_rate_status": (pair, build.tariff_status.astype(np.uint8)),
            "value_moved": (("country",), significant(moved)),
            "value_imputed": (("country",), significant(imputed)),
        },
        coords={
            "country": codes,
            "origin": codes,
            "destination": codes,
            "sector": sectors,
            "supplying_sector": sectors,
            "using_sector": sectors,
        },
    )


def _status(build: Build, flow: np.ndarray) -> np.ndarray:
    """Return where each cell comes from; domestic sales are residuals of the accounts."""
    changed = np.abs(build.flow - build.start) > MOVED_BY * build.start
    status = np.where(build.imputed, IMPUTED, OBSERVED)
    status = np.where(changed & ((status == OBSERVED) | (build.start == 0)), MOVED, status)
    same = np.arange(len(build.countries))
    status[same, same] = IMPUTED
    return np.where(flow > 0, status, 0).astype(np.uint8)


def _shares(build: Build, status: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of each country's cross-border trade that were moved and are imputed."""

    def trade(values: np.ndarray) -> np.ndarray:
        return values.sum(axis=(1, 2)) + values.sum(axis=(0, 2))

    # What leaves one pair arrives at another: half of all changes is the value moved.
    moved = 0.5 * trade(np.abs(build.flow - build.start)) / trade(build.start)
    return moved, trade(build.flow * (status == IMPUTED)) / trade(build.flow)
