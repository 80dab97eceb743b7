"""The replicated design of Bremer: pairs by the day, years of peace, the printed table."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.data.estimate import disputes_bremer
from detente.data.estimate.disputes_bremer import (
    PUBLISHED,
    PUBLISHED_ROWS,
    comparison,
    fit_bremer,
    pair_years,
    relevant_pairs,
    years_of_peace,
)
from detente.data.estimate.disputes_logit import Logit
from detente.errors import MissingDataError
from detente.references import disputes


def states(*rows):
    """Return spells of membership from (code, start, end)."""
    return pd.DataFrame(rows, columns=["ccode", "start", "end"])


def write(raw, name, rows, columns):
    """Write a table below the raw folder."""
    path = raw / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=columns).to_parquet(path)


@pytest.fixture
def small(tmp_path):
    """Return a raw folder of three states, of which 2 is a major power from May 1902 on."""
    days = ("1900-01-01", "1905-12-31")
    write(tmp_path, "state_system/cow_states.parquet",
          [(2, *days), (20, *days), (40, *days)], ["ccode", "start", "end"])  # fmt: skip
    write(tmp_path, "state_system/cow_majors.parquet",
          [(2, 1902, 5, 1903)], ["ccode", "styear", "stmonth", "endyear"])  # fmt: skip
    # Listed with the larger code first; without contiguity up to June 1904, then by land.
    spells = [(40, 20, 1, "1904-07-01", "2016-12-01"), (40, 20, 0, "1900-01-01", "1904-06-01")]
    write(tmp_path, "geography/cow_direct_contiguity_3_2.parquet", spells,
          ["ccode1", "ccode2", "conttype", "stdate", "enddate"])  # fmt: skip
    return tmp_path


def test_relevant_by_the_first_relation_of_the_year_or_a_major_power_on_any_day(small):
    rows = relevant_pairs(small)
    found = {
        (one, other): part["year"].tolist() for (one, other), part in rows.groupby(["one", "other"])
    }
    assert found == {(2, 20): [1902, 1903], (2, 40): [1902, 1903], (20, 40): [1905]}
    assert rows.loc[rows["one"] == 20, ["contiguity", "major_power"]].to_numpy().tolist() == [
        [1.0, 0.0]
    ]


def test_a_state_with_two_spells_in_one_year_makes_one_pair_year():
    rows = pair_years(states(
        (2, "1900-01-01", "1900-12-31"),
        (7, "1900-01-01", "1900-02-01"), (7, "1900-10-01", "1900-12-31"),
    ))  # fmt: skip
    assert rows.to_numpy().tolist() == [[2, 7, 1900]]


def test_years_lie_in_the_design():
    rows = pair_years(states((2, "1800-01-01", "2016-12-31"), (7, "1815-06-01", "2016-12-31")))
    assert (rows["year"].min(), rows["year"].max(), len(rows)) == (1816, 2010, 195)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=40))
def test_years_of_peace_are_what_counting_row_by_row_gives(rows):
    rows = sorted(rows, key=lambda row: row[0])
    wanted, before = [], (-1, False)
    for row in rows:
        new = row[0] != before[0] or before[1]
        wanted.append(0 if new else wanted[-1] + 1)
        before = row
    pair, under_way = (np.array(column) for column in zip(*rows, strict=True))
    assert years_of_peace(pair, under_way).tolist() == wanted


def test_a_printed_number_stands_for_all_that_round_to_it():
    names = ("constant", "peace_years_2")
    line = Logit(names, np.array([-3.517, 0.002506]), np.eye(2), 10, 1, 2010)
    first, second = comparison(line, names)
    assert first["relative_difference"] == second["relative_difference"] == 0.0
    line = Logit(names, np.array([-3.517, 0.002]), np.eye(2), 10, 1, 2010)
    assert comparison(line, names)[1]["relative_difference"] == pytest.approx(0.5e-3 / 3e-3)


def test_a_missing_table_is_named(small):
    (small / "state_system" / "cow_majors.parquet").unlink()
    with pytest.raises(MissingDataError, match="cow_majors"):
        relevant_pairs(small)


def test_the_printed_table_is_reproduced(raw, monkeypatch):
    line = fit_bremer(raw)
    # One fit serves this test and the lines of the command.
    monkeypatch.setattr(disputes, "fit_bremer", lambda folder: line)
    lines = list(disputes.lines(raw))
    assert [one.name for one in lines] == ["pair-years", "onsets", *PUBLISHED]
    assert all(one.passed for one in lines), [one.line() for one in lines if not one.passed]
    # Exactly these come out of the tables named in the data page.
    assert (line.rows, line.events) == (106_031, 2_447)
    assert abs(line.rows - PUBLISHED_ROWS) < 30
    assert max(one["relative_difference"] for one in comparison(line)) < 0.06
    errors = {one["term"]: one for one in comparison(line) if one["published_se"] > 0.01}
    for one in errors.values():
        assert one["se"] == pytest.approx(one["published_se"], rel=0.07), one
    assert line.last_year == disputes_bremer.LAST
