"""Positions and camps of a run: the same draws before and after, and nothing without an edit."""

import numpy as np
import pytest

import detente as dt
from detente.claims import UNREACHED
from detente.errors import ScenarioError, WorldError
from detente.runs.plan import gather, variants
from detente.runs.stand import can_stand, stand
from economies import economy, scenario

WORLD = dt.load_world("world2023")
MOVE = {"layer": "ideal_point", "where": {"country": "USA"}, "add": -0.5, "label": "move"}
LEAVE = {
    "layer": "alliance_reliability",
    "where": {"origin": "USA", "destination": "@NATO"},
    "multiply": 0.5,
    "label": "leave",
}


def standing(*edits, draws=6, point=False, anchors=()):
    rows = variants(gather(scenario(*edits, name="x"), True), True)
    return stand(WORLD, rows, anchors, range(draws), 1, point, workers=2)


@pytest.fixture(scope="module")
def moved():
    return standing(MOVE, LEAVE, anchors=["DEU"])


def test_a_state_that_moves_changes_distances_by_just_that(moved):
    where = {"origin": ["USA"], "destination": ["MEX"]}
    before, after = moved.level("position_gap", where), moved.level("position_gap", where, "x")
    np.testing.assert_allclose(before - after, 0.5, atol=1e-9)
    draws, change = moved.change("position_gap", where, "x")
    np.testing.assert_allclose(change, after / before - 1)
    assert draws.tolist() == list(range(6))


def test_an_edit_that_touches_no_tie_leaves_the_base():
    edit = {"layer": "tariff_rate", "where": {"origin": "MEX", "destination": "USA"}, "add": 0.2}
    found = standing(edit, draws=2)
    assert set(found.worlds.values()) == {0}
    for variable, where in (
        ("polarization", {}),
        ("frustration", {}),
        ("dispersion", {"country": WORLD.members("@EU")}),
        ("cohesion", {"country": WORLD.members("@EU")}),
        ("camp_votes", {"country": ["CHN"]}),
    ):
        assert not found.change(variable, where, "x")[1].any()


def test_discounted_commitments_loosen_the_group_that_holds_them(moved):
    nato, asean = WORLD.members("@NATO"), WORLD.members("@ASEAN")
    assert (moved.change("cohesion", {"country": nato}, "x")[1] < 0).all()
    assert not moved.change("cohesion", {"country": asean}, "x")[1].any()


def test_a_draw_does_not_depend_on_how_many_there_are(moved):
    few = standing(MOVE, LEAVE, draws=2, anchors=["DEU"])
    np.testing.assert_array_equal(few.position, moved.position[:, :2])
    for number, camps in few.camps.items():
        np.testing.assert_array_equal(camps.frustration, moved.camps[number].frustration[:2])
        np.testing.assert_array_equal(camps.together, moved.camps[number].together[:2])


def test_camps_are_named_by_their_anchors(moved):
    table = moved.membership("x").set_index("iso3")
    assert table.loc["USA", "USA"] == 1 and table.loc["DEU", "DEU"] == 1
    assert table.loc["RUS", "USA"] == 0
    held = table[["USA", "CHN", "RUS", "DEU"]].to_numpy()
    assert np.nanmin(held) >= 0 and np.nanmax(held) <= 1
    shares = [moved.level("camp_votes", {"country": [code]}, "x") for code in ("USA", "RUS")]
    assert (np.add(*shares) <= 1 + 1e-12).all()


def test_camps_are_found_for_full_scenarios_and_named_when_asked_of_others(moved):
    with pytest.raises(WorldError, match="full scenarios"):
        moved.change("frustration", {}, "x / move")
    with pytest.raises(WorldError, match="camps were computed of USA, CHN, RUS, DEU, not of FRA"):
        moved.change("camp_votes", {"country": ["FRA"]}, "x")
    with pytest.raises(WorldError, match="no General Assembly position is known of TWN"):
        moved.change("dispersion", {"country": ["TWN"]}, "x")
    with pytest.raises(WorldError, match="cohesion was computed of groups"):
        moved.change("cohesion", {"country": ["USA", "RUS"]}, "x")


def test_the_point_estimate_is_the_centre():
    found = standing(MOVE, draws=1, point=True)
    place = WORLD.countries.index("FRA")
    assert found.position[0, 0, place] == WORLD.values("ideal_point")[place]


def test_it_is_stored_and_read_to_the_last_bit(tmp_path):
    claims = [
        {"id": "a", "text": "Distance falls.", "side": "for", "variable": "position_gap",
         "where": {"origin": "USA", "destination": "RUS"}, "direction": "falls"},
        {"id": "b", "text": "The camp grows.", "side": "for", "variable": "camp_votes",
         "where": {"country": "IND"}, "direction": "rises"},
        {"id": "c", "text": "The world sorts.", "side": "against", "variable": "frustration",
         "direction": "falls", "edits": ["move"]},
        {"id": "d", "text": "Polarization falls.", "side": "for", "variable": "polarization",
         "direction": "falls"},
        {"id": "e", "text": "The share falls.", "side": "for", "variable": "output_share",
         "where": {"country": "@G7"}, "direction": "falls"},
    ]  # fmt: skip
    asked = dt.Scenario(name="x", why="a test", edits=[MOVE, LEAVE], claims=claims)
    outcome = dt.run(WORLD, asked, draws=2, out=tmp_path / "o")
    assert outcome.standing is not None
    assert [claim["computed"] for claim in outcome.claims] == [True] * 5
    gap = outcome.claims[0]
    assert gap["median"] < 0 and gap["draws"] == 2 and gap["drivers"] == []
    assert [part["label"] for part in gap["due_to"]] == ["move", "leave", "interaction"]
    assert gap["due_to"][1]["median"] == 0
    assert all(UNREACHED not in claim["note"] for claim in outcome.claims)
    read = dt.load_outcome(tmp_path / "o", WORLD).standing
    assert read is not None
    np.testing.assert_array_equal(read.position, outcome.standing.position)
    assert read.worlds == outcome.standing.worlds and read.groups == outcome.standing.groups
    for number, camps in outcome.standing.camps.items():
        np.testing.assert_array_equal(read.camps[number].together, camps.together)
        np.testing.assert_array_equal(read.camps[number].cohesion, camps.cohesion)
        assert read.camps[number].ties.equals(camps.ties)


def test_what_no_edit_reaches_is_told_from_what_edits_leave_as_it_is():
    where = {"country": "@ASEAN"}
    claims = [
        {"id": "a", "text": "The camp grows.", "side": "for", "variable": "camp_votes",
         "where": {"country": "CHN"}, "direction": "rises"},
        {"id": "b", "text": "Cohesion falls.", "side": "against", "variable": "cohesion",
         "where": where, "direction": "falls"},
        {"id": "c", "text": "Polarization falls.", "side": "for", "variable": "polarization",
         "direction": "falls"},
    ]  # fmt: skip
    asked = dt.Scenario(name="x", why="a test", edits=[LEAVE], claims=claims)
    grows, falls, divides = dt.run(WORLD, asked, draws=2, alone=False).claims
    assert (grows["median"], falls["median"], divides["median"]) == (0, 0, 0)
    assert UNREACHED not in grows["note"]
    assert UNREACHED in falls["note"] and UNREACHED in divides["note"]
    assert falls["due_to"] == []


def test_a_world_without_political_layers_says_so():
    world = economy()
    assert not can_stand(world)
    claim = {"id": "a", "text": "It falls.", "side": "for", "variable": "polarization",
             "direction": "falls"}  # fmt: skip
    edit = {"layer": "tariff_rate", "where": {"origin": "MEX", "destination": "USA"}, "add": 0.2}
    asked = dt.Scenario(name="x", why="a test", edits=[edit], claims=[claim])
    outcome = dt.run(world, asked, draws=0)
    assert outcome.standing is None
    assert outcome.claims[0]["computed"] is False
    assert "positions and camps were not computed" in outcome.claims[0]["note"]


def test_models_can_be_left_out():
    asked = scenario(MOVE, name="x")
    assert dt.run(WORLD, asked, draws=0, models=["trade"]).standing is None
    with pytest.raises(ScenarioError, match="unknown model 'bloc'; did you mean blocs"):
        dt.run(WORLD, asked, draws=0, models=["bloc"])


@pytest.mark.parametrize(
    ("variable", "where", "needs"),
    [
        ("polarization", {"country": "USA"}, "nothing here"),
        ("position_gap", {"country": "USA"}, "{origin: A, destination: B}"),
        ("camp_votes", {}, "{country: code or @group}"),
    ],
)
def test_a_claim_names_what_its_variable_needs(variable, where, needs):
    claim = {"id": "a", "text": "It falls.", "side": "for", "variable": variable,
             "where": where, "direction": "falls"}  # fmt: skip
    with pytest.raises(ScenarioError, match="needs") as found:
        dt.Scenario(name="x", why="a test", edits=[MOVE], claims=[claim])
    assert needs in str(found.value)
