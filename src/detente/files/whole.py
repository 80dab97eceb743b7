"""Whether a folder holds every file that was written to it, unchanged; each fault names its file.

A manifest lists the files of a finished outcome with their digests, so that what was never asked
for is told from what was lost.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import DataError, DetenteError

if TYPE_CHECKING:
    import pandas as pd

MEND = "copy the folder again from where it came, or run the scenario again"


def digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the sha256 of each named file of a folder.

    Parameters
    ----------
    folder
        Where they are.
    names
        Relative to it.
    """

    def digest(name: str) -> str:
        with (folder / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    listed = list(names)
    # Large files are read side by side: what sums them up leaves other threads alone.
    with ThreadPoolExecutor() as pool:
        return dict(zip(listed, pool.map(digest, listed), strict=True))


def check(folder: Path, listed: Mapping[str, str]) -> None:
    """Raise unless every listed file is there and as it was written.

    Parameters
    ----------
    folder
        Where they should be.
    listed
        Digests by name, as made by `digests`.

    Raises
    ------
    DataError
        Naming each file that is missing or changed, and what to do.
    """
    lost = [name for name in listed if not (folder / name).is_file()]
    held = digests(folder, [name for name in listed if name not in lost])
    changed = [name for name in held if held[name] != listed[name]]
    for names, what in ((lost, "missing"), (changed, "not as the run wrote it")):
        if names:
            verb = "is" if len(names) == 1 else "are"
            more = f"; {', '.join(changed)} changed" if changed and names is lost else ""
            raise DataError(
                f"the outcome in {folder} is damaged: {', '.join(names)} {verb} {what}{more}: "
                f"{MEND}"
            )


def missing(path: Path) -> DataError:
    """Return the error about a file that a folder lacks."""
    return DataError(f"the outcome in {path.parent} is damaged: {path.name} is missing: {MEND}")


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Name the file in whatever goes wrong while it is read or made sense of.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    DataError
        Naming it, and what to do.
    """
    try:
        yield
    except DetenteError:
        raise
    except FileNotFoundError:
        raise missing(path) from None
    except (OSError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise DataError(
            f"the outcome in {path.parent} is damaged: {path.name} cannot be read "
            f"({type(error).__name__}: {error}): {MEND}"
        ) from error


def read_json(path: Path, kind: type = dict) -> Any:
    """Return the content of a JSON file.

    Parameters
    ----------
    path
        The file.
    kind
        What its whole must be: dict or list.

    Raises
    ------
    DataError
        If it is missing, is no JSON, or is of another kind.
    """
    with reading(path):
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, kind):
            raise ValueError(f"a {kind.__name__} was expected")
    return found


def read_table(path: Path, columns: Iterable[str] = ()) -> "pd.DataFrame":
    """Return a table: Parquet, or Arrow where the name ends in `.arrow`.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that it must have.

    Raises
    ------
    DataError
        If it is missing, is no such table, or lacks a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(path):
        with pa.OSFile(str(path)) as source:
            arrow = path.suffix == ".arrow"
            rows = pa.ipc.open_file(source).read_all() if arrow else pq.ParquetFile(source).read()
        # Columns stay as they were read: to join those of one kind would copy them all.
        table = rows.to_pandas(split_blocks=True)
        lacking = [name for name in columns if name not in table.columns]
        if lacking:
            raise ValueError(f"without the columns {', '.join(lacking)}")
    return table
