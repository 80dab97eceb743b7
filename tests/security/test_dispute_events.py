"""Dated events: nothing of a later year, known fading, and who acted."""

import numpy as np
import pandas as pd
import pytest

from detente.data.estimate.disputes_best import mean_in_log_odds
from detente.data.estimate.disputes_events import (
    MONTHS,
    NAMES,
    event_columns,
    event_history,
    read_events,
)
from detente.data.estimate.disputes_features import Rows
from detente.data.estimate.disputes_logit import log_odds
from detente.data.estimate.disputes_panel import FIRST, ORIGIN

SIZE, YEARS = 5, 12


def make_events(seed=0, count=60):
    """Return random events between five states in twelve years."""
    random = np.random.default_rng(seed)
    start = random.integers(0, YEARS * MONTHS, count)
    a = random.integers(0, SIZE, count)
    return pd.DataFrame({
        "a": a,
        "b": (a + random.integers(1, SIZE, count)) % SIZE,
        "start": start,
        "end": start + random.integers(0, 20, count),
        "dispute": random.integers(0, 20, count),
        "hostility": random.integers(2, 6, count),
        "fatal": random.integers(0, 2, count).astype(float),
    })  # fmt: skip


def one_event(**values):
    """Return a single event: state 0 acts against 1 in October of the first year."""
    base = {"a": 0, "b": 1, "start": 9, "end": 9, "dispute": 1, "hostility": 4, "fatal": 1.0}
    return pd.DataFrame([base | values])


@pytest.mark.parametrize("year", [1, 5, 9])
def test_no_column_knows_an_event_or_an_end_after_the_year(year):
    events, after = make_events(), (year + 1) * MONTHS
    changed = events.copy()
    late = changed["start"] >= after
    changed.loc[late, "hostility"] = 5
    changed.loc[late, ["a", "b"]] = changed.loc[late, ["b", "a"]].to_numpy()
    # What goes on past the year ends at some other later time, with another count of deaths.
    open_ = (changed["start"] < after) & (changed["end"] >= after)
    assert late.any() and open_.any()
    changed.loc[open_, "end"] += 7
    changed.loc[open_, "fatal"] = 1 - changed.loc[open_, "fatal"]
    old, new = (list(event_history(one, SIZE, 0, YEARS)) for one in (events, changed))
    for past in range(year + 1):
        for name in NAMES:
            np.testing.assert_array_equal(old[past][name], new[past][name], err_msg=name)
    assert any((old[-1][name] != new[-1][name]).any() for name in NAMES)


def test_columns_of_pairs_have_no_order():
    for columns in event_history(make_events(1), SIZE, 0, YEARS):
        assert tuple(columns) == NAMES
        for name, values in columns.items():
            np.testing.assert_array_equal(values, values.T, err_msg=name)


def test_an_event_is_counted_fades_and_ages():
    first, second = event_history(one_event(), SIZE, 0, 2)
    # October to December: two months have gone by.
    assert first["event_since"][0, 1] == first["event_age"][0, 1] == 2
    assert first["event_months_2"][0, 1] == pytest.approx(0.5)
    assert first["events_3"][0, 1] == pytest.approx(0.5 ** (2 / 3))
    assert second["event_since"][0, 1] == 14
    assert second["event_months_2"][0, 1] == pytest.approx(0.5**7)
    assert first["event_open"].sum() == 0
    assert (first["event_force"] > 0).sum() == (first["event_deaths"] > 0).sum() == 2


def test_what_goes_on_past_december_is_under_way_and_its_deaths_are_not_known():
    first, second = event_history(one_event(end=14), SIZE, 0, 2)
    assert first["event_open"][0, 1] == 1 and first["event_since"][0, 1] == 0
    assert first["event_deaths"].sum() == 0 < second["event_deaths"].sum()
    assert second["event_open"].sum() == 0


def test_the_side_that_acts_more_is_told_from_the_other():
    (found,) = event_history(one_event(), SIZE, 0, 1)
    assert found["event_more"][0, 1] > found["event_less"][0, 1] == 0
    # State 0 is busy elsewhere as seen from 2, and not as seen from 1.
    assert found["event_busy_max"][0, 2] > 0 == found["event_busy_max"][0, 1]


def test_rows_read_the_year_before():
    lag = (FIRST - 1 - ORIGIN) * MONTHS
    events = one_event(start=lag + 9, end=lag + 9)
    year, a, b = np.array([FIRST, FIRST, FIRST + 1]), np.array([0, 0, 0]), np.array([1, 2, 1])
    empty = np.zeros(3)
    rows = Rows(year, a, b, {}, empty, empty, empty, empty, empty > 0)
    found = event_columns(events, rows, SIZE)["event_since"]
    np.testing.assert_allclose(np.expm1(found), [2, 480, 14], rtol=1e-5)


def test_a_month_that_is_unknown_is_june(tmp_path):
    row = {
        "iso3_1": "AAA", "iso3_2": "BBB", "stmon": -9, "styear": 1950, "endmon": -9,
        "endyear": 1950, "micnum": 1, "hostlev": 4, "fatalmin1": 0, "fatalmin2": 3,
    }  # fmt: skip
    rows = pd.DataFrame([row, row | {"iso3_2": "CCC"}, row | {"styear": 1960}])
    (tmp_path / "mids").mkdir()
    rows.to_parquet(tmp_path / "mids" / "mie_1_0_events.parquet")
    found = read_events(tmp_path, {"AAA": 0, "BBB": 1}, 1955)
    assert len(found) == 1
    assert found.iloc[0]["start"] == found.iloc[0]["end"] == (1950 - ORIGIN) * MONTHS + 5
    assert found.iloc[0]["fatal"] == 1


def test_the_mean_in_log_odds_weighs_its_parts_and_leaves_out_the_others():
    logit, forest = np.array([0.2, 0.6]), np.array([0.01, 0.9])
    parts = {"logit": logit, "forest": forest, "boosted": np.array([0.9, 0.1])}
    odds = log_odds(mean_in_log_odds(parts))
    np.testing.assert_allclose(odds, (2 * log_odds(logit) + log_odds(forest)) / 3)
    np.testing.assert_allclose(mean_in_log_odds({"logit": logit}), logit)
