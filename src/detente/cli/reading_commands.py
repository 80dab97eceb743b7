"""The verb about one number: explain. No decision is taken here."""

from typing import TYPE_CHECKING, Annotated

import typer

from detente.cli.outcome_commands import Folder, Json

if TYPE_CHECKING:
    from detente.reading.explanation import Explanation


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("explain")(explain)


def explain(
    outcome: Folder,
    country: Annotated[str, typer.Option(help="Code of the country.")],
    variable: Annotated[str, typer.Option(help="Outcome to explain.")] = "real_income",
    scenario: Annotated[str | None, typer.Option(help="A scenario label.")] = None,
    as_json: Json = False,
) -> None:
    """Explain one number: definition, equation, interval, drivers, edits, sources, digests."""
    from detente.files.outcomes import load_outcome
    from detente.reading.explanation import explain as explained

    page = explained(load_outcome(outcome), country, variable, scenario)
    if as_json:
        typer.echo(page.to_json())
        return
    for line in _lines(page):
        typer.echo(line)


def _lines(page: "Explanation") -> list[str]:
    from detente.brief import numbers

    world = page.world
    made = f"{page.draws} draws, {page.failed_draws} failed" if page.draws else "point estimate"
    lines = [
        f"{page.name} ({page.iso3}): {page.variable} under {page.scenario}",
        f"  {numbers.full(page.value)} ({made})",
        "",
        f"what it is    {page.definition} ({page.unit})",
        f"equation      {page.equation}",
        f"              {page.equation_source}; {page.see}",
    ]
    lines += [f"{'edits' if not n else '':14}{text}" for n, text in enumerate(page.edits)]
    for n, row in enumerate(page.alone):
        head = "edits alone" if not n else ""
        lines.append(f"{head:14}{row['label']}: {numbers.full(row)}")
    for n, row in enumerate(page.drivers):
        head = "drivers" if not n else ""
        spread = numbers.between(row["p05"], row["p95"])
        lines.append(
            f"{head:14}{row['parameter']}: {numbers.share(row['share'])} of the variance; "
            f"prior {spread} {row['unit'] or ''}".rstrip()
        )
    if page.drivers_note:
        lines.append(f"drivers       {page.drivers_note}")
    for n, row in enumerate(page.layers):
        names = ", ".join(source["title"] for source in row["sources"])
        names = names or row["note"] or "no source recorded"
        lines.append(f"{'layers' if not n else '':14}{row['layer']}: {names}")
    settings = page.settings
    lines += [
        f"run           deficits {settings['deficits']}, horizon {settings['horizon']}, seed "
        f"{settings['seed']}, largest residual {settings['largest_residual']:.1e}",
        f"world         {world.get('name')} {world.get('year')}, digest {page.digest[:12]}",
        f"job           {page.job[:12]}, detente {page.versions.get('detente', '?')}",
    ]
    return lines
