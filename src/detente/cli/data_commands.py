"""The verbs `data build` and `validate`: worlds from raw tables, results against references."""

import json
from pathlib import Path
from typing import Annotated

import typer

from detente.cli.add_command import add

Raw = Annotated[
    Path | None, typer.Option("--raw", help="Folder of raw tables; else DETENTE_RAW is used.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    data = typer.Typer(
        help="Build the embedded worlds from raw tables; add worlds of your own.",
        no_args_is_help=True,
    )
    data.command("build")(build)
    data.command("sources")(sources)
    data.command("add")(add)
    app.add_typer(data, name="data")
    app.command("validate")(validate)


def build(
    raw: Raw = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; without it builds are only compared.")
    ] = None,
    world: Annotated[list[str] | None, typer.Option(help="Which worlds; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Build the worlds and say whether each equals the shipped file byte for byte."""
    from detente.data import build as builder
    from detente.data.paths import raw_folder

    names = tuple(world) if world else builder.WORLDS
    done = builder.build_all(raw_folder(raw), out, names, lambda line: typer.echo(line, err=True))
    if as_json:
        typer.echo(builder.build_json(done))
    else:
        for one in done:
            verdict = "identical to the shipped file" if one.same else f"DIFFERS: {one.difference}"
            typer.echo(f"{one.name:16s} {one.size / 1e6:6.2f} MB  {one.sha256[:12]}  {verdict}")
    if not all(one.same for one in done) and out is None:
        raise typer.Exit(1)


def sources(as_json: Json = False) -> None:
    """List every source with its licence, vintage and what may be shipped of it."""
    from detente.source import sources as every

    page = [
        {"source": key, "title": one.title, "vintage": one.vintage, "licence": one.licence,
         "redistribution": one.redistribution, "citation": one.citation}
        for key, one in sorted(every().items())
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(page, indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in ("source", "title", "vintage", "licence", "redistribution"):
        table.add_column(head, overflow="fold")
    for row in page:
        table.add_row(
            *(row[head] for head in ("source", "title", "vintage", "licence", "redistribution"))
        )
    Console().print(table)


def validate(raw: Raw = None, as_json: Json = False) -> None:
    """Compare results with published references: one line a reference."""
    from detente.validate import summary, validate_all

    found = []
    for one in validate_all(raw):
        found.append(one)
        if not as_json:
            typer.echo(one.line())
    if as_json:
        typer.echo(json.dumps([one.page() for one in found], indent=1))
    for line in summary(found):
        # A page of JSON stands alone on standard output.
        typer.echo(line, err=as_json)
    if any(one.passed is False for one in found):
        raise typer.Exit(1)
    # What could not be compared is no agreement, whether tables or a package were missing.
    if any(one.missing or one.extra for one in found):
        raise typer.Exit(4)
