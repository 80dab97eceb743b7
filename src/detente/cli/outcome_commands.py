"""The verbs about outcomes: show, compare, brief. No decision is taken here."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detente.cli import outcome_tables, readout_tables, screen

if TYPE_CHECKING:
    import pandas as pd

    from detente.outcome import Outcome

Folder = Annotated[Path, typer.Argument(help="Folder of an outcome, as written by run.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Variable = Annotated[
    str, typer.Option(help="Outcome to show, as real_income, pair_trade, cohesion or dispute_risk.")
]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="A code or @GROUP; may be repeated.")
]
Origin = Annotated[
    list[str] | None,
    typer.Option("--origin", help="Of pairs, risks and arsenals: one side, a code or @GROUP."),
]
Destination = Annotated[
    list[str] | None,
    typer.Option("--destination", help="Of pairs, risks and arsenals: the other side."),
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
    found = _table(whole, variable, country, scenario, origin, destination)
    if note := unfinished(whole):
        typer.echo(note, err=as_json)
    if as_json:
        screen.page(_without_spread(found) if whole.is_point else found)
    elif known(variable):
        readout_tables.show(whole, found)
    else:
        outcome_tables.show(whole, found)


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
    tables = [_table(one, variable, country, [one.main], origin, destination) for one in pair]
    stated = [(folder, unfinished(one)) for folder, one in zip((first, second), pair, strict=True)]
    notes = [f"{folder}: {note}" for folder, note in stated if note]
    for note in (*notes, *_differences(*pair)):
        # JSON on standard output stays JSON.
        typer.echo(note, err=as_json)
    if known(variable):
        found = readouts_side_by_side(*tables)
    else:
        found = side_by_side(*tables, key="iso3" if "iso3" in tables[0].columns else "of")
    if as_json:
        for one, end in zip(pair, ("_first", "_second"), strict=True):
            found = _without_spread(found, end) if one.is_point else found
        screen.page(found)
    elif known(variable):
        readout_tables.compare(pair[0], pair[1], found)
    else:
        outcome_tables.compare(pair[0], pair[1], found)


def brief(
    outcome: Folder,
    html: Annotated[Path | None, typer.Option(help="Write one self-contained page.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write Markdown.")] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the content.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write PDF; needs detente[pdf].")] = None,
) -> None:
    """Write the brief of an outcome; on screen when no file is asked for."""
    from detente.brief import write_brief
    from detente.cli.places import check_brief
    from detente.files.outcomes import load_outcome

    places = {"html": html, "markdown": markdown, "json": json_path, "pdf": pdf}
    asked = {kind: path for kind, path in places.items() if path is not None}
    for kind, path in asked.items():
        check_brief(path, f"--{kind}", f"to_{kind}")
    whole = load_outcome(outcome)
    # A brief whose main scenario has no solution argues nothing: this names the reason.
    whole.values(whole.variables[0], whole.countries[:1])
    page = write_brief(whole)
    for kind, path in asked.items():
        getattr(page, f"to_{kind}")(path)
        typer.echo(f"wrote {path}", err=True)
    if not asked:
        page.to_terminal()


def _table(
    whole: "Outcome",
    variable: str,
    country: list[str] | None,
    scenario: list[str] | None,
    origin: list[str] | None,
    destination: list[str] | None,
) -> "pd.DataFrame":
    """Return the table asked for; an unknown name is answered with the names there are, by kind."""
    from detente import joint
    from detente.errors import ScenarioError, nearest
    from detente.readouts import known

    name = variable.removesuffix("_pct")
    if not (name in whole.variables or known(name) or joint.is_joint(name)):
        near = nearest(name, joint.names(whole))
        raise ScenarioError(
            f"unknown outcome '{variable}'{near}; this outcome can show, {joint.known(whole)}"
        )
    if name in whole.variables and (origin or destination):
        raise ScenarioError(
            f"{name} is of one country: name it by --country, and leave out --origin and "
            "--destination, which name the two sides of a risk"
        )
    sides = (origin or None, destination or None)
    return joint.table(whole, variable, country or None, scenario or None, *sides)


def _without_spread(table: "pd.DataFrame", end: str = "") -> "pd.DataFrame":
    """Return a table whose interval and share of draws are empty: a point has neither."""
    empty = {f"{name}{end}": None for name in ("p05", "p95", "share_positive")}
    return table.assign(**empty)


def unfinished(outcome: "Outcome") -> str:
    """Return a sentence on the draws that an interrupted run has not come to, or nothing."""
    done, asked = outcome.data.sizes["draw"], int(outcome.manifest.get("draws", 0))
    if done >= asked or not outcome.manifest.get("interrupted", True):
        return ""
    return (
        f"unfinished: {done} of {asked} draws; numbers may move when the same run is given again "
        "and goes on"
    )


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
