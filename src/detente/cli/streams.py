"""Standard streams that are closed, that nobody reads, or that lack some letters."""

import codecs
import contextlib
import io
import os
import sys
import unicodedata
from typing import TextIO


def open_closed() -> None:
    """Let what is printed go nowhere where a stream was closed before the command began."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123


# What stands for a letter that a stream cannot carry: a sign must not be lost in a table.
PLAIN = {
    "−": "-", "–": "-", "—": "-", "≈": "~", "→": "->", "←": "<-", "↔": "<->", "×": "x", "±": "+/-",
    "≤": "<=", "≥": ">=", "●": "*", "○": "o", "•": "*", "…": "...", "·": "-", "“": '"', "”": '"',
    "‘": "'", "’": "'", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2060": "",
}  # fmt: skip


def put_plainly() -> None:
    """Let letters that an encoding lacks be printed by others, so that no number is lost to it."""
    codecs.register_error("detente-plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="detente-plain")


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(letter) or _bare(letter) for letter in lacking), error.end


def _bare(letter: str) -> str:
    """Return a letter without its accent; a question mark where nothing is left."""
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or ("" if letter in PLAIN else "?")


def silence(stream: TextIO) -> None:
    """Let nothing that is left to be printed fail when the command ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
