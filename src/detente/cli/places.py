"""Whether files can be written where the user asked, checked before any work is done."""

import os
from pathlib import Path

from detente.errors import ScenarioError


class PlaceError(ScenarioError):
    """A file or folder cannot be written where it was asked for."""


def check_file(path: Path, option: str) -> None:
    """Refuse a file that could not be written; nothing is made.

    Parameters
    ----------
    path
        The file to be.
    option
        The option that named it, for the message.

    Raises
    ------
    PlaceError
        If it is a folder, or its folder can neither be written to nor made.
    """
    if path.is_dir():
        raise PlaceError(f"{option} {path} is a folder; name a file, as {path / 'brief.html'}")
    _check_folder(path.parent, f"{option} {path}")


def check_folder(path: Path, option: str) -> None:
    """Refuse a folder that could neither be written to nor made; nothing is made.

    Parameters
    ----------
    path, option
        As in `check_file`.

    Raises
    ------
    PlaceError
        If it, or what it would stand in, is a file or cannot be written to.
    """
    _check_folder(path, f"{option} {path}")


def _check_folder(path: Path, said: str) -> None:
    # The nearest that exists decides: what lies below it can be made.
    for place in (path, *path.absolute().parents):
        if place.exists():
            if not place.is_dir():
                raise PlaceError(f"{said} cannot be written: {place} is a file, not a folder")
            if not os.access(place, os.W_OK | os.X_OK):
                raise PlaceError(f"{said} cannot be written: no permission to write to {place}")
            return
