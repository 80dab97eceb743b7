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

from detente.collective import Collective
from detente.files.atomic import replacing, write_text
from detente.files.whole import read_json, read_table, reading
from detente.standing import Camps, Responded, Standing

NAMES = ("standing.json", "positions.parquet", "camps.parquet", "ties.parquet")


def save_standing(standing: Standing, folder: Path) -> None:
    """Write positions and camps into the folder of an outcome."""
    worlds = range(len(standing.position))
    index = [worlds, standing.draws, standing.countries]
    names = ["world", "draw", "iso3"]
    _write(folder / NAMES[1], _long(standing.position, index, names, "position"))
    parts, ties = [], []
    for number, camps in standing.camps.items():
        index = [[number], standing.camp_draws, standing.anchors, standing.countries]
        names = ["world", "draw", "anchor", "iso3"]
        parts.append(_long(camps.together[None], index, names, "together"))
        ties.append(camps.ties.assign(world=number))
    _write(folder / NAMES[2], pd.concat(parts, ignore_index=True))
    _write(folder / NAMES[3], pd.concat(ties, ignore_index=True))
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


def _long(values: np.ndarray, index: list, names: list[str], name: str) -> pd.DataFrame:
    table = pd.MultiIndex.from_product(index, names=names).to_frame(index=False)
    for column in ("anchor", "iso3"):
        if column in table:
            table[column] = table[column].astype("category")
    return table.assign(**{name: values.ravel()})


def _write(path: Path, table: pd.DataFrame) -> None:
    with replacing(path) as temporary:
        table.to_parquet(temporary, compression="zstd")
