"""The verb `run`: scenarios over draws, a table on screen, a brief and an outcome on disk."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.cli import interrupts

if TYPE_CHECKING:
    from collections.abc import Callable

    from detente.brief import Brief
    from detente.outcome import Outcome


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
        Path | None,
        typer.Option(help="Folder of the outcome; outcomes/PRESET-OR-FILE if left out."),
    ] = None,
    brief: Annotated[
        Path, typer.Option(help="Where the brief is written: .html, .md, .json or .pdf.")
    ] = Path("brief.html"),
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
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads or processes; all cores.")
    ] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace an outcome of other scenarios or another world."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the brief as JSON.")] = False,
) -> None:
    """Run scenarios over draws and write a brief that argues both sides."""
    from detente.cli.places import check_file, check_folder, writer_of

    # Names and options are checked before anything is written.
    ends = (".yaml", ".yml", ".toml", ".json")
    names = [Path(one) if one.endswith(ends) else one for one in scenario]
    folder = out or Path("outcomes") / _stem(scenario[0])
    check_file(brief, "--brief")
    check_folder(folder, "--out")
    writer = writer_of(brief, "--brief")
    options = {
        "draws": draws, "seed": seed, "deficits": deficits, "horizon": horizon, "keep": keep,
        "watch": watch or (), "alongside": alongside, "workers": workers, "respond": respond,
        "replace": replace,
    }  # fmt: skip
    outcome, page = _run(world, names, folder, options, lambda page: getattr(page, writer)(brief))
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


def _run(
    world: str,
    names: list[Path | str],
    folder: Path,
    options: dict[str, Any],
    write: "Callable[[Brief], object]",
) -> "tuple[Outcome, Brief]":
    """Solve, and write the brief; an interrupt at any time ends with what it leaves."""
    from detente.cli.ahead import process_ahead

    before = _stamp(folder)
    try:
        with process_ahead(world, options["draws"], options["workers"]):
            from detente.brief import write_brief
            from detente.cli.progress import bar
            from detente.runs.run import run as solve

            with bar(options["draws"] or 1) as progress:
                outcome = solve(world, names, out=folder, progress=progress, **options)
        page = write_brief(outcome)
        write(page)
    except KeyboardInterrupt as stopped:
        interrupts.say(_interrupted(folder, before))
        raise typer.Exit(interrupts.INTERRUPTED) from stopped
    return outcome, page


def _stem(name: str) -> str:
    return "input" if name == "-" else Path(name).stem


def _stamp(folder: Path) -> int:
    """Return when the manifest of an outcome was written; 0 where there is none."""
    manifest = folder / "manifest.json"
    return manifest.stat().st_mtime_ns if manifest.is_file() else 0


def _interrupted(folder: Path, before: int) -> str:
    """Return what an interrupted run leaves, read from its folder."""
    from detente.errors import DataError
    from detente.files.outcomes import load_outcome

    if _stamp(folder) == before:
        left = f"the earlier outcome in {folder} is as it was" if before else "nothing was written"
        return f"interrupted before the first draw was begun; {left}"
    try:
        kept = load_outcome(folder)
    except DataError:
        return (
            "interrupted before the first batch of draws was finished; there is nothing to read in "
            f"{folder}"
        )
    if not kept.manifest.get("interrupted", True):
        return (
            f"interrupted while the brief was written: the outcome in {folder} is whole, and "
            f"`detente brief {folder} --html FILE` writes its brief"
        )
    done, total = kept.data.sizes["draw"], max(int(kept.manifest["draws"]), 1)
    again = "" if kept.manifest.get("keep") == "flows" else (
        "; the same command again takes them up and does the rest"
    )  # fmt: skip
    return (
        f"interrupted: {done} of {total} draws are finished and kept in {folder}. Read them with "
        f"`detente show {folder} --variable real_income`{again}"
    )
