"""Published tables: every line of `detente validate` must pass."""

import sys

import pytest

from detente.errors import MissingDataError
from detente.references import gegravity, gravity_guide
from detente.validate import LONG, Line, references, summary, validate_all


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


@pytest.mark.parametrize(
    ("ours", "tolerance", "shown"),
    [(0.0134, 0.015, "1.5e-02"), (0.00506, 0.0055, "5.5e-03"), (0.0, 1e-9, "1e-09")],
)
def test_a_bound_is_shown_with_every_digit_it_has(ours, tolerance, shown):
    line = Line("g", "n", "s", "%", ours, 0.0, tolerance)
    assert line.passed and f"(bound {shown})" in line.line()


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [(gegravity, "gegravity", "dev"), (gravity_guide, "pyfixest", "estimate")],
)
def test_a_group_without_its_package_names_what_installs_it(
    monkeypatch, tmp_path, module, package, extra
):
    monkeypatch.setitem(sys.modules, package, None)
    (line,) = module.lines(tmp_path)
    assert line.passed is None and line.extra == extra and not line.missing
    assert f"pip install 'detente[{extra}]'" in line.note


def test_rows_and_groups_are_counted_apart():
    rows = [Line("g", str(i), "s", "%", float(i), 0.0, 1.0) for i in range(3)]
    missing = [
        Line("h", "all", "s", "", 0.0, 0.0, 0.0, note="no table", missing=True),
        Line("i", "all", "s", "", 0.0, 0.0, 0.0, note="no package", extra="dev"),
        Line("j", "all", "s", "", 0.0, 0.0, 0.0, note="no package", extra="estimate"),
    ]
    counted, groups, install = summary(rows + missing)
    assert counted == "rows: 2 passed, 1 failed"
    assert groups.startswith("groups: 1 compared in full; skipped in whole or in part: 2 for want")
    assert install.startswith("pip install 'detente[dev,estimate]'")


def test_a_group_counts_once_whatever_its_lines_are_called():
    first, other = (Line(f"g, {way}", "x", "s", "%", 0.0, 0.0, 1.0, of="g") for way in "ab")
    assert summary([first, other])[1].startswith("groups: 1 compared in full")
