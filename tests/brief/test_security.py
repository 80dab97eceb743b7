"""The section on security: its numbers, its words in every format, and its absence."""

import dataclasses
import io

import pytest
from rich.console import Console
from test_formats import Reader

from detente.brief import security, security_pictures, security_words, write_brief
from detente.security import dispute_scores
from fabricate import NAME, fabricate
from test_strategic import DRAWS, outcome, strategic


@pytest.fixture(scope="module")
def content():
    return security.build(outcome())


def test_no_section_without_the_models():
    assert security.build(fabricate(5)) is None
    assert "second strike" not in write_brief(fabricate(5)).to_html().lower()


def test_every_row_has_levels_and_changes_and_what_has_no_meaning_has_no_row(content):
    assert content["worlds"][0]["title"] == "Before"
    assert len(content["worlds"]) == 2 and len(content["worlds"][1]["scenarios"]) == 2
    risk = content["pairs"][0]
    assert risk["name"] == "Russia towards Estonia"
    assert risk["changes"][0]["median"] == pytest.approx(20, abs=5)
    assert content["spending"][0]["name"] == "USMCA (3)"
    assert content["spending"][0]["changes"][0]["median"] == pytest.approx(3)
    (arsenals,) = content["arsenals"]
    assert arsenals["changes"][0]["unit"] == "points"
    assert arsenals["changes"][0]["median"] == pytest.approx(-5)


def test_levels_carry_their_unit(content):
    levels = {
        key: security_words.level(content[key][0], content[key][0]["levels"][0])
        for key in ("pairs", "spending", "arsenals")
    }
    assert levels["pairs"].startswith("1.") and "%" in levels["pairs"]
    assert levels["spending"] == "1,000\u202fbn USD"
    assert levels["arsenals"] == "90\u202f%"


def test_what_is_expected_is_a_number_and_what_is_likely_a_share(content):
    levels = {"levels": [{"median": 0.41, "p05": 0.1, "p95": 0.64}]}
    row = {"pair": True, "variable": "dispute_risk", **levels}
    assert security_words.level(row, row["levels"][0]) == "0.41 [0.1, 0.64]"
    row |= {"variable": "challenge_risk"}
    assert security_words.level(row, row["levels"][0]) == "41\u202f% [10, 64]"
    assert all("change" in note.lower() for note in security_words.NOTES.values())


def test_the_scores_shown_are_those_of_the_model_that_is_used():
    scores = [s for s in dispute_scores.scores() if s.measure == "average precision"]
    record = {s.name: s.ours for s in scores if s.sample.startswith("Gibler-Miller-Little")}
    line = security_words.scores()[0]
    used, best = "transparent model, updated yearly", "all covariates, mean of logit and forest"
    places = [line.index(f"{record[f'{name}, all pairs']:.3f}") for name in (used, best)]
    assert "by the model used here" in line and places == sorted(places)


def test_care_is_asked_for_what_the_scenario_reaches():
    assert any("arsenals rest on" in text for text in write_brief(outcome()).page["caveats"])
    still = strategic()
    same = dataclasses.replace(still, worlds=dict.fromkeys(still.worlds, 0))
    page = write_brief(dataclasses.replace(fabricate(DRAWS), strategic=same)).page
    assert not any("arsenals rest on" in text for text in page["caveats"])


def test_the_section_is_in_every_format():
    brief = write_brief(outcome())
    html = brief.to_html()
    Reader(html)
    assert "Russia towards Estonia" in html and 'class="risk"' in html
    assert "Reliability scales the effect of a pact." in html
    text = brief.to_markdown()
    assert "## Risk, deterrence, spending and arsenals" in text
    assert "\u22125.0\u00a0points" in text or "\u22125\u00a0points" in text
    console = Console(record=True, width=100, file=io.StringIO())
    brief.to_terminal(console)
    assert "Second strike" in console.export_text()


def test_the_picture_is_read_without_sight_and_empty_without_a_change(content):
    drawn = str(security_pictures.before_after(content))
    assert 'role="img"' in drawn and "aria-label" in drawn and "Russia towards Estonia" in drawn
    still = strategic()
    same = dataclasses.replace(still, worlds=dict.fromkeys(still.worlds, 0))
    unmoved = security.build(dataclasses.replace(fabricate(DRAWS), strategic=same))
    assert unmoved is not None
    assert str(security_pictures.before_after(unmoved)) == ""
    assert unmoved["found"] == [security_words.STILL] and not security_words.tables(unmoved)
    half = dataclasses.replace(still, worlds=dict(still.worlds) | {NAME: 0})
    mixed = security.build(dataclasses.replace(fabricate(DRAWS), strategic=half))
    assert mixed is not None and "reaches no number of this section" in mixed["found"][0]
