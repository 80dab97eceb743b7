"""A process of its own that a long run will need, started before the run is loaded."""

import contextlib
from pathlib import Path

from detente.counts import cores
from detente.runs import crew

# Bytes of a world's file, times draws, from which on a run is most likely long.
LONG = 3e8
EMBEDDED = Path(__file__).parents[1] / "data" / "worlds"


def process_ahead(
    world: str, draws: int, workers: int | None
) -> contextlib.AbstractContextManager[None]:
    """Start a process ahead, if the run looks long enough to need one.

    Parameters
    ----------
    world, draws, workers
        As the user gave them.
    """
    files = [file for file in (EMBEDDED / f"{world}.dworld", Path(world)) if file.is_file()]
    long = bool(files) and files[0].stat().st_size * draws > LONG
    return crew.ahead(1 if long and (workers or cores()) > 1 else 0)
