"""Capability of states and coalitions: identities, monotonicity, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente as dt
from detente.errors import DataError, MissingDataError, ScenarioError
from detente.security import capability, coalition, read_nmc
from detente.security.capability import KINDS, SUBSISTENCE, gdp_product, surplus_product


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


@pytest.mark.parametrize("kind", KINDS)
def test_shares_add_to_one(world, kind):
    share = capability(world, kind)
    assert share.shape == (len(world.countries),)
    assert share.min() >= 0
    assert share.sum() == pytest.approx(1.0)


@given(st.floats(1.0, 1e6), st.floats(1.0, 1e6))
def test_product_doubles_with_income_per_head_twice_over(gdp, population):
    one = gdp_product(np.array(gdp), np.array(population))
    assert gdp_product(np.array(2 * gdp), np.array(population)) == pytest.approx(4 * one)
    assert gdp_product(np.array(gdp), np.array(2 * population)) == pytest.approx(one / 2)


def test_surplus_is_nothing_at_subsistence():
    assert surplus_product(np.array(SUBSISTENCE * 10), np.array(10.0)) == 0


def test_coalition_falls_with_distance_and_reliability(world):
    full = coalition(world, ["@NATO"])
    far = coalition(world, ["@NATO"], target="JPN")
    doubtful = coalition(world, ["@NATO"], target="JPN", reliability={"USA": 0.5})
    assert full.total > far.total > doubtful.total > 0
    lost = 0.5 * (far.share * far.discount)[far.members.index("USA")]
    assert far.total - doubtful.total == pytest.approx(lost)
    wide = coalition(world, ["@NATO"], target="JPN", distance_scale_km=1e12)
    assert wide.total == pytest.approx(full.total)


def test_a_member_named_twice_counts_once(world):
    assert coalition(world, ["@NATO", "USA"]).members == coalition(world, ["@NATO"]).members


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"members": ["USB"]}, "did you mean"),
        ({"target": "XXX"}, "no country"),
        ({"reliability": {"USA": 1.5}}, "between 0 and 1"),
        ({"reliability": {"RUS": 0.5}}, "no member"),
        ({"distance_scale_km": 0.0}, "positive"),
        ({"kind": "gdp_produkt"}, "did you mean gdp_product"),
    ],
)
def test_wrong_coalitions_are_refused(world, change, word):
    with pytest.raises(ScenarioError, match=word):
        coalition(world, **({"members": ["USA", "CAN"]} | change))


def test_cinc_is_carried_forward_and_widened():
    rows = pd.DataFrame({"iso3": ["USA", "UKR", "NAM"], "year": 2022, "cinc": [0.12, 0.01, 0.001]})
    now = read_nmc(rows, ["USA", "UKR", "NAM"], 2022)
    later = read_nmc(rows, ["USA", "UKR", "NAM"], 2025)
    assert (now.sd_log == 0).all() and (later.share == now.share).all()
    assert later.sd_log[0] == pytest.approx(0.09)
    # 11.6 times the spending in one of six components.
    assert later.sd_log[1] == pytest.approx(np.log(1 + 10.6 / 6))
    assert (later.draw(2, 1) == later.draw(3, 1)[:2]).all()


def test_cinc_of_a_file(tmp_path):
    pd.DataFrame({"iso3": ["NAM", "NA"], "year": [2022, 2022], "cinc": [0.1, 0.2]}).to_csv(
        tmp_path / "nmc.csv"
    )
    assert read_nmc(tmp_path / "nmc.csv", ["NAM"], 2022).share.tolist() == [0.1]
    with pytest.raises(MissingDataError, match="Correlates of War"):
        read_nmc(tmp_path / "none.csv", ["NAM"], 2022)


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ({"iso3": ["USA"], "year": [2022]}, "missing: cinc"),
        ({"iso3": ["USA"], "year": [2022], "cinc": [12.0]}, "between 0 and 1"),
        ({"iso3": ["USA", "CHN"], "year": [2022] * 2, "cinc": [0.9, 0.9]}, "share of the world"),
        ({"iso3": ["USA"], "year": [2030], "cinc": [0.1]}, "begin in 2030"),
    ],
)
def test_wrong_tables_of_capabilities_are_refused(rows, word):
    with pytest.raises(DataError, match=word):
        read_nmc(pd.DataFrame(rows), ["USA"], 2025)
