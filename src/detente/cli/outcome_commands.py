"""The verbs about outcomes: show, compare, brief. No decision is taken here."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detente.cli import readout_tables, screen

if TYPE_CHECKING:
    import pandas as pd

    from detente.outcome import Outcome

Folder = Annotated[Path, typer.Argument(help="Folder of an outcome, as written by run.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Variable = Annotated[
    str, typer.Option(help="Outcome to show, as real_income, dispute_risk or military_outlays.")
]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="A code or @GROUP; may be repeated.")
]
Origin = Annotated[
    list[str] | None,
    typer.Option("--origin", help="Of risks and arsenals: one side, a code or @GROUP."),
]
Destination = Annotated[
    list[str] | None,
    typer.Option("--destination", help="Of risks and arsenals: the other side."),
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
    origin: Origin = None,
    destination: Destination = None,
    as_json: Json = False,
) -> None:
    """Show one variable of an outcome, country by country or pair by pair."""
    from detente.files.outcomes import load_outcome
    from detente.readouts import known

    whole = load_outcome(outcome)
    sides = (origin or None, destination or None)
    found = whole.table(variable, country or None, scenario or None, *sides)
    if as_json:
        screen.page(_without_spread(found) if whole.is_point else found)
        return
    if known(variable):
        readout_tables.show(found, whole.is_point)
        return
    from detente.brief import numbers, words

    what = f"{found['variable'].iloc[0]}, change in per cent"
    for label, rows in found.groupby("scenario", sort=False):
        shown = rows[["iso3", "name"]].assign(change=_changes(rows, whole.is_point))
        if not whole.is_point:
            shown["rising"] = [numbers.share(value) for value in rows["share_positive"]]
        failed = int(rows["failed_draws"].iloc[0])
        lost = f"; {words.counted(failed, 'draw')} failed" if failed else ""
        screen.table(shown, f"{label}\n{what}: {_measure(whole)}{lost}")


def compare(
    first: Folder,
    second: Annotated[Path, typer.Argument(help="Folder of another outcome.")],
    variable: Variable = "real_income",
    country: Countries = None,
    origin: Origin = None,
    destination: Destination = None,
    as_json: Json = False,
) -> None:
    """Compare two outcomes: the main scenario of each, side by side, and their difference."""
    from detente.files.outcomes import load_outcome
    from detente.readouts import known
    from detente.readouts import side_by_side as readouts_side_by_side
    from detente.tidy import side_by_side

    pair = [load_outcome(folder) for folder in (first, second)]
    sides = (origin or None, destination or None)
    tables = [one.table(variable, country or None, one.main, *sides) for one in pair]
    for note in _differences(*pair):
        # JSON on standard output stays JSON.
        typer.echo(note, err=as_json)
    found = readouts_side_by_side(*tables) if known(variable) else side_by_side(*tables)
    if as_json:
        for one, end in zip(pair, ("_first", "_second"), strict=True):
            found = _without_spread(found, end) if one.is_point else found
        screen.page(found)
        return
    if known(variable):
        readout_tables.compare(pair[0], pair[1], found)
        return
    from detente.brief import numbers

    shown = found[["iso3", "name"]].assign(
        first=_changes(found, pair[0].is_point, "_first"),
        second=_changes(found, pair[1].is_point, "_second"),
        difference=[numbers.signed(value, 3) for value in found["difference"]],
    )
    sides = [
        f"{side}: {one.main}, {_measure(one)}"
        for side, one in zip(("first", "second"), pair, strict=True)
    ]
    what = "medians" if not any(one.is_point for one in pair) else "central values"
    screen.table(shown, "\n".join([f"{variable}, change in per cent", *sides,
                             f"difference: of the {what}"]))  # fmt: skip


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

    whole = load_outcome(outcome)
    # A brief whose main scenario has no solution argues nothing: this names the reason.
    whole.values(whole.variables[0], whole.countries[:1])
    page = write_brief(whole)
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


def _changes(table: "pd.DataFrame", point: bool, end: str = "") -> list[str]:
    from detente.brief import numbers

    if point:
        whole = [{"median": value, "p05": None, "p95": None} for value in table[f"median{end}"]]
        return [numbers.middle(figure) for figure in whole]
    columns = [table[f"{name}{end}"] for name in ("median", "p05", "p95")]
    return [
        numbers.full({"median": middle, "p05": low, "p95": high})
        for middle, low, high in zip(*columns, strict=True)
    ]


def _measure(outcome: "Outcome") -> str:
    return "point estimate" if outcome.is_point else "median [5 %, 95 %]"


def _without_spread(table: "pd.DataFrame", end: str = "") -> "pd.DataFrame":
    """Return a table whose interval and share of draws are empty: a point has neither."""
    empty = {f"{name}{end}": None for name in ("p05", "p95", "share_positive")}
    return table.assign(**empty)


def _differences(first: "Outcome", second: "Outcome") -> list[str]:
    """Say what besides the scenario differs between two outcomes."""
    found = []
    for key, said in (("draws", "draws"), ("seed", "seed"), ("deficits", "rule for deficits")):
        values = [one.manifest.get(key) for one in (first, second)]
        # Without draws a seed decides nothing.
        if values[0] != values[1] and not (key == "seed" and first.is_point and second.is_point):
            found.append(f"{said}: {values[0]} against {values[1]}")
    worlds = [one.manifest.get("world", {}) for one in (first, second)]
    if worlds[0].get("digest") != worlds[1].get("digest"):
        names = [f"{w.get('name', '?')} ({str(w.get('digest', ''))[:12]})" for w in worlds]
        found.append(f"world: {names[0]} against {names[1]}")
    return [f"note: the two outcomes differ in their {text}" for text in found]
