"""Worlds on disk: one zip of NumPy arrays and a JSON page, the same bytes for the same world."""

import dataclasses
import io
import json
import logging
import os
import zipfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import platformdirs
import xarray as xr

from detente.errors import DataError, WorldError, nearest
from detente.files.atomic import replacing
from detente.world import World, accounts_of, with_deficit

log = logging.getLogger("detente")
SUFFIX = ".dworld"
# Where the user's own worlds are, when not in the user's data folder.
VARIABLE = "DETENTE_WORLDS"
FORMAT = 1
# What follows from other layers is left out and derived when read, if the same digits come back.
DERIVED = ("deficit",)


def embedded_worlds() -> list[str]:
    """Return the names of the worlds that ship with the package."""
    folder = resources.files("detente") / "data" / "worlds"
    found = [item.name for item in folder.iterdir() if item.name.endswith(SUFFIX)]
    return sorted(name.removesuffix(SUFFIX) for name in found)


def worlds_folder() -> Path:
    """Return the folder of the user's own worlds: `DETENTE_WORLDS`, else the user's data folder.

    It need not exist: `detente data add` makes it.
    """
    named = os.environ.get(VARIABLE)
    return Path(named) if named else platformdirs.user_data_path("detente") / "worlds"


def own_worlds() -> list[str]:
    """Return the names of the worlds that the user has added."""
    folder = worlds_folder()
    if not folder.is_dir():
        return []
    return sorted(
        item.name.removesuffix(SUFFIX)
        for item in folder.iterdir()
        if item.name.endswith(SUFFIX) and not item.name.startswith(".") and item.is_file()
    )


def load_world(name: str | Path = "world2023") -> World:
    """Load an embedded world or one of your own by name, or a `.dworld` file by path.

    Parameters
    ----------
    name
        `world2023`, `wiod2011`, `campos2019`, the name of a world that `detente data add` made,
        or a path.

    Raises
    ------
    WorldError
        If no such world exists or its numbers break their bounds.
    DataError
        If the file is damaged.

    Examples
    --------
    >>> load_world("wiod2011").sectors[0]
    'c1'
    """
    if not isinstance(name, str | Path):
        raise WorldError(f"a world is loaded by its name or path, not by {name!r}")
    text = str(name)
    log.info("loading the world %s", text)
    if text in embedded_worlds():
        item = resources.files("detente") / "data" / "worlds" / f"{text}{SUFFIX}"
        return dataclasses.replace(read_world(item), read_from=text)
    path = Path(name)
    if path.suffix == SUFFIX:
        if not path.is_file():
            raise WorldError(f"no world file at {path}")
        return dataclasses.replace(read_world(path), read_from=path.name)
    known, own = embedded_worlds(), own_worlds()
    if text in own:
        found = read_world(worlds_folder() / f"{text}{SUFFIX}")
        return dataclasses.replace(found, read_from=text)
    mine = f"your own: {', '.join(own)}; " if own else ""
    raise WorldError(
        f"unknown world '{text}'{nearest(text, [*known, *own])}; embedded worlds: "
        f"{', '.join(known)}; {mine}a file of your own must end in {SUFFIX}"
    )


def as_world(world: World | str | Path) -> World:
    """Return a world as given, or the one of that name or path.

    A world that `load_world` returned was checked when it was read; any other is checked here.

    Parameters
    ----------
    world
        A World, or what `load_world` takes.

    Raises
    ------
    WorldError
        If it is none of these, or breaks its bounds.
    """
    if isinstance(world, str | Path):
        return load_world(world)
    if not isinstance(world, World):
        raise WorldError(
            f"a world is a World, a name or the path of a {SUFFIX} file, not {type(world).__name__}"
        )
    if not world.read_from:
        world.check()
    return world


def check_deficits(world: World) -> None:
    """Refuse a base whose flows were put in place of others while the old deficits stayed.

    Parameters
    ----------
    world
        A base; one that `load_world` returned was given its deficits when it was read.

    Raises
    ------
    WorldError
        If a deficit does not follow from flows, tariffs and input shares.
    """
    if world.read_from or "deficit" not in world.layers:
        return
    sums = accounts_of(world)
    off = np.abs(world.values("deficit") - sums.deficit)
    if (off > 1e-6 * np.abs(sums.value_added).sum()).any():
        code = world.countries[int(off.argmax())]
        raise WorldError(
            f"world '{world.name}': the deficit of {code} does not follow from its flows, tariffs "
            "and input shares. After replacing these, detente.world.with_deficit(world) works "
            "deficits out anew; another deficit is an edit of a scenario"
        )


def save_world(world: World, path: Path | str) -> Path:
    """Write a world in one move; equal worlds give equal bytes.

    Parameters
    ----------
    world
        Any world.
    path
        Target, ending in `.dworld`.

    Raises
    ------
    WorldError
        If the path ends otherwise, or a deficit does not follow from the flows.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_world(load_world("campos2019"), Path(folder) / "mine.dworld").name
    'mine.dworld'
    """
    if not isinstance(world, World):
        raise WorldError(f"what is saved is a World, not {world!r}")
    target = Path(path)
    if target.suffix != SUFFIX:
        raise WorldError(f"a world file must end in {SUFFIX}, not '{target.name}'")
    page = {
        "format": FORMAT,
        "name": world.name,
        "year": world.year,
        "coords": {str(k): [str(v) for v in c.values] for k, c in world.layers.coords.items()},
        "dims": {str(k): list(v.dims) for k, v in world.layers.data_vars.items()},
        "attrs": {str(k): dict(v.attrs) for k, v in world.layers.data_vars.items()},
        "groups": {k: list(v) for k, v in world.groups.items()},
        "sector_groups": {k: list(v) for k, v in world.sector_groups.items()},
        "country_names": dict(world.country_names),
        "sector_names": dict(world.sector_names),
        "meta": dict(world.meta),
    }
    check_deficits(world)
    left = DERIVED if "flow" in world.layers and _is_derived(world) else ()
    names = sorted(name for name in page["dims"] if name not in left)
    page["dims"] = {name: page["dims"][name] for name in names}
    with replacing(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        _put(archive, "world.json", json.dumps(page, indent=1, sort_keys=True).encode())
        for name in names:
            buffer = io.BytesIO()
            np.lib.format.write_array(
                buffer, np.ascontiguousarray(world.layers[name].values), allow_pickle=False
            )
            _put(archive, f"{name}.npy", buffer.getvalue())
    return target


def _is_derived(world: World) -> bool:
    """Say whether the deficits that are derived when a world is read are these to the last bit."""
    anew = with_deficit(world).values("deficit")
    return "deficit" in world.layers and np.array_equal(anew, world.values("deficit"))


def _put(archive: zipfile.ZipFile, name: str, payload: bytes) -> None:
    # A fixed date and fixed permissions: the bytes must not depend on when or where.
    info = zipfile.ZipInfo(name, date_time=(2023, 12, 31, 0, 0, 0))
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, payload, compresslevel=9)


def read_world(item: Path | Traversable) -> World:
    """Read one world file and check it.

    Raises
    ------
    DataError
        If the file is not a world or is damaged.
    """
    try:
        with item.open("rb") as stream, zipfile.ZipFile(io.BytesIO(stream.read())) as archive:
            page = json.loads(archive.read("world.json"))
            arrays = {
                name: np.load(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
                for name in page["dims"]
            }
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"{item} is not a readable world file: {error}") from error
    if page.get("format") != FORMAT:
        raise DataError(
            f"{item} has world format {page.get('format')}, this version reads {FORMAT}"
        )
    for array in arrays.values():
        array.flags.writeable = False  # a World would copy it otherwise
    attrs = page["attrs"]
    layers = {name: (dims, arrays[name], attrs.get(name)) for name, dims in page["dims"].items()}
    dataset = xr.Dataset(layers, coords=page["coords"])
    world = World(
        name=page["name"],
        year=page["year"],
        layers=dataset,
        groups={k: tuple(v) for k, v in page["groups"].items()},
        sector_groups={k: tuple(v) for k, v in page["sector_groups"].items()},
        country_names=page["country_names"],
        sector_names=page["sector_names"],
        meta=page["meta"],
    )
    if set(DERIVED) <= set(arrays):
        check_deficits(world)
        return world.check()
    return with_deficit(world).check()
