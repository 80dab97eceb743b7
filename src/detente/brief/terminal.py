"""The brief in short, on a terminal."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from detente.brief import blocs_words, influence, numbers, security_words, words
from detente.brief.markdown import certificate_lines, said

# Neutral styles: a verdict is neither good nor bad news.
STYLES = {"holds": "bold", "contradicted": "bold", "undecided": "italic", "not yet modelled": "dim"}


def show(page: dict[str, Any], console: Console | None = None) -> None:
    """Print title, edits, headline table, claims and caveats.

    Parameters
    ----------
    page
        Content of the brief.
    console
        Where to print; standard output when left out.
    """
    out = console or Console()
    out.print(f"\n[bold]{escape(page['title'])}[/]")
    out.print(escape(page["question"]), style="italic")
    for edit in page["scenarios"][0]["edits"]:
        out.print(f"  [dim]{escape(edit['label'])}[/] {escape(said(edit))}", highlight=False)
    for scenario in page["headline"]["scenarios"]:
        if scenario["note"]:
            out.print(f"[bold]{escape(scenario['title'])}[/]: {escape(scenario['note'])}")
        else:
            out.print(_headline(page, scenario))
    for line in (page.get("blocs") or {}).get("found", ()):
        out.print(f"  {escape(line)}", highlight=False)
    for grid in blocs_words.tables(_moved(page.get("blocs")), short=True):
        out.print(_grid(grid, f"Who stands with whom: {grid['title']}"))
    if page.get("security") and not _moved(page["security"]):
        out.print(f"  {escape(page['security']['found'][0])}", highlight=False)
    for grid in influence.tables((page.get("blocs") or {}).get("influence")):
        out.print(_grid(grid, grid["title"]))
    for grid in security_words.tables(page.get("security"), short=True):
        out.print(_grid(grid, grid["title"]))
    if any((page.get("security") or {}).get(part) for part in ("pairs", "regions")):
        out.print(f"  {security_words.ROUGH}", style="dim", highlight=False)
    if page["claims"]:
        out.print(_claims(page))
    if page["not_modelled"]:
        ids = ", ".join(str(claim["id"]) for claim in page["not_modelled"])
        out.print(f"Named, not yet modelled: {escape(ids)}", highlight=False)
    for line in [page["method"], *certificate_lines(page), *page["caveats"]]:
        out.print(f"  {escape(line)}", style="dim", highlight=False)


def _moved(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a section with a world beside the base; of the base alone a sentence is enough."""
    return content if content and len(content["worlds"]) > 1 else None


def _headline(page: dict[str, Any], scenario: dict[str, Any]) -> Table:
    variables = page["headline"]["variables"]
    # Every scenario keeps its rows in one order, so that two tables can be read side by side.
    grid = Table(title=escape(scenario["title"]), title_justify="left", title_style="bold")
    grid.add_column("")
    for variable in variables:
        grid.add_column(variable["label"], justify="right")
    for row in scenario["rows"]:
        cells = [_stacked(row["cells"][v["name"]]) for v in variables]
        grid.add_row(escape(row["name"]), *(escape(cell) for cell in cells))
    return grid


def _grid(given: dict[str, Any], title: str) -> Table:
    grid = Table(title=escape(title), title_justify="left", title_style="bold")
    for n, head in enumerate(given["head"]):
        grid.add_column(escape(head), justify="right" if n else "left")
    for row in given["rows"]:
        grid.add_row(*(escape(cell) for cell in row))
    return grid


def _stacked(figure: dict[str, Any]) -> str:
    return f"{numbers.middle(figure)}\n{numbers.interval(figure)}"


def _claims(page: dict[str, Any]) -> Table:
    grid = Table(title="Claims weighed", title_justify="left", title_style="bold")
    grid.add_column("")
    grid.add_column("claim", ratio=1)
    grid.add_column("change", justify="right", no_wrap=True)
    grid.add_column("draws\nbeyond", justify="right", no_wrap=True)
    grid.add_column("verdict", no_wrap=True)
    for side in ("for", "against"):
        grid.add_section()
        for claim in page["claims"]:
            if claim["side"] == side:
                grid.add_row(*_row(claim, f"{side}\n{claim['id']}"))
                for other in claim["variants"]:
                    grid.add_row(*_row(other, "variant"))
    return grid


def _row(claim: dict[str, Any], head: str) -> list[str]:
    style = STYLES.get(claim["verdict"], "")
    said = f"{words.VERDICT_MARKS[claim['verdict']]} {claim['verdict']}"
    change = _stacked(claim) if "median" in claim else ""
    known = claim.get("share_beyond") is not None
    return [
        head,
        escape(claim["text"]),
        escape(change),
        numbers.share(claim["share_beyond"]) if known else "",
        f"[{style}]{said}[/]" if style else said,
    ]
