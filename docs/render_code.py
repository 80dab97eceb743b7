"""Render the command line and the public names: pages made from the code itself."""

import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer
from render_parts import NOTE, sentence, table

import detente

# ---- command line


def verbs() -> Iterator[tuple[str, Any]]:
    """Yield the words and the command of every verb."""
    from detente.cli.app import app

    def walk(words: str, command: Any) -> Iterator[tuple[str, Any]]:
        inside = getattr(command, "commands", None)
        if inside is None:
            yield words, command
            return
        for name, one in inside.items():
            yield from walk(f"{words} {name}", one)

    yield from walk("detente", typer.main.get_command(app))


def _argument(param: Any) -> str:
    word = param.name.upper() + ("..." if param.nargs == -1 else "")
    return word if param.required else f"[{word}]"


def _default(param: Any) -> str:
    value = param.default() if callable(param.default) else param.default
    if value in (None, (), [], False):
        return ""
    return f"`{param.opts[0]}`" if value is True else f"`{value}`"


def _kinds(command: Any) -> dict[str, str]:
    """Return the kind of value of each parameter, from the annotations of the verb's function."""
    names = {str: "TEXT", int: "INTEGER", float: "NUMBER", Path: "PATH"}
    found = {}
    for name, hint in get_type_hints(inspect.unwrap(command.callback)).items():
        kinds = [hint, *get_args(hint), *(a for h in get_args(hint) for a in get_args(h))]
        found[name] = next((names[kind] for kind in kinds if kind in names), "")
    return found


def _option_names(param: Any, kinds: dict[str, str]) -> str:
    if param.param_type_name == "argument":
        return f"`{param.name.upper()}`"
    kind = "" if param.is_flag else f" {kinds.get(param.name, '')}".rstrip()
    return ", ".join(f"`{name}{kind}`" for name in [*param.opts, *param.secondary_opts])


def cli_page() -> str:
    """Return every verb of the command line with its options and defaults."""
    from detente.cli.app import app

    root = typer.main.get_command(app)
    shared = [
        (_option_names(p, {}), _default(p), p.help or "") for p in root.params
        if p.name not in ("install_completion", "show_completion")
    ]  # fmt: skip
    parts = [
        f"""# The command line

{NOTE}
`detente VERB --help` prints the same. Every verb that prints a table also prints it as JSON with
`--json`. Exit codes and messages: [errors and exit codes](errors-and-exit-codes.md).

Options before the verb:

{table(("option", "default", "meaning"), shared)}"""
    ]
    for words, command in verbs():
        kinds = _kinds(command)
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option"]
        usage = " ".join(
            [words, *(_argument(p) for p in arguments), *(["[OPTIONS]"] * bool(options))]
        )
        text = textwrap.dedent(command.help or "").strip()
        parts.append(f"## {words}\n\n{text}\n\n```console\n$ {usage}\n```\n")
        rows = [
            (_option_names(p, kinds), _default(p), getattr(p, "help", None) or "")
            for p in [*arguments, *options]
        ]
        if rows:
            parts.append(table(("argument or option", "default", "meaning"), rows))
    return "\n".join(parts)


# ---- python


def _signature(name: str, thing: Any) -> str:
    try:
        found = inspect.signature(thing)
    except ValueError:
        return f"{name}(...)"
    parameters = [p for p in found.parameters.values() if p.name != "self"]
    text = str(found.replace(parameters=parameters, return_annotation=found.return_annotation))
    # Modules only lengthen what a reader knows by its last word.
    text = re.sub(r"\b(?:[A-Za-z_]\w*\.)+([A-Z]\w*)", r"\1", text)
    text = re.sub(r": '([^']+)'", r": \1", text)
    line = f"{name}{text}"
    if len(line) <= 96:
        return line
    inside = [re.sub(r"\b(?:[A-Za-z_]\w*\.)+([A-Z]\w*)", r"\1", str(p)) for p in parameters]
    end = text[text.rindex(")") :]
    return f"{name}(\n    " + ",\n    ".join(inside) + f",\n{end}"


def _members(cls: type) -> Iterator[tuple[str, Any, bool]]:
    """Yield the public methods and properties that a class states itself."""
    for name, value in vars(cls).items():
        if name.startswith(("_", "model_")):
            continue
        if isinstance(value, property) and value.__doc__:
            yield name, value, True
        elif isinstance(value, classmethod | staticmethod):
            yield name, value.__func__, False
        elif inspect.isfunction(value) and value.__doc__ and not hasattr(value, "decorator_info"):
            yield name, value, False


def _fields(cls: type) -> list[str]:
    if dataclasses.is_dataclass(cls):
        return [field.name for field in dataclasses.fields(cls)]
    return list(getattr(cls, "model_fields", {}))


def python_page() -> str:
    """Return the public names with signatures and the first sentence of each docstring."""
    parts = [
        f"""# The Python library

{NOTE}
`import detente as dt` gives these names, and its rooms (`dt.reading`, `dt.policy`, `dt.security`,
`dt.alignment`, `dt.blocs`), whose functions their pages name; each loads what it needs when it is
first used. Parameters, what is raised, and an example stand in the docstring of each:
`help(dt.run)`. Units and names are those of the [vocabulary](vocabulary.md).
"""
    ]
    parts += [
        "A world and a scenario make an outcome, and an outcome a brief: `World`, `Scenario` (made "
        "of `Edit`), `Outcome` and `Brief` are the four things that are passed around.\n"
    ]
    functions = [n for n in detente.__all__ if not inspect.isclass(getattr(detente, n))]
    for name in functions:
        thing = getattr(detente, name)
        parts.append(f"## `{name}`\n\n```python\n{_signature(name, thing)}\n```\n")
        parts.append(sentence(thing) + "\n")
    for name in [n for n in detente.__all__ if n not in functions]:
        cls = getattr(detente, name)
        parts.append(f"## `{name}`\n\n{sentence(cls)}\n")
        if fields := _fields(cls):
            parts.append("Fields: " + ", ".join(f"`{field}`" for field in fields) + ".\n")
        rows = []
        for member, thing, is_property in _members(cls):
            call = "" if is_property else re.sub(r" -> .*", "", _signature(member, thing))
            call = re.sub(r"\(\s+", "(", call.replace(",\n)", ")"))
            call = " ".join(call.split())
            rows.append((f"`{member if is_property else call}`", sentence(thing)))
        if rows:
            parts.append(table(("method or property", "what it gives"), rows))
    return "\n".join(parts)
