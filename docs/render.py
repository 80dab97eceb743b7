"""Render the reference pages and the tutorial from their sources.

`python docs/render.py` refreshes every rendered page; `--check` only says which are stale,
`--quick` leaves out what has to be computed: the outputs of the tutorial and the README's result.
It stands beside the pages and not in the package: a user of the library needs none of it.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from render_code import cli_page, python_page
from render_parts import NOTE, sentence, table
from render_run import README, tutorial_page, tutorial_text, with_result, without_outputs

import detente
from detente import errors, schema
from detente.data import licences
from detente.files.atomic import write_text
from detente.files.scenarios import load_scenario, presets
from detente.vocabulary import Term, terms

DOCS = Path(__file__).parent

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
pages are made from it. The rules behind the names are the
[conventions](../explanation/conventions.md).

## Layers

A layer is a set of ties or a property of the countries of a [world](../explanation/world2023.md).
Layers marked *editable* may stand in an [edit](scenario-file.md). A layer with a *scope* is
edited in that scope alone when an edit names no sector; a *symmetric* layer changes in both
directions.

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
[uncertainty](../explanation/uncertainty.md)). Tables are in per cent; the arrays of
`Outcome.data` are fractions of the base. Equations:
[the trade model](../explanation/trade-model.md).

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


# ---- errors


def _tree(cls: type[errors.DetenteError]) -> Iterator[type[errors.DetenteError]]:
    yield cls
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child)


def errors_table() -> str:
    """Return the errors with the exit code of the command line."""
    rows = [
        (f"`{cls.__name__}`", f"`{cls.__mro__[1].__name__}`", str(cls.exit_code), sentence(cls))
        for cls in _tree(errors.DetenteError)
    ]
    return table(("error", "is a", "exit code", "raised when"), rows)


def errors_page() -> str:
    """Return the page of errors: its prose stays, the table between the marks is rendered."""
    text = (DOCS / "reference" / "errors-and-exit-codes.md").read_text(encoding="utf-8")
    head, rest = text.split("<!-- errors: rendered -->\n", 1)
    _, tail = rest.split("<!-- errors: end -->", 1)
    return f"{head}<!-- errors: rendered -->\n{errors_table()}<!-- errors: end -->{tail}"


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
