"""What the command line refuses before it works, and what it prints where it is narrow."""

import re

import pytest
from rich.console import Console
from typer.testing import CliRunner

from detente.cli.app import app
from detente.cli.places import PlaceError, check_file, check_folder
from detente.describe import country_page
from detente.files.worlds import load_world
from detente.validate import Line, left_out

runner = CliRunner()


def test_places_that_can_be_made_are_accepted(tmp_path):
    check_file(tmp_path / "new" / "deeper" / "brief.html", "--brief")
    check_folder(tmp_path / "new", "--out")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_solved(tmp_path):
    (tmp_path / "file").write_text("")
    for words in (
        ["--brief", str(tmp_path)],
        ["--brief", str(tmp_path / "file" / "brief.html")],
        ["--out", str(tmp_path / "file")],
        ["--out", str(tmp_path / "file" / "deeper")],
    ):
        out = [] if "--out" in words else ["--out", str(tmp_path / "out")]
        with pytest.raises(PlaceError, match=r"--(brief|out)") as found:
            runner.invoke(app, ["run", "russia-autarky", *words, *out], catch_exceptions=False)
        assert found.value.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_numbers_of_a_country_are_shown_whole_or_not_at_all(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    done = runner.invoke(app, ["world", "world2023", "--country", "USA"], catch_exceptions=False)
    assert "…" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= width
    assert Console().width == width
    words = set(done.stdout.split())
    tables = country_page(load_world("world2023"), "USA")["tables"]
    for row in tables["State"]:
        assert row["value"] in words
    for row in tables["Sectors"]:
        assert row["output"] in words
    number = re.compile(r"-?[\d,.]*[,.]\d*")
    known = {str(cell) for rows in tables.values() for row in rows for cell in row.values()}
    whole = {word for cell in known for word in cell.split()}
    assert {word for word in words if number.fullmatch(word)} <= whole


@pytest.mark.parametrize("flags", [[], ["--json"]])
@pytest.mark.parametrize("extra", ["", "dev"])
def test_a_reference_that_could_not_run_is_no_success(monkeypatch, extra, flags):
    met = Line("h", "n", "s", "%", 1.0, 1.0, 0.1)
    found = [met, left_out("g", "s", "not here", extra)]
    monkeypatch.setattr("detente.validate.validate_all", lambda raw: iter(found))
    done = runner.invoke(app, ["validate", *flags])
    assert done.exit_code == 4
    assert ("SKIP" in done.stdout) is (not flags)
    said = done.stderr if flags else done.stdout
    assert "rows: 1 passed, 0 failed" in said and "groups: 1 compared" in said
    assert ("pip install 'detente[dev]'" in said) is bool(extra)
