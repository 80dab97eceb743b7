"""Where the command begins and ends; Ctrl-C is answered before anything slow has loaded."""

import atexit
import contextlib
import os
import sys

from detente.cli import interrupts


def main() -> None:
    """Load the command line and run it; see `cli.app`."""
    # Until then nothing is under way that would have to be finished.
    interrupts.end_at_once()
    from detente.cli import app

    try:
        app.main()
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        _leave(end.code or 0)
    _leave(0)


def _leave(code: int) -> None:
    """End the process once all is tidied up.

    What lies in memory goes with the process: a long run would take it apart piece by piece for a
    quarter of a second.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or none at all
            stream.flush()
    os._exit(code)
