"""Where the command begins: Ctrl-C is answered before anything that takes time has loaded."""

from detente.cli import interrupts


def main() -> None:
    """Load the command line and run it; see `cli.app`."""
    # Until then nothing is under way that would have to be finished.
    interrupts.end_at_once()
    from detente.cli import app

    app.main()
