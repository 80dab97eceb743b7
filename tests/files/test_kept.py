"""Tables are kept where a folder is named, and no fault of a file is more than a table not kept."""

import numpy as np
import pytest

from detente.files import kept

TABLES = {"one": np.arange(6.0).reshape(2, 3), "other": np.ones(2, np.float32)}


@pytest.fixture
def folder(tmp_path):
    kept.keep_in(tmp_path)
    yield tmp_path
    kept.keep_in(None)


def test_what_is_kept_is_recalled(folder):
    assert kept.recall("a.npz") is None
    kept.keep("a.npz", TABLES)
    found = kept.recall("a.npz")
    assert found.keys() == TABLES.keys()
    for name, table in TABLES.items():
        assert found[name].dtype == table.dtype
        np.testing.assert_array_equal(found[name], table)
    assert [file.name for file in folder.iterdir()] == ["a.npz"]


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept.keep("a.npz", TABLES)
    assert kept.recall("a.npz") is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", [b"", b"no tables", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_as_none(folder, damage):
    (folder / "a.npz").write_bytes(damage)
    assert kept.recall("a.npz") is None


def test_a_file_that_was_cut_is_as_none(folder):
    kept.keep("a.npz", TABLES)
    whole = (folder / "a.npz").read_bytes()
    for size in range(0, len(whole), 40):
        (folder / "a.npz").write_bytes(whole[:size])
        assert kept.recall("a.npz") is None


def test_a_folder_that_is_none_keeps_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    kept.keep_in(tmp_path / "file")
    try:
        kept.keep("a.npz", TABLES)
        assert kept.recall("a.npz") is None
    finally:
        kept.keep_in(None)
