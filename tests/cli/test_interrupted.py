"""Ctrl-C at any time of a run: exit status 130, and a sentence on what is left."""

import dataclasses

import pytest
from typer.testing import CliRunner

import detente.runs.run as runs
from detente.cli.app import app
from detente.errors import PlaceError
from detente.files import earlier
from detente.files.outcomes import (
    WRITTEN,
    begin_outcome,
    load_outcome,
    save_outcome,
    write_batch,
)
from fabricate import fabricate

runner = CliRunner()


def stopped(monkeypatch, folder, write):
    """Call `run` and interrupt it after it has written something."""

    def solve(*_, out, **__):
        write(out)
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "run", solve)
    words = ["run", "us-russia-thaw", "--out", str(folder), "--brief", str(folder / "b.html")]
    result = runner.invoke(app, words)
    assert result.exit_code == 130 and not (folder / "b.html").exists()
    return result.stderr


def begun(outcome, folder):
    begin_outcome(outcome, folder)


def batched(outcome, folder):
    begun(outcome, folder)
    write_batch(folder, 0, outcome.data, outcome.ok, outcome.pairs, outcome.draws)


def test_before_anything_is_written(monkeypatch, tmp_path):
    said = stopped(monkeypatch, tmp_path / "out", lambda _: None)
    assert "before the first draw was begun; nothing was written" in said
    # What an earlier run left is not taken for this one's.
    save_outcome(fabricate(3), tmp_path / "old")
    said = stopped(monkeypatch, tmp_path / "old", lambda _: None)
    assert "old is as it was" in said and "nothing was written" not in said
    assert load_outcome(tmp_path / "old").data.sizes["draw"] == 3


def test_while_an_earlier_outcome_is_cleared(monkeypatch, tmp_path):
    folder = tmp_path / "out"
    before = save_outcome(fabricate(3), folder)

    def clear(outcome, out):
        # The first file to be removed is gone, and the second is where Ctrl-C strikes.
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(earlier.shutil, "rmtree", interrupt)
            begin_outcome(outcome, out)

    said = stopped(monkeypatch, folder, lambda out: clear(fabricate(3, seed=2), out))
    assert "there is nothing to read" in said and "damage" not in said
    with pytest.raises(PlaceError, match="stopped before it began: run it again"):
        load_outcome(folder)
    # A folder so left is one of ours: the run goes on there.
    earlier.keep_others(folder, fabricate(3).manifest, WRITTEN)
    assert load_outcome(save_outcome(fabricate(3), before)).data.sizes["draw"] == 3


def interrupt(*_, **__):
    raise KeyboardInterrupt


def test_before_the_first_batch(monkeypatch, tmp_path):
    said = stopped(monkeypatch, tmp_path / "out", lambda out: begun(fabricate(3), out))
    assert "before the first batch of draws was finished" in said
    with pytest.raises(PlaceError, match=r"no batch of the run in .* is finished yet") as found:
        runner.invoke(app, ["show", str(tmp_path / "out")], catch_exceptions=False)
    assert found.value.exit_code == 2


@pytest.mark.parametrize(("keep", "again"), [("actors", True), ("flows", False)])
def test_finished_batches_are_counted_and_read(monkeypatch, tmp_path, keep, again):
    part = fabricate(6)
    part = dataclasses.replace(part, manifest=part.manifest | {"draws": 40, "keep": keep})
    said = stopped(monkeypatch, tmp_path / "out", lambda out: batched(part, out))
    assert "6 of 40 draws are finished and kept" in said and "detente show" in said
    # Flows are kept of whole runs alone, so that there is nothing to take up.
    assert ("takes them up" in said) is again
    shown = runner.invoke(app, ["show", str(tmp_path / "out"), "--country", "USA"])
    assert shown.exit_code == 0 and "United States" in shown.stdout
    assert "unfinished: 6 of 40 draws" in shown.stdout


def test_a_comparison_says_which_outcome_is_unfinished(tmp_path):
    part = fabricate(6)
    part = dataclasses.replace(part, manifest=part.manifest | {"draws": 40})
    folders = [str(tmp_path / name) for name in ("first", "second", "whole")]
    for folder in folders[:2]:
        batched(part, folder)
    save_outcome(fabricate(6), folders[2])
    for pair, stated in ((folders[:2], folders[:2]), (folders[1:], folders[1:2])):
        shown = runner.invoke(app, ["compare", *pair, "--country", "USA"])
        notes = [line for line in shown.stdout.splitlines() if "unfinished" in line]
        assert [note.split(": unfinished: 6 of 40")[0] for note in notes] == stated


def test_a_whole_outcome_lacks_its_brief_alone(monkeypatch, tmp_path):
    whole = fabricate(3)
    whole = dataclasses.replace(whole, manifest=whole.manifest | {"interrupted": False})
    said = stopped(monkeypatch, tmp_path / "out", lambda out: save_outcome(whole, out))
    assert "is whole" in said and "detente brief" in said
