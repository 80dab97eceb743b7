"""The verb `backtest`: scores out of sample beside their baselines. No decision is taken here."""

import json
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("backtest")(backtest)


def backtest(
    group: Annotated[str, typer.Argument(help="What to score, as security.")],
    refit: Annotated[
        bool, typer.Option("--refit", help="Estimate again from raw tables; takes minutes.")
    ] = False,
    raw: Annotated[
        Path | None, typer.Option("--raw", help="Folder of raw tables; else DETENTE_RAW is used.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Print every score of a group of forecasts against its baseline."""
    from detente import backtest as scoring

    found, sample = [], None
    for score in scoring.backtest(group, refit, raw):
        found.append(score)
        if as_json:
            continue
        if score.sample != sample:
            sample = score.sample
            typer.echo(f"\n{score.group}: {sample}")
        typer.echo(score.line())
    if as_json:
        typer.echo(json.dumps([score.page() for score in found], indent=1))
        return
    worse = sum(score.better is False for score in found)
    missed = sum(score.met is False for score in found)
    typer.echo(f"\n{len(found)} scores: {worse} worse than the baseline, {missed} targets missed")
