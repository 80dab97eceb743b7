"""KITE's long tables: a folder of CSVs, one a variable, each with a column `value`.

trade_share (origin, destination, sector), intermediate_share (country, input, output),
factor_share, expenditure and consumption_share (country, sector), value_added and trade_balance
(country), tariff and export_subsidy (origin, destination, sector; 1.05 is a tariff of 5 per cent),
trade_elasticity (sector). Rows that are absent are 0 for shares and expenditure, 1 for tariffs.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import WorldError, nearest
from detente.importers.blocks import year_of
from detente.importers.imported import Imported
from detente.importers.reading import beside, existing, long_table

SOURCE = "kite"
TRADE = ("origin", "destination", "sector")
STATE = ("country", "sector")
TABLES = {
    "trade_share": TRADE,
    "intermediate_share": ("country", "input", "output"),
    "factor_share": STATE,
    "expenditure": STATE,
    "trade_elasticity": ("sector",),
    "tariff": TRADE,
}
OPTIONAL = {"value_added": ("country",), "export_subsidy": TRADE}
# The source's own calibration is exact; rounding in a CSV is not.
ROUNDING = 1e-4


def read_kite(path: Path | str, year: int | None = None) -> Imported:
    """Read a folder of KITE's long tables.

    Parameters
    ----------
    path
        The folder with trade_share.csv, intermediate_share.csv, factor_share.csv,
        expenditure.csv, trade_elasticity.csv and tariff.csv.
    year
        Year of the tables; by default the one in the folder's name.

    Returns
    -------
    Imported
        Flows are trade shares times expenditure, net of tariffs; inputs take one less the factor
        share of output, split by intermediate_share. Shares are kept as they are.

    Raises
    ------
    PlaceError
        A table is not there.
    WorldError
        A label, a share or a tariff is wrong; the row is named.

    Notes
    -----
    Hinz, Mahlkow and Wanner's KITE model suite; the equations are Caliendo and Parro (2015),
    Review of Economic Studies 82, 1-44.
    """
    folder = Path(path)
    if not folder.is_dir():
        existing(folder, "folder of KITE tables")
        raise WorldError(
            f"{folder} is a file: name the folder that holds trade_share.csv and so on"
        )
    raw = {name: _table(folder, name, keys) for name, keys in TABLES.items()}
    countries = _labels(raw["expenditure"], "country")
    sectors = _labels(raw["expenditure"], "sector")
    axes = {"country": countries, "origin": countries, "destination": countries,
            "sector": sectors, "input": sectors, "output": sectors}  # fmt: skip

    def array(name: str, fill: float = 0.0) -> np.ndarray:
        return _array(raw[name], folder / f"{name}.csv", TABLES[name], axes, fill)

    expenditure = array("expenditure")
    _from(raw["expenditure"], folder / "expenditure.csv", 0.0, np.inf)
    rate = _tariff(raw["tariff"], array("tariff", 1.0), folder, countries)
    for name in ("trade_share", "intermediate_share"):
        _from(raw[name], folder / f"{name}.csv", 0.0, np.inf, "; shares are 0 or more")
    share = _sums_to_one(array("trade_share"), expenditure > 0, folder, countries, sectors)
    flow = share * expenditure[None] / (1 + rate)
    output = flow.sum(axis=1)
    factor = _factor(raw["factor_share"], array("factor_share", np.nan), output, folder, axes)
    mix = _mix(array("intermediate_share"), (output > 0) & (factor < 1), folder, axes)
    theta = array("trade_elasticity", np.nan)
    _from(raw["trade_elasticity"], folder / "trade_elasticity.csv", 1e-12, np.inf)
    if np.isnan(theta).any():
        gone = sectors[int(np.isnan(theta).argmax())]
        raise WorldError(f"{folder / 'trade_elasticity.csv'}: no row of sector {gone}")
    use = mix * ((1 - factor) * output)[:, None, :]
    value_added = output - use.sum(axis=1)
    return Imported(
        SOURCE, year or year_of(folder), countries, sectors, flow, use, value_added,
        tariff_rate=rate, trade_elasticity=theta,
        notes=_notes(folder, countries, value_added),
    )  # fmt: skip


def _table(folder: Path, name: str, keys: tuple[str, ...]) -> pd.DataFrame:
    place = beside(folder, (f"{name}.csv",), f"table {name}")
    return long_table(place, {key: (key,) for key in keys}, {"value": ("value",)})


def _labels(table: pd.DataFrame, key: str) -> list[str]:
    return list(dict.fromkeys(table[key]))


def _array(table: pd.DataFrame, path: Path, keys, axes, fill: float) -> np.ndarray:
    places = []
    for key in keys:
        index = pd.Index(axes[key]).get_indexer(pd.Index(table[key]))
        if (index < 0).any():
            at = int((index < 0).argmax())
            word = str(table[key].iloc[at])
            raise WorldError(
                f"{path}, row {table.index[at]}, column {key}: '{word}' does not occur in "
                f"expenditure.csv{nearest(word, axes[key])}"
            )
        places.append(index)
    found = np.full(tuple(len(axes[key]) for key in keys), fill)
    found[tuple(places)] = table["value"].to_numpy()
    return found


def _from(table: pd.DataFrame, path: Path, least: float, most: float, hint: str = "") -> None:
    values = table["value"].to_numpy()
    bad = (values < least) | (values > most)
    if bad.any():
        at = int(bad.argmax())
        span = f"is outside {least:g} to {most:g}" if np.isfinite(most) else f"is below {least:g}"
        raise WorldError(
            f"{path}, row {table.index[at]}, column value: {values[at]:g} {span}{hint}"
        )


def _tariff(table, multiplier: np.ndarray, folder: Path, countries: list[str]) -> np.ndarray:
    _from(table, folder / "tariff.csv", 1.0, 100.0, "; a tariff of 5 per cent is 1.05")
    own = np.einsum("ccs->cs", multiplier) != 1
    if own.any():
        c = countries[int(own.any(axis=1).argmax())]
        raise WorldError(f"{folder / 'tariff.csv'}: {c} levies a tariff on its own sales")
    return multiplier - 1


def _sums_to_one(share: np.ndarray, needed: np.ndarray, folder: Path, countries, sectors):
    """Return trade shares whose sum over origins is exactly one where there is expenditure."""
    total = share.sum(axis=0)
    gap = np.where(needed, np.abs(total - 1), 0.0)
    if gap.max() > ROUNDING:
        d, s = np.unravel_index(int(gap.argmax()), gap.shape)
        raise WorldError(
            f"{folder / 'trade_share.csv'}: the shares of destination {countries[d]}, sector "
            f"{sectors[s]} add to {total[d, s]:.6g}, not 1"
        )
    return share / np.where(total > 0, total, 1.0)


def _factor(table, factor: np.ndarray, output: np.ndarray, folder: Path, axes) -> np.ndarray:
    _from(table, folder / "factor_share.csv", 0.0, 1.0)
    gone = np.isnan(factor) & (output > 0)
    if gone.any():
        c, s = np.argwhere(gone)[0]
        raise WorldError(
            f"{folder / 'factor_share.csv'}: no row of {axes['country'][c]}, {axes['sector'][s]}, "
            "which sells"
        )
    return np.where(np.isnan(factor), 1.0, factor)


def _mix(mix: np.ndarray, needed: np.ndarray, folder: Path, axes) -> np.ndarray:
    total = mix.sum(axis=1)
    gap = np.where(needed, np.abs(total - 1), 0.0)
    if gap.max() > ROUNDING:
        c, s = np.unravel_index(int(gap.argmax()), gap.shape)
        raise WorldError(
            f"{folder / 'intermediate_share.csv'}: the inputs of {axes['country'][c]}, output "
            f"{axes['sector'][s]} add to {total[c, s]:.6g}, not 1"
        )
    return mix / np.where(total > 0, total, 1.0)[:, None, :]


def _notes(folder: Path, countries: list[str], value_added: np.ndarray) -> tuple[str, ...]:
    notes = []
    have = {one.name.casefold() for one in folder.iterdir()}
    if "value_added.csv" in have:
        table = _table(folder, "value_added", OPTIONAL["value_added"])
        stated = table.set_index("country")["value"].reindex(countries).to_numpy()
        mine = value_added.sum(axis=1)
        gap = np.nan_to_num(np.abs(mine / np.where(stated > 0, stated, np.nan) - 1))
        if gap.max() > ROUNDING:
            c = int(gap.argmax())
            notes.append(
                f"value added follows from shares and sales; it differs most from value_added.csv "
                f"in {countries[c]}: {mine[c]:,.6g} against {stated[c]:,.6g}"
            )
    if "export_subsidy.csv" in have:
        table = _table(folder, "export_subsidy", TRADE)
        odd = int((table["value"] != 1).sum())
        if odd:
            notes.append(f"{odd} export subsidies that differ from 1 are left out")
    return tuple(notes)
