"""The economic layers of world2023: accounts, targets, known pairs, no phantom trade."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from detente.accounts import accounts
from detente.data import reexports
from detente.data.closure import Books, close
from detente.data.known_cases import ENDED_PAIRS, PAIR_MIX
from detente.data.outside_baci import OUTSIDE
from detente.data.recipes import baci, factbook, macro, sanction_pairs, wdi, wto
from detente.data.sectors import GOODS, SECTORS
from detente.data.world2023 import economic_layers
from detente.errors import MissingDataError

RAW = Path(os.environ.get("DETENTE_RAW", Path(__file__).parents[3] / "shared" / "data"))
needs_raw = pytest.mark.skipif(
    not (RAW / "baci2023").is_dir(), reason="raw tables absent (set DETENTE_RAW)"
)
FOUNDING = [("RUS", "USA"), ("CAN", "USA"), ("MEX", "USA"), ("RUS", "DEU"), ("RUS", "CHN")]


@pytest.fixture(scope="module")
def built():
    return economic_layers(RAW)


@pytest.fixture(scope="module")
def layers(built):
    return built[0]


@pytest.fixture(scope="module")
def books(layers):
    return accounts(layers.flow.values, layers.tariff_rate.values, layers.input_share.values)


@pytest.fixture(scope="module")
def recorded(layers):
    """Goods by pair as recorded, million USD."""
    table = baci.goods_pairs(RAW).pivot(index="origin", columns="destination", values="value")
    codes = layers.country.values
    return table.reindex(index=codes, columns=codes).fillna(0.0)


def goods(layers):
    values = layers.flow.values[:, :, : len(GOODS)].sum(axis=2)
    np.fill_diagonal(values, 0.0)
    codes = layers.country.values
    return pd.DataFrame(values, index=codes, columns=codes)


@needs_raw
def test_world_has_197_countries_with_taiwan_and_12_sectors(layers):
    assert layers.flow.shape == (197, 197, 12)
    assert set(OUTSIDE) <= set(layers.country.values)
    assert list(layers.sector.values) == list(SECTORS)
    assert list(layers.country.values) == sorted(layers.country.values)


@needs_raw
def test_accounts_close_with_final_use_and_domestic_sales_positive(layers, books):
    codes = [str(code) for code in layers.country.values]
    books.check(codes, list(SECTORS))
    assert layers.flow.values.min() >= 0
    assert books.final_use.min() > 0
    same = np.arange(len(codes))
    domestic = layers.flow.values[same, same]
    assert domestic.min() > 0
    assert (domestic / books.expenditure).min() > 0.029
    assert (books.value_added_share > 0.0799).all()
    assert abs(books.deficit.sum()) < 1e-6 * books.value_added.sum()


@needs_raw
def test_value_added_is_gross_domestic_product(layers, books):
    target = macro.gdp(RAW, list(layers.country.values))["gdp"].values
    np.testing.assert_allclose(books.value_added, target, rtol=1e-4)
    assert (np.abs(books.deficit) / target).max() < 0.26


@needs_raw
@pytest.mark.parametrize("pair", FOUNDING)
def test_founding_pairs_equal_the_data(layers, recorded, pair):
    ours = goods(layers)
    for origin, destination in (pair, pair[::-1]):
        assert ours.loc[origin, destination] == pytest.approx(
            recorded.loc[origin, destination], rel=1e-3
        )


@needs_raw
def test_no_phantom_trade_on_sanctioned_pairs(layers, recorded):
    """Goods on every pair under broad or complete sanctions are what the data say."""
    codes = [str(code) for code in layers.country.values]
    broad, _ = sanction_pairs.sanctioned(RAW, codes)
    outside = np.isin(codes, OUTSIDE)
    check = broad & ~outside[:, None] & ~outside[None, :]
    known = recorded.to_numpy().copy()
    for origin, destination in ENDED_PAIRS:
        known[codes.index(origin), codes.index(destination)] = 0.0
    np.testing.assert_allclose(goods(layers).to_numpy()[check], known[check], rtol=1e-4, atol=1e-4)
    assert check[codes.index("RUS"), codes.index("USA")]
    assert check[codes.index("DEU"), codes.index("RUS")]


@needs_raw
def test_north_korea_trades_with_china_alone(layers):
    ours = goods(layers)
    for series in (ours.loc["PRK"], ours["PRK"]):
        assert list(series[series > 0].index) == ["CHN"]


@needs_raw
def test_known_cases_override_estimates(layers):
    flow = layers.flow.sel(origin="RUS", destination=["USA", "DEU"])[:, : len(GOODS)]
    energy = flow.sel(sector="energy_mining") / flow.sum("sector")
    assert float(energy.sel(destination="USA")) == 0.0
    assert float(energy.sel(destination="DEU")) < 0.1
    china = layers.flow.sel(origin="CHN", destination="RUS")[: len(GOODS)].values
    mix = np.array([PAIR_MIX["CHN", "RUS"][name] for name in GOODS])
    np.testing.assert_allclose(china / china.sum(), mix, rtol=1e-4)


@needs_raw
def test_every_cell_has_a_status(layers):
    flow, status = layers.flow.values, layers.flow_status.values
    assert status.dtype == np.uint8 and set(np.unique(status)) <= {0, 1, 2, 3}
    assert ((status == 0) == (flow == 0)).all()
    tariff, marks = layers.tariff_rate.values, layers.tariff_rate_status.values
    assert set(np.unique(marks)) <= {0, 1, 2}
    assert (marks[tariff != 0] > 0).all()
    same = np.arange(197)
    assert (status[same, same] == 2).all() and (tariff[same, same] == 0).all()
    assert (tariff[:, :, len(GOODS) :] == 0).all()
    for name in ("value_moved", "value_imputed"):
        assert layers[name].values.min() >= 0 and layers[name].values.max() <= 1


@needs_raw
def test_tariffs_meet_country_means_and_are_zero_inside_unions(layers):
    rate = layers.tariff_rate
    for a, b in (("DEU", "FRA"), ("TUR", "DEU"), ("USA", "MEX"), ("KAZ", "RUS"), ("NOR", "SWE")):
        assert float(abs(rate.sel(origin=a, destination=b)).max()) == 0.0
    ours = goods(layers)
    duty = (layers.flow * rate).sum(["origin", "sector"])
    mean = duty.values / ours.sum(axis=0)
    assert mean["USA"] == pytest.approx(0.0149, abs=0.004)
    assert mean["RUS"] == pytest.approx(0.0417, abs=0.004)
    assert mean["CHN"] == pytest.approx(0.0218, abs=0.005)
    assert mean["SGP"] < 0.002


@needs_raw
def test_taiwan_sells_electronics_as_wto_reports(layers):
    ours = layers.flow.sel(origin="TWN").drop_sel(destination="TWN").sum("destination")
    table = wto.country_products(RAW).loc[("TWN", "export")]
    reported = table["office_telecom"] + table["machinery_other"]
    assert float(ours.sel(sector="machinery")) == pytest.approx(reported, rel=0.12)
    assert float(ours[: len(GOODS)].sum()) == pytest.approx(table["total_musd"], rel=0.03)
    share = layers.flow.sel(origin="TWN", destination="CHN")[: len(GOODS)].sum()
    assert 0.15 < float(share / ours[: len(GOODS)].sum()) < 0.35


@needs_raw
def test_totals_agree_with_independent_figures(layers, books):
    codes = list(layers.country.values)
    gdp = macro.gdp(RAW, codes)["gdp"].values
    flow = layers.flow.values.copy()
    flow[np.arange(197), np.arange(197)] = 0.0
    sold = pd.Series(flow.sum(axis=(1, 2)), index=codes)
    reported = wdi.indicator(RAW, "exports_gs_pct_gdp", oldest=2021).reindex(codes) / 100 * gdp
    gap = np.log(sold / reported)
    for code in ("USA", "CHN", "DEU", "RUS", "SAU", "IND", "GBR", "CAN", "MEX", "JPN", "KOR"):
        assert abs(gap[code]) < 0.1, code
    assert abs(gap.median()) < 0.1
    ours, found, wanted = goods(layers), 0, 0
    for code in codes:
        top = factbook.top_partners(RAW, code, "export").index.intersection(codes)
        best = ours.loc[code].nlargest(5).index
        found, wanted = found + len(top.intersection(best)), wanted + len(top)
    assert found / wanted > 0.8


@needs_raw
def test_log_names_every_country_and_step(built):
    layers, log = built
    assert list(log.columns) == ["country", "step", "value_musd", "note"]
    closing = log[log["step"] == "value added less GDP"]
    assert sorted(closing["country"]) == list(layers.country.values)
    assert (log["step"] == "closure round 1").any()


@needs_raw
@pytest.mark.slow
def test_rebuild_is_identical(built):
    again, log = economic_layers(RAW)
    for name in again.data_vars:
        assert built[0][name].values.tobytes() == again[name].values.tobytes(), name
    pd.testing.assert_frame_equal(built[1], log)


def test_missing_table_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"baci2023/countries\.csv"):
        economic_layers(tmp_path)


def test_redirection_keeps_net_exports_and_locked_pairs():
    rng = np.random.default_rng(1)
    flow = rng.random((4, 4, 2))
    flow[np.arange(4), np.arange(4)] = 0.0
    locked = np.zeros((4, 4), bool)
    locked[0, 3] = locked[3, 0] = True
    before, net = flow.copy(), flow.sum(axis=1) - flow.sum(axis=0)
    moved = reexports.redirect(flow, 1, 0.4, 0, locked)
    assert 0 < moved <= 0.4
    np.testing.assert_allclose(flow.sum(axis=1) - flow.sum(axis=0), net, atol=1e-12)
    assert (flow[locked] == before[locked]).all() and flow.min() >= 0
    assert (flow[:, :, 1] == before[:, :, 1]).all()


def test_reassigned_imports_stay_with_their_supplier():
    rng = np.random.default_rng(2)
    flow = rng.random((4, 4, 1))
    flow[np.arange(4), np.arange(4)] = 0.0
    sold = flow.sum(axis=1)
    none = np.zeros((4, 4), bool)
    moved = reexports.reassign_imports(flow, 2, np.array([0.5]), none, np.zeros(4, bool))
    assert moved[0] == pytest.approx(0.5)
    np.testing.assert_allclose(flow.sum(axis=1), sold)


def test_closure_meets_gdp_when_exports_exceed_what_final_use_supports():
    inputs = np.array([[0.3, 0.1], [0.2, 0.3]])
    books = Books(
        inputs=inputs,
        final_share=np.array([0.5, 0.5]),
        exports=np.array([0.9, 0.1]),
        imports=np.array([0.8, 0.2]),
        farm_share=float("nan"),
        duty=np.array([0.05, 0.0]),
        movable_imports=np.array([0.8, 0.2]),
        movable_exports=np.array([0.9, 0.1]),
        reexport_limit=np.array([0.7, 0.1]),
    )
    found = close(books, "reexports")
    assert found is not None
    value_added = ((1 - inputs.sum(axis=0)) * found.output).sum()
    assert value_added == pytest.approx(1.0, abs=1e-12)
    exports = books.exports - found.reexports
    assert (found.output - exports).min() > 0 and found.final.min() > 0
