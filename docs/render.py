"""Render the reference pages and the tutorial from their sources.

`python docs/render.py` refreshes every rendered page; `--check` only says which are stale,
`--quick` leaves out what has to be computed: the outputs of the tutorial and the README's result.
It stands beside the pages and not in the package: a user of the library needs none of it.
"""

import ast
import contextlib
import dataclasses
import inspect
import io
import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import typer

import detente
from detente import errors, schema
from detente.data import licences
from detente.files.atomic import write_text
from detente.files.scenarios import load_scenario, presets
from detente.vocabulary import Term, terms

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
SCRIPT = DOCS / "tutorial" / "first-scenario.py"
NOTE = "<!-- Rendered by docs/render.py; change the source and render again. -->\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells) + "\n"


# ---- vocabulary


def _bounds(term: Term) -> str:
    if term.values:
        return ", ".join(f"`{word}` ({code})" for word, code in term.values.items())
    parts = []
    if term.lower > float("-inf"):
        parts.append(f"{'>' if term.lower_open else '≥'} {term.lower:g}")
    if term.upper < float("inf"):
        parts.append(f"≤ {term.upper:g}")
    return " and ".join(parts)


def vocabulary_page() -> str:
    """Return every layer, parameter and outcome with unit and bounds."""
    marks = {True: "yes", False: ""}
    layers = [
        (f"`{t.name}`", ", ".join(t.dims), t.unit, _bounds(t), t.scope, marks[t.symmetric],
         marks[t.editable], t.description + (f" ({t.source})" if t.source else ""))
        for t in terms("layer").values()
    ]  # fmt: skip
    given = [
        (f"`{t.name}`", ", ".join(t.dims), t.unit, _bounds(t), t.description)
        for t in terms("parameter").values()
    ]
    found = [
        (f"`{t.name}`", ", ".join(t.dims), t.unit, "" if t.rope is None else f"{t.rope:g} %",
         t.description + (f" ({t.source})" if t.source else ""))
        for t in terms("outcome").values()
    ]  # fmt: skip
    return f"""# Vocabulary

{NOTE}
Names, units and bounds stand in one table, `src/detente/vocabulary.csv`; files, checks and these
pages are made from it. The rules behind the names are the [conventions](../explanation/conventions.md).

## Layers

A layer is a set of ties or a property of the countries of a [world](../explanation/world2023.md).
Layers marked *editable* may stand in an [edit](scenario-file.md). A layer with a *scope* is edited in
that scope alone when an edit names no sector; a *symmetric* layer changes in both directions.

{
        table(
            (
                "layer",
                "dimensions",
                "unit",
                "bounds or words",
                "scope",
                "symmetric",
                "editable",
                "meaning",
            ),
            layers,
        )
    }
## Parameters

What is uncertain and drawn; the priors are in `src/detente/data/parameters.csv` and their origin on
the page of [estimates](../explanation/estimates.md). In `Outcome.parameters` an elasticity is a
column `trade_elasticity[SECTOR]`, and the level that all of them share is
`trade_elasticity_level`, a factor.

{table(("parameter", "dimensions", "unit", "bounds", "meaning"), given)}
## Outcomes

What a run computes, with the half-width of its region of practical equivalence (see
[uncertainty](../explanation/uncertainty.md)). Tables are in per cent; the arrays of `Outcome.data` are
fractions of the base. Equations: [the trade model](../explanation/trade-model.md).

{table(("outcome", "dimensions", "unit", "equivalence", "meaning"), found)}"""


# ---- presets


def presets_page() -> str:
    """Return every scenario that ships with the package: question, edits, claims."""
    parts = [
        f"""# Presets

{NOTE}
Scenarios that ship with the package. `detente scenarios NAME` prints one as a file to copy,
`detente check NAME` says what each edit means in a world, `detente run NAME` runs it. To add one:
[add a preset](../how-to/add-a-preset.md).
"""
    ]
    for name in presets():
        one = load_scenario(name)
        weighed = sum(claim.variable is not None for claim in one.claims)
        rows = [
            ("labels of edits", ", ".join(f"`{label}`" for label in one.labels)),
            ("layers", ", ".join(f"`{n}`" for n in dict.fromkeys(e.layer for e in one.edits))),
            ("claims", f"{len(one.claims)}, of which {weighed} are computed"),
            ("run beside it", ", ".join(f"`{other}`" for other in one.alongside) or "nothing"),
            ("sources", "; ".join(one.sources)),
        ]
        parts.append(f"## {name}\n\n*{one.title}.* {one.why}\n\n{table(('', ''), rows)}")
    return "\n".join(parts)


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


def _sentence(thing: Any) -> str:
    text = inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0]
    return " ".join(text.split())


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
`import detente as dt` gives these names and no others; each loads what it needs when it is first
used. Parameters, what is raised, and an example stand in the docstring of each: `help(dt.run)`.
Units and names are those of the [vocabulary](vocabulary.md).
"""
    ]
    parts += [
        "A world and a scenario make an outcome, and an outcome a brief: `World`, `Scenario` (made of "
        "`Edit`), `Outcome` and `Brief` are the four things that are passed around.\n"
    ]
    functions = [n for n in detente.__all__ if not inspect.isclass(getattr(detente, n))]
    for name in functions:
        thing = getattr(detente, name)
        parts.append(f"## `{name}`\n\n```python\n{_signature(name, thing)}\n```\n")
        parts.append(_sentence(thing) + "\n")
    for name in [n for n in detente.__all__ if n not in functions]:
        cls = getattr(detente, name)
        parts.append(f"## `{name}`\n\n{_sentence(cls)}\n")
        if fields := _fields(cls):
            parts.append("Fields: " + ", ".join(f"`{field}`" for field in fields) + ".\n")
        rows = []
        for member, thing, is_property in _members(cls):
            call = "" if is_property else re.sub(r" -> .*", "", _signature(member, thing))
            call = re.sub(r"\(\s+", "(", call.replace(",\n)", ")"))
            call = " ".join(call.split())
            rows.append((f"`{member if is_property else call}`", _sentence(thing)))
        if rows:
            parts.append(table(("method or property", "what it gives"), rows))
    return "\n".join(parts)


# ---- errors


def _tree(cls: type[errors.DetenteError]) -> Iterator[type[errors.DetenteError]]:
    yield cls
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child)


def errors_table() -> str:
    """Return the errors with the exit code of the command line."""
    rows = [
        (f"`{cls.__name__}`", f"`{cls.__mro__[1].__name__}`", str(cls.exit_code), _sentence(cls))
        for cls in _tree(errors.DetenteError)
    ]
    return table(("error", "is a", "exit code", "raised when"), rows)


def errors_page() -> str:
    """Return the page of errors: its prose stays, the table between the marks is rendered."""
    text = (DOCS / "reference" / "errors-and-exit-codes.md").read_text(encoding="utf-8")
    head, rest = text.split("<!-- errors: rendered -->\n", 1)
    _, tail = rest.split("<!-- errors: end -->", 1)
    return f"{head}<!-- errors: rendered -->\n{errors_table()}<!-- errors: end -->{tail}"


# ---- tutorial


def cells(script: str) -> list[tuple[str, str]]:
    """Return the cells of a py:percent script: ("markdown" or "code", text)."""
    found: list[tuple[str, str]] = []
    for part in re.split(r"^# %%", script, flags=re.MULTILINE)[1:]:
        first, _, body = part.partition("\n")
        if "[markdown]" in first:
            lines = [re.sub(r"^# ?", "", line) for line in body.strip().splitlines()]
            found.append(("markdown", "\n".join(lines)))
        elif body.strip():
            found.append(("code", body.strip()))
    return found


def execute(code: str, names: dict[str, Any]) -> str:
    """Run one cell and return what it printed; the value of a last expression is printed too."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(tree, "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            if value is not None:
                print(value if isinstance(value, str) else repr(value))
    return printed.getvalue().rstrip()


def tutorial_text(outputs: Callable[[str], str]) -> str:
    """Return the tutorial's page: prose, code and what `outputs` gives for each code cell."""
    parts = []
    for kind, text in cells(SCRIPT.read_text(encoding="utf-8")):
        if kind == "markdown":
            parts.append(text)
            continue
        parts.append(f"```python\n{text}\n```")
        if printed := outputs(text):
            parts.append(f"```text\n{printed}\n```")
    title, *rest = parts
    heading, _, more = title.partition("\n")
    return "\n\n".join([f"{heading}\n\n{NOTE}{more}", *rest]) + "\n"


def tutorial_page() -> str:
    """Run the tutorial in a temporary folder and return its page with fresh outputs."""
    names: dict[str, Any] = {"__name__": "__main__"}
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return tutorial_text(lambda code: execute(code, names))
        finally:
            os.chdir(here)


def without_outputs(page: str) -> str:
    """Return a page without its captured outputs: what must be fresh of a tutorial."""
    return re.sub(r"```text\n.*?\n```\n\n?", "", page, flags=re.DOTALL).rstrip() + "\n"


# ---- the result in the README


SHOWN = ("USA", "RUS", "CAN", "MEX", "@EU", "CHN", "@WORLD")


def _interval(values: Any) -> str:
    low, middle, high = (float(q) for q in np.quantile(100 * values, (0.05, 0.5, 0.95)))
    return f"{middle:+.2f} ({low:+.2f} to {high:+.2f})".replace("-", "−")


def result_text(outcome: detente.Outcome) -> str:
    """Return two tables of a real run: incomes, and the claims with their verdicts."""
    names = {"@EU": "European Union", "@WORLD": "World"}
    shown = outcome.full_scenarios
    rows = [
        (names.get(who) or outcome.name(who),
         *(_interval(outcome.group_change("real_income", who, label)) for label in shown))
        for who in SHOWN
    ]  # fmt: skip
    claims = [
        (claim["text"], claim["side"], f"*{claim['verdict']}*")
        for claim in outcome.claims
        if claim["computed"] and claim["parent"] == outcome.main
    ]
    world, draws = outcome.manifest["world"], outcome.manifest["draws"]
    waiting = sum(not c["computed"] and c["parent"] == outcome.main for c in outcome.claims)
    return f"""Real income, change in % of the base: median and 5 to 95 per cent of {draws} draws
(`{world["name"]}`, digest {world["digest"][:12]}, seed {outcome.manifest["seed"]}):

{table(("", "without retaliation", "with retaliation"), rows)}
{table(("claim, judged on the edits it is about", "side", "verdict"), claims)}
*Undecided* is a result: the brief names the parameter it hangs on. {waiting} further claims stand in the
brief as not yet modelled.
"""


def with_result(outcome: detente.Outcome) -> str:
    """Return the README with the result between its marks."""
    text = README.read_text(encoding="utf-8")
    head, rest = text.split("<!-- result: rendered -->\n", 1)
    _, tail = rest.split("<!-- result: end -->", 1)
    body = result_text(outcome)
    return f"{head}<!-- result: rendered -->\n{body}<!-- result: end -->{tail}"


PAGES: dict[str, Callable[[], str]] = {
    "reference/vocabulary.md": vocabulary_page,
    "reference/presets.md": presets_page,
    "reference/cli.md": cli_page,
    "reference/python.md": python_page,
    "reference/errors-and-exit-codes.md": errors_page,
    "reference/scenario-file.md": schema.scenario_page,
    "reference/licences.md": licences.render,
}
TUTORIAL = "tutorial/first-scenario.md"


def stale() -> list[str]:
    """Return the rendered pages that differ from their sources; outputs are not compared."""
    found = []
    for name, page in PAGES.items():
        path = DOCS / name
        if not path.is_file() or path.read_text(encoding="utf-8") != page():
            found.append(name)
    path = DOCS / TUTORIAL
    written = without_outputs(path.read_text(encoding="utf-8")) if path.is_file() else ""
    if written != without_outputs(tutorial_text(lambda _: "")):
        found.append(TUTORIAL)
    return found


def main() -> int:
    """Write every rendered page, or name the stale ones."""
    if "--check" in sys.argv[1:]:
        old = stale()
        print("\n".join(f"stale: docs/{name}" for name in old) or "every rendered page is fresh")
        return int(bool(old))
    for name, page in PAGES.items():
        write_text(DOCS / name, page())
    schema.write_all(str(DOCS.parent))
    if "--quick" not in sys.argv[1:]:
        write_text(DOCS / TUTORIAL, tutorial_page())
        write_text(README, with_result(detente.run("world2023", "us-russia-realignment")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
