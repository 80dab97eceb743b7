"""One run at a time writes to a folder: a lock that ends with the process that holds it."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from detente.errors import PlaceError

LOCK = ".run.lock"
TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder within the block.

    Parameters
    ----------
    folder
        Of an outcome; made when absent, and removed again where it stays empty.

    Raises
    ------
    PlaceError
        If another run holds it, or nothing can be written there.
    """
    new = not folder.is_dir()
    lock = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = lock.open("ab")
    except OSError as error:
        raise PlaceError(f"cannot write {folder}: {error.strerror or error}") from error
    try:
        _take(handle, folder)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.unlink(missing_ok=True)
    finally:
        handle.close()
        if new:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _take(handle: IO[bytes], folder: Path) -> None:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in TAKEN:
            raise PlaceError(
                f"another run is writing to {folder}: wait until it ends, or name another folder "
                "with out (--out)"
            ) from None
        # There are file systems without locks; a run goes on there as if it were alone.
