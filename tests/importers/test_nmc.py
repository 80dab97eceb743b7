"""Capabilities of one's own: kept by name, and refused by row."""

import json

import import_layouts as layouts
import pytest
from typer.testing import CliRunner

from detente.cli.app import app
from detente.errors import MissingDataError, WorldError
from detente.importers import add_nmc
from detente.security import read_nmc

HEAD = ["stateabb", "ccode", "year", "milex", "milper", "irst", "pec", "tpop", "upop", "cinc",
        "version"]  # fmt: skip
CODES = [["code", "iso3"], ["2", "USA"], ["710", "CHN"]]


def row(abb, code, year, cinc):
    return [abb, code, year, 1, 2, 3, 4, 5, 6, cinc, 2021]


ROWS = [HEAD, row("USA", 2, 2015, 0.14), row("USA", 2, 2016, 0.13), row("CHN", 710, 2016, 0.23),
        row("GDR", 265, 2016, 0.01), row("CHN", 710, 2015, -9)]  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DETENTE_WORLDS", str(tmp_path / "own"))
    return tmp_path / "own"


def test_a_table_is_kept_and_found(tmp_path, own_folder):
    path = layouts.write(tmp_path / "NMC.csv", ROWS)
    codes = layouts.write(tmp_path / "codes.csv", CODES)
    with pytest.raises(MissingDataError, match="data add nmc"):
        read_nmc(None, ["USA"], 2016)
    words = ["data", "add", "nmc", str(path), "--codes", str(codes), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    page = json.loads(done.output)
    assert page["states"] == 2 and page["years"] == [2015, 2016]
    assert any("265" in note for note in page["notes"])
    found = read_nmc(None, ["USA", "CHN", "FRA"], 2016)
    assert found.share[:2].tolist() == [0.13, 0.23]
    with pytest.raises(WorldError, match="already"):
        add_nmc(path, codes)


@pytest.mark.parametrize(
    "rows, message",
    [
        ([*ROWS, row("FRN", 220, 2016, 1.4)], "row 7, column cinc: 1.4 is no share"),
        ([*ROWS, row("FRN", 220, "now", 0.1)], "row 7, column year: 'now' is no year"),
        ([*ROWS, row("USA", 2, 2016, 0.1)], "row 7: 2 occurs twice"),
        ([*ROWS, row("USA", 2, 2017, "x")], "row 7, column cinc: 'x' is not a finite number"),
        ([[*HEAD[:9], "cin", "version"], *ROWS[1:]], "no column 'cinc'; did you mean cin"),
    ],
)
def test_a_bad_table_is_named_and_nothing_is_kept(rows, message, tmp_path, own_folder):
    path = layouts.write(tmp_path / "NMC.csv", rows)
    codes = layouts.write(tmp_path / "codes.csv", CODES)
    with pytest.raises(WorldError, match=message):
        add_nmc(path, codes)
    with pytest.raises(WorldError, match="give --codes"):
        add_nmc(path)
    assert not own_folder.exists()


def test_a_world_is_made_that_carries_the_table(tmp_path, own_folder):
    """Beside the world that it is made from nothing changes but the two layers."""
    import detente as dt

    path = layouts.write(tmp_path / "NMC.csv", ROWS)
    codes = layouts.write(tmp_path / "codes.csv", CODES)
    words = ["data", "add", "nmc", str(path), "--codes", str(codes), "--world", "world2023"]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    page = json.loads(done.output)
    world, base = dt.load_world(page["name"]), dt.load_world("world2023")
    assert page["name"] == "world2023-nmc" and world.digest == page["digest"] != base.digest
    usa = world.countries.index("USA")
    assert world.values("cinc")[usa] == 0.13
    # Seven years after the table: the spread of three years, grown with the root of the years.
    assert world.values("cinc_sd")[usa] == pytest.approx(0.09 * (7 / 3) ** 0.5)
    assert world.values("gdp")[usa] == base.values("gdp")[usa]
    assert any("half the smallest" in note for note in page["notes"])
    assert not (own_folder / "nmc.csv").exists()
    assert "you have a world" in str(CliRunner().invoke(app, words).exception)


def test_only_capabilities_go_into_a_world(tmp_path):
    words = ["data", "add", "icio", str(tmp_path / "x.csv"), "--world", "world2023"]
    assert "--world belongs to nmc" in str(CliRunner().invoke(app, words).exception)
