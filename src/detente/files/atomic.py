"""Write to a temporary name beside the target, then move: no half-written file is ever seen."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from detente.errors import DataError, PlaceError

# Faults of the disk; all others are of the name that was given.
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


@contextlib.contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path that becomes `path` when the block ends well.

    Parameters
    ----------
    path
        Where the file shall be; its folder is made.

    Raises
    ------
    PlaceError
        If nothing can be written there.
    DataError
        If the disk is full or fails.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=target.suffix, dir=target.parent
        )
    except OSError as error:
        raise _unwritable(target, error) from error
    os.close(handle)
    temporary = Path(name)
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(0o666 & ~umask)
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(target: Path, error: OSError) -> DataError:
    kind = DataError if error.errno in OF_THE_DISK else PlaceError
    return kind(f"cannot write {target}: {error.strerror or error}")


def write_text(path: Path | str, text: str) -> Path:
    """Write UTF-8 text in one move and return the path."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return Path(path)
