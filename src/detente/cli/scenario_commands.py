"""The verbs about scenarios: scenarios, check, schema. No decision is taken here."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from detente.scenario import Scenario
    from detente.world import World

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def register(app: typer.Typer) -> None:
    """Add the verbs about scenarios to the command line."""
    app.command("scenarios")(scenarios)
    app.command("check")(check)
    app.command("schema")(schema)


def scenarios(
    name: Annotated[
        str | None, typer.Argument(help="A preset or a file; all presets if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the scenarios that ship with detente, or show one."""
    from detente.files.scenarios import load_scenario, presets, scenario_text

    if name is None:
        found = [load_scenario(preset) for preset in presets()]
        if as_json:
            _print_json([_summary(scenario) for scenario in found])
        else:
            _list(found)
        return
    scenario = load_scenario(name)
    if as_json:
        typer.echo(scenario_text(scenario, "json"), nl=False)
    else:
        _show(scenario)


def check(
    file: Annotated[str, typer.Argument(help="A scenario file, a preset, or - for input.")],
    world: Annotated[str, typer.Option(help="World to check against.")] = "world2023",
    as_json: Json = False,
) -> None:
    """Check a scenario against a world and say what each edit means there."""
    from detente.files.scenarios import check_scenario, load_scenario
    from detente.files.worlds import load_world
    from detente.idle import notes

    written = load_scenario(file)
    base = load_world(world)
    sentences = check_scenario(written, base)
    scenario = written.answered(base)
    _solvable(written, scenario, base)
    _secured(scenario, base)
    why = notes(base, scenario.edits, scenario.changes(base))
    edits = [
        {"label": label, "layer": edit.layer, "sentence": text} | ({"note": note} if note else {})
        for label, edit, text, note in zip(
            scenario.edit_labels, scenario.edits, sentences, why, strict=True
        )
    ]
    rule, pacts = _pacts(written, scenario, base)
    if as_json:
        place = {"name": base.name, "digest": base.digest}
        _print_json(_summary(scenario) | {"ok": True, "world": place, "edits": edits} | rule)
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    console.print(f"[bold]{escape(scenario.name)}[/] fits world {escape(base.name)}:")
    for edit in edits:
        note = f" (note: {edit['note']})" if "note" in edit else ""
        line = f"  {edit['label']}: {edit['sentence']}{note}"
        console.print(escape(line), highlight=False, soft_wrap=True)
    if pacts:
        console.print(escape(pacts), highlight=False, soft_wrap=True)


def _pacts(written: "Scenario", scenario: "Scenario", base: "World") -> tuple[dict[str, str], str]:
    """Return the rule that pacts keep to, for JSON and as a sentence; nothing where none asks."""
    from detente.brief.words import counted
    from detente.sentences import FOLLOWS
    from detente.treaties import concerned

    if not concerned(base, written.edits):
        return {}, ""
    if written.pacts:
        return {"pacts": written.pacts}, (
            "pacts: as_edited: pacts stay as they are when membership is edited, unless an edit is "
            "of the pact itself"
        )
    count = sum((edit.why or "").startswith(FOLLOWS) for edit in scenario.edits)
    follow = counted(count, "edit follows", "edits follow") if count else "none changes here"
    return {"pacts": "follow_membership"}, (
        f"pacts: follow membership ({follow}); pacts: as_edited at the top of the scenario leaves "
        "them as they are"
    )


def _solvable(written: "Scenario", scenario: "Scenario", base: "World") -> None:
    """Refuse what a run would refuse: edits that contradict one another, also alongside."""
    from detente.files.scenarios import load_alongside
    from detente.models import trade_edits

    for one in (scenario, *(other.answered(base) for other in load_alongside(written))):
        trade_edits.check(base, one.apply(base))


def _secured(scenario: "Scenario", base: "World") -> None:
    """Ask the models of security, where a scenario concerns them."""
    from detente.strategic import VARIABLES

    concerned = {"warheads", "military_spending", "spending_commitment"}
    asked = any(claim.variable in VARIABLES for claim in scenario.claims)
    if asked or concerned & {edit.layer for edit in scenario.edits}:
        from detente.runs import secure, secure_check

        if secure.can_secure(base):
            secure_check.check(base, [scenario], [scenario.apply(base)])


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from detente.schema import schema_text

    typer.echo(schema_text(), nl=False)


def _summary(scenario: Any) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "why": scenario.why,
        "sources": list(scenario.sources),
        "labels": scenario.labels,
        "alongside": list(scenario.alongside),
        "claims": len(scenario.claims),
        "digest": scenario.digest,
    }


def _print_json(page: Any) -> None:
    typer.echo(json.dumps(page, indent=1, ensure_ascii=False))


def _list(found: list[Any]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.padding import Padding

    from detente.brief.words import counted

    console = Console()
    for one in found:
        console.print(f"[bold]{escape(one.name)}[/]", highlight=False)
        claims = counted(len(one.claims), "claim") if one.claims else "no claims"
        labels = escape(", ".join(one.labels))
        text = f"{escape(one.why)}\n[dim]edits: {labels}; {claims}[/]"
        console.print(Padding(text, (0, 0, 1, 2)), highlight=False)


def _show(scenario: Any) -> None:
    from rich.console import Console
    from rich.markup import escape

    from detente.files.scenarios import scenario_text

    console = Console()
    console.print(f"[bold]{escape(scenario.title or scenario.name)}[/]")
    console.print(escape(scenario.why))
    console.print()
    # Plain text, so that it can be copied into a file and edited.
    console.print(scenario_text(scenario), markup=False, highlight=False, soft_wrap=True)
