"""Faults of a scenario: what is wrong, at which key, and in which line of which file.

A scenario is checked twice: by itself when it is read, and against a world when it is applied.
Both name the key (`edits[2].where.origin`); the file and the line are added where known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from detente.errors import ScenarioError

Path = tuple[str | int, ...]
MOST_SHOWN = 20


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Parameters
    ----------
    path
        Keys and positions that lead to it: ("edits", 2, "where", "origin").
    text
        What was wrong and how to mend it.
    """

    path: Path
    text: str

    def under(self, *prefix: str | int) -> "Fault":
        """Return the same fault seen from further up."""
        return Fault((*prefix, *self.path), self.text)


@dataclass(frozen=True, eq=False)
class Marks:
    """Where each key of a scenario was written; empty for one made in Python.

    Two marks are always equal: they do not belong to what a scenario means.

    Parameters
    ----------
    lines
        (file, line) by path; the line is 0 where it is not known.
    folder
        Folder against which relative paths are read; None for presets and Python.
    file
        Name of the file, without its folder; `-` for standard input, empty for presets and Python.
    """

    lines: Mapping[Path, tuple[str, int]] = field(default_factory=dict)
    folder: str | None = None
    file: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Marks)

    __hash__ = None  # type: ignore[assignment]

    def place(self, path: Path) -> str:
        """Return "file.yaml:12: " for the nearest known key above `path`, or nothing."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                name, line = self.lines[path[:end]]
                return f"{name}:{line}: " if line else f"{name}: "
        return ""


class LocatedError(ScenarioError):
    """A ScenarioError that knows the keys of its faults."""

    def __init__(self, faults: Iterable[Fault], marks: Marks | None = None) -> None:
        self.faults = list(faults)
        super().__init__(listed(self.faults, marks or Marks()))


def located(path: Path, text: str, marks: Marks | None = None) -> LocatedError:
    """Return the error of a single fault."""
    return LocatedError([Fault(path, text)], marks)


def written(path: Path) -> str:
    """Write a path as a user would.

    Examples
    --------
    >>> written(("edits", 2, "where", "origin"))
    'edits[2].where.origin'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def listed(faults: Iterable[Fault], marks: Marks) -> str:
    """Write faults as lines of "file:line: key: what"."""
    rows = []
    for fault in faults:
        key = f"{written(fault.path)}: " if fault.path else ""
        row = f"{marks.place(fault.path)}{key}{fault.text}"
        if row not in rows:
            rows.append(row)
    more = len(rows) - MOST_SHOWN
    if more > 0:
        rows[MOST_SHOWN:] = [f"and {more} more faults"]
    return "\n".join(rows)
