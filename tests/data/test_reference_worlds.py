"""The reference tables close their accounts and equal their published totals."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from detente.accounts import accounts
from detente.data.recipes import campos, wiod

RAW = Path(os.environ.get("DETENTE_RAW", Path(__file__).parents[3] / "shared" / "data"))
needs_wiod = pytest.mark.skipif(
    not (RAW / "wiod2013").is_dir(), reason="raw table wiod2013 absent (set DETENTE_RAW)"
)
needs_campos = pytest.mark.skipif(
    not (RAW / "campos2019").is_dir(), reason="raw table campos2019 absent (set DETENTE_RAW)"
)


def totals(layers):
    return accounts(layers.flow.values, layers.tariff_rate.values, layers.input_share.values)


@pytest.fixture(scope="module")
def wiot():
    return wiod.wiod2011_layers(RAW)


@pytest.fixture(scope="module")
def world151():
    return campos.campos2019_layers(RAW)


@needs_wiod
def test_wiod_has_41_regions_and_35_named_sectors(wiot):
    assert wiot.flow.shape == (41, 41, 35)
    names = wiod.wiod2011_sector_names(RAW)
    assert list(wiot.sector.values) == [f"c{i}" for i in range(1, 36)] == list(names)
    groups = wiod.wiod2011_sector_groups(RAW)
    assert len(groups["goods"]) == 16 and len(groups["services"]) == 19
    assert "ROW" in wiot.country.values


@needs_wiod
def test_wiod_accounts_balance(wiot):
    base = totals(wiot)
    base.check(list(wiot.country.values), list(wiot.sector.values))
    assert wiot.flow.values.min() >= 0
    assert base.final_use.min() >= 0
    assert abs(base.deficit.sum()) < 1e-6
    published = base.value_added.sum()
    assert published == pytest.approx(69.3e6, rel=0.001)
    # what a country sells less what it uses is what it earns
    use = (wiot.input_share.values.sum(axis=1) * base.output).sum(axis=1)
    np.testing.assert_allclose(base.output.sum(axis=1) - use, base.value_added, rtol=1e-12)


@needs_wiod
def test_wiod_output_is_the_published_gross_output(wiot):
    table = pd.read_parquet(RAW / "wiod2013/output_va.parquet")
    table = table[table.year == 2011].astype({"country": str, "sector": str})
    gross = table.pivot(index="country", columns="sector", values="gross_output_musd")
    gross = gross.loc[list(wiot.country.values), list(wiot.sector.values)].to_numpy(dtype=float)
    gap = np.abs(totals(wiot).output - gross)
    # 108 million is the rounding of the source; four cells give way to the inventory rule
    assert (gap > 110).sum() <= 10
    assert gap.sum() / gross.sum() < 6e-4


@needs_wiod
def test_wiod_trade_equals_published_totals(wiot):
    flow = wiot.flow.sum("sector")
    abroad = flow.values.copy()
    np.fill_diagonal(abroad, 0)
    assert abroad.sum() == pytest.approx(18.3e6, rel=0.005)
    pair = flow.sel(origin="CHN", destination="USA").item()
    assert pair == pytest.approx(412.8e3, rel=0.001)
    russia = abroad[list(flow.origin.values).index("RUS")].sum()
    assert russia == pytest.approx(484.4e3, rel=0.001)


@needs_wiod
def test_inventory_rule_touches_little_and_marks_it(wiot):
    moved = wiot.flow_status.values == wiod.MOVED
    assert 0 < moved.sum() < 100
    assert set(np.unique(wiot.flow_status.values)) == {wiod.OBSERVED, wiod.MOVED}


def test_settled_inventories_leave_nothing_negative():
    intermediate = np.array([[[1.0, 4.0]], [[0.0, 0.0]]])
    final = np.array([[[0.0, 1.0]], [[0.0, 2.0]]])
    inventory = np.array([[[-3.0, -2.0]], [[5.0, -2.0]]])
    kept = wiod._settle_inventories(intermediate, final, inventory)
    assert (intermediate + final + kept).min() >= 0
    assert (final + kept).sum(axis=0).min() >= 0
    assert kept[1, 0, 0] == 5.0


@needs_campos
def test_campos_totals(world151):
    assert world151.flow.shape == (151, 151, 1)
    flow = world151.flow.values[:, :, 0]
    names = list(world151.origin.values)
    abroad = flow - np.diag(np.diag(flow))
    assert abroad.sum() == pytest.approx(17.19e6, rel=0.001)
    assert flow[names.index("CHN"), names.index("USA")] == pytest.approx(452.2e3, rel=0.001)
    assert abroad[names.index("RUS")].sum() == pytest.approx(414.3e3, rel=0.001)
    assert abroad[:, names.index("RUS")].sum() == pytest.approx(234.1e3, rel=0.001)
    base = totals(world151)
    base.check(names, ["total"])
    assert abs(base.deficit.sum()) < 1e-6
    share = flow[names.index("RUS"), names.index("RUS")] / base.expenditure[names.index("RUS"), 0]
    assert share == pytest.approx(0.845, abs=0.0005)


@needs_campos
def test_campos_blocs(world151):
    blocs = campos.campos2019_blocs(RAW)
    assert {name: len(listed) for name, listed in blocs.items()} == {
        "CAMPOS_WESTERN": 71,
        "CAMPOS_EASTERN": 19,
        "CAMPOS_NEUTRAL": 61,
    }
    assert sorted(sum(blocs.values(), ())) == list(world151.country.values)
