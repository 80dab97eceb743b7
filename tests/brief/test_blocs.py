"""The bloc section: its numbers, its pictures in every format, and its absence."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from test_formats import Reader

from detente.brief import blocs, blocs_pictures, blocs_words, write_brief
from detente.standing import Camps, Standing
from fabricate import NAME, NAMES, RETALIATION

CODES = tuple(sorted(NAMES))
LEFT = ("USA", "CAN", "GBR", "DEU", "FRA", "JPN")
RIGHT = ("CHN", "RUS", "BLR")
DRAWS = 4


def ties(lifted=False):
    rows = [("USA", code, 1, 1.0) for code in LEFT[1:]]
    rows += [("CHN", "RUS", 1, 0.5), ("BLR", "RUS", 1, 1.0), ("CHN", "USA", -1, 0.5)]
    rows += [("DEU", "FRA", -1, 0.2), ("IND", "USA", 1, 0.2), ("IND", "RUS", 1, 0.2)]
    rows.append(("RUS", "USA", -1, 0.3 if lifted else 1.5))
    table = pd.DataFrame(rows, columns=["a", "b", "sign", "weight"])
    first = table[["a", "b"]].min(axis=1)
    return table.assign(b=table[["a", "b"]].max(axis=1), a=first)


def camps(india, lifted=False):
    left = np.full(len(CODES), np.nan)
    left[[CODES.index(code) for code in LEFT]] = 1
    left[[CODES.index(code) for code in RIGHT]] = 0
    draws = np.tile(left, (DRAWS, 1))
    draws[:, CODES.index("IND")] = [n < india for n in range(DRAWS)]
    draws[0, CODES.index("TUR")] = 1  # tied in one draw of four
    together = np.stack([draws, 1 - draws, 1 - draws], axis=1)
    return Camps(
        frustration=np.array([0.01, 0.02, 0.02, 0.03]),
        together=together,
        cohesion=np.zeros((DRAWS, 0)),
        ties=ties(lifted),
        optima=1.5,
        unproved=0.0,
    )


def standing(after=1):
    large = {"USA": 25.0, "CHN": 18.0, "TUR": 5.0}
    output = np.array([large.get(code, 1.0) for code in CODES])
    return Standing(
        countries=CODES,
        worlds={NAME: after, RETALIATION: after},
        draws=np.arange(DRAWS),
        camp_draws=np.arange(DRAWS),
        position=np.zeros((2, DRAWS, len(CODES))),
        polarization=np.ones((2, DRAWS)),
        output=output,
        anchors=("USA", "CHN", "RUS"),
        groups={},
        camps={0: camps(2), 1: camps(1, lifted=True)},
    )


@pytest.fixture(scope="module")
def stood(outcome):
    return dataclasses.replace(outcome, standing=standing())


@pytest.fixture(scope="module")
def made(stood):
    return write_brief(stood)


@pytest.fixture(scope="module")
def section(made):
    return made.page["blocs"]


def test_membership_and_its_move_are_those_of_the_standing(section, stood):
    before, after = (stood.standing.membership(name) for name in (None, NAME))
    rows = {row["iso3"]: row for row in section["rows"]}
    for row in rows.values():
        for cell, table in zip(row["cells"], (before, after), strict=True):
            held = table.set_index("iso3").loc[row["iso3"]]
            assert cell["untied"] == held["untied"]
            for anchor in ("USA", "CHN", "RUS"):
                value = cell["together"][anchor]
                assert np.isnan(held[anchor]) if value is None else value == held[anchor]
    assert rows["IND"]["moved"]
    assert rows["IND"]["unsure"]
    assert blocs_words.membership(rows["IND"], "USA", 1).replace("\u202f", "") == "50% → 25%"
    assert [move["iso3"] for move in section["worlds"][1]["moved"]] == ["IND"]


def test_those_that_act_are_always_listed(section, outcome):
    assert {*outcome.actors, "USA", "CHN", "RUS"} <= {row["iso3"] for row in section["rows"]}


def test_the_order_is_by_camp_and_the_loose_stand_apart(section):
    for world in section["worlds"]:
        turn = ["left", "between", "right", "loose"]
        groups = [turn.index(state["group"]) for state in world["states"]]
        assert groups == sorted(groups)
        assert world["states"][0]["iso3"] == "USA"
        found = {state["iso3"]: state["group"] for state in world["states"]}
        assert found["IND"] == "between"
        assert found["TUR"] == "loose"
        assert len(found) == blocs.DRAWN


def test_a_tie_against_the_camps_is_marked_and_no_other(section):
    for world in section["worlds"]:
        names = [state["iso3"] for state in world["states"]]
        bad = {
            frozenset((names[tie["a"]], names[tie["b"]]))
            for tie in world["ties"]
            if tie["frustrated"]
        }
        wrong = {"USA"} if world["number"] else set()
        assert {frozenset(("DEU", "FRA"))} <= bad
        assert bad - {frozenset(("DEU", "FRA"))} <= {frozenset(("IND", *wrong))}


def test_only_the_edited_tie_is_changed(section):
    base, after = section["worlds"]
    assert not base["changed"]
    assert [(tie["a"], tie["b"]) for tie in after["changed"]] == [("RUS", "USA")]
    assert (after["changed"][0]["before"], after["changed"][0]["after"]) == (-1.5, -0.3)
    assert sum(tie["changed"] for tie in after["ties"]) == 1


def test_anchors_that_no_row_tells_apart_share_a_column(section):
    assert [column["label"] for column in section["anchors"]] == ["with USA", "with CHN and RUS"]


def test_the_text_states_rule_draws_partitions_and_limits(section):
    text = " ".join(section["method"])
    for part in ("defence pact (1)", "4 draws", "1.50 best partitions", "imposed, not found",
                 "few ties", "rule more than on the algorithm"):  # fmt: skip
        assert part in text
    every = text + " ".join(section["found"])
    assert not re.search(r"\b(West|East|Western|bloc)\b", every)


def test_a_scenario_without_effect_on_ties_says_so(outcome):
    found = blocs.build(dataclasses.replace(outcome, standing=standing(after=0)))
    assert found is not None
    assert len(found["worlds"]) == 1
    assert sum("changes none of the ties" in line for line in found["found"]) == 2
    grids = blocs_words.tables(found)
    assert [grid["title"] for grid in grids] == ["Before"]


def test_anchors_in_one_camp_make_no_false_name(outcome):
    held = standing()
    one = held.camps[0]
    same = dataclasses.replace(one, together=np.where(np.isnan(one.together), np.nan, 1.0))
    found = blocs.build(
        dataclasses.replace(outcome, standing=dataclasses.replace(held, camps={0: same, 1: same}))
    )
    assert found is not None
    assert found["sides"][1] == {"code": "", "label": "not with USA"}


def test_the_page_holds_pictures_with_titles_and_stays_well_formed(made, section):
    text = made.to_html()
    reader = Reader(text)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert all(link.startswith("#") for link in reader.links)
    assert text.count('<svg class="blocs"') == 2 * len(section["worlds"])
    for picture in re.findall(r'<svg class="blocs".*?</svg>', text):
        assert 'role="img" aria-label=' in picture
        assert "<title>" in picture
    shown = "".join(reader.text)
    for line in [*section["found"], *section["method"]]:
        assert line in shown


def test_pictures_are_the_same_twice_and_stay_in_their_frame(section):
    for world in section["worlds"]:
        picture = blocs_pictures.network(world, section["sides"])
        assert picture == blocs_pictures.network(world, section["sides"])
        wide, high = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', picture).groups())
        places = re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)"', picture)
        assert len(places) == len(set(places)) == len(world["states"])
        for x, y in places:
            assert 13 <= float(x) <= wide - 13
            assert 13 <= float(y) <= high - 13


def test_an_uncertain_state_stands_nearer_to_the_likelier_camp(section):
    def across(world):
        picture = blocs_pictures.network(world, section["sides"])
        return float(re.search(r"<title>(?:India|IND):.*?cx=\"([\d.]+)\"", picture)[1])

    base, after = section["worlds"]
    assert across(base) == pytest.approx(blocs_pictures.WIDE / 2)
    assert across(after) > across(base)


def test_every_other_format_holds_the_table(made, section, tmp_path):
    text = made.to_markdown()
    assert "## Who stands with whom" in text
    assert "50\u202f% → 25\u202f%" in text
    console = Console(width=80, record=True, file=(tmp_path / "out").open("w"))
    made.to_terminal(console)
    shown = console.export_text()
    console.file.close()
    assert "Who stands with whom" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    pytest.importorskip("typst")
    assert made.to_pdf(tmp_path / "brief.pdf").read_bytes().startswith(b"%PDF")


def test_without_a_standing_nothing_is_said(outcome):
    bare = write_brief(dataclasses.replace(outcome, standing=None))
    assert bare.page["blocs"] is None
    for text in (bare.to_html(), bare.to_markdown()):
        assert "Who stands with whom" not in text
