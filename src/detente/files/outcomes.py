"""Outcomes on disk: a folder of Parquet tables and a manifest, readable while it still grows.

A finished folder holds `manifest.json`, `countries.parquet` (scenario, draw, country, one column
per variable), `pairs.parquet` (scenario, draw, actor, country, exports, imports),
`pairs_base.parquet`, `draws.parquet`, `parameters.parquet`, `base.parquet`, `runs.parquet`,
`claims.json`, `labels.json`, `scenarios/NAME.json` and, when asked for, `flows.parquet` with
`flows_base.parquet`. Positions and camps, and the strategic balance, stand beside them: see
`detente.files.standings` and `detente.files.strategics`.

A run writes what it knows at the start with `begin_outcome`, then each batch of draws with
`write_batch`; `load_outcome` reads the finished batches until `save_outcome` has merged them.
Only draws that reached an equilibrium have rows in countries and pairs. The manifest of a merged
outcome lists its files with their digests: a file that is lost or changed is refused by name.
"""

import dataclasses
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from detente.errors import DataError, DetenteError, PlaceError
from detente.files.atomic import write_text
from detente.files.earlier import CLEARING, clear, unlink
from detente.files.long import PASSING, from_long, long_table, write_table
from detente.files.standings import NAMES as STANDING
from detente.files.standings import load_standing, save_standing
from detente.files.strategics import NAMES as STRATEGIC
from detente.files.strategics import load_strategic, save_strategic
from detente.files.whole import MEND, check, digests, missing, read_json, read_table, reading
from detente.files.worlds import as_world, embedded_worlds, load_world, own_worlds
from detente.footing import on_world
from detente.idle import notes
from detente.outcome import Outcome
from detente.sentences import sentence
from detente.world import COUNTRY_DIMS, World

FORMAT = 1
BATCHES = "batches"
# Of a batch: its countries, which stand last, its pairs, and its draws.
KINDS = ("", ".pairs", ".draws")
# Files of every outcome: those of its beginning, and those that merging its batches makes.
BEGUN = ("labels.json", "runs.parquet", "parameters.parquet", "base.parquet", "pairs_base.parquet")
COUNTRIES = "countries.parquet"
MERGED = (COUNTRIES, "pairs.parquet", "draws.parquet", "claims.json")
ALWAYS = (*BEGUN, *MERGED)
FLOWS = ("flows.parquet", "flows_base.parquet")
WRITTEN = (*ALWAYS, *FLOWS, *STANDING, *STRATEGIC, "scenarios", BATCHES)
FLOW_DIMS = ("origin", "destination", "sector")


def scenario_page(scenario: Any, world: World) -> dict[str, Any]:
    """Return what a manifest records of one scenario: what it says, and what it means.

    Parameters
    ----------
    scenario
        A `detente.scenario.Scenario` whose answers are made.
    world
        The world it is applied to.
    """
    made = scenario.changes(world)
    return {
        "name": scenario.name,
        "title": scenario.title or scenario.name,
        "why": scenario.why,
        "sources": list(scenario.sources or []),
        "digest": scenario.digest,
        "read_from": scenario.read_from,
        "labels": list(scenario.labels),
        "layers": sorted({edit.layer for edit in scenario.edits}),
        "groups": _groups_named((*scenario.edits, *scenario.claims)),
        "edited_groups": _groups_named(scenario.edits),
        "sentences": [
            {"label": label, "text": (text := sentence(world, edit, one)), "layer": edit.layer}
            | ({"note": note} if note else {})
            | ({"why": edit.why} if edit.why and edit.why not in text else {})
            for label, edit, one, note in zip(
                scenario.edit_labels,
                scenario.edits,
                made,
                notes(world, scenario.edits, made),
                strict=True,
            )
        ],
    }


def _groups_named(parts: Iterable[Any]) -> list[str]:
    found: dict[str, None] = {}
    for part in parts:
        for dim in COUNTRY_DIMS:
            found |= dict.fromkeys(w for w in part.where.get(dim, ()) if w.startswith("@"))
    return list(found)


def save_outcome(outcome: Outcome, folder: Path | str) -> Path:
    """Write an outcome; `load_outcome` returns the same numbers to the last bit.

    Parameters
    ----------
    outcome
        Any outcome.
    folder
        Target; made when absent. Batches of a run in it are replaced by the merged tables.

    Raises
    ------
    DataError
        If the folder cannot be written.
    """
    # First: until the end no manifest vouches for what an earlier outcome left in the folder.
    clear(folder, outcome.manifest, (), BATCHES)
    _write_start(Path(folder), outcome)
    save_tables(outcome, folder)
    return close_outcome(outcome, folder)


def save_tables(outcome: Outcome, folder: Path | str) -> None:
    """Write the large tables of an outcome, which do not hang on its claims.

    Parameters
    ----------
    outcome, folder
        As in `save_outcome`. Batches of the run stay what is read until `close_outcome`.
    """
    target = Path(folder)
    # Beside the batches, which are read until it is moved to its place.
    write_table(target / BATCHES / COUNTRIES, long_table(outcome.data, outcome.ok))
    write_table(target / "draws.parquet", outcome.draws)
    write_table(target / "pairs.parquet", long_table(_levels(outcome.pairs), outcome.ok))
    unlink(target, [] if outcome.kept_flows is not None else FLOWS)
    unlink(target, [] if outcome.standing is not None else STANDING)
    unlink(target, [] if outcome.strategic is not None else STRATEGIC)
    if outcome.kept_flows is not None:
        base, new = outcome.kept_flows[["base"]], outcome.kept_flows[["new"]]
        write_table(target / "flows_base.parquet", long_table(base))
        write_table(target / "flows.parquet", long_table(new))
    if outcome.standing is not None:
        save_standing(outcome.standing, target)
    if outcome.strategic is not None:
        save_strategic(outcome.strategic, target)


def close_outcome(outcome: Outcome, folder: Path | str) -> Path:
    """Write the rest of an outcome: from here on it is read as finished.

    Parameters
    ----------
    outcome, folder
        As in `save_outcome`; `begin_outcome` and `save_tables` come before.
    """
    target = Path(folder)
    page = _page(outcome)
    write_text(target / "claims.json", json.dumps(outcome.claims, indent=1))
    # Where this file stands, the batches are no longer read.
    (target / BATCHES / COUNTRIES).replace(target / COUNTRIES)
    shutil.rmtree(target / BATCHES, ignore_errors=True)
    # Last: a manifest that lists files vouches for all of them.
    pages = [entry["file"] for entry in page.get("scenarios", {}).values()]
    whole = [name for name in (*ALWAYS, *FLOWS, *STANDING, *STRATEGIC) if (target / name).is_file()]
    page["files"] = digests(target, [*whole, *pages])
    write_text(target / "manifest.json", json.dumps(page, indent=1))
    return target


def begin_outcome(outcome: Outcome, folder: Path | str) -> Path:
    """Write what is known before the first draw: manifest, base, parameters, runs, labels.

    Parameters
    ----------
    outcome
        An outcome whose `data`, `ok` and `draws` may be empty or unfinished; they are not written.
    folder
        Target; results of an earlier run in it are removed first.
    """
    target = Path(folder)
    clear(target, outcome.manifest, (*MERGED, *FLOWS, *STANDING, *STRATEGIC), BATCHES)
    _write_start(target, outcome)
    return target


def write_batch(
    folder: Path | str,
    number: int,
    data: xr.Dataset,
    ok: xr.DataArray,
    pairs: xr.Dataset,
    draws: pd.DataFrame,
) -> None:
    """Write one finished batch; it counts once its last file stands.

    Parameters
    ----------
    folder
        The outcome's folder.
    number
        Number of the batch, from 0.
    data, ok, pairs, draws
        As in `Outcome`, for the scenarios and draws of this batch.
    """
    last, *first = _batch(Path(folder) / BATCHES / f"{number:03d}{PASSING}")
    write_table(first[0], long_table(_levels(pairs), ok))
    write_table(first[1], draws)
    write_table(last, long_table(data, ok))


def load_outcome(folder: Path | str, world: World | str | Path | None = None) -> Outcome:
    """Read an outcome, finished or still being computed.

    Parameters
    ----------
    folder
        As given to `save_outcome` or made by a run.
    world
        The base world, its name or path; without it the embedded world of the same digest is
        loaded, if any.

    Raises
    ------
    WorldError
        If it is not the world that the outcome was computed on.
    PlaceError
        If the folder holds no outcome, or that of a run without a finished batch.
    DataError
        If it holds a damaged file.

    Examples
    --------
    >>> outcome = load_outcome("outcomes/us-russia-realignment")  # doctest: +SKIP
    """
    source = Path(folder)
    if not (source / "manifest.json").is_file():
        raise PlaceError(f"{source} is not an outcome: it has no manifest.json")
    try:
        found = _read(source)
    except DetenteError:
        raise
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise DataError(
            f"the outcome in {source} is damaged: its files do not fit together "
            f"({type(error).__name__}: {error}): {MEND}"
        ) from error
    if world is not None:
        return on_world(found, as_world(world))
    same = _same_world(found.manifest)
    return found if same is None else dataclasses.replace(found, world=same)


def _read(source: Path) -> Outcome:
    manifest = read_json(source / "manifest.json")
    if manifest.get(CLEARING):
        raise PlaceError(f"the run in {source} was stopped before it began: run it again")
    if manifest.pop("format", None) != FORMAT:
        raise DataError(f"{source} was written in another format; this version reads {FORMAT}")
    with reading(source / "manifest.json"):
        listed = manifest.pop("files", None)
        check(source, dict(listed or {}))
        pages = manifest.get("scenarios", {})
        stated = {name: source / page["file"] for name, page in pages.items()}
    for name, file in stated.items():
        pages[name] = read_json(file)
    labels = read_json(source / "labels.json")
    with reading(source / "labels.json"):
        groups = {name: tuple(codes) for name, codes in labels["groups"].items()}
        names = dict(labels["country_names"])
    runs = read_table(source / "runs.parquet", ("scenario", "parent", "kind", "label"))
    base = read_table(source / "base.parquet", ("country",))
    known = read_table(source / "pairs_base.parquet", ("actor", "country"))
    merged = (source / COUNTRIES).is_file()
    # Beside batches stand tables of a run that did not close, perhaps in part: they are not read.
    begun = not merged and (source / BATCHES).is_dir()
    if not merged and not begun and any((source / name).is_file() for name in MERGED):
        raise missing(source / COUNTRIES)
    files = [[source / name for name in MERGED[:3]]] if merged else _batches(source)
    axes = ("scenario", "draw")
    draws = _stacked([read_table(file, (*axes, "converged")) for _, _, file in files])
    solved = set(draws["scenario"])
    coords: dict[str, list[Any]] = {
        "scenario": [label for label in runs["scenario"] if label in solved],
        "draw": sorted(int(n) for n in draws["draw"].unique()),
    }
    actors, countries = list(dict.fromkeys(known["actor"])), list(base["country"])
    by_country, by_pair = {"country": countries}, {"actor": actors, "country": countries}
    values = (read_table(file, (*axes, *by_country)) for file, _, _ in files)
    pairs = (read_table(file, (*axes, *by_pair)) for _, file, _ in files)
    before = from_long([known], by_pair)
    after = from_long(pairs, coords | by_pair)
    claims = read_json(source / "claims.json", list) if merged else []
    return Outcome(
        data=from_long(values, coords | by_country),
        ok=_solved(draws, coords),
        base=from_long([base], by_country),
        pairs=after.assign({f"{name}_base": before[name] for name in before.data_vars}),
        draws=draws,
        parameters=read_table(source / "parameters.parquet"),
        runs=runs,
        claims=claims,
        manifest=manifest,
        kept_flows=None if begun else _read_flows(source),
        standing=None if begun else load_standing(source),
        strategic=None if begun else load_strategic(source),
        groups=groups,
        country_names=names,
    )


def _batches(source: Path) -> list[list[Path]]:
    """Return the files of each finished batch; those of earlier versions are Parquet."""
    found = (source / BATCHES).glob("*")
    last = sorted(file for file in found if re.fullmatch(r"\d+\.(arrow|parquet)", file.name))
    if not last:
        raise PlaceError(f"no batch of the run in {source} is finished yet: nothing to read")
    return [_batch(file) for file in last]


def _batch(last: Path) -> list[Path]:
    return [last.with_name(f"{last.stem}{kind}{last.suffix}") for kind in KINDS]


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    # Scenarios may be categories, and those of one batch are not those of another.
    plain = [table.astype({"scenario": str}) for table in tables]
    return plain[0] if len(plain) == 1 else pd.concat(plain, ignore_index=True)


def _solved(draws: pd.DataFrame, coords: dict[str, list[Any]]) -> xr.DataArray:
    ok = np.zeros((len(coords["scenario"]), len(coords["draw"])), dtype=bool)
    rows = draws[draws["converged"].astype(bool)]
    k = pd.Index(coords["scenario"]).get_indexer(pd.Index(rows["scenario"].astype(str)))
    n = pd.Index(coords["draw"]).get_indexer(pd.Index(rows["draw"]))
    ok[k, n] = True
    axes = {"scenario": coords["scenario"], "draw": coords["draw"]}
    return xr.DataArray(ok, dims=("scenario", "draw"), coords=axes)


def _read_flows(source: Path) -> xr.Dataset | None:
    if not any((source / name).is_file() for name in FLOWS):
        return None
    base = read_table(source / "flows_base.parquet", FLOW_DIMS)
    new = read_table(source / "flows.parquet", ("scenario", *FLOW_DIMS))
    coords = {dim: list(base[dim].cat.categories) for dim in FLOW_DIMS}
    levels = from_long([new], {"scenario": list(new["scenario"].cat.categories), **coords})
    return levels.assign(base=from_long([base], coords)["base"])


def _same_world(manifest: dict[str, Any]) -> World | None:
    stated = manifest.get("world", {})
    if stated.get("name") not in [*embedded_worlds(), *own_worlds()]:
        return None
    world = load_world(stated["name"])
    return world if world.digest == stated.get("digest") else None


def _write_start(target: Path, outcome: Outcome) -> None:
    """Write what is known at the start."""
    page = _page(outcome)
    for name, entry in page.get("scenarios", {}).items():
        text = json.dumps(outcome.manifest["scenarios"][name], indent=1)
        write_text(target / entry["file"], text)
    labels = {
        "groups": {name: list(codes) for name, codes in outcome.groups.items()},
        "country_names": dict(outcome.country_names),
    }
    before = outcome.pairs[["exports_base", "imports_base"]]
    before = before.rename(exports_base="exports", imports_base="imports")
    write_table(target / "base.parquet", long_table(outcome.base))
    write_table(target / "pairs_base.parquet", long_table(before))
    write_table(target / "parameters.parquet", outcome.parameters)
    write_table(target / "runs.parquet", outcome.runs)
    write_text(target / "labels.json", json.dumps(labels, indent=1))
    write_text(target / "manifest.json", json.dumps(page, indent=1))


def _page(outcome: Outcome) -> dict[str, Any]:
    """Return the manifest as it is written: scenarios stand in files of their own."""
    stated: dict[str, dict[str, Any]] = {}
    for number, (name, page) in enumerate(outcome.manifest.get("scenarios", {}).items()):
        safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")
        taken = {entry["file"].casefold() for entry in stated.values()}
        file = f"scenarios/{safe}.json"
        if not safe or file.casefold() in taken:
            file = f"scenarios/{safe}-{number}.json"
        stated[name] = {"file": file, "digest": page.get("digest")}
    return {"format": FORMAT, **outcome.manifest} | ({"scenarios": stated} if stated else {})


def _levels(pairs: xr.Dataset) -> xr.Dataset:
    return pairs[["exports", "imports"]].transpose("scenario", "draw", "actor", "country")
