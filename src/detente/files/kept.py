"""Tables that take long to compute, kept between runs where the command line says.

The library keeps nothing of itself: see `cli.compiled`, which names a folder and tidies it up.
"""

import contextlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import DetenteError
from detente.files.atomic import replacing

if TYPE_CHECKING:
    import numpy as np  # the command line names the folder before anything large is loaded

_FOLDER: Path | None = None


def keep_in(folder: Path | None) -> None:
    """Keep tables in a folder from now on, and look for them there; nowhere when None."""
    global _FOLDER
    _FOLDER = folder


def recall(name: str) -> "dict[str, np.ndarray] | None":
    """Return tables that were kept, or None where there are none that can be read.

    Parameters
    ----------
    name
        Of the file, which says all that the tables hang on.
    """
    if _FOLDER is None or not (file := _FOLDER / name).is_file():
        return None
    import numpy as np

    try:
        with file.open("rb") as opened, np.load(opened) as tables:
            return dict(tables)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None  # they are made anew


def keep(name: str, tables: "Mapping[str, np.ndarray]") -> None:
    """Keep tables, if there is a folder for them; one that cannot be written keeps none.

    Parameters
    ----------
    name
        Of the file, with the ending `.npz`.
    tables
        By name.
    """
    if _FOLDER is None:
        return
    import numpy as np

    with contextlib.suppress(DetenteError), replacing(_FOLDER / name) as file:
        np.savez(file, allow_pickle=False, **tables)
