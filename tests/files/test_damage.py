"""Outcomes whose files were lost or changed: refused by the name of the file."""

import dataclasses
import json
import shutil

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from detente.errors import DataError
from detente.files.outcomes import load_outcome, save_outcome
from detente.standing import Camps, Standing
from fabricate import fabricate
from test_strategic import outcome, strategic

TABLES = (
    "base", "camps", "countries", "draws", "flows", "flows_base", "pairs", "pairs_base",
    "parameters", "positions", "runs", "strategic", "strategic_drawn", "ties",
)  # fmt: skip
PAGES = ("claims", "labels", "standing", "strategic")
NAMES = (*(f"{name}.parquet" for name in TABLES), *(f"{name}.json" for name in PAGES))

LISTED = '{"format": 1, "files": 7}'


def standing(whole):
    codes, draws = whole.countries, 4
    together = np.full((2, 1, len(codes)), 0.5)
    camps = Camps(np.full(2, 0.1), together, np.zeros((2, 1)), ties(), 1.0, 0.0)
    return Standing(
        countries=tuple(codes),
        worlds=dict.fromkeys(whole.scenarios, 0),
        draws=np.arange(draws),
        camp_draws=np.arange(2),
        position=np.zeros((1, draws, len(codes))),
        polarization=np.zeros((1, draws)),
        output=np.ones(len(codes)),
        anchors=("USA",),
        groups={"USMCA": ("CAN", "MEX", "USA")},
        camps={0: camps},
        weights=pd.DataFrame({"defence_pact": [1.0, 2.0]}),
    )


def ties():
    return pd.DataFrame({"a": ["USA"], "b": ["CAN"], "sign": [1], "weight": [1.0]})


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    whole = outcome()
    codes, sectors = whole.countries[:3], ["goods"]
    dims = ("origin", "destination", "sector")
    shape = xr.Dataset(
        {"base": (dims, np.ones((3, 3, 1))), "new": (("scenario", *dims), np.ones((1, 3, 3, 1)))},
        coords={"scenario": [whole.main], "origin": codes, "destination": codes, "sector": sectors},
    )
    whole = dataclasses.replace(whole, standing=standing(whole), kept_flows=shape)
    return save_outcome(whole, tmp_path_factory.mktemp("outcomes") / "whole")


@pytest.fixture(params=[True, False], ids=["listed", "older"])
def folder(saved, tmp_path, request):
    """A copy of the outcome, with the list of its files in the manifest or as before there was."""
    copy = shutil.copytree(saved, tmp_path / "copy")
    if not request.param:
        page = json.loads((copy / "manifest.json").read_text())
        del page["files"]
        (copy / "manifest.json").write_text(json.dumps(page))
    return copy


def test_a_whole_outcome_is_read_and_its_manifest_lists_its_files(folder, saved):
    again = load_outcome(folder)
    assert again.strategic is not None and again.standing is not None
    assert "files" not in again.manifest
    listed = json.loads((saved / "manifest.json").read_text())["files"]
    assert set(NAMES) <= set(listed)
    on_disk = {str(p.relative_to(saved)) for p in saved.rglob("*") if p.is_file()}
    assert on_disk == {*listed, "manifest.json"}


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"{name} is missing.*run the scenario again"):
        load_outcome(folder)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2", b"7", b'{"a": 1}'])
def test_a_garbled_file_is_named(folder, name, content):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        load_outcome(folder)


@pytest.mark.parametrize(
    "content", ["", "{", "7", "[]", '{"format": 9}', '{"format": 1, "files": 7}']
)
def test_a_garbled_manifest_is_refused(folder, content):
    (folder / "manifest.json").write_text(content)
    with pytest.raises(DataError, match=r"manifest\.json|another format"):
        load_outcome(folder)


def test_a_number_changed_in_a_page_is_refused(saved, tmp_path):
    copy = shutil.copytree(saved, tmp_path / "copy")
    text = (copy / "strategic.json").read_text()
    (copy / "strategic.json").write_text(text.replace("RUS", "BLR"))
    with pytest.raises(DataError, match=r"strategic\.json is not as the run wrote it"):
        load_outcome(copy)


def test_a_point_estimate_is_whole(tmp_path):
    """Nothing is drawn of it: the table of draws has no column, and on disk no row."""
    empty = pd.DataFrame(index=pd.RangeIndex(1, name="draw"))
    point = dataclasses.replace(strategic(1), drawn=empty)
    again = load_outcome(save_outcome(dataclasses.replace(fabricate(0), strategic=point), tmp_path))
    assert again.strategic is not None and again.strategic.levels.shape == point.levels.shape


def test_what_was_not_asked_for_is_not_lost(saved, tmp_path):
    whole = load_outcome(saved)
    less = dataclasses.replace(whole, standing=None, strategic=None, kept_flows=None)
    copy = shutil.copytree(saved, tmp_path / "copy")
    again = load_outcome(save_outcome(less, copy))
    assert again.standing is None and again.strategic is None and again.kept_flows is None
