"""Read-outs of the strategic balance on screen: before, after, change."""

from typing import TYPE_CHECKING

import typer

from detente.cli import screen
from detente.cli.outcome_tables import measure

if TYPE_CHECKING:
    import pandas as pd

    from detente.outcome import Outcome


def show(outcome: "Outcome", found: "pd.DataFrame") -> None:
    """Print a table of read-outs, one table a scenario.

    Parameters
    ----------
    outcome
        What the table was made from.
    found
        As `Outcome.table` gives of the strategic balance.
    """
    from detente.brief import numbers
    from detente.brief.security_words import ROUGH
    from detente.strategic import DIRECTED, OF_PAIRS

    for label, rows in found.groupby("scenario", sort=False):
        shown = rows[["name"]].assign(
            before=_levels(rows, "before"), after=_levels(rows, "after"), change=_changes(rows)
        )
        if not outcome.is_point:
            shares = _cells(rows["share_positive"])
            still = ("–" if numbers.is_still(one) else "" for one in _figures(rows))
            shown["rising"] = [
                mark or ("" if one is None else numbers.share(one))
                for one, mark in zip(shares, still, strict=True)
            ]
        variable = str(rows["variable"].iloc[0])
        title = f"{label}\n{variable}, {rows['level_unit'].iloc[0]}, and {_change_in(rows)}"
        screen.table(shown, f"{title}: {measure(outcome)}")
    if set(found["variable"]) & {*OF_PAIRS, *DIRECTED}:
        typer.echo(ROUGH)


def _change_in(rows: "pd.DataFrame") -> str:
    return "change in " + ("points" if rows["unit"].iloc[0] == "points" else "per cent")


def compare(first: "Outcome", second: "Outcome", found: "pd.DataFrame") -> None:
    """Print the read-outs that two outcomes share, side by side.

    Parameters
    ----------
    first, second
        The outcomes.
    found
        As `readouts.side_by_side` gives.
    """
    shown = found[["name"]].assign(
        first=_changes(found, "_first"),
        second=_changes(found, "_second"),
        difference=_differences(found),
    )
    pair = {"first": first, "second": second}
    sides = [f"{side}: {one.main}, {measure(one)}" for side, one in pair.items()]
    what = "medians" if not (first.is_point or second.is_point) else "central values"
    title = [f"{found['variable'].iloc[0]}, {_change_in(found)}", *sides]
    title.append(f"difference: of the {what}, in points")
    screen.table(shown, "\n".join(title))


def _differences(found: "pd.DataFrame") -> list[str]:
    from detente.brief import numbers

    pairs = zip(_figures(found, "_first"), _figures(found, "_second"), strict=True)
    return [
        "" if one["median"] is None or other["median"] is None else numbers.difference(one, other)
        for one, other in pairs
    ]


def _figures(rows: "pd.DataFrame", end: str = "") -> list[dict[str, float | None]]:
    keys = ("median", "p05", "p95")
    columns = (_cells(rows[f"{key}{end}"]) for key in keys)
    return [dict(zip(keys, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _cells(column: "pd.Series") -> list[float | None]:
    return [None if value is None or value != value else float(value) for value in column]


def _levels(rows: "pd.DataFrame", name: str) -> list[str]:
    from detente.brief import security_words

    found = []
    columns = (rows[key] for key in ("variable", "origin", "destination"))
    triples = zip(*(_cells(rows[key]) for key in (name, f"{name}_p05", f"{name}_p95")), strict=True)
    for (middle, low, high), variable, *sides in zip(triples, *columns, strict=True):
        figure = {"median": middle, "p05": low, "p95": high}
        pair = all(side and " " not in side and not side.startswith("@") for side in sides)
        row = {"variable": variable, "pair": pair}
        text = "no meaning" if middle is None else security_words.level(row, figure)
        found.append(screen.apart(text))
    return found


def _changes(rows: "pd.DataFrame", end: str = "") -> list[str]:
    from detente.brief import numbers

    keys = [f"{name}{end}" for name in ("median", "p05", "p95")]
    found = []
    spreads = zip(*(_cells(rows[key]) for key in keys), strict=True)
    for (middle, low, high), unit in zip(spreads, rows["unit"], strict=True):
        if middle is None:
            found.append("no meaning")
            continue
        figure = {"median": middle, "p05": low, "p95": high, "unit": unit}
        found.append(screen.apart(numbers.middle(figure) if low is None else numbers.full(figure)))
    return found
