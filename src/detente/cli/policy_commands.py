"""The verb about policies that answer back: optimal-tariff. No decision is taken here."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from detente.policy import NashTariffs, OptimalTariff


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("optimal-tariff")(optimal_tariff)


def optimal_tariff(
    given: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO_OR_WORLD",
            help="A world: its tariffs are answered; or a preset or file: what it changes is.",
        ),
    ],
    country: Annotated[
        list[str],
        typer.Option("--country", help="Code of a player; two to eight play against each other."),
    ],
    world: Annotated[
        str | None, typer.Option(help="World of a scenario; world2023 if left out.")
    ] = None,
    partner: Annotated[
        list[str] | None, typer.Option(help="Whom one player levies on: a code or @GROUP; all.")
    ] = None,
    sector: Annotated[
        list[str] | None, typer.Option(help="On what: a sector or @group; goods if left out.")
    ] = None,
    by_partner: Annotated[bool, typer.Option(help="A rate for each partner.")] = False,
    by_sector: Annotated[bool, typer.Option(help="A rate for each sector.")] = False,
    variable: Annotated[str, typer.Option(help="Outcome that a player raises.")] = "real_income",
    deficits: Annotated[str, typer.Option(help="fixed, world_share, own_share or zero.")] = "fixed",
    horizon: Annotated[str, typer.Option(help="long, or short.")] = "long",
    lowest: Annotated[float, typer.Option(help="Lowest rate; 0.1 is 10 per cent.")] = 0.0,
    highest: Annotated[float, typer.Option(help="Highest rate.")] = 3.0,
    rounds: Annotated[int, typer.Option(min=1, help="Most rounds of replies.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Find the tariff that is best for one country, or best replies of a few to one another."""
    from detente import policy
    from detente.errors import ScenarioError

    if len(country) > 1 and partner:
        raise ScenarioError(
            "--partner is for one player: several levy tariffs on one another; leave it out"
        )
    place, scenario = policy.place_and_scenario(given, world)
    options: dict[str, Any] = {
        "sectors": sector or None,
        "scenario": scenario,
        "by_partner": by_partner,
        "by_sector": by_sector,
        "variable": variable,
        "deficits": deficits,
        "horizon": horizon,
        "bounds": (lowest, highest),
    }
    if len(country) == 1:
        best = policy.optimal_tariff(place, country[0], partner or None, **options)
        page, converged = _one(best), best.converged
        head = f"{best.country}: the tariff that makes {best.variable} largest"
    else:
        game = policy.nash_tariffs(place, country, rounds=rounds, **options)
        page, converged = _game(game), game.converged
        names = ", ".join(country)
        head = f"{names}: tariffs that are best replies to one another, by {game.variable}"
    answered = f"after {scenario.name}" if scenario is not None else "as it is"
    page = {
        "world": place.name,
        "answers": answered,
        "variable": variable,
        "horizon": horizon,
        "bounds": [lowest, highest],
        **page,
    }
    if as_json:
        typer.echo(json.dumps(page, indent=1))
    else:
        centre = "a point estimate, every parameter at its median"
        _print(f"{head}\n{place.name}, {answered}; {horizon} run; {centre}", page)
    if not converged:
        raise typer.Exit(3)


def _one(found: "OptimalTariff") -> dict[str, Any]:
    return {
        "rates": _rows(found.rates),
        "outcomes": {
            found.country: _outcomes(found.outcomes, found.country, found.variable),
        },
        "certificate": _certificate(found, found.deviation) | {"largest_slope": found.slope},
    }


def _game(found: "NashTariffs") -> dict[str, Any]:
    players = list(found.deviations.index)
    return {
        "rates": _rows(found.rates),
        "outcomes": {code: _outcomes(found.outcomes, code, found.variable) for code in players},
        "certificate": _certificate(found, float(found.deviations.max()))
        | {"rounds": found.rounds},
    }


def _rows(table: "pd.DataFrame") -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _outcomes(table: "pd.DataFrame", code: str, variable: str) -> dict[str, float]:
    here, before = (100 * float(table[name].to_dict()[code]) for name in (variable, "before"))
    return {"before_pct": before, "at_these_rates_pct": here, "gain_points": here - before}


def _certificate(found: "OptimalTariff | NashTariffs", deviation: float) -> dict[str, Any]:
    return {
        "converged": found.converged,
        "reason": found.reason,
        "largest_gain_of_other_rates_points": 100 * deviation,
        "residual": found.residual,
        "solves": found.solves,
    }


def _print(title: str, page: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from detente.brief import numbers

    grid = Table(title=escape(title), title_justify="left")
    names = [name for name in page["rates"][0] if name not in ("rate", "base_rate")]
    for name in names:
        grid.add_column(name, overflow="fold")
    for name in ("tariff", "before"):
        grid.add_column(name, justify="right")
    for row in page["rates"]:
        best, before = (f"{100 * row[key]:.2f} %" for key in ("rate", "base_rate"))
        mark = " (bound)" if row["rate"] in page["bounds"] else ""
        grid.add_row(*(escape(str(row[name])) for name in names), best + mark, before)
    console = Console()
    console.print(grid)
    for code, found in page["outcomes"].items():
        here, before = (
            numbers.signed(found[key], 4) for key in ("at_these_rates_pct", "before_pct")
        )
        gain = numbers.signed(found["gain_points"], 4)
        console.print(
            f"{code}: {page['variable']} {here} % against the base at these rates, {before} % "
            f"before: {gain} points"
        )
    proof = page["certificate"]
    state = "no gain by other rates was found" if proof["converged"] else proof["reason"]
    console.print(
        f"certificate: {escape(state)}; most that other rates add "
        f"{proof['largest_gain_of_other_rates_points']:.1e} points; residual "
        f"{proof['residual']:.1e}; {proof['solves']} solves"
    )
