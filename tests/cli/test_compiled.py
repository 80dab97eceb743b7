"""Compiled programs are kept for the next run, whole, and only where the user lets them be."""

import os
from pathlib import Path

import numpy as np
import pytest

from detente.cli import compiled
from detente.files import kept


@pytest.fixture
def ended(monkeypatch):
    """What would be called at the end of the process; the environment is put back."""
    calls = []
    for name in (compiled.JAX_FOLDER, *compiled.JAX_OPTIONS):
        monkeypatch.setenv(name, "")  # remembered, so that it is put back
        monkeypatch.delenv(name)
    monkeypatch.setattr(compiled.atexit, "register", lambda *call: calls.append(call))
    yield calls
    kept.keep_in(None)


def keep(place: Path, monkeypatch) -> Path:
    monkeypatch.setenv(compiled.VARIABLE, str(place))
    monkeypatch.delenv(compiled.JAX_FOLDER, raising=False)
    compiled.keep()
    return Path(os.environ[compiled.JAX_FOLDER])


def end(calls) -> None:
    call, *arguments = calls.pop()
    call(*arguments)


def test_what_a_run_compiles_the_next_one_reads(tmp_path, monkeypatch, ended):
    first = keep(tmp_path, monkeypatch)
    (first / "program-cache").write_bytes(b"code")
    end(ended)
    assert not first.exists()
    second = keep(tmp_path, monkeypatch)
    assert second != first
    assert (second / "program-cache").read_bytes() == b"code"


def test_tables_of_a_run_are_there_for_the_next_one(tmp_path, monkeypatch, ended):
    keep(tmp_path, monkeypatch)
    kept.keep("wages.npz", {"wages": np.arange(3.0)})
    end(ended)
    keep(tmp_path, monkeypatch)
    assert kept.recall("wages.npz")["wages"].tolist() == [0.0, 1.0, 2.0]


def test_what_cannot_be_read_is_replaced(tmp_path, monkeypatch, ended):
    for damage in (b"", b"cut"):
        keep(tmp_path, monkeypatch)
        kept.keep("wages.npz", {"wages": np.arange(3.0)})
        end(ended)
        (tmp_path / "compiled" / "wages.npz").write_bytes(damage)
        keep(tmp_path, monkeypatch)
        assert kept.recall("wages.npz") is None
        kept.keep("wages.npz", {"wages": np.ones(1)})
        end(ended)
        keep(tmp_path, monkeypatch)
        assert kept.recall("wages.npz")["wages"].tolist() == [1.0]
        end(ended)
        (tmp_path / "compiled" / "wages.npz").unlink()


def test_runs_side_by_side_do_not_see_what_is_unfinished(tmp_path, monkeypatch, ended):
    first, second = keep(tmp_path, monkeypatch), keep(tmp_path, monkeypatch)
    (first / "a-cache").write_bytes(b"from the first")
    (second / "a-cache").write_bytes(b"from the second")
    assert list(second.iterdir()) == [second / "a-cache"]
    end(ended)
    end(ended)
    names = [entry.name for entry in (tmp_path / "compiled").iterdir()]
    assert names == ["a-cache"]


def test_old_entries_go_first_and_what_a_killed_run_left_goes_too(tmp_path, monkeypatch, ended):
    monkeypatch.setattr(compiled, "LARGEST", 5)
    place = tmp_path / "compiled"
    left = place / f"{compiled.OWN}killed"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    for age, name in ((0, "old-cache"), (1e9, "new-cache")):
        (place / name).write_bytes(b"1234")
        os.utime(place / name, (age, age))
    keep(tmp_path, monkeypatch)
    end(ended)
    assert [entry.name for entry in place.iterdir()] == ["new-cache"]


@pytest.mark.parametrize("word", ["off", "0", "", "No"])
def test_it_can_be_turned_off(monkeypatch, ended, word):
    monkeypatch.setenv(compiled.VARIABLE, word)
    compiled.keep()
    assert compiled.JAX_FOLDER not in os.environ
    assert not ended


def test_a_folder_that_jax_was_told_is_left_alone(tmp_path, monkeypatch, ended):
    monkeypatch.setenv(compiled.VARIABLE, str(tmp_path))
    monkeypatch.setenv(compiled.JAX_FOLDER, "/elsewhere")
    compiled.keep()
    assert os.environ[compiled.JAX_FOLDER] == "/elsewhere"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_no_failure(tmp_path, monkeypatch, ended):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(compiled.VARIABLE, str(tmp_path / "file"))
    compiled.keep()
    assert compiled.JAX_FOLDER not in os.environ
