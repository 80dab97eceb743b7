"""The strategic balance on disk: two Parquet tables and one page of JSON beside an outcome.

`strategic.parquet` (world, readout, draw, level), `strategic_drawn.parquet` (a row a draw, a column
a parameter) and `strategic.json` with the rest. Worlds are numbered as there; 0 is the base.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from detente.files.atomic import replacing, write_text
from detente.strategic import Readout, Strategic

NAMES = ("strategic.json", "strategic.parquet", "strategic_drawn.parquet")


def save_strategic(found: Strategic, folder: Path) -> None:
    """Write the strategic balance into the folder of an outcome."""
    worlds, kept = np.arange(len(found.levels)), np.arange(len(found.readouts))
    index = pd.MultiIndex.from_product([worlds, kept, found.draws])
    long = index.to_frame(index=False, name=["world", "readout", "draw"])
    _write(folder / NAMES[1], long.assign(level=found.levels.ravel()))
    _write(folder / NAMES[2], found.drawn)
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
    if not (folder / NAMES[0]).is_file():
        return None
    page = json.loads((folder / NAMES[0]).read_text(encoding="utf-8"))
    readouts = tuple(Readout(name, tuple(a), tuple(b)) for name, a, b in page["readouts"])
    levels = pd.read_parquet(folder / NAMES[1])["level"].to_numpy()
    return Strategic(
        worlds=page["worlds"],
        draws=np.array(page["draws"]),
        readouts=readouts,
        levels=levels.reshape(-1, len(readouts), len(page["draws"])),
        drawn=pd.read_parquet(folder / NAMES[2]),
        assumptions=tuple(page["assumptions"]),
    )


def _write(path: Path, table: pd.DataFrame) -> None:
    with replacing(path) as temporary:
        table.to_parquet(temporary, compression="zstd")
