"""An interrupted outcome that a run goes on with: its tables are batches again."""

import json
import shutil
from pathlib import Path

from detente.files.atomic import write_text
from detente.files.earlier import MANIFEST, unlink
from detente.files.outcomes import (
    BATCHES,
    COUNTRIES,
    FLOWS,
    MERGED,
    STANDING,
    STRATEGIC,
    write_batch,
)
from detente.files.whole import read_json
from detente.outcome import Outcome


def reopen_outcome(outcome: Outcome, folder: Path | str) -> None:
    """Lay out an interrupted outcome as a run that goes on.

    The tables of a run that was interrupted were merged, so that they can be read. Whatever stops
    the run that takes them up, what is read then are its batches: all that were merged before are
    one of them.

    Parameters
    ----------
    outcome
        As read from the folder.
    folder
        Where it stands.
    """
    target = Path(folder)
    if (target / COUNTRIES).is_file():
        first = int(outcome.data["draw"].values.min())
        # Batches are not read before the merged tables are gone: those that stand there are old.
        shutil.rmtree(target / BATCHES, ignore_errors=True)
        write_batch(target, first, outcome.data, outcome.ok, outcome.pairs, outcome.draws)
    page = read_json(target / MANIFEST)
    page.pop("files", None)
    write_text(target / MANIFEST, json.dumps(page, indent=1))
    unlink(target, (*MERGED, *FLOWS, *STANDING, *STRATEGIC))
