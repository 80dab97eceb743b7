"""What is kept between runs, in the user's cache folder; set by the command line only.

Compiled programs are, and how worlds respond to their wages (`runs.learned`).

The library sets no global option: who uses it from Python decides for himself. The command line
is the whole program, so it may tell JAX where to look. JAX names an entry by the program, its
options, the versions and the processor. It writes entries in place, so that a run that is killed
could leave half of one. Each run therefore works in a folder of its own, of links to what is
finished, and hands new entries over, whole, when it ends.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

import platformdirs

from detente.files import kept

VARIABLE = "DETENTE_CACHE"
OFF = ("", "0", "off", "no", "false")
OWN = "run-"  # begins the name of the folder of one run
JAX_FOLDER = "JAX_COMPILATION_CACHE_DIR"
JAX_OPTIONS = {
    # A program that compiles faster than this (seconds) is not worth a file.
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1",
    # Else the path of the folder becomes part of what an entry is named by.
    "JAX_PERSISTENT_CACHE_ENABLE_XLA_CACHES": "none",
}
LARGEST = 200_000_000  # bytes; the oldest entries go first
DAY = 86_400  # seconds after which the folder of a run that was killed is removed


def folder() -> Path | None:
    """Return the folder of compiled programs, or None where `DETENTE_CACHE` turns it off."""
    named = os.environ.get(VARIABLE)
    if named is None:
        return platformdirs.user_cache_path("detente") / "compiled"
    return None if named.strip().lower() in OFF else Path(named).expanduser() / "compiled"


def keep() -> None:
    """Let JAX read and keep compiled programs, and keep tables beside; before JAX is imported.

    Where `JAX_COMPILATION_CACHE_DIR` is set the user has decided. A folder that cannot be written
    is no reason to fail: programs are then compiled as if there were none.
    """
    place = folder()
    if place is None or JAX_FOLDER in os.environ:
        return
    try:
        place.mkdir(parents=True, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix=OWN, dir=place))
    except OSError:
        return
    for entry in _entries(place):
        with contextlib.suppress(OSError):
            if not entry.stat().st_size:
                continue  # what a full disk left
            try:
                os.link(entry, own / entry.name)
            except OSError:
                shutil.copyfile(entry, own / entry.name)
    kept.keep_in(own)
    os.environ[JAX_FOLDER] = str(own)
    for name, value in JAX_OPTIONS.items():
        os.environ.setdefault(name, value)
    atexit.register(hand_over, own, place)


def hand_over(own: Path, place: Path) -> None:
    """Move the entries a run has made to where later runs look, and tidy up.

    Parameters
    ----------
    own, place
        Folder of the run, and of all of them.
    """
    with contextlib.suppress(OSError):
        linked = {entry.name: entry.stat().st_ino for entry in _entries(place)}
        for entry in _entries(own):
            # One made anew takes the place of one that could not be read.
            if entry.stat().st_ino != linked.get(entry.name):
                entry.replace(place / entry.name)
    shutil.rmtree(own, ignore_errors=True)
    with contextlib.suppress(OSError):
        _tidy(place)


def _entries(place: Path) -> list[Path]:
    return [entry for entry in place.iterdir() if entry.is_file()]


def _tidy(place: Path) -> None:
    """Remove the oldest entries beyond the bound, and folders of runs that were killed."""
    total = 0
    for entry in sorted(_entries(place), key=lambda path: path.stat().st_mtime, reverse=True):
        total += entry.stat().st_size
        if total > LARGEST:
            entry.unlink(missing_ok=True)
    for left in place.glob(f"{OWN}*"):
        if time.time() - left.stat().st_mtime > DAY:
            shutil.rmtree(left, ignore_errors=True)
