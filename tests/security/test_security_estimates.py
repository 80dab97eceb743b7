"""The two estimates: held-out years stay out, known slopes are found again, scores are shipped."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from detente.data.estimate import dispute_outcomes, initiators
from detente.errors import MissingDataError
from detente.references import security
from detente.security.initiators import challenger_share, initiator_slope
from detente.security.outcomes import caveat, read_record


def simulated(slope, rows=4000, seed=0):
    random = np.random.default_rng(seed)
    gdp = random.normal(0, 2, rows)
    chance = 1 / (1 + np.exp(-slope * gdp))
    return pd.DataFrame({
        "dispnum": np.arange(rows), "year": random.integers(1946, 2014, rows),
        "started": (random.random(rows) < chance).astype(float), "gdp": gdp,
    })  # fmt: skip


def test_a_known_slope_is_found_again():
    found, error = initiators.fit(simulated(0.3), ("gdp",))
    assert found[0] == pytest.approx(0.3, abs=3 * error[0])
    assert 0.01 < error[0] < 0.03


def test_swapping_the_two_states_swaps_the_answer():
    table = simulated(0.3)
    swapped = table.assign(gdp=-table["gdp"], started=1 - table["started"])
    one, other = (initiators.fit(rows, ("gdp",))[0] for rows in (table, swapped))
    assert one == pytest.approx(other, abs=1e-5)


def test_no_training_row_is_later_than_the_split():
    train, test = initiators.split(simulated(0.3))
    assert train["year"].max() == initiators.SPLIT < test["year"].min()


def test_shares_of_a_pair_add_to_one_and_rise_with_output():
    share = challenger_share(np.array([1.0, 5.0, 9.0]), 0.07)
    assert share + share.T == pytest.approx(1)
    assert share[2, 0] > share[1, 0] > 0.5


def test_the_record_of_who_starts_is_rebuilt_from_the_tables(raw):
    shipped = json.loads(initiators.RECORD.read_text(encoding="utf-8"))
    assert initiators.record(raw) == shipped


def test_what_is_used_beats_even_chances_on_held_out_years_and_losers_are_shown():
    found = {row["name"]: row for row in initiators.scores()}
    used = found["gdp (used)"]
    assert used["ours"] < used["baseline"]
    assert used["skill_p05"] > 0
    assert found["all"]["skill"] < 0
    slope, error = initiator_slope()
    assert 0 < error < slope < 0.2


def test_reduction_in_loss_is_shipped_with_its_caveat():
    found = read_record()
    assert found["reduction"]["components_and_year"] >= 0.20
    assert found["reduction"]["capability_ratio"] < 0.05
    late = found["split_in_time"]
    assert late["log_loss_forest"] > late["log_loss_shares_of_test"]
    assert found["stalemates"]["from_1980"] > 0.9
    assert "no chance of winning" in caveat()
    rows = list(dispute_outcomes.scores())
    assert len(rows) == 5
    assert rows[-1]["skill"] < 0


def test_the_sample_of_outcomes_is_rebuilt_from_the_tables(raw):
    table = dispute_outcomes.panel(raw)
    shipped = read_record()
    assert len(table) == shipped["n"]
    assert not table.isna().any().any()
    outcome = table["outcome"].to_numpy()
    loss = dispute_outcomes.shares_loss(outcome, outcome)
    assert loss == pytest.approx(shipped["log_loss_shares"], abs=1e-5)


def test_log_loss_of_even_chances():
    outcome = np.array([0, 1, 2, 2])
    assert dispute_outcomes.log_loss(np.full((4, 3), 1 / 3), outcome) == pytest.approx(math.log(3))


def test_without_scikit_learn_the_message_says_what_to_install(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", absent)
    with pytest.raises(MissingDataError, match=r"pip install 'detente\[estimate\]'"):
        dispute_outcomes.forest()


def test_a_forest_learns_what_there_is_to_learn():
    pytest.importorskip("sklearn", reason="scikit-learn is of the extra 'estimate'")
    random = np.random.default_rng(0)
    outcome = random.integers(0, 3, 300)
    x = outcome[:, None] + random.normal(0, 0.3, (300, 2))
    loss = dispute_outcomes.crossed(x, outcome, dispute_outcomes.forest(trees=30), 3, 1)
    assert loss < 0.5 * dispute_outcomes.shares_loss(outcome, outcome)


def test_references_hold(raw):
    assert all(line.passed for line in security.lines(raw))


def test_a_missing_table_is_named(tmp_path):
    for panel in (initiators.panel, dispute_outcomes.panel):
        with pytest.raises(MissingDataError, match="mids/cow_mid5_dyad_dispute_year"):
            panel(tmp_path)


def test_the_page_states_the_shipped_scores():
    page = (Path(__file__).parents[2] / "docs/explanation/deterrence.md").read_text("utf-8")
    page = " ".join(page.split())
    found = read_record()
    late = found["split_in_time"]
    for number in (
        found["reduction"]["components_and_year"], found["reduction"]["year"],
        late["log_loss_forest"], late["log_loss_shares_of_test"],
    ):  # fmt: skip
        assert f"{number:.3f}" in page
    for row in initiators.scores():
        part = f"{row['ours']:.3f} | {row['skill']:.3f} ({row['skill_p05']:.3f}, "
        assert part in page
    slope, error = initiator_slope()
    assert f"{slope:.3f}$ (s.e. {error:.3f}" in page
