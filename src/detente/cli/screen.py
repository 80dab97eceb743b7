"""Tables and JSON on screen."""

import json
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import pandas as pd

# Columns of words; the others are of numbers, and stand on the right.
WORDS = ("iso3", "of", "name")


def table(rows: "pd.DataFrame", title: str) -> None:
    """Print a table.

    Parameters
    ----------
    rows
        Of texts.
    title
        Lines above it.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    grid = Table()
    for name in rows.columns:
        side = "left" if name in WORDS else "right"
        grid.add_column(escape(str(name)), justify=side, overflow="fold")
    for row in rows.to_numpy():
        grid.add_row(*(escape(str(cell)) for cell in row))
    console = Console()
    # Not the title of the table: that is broken to the width of a narrow one.
    console.print(escape(title), style="italic", highlight=False)
    console.print(grid)


def page(rows: "pd.DataFrame") -> None:
    """Print a table as JSON, one object a row; what is not known is null."""
    import pandas as pd

    known = rows.astype(object).where(pd.notna(rows), None)
    typer.echo(json.dumps(known.to_dict(orient="records"), indent=1, ensure_ascii=False))


def apart(text: str) -> str:
    """Put the interval on a line of its own: it is not broken where the screen is narrow."""
    middle, bracket, interval = text.partition("[")
    return f"{middle.rstrip()}\n{bracket}{interval}" if bracket else text
