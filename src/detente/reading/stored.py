"""Linearisations on disk: solved once for a world, read again in milliseconds."""

import hashlib
import json
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from detente.errors import DataError
from detente.files.atomic import replacing
from detente.world import World

KINDS = ("cost", "tariff")
SUMS = ("whole", "sold", "bought")


def place(folder: Path | str, world: World, medians: dict[str, float], *settings: str) -> Path:
    """Return the file of one linearisation: its name holds whatever the numbers hang on.

    Parameters
    ----------
    folder
        Where such files are kept.
    world, medians
        What is linearised, and the parameters it is linearised at.
    settings
        Outcome, deficit rule, horizon.
    """
    page = json.dumps(
        [metadata.version("detente"), world.digest, medians, settings], sort_keys=True
    )
    key = hashlib.sha256(page.encode()).hexdigest()[:24]
    return Path(folder) / f"linear-{world.name}-{settings[0]}-{key}.npz"


def read(path: Path) -> tuple[np.ndarray, dict[str, dict[str, np.ndarray]], float] | None:
    """Return rows, slopes and residual, or None where there is no such file.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            slopes = {kind: {name: kept[f"{kind}_{name}"] for name in SUMS} for kind in KINDS}
            return kept["rows"], slopes, float(kept["residual"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is damaged ({error}); delete it, and it is made anew") from error


def write(
    path: Path, rows: np.ndarray, slopes: dict[str, dict[str, np.ndarray]], residual: float
) -> None:
    """Write one linearisation in one move.

    Raises
    ------
    DataError
        If the folder cannot be written.
    """
    tables: dict[str, Any] = {"rows": rows, "residual": np.array(residual)}
    tables |= {f"{kind}_{name}": slopes[kind][name] for kind in KINDS for name in SUMS}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **tables)
