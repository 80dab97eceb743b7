"""The verb `data add`: a published table becomes a world of one's own."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.errors import WorldError

if TYPE_CHECKING:
    from detente.world import World


def add(
    source: Annotated[str, typer.Argument(help="icio, emerging, kite, wiod, baci or nmc.")],
    path: Annotated[Path, typer.Argument(help="The file, or the folder of a layout of several.")],
    name: Annotated[str | None, typer.Option(help="Name of the world; SOURCEYEAR.")] = None,
    year: Annotated[int | None, typer.Option(help="Year; by default the file's.")] = None,
    balance: Annotated[str, typer.Option(help="ras or model, where tables do not add up.")] = "ras",
    tariffs: Annotated[Path | None, typer.Option(help="A table of bilateral tariffs.")] = None,
    tariff_layout: Annotated[str | None, typer.Option(help="teti, macmap or wits.")] = None,
    tariff_unit: Annotated[str | None, typer.Option(help="percent or fraction.")] = None,
    tariff_year: Annotated[int | None, typer.Option(help="Year of the tariffs.")] = None,
    tariff_column: Annotated[str | None, typer.Option(help="Column of the rate.")] = None,
    elasticity: Annotated[
        str | None, typer.Option(help="A number, or a CSV of sector and value; 4 if none.")
    ] = None,
    concordance: Annotated[
        Path | None, typer.Option(help="CSV of HS products (hs6 or hs) and sector.")
    ] = None,
    codes: Annotated[Path | None, typer.Option(help="CSV of country code and iso3.")] = None,
    gdp: Annotated[Path | None, typer.Option(help="baci: CSV of iso3 and gdp_usd.")] = None,
    output_ratio: Annotated[float, typer.Option(help="baci: gross output over GDP.")] = 1.0,
    domestic_floor: Annotated[
        float | None, typer.Option(help="baci: least share of sales that stays at home.")
    ] = None,
    spread: Annotated[
        bool, typer.Option("--spread", help="baci: domestic sales follow trade by sector.")
    ] = False,
    world: Annotated[
        str | None, typer.Option(help="nmc: make this world anew with the capabilities in it.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a world of the same name.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Make a world of a published table; it is then found by its name."""
    if source == "nmc":
        if world is not None:
            _world_with_capabilities(path, codes, world, name, replace, as_json)
        else:
            _capabilities(path, codes, replace, as_json)
        return
    if world is not None:
        raise WorldError("--world belongs to nmc: other tables make a world of their own")
    from detente.importers import add_world

    made, target = add_world(
        source, path, name, balance, replace, year=year, tariffs=tariffs,
        tariff_layout=tariff_layout, tariff_unit=tariff_unit, tariff_year=tariff_year,
        tariff_column=tariff_column, elasticity=elasticity, concordance=concordance, codes=codes,
        gdp=gdp, output_ratio=output_ratio, domestic_floor=domestic_floor, spread=spread,
    )  # fmt: skip
    page = _page(made, target)
    if as_json:
        typer.echo(json.dumps(page, indent=1))
    else:
        _show(page)


def _capabilities(path: Path, codes: Path | None, replace: bool, as_json: bool) -> None:
    from detente.importers import add_nmc

    rows, notes, target = add_nmc(path, codes, replace)
    years = [int(rows["year"].min()), int(rows["year"].max())]
    states = int(rows["iso3"].nunique())
    if as_json:
        page = {"file": str(target), "states": states, "years": years, "notes": list(notes)}
        typer.echo(json.dumps(page, indent=1))
        return
    typer.echo(f"capabilities of {states} states, {years[0]} to {years[1]}\n{target}")
    for note in notes:
        typer.echo(f"- {note}")


def _world_with_capabilities(
    path: Path, codes: Path | None, base: str, name: str | None, replace: bool, as_json: bool
) -> None:
    from detente.files.worlds import load_world
    from detente.importers import add_capabilities

    world, notes, target = add_capabilities(path, load_world(base), codes, name, replace)
    spread = float(world.values("cinc_sd").max())
    if as_json:
        page = {"name": world.name, "year": world.year, "file": str(target), "digest": world.digest}
        page |= {"largest_cinc_sd": spread, "notes": list(notes)}
        typer.echo(json.dumps(page, indent=1))
        return
    typer.echo(
        f"{world.name} ({world.year}), digest {world.digest[:12]}: capability is cinc, its log "
        f"drawn with a standard deviation of up to {spread:.2f}\n{target}"
    )
    for note in notes:
        typer.echo(f"- {note}")
    typer.echo(f"try: detente run us-russia-realignment --world {world.name}")


def _page(world: "World", target: Path) -> dict[str, Any]:
    return {
        "name": world.name, "year": world.year, "file": str(target), "digest": world.digest,
        "countries": len(world.countries), "sectors": len(world.sectors),
        "balance": world.meta["balance"], "import": world.meta["import"],
    }  # fmt: skip


def _show(page: dict[str, Any]) -> None:
    balance, done = page["balance"], page["import"]
    typer.echo(
        f"{page['name']} ({page['year'] or 'no year'}): {page['countries']} countries, "
        f"{page['sectors']} sectors, digest {page['digest'][:12]}\n{page['file']}"
    )
    typer.echo(f"rules of the layout moved {done['moved_share']:.3%} of sales")
    if balance["method"] == "none":
        typer.echo("the tables add up: nothing was balanced")
    else:
        typer.echo(
            f"balanced by {balance['method']}: {balance['value_moved_share']:.3%} of sales moved"
        )
        for cell in balance["largest"]:
            typer.echo(
                f"  {cell['origin']} to {cell['destination']}, {cell['sector']}: "
                f"{cell['before']:,.6g} became {cell['after']:,.6g}"
            )
    for note in done["notes"]:
        typer.echo(f"- {note}")
    typer.echo(f"try: detente world {page['name']}")
