"""The verb `world`: what a world holds, of which vintage, from where, and what is imputed."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console


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

    console = Console()
    console.print(f"[bold]{page['name']}[/] ({page['iso3']}) in {page['world']}")
    for title, rows in page["tables"].items():
        if rows:
            _fitted(console, title, rows)
    console.print(f"member of: {', '.join(page['groups'])}", highlight=False)


# Columns of words may wrap; a number is shown whole or not at all.
WORDS = ("what", "partner", "sector", "unit", "source", "status", "sent to", "received from")
LEAST_WORDS, GAP = 12, 2


def _fitted(console: "Console", title: str, rows: list[dict[str, Any]]) -> None:
    """Print a table; where the terminal is narrow its last columns are left out, numbers first."""
    from rich.markup import escape
    from rich.table import Table

    heads, left_out = list(rows[0]), []
    least, full = {}, {}
    for head in heads:
        cells = [len(str(row[head])) for row in rows]
        full[head] = max(*cells, len(head), 1)
        # A head wraps between its words.
        whole = max(*cells, *(len(word) for word in head.split()))
        least[head] = min(full[head], LEAST_WORDS) if head in WORDS else whole
    numbers = [head for head in heads[1:] if head not in WORDS]
    words = [head for head in heads[1:] if head in WORDS]
    droppable = words + numbers[1:] if numbers else words[1:]
    while droppable and _width(least, heads) > console.width:
        left_out.append(droppable.pop())
        heads.remove(left_out[-1])
    spare = max(console.width - _width(least, heads), 0)
    table = Table(
        title=escape(title), title_justify="left", box=None, header_style="bold",
        padding=(0, GAP, 0, 0), pad_edge=False,
    )  # fmt: skip
    # What is left of the line goes to the columns of words, then to the heads of numbers.
    for head in sorted(heads, key=lambda name: (name not in WORDS, full[name] - least[name])):
        more = min(spare, full[head] - least[head])
        least[head], spare = least[head] + more, spare - more
    for head in heads:
        side = "left" if head in WORDS else "right"
        table.add_column(escape(head), justify=side, width=least[head], overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(row[head])) for head in heads))
    console.print(table)
    if left_out:
        named = ", ".join(head for head in rows[0] if head in left_out)
        console.print(f"(too narrow for: {named}; --json shows all)", style="dim", highlight=False)


def _width(least: dict[str, int], heads: list[str]) -> int:
    return sum(least[head] for head in heads) + GAP * (len(heads) - 1)
