"""Build the embedded worlds from raw tables, byte for byte."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from detente.data import licences, politics, sectors, world2023
from detente.data.recipes import campos, codes, wiod, world_map
from detente.ensemble import parameter_rows
from detente.errors import DataError, MissingDataError, nearest
from detente.files.atomic import write_text
from detente.files.worlds import SUFFIX, load_world, read_world, save_world
from detente.source import sources
from detente.world import World, with_deficit

WORLDS = ("world2023", "wiod2011", "campos2019")
MAP = "world_map.json"
OWN = "own"  # the world keeps the elasticities of its source
NAMES_OF_OUR_OWN = {"ROW": "Rest of the world", "XKX": "Kosovo", "TWN": "Taiwan"}


@dataclass(frozen=True)
class Built:
    """One file of the build: where it is, how large, and whether it equals the shipped one."""

    name: str
    path: Path
    size: int
    sha256: str
    same: bool
    difference: str


def pinned(raw: Path) -> list[str]:
    """Return what differs between the raw tables at hand and the digests in `sources.toml`.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    found = []
    for key, source in sources().items():
        if source.redistribution != "embedded" and not source.more.get("worlds"):
            continue
        for name, digest in source.files.items():
            path = raw / key / name
            if not path.is_file():
                found.append(f"{key}/{name} is missing")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                found.append(f"{key}/{name} is not the pinned edition (sha256 differs)")
    return found


def build_world(name: str, raw: Path, log: Callable[[str], None] | None = None) -> World:
    """Build one embedded world.

    Parameters
    ----------
    name
        world2023, wiod2011 or campos2019.
    raw
        Folder of raw tables.
    log
        Called with a line of progress.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.
    DataError
        The name is unknown or the accounts cannot be closed.
    """
    makers = {"world2023": _world2023, "wiod2011": _wiod2011, "campos2019": _campos2019}
    if name not in makers:
        known = ", ".join(makers)
        raise DataError(f"unknown world '{name}'{nearest(name, makers)}; worlds: {known}")
    return makers[name](raw, log)


def _world2023(raw: Path, log: Callable[[str], None] | None) -> World:
    economic, steps = world2023.economic_layers(raw, log)
    countries = [str(code) for code in economic["country"].values]
    political, groups = politics.political_layers(raw, countries)
    layers = xr.merge([economic, political], join="exact", combine_attrs="override")
    names = codes.country_names(raw)
    moved = steps.groupby("step")["value_musd"].sum()
    return _world(
        "world2023", 2023, layers, "world12",
        groups=groups,
        sector_groups=sectors.SECTOR_GROUPS,
        sector_names=sectors.SECTOR_NAMES,
        country_names={c: NAMES_OF_OUR_OWN.get(c) or names.get(c, c) for c in countries},
        meta={"build_log": {str(step): float(f"{value:.6g}") for step, value in moved.items()}},
    )  # fmt: skip


def _wiod2011(raw: Path, _log: Callable[[str], None] | None) -> World:
    layers = wiod.wiod2011_layers(raw)
    countries = [str(code) for code in layers["country"].values]
    names = codes.country_names(raw)
    return _world(
        "wiod2011", 2011, layers, "wiod35",
        groups=_groups(raw, countries),
        sector_groups=wiod.wiod2011_sector_groups(raw),
        sector_names=wiod.wiod2011_sector_names(raw),
        country_names={c: NAMES_OF_OUR_OWN.get(c) or names.get(c, c) for c in countries},
    )  # fmt: skip


def _campos2019(raw: Path, _log: Callable[[str], None] | None) -> World:
    layers = campos.campos2019_layers(raw)
    countries = [str(code) for code in layers["country"].values]
    names = codes.country_names(raw)
    return _world(
        "campos2019", 2019, layers, OWN,
        groups=_groups(raw, countries) | campos.campos2019_blocs(raw),
        sector_names={"total": "All goods and services"},
        country_names={c: NAMES_OF_OUR_OWN.get(c) or names.get(c, c) for c in countries},
    )  # fmt: skip


def _groups(raw: Path, countries: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the memberships of end 2025, restricted to a world's countries."""
    return politics.political_layers(raw, countries)[1]


def _world(name: str, year: int, layers: xr.Dataset, kind: str, **more) -> World:
    """Put a world together; its elasticities are medians of the priors or its own."""
    if kind != OWN:
        rows = [r for r in parameter_rows() if r["name"] == "trade_elasticity"]
        medians = {r["sector"]: float(r["location"]) for r in rows if r["world_sectors"] == kind}
        theta = np.array([medians[str(sector)] for sector in layers["sector"].values])
        layers = layers.assign(trade_elasticity=("sector", theta))
    used = {k: s.vintage for k, s in sources().items() if name in s.more.get("worlds", ())}
    meta = {"elasticities": kind, "sources": used, "layer_sources": licences.layer_sources()}
    meta |= more.pop("meta", {})
    return with_deficit(World(name, year, layers, meta=meta, **more)).check()


def build_all(
    raw: Path,
    out: Path | None = None,
    names: tuple[str, ...] = WORLDS,
    log: Callable[[str], None] | None = None,
) -> list[Built]:
    """Build worlds and the map, and compare each with the shipped file.

    Parameters
    ----------
    raw
        Folder of raw tables.
    out
        Folder to write to; when None nothing is kept and the comparison is the result.
    names
        Which worlds.
    log
        Called with a line of progress.

    Raises
    ------
    MissingDataError
        Raw tables are missing; each is named.
    """
    odd = pinned(raw)
    missing = [line for line in odd if line.endswith("missing")]
    if missing:
        raise MissingDataError(
            f"{len(missing)} raw tables are not in {raw}: {'; '.join(missing[:8])}. "
            "docs/reference/licences.md says where each comes from"
        )
    for line in odd:
        (log or (lambda _: None))(f"warning: {line}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(out) if out else Path(scratch)
        done = [_one(name, raw, folder, log) for name in names]
        path = write_text(folder / MAP, world_map.map_text(raw))
        return [*done, _compared(MAP, path, _shipped(MAP))]


def _one(name: str, raw: Path, folder: Path, log: Callable[[str], None] | None) -> Built:
    shipped = _shipped(f"{name}{SUFFIX}")
    before = shipped.read_bytes() if shipped.is_file() else b""
    path = save_world(build_world(name, raw, log), folder / f"{name}{SUFFIX}")
    return _compared(name, path, shipped, before)


def _shipped(name: str) -> Path:
    here = Path(__file__).parent
    return here / name if name == MAP else here / "worlds" / name


def _compared(name: str, path: Path, shipped: Path, before: bytes | None = None) -> Built:
    payload = path.read_bytes()
    if before is None:
        before = shipped.read_bytes() if shipped.is_file() else b""
    same = payload == before
    difference = "" if same else _difference(path, shipped, before)
    return Built(name, path, len(payload), hashlib.sha256(payload).hexdigest(), same, difference)


def _difference(path: Path, shipped: Path, before: bytes) -> str:
    """Say in which layers two builds differ, and by how much."""
    if not before:
        return "no shipped file to compare with"
    if path.suffix != SUFFIX or path.resolve() == shipped.resolve():
        return "differs from the file that was there"
    new, old = read_world(path), load_world(shipped)
    if new.countries != old.countries or new.sectors != old.sectors:
        return "countries or sectors differ"
    parts = []
    for layer in sorted(str(name) for name in new.layers.data_vars):
        if layer not in old.layers:
            parts.append(f"{layer} is new")
            continue
        one, two = (w.layers[layer].values.astype(float) for w in (new, old))
        if one.shape != two.shape:
            parts.append(f"{layer} has another shape")
        elif not np.array_equal(one, two, equal_nan=True):
            gap = np.nanmax(np.abs(one - two) / np.maximum(np.abs(two), 1e-12))
            parts.append(f"{layer} by up to {gap:.2g} (relative)")
    return "; ".join(parts) or "only metadata differ"


def build_json(done: list[Built]) -> str:
    """Return the result of a build as JSON."""
    page = [{**vars(one), "path": str(one.path)} for one in done]
    return json.dumps(page, indent=1)
