"""What stands in a folder before a run writes to it: replaced, or kept and named."""

import json
import re

import pytest

from detente.errors import DataError, PlaceError
from detente.files.atomic import write_text
from detente.files.earlier import keep_others
from detente.files.outcomes import WRITTEN, save_outcome
from fabricate import NAME, fabricate


def manifest(world="world2023", asked=(NAME,)):
    return {"world": {"name": world}, "asked": list(asked), "scenarios": {NAME: {}}}


@pytest.fixture
def folder(tmp_path):
    return save_outcome(fabricate(2), tmp_path / "o")


def test_a_new_folder_and_the_same_run_are_accepted(tmp_path, folder):
    keep_others(tmp_path / "new", manifest(), WRITTEN)
    keep_others(folder, manifest(), WRITTEN)
    # What a user lays beside an outcome stays where it is.
    (folder / "notes.txt").write_text("mine")
    keep_others(folder, manifest(), WRITTEN)
    save_outcome(fabricate(2), folder)
    assert (folder / "notes.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".DS_Store").write_text("")
    keep_others(tmp_path / "empty", manifest(), WRITTEN)


@pytest.mark.parametrize("replace", [True, False])
def test_a_folder_in_use_for_something_else_is_refused(tmp_path, folder, replace):
    (tmp_path / "notes.txt").write_text("mine")
    own = re.escape(str(tmp_path / NAME))
    with pytest.raises(PlaceError, match=f"holds notes.txt, o: .*folder of its own, as {own}$"):
        keep_others(tmp_path, manifest(), WRITTEN, replace)
    for n in range(4):
        (tmp_path / f"a{n}").mkdir()
    with pytest.raises(PlaceError, match="holds a0, a1, a2 and 3 more: "):
        keep_others(tmp_path, manifest(), WRITTEN, replace)
    assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.parametrize(
    "other", [{"world": "wiod2011"}, {"asked": ["russia-autarky"]}, {"asked": [NAME, "x"]}]
)
def test_another_run_is_refused_unless_it_shall_be_replaced(folder, other):
    with pytest.raises(PlaceError, match=r"holds an outcome of .*--out.*--replace") as found:
        keep_others(folder, manifest(**other), WRITTEN)
    assert found.value.exit_code == 2
    keep_others(folder, manifest(**other), WRITTEN, replace=True)


@pytest.mark.parametrize("name", ["scenarios", "batches", "labels.json"])
def test_files_that_no_manifest_names_are_kept(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(PlaceError, match=f"holds {name} and no manifest"):
        keep_others(tmp_path, manifest(), WRITTEN, replace=True)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"name": "a page", "scenarios": 3}'])
def test_a_manifest_of_something_else_is_kept(tmp_path, folder, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(PlaceError, match="not that of an outcome"):
        keep_others(tmp_path, manifest(), WRITTEN, replace=True)
    # A damaged outcome is mended by running again.
    (folder / "manifest.json").write_text(text)
    keep_others(folder, manifest(), WRITTEN)


def test_a_place_that_takes_no_file_and_a_full_disk_are_told_apart(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "x.json", tmp_path / "folder"):
        with pytest.raises(PlaceError, match="cannot write"):
            write_text(path, json.dumps({}))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(DataError, match="No space left") as found:
        write_text(tmp_path / "x.json", "")
    assert found.value.exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
