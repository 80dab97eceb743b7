"""The verb `run`: scenarios over draws, a table on screen, a brief and an outcome on disk."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("run")(run)


def run(
    scenario: Annotated[list[str], typer.Argument(help="Presets or files; - for input.")],
    world: Annotated[str, typer.Option(help="Name of a world, or a .dworld file.")] = "world2023",
    draws: Annotated[int, typer.Option(min=0, help="Draws; 0 for the point estimate.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    deficits: Annotated[
        str | None, typer.Option(help="fixed, world_share, own_share or zero.")
    ] = None,
    horizon: Annotated[
        str | None, typer.Option(help="long, or short: labour stays in its sector.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the outcome; outcomes/NAME if left out.")
    ] = None,
    brief: Annotated[Path, typer.Option(help="Where the brief is written.")] = Path("brief.html"),
    keep: Annotated[str, typer.Option(help="actors, flows or auto.")] = "auto",
    watch: Annotated[
        list[str] | None, typer.Option(help="More countries to keep the trade of; repeatable.")
    ] = None,
    alongside: Annotated[
        bool, typer.Option(help="Also run the scenarios named in the file to run beside it.")
    ] = True,
    respond: Annotated[
        bool, typer.Option(help="Let third states' positions respond; prior-driven.")
    ] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; all cores.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the brief as JSON.")] = False,
) -> None:
    """Run scenarios over draws and write a brief that argues both sides."""
    from detente.brief import write_brief
    from detente.cli.places import check_file, check_folder
    from detente.cli.progress import bar
    from detente.runs.run import RunInterruptedError
    from detente.runs.run import run as solve

    # Names and options are checked before anything is written.
    names = [
        Path(one) if one.endswith((".yaml", ".yml", ".toml", ".json")) else one for one in scenario
    ]
    folder = out or Path("outcomes") / _stem(scenario[0])
    check_file(brief, "--brief")
    check_folder(folder, "--out")
    with bar(draws or 1) as progress:
        try:
            outcome = solve(
                world,
                names,
                draws=draws,
                seed=seed,
                deficits=deficits,
                horizon=horizon,
                keep=keep,
                watch=watch or (),
                alongside=alongside,
                out=folder,
                workers=workers,
                progress=progress,
                respond=respond,
            )
        except RunInterruptedError as stopped:
            _interrupted(stopped, folder)
            raise typer.Exit(130) from stopped
        except KeyboardInterrupt as stopped:  # while something else than draws is computed
            typer.echo(
                f"interrupted: batches of draws that were finished are kept in {folder}; the same "
                "command takes them up and does the rest",
                err=True,
            )
            raise typer.Exit(130) from stopped
    page = write_brief(outcome)
    page.to_html(brief)
    if as_json:
        import json

        typer.echo(json.dumps(page.to_dict(), indent=1))
    else:
        from rich.console import Console

        page.to_terminal(Console())
        typer.echo(f"brief:   {brief}\noutcome: {folder}")
    failed = sum(outcome.manifest["failed_draws"].values())
    if failed:
        typer.echo(
            f"{failed} solves found no equilibrium; they are left out and counted in the "
            f"brief. Reasons: {folder / 'draws.parquet'}",
            err=True,
        )
        sys.exit(3)


def _stem(name: str) -> str:
    return "input" if name == "-" else Path(name).stem


def _interrupted(stopped, folder: Path) -> None:
    if stopped.outcome is None:
        typer.echo("interrupted before the first batch was finished; nothing was kept", err=True)
        return
    typer.echo(
        f"interrupted: {stopped.done} of {stopped.total} draws are finished and kept in {folder}. "
        f"Read them with `detente show {folder} --variable real_income`; the same command again "
        "takes them up and finishes the rest",
        err=True,
    )
