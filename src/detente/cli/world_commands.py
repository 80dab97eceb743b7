"""The verb `world`: what a world holds, of which vintage, from where, and what is imputed."""

import json
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("world")(world)


def world(
    name: Annotated[str, typer.Argument(help="An embedded world or a .dworld file.")] = "world2023",
    country: Annotated[str | None, typer.Option(help="ISO3 code of one country.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Show what is in a world: layers, vintage, sources, and what is imputed."""
    from detente.describe import country_page, world_page
    from detente.files.worlds import load_world

    found = load_world(name)
    page = country_page(found, country) if country else world_page(found)
    if as_json:
        typer.echo(json.dumps(page, indent=1))
    elif country:
        _country(page)
    else:
        _world(page)


def _world(page: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(
        f"[bold]{page['name']}[/] ({page['year']}): {page['countries']} countries, "
        f"{page['sectors']} sectors, digest {page['digest'][:12]}"
    )
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in ("layer", "unit", "observed", "imputed", "moved", "vintage", "source"):
        shares = head in ("observed", "imputed", "moved")
        table.add_column(head, no_wrap=head == "layer", justify="right" if shares else "left")
    for row in page["layers"]:
        shares = [row[key] for key in ("observed", "imputed", "moved")]
        table.add_row(
            row["layer"],
            row["unit"].partition(" (")[0],
            *("" if share is None else f"{100 * share:.1f} %" for share in shares),
            _first(row["vintage"].split(", ")),
            _first(row["sources"]),
        )
    console.print(table)
    for note in page["notes"]:
        console.print(note, highlight=False)
    console.print(f"groups: {', '.join('@' + group for group in page['groups'])}", highlight=False)


def _first(words: list[str]) -> str:
    """Return the first of several; --json lists them all."""
    return words[0] + (f" and {len(words) - 1} more" if len(words) > 1 else "") if words else ""


def _country(page: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{page['name']}[/] ({page['iso3']}) in {page['world']}")
    for title, rows in page["tables"].items():
        table = Table(
            title=title, title_justify="left", box=None, header_style="bold", pad_edge=False
        )
        for head in rows[0] if rows else ():
            table.add_column(
                head,
                justify="left"
                if head in ("what", "partner", "sector", "unit", "source", "status")
                else "right",
            )
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        console.print(table)
    console.print(f"member of: {', '.join(page['groups'])}", highlight=False)
