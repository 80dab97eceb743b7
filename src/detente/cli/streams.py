"""Standard streams that are closed, or that nobody reads."""

import contextlib
import os
import sys
from typing import TextIO


def open_closed() -> None:
    """Let what is printed go nowhere where a stream was closed before the command began."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123


def silence(stream: TextIO) -> None:
    """Let nothing that is left to be printed fail when the command ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
