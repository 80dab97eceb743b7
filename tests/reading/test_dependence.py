"""Dependence, power and the loss from a coalition: identities of the base."""

from functools import cache

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import detente as dt
from detente.errors import ScenarioError
from detente.reading.dependence import dependence_matrix
from detente.world import accounts_of
from economies import economy


@cache
def world(seed=3):
    return economy(seed, closed=False)


@hypothesis.given(st.integers(0, 30))
def test_power_is_antisymmetric_and_dependence_is_not_negative(seed):
    found = dt.reading.dependence(world(seed))
    for name in ("power", "dependence"):
        table = found.pivot(index="iso3", columns="partner", values=name).to_numpy()
        table = np.nan_to_num(table)
        if name == "power":
            np.testing.assert_allclose(table, -table.T, atol=1e-12)
        else:
            assert (table >= 0).all()


def test_shares_add_up_and_exports_to_all_are_those_of_the_accounts():
    found = dt.reading.dependence(world()).groupby("iso3").sum(numeric_only=True)
    np.testing.assert_allclose(found[["exports_share", "imports_share"]], 100.0)
    flow = world().values("flow").sum(axis=2)
    abroad = flow.sum(axis=1) - np.diag(flow)
    np.testing.assert_allclose(
        found["exports_gdp"], 100 * abroad / accounts_of(world()).value_added
    )


def test_dependence_with_one_elasticity_is_the_import_share_of_absorption_over_it():
    found = dt.reading.dependence(world(), elasticity=np.array([5.0, 5.0]))
    total = found.groupby("iso3")["dependence"].sum()
    openness = dt.reading.concentration(world()).set_index("iso3")["openness"]
    np.testing.assert_allclose(total, openness / 5.0)


def test_concentration_lies_between_equal_parts_and_one():
    found = dt.reading.concentration(world())
    for side in ("exports", "imports"):
        assert found[side].between(1 / 3, 1).all()
    only = world().values("flow").copy()
    only[1:, 0, :] = 0
    only[2, 0, :] = 5.0
    lone = dt.reading.concentration(world().replace(flow=only), "CAN")
    assert lone["imports"].item() == 1
    assert lone["top_supplier"].item() == "RUS"


def test_a_small_coalition_costs_what_liu_and_yang_say():
    small = world().replace(flow=_scaled(world().values("flow"), 1e-5))
    loss = dt.reading.coalition_loss(small, "RUS").groupby("iso3")["loss"].sum()
    matrix = 100 * dependence_matrix(small)[:, small.countries.index("RUS")]
    for code, value in loss.items():
        assert value == pytest.approx(matrix[small.countries.index(code)], rel=1e-4)


def _scaled(flow, factor):
    """Return flows in which RUS sells abroad a little of what it did."""
    flow = flow.copy()
    home = flow[2, 2].copy()
    flow[2] *= factor
    flow[2, 2] = home
    return flow


def test_the_loss_is_more_than_additive_and_the_cap_bounds_it():
    def total(coalition, **options):
        found = dt.reading.coalition_loss(world(), coalition, "CAN", **options)
        return found["loss"].sum()

    both = total(["RUS", "USA"])
    assert both > total("RUS") + total("USA")
    assert total(["RUS", "USA"], cap=0.001) < both
    assert dt.reading.coalition_loss(world(), ["RUS", "USA"], "CAN", cap=0.001)["capped"].all()


def test_the_loss_is_the_price_of_absorption_when_the_flows_end():
    """Armington at given prices: (1 - omega)^(-1/theta) in each sector, by expenditure."""
    found = dt.reading.coalition_loss(world(), "USA", "MEX")
    theta = world().values("trade_elasticity")
    for row, elasticity in zip(found.to_dict("records"), theta, strict=True):
        price = (1 - row["share"] / 100) ** (-1 / elasticity)
        assert row["loss"] == pytest.approx(row["weight"] * np.log(price))
    np.testing.assert_allclose(found["weight"].sum(), 100.0)


def test_wrong_options_are_refused():
    with pytest.raises(ScenarioError, match="cap must lie between 0 and 1"):
        dt.reading.coalition_loss(world(), "USA", cap=1.0)
    with pytest.raises(ScenarioError, match="one positive number"):
        dt.reading.dependence(world(), elasticity=np.array([1.0]))
    with pytest.raises(ScenarioError, match="MEX"):
        dt.reading.dependence(world(), "MXE")
