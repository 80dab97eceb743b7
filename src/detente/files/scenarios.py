"""Scenarios on disk: presets, YAML, TOML, JSON and standard input, with located errors."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from detente.errors import nearest
from detente.faults import Fault, LocatedError, Marks, located
from detente.faults import Path as KeyPath
from detente.files.atomic import write_text
from detente.files.marked import EXPONENT, read_json, read_toml, read_yaml
from detente.files.tables import read_table
from detente.files.text import read_stdin, read_text
from detente.scenario import Scenario
from detente.world import World

LIMIT = 5_000_000  # bytes of a scenario file
Reader = Callable[[str, str], tuple[Any, Marks]]
READERS: dict[str, Reader] = {
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".toml": read_toml,
    ".json": read_json,
}
MOST_INCLUDES = 50


def preset_folder() -> Path:
    """Return the folder of the scenarios that ship with the package."""
    return Path(str(resources.files("detente") / "scenarios"))


def presets() -> list[str]:
    """Return the names of the scenarios that ship with the package.

    Examples
    --------
    >>> "us-russia-realignment" in presets()
    True
    """
    return sorted(item.stem for item in preset_folder().glob("*.yaml"))


def load_scenario(name: str | Path) -> Scenario:
    """Load a preset by name, a file by path, or standard input by "-".

    Parameters
    ----------
    name
        `us-russia-realignment`, a `.yaml`, `.toml` or `.json` file, or `-` (YAML).

    Returns
    -------
    Scenario
        With included scenarios merged and tables read.

    Raises
    ------
    ScenarioError
        Naming file, line, key and what was wrong.

    Examples
    --------
    >>> load_scenario("us-russia-thaw").labels
    ['lift-sanctions']
    """
    return _Loader().load(name, None)


class _Loader:
    """One call of `load_scenario`: remembers which files it has read, and by which chain."""

    def __init__(self) -> None:
        self.chain: list[Path] = []
        self.read: set[Path] = set()

    def load(self, name: str | Path, folder: Path | None) -> Scenario:
        found = _open(name, folder)
        if found.path in self.chain:
            names = [path.name for path in [*self.chain, found.path]]
            raise _error(f"{found.shown} includes itself: {' -> '.join(names)}")
        if found.path in self.read:
            raise _error(f"'{found.shown}' is included twice: its edits would be made twice")
        if len(self.read) >= MOST_INCLUDES:
            raise _error(f"{found.shown}: more than {MOST_INCLUDES} scenarios are included")
        self.read.add(found.path)
        data, marks = found.reader(found.text, found.shown)
        marks = Marks(marks.lines, str(found.path.parent), found.given)
        self.chain.append(found.path)
        try:
            return self._make(data, marks, found.shown, found.path.parent)
        finally:
            self.chain.pop()

    def _make(self, data: Any, marks: Marks, file: str, base: Path) -> Scenario:
        if not isinstance(data, dict):
            raise _error(
                f"{file}: a scenario holds keys (name, why, edits), not {type(data).__name__}"
            )
        missing = [
            Fault((), f"the key '{key}' is missing")
            for key in ("name", "why")
            if data.get(key) in (None, "")
        ]
        try:
            edits, faults = _with_tables(data.get("edits"), base)
            if faults + missing:
                raise LocatedError(faults + missing)
            page = {key: value for key, value in data.items() if value is not None}
            scenario = Scenario(**(page if "edits" not in page else page | {"edits": edits}))
        except LocatedError as error:
            raise LocatedError(error.faults, marks) from None
        merged, lines = self._merged(scenario, marks, base)
        if not merged.edits:
            raise located(
                ("edits",),
                "the scenario has no edits; change at least one "
                "tie, or include a scenario that does",
                marks,
            )
        merged._marks = Marks(lines, marks.folder, marks.file)
        return merged

    def _merged(
        self, scenario: Scenario, marks: Marks, base: Path
    ) -> tuple[Scenario, dict[KeyPath, tuple[str, int]]]:
        """Put the edits of included scenarios first and merge their claims."""
        if not scenario.includes:
            return scenario, dict(marks.lines)
        edits, lines, claims = [], {}, {}
        for position, name in enumerate(scenario.includes):
            if name in scenario.includes[:position]:
                raise located(("includes", position), f"'{name}' is included twice", marks)
            try:
                part = self.load(name, base)
            except LocatedError as error:
                raise located(("includes", position), str(error), marks) from None
            if part.retaliation is not None and "retaliation" not in scenario.model_fields_set:
                raise located(
                    ("includes", position),
                    f"'{name}' states a rule of retaliation; say in this file which rule holds for "
                    "all edits together, or retaliation: {rule: none}",
                    marks,
                )
            if part.pacts is not None and scenario.pacts is None:
                raise located(
                    ("includes", position),
                    f"'{name}' keeps pacts as edited; say pacts: as_edited in this file too",
                    marks,
                )
            _move(part._marks, "edits", len(edits), lines)
            for claim in part.claims:
                if claim.id in claims and claims[claim.id] != claim:
                    raise located(
                        ("includes", position),
                        f"the claim '{claim.id}' of '{name}' differs from one included before",
                        marks,
                    )
                claims[claim.id] = claim
            edits += [
                edit if edit.label else edit.model_copy(update={"label": part.name})
                for edit in part.edits
            ]
        _move(marks, "edits", len(edits), lines)
        own = {claim.id: claim for claim in scenario.claims}
        ordered = sorted((claims | own).values(), key=lambda claim: _natural(claim.id))
        for place, claim in enumerate(ordered):
            if claim.id in own:
                old = scenario.claims.index(claim)
                for path, line in marks.lines.items():
                    if path[:2] == ("claims", old):
                        lines[("claims", place, *path[2:])] = line
        lines |= {
            path: line
            for path, line in marks.lines.items()
            if path[:1] not in (("edits",), ("claims",))
        }
        try:
            page = {name: getattr(scenario, name) for name in scenario.model_fields_set}
            page |= {"includes": (), "edits": (*edits, *scenario.edits), "claims": tuple(ordered)}
            return Scenario(**page), lines
        except LocatedError as error:
            raise LocatedError(error.faults, Marks(lines)) from None


def _move(marks: Marks, key: str, by: int, into: dict[KeyPath, tuple[str, int]]) -> None:
    """Copy the lines below `key`, with positions shifted."""
    for path, line in marks.lines.items():
        if len(path) > 1 and path[0] == key and isinstance(path[1], int):
            into[(key, path[1] + by, *path[2:])] = line


def _natural(text: str) -> list[tuple[int, int | str]]:
    return [
        (0, int(part)) if part.isdigit() else (1, part) for part in re.findall(r"\d+|\D+", text)
    ]


@dataclass(frozen=True)
class _Found:
    """A scenario's text: which file it is, its name for messages, and how it is read.

    `given` is the name of the file by itself, `-` for standard input, and empty for a preset.
    """

    path: Path
    shown: str
    text: str
    reader: Reader
    given: str = ""


def _open(name: str | Path, folder: Path | None) -> _Found:
    word = str(name)
    if word == "-" and folder is None:
        return _Found(Path("standard input"), "standard input", read_stdin(LIMIT), read_yaml, "-")
    if word in presets():
        path = preset_folder() / f"{word}.yaml"
        return _Found(path, path.name, read_text(path, LIMIT, path.name), read_yaml)
    path = Path(name)
    if path.suffix not in READERS:
        where = path if folder is None else folder / path
        for suffix in READERS:
            if word and os.path.isfile(f"{where}{suffix}"):  # noqa: PTH113 - never raises
                whole = f"{path}{suffix}"
                raise _error(
                    f"no scenario is called '{word}', but {whole} is a file: write {whole}"
                )
        if path.suffix or len(path.parts) > 1 or os.path.lexists(path):
            have = f"not '{path.suffix}'" if path.suffix else "and this name has no suffix"
            raise _error(f"{word}: a scenario file ends in {', '.join(READERS)}, {have}")
        known = presets()
        raise _error(
            f"unknown scenario '{word}'{nearest(word, known)}; presets: "
            f"{', '.join(known)}; a file of your own ends in .yaml or .toml"
        )
    where = path if folder is None else folder / path
    shown = str(path)
    text = read_text(where, LIMIT, shown)
    return _Found(where.resolve(), shown, text, READERS[path.suffix], path.name)


def _with_tables(edits: Any, base: Path) -> tuple[Any, list[Fault]]:
    """Read the tables that edits name by path."""
    if not isinstance(edits, list):
        return edits, []
    made, faults = [], []
    for position, edit in enumerate(edits):
        if isinstance(edit, dict) and isinstance(edit.get("table"), str):
            try:
                path = Path(edit["table"]).expanduser()
                edit = edit | {"table": read_table(base / path, path.name)}
            except LocatedError as error:
                faults += [fault.under("edits", position, "table") for fault in error.faults]
            except (OSError, RuntimeError, ValueError) as error:
                faults.append(Fault(("edits", position, "table"), f"not a usable path: {error}"))
        made.append(edit)
    return made, faults


def _error(text: str) -> LocatedError:
    return located((), text)


def load_alongside(scenario: Scenario) -> list[Scenario]:
    """Load the scenarios that are run beside this one.

    Raises
    ------
    ScenarioError
        If one cannot be loaded or has the same name as another.
    """
    folder = Path(scenario._marks.folder) if scenario._marks.folder else None
    found: list[Scenario] = []
    for position, name in enumerate(scenario.alongside):
        try:
            one = _Loader().load(name, folder)
        except LocatedError as error:
            raise located(("alongside", position), str(error), scenario._marks) from None
        if one.name in [scenario.name, *(other.name for other in found)]:
            raise located(
                ("alongside", position),
                f"the name '{one.name}' is taken by another scenario of this run",
                scenario._marks,
            )
        found.append(one)
    return found


def check_scenario(scenario: Scenario, world: World) -> list[str]:
    """Check a scenario against a world and return one sentence per edit.

    Parameters
    ----------
    scenario
        As loaded; the scenarios alongside are checked too.
    world
        The world it shall be applied to.

    Raises
    ------
    ScenarioError
        With file, line and key of everything that does not fit the world.

    Examples
    --------
    >>> check_scenario(load_scenario("us-russia-thaw"), world)  # doctest: +SKIP
    ['Trade sanction of USA on RUS: set to none; broad becomes none (1 cell).', ...]
    """
    sentences = scenario.describe(world)
    for other in load_alongside(scenario):
        other.changes(world)
    return sentences


def scenario_text(scenario: Scenario, kind: str = "yaml") -> str:
    """Return a scenario as YAML or JSON text that `load_scenario` reads back.

    Parameters
    ----------
    scenario
        Any scenario; tables are written out as rows.
    kind
        `yaml` or `json`.
    """
    page = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    page = {"name": scenario.name, "why": scenario.why} | page
    for edit in page.get("edits", ()):
        _single(edit)
    for claim in page.get("claims", ()):
        _single(claim)
    if kind == "json":
        return json.dumps(page, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return yaml.dump(page, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes text with unusual characters in quotes, so that it is read back as it was."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if text.isprintable() and not EXPONENT.fullmatch(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted)


def _single(part: dict[str, Any]) -> None:
    for dim, words in part.get("where", {}).items():
        part["where"][dim] = words[0] if len(words) == 1 else words


def save_scenario(scenario: Scenario, path: Path | str) -> Path:
    """Write a scenario to a `.yaml` or `.json` file in one move.

    Raises
    ------
    ScenarioError
        If the suffix is another one.
    """
    target = Path(path)
    if target.suffix not in (".yaml", ".yml", ".json"):
        raise _error(f"{target}: a scenario is written as .yaml or .json")
    kind = "json" if target.suffix == ".json" else "yaml"
    return write_text(target, scenario_text(scenario, kind))
