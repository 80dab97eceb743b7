"""National Material Capabilities, which may not be shipped: the user's own copy, kept by name.

The published table has stateabb, ccode, year, milex, milper, irst, pec, tpop, upop, cinc, version;
codes of states are those of the Correlates of War project and need a table to ISO codes.
"""

import dataclasses
from pathlib import Path

import pandas as pd
import xarray as xr

from detente.errors import WorldError
from detente.files.atomic import write_text
from detente.files.worlds import SUFFIX, save_world, worlds_folder
from detente.importers.codes import plain, read_codes, some
from detente.importers.names import free
from detente.importers.reading import existing, find_column, header, pieces
from detente.security.capability_nmc import OWN_TABLE, read_nmc
from detente.vocabulary import term
from detente.world import World

STATE = ("iso3", "ccode", "stateabb")
UNITS = {layer: term(layer, "layer").unit for layer in ("cinc", "cinc_sd")}


def add_nmc(
    path: Path | str, codes: Path | str | None = None, replace: bool = False,
    folder: Path | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...], Path]:  # fmt: skip
    """Keep a table of capabilities, so that `detente.security.read_nmc(None, ...)` finds it.

    Parameters
    ----------
    path
        CSV with year, cinc, and iso3, ccode or stateabb.
    codes
        CSV of code and iso3 for ccode or stateabb; of several rows of a code the first counts.
    replace
        Whether a table that was kept before may be replaced.
    folder
        Where to keep it; by default beside the user's own worlds.

    Returns
    -------
    Rows of iso3, year, cinc; notes; and the file, written in one move.

    Raises
    ------
    PlaceError
        A file is not there.
    WorldError
        A row or column is wrong, or codes cannot be read as ISO codes.
    """
    target = (folder or worlds_folder()) / OWN_TABLE
    if target.exists() and not replace:
        raise WorldError(f"you keep a table of capabilities already ({target}); --replace it")
    kept, notes = _read(path, codes)
    write_text(target, kept.to_csv(index=False, float_format="%.10g"))
    return kept.reset_index(drop=True), notes, target


def add_capabilities(
    path: Path | str,
    base: World,
    codes: Path | str | None = None,
    name: str | None = None,
    replace: bool = False,
    folder: Path | None = None,
) -> tuple[World, tuple[str, ...], Path]:
    """Make a world that carries a table of capabilities, and keep it beside the user's own worlds.

    Parameters
    ----------
    path, codes
        As in `add_nmc`.
    base
        The world that it is made from; it is left as it is.
    name
        Name of the world; by default that of the base with `-nmc` behind it.
    replace, folder
        As in `add_nmc`.

    Returns
    -------
    The world with the layers cinc and cinc_sd; notes; and the file, written in one move.

    Raises
    ------
    PlaceError
        A file is not there.
    WorldError
        A row, a column, a code or the name is wrong.
    DataError
        The table ends after the year of the world, or its shares add to far more than one.
    """
    label = name or f"{base.name}-nmc"
    free(label, replace, folder)
    rows, notes = _read(path, codes)
    found = read_nmc(rows, base.countries, base.year)
    layers = base.layers.copy()
    vintage = str(min(found.last, base.year))
    note = "The user's own table" + (
        f", carried from {found.last} to {base.year}" if found.last < base.year else ""
    )
    for layer, values in (("cinc", found.share), ("cinc_sd", found.sd_log)):
        attrs = {"source": "cow_nmc_v7", "vintage": vintage, "note": note, "unit": UNITS[layer]}
        layers[layer] = xr.DataArray(values, dims=("country",), attrs=attrs)
    lost = [code for code in base.countries if not found.share[base.countries.index(code)] > 0]
    if lost:
        notes = (*notes, f"without a share, half the smallest is taken: {some(lost)}")
    index = {"index": "cinc", "last": found.last, "notes": list(notes)}
    world = dataclasses.replace(
        base, name=label, read_from="", layers=layers, meta={**base.meta, "capability": index}
    ).check()
    target = save_world(world, (folder or worlds_folder()) / f"{label}{SUFFIX}")
    return world, notes, target


def _read(path: Path | str, codes: Path | str | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return rows of iso3, year, cinc, and notes on what was left out."""
    place = existing(path, "table of capabilities")
    names = header(place)
    state = find_column(names, STATE, place)
    if state.casefold() != "iso3" and codes is None:
        raise WorldError(
            f"{place}: its states have Correlates of War codes ({state}); give --codes PATH, a "
            "CSV of code and iso3"
        )
    table = read_codes(codes)
    labels = {"state": (state,), "year": ("year",)}
    parts = pieces(place, labels, {"cinc": ("cinc",)}, blank=True)
    rows = pd.concat(parts).astype(dict.fromkeys(labels, str))
    _check(rows, place)
    iso3 = state.casefold() == "iso3"
    known = {
        code: code if iso3 else next(iter(table.countries.get(plain(code), ())), "")
        for code in map(str, rows["state"].unique())
    }
    gone = [code for code, found in known.items() if not found]
    empty = int(rows["cinc"].isna().sum())
    notes = [f"{empty} rows without cinc are left out"] if empty else []
    if gone:
        notes.append(f"without an ISO code, and left out: {some(gone)}")
    rows = rows.assign(iso3=rows["state"].map(known), year=rows["year"].astype(int))
    kept = rows[(rows["iso3"] != "") & rows["cinc"].notna()][["iso3", "year", "cinc"]]
    if kept.empty:
        raise WorldError(f"{place}: no code of a state is in {codes}; its codes are {some(known)}")
    read_nmc(kept, sorted(set(kept["iso3"])), int(kept["year"].max()))
    return kept, tuple(notes)


def _check(rows: pd.DataFrame, place: Path) -> None:
    odd = ~rows["year"].str.fullmatch(r"\d{4}").to_numpy(dtype=bool)
    if odd.any():
        row = rows.index[int(odd.argmax())]
        raise WorldError(f"{place}, row {row}, column year: {rows['year'].loc[row]!r} is no year")
    # The project writes -9 where a figure is not known.
    rows.loc[rows["cinc"] == -9, "cinc"] = float("nan")
    out = ((rows["cinc"] < 0) | (rows["cinc"] > 1)).to_numpy()
    if out.any():
        row = rows.index[int(out.argmax())]
        raise WorldError(
            f"{place}, row {row}, column cinc: {rows['cinc'].loc[row]:g} is no share of the world"
        )
    twice = rows.duplicated(["state", "year"]).to_numpy()
    if twice.any():
        row = rows.index[int(twice.argmax())]
        raise WorldError(f"{place}, row {row}: {rows['state'].loc[row]} occurs twice in that year")
