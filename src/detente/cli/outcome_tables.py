"""Changes of one variable on screen: of countries, pairs, groups, camps, and of the system."""

from typing import TYPE_CHECKING

import typer

from detente.cli import screen

if TYPE_CHECKING:
    import pandas as pd

    from detente.outcome import Outcome


def measure(outcome: "Outcome") -> str:
    """Return what stands in the cells of changes: a point, or a median with its interval."""
    if outcome.is_point:
        return "point estimate"
    from detente.brief import words

    return f"median [5 %, 95 %] of {words.counted(outcome.data.sizes['draw'], 'draw')}"


def show(outcome: "Outcome", found: "pd.DataFrame") -> None:
    """Print a table of changes, one table a scenario; a sentence where trade is not reached.

    Parameters
    ----------
    outcome
        What the table was made from.
    found
        As `joint.table` gives.
    """
    from detente import imbalance
    from detente.brief import numbers, reach, words

    variable = str(found["variable"].iloc[0])
    for label, rows in found.groupby("scenario", sort=False):
        note = reach.note(outcome, str(label)) if _of_trade(outcome, variable) else ""
        if note:
            typer.echo(f"{label}: {note}")
            continue
        figures = _figures(rows)
        shown = rows[_keys(rows)].assign(change=[_said(one, outcome.is_point) for one in figures])
        if not outcome.is_point:
            shown["rising"] = [
                "–" if numbers.is_still(one) else numbers.share(one["share_positive"])
                for one in figures
            ]
        failed = int(rows["failed_draws"].iloc[0])
        lost = f"; {words.counted(failed, 'draw')} failed" if failed else ""
        screen.table(shown, f"{label}\n{variable}, change in per cent: {measure(outcome)}{lost}")
        if _of_trade(outcome, variable):
            for text in imbalance.notes(outcome, str(label)):
                typer.echo(text)
    for text in found.attrs.get("left_out", ()):
        typer.echo(f"left out: {text}")


def compare(first: "Outcome", second: "Outcome", found: "pd.DataFrame") -> None:
    """Print the changes of two outcomes side by side, and their difference.

    Parameters
    ----------
    first, second
        The outcomes.
    found
        As `tidy.side_by_side` gives.
    """
    from detente import imbalance
    from detente.brief import numbers, reach

    pair = {"first": first, "second": second}
    figures = {side: _figures(found, f"_{side}") for side in pair}
    variable = str(found["variable"].iloc[0])
    shown = found[_keys(found)].assign(
        **{
            side: [screen.apart(_said(one, outcome.is_point)) for one in figures[side]]
            for side, outcome in pair.items()
        },
        difference=list(map(numbers.difference, *figures.values())),
    )
    what = "medians" if not (first.is_point or second.is_point) else "central values"
    title = [f"{variable}, change in per cent"]
    title += [f"{side}: {one.main}, {measure(one)}" for side, one in pair.items()]
    screen.table(shown, "\n".join([*title, f"difference: of the {what}, in points"]))
    for side, one in pair.items():
        if not _of_trade(one, variable):
            continue
        for note in (reach.note(one, one.main), *imbalance.notes(one, one.main)):
            if note:
                typer.echo(f"{side}: {note}")


def _of_trade(outcome: "Outcome", variable: str) -> bool:
    """Say whether a variable moves only where trade does: shares of groups move with members."""
    return variable in outcome.variables or variable == "pair_trade"


def _keys(rows: "pd.DataFrame") -> list[str]:
    return [name for name in screen.WORDS if name in rows.columns]


def _figures(rows: "pd.DataFrame", end: str = "") -> list[dict[str, float]]:
    keys = ("median", "p05", "p95", "share_positive")
    columns = (rows[f"{name}{end}"] for name in keys)
    return [dict(zip(keys, map(float, cells), strict=True)) for cells in zip(*columns, strict=True)]


def _said(figure: dict[str, float], point: bool) -> str:
    from detente.brief import numbers

    whole = {**figure, "p05": None, "p95": None} if point else figure
    return numbers.middle(whole) if point else numbers.full(whole)
