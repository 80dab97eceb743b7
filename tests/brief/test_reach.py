"""A scenario that does not reach trade says so once, and shows no rounding as a change."""

import dataclasses
import io

import numpy as np
import pytest
from rich.console import Console

from detente.brief import content, lead, numbers, pictures, reach, sentences, write_brief
from detente.brief.model import Brief
from detente.brief.pdf import _texts
from detente.claims import weigh
from detente.measured import moves
from detente.scenario import Claim
from fabricate import NAME, RETALIATION, fabricate


def still(outcome, *scenarios, layers=("defence_pact",)):
    """Return the outcome with noise in place of every change of these scenarios."""
    data = outcome.data.copy(deep=True)
    noise = np.random.default_rng(1).normal(scale=1e-13, size=outcome.data["real_income"].shape)
    for name in data.data_vars:
        for label in scenarios:
            place = outcome.scenarios.index(label)
            data[name].values[place] = noise[place]
    pages = {
        name: page | ({"layers": list(layers)} if name in scenarios else {})
        for name, page in outcome.manifest["scenarios"].items()
    }
    return dataclasses.replace(outcome, data=data, manifest=outcome.manifest | {"scenarios": pages})


@pytest.fixture(scope="module", params=[0, 12])
def nothing(request):
    return still(fabricate(request.param), NAME, RETALIATION)


def printed(page):
    screen = io.StringIO()
    Brief(page).to_terminal(Console(width=240, file=screen))
    return screen.getvalue()


def test_nothing_moves_and_the_sentence_says_why(nothing):
    assert not moves(nothing, NAME) and moves(fabricate(3), NAME)
    assert reach.note(fabricate(3), NAME) == ""
    assert "no edit is of a layer that the model of trade reads" in reach.note(nothing, NAME)
    idle = still(fabricate(3), NAME, layers=("rent_keeper",))
    assert "its edits of layers that the model of trade reads change no flow" in reach.note(
        idle, NAME
    )


def test_a_scenario_without_trade_has_neither_table_nor_picture_of_it(nothing):
    brief = write_brief(nothing)
    said = "Nothing in this scenario reaches trade"
    assert sum(said in line for line in lead.lead(brief.page)[:1]) == 1
    html, markdown, text = brief.to_html(), brief.to_markdown(), printed(brief.page)
    body = html.partition('<script type="application/json"')[0]
    for written in (body, markdown, text):
        assert "0.000" not in written and "real wage" not in written
    # Once for each of the two: in the lead, or on a terminal, which has none, for each table.
    assert (body.count(said), markdown.count(said), text.count(said)) == (2, 2, 2)
    assert 'id="countries"' not in html and 'class="map"' not in html
    assert "Largest changes" not in html and "Largest changes" not in markdown
    assert "real wage" not in text
    assert brief.page["countries"]["scenarios"] == brief.page["ranking"]["countries"] == []
    texts = _texts(brief.page)
    assert texts["maps"] == [] and said in texts["headline"][0]["note"]


def test_beside_one_that_moves_trade_only_that_one_is_drawn():
    outcome = still(fabricate(12), RETALIATION)
    brief = write_brief(outcome)
    assert [one["name"] for one in brief.page["countries"]["scenarios"]] == [NAME]
    assert [bool(one["note"]) for one in brief.page["headline"]["scenarios"]] == [False, True]
    assert brief.to_html().count('class="map"') == 1
    assert any("Beside it" in line and "reaches trade" in line for line in brief.page["lead"])


def test_a_claim_on_trade_that_no_edit_reaches_says_so(nothing):
    page = {"id": "1", "text": "Russian income moves", "side": "for", "variable": "real_income",
            "where": {"country": "RUS"}}  # fmt: skip
    rises, stays = (Claim(**page, direction=direction) for direction in ("rises", "does_not_fall"))
    weighed = [weigh(nothing, one) for one in (rises, stays)]
    for one in weighed:
        assert "these edits reach nothing of trade" in one["note"] and one["due_to"] == []
    moved = weigh(fabricate(12), rises)
    assert "reach nothing" not in moved["note"] and moved["due_to"]
    if not nothing.is_point:
        # Each verdict is followed by its own count.
        assert sentences.side_count(weighed, "for") == (
            "For: 1 holds (1 of them reached by no edit), "
            "1 negligible (1 of them reached by no edit)."
        )


def test_what_is_written_as_zero_has_no_sign():
    figure = {"median": 2e-4, "p05": 1e-4, "p95": 3e-4, "share_positive": 1.0}
    assert numbers.is_still(figure) and numbers.sign_of(figure) == "unsure"
    said = sentences.country("Fiji", "real_income", figure)
    assert said.startswith("Fiji: real income moves by less than 0.001")
    point = {"median": 0.0, "p05": None, "p95": None, "share_positive": None}
    assert "uncertain" not in sentences.country("Fiji", "real_income", point)
    assert "uncertain" not in pictures._title({"name": "Fiji"}, figure)


def test_rounding_is_written_as_plain_zero():
    noise = {"median": 1e-13, "p05": -1e-13, "p95": 2e-13}
    assert numbers.full(noise).startswith("0\u202f%") and "0.000" not in numbers.full(noise)


def test_the_content_is_built_without_a_solved_draw():
    outcome = fabricate(1, fail=(0,))
    assert content.build(outcome)["countries"]["scenarios"] != []
