"""Read-outs of the strategic balance on screen: before, after, change."""

from typing import TYPE_CHECKING

from detente.cli import screen

if TYPE_CHECKING:
    import pandas as pd

    from detente.outcome import Outcome


def show(found: "pd.DataFrame", point: bool) -> None:
    """Print a table of read-outs, one table a scenario.

    Parameters
    ----------
    found
        As `Outcome.table` gives of the strategic balance.
    point
        Whether nothing was drawn.
    """
    from detente.brief import numbers

    measure = "point estimate" if point else "median [5 %, 95 %]"
    for label, rows in found.groupby("scenario", sort=False):
        shown = rows[["name"]].assign(
            before=_levels(rows, "before"), after=_levels(rows, "after"), change=_changes(rows)
        )
        if not point:
            shares = _cells(rows["share_positive"])
            shown["rising"] = ["" if one is None else numbers.share(one) for one in shares]
        unit = str(rows["unit"].iloc[0])
        change = "difference" if unit == "points" else f"change in {unit}"
        screen.table(
            shown,
            f"{label}\n{rows['variable'].iloc[0]}, {rows['level_unit'].iloc[0]}, and {change}: "
            f"{measure}",
        )


def compare(first: "Outcome", second: "Outcome", found: "pd.DataFrame") -> None:
    """Print the read-outs that two outcomes share, side by side.

    Parameters
    ----------
    first, second
        The outcomes.
    found
        As `readouts.side_by_side` gives.
    """
    from detente.brief import numbers

    shown = found[["name"]].assign(
        first=_changes(found, "_first"),
        second=_changes(found, "_second"),
        difference=[
            "" if value is None else numbers.signed(value, 3)
            for value in _cells(found["difference"])
        ],
    )
    sides = [
        f"{side}: {one.main}, {'point estimate' if one.is_point else 'median [5 %, 95 %]'}"
        for side, one in (("first", first), ("second", second))
    ]
    unit = found["unit"].iloc[0]
    title = [f"{found['variable'].iloc[0]}, change in {unit}", *sides, "difference: of the medians"]
    screen.table(shown, "\n".join(title))


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
        found.append(_apart(text))
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
        found.append(_apart(numbers.middle(figure) if low is None else numbers.full(figure)))
    return found


def _apart(text: str) -> str:
    """Put the interval on a line of its own: it is not broken where the screen is narrow."""
    middle, bracket, interval = text.partition("[")
    return f"{middle.rstrip()}\n{bracket}{interval}" if bracket else text
