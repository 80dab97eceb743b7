"""A progress bar with time left, on a terminal only."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def bar(total: int) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a callback (done, total); None when nobody is watching.

    Parameters
    ----------
    total
        Draws expected; the callback may correct it.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as shown:
        task = shown.add_task("draws", total=total)
        yield lambda done, whole: shown.update(task, completed=done, total=whole)
