"""Text from a file or standard input, refused before it is read when it cannot be right."""

import errno
import os
import stat
import sys
from pathlib import Path

from detente.faults import LocatedError, located


def plain_file(path: Path, limit: int, shown: str | None = None) -> None:
    """Check that a path is an ordinary file of bearable size, before reading it.

    Parameters
    ----------
    path
        The file.
    limit
        Largest size in bytes.
    shown
        Name for messages; the path if left out.

    Raises
    ------
    LocatedError
        If it is missing, a folder, a device, a loop of links, unreadable or too large.
    """
    name = shown or str(path)
    try:
        info = os.stat(path)  # noqa: PTH116 - Path.stat hides loops in some versions
    except ValueError:
        raise _error(name, "not a path: it contains a NUL character") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _error(name, "a symbolic link that leads back to itself") from None
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            broken = " (a symbolic link to nothing)" if path.is_symlink() else ""
            raise _error(name, f"no such file{broken}") from None
        raise _error(name, f"cannot be read: {error.strerror}") from None
    if stat.S_ISDIR(info.st_mode):
        raise _error(name, "a folder, not a file")
    if not stat.S_ISREG(info.st_mode):
        raise _error(name, "not an ordinary file")
    if info.st_size > limit:
        raise _error(name, f"{info.st_size / 1e6:,.0f} MB is too large: at most {limit / 1e6:g} MB")


def read_text(path: Path, limit: int, shown: str | None = None) -> str:
    """Return the text of a UTF-8 file.

    Raises
    ------
    LocatedError
        As `plain_file`, and if the bytes are not UTF-8 text.
    """
    plain_file(path, limit, shown)
    name = shown or str(path)
    try:
        with path.open("rb") as stream:
            payload = stream.read(limit + 1)
    except OSError as error:
        raise _error(name, f"cannot be read: {error.strerror}") from None
    return decode(payload, limit, name)


def read_stdin(limit: int) -> str:
    """Return standard input as text, at most `limit` bytes of it."""
    payload = sys.stdin.buffer.read(limit + 1)
    return decode(payload, limit, "standard input")


def decode(payload: bytes, limit: int, name: str) -> str:
    """Return bytes as text, or say why they are none."""
    if len(payload) > limit:
        raise _error(name, f"too large: at most {limit / 1e6:g} MB")
    if payload[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _error(name, "the file is UTF-16; save it as UTF-8")
    if b"\0" in payload:
        raise _error(name, "a binary file, not text")
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = payload[: error.start].count(b"\n") + 1
        raise _error(
            f"{name}:{line}",
            f"not UTF-8 text (byte 0x{payload[error.start]:02x}); save it as UTF-8",
        ) from None


def _error(name: str, text: str) -> LocatedError:
    return located((), f"{name}: {text}")
