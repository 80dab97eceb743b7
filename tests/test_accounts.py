"""The accounts close, and say by name where they cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.accounts import accounts
from detente.errors import WorldError
from economies import COUNTRIES, SECTORS, economy


def of(world):
    return accounts(world.values("flow"), world.values("tariff_rate"), world.values("input_share"))


@given(st.integers(0, 1000))
def test_income_spending_and_deficits_close(seed):
    found = of(economy(seed, closed=False))
    np.testing.assert_allclose(
        found.spending, found.value_added + found.revenue + found.deficit, rtol=1e-12
    )
    assert abs(found.deficit.sum()) < 1e-9 * found.value_added.sum()
    np.testing.assert_allclose(
        found.value_added, (found.value_added_share * found.output).sum(axis=1), rtol=1e-12
    )


def test_a_deficit_is_imports_less_exports_net_of_tariffs():
    world = economy(2, closed=False)
    flow = world.values("flow").sum(axis=2)
    np.testing.assert_allclose(of(world).deficit, flow.sum(axis=0) - flow.sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(world.values("deficit"), of(world).deficit)


def test_each_cell_by_a_loop_over_three_countries_and_two_sectors():
    world = economy(3, countries=["CAN", "MEX", "USA"])
    flow, rate = world.values("flow"), world.values("tariff_rate")
    share, found = world.values("input_share"), of(world)
    for c in range(3):
        for s in range(2):
            assert found.output[c, s] == pytest.approx(sum(flow[c, d, s] for d in range(3)))
            bought = sum(flow[o, c, s] * (1 + rate[o, c, s]) for o in range(3))
            assert found.expenditure[c, s] == pytest.approx(bought)
            used = sum(share[c, s, u] * flow[c, d, u] for u in range(2) for d in range(3))
            assert found.final_use[c, s] == pytest.approx(bought - used)


def test_negative_final_use_is_named_with_the_largest_first():
    world = economy()
    flow = world.values("flow").copy()
    flow[1, 1, 0] = 0.01
    flow[:, 1, 0] *= 0.01
    broken = accounts(flow, world.values("tariff_rate"), world.values("input_share"))
    with pytest.raises(WorldError, match=r"final use is negative in 1 cells \(largest: MEX food"):
        broken.check(COUNTRIES, SECTORS)


def test_input_shares_above_one_are_named():
    world = economy()
    share = world.values("input_share").copy()
    share[2, :, 1] = 0.7
    broken = accounts(world.values("flow"), world.values("tariff_rate"), share)
    with pytest.raises(WorldError, match=r"RUS in sector metals add to more than one \(1\.4\)"):
        broken.check(COUNTRIES, SECTORS)


def test_a_country_without_sales_is_named():
    world = economy(inputs=False)
    flow = world.values("flow").copy()
    flow[3] = 0
    broken = accounts(flow, world.values("tariff_rate"), world.values("input_share"))
    with pytest.raises(WorldError, match="no value added in USA"):
        broken.check(COUNTRIES, SECTORS)


def test_what_is_zero_up_to_rounding_is_zero():
    flow = np.array([[[10.0, 5.0]]])
    share = np.zeros((1, 2, 2))
    share[0, 0, 1] = 2.0000000000000001  # all of sector one goes into sector two
    found = accounts(flow, np.zeros_like(flow), share)
    assert found.final_use[0, 0] == 0
