"""The verb `backtest`, and scores beside their baselines."""

import json
import math

import pytest
from typer.testing import CliRunner

from detente.backtest import backtest, groups
from detente.cli.app import app
from detente.errors import MissingDataError, ScenarioError
from detente.score import Score


def test_a_score_knows_which_way_is_better():
    assert Score("g", "n", "m", 0.2, 0.1, larger_is_better=True).better is True
    assert Score("g", "n", "m", 0.2, 0.1, larger_is_better=False).better is False
    assert Score("g", "n", "m", 0.2, larger_is_better=True).better is None
    assert Score("g", "n", "m", 1.1, target=(0.8, 1.25)).met is True
    assert Score("g", "n", "m", 0.2, target=0.226, larger_is_better=True).met is False
    page = Score("g", "n", "m", 0.2).page()
    assert page["baseline"] is None and "nan" not in json.dumps(page).lower()


def test_every_score_of_the_record_is_finite_and_beats_its_baseline_or_says_so():
    found = list(backtest("security"))
    assert len(found) > 50
    assert all(math.isfinite(score.ours) for score in found)
    lines = [score.line() for score in found]
    assert any("better" in line for line in lines)
    assert all("WORSE" in score.line() for score in found if score.better is False)


def test_the_command_prints_text_and_json():
    runner = CliRunner()
    text = runner.invoke(app, ["backtest", "security"])
    assert text.exit_code == 0 and "average precision" in text.stdout
    page = json.loads(runner.invoke(app, ["backtest", "security", "--json"]).stdout)
    assert len(page) == len(list(backtest("security")))


def test_unknown_group_and_missing_tables(tmp_path):
    with pytest.raises(ScenarioError, match="did you mean security"):
        list(backtest("securty"))
    with pytest.raises(MissingDataError) as caught:
        list(backtest("security", refit=True, raw=tmp_path / "nowhere"))
    assert caught.value.exit_code == 4
    assert "security" in groups()
