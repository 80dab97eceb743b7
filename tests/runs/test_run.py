"""Runs: what comes out, what is counted, what repeats bit for bit."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import detente as dt
from detente.counts import cores
from detente.errors import PlaceError, ScenarioError, WorldError
from detente.files import kept
from detente.runs import learned, lift
from detente.runs import run as runs
from detente.runs.engine import Engine
from detente.runs.run import RunInterruptedError
from detente.runs.solved import Solved
from detente.world import with_deficit
from economies import economy, scenario, tariff

WORLD = economy(closed=False, groups={"USMCA": ("CAN", "MEX", "USA")})
RISE = scenario(
    tariff("MEX", "USA", 0.25) | {"label": "rise"},
    tariff("USA", "MEX", 0.10) | {"label": "answer"},
    name="rise",
)
CUT = scenario(
    {"layer": "export_ban", "where": {"origin": "RUS", "destination": "@WORLD"}, "set": 1},
    {"layer": "export_ban", "where": {"origin": "@WORLD", "destination": "RUS"}, "set": 1},
    name="cut",
)


def same(one, other) -> bool:
    """Say whether two outcomes hold the same bits."""
    tables = one.draws.equals(other.draws) and one.parameters.equals(other.parameters)
    return tables and all(
        a.identical(b)
        for a, b in ((one.data, other.data), (one.pairs, other.pairs), (one.ok, other.ok))
    )


@pytest.fixture(scope="module")
def whole():
    return dt.run(WORLD, RISE, draws=12, seed=3, workers=1)


# ---- what comes out


def test_an_outcome_has_every_row_draw_and_country(whole):
    assert whole.scenarios == ["rise", "rise / rise", "rise / answer"]
    assert whole.data.sizes == {"scenario": 3, "draw": 12, "country": 4}
    assert bool(whole.ok.all())
    assert whole.draws["residual"].max() <= 1e-10
    assert all(np.isfinite(whole.data[name].values).all() for name in whole.data.data_vars)
    table = whole.table("real_income", country="USA")
    assert len(table) == 1
    assert table["p05"].item() <= table["median"].item() <= table["p95"].item()


def test_no_draws_is_the_point_estimate_at_the_medians():
    point = dt.run(WORLD, RISE, models=["trade"], draws=0)
    assert point.is_point
    assert len(point.parameters) == 1
    assert point.parameters["trade_elasticity[food]"].item() == pytest.approx(4.0)
    flows = point.flows()
    assert {"origin", "destination", "sector"} <= set(flows.columns)
    assert (flows.select_dtypes("number") >= 0).all().all()


def test_flows_are_kept_when_asked_for():
    found = dt.run(WORLD, RISE, draws=2, keep="flows", alone=False)
    assert found.kept_flows is not None
    np.testing.assert_allclose(found.kept_flows["base"].values, WORLD.values("flow"), rtol=1e-12)
    assert float(found.kept_flows["new"].sel(origin="MEX", destination="USA").sum()) < float(
        found.kept_flows["base"].sel(origin="MEX", destination="USA").sum()
    )


def test_the_manifest_says_how_to_repeat_the_run(whole):
    page = whole.manifest
    assert page["world"]["digest"] == WORLD.digest
    assert page["scenarios"]["rise"]["digest"] == RISE.digest
    assert (page["seed"], page["draws"], page["deficits"]) == (3, 12, "fixed")
    assert page["failed_draws"] == {}
    assert page["interrupted"] is False
    assert page["models"] == ["trade"]  # this world has no positions
    assert {"detente", "jax", "numpy", "python"} <= set(page["versions"])
    assert {prior["name"] for prior in page["priors"]} == set(whole.parameters.columns)
    assert page["created"]
    assert page["seconds"] >= 0


def test_the_rule_of_the_scenario_holds_unless_another_is_asked_for():
    own = scenario(tariff("MEX", "USA", 0.1), name="own", deficits="world_share")
    assert dt.run(WORLD, own, draws=0).manifest["deficits"] == "world_share"
    assert dt.run(WORLD, own, draws=0, deficits="own_share").manifest["deficits"] == "own_share"


def test_zero_deficits_start_from_a_base_that_is_solved_anew():
    nothing = scenario({"layer": "tariff_rate", "where": {}, "multiply": 1.0})
    found = dt.run(WORLD, nothing, draws=0, deficits="zero")
    for name in found.data.data_vars:
        np.testing.assert_allclose(found.data[name].values, 0, atol=1e-9)
    np.testing.assert_allclose(found.base["spending"], found.base["income"], rtol=1e-9)
    assert not np.allclose(WORLD.values("deficit"), 0)


# ---- what repeats


def test_draws_do_not_depend_on_how_many_are_made_nor_on_other_scenarios(whole):
    few = dt.run(WORLD, [CUT, RISE], draws=3, seed=3, deficits="own_share", workers=2)
    alone = dt.run(WORLD, RISE, draws=5, seed=3, deficits="own_share", workers=1)
    first = few.data.sel(scenario="rise")
    assert first.identical(alone.data.sel(scenario="rise", draw=[0, 1, 2]))
    pd.testing.assert_frame_equal(few.parameters, whole.parameters.iloc[:3])
    one = dt.run(WORLD, RISE, draws=1, seed=3)
    assert one.data.identical(whole.data.sel(draw=[0]))


def test_threads_change_no_bit(whole):
    assert same(whole, dt.run(WORLD, RISE, draws=12, seed=3, workers=2))


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system binds no process")
def test_a_process_bound_to_one_core_counts_one():
    every = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(every)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, every)
    assert cores() == len(every)


def test_an_edit_that_trade_does_not_read_is_the_same_in_every_draw():
    edit = {"layer": "alliance_reliability", "where": {"origin": "USA"}, "multiply": 0.5}
    found = dt.run(WORLD, [RISE, scenario(edit, name="idle")], draws=4, workers=2)
    for name in found.data.data_vars:
        values = found.data[name].sel(scenario="idle").values
        assert np.all(values == values[0])
        assert np.abs(values).max() < 1e-12


def test_another_seed_gives_other_draws(whole):
    assert not whole.parameters.equals(dt.run(WORLD, RISE, draws=12, seed=4).parameters)


def test_a_second_scenario_of_the_same_shape_is_not_compiled_again():
    dt.run(WORLD, RISE, draws=0)
    before = lift.program._cache_size()
    dt.run(WORLD, scenario(tariff("CAN", "RUS", 0.3), name="other"), draws=0)
    dt.run(economy(5, closed=False), RISE, draws=0)
    assert lift.program._cache_size() == before


def test_draws_wait_for_no_compiler():
    other = economy(6, closed=False, sectors=["food", "steel", "rest"])
    before = lift.program._cache_size()
    found = dt.run(other, RISE, draws=3, seed=9)
    assert bool(found.ok.all())
    assert lift.program._cache_size() == before


def test_threads_that_begin_together_wait_for_the_response_to_wages(monkeypatch):
    known = learned.response

    def slowly(*given):
        time.sleep(0.2)
        return known(*given)

    monkeypatch.setattr(learned, "response", slowly)
    learned._KNOWN.clear()
    engine, alone = (runs.plan(WORLD, RISE).task.engine for _ in range(2))
    row = engine.ensemble.medians()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: engine.solve(0, row, engine.base), range(2)))
    expected = alone.solve(0, row, alone.base)
    for one in found:
        assert one.steps == expected.steps
        for name, values in expected.country.items():
            assert np.array_equal(one.country[name], values)


def test_a_response_that_was_kept_serves_to_the_last_bit(tmp_path, monkeypatch):
    kept.keep_in(tmp_path)
    learned._KNOWN.clear()
    try:
        first = dt.run(WORLD, RISE, draws=3)
        assert [file.suffix for file in tmp_path.iterdir()] == [".npz"]
        monkeypatch.setattr(learned, "response", None)
        for _ in range(2):  # what the process remembers, and what the folder holds
            assert same(dt.run(WORLD, RISE, draws=3), first)
            learned._KNOWN.clear()
        # Another base, or another rule, has a response of its own.
        for other in ({"world": economy(6)}, {"deficits": "own_share"}):
            with pytest.raises(TypeError, match="not callable"):
                dt.run(**{"world": WORLD, "scenario": RISE, "draws": 3} | other)
    finally:
        kept.keep_in(None)


# ---- interruption


@pytest.fixture(scope="module")
def long() -> dt.Outcome:
    """More draws than are solved side by side, so that a run can stop in between."""
    return dt.run(WORLD, RISE, draws=96, seed=3)


def interrupt_after(count: int):
    def progress(done: int, total: int) -> None:
        if done >= count:
            raise KeyboardInterrupt

    return progress


def test_an_interrupted_run_keeps_its_batches_and_is_taken_up(tmp_path, long):
    with pytest.raises(RunInterruptedError) as stopped:
        dt.run(
            WORLD,
            RISE,
            draws=96,
            seed=3,
            workers=1,
            out=tmp_path / "o",
            progress=interrupt_after(4),
        )
    part = stopped.value.outcome
    assert part is not None
    assert 0 < stopped.value.done < 96
    assert stopped.value.total == 96
    assert part.manifest["interrupted"] is True
    assert part.data.sizes["draw"] == stopped.value.done
    read = dt.load_outcome(tmp_path / "o", WORLD)
    assert read.data.sizes["draw"] == stopped.value.done

    solved = []
    again = dt.run(
        WORLD,
        RISE,
        draws=96,
        seed=3,
        workers=1,
        out=tmp_path / "o",
        progress=lambda done, total: solved.append((done, total)),
    )
    assert solved[-1] == (96 - stopped.value.done, 96 - stopped.value.done)
    assert same(again, long)
    assert again.manifest["interrupted"] is False


def test_a_run_taken_up_and_stopped_again_loses_nothing(tmp_path, long, monkeypatch):
    words = {"draws": 96, "seed": 3, "workers": 1, "out": tmp_path / "o"}
    with pytest.raises(RunInterruptedError):
        dt.run(WORLD, RISE, **words, progress=interrupt_after(4))
    kept = dt.load_outcome(tmp_path / "o", WORLD).data.sizes["draw"]

    def stop(*_):
        raise KeyboardInterrupt

    # Where the search goes on, where its tables are merged anew, and where claims are weighed.
    for place, draws in (("solve_batches", kept), ("save_tables", 96), ("weigh_claims", 96)):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(runs, place, stop)
            dt.run(WORLD, RISE, **words)
        read = dt.load_outcome(tmp_path / "o", WORLD)
        assert read.data.sizes["draw"] == draws and not read.claims
    done = []
    again = dt.run(WORLD, RISE, **words, progress=lambda done_, total: done.append(total))
    assert set(done) <= {0} and same(again, long) and again.claims == long.claims
    assert same(dt.load_outcome(tmp_path / "o", WORLD), long)


def test_an_interrupt_before_the_first_batch_keeps_nothing(tmp_path):
    with pytest.raises(RunInterruptedError, match="interrupted after 0 of 96 draws") as stopped:
        dt.run(WORLD, RISE, draws=96, workers=1, progress=interrupt_after(0))
    assert stopped.value.outcome is None


def test_another_job_does_not_take_up_the_batches(tmp_path, long):
    with pytest.raises(RunInterruptedError):
        dt.run(
            WORLD,
            RISE,
            draws=96,
            seed=4,
            workers=1,
            out=tmp_path / "o",
            progress=interrupt_after(4),
        )
    assert same(dt.run(WORLD, RISE, draws=96, seed=3, workers=1, out=tmp_path / "o"), long)


# ---- failure is data


def test_failed_draws_are_counted_and_absent(monkeypatch):
    honest = Engine.solve_all

    def solve_all(self, number, rows, bases, flows=False):
        return [
            Solved("made to fail", 1e-3, 1500)
            if number == 0 and row["trade_elasticity[food]"] > median
            else found
            for row, found in zip(rows, honest(self, number, rows, bases, flows), strict=True)
        ]

    table = dt.run(WORLD, RISE, draws=8, seed=3, workers=1).parameters
    median = table["trade_elasticity[food]"].median()
    monkeypatch.setattr(Engine, "solve_all", solve_all)
    found = dt.run(WORLD, RISE, draws=8, seed=3, workers=2)
    assert found.failed("rise") == 4
    assert found.manifest["failed_draws"] == {"rise": 4}
    assert found.reasons("rise") == {"made to fail": 4}
    assert len(found.values("real_income", "USA", "rise")) == 4
    assert found.table("real_income", country="USA")["failed_draws"].item() == 4
    assert np.isfinite(found.table("real_income")["median"]).all()


def test_a_scenario_beside_the_first_may_fail_and_is_named():
    found = dt.run(WORLD, [RISE, CUT], draws=2, alone=False)
    assert found.failed("cut") == 2
    assert "RUS cannot trade" in next(iter(found.reasons("cut")))
    assert found.manifest["failed_draws"] == {"cut": 2}


def test_a_run_without_any_equilibrium_says_why():
    with pytest.raises(dt.DetenteError, match="RUS cannot trade with the rest of the world"):
        dt.run(WORLD, CUT, draws=2, alone=False)


# ---- names and options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": ["trede"]}, r"unknown model 'trede'; did you mean trade\?"),
        ({"deficits": "fix"}, r"unknown deficit rule 'fix'; did you mean fixed\?"),
        ({"keep": "flow"}, r"unknown keep 'flow'; did you mean flows\?"),
        ({"watch": ["USB"]}, r"watch: unknown country 'USB'; did you mean USA\?"),
        ({"watch": ["@USCMA"]}, r"unknown group '@USCMA'.*did you mean @USMCA\?"),
        ({"draws": -1}, "draws must be a whole number of 0 or more, not -1"),
        ({"draws": 2.5}, "draws must be a whole number"),
        ({"seed": -3}, "seed must be a whole number"),
        ({"seed": True}, "seed must be a whole number"),
        ({"draws": np.float64(2)}, "draws must be a whole number"),
        ({"seed": np.bool_(True)}, "seed must be a whole number"),
        ({"models": "trede"}, r"unknown model 'trede'; did you mean trade"),
        ({"watch": "USB"}, r"watch: unknown country 'USB'"),
        ({"horizon": 3}, "unknown horizon '3'"),
        ({"workers": 0}, "workers must be a whole number of 1 or more, or None for all cores"),
        ({"workers": -2}, "not -2"),
        ({"workers": True}, "not True"),
        ({"workers": 1.5}, "not 1.5"),
        ({"alone": "no"}, "alone must be True or False, not 'no'"),
        ({"respond": 1}, "respond must be True or False, not 1"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(dt.DetenteError, match=message):
        dt.run(WORLD, RISE, **{"draws": 0, **options})


def test_counts_of_numpy_are_the_same_run(tmp_path):
    kinds = {"draws": np.int64(3), "seed": np.uint8(2), "workers": np.int32(1)}
    one = dt.run(WORLD, RISE, out=tmp_path / "o", **kinds)
    other = dt.run(WORLD, RISE, **{name: int(value) for name, value in kinds.items()})
    assert same(one, other) and one.manifest["job"] == other.manifest["job"]
    assert dt.load_outcome(tmp_path / "o").manifest["seed"] == 2


def test_a_folder_of_other_files_takes_no_outcome(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(
        dt.DetenteError, match=r"notes\.txt: an outcome has a folder of its own, as"
    ):
        dt.run(WORLD, RISE, draws=0, out=tmp_path, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_unknown_worlds_and_scenarios_are_named():
    with pytest.raises(dt.DetenteError, match=r"did you mean campos2019\?"):
        dt.run("campos2018", RISE)
    with pytest.raises(dt.DetenteError, match=r"russia-autarky"):
        dt.run(WORLD, "russia-autarkie")
    with pytest.raises(dt.DetenteError, match="no scenario given"):
        dt.run(WORLD, [])
    with pytest.raises(dt.DetenteError, match="two different scenarios are called 'rise'"):
        dt.run(WORLD, [RISE, scenario(tariff("CAN", "USA", 0.1), name="rise")])
    with pytest.raises(dt.DetenteError, match="'rise' is asked for twice"):
        dt.run(WORLD, [RISE, RISE])


@pytest.mark.parametrize("asked", [None, 5, {"name": "x"}, [RISE, {"name": "x"}]])
def test_what_is_no_scenario_is_refused(asked):
    with pytest.raises(ScenarioError, match="a scenario is a Scenario, the name of a preset"):
        dt.run(WORLD, asked, draws=0)


def test_a_world_edited_in_python_is_checked(tmp_path):
    assert dt.run(dt.save_world(WORLD, tmp_path / "w.dworld"), RISE, draws=0).countries
    with pytest.raises(WorldError, match=r"a world is a World, a name or the path of a \.dworld"):
        dt.run(5, RISE)
    theta = WORLD.values("trade_elasticity")
    with pytest.raises(WorldError, match="trade_elasticity must be greater than 0"):
        dt.run(WORLD.replace(trade_elasticity=-theta), RISE, draws=0)
    # Flows put in place of others leave the deficits of the old ones behind.
    flow = WORLD.values("flow").copy()
    flow[0, 1] *= 1.5
    edited = WORLD.replace(flow=flow)
    with pytest.raises(WorldError, match=r"the deficit of \w+ does not follow.*with_deficit"):
        dt.run(edited, RISE, draws=0)
    nothing = scenario({"layer": "tariff_rate", "where": {}, "multiply": 1.0})
    found = dt.run(with_deficit(edited), nothing, draws=0)
    assert max(float(np.abs(found.data[name]).max()) for name in found.data.data_vars) < 1e-12


def test_scenarios_alongside_are_files_beside_the_one_that_names_them(tmp_path):
    text = "why: a\nedits: [{layer: tariff_rate, where: {origin: CAN, destination: USA}, add: 0.1}]"
    (tmp_path / "main.yaml").write_text(f"name: main\nalongside: [other.yaml]\n{text}")
    (tmp_path / "other.yaml").write_text(f"name: other\n{text}")
    outcome = dt.run(WORLD, tmp_path / "main.yaml", draws=0)
    assert outcome.full_scenarios == ["main", "other"]
    assert outcome.manifest["asked"] == ["main"]


# ---- derivatives


@pytest.mark.parametrize(
    ("asked", "rule", "horizon"),
    [(RISE, "fixed", "long"), (RISE, "zero", "long"), (RISE, "fixed", "short"),
     (CUT, "own_share", "long")],
)  # fmt: skip
def test_slopes_equal_finite_differences(asked, rule, horizon):
    variable = "real_income"
    table = dt.slopes(WORLD, asked, variable, rule, horizon)
    assert list(table.index) == WORLD.countries and bool(table.notna().all(axis=None))
    job = runs.plan(WORLD, asked, rule, horizon)
    medians = job.ensemble.medians()
    assert set(table.columns) == set(medians)
    for name in ("trade_elasticity[food]", "trade_elasticity_level"):

        def at(value, name=name):
            row = medians | {name: value}
            # Without deficits the base is balanced anew for each draw.
            found = job.task.engine.solve(0, row, job.task.engine.settle(row))
            assert found.country is not None
            return found.country[variable]

        x, h = medians[name], 2e-2 * medians[name]
        near, far = at(x + h) - at(x - h), at(x + 2 * h) - at(x - 2 * h)
        expected = (8 * near - far) / (12 * h)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(table[name], expected, rtol=1e-5, atol=1e-5 * scale)


# ---- what a run loads

FRESH = """
import sys
import detente as dt

one = {"layer": "tariff_rate", "where": {"origin": "CAN", "destination": "USA"}, "add": 0.1}
asked = dt.Scenario(name="one", title="One.", edits=[one])
many = dt.run("campos2019", asked, draws=3)
assert many.ok.all() and "jax" not in sys.modules
point = dt.run("campos2019", asked, draws=0)
assert point.ok.all() and "jax" in sys.modules
print(float(abs(point.data["real_income"].values - many.data["real_income"].values).max()))
"""


def test_draws_load_no_compiler_and_a_point_estimate_loads_it_after_them():
    made = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    assert 0 < float(made.stdout) < 0.05


def test_a_run_whose_draws_are_all_there_finds_the_same_flips(tmp_path, long, monkeypatch):
    words = {"draws": 96, "seed": 3, "workers": 1, "out": tmp_path / "o"}

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(runs, "weigh_claims", stop)
        dt.run(WORLD, RISE, **words)
    again = dt.run(WORLD, RISE, **words)
    assert same(again, long) and again.claims == long.claims


def test_one_run_at_a_time_writes_to_a_folder(tmp_path):
    asked = []

    def second(done, total):
        asked.append(done)
        with pytest.raises(PlaceError, match="another run is writing to"):
            dt.run(WORLD, RISE, draws=0, out=tmp_path / "o")

    dt.run(WORLD, RISE, draws=4, out=tmp_path / "o", progress=second)
    assert asked and not list((tmp_path / "o").glob(".*"))
    dt.run(WORLD, RISE, draws=4, out=tmp_path / "o")


def test_an_outcome_stays_where_it_was_asked_for(tmp_path, monkeypatch):
    (tmp_path / "far").mkdir()
    monkeypatch.chdir(tmp_path)
    away = dt.run(WORLD, RISE, draws=4, out="o", progress=lambda *_: os.chdir(tmp_path / "far"))
    assert same(dt.load_outcome(tmp_path / "o", WORLD), away)
    assert not list((tmp_path / "far").iterdir())
