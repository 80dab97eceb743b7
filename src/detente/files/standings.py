"""Positions and camps on disk: three Parquet tables and one page of JSON beside an outcome.

`positions.parquet` (world, draw, iso3, position), `camps.parquet` (world, draw, anchor, iso3,
together), `ties.parquet` (world, a, b, sign, weight) and `standing.json` with the rest. Worlds are
numbered; 0 is the base, and `standing.json` says which scenario has which.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from detente.collective import Collective
from detente.files.atomic import write_text
from detente.files.long import long_table, write_table
from detente.files.whole import read_json, read_table, reading
from detente.standing import Camps, Responded, Standing

NAMES = ("standing.json", "positions.parquet", "camps.parquet", "ties.parquet")


def save_standing(standing: Standing, folder: Path) -> None:
    """Write positions and camps into the folder of an outcome."""
    countries = list(standing.countries)
    axes = {"world": np.arange(len(standing.position)), "draw": standing.draws, "iso3": countries}
    position = xr.Dataset({"position": (tuple(axes), standing.position)}, axes)
    write_table(folder / NAMES[1], long_table(position))
    axes = {"world": list(standing.camps), "draw": standing.camp_draws,
            "anchor": list(standing.anchors), "iso3": countries}  # fmt: skip
    held = np.stack([camps.together for camps in standing.camps.values()])
    write_table(folder / NAMES[2], long_table(xr.Dataset({"together": (tuple(axes), held)}, axes)))
    ties = [camps.ties.assign(world=number) for number, camps in standing.camps.items()]
    write_table(folder / NAMES[3], pd.concat(ties, ignore_index=True))
    page = {
        "countries": list(standing.countries),
        "worlds": dict(standing.worlds),
        "draws": standing.draws.tolist(),
        "camp_draws": standing.camp_draws.tolist(),
        "polarization": standing.polarization.tolist(),
        "output": standing.output.tolist(),
        "anchors": list(standing.anchors),
        "groups": {name: list(members) for name, members in standing.groups.items()},
        "camps": {
            str(number): {
                "frustration": camps.frustration.tolist(),
                "cohesion": camps.cohesion.tolist(),
                "optima": camps.optima,
                "unproved": camps.unproved,
            }
            for number, camps in standing.camps.items()
        },
        "weights": {name: column.tolist() for name, column in standing.weights.items()},
        "collective": _collective_page(standing.collective),
        "responded": None if standing.responded is None else asdict(standing.responded),
    }
    # Last: where this file stands, the tables are whole.
    write_text(folder / NAMES[0], json.dumps(page))


def load_standing(folder: Path) -> Standing | None:
    """Read positions and camps; None when the outcome holds none."""
    # An outcome that lacks one of them is damaged; one that lacks all was not asked for them.
    if not any((folder / name).is_file() for name in NAMES):
        return None
    page = read_json(folder / NAMES[0])
    position = read_table(folder / NAMES[1], ("position",))["position"].to_numpy()
    together = read_table(folder / NAMES[2], ("world", "together"))
    ties = read_table(folder / NAMES[3], ("world",))
    with reading(folder / NAMES[0]):
        sizes = [len(page[key]) for key in ("draws", "camp_draws", "anchors", "countries")]
    with reading(folder / NAMES[1]):
        position = position.reshape(-1, sizes[0], sizes[3])
    with reading(folder / NAMES[2]):
        camps = {
            int(key): _camps(int(key), one, together, ties, sizes[1:])
            for key, one in page["camps"].items()
        }
    with reading(folder / NAMES[0]):
        return Standing(
            countries=tuple(page["countries"]),
            worlds=page["worlds"],
            draws=np.array(page["draws"]),
            camp_draws=np.array(page["camp_draws"]),
            position=position,
            polarization=np.array(page["polarization"]),
            output=np.array(page["output"]),
            anchors=tuple(page["anchors"]),
            groups={name: tuple(members) for name, members in page["groups"].items()},
            camps=camps,
            weights=pd.DataFrame(page["weights"]),
            collective=_collective(page["collective"]),
            responded=_responded(page["responded"]),
        )


def _camps(
    number: int,
    page: dict[str, Any],
    together: pd.DataFrame,
    ties: pd.DataFrame,
    shape: list[int],
) -> Camps:
    """Return the camps of one world; `shape` is that of membership: draw, anchor, country."""
    held = together.loc[together["world"] == number, "together"].to_numpy().reshape(shape)
    tied = ties[ties["world"] == number].drop(columns="world").reset_index(drop=True)
    frustration, cohesion = (np.array(page[key]) for key in ("frustration", "cohesion"))
    return Camps(frustration, held, cohesion, tied, page["optima"], page["unproved"])


def _collective_page(known: Collective | None) -> dict[str, Any] | None:
    if known is None:
        return None
    # Unknown numbers of people are null: JSON has no NaN.
    people = [None if np.isnan(one) else one for one in known.population.tolist()]
    return {
        "seats": known.seats.tolist(),
        "total": known.total,
        "population": people,
        "members": {name: listed.astype(int).tolist() for name, listed in known.members.items()},
        "power": {" ".join(pair): known.power[pair].tolist() for pair in known.power.columns},
        "model": known.model,
    }


def _collective(page: dict[str, Any] | None) -> Collective | None:
    if page is None:
        return None
    power = pd.DataFrame({tuple(name.split()): column for name, column in page["power"].items()})
    return Collective(
        seats=np.array(page["seats"]),
        total=page["total"],
        population=np.array(page["population"], dtype=float),
        members={name: np.array(listed, dtype=bool) for name, listed in page["members"].items()},
        power=power,
        model=page["model"],
    )


def _responded(page: dict[str, Any] | None) -> Responded | None:
    if page is None:
        return None
    return Responded(page["horizon"], page["flag"], tuple(page["scores"]))
