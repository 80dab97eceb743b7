"""One bad file per fault: the message names file, row and column, and nothing is written."""

import json
import re

import import_layouts as layouts
import numpy as np
import pytest
from typer.testing import CliRunner

import detente as dt
from detente.cli.app import app
from detente.errors import PlaceError, WorldError
from detente.files.worlds import own_worlds
from detente.importers import add_world, read_emerging, read_icio, read_kite, read_wiod


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    folder = tmp_path / "own worlds"
    monkeypatch.setenv("DETENTE_WORLDS", str(folder))
    return folder


def put(row, column, value):
    def change(rows):
        rows[row][column] = value

    return change


def cut_row(row, cells):
    return lambda rows: rows[row].__delitem__(slice(len(rows[row]) - cells, None))


def drop_row(row):
    return lambda rows: rows.pop(row)


def drop_column(column):
    def change(rows):
        for row in rows:
            row.pop(column)

    return change


ICIO = {
    "text": (put(2, 3, "n.a."), r"2022_SML.csv, row 3, column BRA_A01: 'n.a.' is not a finite"),
    "label": (put(3, 0, "BRA A01"), "row 4: 'BRA A01' is not COUNTRY_INDUSTRY"),
    "odd column": (put(0, 3, "BRA_A02"), "column BRA_A02 has no row.*did you mean BRA_A01"),
    "no column": (drop_column(3), "the row BRA_A01 has no column"),
    "twice": (put(3, 0, "ARG_A01"), "row 4: the row 'ARG_A01' occurs twice"),
    "column twice": (put(0, 3, "ARG_A01"), "row 1, column 4: the column 'ARG_A01' occurs twice"),
    "no VA": (drop_row(8), "no row VA"),
    "final country": (put(0, 7, "AGR_HFCE"), "column 'AGR_HFCE'.*did you mean ARG"),
    "no final": (lambda rows: [row.__setitem__(slice(7, None), []) for row in rows],
                 "no column of final use"),
    "totals": (put(8, 2, 1e5), "stated output|differ by"),
    "negative": (put(2, 3, -5.0), r"SML.csv, row 3 \(ARG_C10\), column BRA_A01: .* is -5; below 0"),
    "negative beside slight": (put(1, 4, -1e-3), r"row 2 \(ARG_A01\), column BRA_C10: .*-0.001"),
    "one cell short": (cut_row(2, 1), "row 3: 25 cells; the header has 26.* column OUT on are"),
    "many cells short": (cut_row(4, 20), "row 5: 6 cells; the header has 26.*column ROW_C10 on"),
    "empty": (lambda rows: rows.clear(), "the file is empty"),
}  # fmt: skip


@pytest.mark.parametrize("fault", ICIO)
def test_bad_oecd_tables(fault, tmp_path):
    change, message = ICIO[fault]
    rows = layouts.icio_rows(layouts.Economy())
    change(rows)
    with pytest.raises(WorldError, match=message):
        read_icio(layouts.write(tmp_path / "2022_SML.csv", rows))


WIOD = {
    "text": (put(1, 7, "x"), r"row 2, column BRA1: 'x' is not a finite number"),
    "no label": (put(0, 2, "Land"), "no column 'Country'"),
    "no number": (put(2, 3, "two"), "row 3, column RNr: 'two' is no number"),
    "twice": (put(2, 3, 1), "row 3: ARG 1 occurs twice"),
    "column": (put(0, 5, "AGR1"), "column 'AGR1'.*did you mean ARG1"),
    "final": (drop_column(11), "14 columns of final use"),
    "industry": (drop_column(5), "5 columns of industries for 3 countries"),
    "no VA": (drop_row(12), "no row VA of country TOT"),
    "summary": (put(8, 0, "TAX"), "unknown row 'TAX'"),
    "codes": (put(3, 0, "Z99"), "RNr 1 is both A01 and Z99"),
    "negative": (put(2, 7, -5.0), r"wiot.csv, row 3 \(ARG C10\), column BRA1: .* is -5; below 0"),
    "short": (cut_row(3, 4), "row 4: 23 cells; the header has 27, so those from column ROW59 on"),
}


@pytest.mark.parametrize("fault", WIOD)
def test_bad_wiod_tables(fault, tmp_path):
    change, message = WIOD[fault]
    rows = layouts.wiod_rows(layouts.Economy())
    change(rows)
    with pytest.raises(WorldError, match=message):
        read_wiod(layouts.write(tmp_path / "wiot.csv", rows))


def test_bad_wiod_sheets(tmp_path):
    path = layouts.wiod_sheet(tmp_path, layouts.Economy())
    rows = [line.split(",") for line in path.read_text("utf-8").split("\n") if line]
    rows[7][5] = "x"
    with pytest.raises(WorldError, match="row 8, column ARG2: 'x' is not a finite number"):
        read_wiod(layouts.write(path, [[cell.strip() for cell in row] for row in rows]))
    rows[7].pop()
    with pytest.raises(WorldError, match="row 8: 25 cells; the columns have 26"):
        read_wiod(layouts.write(path, [[cell.strip() for cell in row] for row in rows]))


def test_a_negative_input_is_named_in_every_form_of_wiod(tmp_path):
    path = layouts.wiod_sheet(tmp_path, layouts.Economy())
    rows = [line.split(",") for line in path.read_text("utf-8").splitlines()]
    rows[7][6] = "-5"
    with pytest.raises(WorldError, match=r"row 8 \(ARG C10\), column BRA1: .* is -5; below 0"):
        read_wiod(layouts.write(path, rows))
    path = layouts.wiod_long(tmp_path, layouts.Economy())
    rows = [line.split(",") for line in path.read_text("utf-8").splitlines()]
    at = next(i for i, row in enumerate(rows) if row[2:4] == ["ARG", "2"] and row[5] == "BRA1")
    rows[at][6] = "-5"
    message = rf"row {at + 1} \(ARG C10, BRA1\), column value: .* is -5; below 0"
    with pytest.raises(WorldError, match=message):
        read_wiod(layouts.write(path, rows))


def test_rounding_below_zero_is_no_fault(tmp_path):
    table = layouts.Economy()
    table.z[0, 1, 1, 0] = -1e-12
    table.out = table.z.sum(axis=(2, 3)) + table.f.sum(axis=(2, 3))
    table.va = table.out - table.z.sum(axis=(0, 1)) - table.tls
    tables = read_icio(layouts.icio(tmp_path, table))
    assert (tables.flow >= 0).all() and (tables.input_use >= 0).all()


def test_wiod_years(tmp_path):
    path = layouts.wiod(tmp_path, layouts.Economy())
    with pytest.raises(WorldError, match="holds the year 2014, not 2010"):
        read_wiod(path, 2010)


KITE = {
    "sum": ("trade_share", put(1, 3, 0.9), "shares of destination ARG, sector A01 add to"),
    "label": ("trade_share", put(1, 0, "AGR"), "row 2, column origin: 'AGR'.*did you mean ARG"),
    "tariff": ("tariff", put(1, 3, 0.05), "row 2, column value: 0.05.*5 per cent is 1.05"),
    "number": ("expenditure", put(2, 2, "?"), "expenditure.csv, row 3, column value"),
    "factor": ("factor_share", put(1, 2, 1.4), "row 2, column value: 1.4 is outside 0 to 1"),
    "mix": ("intermediate_share", put(1, 3, 0.0), "inputs of ARG, output A01 add to"),
    "theta": ("trade_elasticity", drop_row(1), "no row of sector A01"),
    "twice": ("expenditure", put(2, 1, "A01"), "row 3: ARG, A01 occurs twice"),
    "column": ("trade_share", put(0, 0, "orgin"), "no column 'origin'; did you mean orgin"),
    "factor row": ("factor_share", drop_row(1), "no row of ARG, A01, which sells"),
    "negative input": (
        "intermediate_share",
        put(2, 3, -5),
        "row 3, column value: -5 is below 0; shares",
    ),
    "negative share": (
        "trade_share",
        put(3, 3, -5),
        "trade_share.csv, row 4, column value: -5 is below",
    ),
    "both": (
        "expenditure",
        put(2, 1, "A01"),
        "row 3: ARG, A01 occurs twice, first in row 2; keep one",
    ),
}


@pytest.mark.parametrize("fault", KITE)
def test_bad_kite_tables(fault, tmp_path):
    name, change, message = KITE[fault]
    folder = layouts.kite(tmp_path, layouts.Economy())
    path = folder / f"{name}.csv"
    rows = [line.split(",") for line in path.read_text("utf-8").split()]
    change(rows)
    layouts.write(path, rows)
    with pytest.raises(WorldError, match=message):
        read_kite(folder)


def test_bad_emerging_folders(tmp_path):
    folder = layouts.emerging(tmp_path, layouts.Economy())
    z = folder / "z.csv"
    good = z.read_text("utf-8")
    z.write_text(good.replace(good.split(",")[1], "-", 1), "utf-8")
    with pytest.raises(WorldError, match=r"z.csv, row 1, column 2: '-' is not a finite number"):
        read_emerging(folder)
    z.write_text(good.replace(good.split(",")[3], "-5", 1), "utf-8")
    message = r"z.csv, row 1 \(ARG A01\), column 4 \(BRA C10\): .* is -5; below 0 \(one of 1 such"
    with pytest.raises(WorldError, match=message):
        read_emerging(folder)
    lines = good.split("\n")
    z.write_text("\n".join([*lines[:2], lines[2].rpartition(",")[0], *lines[3:]]), "utf-8")
    with pytest.raises(WorldError, match=r"z.csv, row 3, column 6: no number; every row needs 6"):
        read_emerging(folder)
    z.write_text("\n".join(good.split("\n")[1:]), "utf-8")
    with pytest.raises(WorldError, match=r"z.csv: 5 x 6 cells; 3 countries and 2 sectors need 6 x"):
        read_emerging(folder)
    z.write_text(good, "utf-8")
    (folder / "sectors.csv").write_text("A01\nA01\n", "utf-8")
    with pytest.raises(WorldError, match="label 2 is 'A01', which is empty or occurs twice"):
        read_emerging(folder)
    (folder / "sectors.csv").write_text("A01\nC10\n", "utf-8")
    z.unlink()
    with pytest.raises(PlaceError, match="no matrix z"):
        read_emerging(folder)


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_world_is_added_and_found_by_its_name(tmp_path, own_folder):
    path = layouts.icio(tmp_path, layouts.Economy())
    done = run("data", "add", "icio", path, "--elasticity", 5)
    assert done.exit_code == 0, done.output
    assert "icio2022 (2022): 3 countries, 2 sectors" in done.output
    assert own_worlds() == ["icio2022"] and [p.name for p in own_folder.iterdir()] == [
        "icio2022.dworld"
    ]
    world = dt.load_world("icio2022")
    assert world.values("trade_elasticity").tolist() == [5.0, 5.0]
    shown = run("world", "icio2022", "--json")
    assert shown.exit_code == 0 and json.loads(shown.output)["year"] == 2022
    assert "imported from icio" in json.loads(shown.output)["notes"][0]
    with pytest.raises(WorldError, match=r"did you mean icio2022.*your own: icio2022"):
        dt.load_world("icio2202")
    with pytest.raises(WorldError, match="already; --replace"):
        add_world("icio", path)
    again, target = add_world("icio", path, replace=True, elasticity=tmp_theta(tmp_path))
    assert again.values("trade_elasticity").tolist() == [6.0, 2.5] and target.is_file()


def tmp_theta(folder):
    return str(layouts.write(folder / "theta.csv", [["sector", "value"], ["C10", 2.5], ["A01", 6]]))


def test_json_says_what_was_moved(tmp_path):
    economy = layouts.Economy()
    economy.f[0, 0, 1, 4] = -60.0
    economy.out = economy.z.sum(axis=(2, 3)) + economy.f.sum(axis=(2, 3))
    economy.va = economy.out - economy.z.sum(axis=(0, 1)) - economy.tls
    path = layouts.icio(tmp_path, economy)
    page = json.loads(run("data", "add", "icio", path, "--name", "mine", "--json").output)
    assert page["balance"]["method"] == "ras" and page["balance"]["value_moved_share"] > 0
    assert page["import"]["moved_share"] > 0 and page["import"]["notes"]
    assert dt.load_world("mine").meta["import"] == page["import"]


def error(*words):
    with pytest.raises(dt.DetenteError) as caught:
        CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    return caught.value


@pytest.mark.parametrize(
    "words, code, message",
    [
        (["icoi", "{path}"], 2, "did you mean icio"),
        (["icio", "{path}x"], 2, "no OECD table at .*did you mean 2022_SML.csv"),
        (["icio", "{path}", "--name", "world2023"], 2, "an embedded world"),
        (["icio", "{path}", "--name", "a/b"], 2, "no name of a world"),
        (["icio", "{path}", "--balance", "rass"], 2, "did you mean ras"),
        (["icio", "{path}", "--tariffs", "x.csv"], 2, "needs its layout"),
        (["icio", "{path}", "--elasticity", "none.csv"], 2, "no table of elasticities"),
        (["emerging", "{path}x"], 2, "no EMERGING table at"),
        (["kite", "{path}x"], 2, "no folder of KITE tables at"),
        (["wiod", "{path}x"], 2, "no WIOD table at"),
        (["baci", "{path}x", "--gdp", "{path}"], 2, "no BACI table at"),
        (["nmc", "{path}x"], 2, "no table of capabilities at"),
        (["icio", "{path}", "--elasticity", "-1"], 2, "must be positive"),
        (["icio", "{path}", "--gdp", "x.csv"], 2, "belongs to baci"),
        (["baci", "{path}"], 2, "give --gdp"),
        (["kite", "{path}"], 2, "is a file"),
    ],
)
def test_wrong_words_have_an_exit_code_and_write_nothing(
    words, code, message, tmp_path, own_folder
):
    path = layouts.icio(tmp_path, layouts.Economy())
    found = error("data", "add", *(word.replace("{path}", str(path)) for word in words))
    assert found.exit_code == code
    assert re.search(message, str(found))
    assert not own_folder.exists()


def test_a_year_is_found_in_a_folder(tmp_path):
    layouts.icio(tmp_path, layouts.Economy(), "2021_SML.csv")
    layouts.icio(tmp_path, layouts.Economy(5), "2022.csv")
    with pytest.raises(WorldError, match="say which year"):
        read_icio(tmp_path)
    assert read_icio(tmp_path, 2021).year == 2021
    assert not np.allclose(read_icio(tmp_path, 2021).flow, read_icio(tmp_path, 2022).flow)
    with pytest.raises(PlaceError, match=r"no 2019_SML.csv or 2019.csv"):
        read_icio(tmp_path, 2019)


def test_a_table_holds_the_year_of_its_name(tmp_path):
    place = layouts.icio(tmp_path, layouts.Economy())
    with pytest.raises(WorldError, match="holds the year 2022 by its name, not 2021"):
        read_icio(place, 2021)


def test_a_table_that_is_not_separated_by_commas_is_told_so(tmp_path):
    place = layouts.icio(tmp_path, layouts.Economy())
    place.write_text(place.read_text().replace(",", ";"))
    with pytest.raises(WorldError, match="seems to be separated by ';': write it with commas"):
        read_icio(place)


def test_only_a_file_of_nearly_that_name_is_offered(tmp_path):
    for name in ("concp.csv", "trade_share.csv", "notes.txt"):
        (tmp_path / name).write_text("a,b\n", "utf-8")
    for name, offered in (
        ("nope.csv", None), ("x.csv", None), ("conp.csv", "concp.csv"), ("concp", "concp.csv"),
        ("trade-share.csv", "trade_share.csv"), ("notes.csv", "notes.txt"),
    ):  # fmt: skip
        with pytest.raises(PlaceError) as caught:
            read_icio(tmp_path / name)
        hint = f"did you mean {offered}?" if offered else ""
        assert str(caught.value).partition("; ")[2] == hint
