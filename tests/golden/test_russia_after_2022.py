"""Trade of 2023 from effects estimated before: the rules of scoring, and the scores."""

import numpy as np
import pytest

from detente.data.paths import raw_folder
from detente.errors import MissingDataError
from detente.references import russia_after_2022 as after


def test_effects_stem_from_years_before_2022():
    given = after.effects()
    assert "2014" in given.sample and "2023" not in given.sample
    assert given.complete < given.partial < 0


def test_scores_of_known_forecasts():
    seen, size = np.array([1.0, -1.0, 2.0, -2.0]), np.array([1.0, 1.0, 1.0, 3.0])
    assert after._errors(seen, seen, size) == (100.0, pytest.approx(1.0), 0.0, 0.0)
    signs, rank, plain, weighted = after._errors(seen, np.zeros(4), size)
    assert (signs, rank) == (50.0, 0.0)
    assert plain == pytest.approx(np.sqrt(2.5))
    assert weighted == pytest.approx(np.sqrt(3.0))


@pytest.fixture(scope="module")
def found():
    try:
        return list(after.scores()), after.comparison(raw_folder(None))
    except MissingDataError as error:
        pytest.skip(f"no raw tables: {error}")


def test_signs_and_ranks_are_no_worse_than_scaling_all_alike(found):
    for score in found[0]:
        if score.baseline_name == "all partners scale alike":
            gain = score.ours - score.baseline
            assert (gain if score.better == "higher" else -gain) >= 0, score


def test_no_number_of_2023_enters_the_forecast(found):
    # Partners under one level and without other sanctions differ by what they trade, not by 2023.
    table = found[1]
    trade = table[table["direction"] == "trade"].set_index("partner")
    assert trade.loc["USA", "gravity"] == pytest.approx(trade.loc["DEU", "gravity"])
    assert (
        trade.loc["USA", "model"] < -0.5 < trade.loc["JPN", "model"] < 0 < trade.loc["IND", "model"]
    )


def test_a_sanction_acts_both_ways_and_the_stronger_holds(found):
    codes = ["RUS", "USA", "UKR", "IND"]
    moved = after.shift(raw_folder(None), codes, after.Effects(-0.1, -1.0, "stated"))
    np.testing.assert_allclose(moved, moved.T)
    assert moved[0, 1] == pytest.approx(-0.9) and moved[0, 3] == 0
