"""Whatever a table holds, what the rules leave is an economy whose accounts close."""

import import_layouts as layouts
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.accounts import accounts
from detente.errors import WorldError
from detente.importers import make_imported
from detente.importers.settle import TOTALS, Blocks, settle


def blocks(economy, **changes):
    f = economy.f.transpose(0, 2, 1, 3)
    parts = {
        "intermediate": economy.z.sum(axis=3).transpose(0, 2, 1),
        "input_use": economy.use,
        "final": np.delete(f, 4, axis=3).sum(axis=3),
        "stocks": f[..., 4],
        "value_added": economy.va,
        "taxes": economy.tls,
        "output": economy.out,
    }
    labels = (list(layouts.COUNTRIES), list(layouts.SECTORS))
    return Blocks("icio", 2022, *labels, **{**parts, **changes})


@given(st.integers(0, 10_000), st.floats(0, 60), st.floats(0, 0.5), st.floats(0, 1e-3))
def test_flows_and_final_use_are_never_negative(seed, fall, share, noise):
    rng = np.random.default_rng(seed)
    economy = layouts.Economy(seed)
    hit = rng.uniform(size=economy.f[..., 4].shape) < share
    economy.f[..., 4] -= np.where(hit, fall, 0.0)
    economy.out = economy.z.sum(axis=(2, 3)) + economy.f.sum(axis=(2, 3))
    economy.va = economy.out - economy.z.sum(axis=(0, 1)) - economy.tls
    economy.va *= 1 + noise * rng.standard_normal(economy.va.shape)
    try:
        tables = settle(blocks(economy))
    except WorldError as error:
        # Falls so deep that costs turn negative are no table of an economy.
        assert "inputs and value added" in str(error) or "differ by" in str(error)
        return
    assert (tables.flow >= 0).all() and (tables.final_use >= 0).all()
    assert (tables.value_added > 0).all()
    world = make_imported(tables, "any")
    sums = accounts(world.values("flow"), world.values("tariff_rate"), world.values("input_share"))
    assert np.allclose(sums.deficit.sum(), 0, atol=1e-8 * sums.value_added.sum())
    assert np.allclose(sums.output, tables.input_use.sum(axis=1) + tables.value_added, rtol=1e-6)


def test_a_table_that_adds_up_passes_untouched():
    economy = layouts.Economy()
    tables = settle(blocks(economy, final_taxes=3.0))
    assert tables.moved == 0 and not tables.changed.any()
    assert tables.notes == ("taxes less subsidies on final purchases are left out: 3",)


def test_missing_rows_show_in_the_totals():
    economy = layouts.Economy()
    with pytest.raises(WorldError, match=r"sales and costs .* differ by .* most in ROW"):
        settle(blocks(economy, value_added=np.where(np.arange(3)[:, None] == 2, 0.0, economy.va)))
    slight = economy.out * (1 + 0.5 * TOTALS)
    tables = settle(blocks(economy, output=slight))
    assert any("stated output and costs differ by 5.00e-03" in note for note in tables.notes)
    with pytest.raises(WorldError, match="holds no sales"):
        empty = {name: np.zeros((3, 3, 2)) for name in ("intermediate", "final", "stocks")}
        settle(blocks(economy, **empty))
