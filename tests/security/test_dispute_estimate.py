"""The estimate of disputes: nothing from the future, the split, the filter, the scores."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from detente.data.estimate import disputes_panel, milex_threat
from detente.data.estimate.disputes_features import read_rows
from detente.data.estimate.disputes_history import Settings, relative_risks
from detente.data.estimate.disputes_logit import fit_logit, logistic
from detente.data.estimate.disputes_panel import ORIGIN, Disputes, Panel
from detente.data.estimate.disputes_scores import average_precision, bootstrap, scores
from detente.data.estimate.disputes_split import (
    LAST_TEST_YEAR,
    LAST_TRAINING_YEAR,
    judged,
    refuse_leak,
    training,
)
from detente.errors import DataError
from detente.security.dispute_record import read_record

YEARS, STATES = 40, 7
STATE = ("cinc", "milper", "tpop", "gdp", "population", "polyarchy", "uds", "ideal_point",
         "warheads", "major", "civil_war")  # fmt: skip
TIES = ("defense", "nonagg", "offense", "neutral", "pact_own", "igos", "sanction", "embargo",
        "contiguity", "rivalry", "rivalry_spatial", "rivalry_positional", "distance", "battle",
        "battle_primary", "joint_own")  # fmt: skip


def make_panel(seed=0):
    """Return a small panel of random numbers without gaps."""
    random = np.random.default_rng(seed)

    def pairs(share):
        grid = np.triu(random.random((YEARS, STATES, STATES)) < share, 1)
        return (grid | grid.transpose(0, 2, 1)).astype(float)

    onset = pairs(0.2)
    known = np.where(onset > 0, pairs(0.4), np.nan)
    disputes = Disputes(onset, onset, known, known, onset, pairs(0.1))
    state = {name: random.uniform(0.1, 1.0, (YEARS, STATES)) for name in STATE}
    ties = {name: 0.1 + pairs(0.3) for name in TIES}
    return Panel(tuple("ABCDEFG"), np.ones((YEARS, STATES), dtype=bool), disputes, state, ties)


def after(grid, now, random):
    """Return a copy whose values from index `now` on are others."""
    new = np.array(grid)
    new[now:] = random.permuted(new[now:], axis=0) + random.random()
    return new


def test_no_column_knows_the_year_it_forecasts_or_later():
    panel, now = make_panel(), 30
    random = np.random.default_rng(1)
    disputes = Disputes(*(
        after(getattr(panel.disputes, field.name), now, random)
        for field in dataclasses.fields(Disputes)
    ))  # fmt: skip
    changed = dataclasses.replace(
        panel, disputes=disputes,
        state={name: after(grid, now, random) for name, grid in panel.state.items()},
        tie={name: after(grid, now, random) for name, grid in panel.tie.items()},
    )  # fmt: skip
    year = now + ORIGIN
    old, new = (read_rows(one, year - 3, year) for one in (panel, changed))
    for name, values in old.columns.items():
        np.testing.assert_array_equal(values, new.columns[name], err_msg=name)
    assert (old.onset[old.year == year] != new.onset[new.year == year]).any()


def test_the_split_parts_the_years():
    year = np.arange(1900, 2020)
    assert not (training(year) & judged(year)).any()
    assert year[training(year)].max() == LAST_TRAINING_YEAR == 1989
    assert year[judged(year)].min() == LAST_TRAINING_YEAR + 1
    assert year[judged(year)].max() == LAST_TEST_YEAR == 2010
    with pytest.raises(DataError, match="1990"):
        refuse_leak(np.array([1950, 1990]))


def test_no_fit_behind_a_shipped_score_saw_a_later_year():
    record = read_record()
    assert record["split"]["last_training_year"] == LAST_TRAINING_YEAR
    for models in record["scores"].values():
        for found in models.values():
            assert found["last_training_year"] <= LAST_TRAINING_YEAR
    for stage in record["severity"].values():
        assert stage["last_training_year"] <= LAST_TRAINING_YEAR


def test_shipped_scores_of_the_best_forecast():
    record = read_record()
    best = record["scores"]["gml"]["mixed"]["all"]
    low, high = record["targets"]["calibration_slope"]
    assert best["log_loss"] < record["targets"]["log_loss"] == 0.00772
    assert low < best["calibration_slope"] < high
    assert best["average_precision"] > record["targets"]["average_precision"] == 0.226


def test_logit_finds_what_made_the_data_and_its_standard_errors():
    random = np.random.default_rng(2)
    truth, found, errors = np.array([-3.0, 1.0, -0.5]), [], []
    for _ in range(20):
        x = random.normal(size=(4000, 2)) * [1.0, 3.0] + [0.0, 5.0]
        y = (random.random(4000) < logistic(truth[0] + x @ truth[1:])).astype(float)
        line = fit_logit(x, y, ["a", "b"])
        found.append(line.coefficient)
        errors.append(line.se)
    assert np.abs(np.mean(found, axis=0) - truth).max() < 0.2
    np.testing.assert_allclose(np.std(found, axis=0), np.mean(errors, axis=0), rtol=0.5)


def test_weights_stand_for_the_rows_left_out():
    random = np.random.default_rng(3)
    x = random.normal(size=(60000, 1))
    y = (random.random(60000) < logistic(x[:, 0] - 4)).astype(float)
    kept = (y > 0) | (random.random(60000) < 0.1)
    weight = np.where(y > 0, 1.0, 10.0)
    full, part = fit_logit(x, y, ["x"]), fit_logit(x[kept], y[kept], ["x"], weight[kept])
    np.testing.assert_allclose(full.coefficient, part.coefficient, atol=0.1)


def test_a_logit_without_events_is_refused():
    with pytest.raises(DataError, match="both outcomes"):
        fit_logit(np.ones((3, 1)), np.zeros(3), ["x"])


def test_risks_rise_with_onsets_and_return_to_one():
    expected, onset = np.full((60, 3, 3), 0.1), np.zeros((60, 3, 3))
    onset[:10, 0, 1] = onset[:10, 1, 0] = 1.0
    found = [
        (state.copy(), pair.copy())
        for state, pair, *_ in relative_risks(expected, onset, Settings(), seen=20)
    ]
    assert (found[0][0] == 1).all() and (found[0][1] == 1).all()
    state, pair = found[10]
    assert pair[0, 1] > 1 > pair[0, 2] and state[0] > 1 > state[2]
    # From year 20 on nothing is seen: what was known fades.
    assert abs(np.log(found[59][1][0, 1])) < abs(np.log(found[20][1][0, 1]))


def test_a_battle_counts_while_disputes_are_not_seen():
    expected, onset = np.full((10, 2, 2), 0.1), np.zeros((10, 2, 2))
    battle = np.zeros((10, 2, 2))
    battle[7, 0, 1] = battle[7, 1, 0] = 1.0
    with_it = list(relative_risks(expected, onset, Settings(), 5, battle, 0.05))[-1][1][0, 1]
    without = list(relative_risks(expected, onset, Settings(), 5))[-1][1][0, 1]
    assert with_it > 1 > without


def test_average_precision_of_known_orders():
    outcome = np.array([1.0, 0.0, 1.0, 0.0])
    assert average_precision(outcome, np.array([0.9, 0.2, 0.8, 0.1])) == 1.0
    assert average_precision(outcome, np.full(4, 0.5)) == 0.5
    doubled = average_precision(np.tile(outcome, 2), np.tile([0.9, 0.8, 0.7, 0.1], 2))
    weighted = average_precision(outcome, np.array([0.9, 0.8, 0.7, 0.1]), np.full(4, 2.0))
    assert doubled == pytest.approx(weighted)


def test_a_true_forecast_is_calibrated_and_its_interval_holds_the_score():
    random = np.random.default_rng(4)
    chance = logistic(random.normal(-3, 2, 20000))
    outcome = (random.random(20000) < chance).astype(float)
    found = scores(outcome, chance)
    assert found["calibration_slope"] == pytest.approx(1.0, abs=0.1)
    assert found["expected_over_observed"] == pytest.approx(1.0, abs=0.1)
    interval = bootstrap(outcome, chance, np.arange(20000) % 30, 50, 1)
    low, high = interval["average_precision"]
    assert low < found["average_precision"] < high


def write_geography(raw):
    """Write a border of 1950-1960 inside a time without contiguity, listed before and after it."""
    folder = raw / "geography"
    folder.mkdir()
    spells = [
        ("A", "B", 0, "1946-01-01", "2016-12-01"),
        ("A", "B", 1, "1950-01-01", "1960-12-01"),
        ("A", "B", 4, "1955-01-01", "1965-12-01"),
        ("A", "B", 0, "1946-01-01", "1999-12-01"),
    ]
    columns = ["iso3_a", "iso3_b", "conttype", "stdate", "enddate"]
    pd.DataFrame(spells, columns=columns).to_parquet(folder / "cow_direct_contiguity_3_2.parquet")
    columns = ["iso3_a", "iso3_b", "start", "end", "mindist_km"]
    near = pd.DataFrame([("A", "B", 1946, 2019, 0.0)], columns=columns)
    near.to_parquet(folder / "cshapes_mindist_spells_1946_2019.parquet")


def test_times_without_contiguity_erase_no_border_in_the_panel(tmp_path):
    write_geography(tmp_path)
    grid = disputes_panel.Grid({"A": 0, "B": 1}, 2014)
    found = disputes_panel._geography(tmp_path, grid)["contiguity"][:, 0, 1]
    kinds = {1949: 0, 1950: 1, 1955: 1, 1960: 1, 1961: 4, 1965: 4, 1966: 0}
    assert {year: found[year - ORIGIN] for year in kinds} == kinds


def test_times_without_contiguity_are_no_water_between_two_states(tmp_path):
    write_geography(tmp_path)
    border, water = milex_threat._contiguity(tmp_path, {"A": 0, "B": 1})
    years = milex_threat.START + np.flatnonzero(water[:, 0, 1])
    assert (years.min(), years.max()) == (1955, 1965)
    assert border.sum() == 2 * 11
