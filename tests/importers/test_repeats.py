"""Two rows of one key are refused with both named, wherever they stand in a table."""

import import_layouts as layouts
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.errors import WorldError
from detente.importers import read_baci, read_codes, read_concordance, read_tariffs, reading
from detente.importers.repeats import Repeats

C, S = list(layouts.COUNTRIES), list(layouts.SECTORS)
GDP = [["iso3", "gdp_usd"], ["ARG", 5e11], ["BRA", 2e12], ["ROW", 8e13]]
KEYS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 30)), max_size=40)


@given(KEYS, st.integers(1, 7))
def test_a_key_that_came_before_is_found_in_any_piece(keys, size):
    table = pd.DataFrame(keys, columns=["i", "j", "k"]).astype(str)
    table.index = pd.RangeIndex(2, 2 + len(table))
    parts = [table[start : start + size] for start in range(0, len(table), size)]
    seen, want = Repeats(("i", "j"), ("k",)), table.duplicated().to_numpy()
    for part in parts:
        at = seen.twice(part)
        if at is not None:
            row = part.index[at]
            assert row == table.index[want.argmax()]
            same = (table == table.loc[row]).all(axis=1)
            assert seen.first(part, at, parts).name == same.idxmax()
            return
    assert not want.any()


@pytest.fixture(params=[1_000_000, 3])
def chunk(request, monkeypatch):
    """Rows read at a time: all at once, or so few that the two stand in different pieces."""
    monkeypatch.setattr(reading, "CHUNK", request.param)


def baci(folder, *more):
    flow = np.random.default_rng(1).uniform(1e6, 9e6, (3, 3, 2))
    path = layouts.baci(folder, flow)
    rows = [line.split(",") for line in path.read_text("utf-8").split()]
    layouts.write(path, [*rows, *more])
    return path, layouts.write(folder / "gdp.csv", GDP), rows


@pytest.mark.parametrize("code", ["32", "032"])
def test_a_row_of_baci_that_stands_twice_is_named(code, chunk, tmp_path):
    path, gdp, rows = baci(tmp_path, [2023, code, 76, "010121", 5.0, "NA"])
    assert rows[1][1:4] == ["32", "76", "10121"]
    with pytest.raises(WorldError, match=r"row 14: 2023, 0?32, 76, 010121 .*first in row 2; v is"):
        read_baci(path, gdp)


def test_a_year_of_baci_is_a_key_of_its_own(tmp_path):
    path, gdp, _ = baci(tmp_path, [2022, 32, 76, 10121, 5.0, "NA"])
    assert read_baci(path, gdp, year=2022).flow[0, 1, 0] == pytest.approx(5e-3)


def test_rows_from_a_country_to_itself_are_counted(tmp_path):
    path, gdp, _ = baci(tmp_path, [2023, 32, 32, 10121, 7.0, 1], [2023, 32, 32, 840734, 7.0, 1],
                        [2023, 76, "076", 10121, 7.0, 1])  # fmt: skip
    (tmp_path / "plain").mkdir()
    plain = read_baci(*baci(tmp_path / "plain")[:2])
    tables = read_baci(path, gdp)
    assert np.array_equal(tables.flow, plain.flow)
    assert "3 rows from a country to itself are left out: ARG, BRA" in tables.notes
    assert not any("itself" in note for note in plain.notes)


HEADS = {
    "macmap": ["importer", "exporter", "hs6_2007", "year", "adv"],
    "teti": ["iso1", "iso2", "hs6", "year", "tariff"],
    "wits": ["Reporter", "Partner", "Product", "Tariff Year", "AHS Weighted Average (%)"],
}


def tariffs(folder, layout, rows, **options):
    hs = layouts.write(folder / "hs.csv", [["hs", "sector"], ["01", "A01"], ["84", "C10"]])
    path = layouts.write(folder / "tariffs.csv", [HEADS[layout], *rows])
    unit = "fraction" if layout != "wits" else "percent"
    return read_tariffs(path, layout, C, S, unit, concordance=read_concordance(hs), **options)


ROWS = [["BRA", "ARG", "010121", 2019, 0.1], ["BRA", "ARG", "010129", 2019, 0.3],
        ["BRA", "ROW", "010121", 2019, 0.1], ["ARG", "BRA", "010121", 2019, 0.1]]  # fmt: skip


@pytest.mark.parametrize("layout", HEADS)
@pytest.mark.parametrize("rate", [0.3, 0.1])
def test_two_rates_of_one_product_are_refused(layout, rate, chunk, tmp_path):
    assert tariffs(tmp_path, layout, ROWS).known.sum() == 3
    message = (
        r"row 6: importer BRA, exporter ARG, product 010121, year 2019 occurs twice, first in "
        rf"row 2; the rate is 0.1 there and {rate} here"
    )
    with pytest.raises(WorldError, match=message):
        tariffs(tmp_path, layout, [*ROWS, ["BRA", "ARG", "010121", 2019, rate]])


def test_a_pair_without_products_may_stand_once(tmp_path):
    rows = [["iso1", "iso2", "year", "tariff"], ["BRA", "ARG", 2021, 8], ["BRA", "ARG", 2021, 9]]
    path = layouts.write(tmp_path / "t.csv", rows)
    with pytest.raises(WorldError, match="row 3: importer BRA, exporter ARG, year 2021 occurs"):
        read_tariffs(path, "teti", C, ["total"], "percent")


def test_a_member_and_its_union_are_one_importer(tmp_path):
    pairs = [["code", "iso3"], ["918", "ARG"], ["918", "BRA"]]
    codes = read_codes(layouts.write(tmp_path / "codes.csv", pairs))
    rows = [["918", "ROW", "010121", 2019, 1.0], ["BRA", "ROW", "010121", 2019, 2.0]]
    with pytest.raises(WorldError, match=r"row 3: importer BRA, exporter ROW.*first in row 2"):
        tariffs(tmp_path, "wits", rows, codes=codes)
    assert tariffs(tmp_path, "wits", rows[:1], codes=codes).known.sum() == 2


def test_rows_of_other_duties_years_and_without_a_rate_are_no_repeats(tmp_path):
    rows = [[*HEADS["wits"], "DutyType"]]
    rows += [["BRA", "ARG", "010121", 2019, 5.0, duty] for duty in ("AHS", "MFN", "BND")]
    rows += [["BRA", "ARG", "010121", 2018, 6.0, "AHS"], ["BRA", "ARG", "010121", 2019, "", "AHS"]]
    path = layouts.write(tmp_path / "wits.csv", rows)
    found = read_tariffs(path, "wits", C, ["total"], year=2019)
    assert found.rate[0, 1, 0] == 0.05
    assert "1 row without a rate is left out" in found.notes


def test_rows_of_unknown_partners_are_counted_apart(tmp_path):
    rows = [*ROWS, *(["BRA", "XXX", code, 2019, 0.1] for code in ("010121", "010129", "840734"))]
    notes = tariffs(tmp_path, "macmap", [*rows, ["YYY", "ARG", "010121", 2019, 0.1]]).notes
    assert "3 rows of exporters that the world does not have are left out: XXX" in notes
    assert "1 row of importers that the world does not have is left out: YYY" in notes


def test_a_row_of_a_union_with_an_unknown_partner_counts_once(tmp_path):
    pairs = [["code", "iso3"], ["918", "ARG"], ["918", "BRA"]]
    codes = read_codes(layouts.write(tmp_path / "codes.csv", pairs))
    notes = tariffs(tmp_path, "wits", [*ROWS, ["918", "XXX", "01", 2019, 1.0]], codes=codes).notes
    assert "1 row of exporters that the world does not have is left out: XXX" in notes
