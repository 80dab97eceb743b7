"""Tables, changes and files of an Outcome."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from detente import imbalance, tidy
from detente.errors import ConvergenceError, DataError, PlaceError, ScenarioError
from detente.files.outcomes import (
    begin_outcome,
    load_outcome,
    save_outcome,
    save_tables,
    write_batch,
)
from detente.outcome import Outcome
from detente.tidy import COLUMNS
from fabricate import EU, LIFT, NAME, RETALIATION, fabricate, income, with_imbalance


@pytest.fixture(scope="module")
def outcome():
    return fabricate(draws=40, fail=(3, 7))


def with_flows(outcome: Outcome) -> Outcome:
    codes, sectors = ["CAN", "RUS", "USA"], ["goods", "services"]
    base = np.arange(18.0).reshape(3, 3, 2)
    kept = xr.Dataset(
        {"base": (("origin", "destination", "sector"), base),
         "new": (("scenario", "origin", "destination", "sector"), np.stack([base, 1.5 * base]))},
        coords={"scenario": [NAME, RETALIATION], "origin": codes, "destination": codes,
                "sector": sectors},
    )  # fmt: skip
    return dataclasses.replace(outcome, kept_flows=kept)


def same(one: Outcome, other: Outcome) -> None:
    xr.testing.assert_equal(one.ok, other.ok)
    xr.testing.assert_identical(one.data, other.data)
    xr.testing.assert_identical(one.base, other.base)
    xr.testing.assert_equal(one.pairs, other.pairs)
    for name in ("draws", "parameters", "runs"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.claims == other.claims
    assert one.manifest == other.manifest
    assert one.groups == other.groups
    assert one.country_names == other.country_names


def test_table_is_tidy_and_in_per_cent(outcome):
    table = outcome.table("real_income_pct", country=["RUS", "USA"], scenario=NAME)
    assert list(table.columns) == list(COLUMNS)
    assert list(table["iso3"]) == ["RUS", "USA"]
    expected = 100 * np.delete(income(NAME, "RUS", outcome.parameters), [3, 7])
    assert table["median"][0] == pytest.approx(np.median(expected))
    assert table["p95"][0] == pytest.approx(np.quantile(expected, 0.95))
    assert table["failed_draws"][0] == 2
    assert not table.isna().any().any()


def test_table_lists_full_scenarios_and_only_on_request_single_edits(outcome):
    assert list(outcome.table()["scenario"].unique()) == [NAME, RETALIATION]
    alone = outcome.table("real_wage", scenario=f"{NAME} / {LIFT}")
    assert list(alone["scenario"].unique()) == [f"{NAME} / {LIFT}"]


def test_a_point_estimate_says_so():
    table = fabricate(draws=0).table("real_income", country="USA")
    assert set(table["measure"]) == {"point estimate"}
    assert (table["p05"] == table["p95"]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda o: o.table("real_incme"), "did you mean real_income"),
        (lambda o: o.table("real_income", country="RUZ"), "unknown country 'RUZ'"),
        (lambda o: o.table("real_income", country="Russia"), "did you mean RUS"),
        (lambda o: o.table("real_income", country="@UE"), "did you mean @EU"),
        (lambda o: o.table("real_income", scenario="us-russia"), "has no scenario"),
        (lambda o: o.table("pair_trade"), "pair_change"),
        (lambda o: o.flows(), 'keep="flows"'),
        (lambda o: o.pair_change("DEU", "FRA"), "watch="),
    ],
)
def test_unknown_names_are_refused_with_a_way_out(outcome, call, message):
    with pytest.raises(ScenarioError, match=message.replace("(", r"\(")):
        call(outcome)


def test_group_change_is_the_base_weighted_sum(outcome):
    change = outcome.group_change("real_income", "@EU", NAME)
    weight = outcome.base["income"].sel(country=EU).values
    levels = outcome.data["real_income"].sel(scenario=NAME, country=EU).values[:, :]
    kept = levels[outcome.ok.values[0]]
    assert change == pytest.approx((kept * weight).sum(axis=1) / weight.sum())
    assert len(change) == 38


def test_pair_and_bloc_changes_agree(outcome):
    pair = outcome.pair_change("USA", "RUS", NAME)
    assert pair == pytest.approx(outcome.pair_change("RUS", "USA", NAME))
    assert (pair > 1).all()
    bloc = outcome.bloc_change("@USMCA", NAME)
    assert (bloc < 0).all()
    assert outcome.pair_change("USA", ["CAN", "MEX"]).shape == bloc.shape
    assert outcome.pair_change("USA", "@EU") == pytest.approx(0.0)


def test_a_scenario_without_any_solution_raises_and_leaves_the_table_of_others():
    outcome = fabricate(draws=5, fail=(0, 1, 2, 3, 4))
    assert list(outcome.table()["scenario"].unique()) == [RETALIATION]
    with pytest.raises(ConvergenceError, match="no equilibrium within 400 steps"):
        outcome.table(scenario=NAME)


def test_flows_are_a_table(outcome):
    flows = with_flows(outcome).flows(RETALIATION)
    assert list(flows.columns) == [
        "scenario", "origin", "destination", "sector", "base", "new", "hat",
    ]  # fmt: skip
    row = flows[(flows.origin == "RUS") & (flows.destination == "USA") & (flows.sector == "goods")]
    assert row["hat"].item() == 1.5
    assert not flows.isna().any().any()


def test_round_trip_is_exact(outcome, tmp_path):
    full = with_flows(dataclasses.replace(outcome, claims=[{"id": "1a", "median": 0.1}]))
    again = load_outcome(save_outcome(full, tmp_path / "out"))
    same(full, again)
    xr.testing.assert_equal(full.kept_flows, again.kept_flows)
    assert not list(tmp_path.rglob(".*"))


def test_finished_batches_can_be_read_before_the_run_ends(outcome, tmp_path):
    folder = begin_outcome(outcome, tmp_path / "out")
    with pytest.raises(PlaceError, match="no batch"):
        load_outcome(folder)
    for number in (1, 0):
        part = slice(20 * number, 20 * number + 20)
        write_batch(
            folder,
            number,
            outcome.data.isel(draw=part),
            outcome.ok.isel(draw=part),
            outcome.pairs.isel(draw=part),
            outcome.draws[outcome.draws["draw"].between(part.start, part.stop - 1)],
        )
        if number == 1:
            half = load_outcome(folder)
            assert half.data.sizes["draw"] == 20
            assert half.failed(NAME) == 0
            xr.testing.assert_identical(half.data, outcome.data.isel(draw=part))
    whole = load_outcome(folder)
    xr.testing.assert_identical(whole.data, outcome.data)
    xr.testing.assert_equal(whole.pairs, outcome.pairs)
    # A run that is killed while it writes its large tables is read from its batches.
    save_tables(whole, folder)
    for name in (None, "positions.parquet", "strategic.parquet", "flows.parquet"):
        if name is not None:
            (folder / name).write_bytes(b"begun")
        killed = load_outcome(folder)
        xr.testing.assert_identical(killed.data, outcome.data)
        assert killed.standing is None and killed.strategic is None
    save_outcome(whole, folder)
    assert not (folder / "batches").exists()
    xr.testing.assert_identical(load_outcome(folder).data, outcome.data)


def test_a_batch_may_hold_one_scenario(outcome, tmp_path):
    folder = begin_outcome(outcome, tmp_path / "out")
    for number, label in enumerate(outcome.scenarios[:2]):
        rows = outcome.draws[outcome.draws["scenario"] == label]
        pick = {"scenario": [number]}
        write_batch(
            folder, number, outcome.data.isel(pick), outcome.ok.isel(pick),
            outcome.pairs.isel(pick), rows,
        )  # fmt: skip
    assert load_outcome(folder).scenarios == [NAME, RETALIATION]


def test_damage_is_reported(outcome, tmp_path):
    with pytest.raises(DataError, match=r"no manifest\.json"):
        load_outcome(tmp_path)
    folder = save_outcome(outcome, tmp_path / "out")
    (folder / "countries.parquet").write_bytes(b"not a table")
    with pytest.raises(DataError, match="damaged"):
        load_outcome(folder)


def test_html_names_the_failed_draws(outcome):
    assert "2 draws" in outcome._repr_html_()


@pytest.mark.parametrize(
    ("rule", "share", "change", "said"),
    [
        ("own_share", 1.22, 43.88, "Norway: real income +4,388 %: its deficit in the base is 122 "
         "% of its income, and deficits are kept as shares of each country's income"),
        ("fixed", -0.72, 2.0, "Norway: real income +200 %: its surplus in the base is 72 % of"),
        ("zero", 1.22, 43.88, ""),
        ("own_share", 0.4, 43.88, ""),
        ("own_share", 1.22, 0.9, ""),
    ],
)  # fmt: skip
def test_income_that_stands_on_a_large_deficit_is_said_to(outcome, rule, share, change, said):
    strained = with_imbalance(outcome, "NOR", share, change)
    strained = dataclasses.replace(strained, manifest=outcome.manifest | {"deficits": rule})
    found = imbalance.notes(strained)
    assert len(found) == bool(said)
    assert all(said in text and text in repr(strained) for text in found)
    assert imbalance.notes(outcome) == [] and imbalance.notes(strained, RETALIATION) == []


def test_countries_that_are_no_words_are_refused(outcome):
    for asked in (5, ["USA", None]):
        with pytest.raises(ScenarioError, match="by codes and groups, not by"):
            outcome.table(country=asked)


def test_reasons_that_differ_by_numbers_of_the_search_are_one():
    lost = "no equilibrium (residual {}, bound 1e-10); it followed the scenario to {} % of its size"
    many = [lost.format("1.2e-03", 41), "wages vanish", lost.format("3.0e-02", 7)]
    assert tidy.counted(many) == {lost.format("3.0e-02", 7): 2, "wages vanish": 1}
