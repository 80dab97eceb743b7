"""Where raw tables are: `--raw DIR`, else `DETENTE_RAW`, else the user's data folder."""

import os
from pathlib import Path

import platformdirs

from detente.errors import MissingDataError

VARIABLE = "DETENTE_RAW"


def raw_folder(given: Path | str | None = None) -> Path:
    """Return the folder of raw tables.

    Parameters
    ----------
    given
        What the user named, if anything.

    Raises
    ------
    MissingDataError
        If the folder does not exist; the message lists the ways to name one.
    """
    named = given or os.environ.get(VARIABLE)
    path = Path(named) if named else platformdirs.user_data_path("detente") / "raw"
    if not path.is_dir():
        raise MissingDataError(
            f"no raw tables at {path}. Name their folder with --raw DIR or the environment "
            f"variable {VARIABLE}; docs/reference/licences.md lists each table and its origin"
        )
    return path
