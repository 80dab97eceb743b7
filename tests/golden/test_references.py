"""Published tables: every line of `detente validate` must pass."""

import pytest

from detente.errors import MissingDataError
from detente.validate import LONG, Line, references, validate_all


@pytest.mark.parametrize("group", [name for name in references() if name not in LONG])
def test_results_match_what_is_published(group):
    try:
        found = list(references()[group](None))
    except MissingDataError as error:
        pytest.skip(f"references of {group} not compared: {error}")
    skipped = [line.note for line in found if line.passed is None]
    if skipped:
        pytest.skip(f"references of {group} not compared: {skipped[0]}")
    assert found
    failed = [line.line() for line in found if not line.passed]
    assert not failed, "\n".join(failed)


def test_a_line_says_whether_it_passes():
    near = Line("g", "n", "s", "%", 1.714, 1.72, 0.01)
    assert near.passed and near.difference == pytest.approx(-0.006)
    assert not Line("g", "n", "s", "%", 1.70, 1.72, 0.01).passed
    assert not Line("g", "n", "s", "%", float("nan"), 1.72, 0.01).passed
    skipped = Line("g", "n", "s", "%", 1.0, 1.0, 0.0, note="no table")
    assert skipped.passed is None and "SKIP" in skipped.line()
    assert skipped.page()["ours"] is None


def test_a_missing_folder_is_named_and_nothing_is_compared(tmp_path):
    names = [name for name in references() if name not in (*LONG, "null scenario")]
    lines = list(validate_all(tmp_path, names))
    needing = [line for line in lines if line.note]
    assert {line.group for line in needing} >= {"Caliendo-Parro NAFTA", "ge_gravity"}
    assert all("raw table" in line.note and "--raw" in line.note for line in needing)
