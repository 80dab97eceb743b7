"""The two tables of this room (estimates and parameters), and where the raw tables are."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from detente.errors import DetenteError, MissingDataError

DATA = Path(__file__).parents[1]
ESTIMATES = DATA / "estimates.csv"
PARAMETERS = DATA / "parameters.csv"

ESTIMATE_COLUMNS = (
    "spec",
    "term",
    "coefficient",
    "se",
    "n",
    "clusters",
    "sample",
    "outcome",
    "fixed_effects",
    "script",
    "seconds",
)
PARAMETER_COLUMNS = (
    "name",
    "world_sectors",
    "sector",
    "distribution",
    "location",
    "scale",
    "lower",
    "upper",
    "unit",
    "loading_level",
    "source",
    "sample",
    "n_obs",
    "script",
    "note",
)


def raw_table(raw: Path, name: str) -> Path:
    """Return the path of a raw table.

    Parameters
    ----------
    raw
        Folder that holds one folder per source.
    name
        Path below it, such as `agtpa/agtpa_1986_2006_69.parquet`.

    Raises
    ------
    MissingDataError
        If the file is absent; the message names it and the ways to say where it is.
    """
    path = Path(raw) / name
    if not path.is_file():
        raise MissingDataError(
            f"raw table {name} is not in {raw}; pass --raw DIR or set DETENTE_RAW to the folder "
            f"that holds {name.split('/')[0]}/ (see the page on data for how to get it)"
        )
    return path


def run_main(main: Callable[[], None]) -> None:
    """Run a script; an expected error becomes one line on standard error and its exit status."""
    try:
        main()
    except DetenteError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from error


def arguments(description: str | None, specs: tuple[str, ...] = ()) -> argparse.Namespace:
    """Read the options that every script of this room shares.

    Parameters
    ----------
    description
        Docstring of the script; its first line becomes the help text.
    specs
        Names of the script's specifications; empty for a script without any.
    """
    first_line = (description or "").partition("\n")[0]
    parser = argparse.ArgumentParser(description=first_line)
    parser.add_argument(
        "--raw",
        type=Path,
        default=os.environ.get("DETENTE_RAW"),
        help="folder with the raw tables (default: the environment variable DETENTE_RAW)",
    )
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the result")
    if specs:
        parser.add_argument("--spec", choices=specs, nargs="+", default=list(specs))
    options = parser.parse_args()
    if options.raw is None:
        raise MissingDataError("no raw tables: pass --raw DIR or set DETENTE_RAW")
    options.raw = Path(options.raw)
    return options


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a CSV under a temporary name and move it into place.

    Parameters
    ----------
    table
        Rows in their final order.
    path
        Target; its folder is made if absent.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    table.to_csv(part, index=False, float_format="%.6g", lineterminator="\n")
    part.replace(path)


def read_table(path: Path) -> pd.DataFrame:
    """Read one of the tables; empty cells are missing numbers, and no label becomes missing."""
    table = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in NUMBERS})
    for column in table.columns.intersection(list(NUMBERS)):
        table[column] = pd.to_numeric(table[column])
    return table


NUMBERS = (
    "coefficient",
    "se",
    "n",
    "clusters",
    "seconds",
    "location",
    "scale",
    "lower",
    "upper",
    "loading_level",
    "n_obs",
    "weight",
    "theta",
    "n_values",
)
