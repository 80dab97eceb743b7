"""Reading YAML, TOML and JSON text into plain data, with the line of every key.

YAML is read without its surprises: a word that YAML 1.1 takes for a boolean, an octal or a
base-60 number is reported instead of converted, keys must be unique, and the number of values
is limited, so that a few lines of nested aliases cannot fill the memory.
"""

import datetime as dt
import json
import math
import re
import tomllib
from typing import Any

import yaml

from detente.faults import Fault, LocatedError, Marks, Path, located, written

# libyaml where it is there: ten times faster, same result.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_VALUES = 200_000
MOST_LEVELS = 50
TAG = "tag:yaml.org,2002:"
# Numbers with an exponent and no point are text in YAML 1.1; everywhere else they are numbers.
EXPONENT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")
# ISO2 codes that YAML 1.1 reads as booleans.
FALSE_COUNTRIES = {"NO": "NOR", "No": "NOR", "no": "NOR"}


class _Builder:
    """Plain data from the nodes of a YAML document; marks and faults on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, tuple[str, int]] = {}
        self.faults: list[Fault] = []
        self.count = 0
        self.open: set[int] = set()

    def build(self, node: yaml.Node, path: Path) -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            raise located(
                (),
                f"{self.file}: more than {MOST_VALUES:,} values, counting "
                "what aliases repeat; use a table",
            )
        if len(path) > MOST_LEVELS or id(node) in self.open:
            raise located(
                (),
                f"{self.file}:{node.start_mark.line + 1}: nested too "
                "deeply, or an alias that contains itself",
            )
        self.lines.setdefault(path, (self.file, node.start_mark.line + 1))
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        self.open.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            made: Any = [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
        else:
            made = self.mapping(node, path)
        self.open.discard(id(node))
        return made

    def mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(path, line, "a key must be a word")
                continue
            if key_node.tag == f"{TAG}merge":
                self.fault((*path, "<<"), line, "merge keys are not read; write the keys out")
                continue
            key = key_node.value
            if key_node.tag == f"{TAG}bool" and key not in ("true", "false"):
                self.fault((*path, key), line, surprise(key_node))
                continue
            if key in made:
                first = self.lines[(*path, key)][1]
                self.fault(
                    (*path, key), line, f"the key '{key}' occurs twice (first in line {first})"
                )
                continue
            self.lines[(*path, key)] = (self.file, line)
            made[key] = self.build(value_node, (*path, key))
        return made

    def fault(self, path: Path, line: int, text: str) -> None:
        # The line of the fault itself, not of the key of the same name that came first.
        name = written(path)
        self.faults.append(Fault((), f"{self.file}:{line}: {name + ': ' if name else ''}{text}"))

    def scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text, kind = node.value, node.tag.removeprefix(TAG)
        if kind == "str":
            return float(text) if not node.style and EXPONENT.fullmatch(text) else text
        if kind == "null":
            return None
        if kind == "bool" and text in ("true", "false", "True", "False"):
            return text.casefold() == "true"
        if kind == "int" and re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text):
            return _whole(text)
        if kind == "float" and re.fullmatch(r"[-+]?([0-9]*\.)?[0-9]+(\.)?([eE][-+]?[0-9]+)?", text):
            return float(text)
        if kind == "float" and text.strip("+-").casefold() in (".nan", ".inf"):
            return float(text.replace(".", "", 1))
        if kind == "timestamp" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            try:
                return dt.date.fromisoformat(text)
            except ValueError:
                self.fault(
                    path, node.start_mark.line + 1, f"'{text}' is not a date of the calendar"
                )
                return None
        self.fault(path, node.start_mark.line + 1, surprise(node))
        return None


def _whole(text: str) -> int | float:
    # Python refuses to read whole numbers of thousands of digits; they are out of bounds anyway.
    return int(text) if len(text) < 300 else math.inf


def surprise(node: yaml.ScalarNode) -> str:
    """Say what YAML 1.1 would have made of a plain word, and what to write instead."""
    text, kind = node.value, node.tag.removeprefix(TAG)
    if kind == "bool":
        read = "true" if text.casefold() in ("yes", "on", "y", "true") else "false"
        code = FALSE_COUNTRIES.get(text)
        hint = f"quote it, and use the ISO3 code {code}" if code else "quote it, or write " + read
        return f"'{text}' was read as {read}: {hint}"
    if kind in ("int", "float", "timestamp"):
        return (
            f"'{text}' would be read as a special number or time (octal, base 60, _): "
            "quote it, or write a plain number"
        )
    return f"the tag '{node.tag}' is not read: only text, numbers, lists and keys"


def read_yaml(text: str, file: str) -> tuple[Any, Marks]:
    """Return the data of a YAML text and the line of each key.

    Raises
    ------
    LocatedError
        Where the text is not YAML, repeats a key, or holds one of YAML's surprises.

    Examples
    --------
    >>> read_yaml("a: [1, x]", "x.yaml")[0]
    {'a': [1, 'x']}
    """
    try:
        _screen(text, file)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        what = "; ".join(part for part in (error.context, error.problem) if part)
        tab = "; indent with spaces, not tabs" if "\\t" in what else ""
        raise located((), f"{file}{line}: not readable as YAML: {what}{tab}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else _first_line(error)
        raise located((), f"{file}: not readable as YAML: {what}") from None
    if node is None:
        raise located((), f"{file}: the file is empty")
    builder = _Builder(file)
    data = builder.build(node, ())
    if builder.faults:
        raise LocatedError(builder.faults)
    return data, Marks(builder.lines)


def _screen(text: str, file: str) -> None:
    """Refuse text that is too long or too deep before its tree is built."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=LOADER)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_LEVELS:
            mark = event.start_mark
            line = f":{mark.line + 1}" if mark else ""
            raise located((), f"{file}{line}: nested too deeply: more than {MOST_LEVELS} levels")
        if count > MOST_VALUES:
            raise located((), f"{file}: more than {MOST_VALUES:,} values; use a table")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]


def read_toml(text: str, file: str) -> tuple[Any, Marks]:
    """Return the data of a TOML text, and the line of each key that a search can find.

    Raises
    ------
    LocatedError
        Where the text is not TOML (which refuses repeated keys).
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\s*\(at line (\d+), column \d+\)", str(error))
        line = f":{found[1]}" if found else ""
        what = str(error).replace(found[0], "") if found else str(error)
        raise located((), f"{file}{line}: not readable as TOML: {what}") from None
    except (ValueError, RecursionError, OverflowError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else _first_line(error)
        raise located((), f"{file}: not readable as TOML: {what}") from None
    return data, Marks(_toml_lines(text, file))


def _toml_lines(text: str, file: str) -> dict[Path, tuple[str, int]]:
    """Find `[[edits]]` headers and the keys below them; inline tables have their parent's line."""
    lines: dict[Path, tuple[str, int]] = {(): (file, 0)}
    counts: dict[str, int] = {}
    base: Path = ()
    for number, row in enumerate(text.splitlines(), start=1):
        if found := re.match(r"\s*\[\[\s*(\w+)\s*\]\]", row):
            name = found[1]
            base = (name, counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1
            lines[base] = (file, number)
        elif found := re.match(r"\s*\[\s*([\w.\s]+?)\s*\]", row):
            steps = [step.strip() for step in found[1].split(".")]
            again = counts.get(steps[0])
            base = (steps[0], again - 1, *steps[1:]) if again else tuple(steps)
            lines.setdefault(base, (file, number))
        elif found := re.match(r"\s*([\w.-]+)\s*=", row):
            path = (*base, *found[1].split("."))
            lines.setdefault(path, (file, number))
            for key in re.findall(r"[{,]\s*(\w+)\s*=", row):
                lines.setdefault((*path, key), (file, number))
    return lines


def read_json(text: str, file: str) -> tuple[Any, Marks]:
    """Return the data of a JSON text and the line of each key.

    Raises
    ------
    LocatedError
        Where the text is not JSON or repeats a key.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise located((), f"{file}: the key '{twice}' occurs twice")
        return made

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise LocatedError(
            [Fault((), f"{file}:{error.lineno}: not readable as JSON: {error.msg}")]
        ) from None
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else _first_line(error)
        raise located((), f"{file}: not readable as JSON: {what}") from None
    try:
        # JSON is nearly YAML: its reader knows the lines. Where it fails, the file's name must do.
        return data, read_yaml(text, file)[1]
    except LocatedError:
        return data, Marks({(): (file, 0)})
