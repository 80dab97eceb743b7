"""Hands of a run: threads and processes do the same, and nothing hangs or is lost."""

import logging
import os
import time

import numpy as np
import pytest

import calls
import detente as dt
from detente.runs import batches, crew
from detente.runs.batches import hands_for
from detente.runs.crew import Crew, ahead
from detente.runs.run import RunInterruptedError, plan

NAME = "russia-autarky"


@pytest.fixture(scope="module")
def pair():
    with Crew(2, apart=True) as hands:
        # The process is loaded when it has answered; until then the thread may do all.
        while len({one.result() for one in [hands.submit(calls.wait, 0.05) for _ in "ab"]}) < 2:
            pass
        yield hands


@pytest.fixture
def started(monkeypatch):
    """Every process that is started."""
    found = []
    plain = crew._Process

    def start():
        found.append(plain())
        return found[-1]

    monkeypatch.setattr(crew, "_Process", start)
    return found


def ended(process):
    return process._process.poll() is not None


def test_threads_share_a_desk_and_processes_have_their_own(pair):
    with Crew(3) as threads:
        every = [threads.submit(calls.keep, n).result() for n in range(4)]
    assert {pid for pid, _ in every} == {os.getpid()} and every[-1][1] == [0, 1, 2, 3]
    some = [pair.submit(calls.keep, n) for n in range(20)]
    by_process = {}
    for one in some:
        pid, seen = one.result()
        by_process[pid] = max(seen, by_process.get(pid, []), key=len)
    assert sorted(n for seen in by_process.values() for n in seen) == list(range(20))


def test_every_desk_knows_what_it_was_told_before_a_call(pair):
    for value in ("first", "second"):
        pair.tell(standing=value)
        found = [pair.submit(calls.wait, 0.02) for _ in range(4)]
        found += [pair.submit(calls.told, "standing") for _ in range(40)]
        answers = [one.result() for one in found][4:]
        assert {said for said, _ in answers} == {value}


def test_what_a_call_raises_comes_back(pair):
    for kind, words in (("plain", "no such number"), ("odd", "one and other")):
        failures = [pair.submit(calls.fail, kind) for _ in range(6)]
        for one in failures:
            with pytest.raises((ValueError, calls.OddError, RuntimeError), match=words):
                one.result()


def test_what_a_call_prints_does_not_come_between_the_answers(pair):
    every = [pair.submit(calls.say, f"word {n}") for n in range(12)]
    assert [one.result() for one in every] == [f"word {n}" for n in range(12)]


def test_the_work_of_a_process_that_ends_is_done_here(started, caplog):
    with Crew(2, apart=True) as hands, caplog.at_level(logging.WARNING, "detente"):
        hands.tell(standing="known")
        every = [hands.submit(calls.vanish, os.getpid()) for _ in range(4)]
        every += [hands.submit(calls.wait, 0.1) for _ in range(4)]
        assert [one.result() for one in every[:4]] == ["done here"] * 4
        assert {one.result() for one in every[4:]} == {os.getpid()}
    assert "has ended (exit code 9); its work is done in this process" in caplog.text
    assert all(map(ended, started))


def test_threads_do_the_work_where_no_process_can_be_started(monkeypatch, caplog):
    monkeypatch.setattr(crew.sys, "executable", "/nowhere/python")
    with caplog.at_level(logging.WARNING, "detente"), Crew(2, apart=True) as hands:
        assert [hands.submit(calls.process).result() for _ in range(3)] == [os.getpid()] * 3
    assert "no process of its own can be started" in caplog.text


def test_a_process_in_a_long_call_is_ended_when_the_crew_is_stopped(started):
    begun = time.perf_counter()
    with pytest.raises(KeyboardInterrupt), Crew(2, apart=True) as hands:
        every = [hands.submit(calls.wait, 1.0) for _ in range(2)]
        every[1].result()
        hands.submit(calls.wait, 600)
        raise KeyboardInterrupt
    assert all(map(ended, started)) and time.perf_counter() - begun < 300


def test_a_process_started_ahead_is_taken_by_a_crew_or_ended(started):
    with ahead(2):
        assert len(started) == 2
        with Crew(2, apart=True) as hands:
            hands.submit(calls.process).result()
            assert len(started) == 2
        assert sum(map(ended, started)) == 1
    assert all(map(ended, started)) and not crew._AHEAD


def test_a_process_started_ahead_loads_before_it_is_called(monkeypatch, tmp_path):
    sign = tmp_path / "loaded"
    reads = "import pickle, sys; pickle.load(sys.stdin.buffer); "
    monkeypatch.setattr(crew, "BOOT", reads + f"open({str(sign)!r}, 'w').close(); input()")
    with ahead(1):
        begun = time.perf_counter()
        while not sign.exists() and time.perf_counter() - begun < 60:
            time.sleep(0.02)
        assert sign.exists()


def test_long_runs_alone_have_processes(monkeypatch):
    task = plan("campos2019", NAME).task
    draws = list(range(40))
    assert hands_for(task, draws, 4) == (4, False)
    monkeypatch.setattr(batches, "WORTH", 1e4)
    assert hands_for(task, draws, 4) == (4, True)
    assert hands_for(task, draws, 1) == (1, False) and hands_for(task, [], 4) == (4, False)
    # Programs would be compiled in each process.
    short = plan("campos2019", NAME, horizon="short").task
    assert hands_for(short, draws, 4) == (4, False)


def test_processes_find_what_threads_find(monkeypatch, tmp_path, started):
    threads = dt.run("world2023", "us-russia-thaw", draws=8, workers=2, out=tmp_path / "threads")
    assert not started
    monkeypatch.setattr(batches, "WORTH", 1e4)
    apart = dt.run("world2023", "us-russia-thaw", draws=8, workers=2, out=tmp_path / "apart")
    assert len(started) == 1 and ended(started[0])
    assert apart.claims == threads.claims
    assert apart.data.equals(threads.data) and apart.draws.equals(threads.draws)
    assert np.array_equal(apart.strategic.levels, threads.strategic.levels)
    assert apart.standing.polarization.tobytes() == threads.standing.polarization.tobytes()
    for file in ("countries.parquet", "pairs.parquet", "claims.json", "strategic.parquet"):
        one, other = ((tmp_path / name / file).read_bytes() for name in ("threads", "apart"))
        assert one == other, file


def test_an_interrupted_run_keeps_what_its_processes_finished(monkeypatch, tmp_path, started):
    monkeypatch.setattr(batches, "WORTH", 1e4)

    def stop(done, total):
        if done >= 32:
            raise KeyboardInterrupt

    # So many that not all are solved while the interrupt is on its way.
    with pytest.raises(RunInterruptedError) as stopped:
        dt.run("campos2019", NAME, draws=800, workers=2, out=tmp_path / "x", progress=stop)
    assert 32 <= stopped.value.done < 800 and all(map(ended, started))
    whole = dt.run("campos2019", NAME, draws=800, workers=2, out=tmp_path / "x")
    again = dt.run("campos2019", NAME, draws=800, workers=1)
    assert whole.data.equals(again.data) and whole.claims == again.claims
