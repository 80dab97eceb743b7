"""Read, balance and keep: a published table becomes a world that is found by its name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from detente.errors import WorldError, nearest
from detente.files.worlds import SUFFIX, save_world, worlds_folder
from detente.importers.baci import read_baci
from detente.importers.codes import read_codes, read_concordance
from detente.importers.emerging import read_emerging
from detente.importers.icio import read_icio
from detente.importers.imported import Imported
from detente.importers.kite import read_kite
from detente.importers.make import make_imported
from detente.importers.names import free
from detente.importers.reading import existing, long_table
from detente.importers.tariffs import LAYOUTS, read_tariffs
from detente.importers.wiod import read_wiod
from detente.world import World

READERS = {"icio": read_icio, "emerging": read_emerging, "kite": read_kite, "wiod": read_wiod}
SOURCES = (*READERS, "baci")


@dataclass(frozen=True)
class Options:
    """What a user may say beside source, path, name and balance; see `add_world`."""

    year: int | None = None
    tariffs: Path | None = None
    tariff_layout: str | None = None
    tariff_unit: str | None = None
    tariff_year: int | None = None
    tariff_column: str | None = None
    elasticity: str | float | None = None
    concordance: Path | None = None
    codes: Path | None = None
    gdp: Path | None = None
    output_ratio: float = 1.0
    domestic_floor: float | None = None
    spread: bool = False


def add_world(
    source: str,
    path: Path | str,
    name: str | None = None,
    balance: str = "ras",
    replace: bool = False,
    folder: Path | None = None,
    **options: Any,
) -> tuple[World, Path]:
    """Make a world of a published table and keep it in the user's folder of worlds.

    Parameters
    ----------
    source
        icio, emerging, kite, wiod or baci.
    path
        The file, or the folder for layouts of several files.
    name
        Name of the world; by default the source and the year.
    balance
        "ras" or "model"; used where the tables do not add up.
    replace
        Whether a world of that name may be replaced.
    folder
        Where to keep it; by default `detente.files.worlds.worlds_folder()`.
    options
        year; tariffs (a path), tariff_layout, tariff_unit, tariff_year, tariff_column; elasticity
        (a number, or a CSV of sector, value); concordance, codes; for BACI gdp, output_ratio,
        domestic_floor and spread.

    Returns
    -------
    The world, and the file it was written to in one move. On any fault nothing is written.

    Raises
    ------
    PlaceError
        A file is not there.
    WorldError
        An option, a file or a name is wrong, or the tables cannot be balanced.
    """
    chosen = Options(**options)
    _check(source, chosen)
    if name is not None:
        free(name, replace, folder)
    tables = _read(source, Path(path), chosen)
    label = name or f"{source}{tables.year or ''}"
    if name is None:
        free(label, replace, folder)
    world = make_imported(
        tables, label, balance, _elasticity(chosen.elasticity), _tariffs(tables, chosen)
    )
    target = save_world(world, (folder or worlds_folder()) / f"{label}{SUFFIX}")
    return world, target


def _check(source: str, options: Options) -> None:
    if source not in SOURCES:
        raise WorldError(
            f"unknown source '{source}'{nearest(source, (*SOURCES, 'nmc'))}; one of "
            f"{', '.join(SOURCES)}, or nmc for capabilities"
        )
    if (options.tariffs is None) != (options.tariff_layout is None):
        raise WorldError(
            f"a table of tariffs needs its layout ({', '.join(LAYOUTS)}), and a layout its table: "
            "--tariffs PATH --tariff-layout LAYOUT"
        )
    if (options.gdp is None) == (source == "baci"):
        raise WorldError(
            "BACI holds no domestic sales: give --gdp PATH"
            if source == "baci"
            else f"--gdp belongs to baci, not to {source}"
        )


def _read(source: str, path: Path, options: Options) -> Imported:
    if source != "baci":
        return READERS[source](path, options.year)
    assert options.gdp is not None
    return read_baci(
        path, options.gdp, options.year, read_concordance(options.concordance), options.codes,
        options.output_ratio, options.domestic_floor, options.spread,
    )  # fmt: skip


def _tariffs(tables: Imported, options: Options):
    if options.tariffs is None or options.tariff_layout is None:
        return None
    return read_tariffs(
        options.tariffs, options.tariff_layout, tables.countries, tables.sectors,
        options.tariff_unit, options.tariff_year, options.tariff_column,
        read_concordance(options.concordance, tables.sectors), read_codes(options.codes),
    )  # fmt: skip


def _elasticity(asked: str | float | None) -> float | pd.DataFrame | None:
    """Return a number, or the table at a path."""
    if asked is None or isinstance(asked, float | int):
        return asked
    try:
        return float(asked)
    except ValueError:
        place = existing(asked, "table of elasticities")
        return long_table(place, {"sector": ("sector",)}, {"value": ("value", "trade_elasticity")})
