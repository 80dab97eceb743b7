"""The strategic balance on disk: two Parquet tables and one page of JSON beside an outcome.

`strategic.parquet` (world, readout, draw, level), `strategic_drawn.parquet` (a row a draw, a column
a parameter) and `strategic.json` with the rest. Worlds are numbered as there; 0 is the base.
"""

import json
from pathlib import Path

import numpy as np
import xarray as xr

from detente.files.atomic import write_text
from detente.files.long import long_table, write_table
from detente.files.whole import read_json, read_table, reading
from detente.strategic import Readout, Strategic

NAMES = ("strategic.json", "strategic.parquet", "strategic_drawn.parquet")


def save_strategic(found: Strategic, folder: Path) -> None:
    """Write the strategic balance into the folder of an outcome."""
    worlds, kept = np.arange(len(found.levels)), np.arange(len(found.readouts))
    axes = {"world": worlds, "readout": kept, "draw": found.draws}
    write_table(
        folder / NAMES[1], long_table(xr.Dataset({"level": (tuple(axes), found.levels)}, axes))
    )
    write_table(folder / NAMES[2], found.drawn)
    page = {
        "worlds": dict(found.worlds),
        "draws": found.draws.tolist(),
        "readouts": [
            [one.variable, list(one.origin), list(one.destination)] for one in found.readouts
        ],
        "assumptions": list(found.assumptions),
    }
    # Last: where this file stands, the tables are whole.
    write_text(folder / NAMES[0], json.dumps(page))


def load_strategic(folder: Path) -> Strategic | None:
    """Read the strategic balance; None when the outcome holds none."""
    # An outcome that lacks one of them is damaged; one that lacks all was not asked for them.
    if not any((folder / name).is_file() for name in NAMES):
        return None
    page, table = read_json(folder / NAMES[0]), read_table(folder / NAMES[1], ("level",))
    drawn = read_table(folder / NAMES[2])
    with reading(folder / NAMES[0]):
        readouts = tuple(Readout(name, tuple(a), tuple(b)) for name, a, b in page["readouts"])
        shape = (-1, len(readouts), len(page["draws"]))
        worlds, assumptions = dict(page["worlds"]), tuple(page["assumptions"])
    with reading(folder / NAMES[1]):
        levels = table["level"].to_numpy().reshape(shape)
        if max(worlds.values(), default=0) >= len(levels):
            raise ValueError(f"worlds are missing: there are {len(levels)}")
    with reading(folder / NAMES[2]):
        # A point estimate draws nothing: a table without columns has no rows on disk.
        if len(drawn.columns) and len(drawn) != len(page["draws"]):
            raise ValueError(f"{len(drawn)} draws, not {len(page['draws'])}")
    return Strategic(worlds, np.array(page["draws"]), readouts, levels, drawn, assumptions)
