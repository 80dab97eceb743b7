"""What a folder held before a run writes to it: whether it may be replaced, and its clearing.

A run replaces an earlier outcome of the same scenarios in the same world, whatever its draws and
options. Anything else that stands where it would write is the user's, and is kept.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from detente.errors import PlaceError
from detente.files.atomic import write_text

MANIFEST = "manifest.json"
# Stands in a manifest until the run has stated what it is.
CLEARING = "clearing"
SHOWN = 3


def keep_others(
    folder: Path | str, manifest: Mapping[str, Any], names: Iterable[str], replace: bool = False
) -> None:
    """Refuse a folder that holds anything but an earlier outcome of the same run.

    Parameters
    ----------
    folder
        Where an outcome shall be written; it need not exist.
    manifest
        Of the run to come: `world` and `asked` tell runs apart.
    names
        What a run writes there.
    replace
        Whether the outcome of another run may be replaced.

    Raises
    ------
    PlaceError
        Naming what is there, and how to go on.
    """
    target = Path(folder)
    held = [name for name in names if (target / name).exists()]
    if not (target / MANIFEST).is_file():
        if held:
            raise PlaceError(
                f"{target} holds {', '.join(held)} and no {MANIFEST} that tells them from files of "
                "your own: name another folder, or remove them"
            )
        _refuse_strangers(target, manifest)
        return
    earlier = _read(target / MANIFEST)
    if earlier is None:
        # A damaged outcome is mended by running again.
        if "runs.parquet" not in held:
            raise PlaceError(
                f"the {MANIFEST} in {target} is not that of an outcome: name another folder"
            )
        return
    there, here = _said(earlier), _said(manifest)
    if there != here and not replace:
        raise PlaceError(
            f"{target} holds an outcome of {there}, and this run is of {here}: name another folder "
            "with out (--out), or replace it with replace=True (--replace)"
        )


def _refuse_strangers(target: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse a folder in use for something else: an outcome's files would scatter among others."""
    # Hidden files (of a file manager, of a run that was killed) make no folder one in use.
    there = sorted(one.name for one in _within(target) if not one.name.startswith("."))
    if there:
        shown = ", ".join(there[:SHOWN]) + (
            f" and {len(there) - SHOWN} more" if there[SHOWN:] else ""
        )
        own = re.sub(r"[^A-Za-z0-9._-]+", "-", _asked(manifest)[0]).strip(".-") or "outcome"
        raise PlaceError(
            f"{target} is no outcome and holds {shown}: an outcome has a folder of its own, as "
            f"{target / own}"
        )


def _within(target: Path) -> list[Path]:
    """Return what stands in a folder; nothing where there is none."""
    return list(target.iterdir()) if target.is_dir() else []


def _read(path: Path) -> dict[str, Any] | None:
    """Return the manifest of an outcome; None where it is none, or damaged."""
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
        _said(page)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return page


def _said(manifest: Mapping[str, Any]) -> str:
    """Return the scenarios asked for, and the world; runs that say the same replace one another."""
    return f"{', '.join(_asked(manifest))} in {manifest['world']['name']}"


def _asked(manifest: Mapping[str, Any]) -> list[str]:
    """Return the names of the scenarios asked for; those beside them are none."""
    return [str(one) for one in manifest.get("asked") or list(manifest["scenarios"])[:1]]


def unlink(folder: Path, names: Iterable[str]) -> None:
    """Remove the named files of a folder, those that are there."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


def clear(
    folder: Path | str, manifest: Mapping[str, Any], files: Iterable[str], parts: str
) -> None:
    """Remove what an earlier outcome left, so that an interruption leaves no half of it to read.

    Parameters
    ----------
    folder
        Of the outcome; made when absent.
    manifest
        Of the run to come.
    files
        Files to remove.
    parts
        Folder of batches to remove.
    """
    target = Path(folder)
    # First: from here on nothing vouches for the earlier files, or takes them for the run's.
    stub = {key: manifest[key] for key in ("world", "asked") if key in manifest}
    stub |= {"scenarios": {name: {} for name in manifest.get("scenarios", {})}}
    write_text(target / MANIFEST, json.dumps({CLEARING: True, **stub}, indent=1))
    unlink(target, files)
    shutil.rmtree(target / parts, ignore_errors=True)
