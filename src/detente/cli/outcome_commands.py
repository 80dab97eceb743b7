"""The verbs about outcomes: show, compare, brief. No decision is taken here."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

Folder = Annotated[Path, typer.Argument(help="Folder of an outcome, as written by run.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Variable = Annotated[str, typer.Option(help="Outcome to show, as real_income or goods_trade.")]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="A code or @GROUP; may be repeated.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs about outcomes to the command line."""
    app.command("show")(show)
    app.command("compare")(compare)
    app.command("brief")(brief)


def show(
    outcome: Folder,
    variable: Variable = "real_income",
    country: Countries = None,
    scenario: Annotated[
        list[str] | None, typer.Option(help="A scenario label; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show one variable of an outcome, country by country."""
    from detente.files.outcomes import load_outcome

    found = load_outcome(outcome).table(variable, country or None, scenario or None)
    if as_json:
        _print_json(found)
        return
    from detente.brief import numbers

    shown = found[["iso3", "name", "scenario"]].assign(
        change=_changes(found),
        rising=[numbers.share(value) for value in found["share_positive"]],
        failed=found["failed_draws"].astype(str),
    )
    _print(shown, f"{found['variable'].iloc[0]}, change in per cent: median [5 %, 95 %]")


def compare(
    first: Folder,
    second: Annotated[Path, typer.Argument(help="Folder of another outcome.")],
    variable: Variable = "real_income",
    country: Countries = None,
    as_json: Json = False,
) -> None:
    """Compare two outcomes: the main scenario of each, side by side, and their difference."""
    from detente.files.outcomes import load_outcome
    from detente.tidy import side_by_side

    pair = [load_outcome(folder) for folder in (first, second)]
    tables = [one.table(variable, country or None, one.main) for one in pair]
    found = side_by_side(*tables)
    if as_json:
        _print_json(found)
        return
    from detente.brief import numbers

    shown = found[["iso3", "name"]].assign(
        first=_changes(found, "_first"),
        second=_changes(found, "_second"),
        difference=[numbers.signed(value, 3) for value in found["difference"]],
    )
    names = " against ".join(str(one.main) for one in pair)
    _print(shown, f"{variable}, change in per cent: {names}; difference of the medians")


def brief(
    outcome: Folder,
    html: Annotated[Path | None, typer.Option(help="Write one self-contained page.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write Markdown.")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the content.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write PDF; needs detente[pdf].")] = None,
) -> None:
    """Write the brief of an outcome; on screen when no file is asked for."""
    from detente.brief import write_brief
    from detente.files.outcomes import load_outcome

    page = write_brief(load_outcome(outcome))
    writers = (
        (html, page.to_html),
        (markdown, page.to_markdown),
        (json_path, page.to_json),
        (pdf, page.to_pdf),
    )
    asked = [(path, write) for path, write in writers if path is not None]
    for path, write in asked:
        write(path)
        typer.echo(f"wrote {path}", err=True)
    if not asked:
        page.to_terminal()


def _changes(table: "pd.DataFrame", end: str = "") -> list[str]:
    from detente.brief import numbers

    columns = [table[f"{name}{end}"] for name in ("median", "p05", "p95")]
    return [
        numbers.full({"median": middle, "p05": low, "p95": high})
        for middle, low, high in zip(*columns, strict=True)
    ]


def _print_json(table: "pd.DataFrame") -> None:
    typer.echo(json.dumps(table.to_dict(orient="records"), indent=1, ensure_ascii=False))


def _print(table: "pd.DataFrame", title: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    grid = Table(title=escape(title), title_justify="left")
    for name in table.columns:
        side = "left" if name in ("iso3", "name", "scenario") else "right"
        grid.add_column(escape(str(name)), justify=side, overflow="fold")
    for row in table.to_numpy():
        grid.add_row(*(escape(str(cell)) for cell in row))
    Console().print(grid)
