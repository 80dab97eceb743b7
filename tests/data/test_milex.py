"""The layers of military spending: which share, of which year, and what stays unknown."""

import os
from pathlib import Path

import numpy as np
import pytest

from detente.data.recipes.milex import NOT_CARRIED, military_spending
from detente.errors import MissingDataError

RAW = Path(os.environ.get("DETENTE_RAW", Path(__file__).parents[3] / "shared" / "data"))
needs_raw = pytest.mark.skipif(
    not (RAW / "milex_open").is_dir(), reason="raw tables absent (set DETENTE_RAW): milex_open"
)
SOME = ["AFG", "HTI", "LBN", "PRK", "RUS", "SDN", "UKR", "USA", "UZB"]


@pytest.fixture(scope="module")
def layers():
    return military_spending(RAW, SOME)


@needs_raw
def test_levels_are_shares_times_output(layers):
    from detente.data.recipes.macro import gdp

    output = gdp(RAW, SOME).gdp.to_series()
    level = layers.military_spending.to_series()
    assert level["USA"] / output["USA"] == pytest.approx(0.031, abs=0.002)
    assert level["RUS"] / output["RUS"] == pytest.approx(0.05, abs=0.001)
    assert level["LBN"] / output["LBN"] == pytest.approx(0.029, abs=1e-4)
    assert layers.military_spending.attrs["source"] == "milex_open"


@needs_raw
def test_status_and_year_say_where_a_share_comes_from(layers):
    status = layers.military_spending_status.to_series()
    year = layers.military_spending_year.to_series()
    assert status["USA"] == 1 and year["USA"] == 2023
    assert status["LBN"] == 2 and year["LBN"] == 2022
    assert status["UZB"] == status["HTI"] == 2 and year["UZB"] == year["HTI"] == 2019


@needs_raw
def test_what_no_source_says_stays_unknown(layers):
    level = layers.military_spending.to_series()
    unknown = {"AFG", "PRK", "SDN", "UKR"}
    assert set(level.index[level.isna()]) == unknown
    assert set(NOT_CARRIED) & set(SOME) < unknown
    assert (layers.military_spending_status.values == 0).sum() == len(unknown)
    assert np.array_equal(np.isnan(layers.military_spending_year), level.isna())


@needs_raw
def test_no_commitment_is_imposed(layers):
    assert (layers.spending_commitment.values == 0).all()


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(MissingDataError, match=r"factbook_gdp_pct_2012_2024\.parquet"):
        military_spending(tmp_path, SOME)
