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

    scenario = load_scenario(file)
    base = load_world(world)
    sentences = check_scenario(scenario, base)
    scenario = scenario.answered(base)
    _secured(scenario, base)
    if as_json:
        edits = [
            {"label": label, "layer": edit.layer, "sentence": text}
            for label, edit, text in zip(
                scenario.edit_labels, scenario.edits, sentences, strict=True
            )
        ]
        _print_json(
            _summary(scenario)
            | {"ok": True, "world": {"name": base.name, "digest": base.digest}, "edits": edits}
        )
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    console.print(f"[bold]{escape(scenario.name)}[/] fits world {escape(base.name)}:")
    for label, text in zip(scenario.edit_labels, sentences, strict=True):
        line = f"  {escape(label)}: {escape(text)}"
        console.print(line, highlight=False, soft_wrap=True)


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

    console = Console()
    for one in found:
        console.print(f"[bold]{escape(one.name)}[/]", highlight=False)
        claims = f"{len(one.claims)} claims" if one.claims else "no claims"
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
