"""Whether files can be written where the user asked, checked before any work is done."""

import tempfile
from pathlib import Path

from detente.errors import PlaceError, nearest

# What writes a brief (a method of Brief), by the suffix of its file.
WRITERS = {
    ".html": "to_html",
    ".htm": "to_html",
    ".md": "to_markdown",
    ".json": "to_json",
    ".pdf": "to_pdf",
}


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


def writer_of(path: Path, option: str) -> str:
    """Return the method of a Brief that writes a file of this suffix.

    Parameters
    ----------
    path, option
        As in `check_file`.

    Raises
    ------
    PlaceError
        If no brief is written as such a file; the message lists the suffixes.
    """
    found = WRITERS.get(path.suffix.lower())
    if found is None:
        near = nearest(path.suffix, WRITERS) if path.suffix else ""
        have = f"not in '{path.suffix}'" if path.suffix else "and this name has no suffix"
        raise PlaceError(f"{option} {path}: a brief ends in {', '.join(WRITERS)}, {have}{near}")
    if found == "to_pdf":
        from detente.brief.pdf import typesetter

        typesetter()
    return found


def check_brief(path: Path, option: str, writer: str) -> None:
    """Refuse a file that could not be written, or whose suffix is not that of what it will hold.

    Parameters
    ----------
    path, option
        As in `check_file`.
    writer
        The method of a Brief that the option calls.

    Raises
    ------
    PlaceError
        As `check_file`, or if it has another suffix. Without one the option alone decides.
    """
    check_file(path, option)
    found = writer_of(path, option) if path.suffix else writer
    if found != writer:
        ends = " or ".join(suffix for suffix, name in WRITERS.items() if name == writer)
        other = found.replace("to_", "--")
        raise PlaceError(
            f"{option} {path}: what {option} writes ends in {ends}, and a file in "
            f"'{path.suffix}' is written with {other}"
        )


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
            try:
                # Permissions alone do not tell: of a read-only disk, or of /proc, they say yes.
                with tempfile.TemporaryFile(dir=place):
                    return
            except OSError as error:
                raise PlaceError(
                    f"{said} cannot be written: {place} takes no file ({error.strerror or error})"
                ) from None
