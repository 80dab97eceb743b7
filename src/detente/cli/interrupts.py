"""Ctrl-C at the command line: the first ends the command, and what follows at once does nothing."""

import contextlib
import os
import signal
import sys
import threading
import time
from types import FrameType

# Seconds after a Ctrl-C in which another is taken for the same. No more: what is raised while a
# library loads can be lost in it, and the next must count.
AT_ONCE = 1.0
# Exit code of a command that was interrupted.
INTERRUPTED = 130


def end_at_once() -> None:
    """Let Ctrl-C end the process where it stands, in one word, while the command loads."""

    def answer(_: int, __: FrameType | None) -> None:
        with contextlib.suppress(OSError):  # a stderr that is closed
            os.write(2, b"interrupted\n")
        os._exit(INTERRUPTED)

    if _may():
        signal.signal(signal.SIGINT, answer)


def heed_the_first() -> None:
    """Let Ctrl-C raise KeyboardInterrupt, but not while an earlier one is being answered."""
    _said.clear()
    if not _may():
        return
    last = -AT_ONCE

    def answer(_: int, __: FrameType | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= AT_ONCE:
            last = now
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, answer)


def say(text: str) -> None:
    """Say, to standard error, that the command was interrupted."""
    _said.append(text)
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def say_if_nobody_did() -> None:
    """Say it in a word where the command has said nothing of it."""
    if not _said:
        say("interrupted")


_said: list[str] = []


def heed_none() -> None:
    """Let Ctrl-C do nothing any more."""
    if _may():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _may() -> bool:
    """Say whether this is the thread that signals reach, and the process does not ignore them."""
    here = threading.current_thread() is threading.main_thread()
    return here and signal.getsignal(signal.SIGINT) != signal.SIG_IGN
