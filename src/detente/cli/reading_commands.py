"""The verb about one number: explain. No decision is taken here."""

from typing import TYPE_CHECKING, Annotated

import typer

from detente.cli.outcome_commands import Destination, Folder, Json, Origin

if TYPE_CHECKING:
    from detente.reading.explanation import Explanation
    from detente.reading.readouts import ReadoutExplanation


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("explain")(explain)


def explain(
    outcome: Folder,
    country: Annotated[
        str | None, typer.Option(help="Code of the country; of military_outlays also a @GROUP.")
    ] = None,
    variable: Annotated[str, typer.Option(help="Outcome to explain.")] = "real_income",
    scenario: Annotated[str | None, typer.Option(help="A scenario label.")] = None,
    origin: Origin = None,
    destination: Destination = None,
    as_json: Json = False,
) -> None:
    """Explain one number: definition, equation, interval, drivers, edits, sources, digests."""
    from detente.errors import ScenarioError
    from detente.files.outcomes import load_outcome
    from detente.joint import is_joint
    from detente.reading.explanation import explain as explained
    from detente.reading.readouts import explain_readout
    from detente.readouts import known

    whole, sides = load_outcome(outcome), (origin or None, destination or None)
    if known(variable):
        page = explain_readout(whole, variable, country, *sides, scenario)
        lines = _lines_of_readout(page)
    elif is_joint(variable):
        raise ScenarioError(
            f"explain takes outcomes of one country and those of risk, spending and arsenals; "
            f"`detente show {outcome} --variable {variable}` prints {variable}, and a claim on it "
            "says in the brief what it depends on"
        )
    elif any(sides):
        raise ScenarioError(
            f"{variable} is of one country: leave out --origin and --destination, which name the "
            "two sides of a risk"
        )
    elif country is None:
        raise ScenarioError(f"{variable} is of one country: name it, as --country USA")
    else:
        page = explained(whole, country, variable, scenario)
        lines = _lines(page)
    for line in [page.to_json()] if as_json else lines:
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
    lines += _shared(page)
    settings = page.settings
    lines += [
        f"run           deficits {settings['deficits']}, horizon {settings['horizon']}, seed "
        f"{settings['seed']}, largest residual {settings['largest_residual']:.1e}",
        f"world         {world.get('name')} {world.get('year')}, digest {page.digest[:12]}",
        f"job           {page.job[:12]}, detente {page.versions.get('detente', '?')}",
    ]
    return lines


def _shared(page: "Explanation | ReadoutExplanation") -> list[str]:
    """Return the lines that are alike for all pages: edits alone, drivers, layers."""
    from detente.brief import numbers

    unit = {"unit": "points"} if page.unit == "points" else {}
    lines = []
    for n, row in enumerate(page.alone):
        head = "edits alone" if not n else ""
        lines.append(f"{head:14}{row['label']}: {numbers.full({**row, **unit})}")
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
    return lines


def _lines_of_readout(page: "ReadoutExplanation") -> list[str]:
    from detente.brief import numbers, security_words

    world = page.world
    made = f"{page.draws} draws" if page.draws else "point estimate"
    pair = len(page.origin) == 1 == len(page.destination)
    row = {"variable": page.variable, "pair": pair}
    before, after = (
        "no meaning" if one["median"] is None else security_words.level(row, one)
        for one in (page.before, page.after)
    )
    change = "no meaning"
    if page.change["median"] is not None:
        change = numbers.full({**page.change, "unit": page.unit})
    lines = [
        f"{page.name}: {page.variable} under {page.scenario}",
        f"  before {before}, after {after} ({page.level_unit}); change {change} ({made})",
        "",
        f"what it is    {page.definition}",
        f"equation      {page.equation}",
        f"              {page.equation_source}; {page.see}",
    ]
    lines += [f"{'edits' if not n else '':14}{text}" for n, text in enumerate(page.edits)]
    lines += _shared(page)
    lines += [f"{'rests on' if not n else '':14}{text}" for n, text in enumerate(page.assumptions)]
    lines += [
        f"world         {world.get('name')} {world.get('year')}, digest "
        f"{str(world.get('digest', ''))[:12]}, seed {page.seed}",
        f"job           {page.job[:12]}, detente {page.versions.get('detente', '?')}",
    ]
    return lines
