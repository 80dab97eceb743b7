"""Render what has to be run: the tutorial with its outputs, and the result in the README."""

import ast
import contextlib
import io
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from render_parts import NOTE, table

import detente

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
SCRIPT = DOCS / "tutorial" / "first-scenario.py"

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
        (claim["id"], claim["text"], claim["side"], f"*{claim['verdict']}*")
        for claim in outcome.claims
        if claim["computed"] and claim["parent"] == outcome.main
    ]
    world, draws = outcome.manifest["world"], outcome.manifest["draws"]
    waiting = sum(not c["computed"] and c["parent"] == outcome.main for c in outcome.claims)
    return f"""Real income, change in % of the base: median and 5 to 95 per cent of {draws} draws
(`{world["name"]}`, digest {world["digest"][:12]}, seed {outcome.manifest["seed"]}):

{table(("", "without retaliation", "with retaliation"), rows)}
{table(("", "claim, judged on the edits it is about", "side", "verdict"), claims)}
*Undecided* is a result: the brief names the parameter it hangs on. {waiting} further claims stand
in the brief as not yet modelled.
"""


def with_result(outcome: detente.Outcome) -> str:
    """Return the README with the result between its marks."""
    text = README.read_text(encoding="utf-8")
    head, rest = text.split("<!-- result: rendered -->\n", 1)
    _, tail = rest.split("<!-- result: end -->", 1)
    body = result_text(outcome)
    return f"{head}<!-- result: rendered -->\n{body}<!-- result: end -->{tail}"
