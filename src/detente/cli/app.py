"""The command `detente`: registers the verbs and turns errors into messages and exit codes.

Exit codes: 0 done, 1 failure, 2 usage or a wrong scenario, 3 some draws did not converge (the
result is written), 4 data missing, 130 interrupted.
"""

import logging
import sys
from typing import Annotated

import typer

from detente import __version__, memory
from detente.cli import (
    backtest_commands,
    compiled,
    data_commands,
    interrupts,
    outcome_commands,
    policy_commands,
    reading_commands,
    run_commands,
    scenario_commands,
    streams,
    world_commands,
)
from detente.errors import DetenteError

app = typer.Typer(
    name="detente",
    help="What if these states changed how they get along? Trade, security, alignment and blocs, "
    "with uncertainty, argued from both sides.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"detente {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what is done to stderr.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(message)s")
    if not verbose:
        logging.getLogger("jax").setLevel(logging.ERROR)


ROOMS = (
    run_commands,
    scenario_commands,
    world_commands,
    outcome_commands,
    data_commands,
    backtest_commands,
    reading_commands,
    policy_commands,
)
for room in ROOMS:
    room.register(app)


def main() -> None:
    """Run the command line; every foreseen failure is a message and an exit code."""
    streams.open_closed()
    streams.put_plainly()
    interrupts.heed_the_first()
    memory.keep_freed()
    compiled.keep()
    try:
        try:
            app()
        finally:
            interrupts.heed_none()  # what is left is tidying up
            sys.stdout.flush()
    except DetenteError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        interrupts.say_if_nobody_did()
        sys.exit(interrupts.INTERRUPTED)
    except SystemExit as end:
        if end.code == interrupts.INTERRUPTED:
            interrupts.say_if_nobody_did()  # the library of the command line is silent
        raise
    except BrokenPipeError:
        # The reader of the pipe has gone; there is nobody left to tell.
        streams.silence(sys.stdout)
        sys.exit(0)
    except OSError as error:
        if error.filename is not None:
            raise  # a file, and not what is printed
        streams.silence(sys.stdout)
        said = f"cannot write what is printed: {error.strerror or error}"
        typer.echo(f"error: {said}; send standard output elsewhere", err=True)
        sys.exit(1)
