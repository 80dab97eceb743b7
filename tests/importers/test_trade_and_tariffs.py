"""BACI with GDP, and bilateral tariffs: what they become, units, unions, what is left out."""

import import_layouts as layouts
import numpy as np
import pytest

from detente.accounts import accounts
from detente.errors import PlaceError, WorldError
from detente.importers import (
    make_imported,
    read_baci,
    read_codes,
    read_concordance,
    read_icio,
    read_tariffs,
)

GDP = [["iso3", "gdp_usd"], ["ARG", 5e11], ["BRA", 2e12], ["ROW", 8e13]]
HS = [["hs", "sector"], ["01", "A01"], ["84", "C10"], ["0102", "A01"]]
C, S = list(layouts.COUNTRIES), list(layouts.SECTORS)


def trade():
    return np.random.default_rng(1).uniform(1e6, 9e6, (3, 3, 2))


def table(path, rows):
    return layouts.write(path, rows)


def test_domestic_sales_are_output_less_exports(tmp_path):
    flow = trade()
    path = layouts.baci(tmp_path, flow)
    tables = read_baci(path, table(tmp_path / "gdp.csv", GDP), output_ratio=2.0)
    assert tables.sectors == ["total"] and tables.year == 2023
    exports = (flow.sum(axis=2) * (1 - np.eye(3))).sum(axis=1) / 1e3
    assert np.allclose(tables.flow.sum(axis=(1, 2)), [1e6, 4e6, 1.6e8])
    assert np.isclose(tables.flow[0, 0, 0], 1e6 - exports[0])
    assert np.isclose(tables.flow[0, 1, 0], flow[0, 1].sum() / 1e3)
    world = make_imported(tables, "goods")
    assert world.meta["balance"]["method"] == "none" and world.year == 2023


def test_sectors_need_output_by_sector_or_a_word(tmp_path):
    path = layouts.baci(tmp_path, trade())
    gdp = table(tmp_path / "gdp.csv", GDP)
    hs = read_concordance(table(tmp_path / "hs.csv", HS))
    with pytest.raises(WorldError, match="needs a column sector"):
        read_baci(path, gdp, concordance=hs)
    spread = read_baci(path, gdp, concordance=hs, spread=True)
    assert spread.sectors == ["A01", "C10"]
    assert np.allclose(spread.flow.sum(axis=(1, 2)), [5e5, 2e6, 8e7])
    assert np.allclose(spread.flow[0, 1], trade()[0, 1] / 1e3)
    rows = [["iso3", "sector", "gdp_musd"]]
    rows += [[c, s, 1e5 * (i + 1)] for i, c in enumerate(C) for s in S]
    given = read_baci(path, table(tmp_path / "by.csv", rows), concordance=hs)
    assert np.allclose(given.flow.sum(axis=1), [[1e5, 1e5], [2e5, 2e5], [3e5, 3e5]])


def test_negative_domestic_sales_are_refused_or_raised_on_request(tmp_path):
    path = layouts.baci(tmp_path, trade())
    low = [["iso3", "gdp_musd"], ["ARG", 10.0], ["BRA", 2e6], ["ROW", 8e7]]
    gdp = table(tmp_path / "gdp.csv", low)
    with pytest.raises(WorldError, match=r"negative in 1 of 3 cells.*ARG: -.*--domestic-floor"):
        read_baci(path, gdp)
    tables = read_baci(path, gdp, domestic_floor=0.03)
    assert np.isclose(tables.flow[0, 0, 0] / tables.flow[0].sum(), 0.03)
    assert any("raised to 3.0%" in note for note in tables.notes)


def test_countries_without_gdp_are_left_out_and_said(tmp_path):
    path = layouts.baci(tmp_path, trade())
    tables = read_baci(path, table(tmp_path / "gdp.csv", GDP[:3]))
    assert tables.countries == ["ARG", "BRA"]
    assert any("without a GDP" in note and "ROW" in note for note in tables.notes)


def test_baci_faults(tmp_path):
    path = layouts.baci(tmp_path, trade())
    with pytest.raises(WorldError, match="the unit must stand in the name"):
        read_baci(path, table(tmp_path / "a.csv", [["iso3", "gdp"], ["ARG", 1.0]]))
    with pytest.raises(WorldError, match="row 3, column gdp_usd: GDP must be positive"):
        read_baci(path, table(tmp_path / "b.csv", [["iso3", "gdp_usd"], ["ARG", 1], ["BRA", 0]]))
    gdp = table(tmp_path / "gdp.csv", GDP)
    with pytest.raises(WorldError, match="holds the year 2023, not 2020"):
        read_baci(path, gdp, year=2020)
    hs = read_concordance(table(tmp_path / "hs.csv", HS[:2]))
    with pytest.raises(WorldError, match="column k: product 840734 has no sector"):
        read_baci(path, gdp, concordance=hs)
    (tmp_path / "country_codes_V202501.csv").unlink()
    with pytest.raises(PlaceError, match="country_codes"):
        read_baci(path, gdp)


def test_a_decimal_comma_is_named_and_shifts_no_value(tmp_path):
    path = layouts.baci(tmp_path, trade())
    lines = path.read_text("utf-8").split("\n")
    lines[3] = lines[3].replace(".", ",", 1)
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(WorldError, match=r"row 4: 7 cells; the header has 6. Write decimals with"):
        read_baci(path, table(tmp_path / "gdp.csv", GDP))


def macmap(rate=0.1):
    rows = [["importer", "exporter", "hs6_2007", "year", "adv"]]
    rows += [["BRA", "ARG", "010121", 2019, rate], ["BRA", "ARG", "840734", 2019, 3 * rate],
             ["BRA", "ROW", "10129", 2019, rate], ["BRA", "ARG", "010129", 2019, 0.0],
             ["XYZ", "ARG", "010121", 2019, rate]]  # fmt: skip
    return rows


def hs(tmp_path, rows=HS):
    return read_concordance(table(tmp_path / "hs.csv", rows), S)


def test_macmap_is_averaged_over_products(tmp_path):
    path = table(tmp_path / "mmhs6_2019.csv", macmap())
    found = read_tariffs(path, "macmap", C, S, concordance=hs(tmp_path))
    assert np.isclose(found.rate[0, 1, 0], 0.05) and np.isclose(found.rate[0, 1, 1], 0.3)
    assert np.isclose(found.rate[2, 1, 0], 0.1) and found.known.sum() == 3
    text = " ".join(found.notes)
    assert (
        "levied by ARG, ROW" in text
        and "importers that the world does not have is left out: XYZ" in text
    )


def test_tariffs_enter_purchases_and_the_accounts_close(tmp_path):
    tables = read_icio(layouts.icio(tmp_path, layouts.Economy()))
    path = table(tmp_path / "mmhs6_2019.csv", macmap())
    found = read_tariffs(path, "macmap", C, S, concordance=hs(tmp_path))
    plain, taxed = make_imported(tables, "a"), make_imported(tables, "b", tariffs=found)
    assert np.array_equal(plain.values("flow"), taxed.values("flow"))
    before, after = (
        accounts(one.values("flow"), one.values("tariff_rate"), one.values("input_share"))
        for one in (plain, taxed)
    )
    assert after.revenue[1] > 0 and after.revenue[[0, 2]].tolist() == [0, 0]
    # What buyers pay more is what the treasury gets, and trade with abroad is what it was.
    assert np.isclose((after.expenditure - before.expenditure).sum(), after.revenue.sum())
    assert np.allclose(after.deficit, before.deficit)
    status = taxed.layers["tariff_rate_status"].values
    assert status[0, 1, 0] == 1 and status[1, 0, 0] == 0


@pytest.mark.parametrize("unit, scale", [("percent", 0.01), ("fraction", 1.0)])
def test_a_stated_unit_is_believed(unit, scale, tmp_path):
    path = table(
        tmp_path / "t.csv", [["iso1", "iso2", "year", "tariff"], ["BRA", "ARG", 2021, 0.2]]
    )
    found = read_tariffs(path, "teti", C, ["total"], unit=unit)
    assert np.isclose(found.rate[0, 1, 0], 0.2 * scale)


def test_the_unit_is_taken_only_when_it_shows(tmp_path):
    head = ["iso1", "iso2", "year", "sector", "tariff"]
    path = table(tmp_path / "t.csv", [head, ["BRA", "ARG", 2021, "A01", 0.2]])
    with pytest.raises(WorldError, match=r"column tariff: nothing tells.*--tariff-unit percent"):
        read_tariffs(path, "teti", C, S)
    rows = [head, ["BRA", "ARG", 2021, "A01", 12.5], ["ARG", "BRA", 2021, "A01", ""]]
    found = read_tariffs(table(tmp_path / "p.csv", rows), "teti", C, S)
    assert np.isclose(found.rate[0, 1, 0], 0.125)
    assert "1 row without a rate is left out" in found.notes
    with pytest.raises(WorldError, match="states fractions"):
        read_tariffs(
            table(tmp_path / "m.csv", macmap(10.0)), "macmap", C, S, concordance=hs(tmp_path)
        )


def test_wits_states_its_unit_and_unions_are_expanded(tmp_path):
    rows = [["Reporter", "Partner", "Product", "Tariff Year", "AHS Weighted Average (%)"],
            ["918", "ROW", "84", 2021, 0.5], ["076", "ROW", "84", 2020, 3.0]]  # fmt: skip
    path = table(tmp_path / "wits.csv", rows)
    pairs = [["code", "iso3"], ["918", "ARG"], ["918", "BRA"], ["76", "BRA"]]
    codes = read_codes(table(tmp_path / "codes.csv", pairs))
    with pytest.raises(WorldError, match="holds the years 2020, 2021: say which"):
        read_tariffs(path, "wits", C, S, concordance=hs(tmp_path), codes=codes)
    found = read_tariffs(path, "wits", C, S, year=2021, concordance=hs(tmp_path), codes=codes)
    assert found.rate[2, :, 1].tolist() == [0.005, 0.005, 0.0]
    with pytest.raises(WorldError, match="Give --codes"):
        read_tariffs(path, "wits", C, S, year=2021, concordance=hs(tmp_path))


FAULTS = {
    "layout": ({"layout": "tetti"}, macmap(), "did you mean teti"),
    "unit": ({"unit": "percents"}, macmap(), "did you mean percent"),
    "column": ({}, [["importer", "exporter", "hs6_2007", "year", "advv"], *macmap()[1:]],
               "row 1: no column 'adv' or 'ave'; did you mean advv"),
    "number": ({}, [*macmap(), ["BRA", "ARG", "010121", 2019, "free"]],
               "row 7, column adv: 'free' is not a finite number"),
    "negative": ({}, [*macmap(), ["BRA", "ARG", "010121", 2019, -0.1]],
                 "row 7: the tariff is -0.1"),
    "label": ({}, [*macmap(), ["", "ARG", "010121", 2019, 0.1]], "row 7, column importer"),
    "year": ({"year": 2016}, macmap(), "no rows of 2016; it holds 2019"),
    "products": ({"concordance": None}, macmap(), "Give --concordance"),
    "no rows": ({}, macmap()[:1], "no rows below the header"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_table_of_tariffs_is_named(fault, tmp_path):
    options, rows, message = FAULTS[fault]
    path = table(tmp_path / "mmhs6_2019.csv", rows)
    given = {"layout": "macmap", "concordance": hs(tmp_path), **options}
    layout = given.pop("layout")
    with pytest.raises(WorldError, match=message):
        read_tariffs(path, layout, C, S, **given)


def test_pairs_without_products_need_the_sectors_that_bear_them(tmp_path):
    path = table(tmp_path / "t.csv", [["iso1", "iso2", "year", "tariff"], ["BRA", "ARG", 2021, 8]])
    with pytest.raises(WorldError, match="no column of products"):
        read_tariffs(path, "teti", C, S, unit="percent")
    goods = hs(tmp_path, HS[:2])
    found = read_tariffs(path, "teti", C, S, unit="percent", concordance=goods)
    assert found.rate[0, 1].tolist() == [0.08, 0.0]


def test_a_concordance_names_sectors_of_the_world(tmp_path):
    with pytest.raises(WorldError, match="row 2, column sector: no sector 'A1' in the world"):
        hs(tmp_path, [["hs", "sector"], ["01", "A1"]])
    with pytest.raises(WorldError, match="row 3, column hs: 01 occurs twice"):
        hs(tmp_path, [["hs", "sector"], ["01", "A01"], ["01", "C10"]])


def test_a_concordance_counts_where_there_is_one_sector(tmp_path):
    rows = [["importer", "exporter", "hs6", "ave"]]
    rows += [["ARG", "BRA", "010101", 0.1], ["ARG", "BRA", "840101", 0.3]]
    path = table(tmp_path / "m.csv", rows)
    some = read_concordance(table(tmp_path / "c.csv", [["hs", "sector"], ["01", "A"]]), ["A"])
    for known, rate in ((None, 0.2), (some, 0.1)):
        found = read_tariffs(path, "macmap", C, ["A"], unit="fraction", concordance=known)
        assert np.isclose(found.rate[C.index("BRA"), C.index("ARG"), 0], rate)
    assert any("products without a sector" in note for note in found.notes)


def test_a_flow_below_zero_is_named(tmp_path):
    flow = trade()
    flow[1, 0, 1] = -5.0
    path = layouts.baci(tmp_path, flow)
    with pytest.raises(WorldError, match=r"row \d+, column v: the flow is -.*; below 0"):
        read_baci(path, table(tmp_path / "gdp.csv", GDP), output_ratio=2.0)
