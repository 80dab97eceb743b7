"""Pacts follow membership of alliance organisations, unless the edits or the scenario say else."""

import numpy as np
import pytest

import detente as dt
from detente.errors import ScenarioError
from detente.treaties import ALLIANCES, OWN_PACTS


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


def place(world, code):
    return world.countries.index(code)


def seat(country, organisation, value):
    where = {"country": country, "organisation": organisation}
    return {"layer": "membership", "where": where, "set": value}


def scenario(*edits, **more):
    return dt.Scenario(name="x", why="?", edits=list(edits), **more)


def pacts(world, layer="defence_pact"):
    return np.asarray(world.values(layer)) > 0


def test_in_the_world_every_pair_of_members_has_the_pact_of_the_organisation(world):
    names = [str(name) for name in world.layers["organisation"].values]
    for name, layer in ALLIANCES.items():
        members = np.flatnonzero(world.values("membership")[:, names.index(name)])
        grid = pacts(world, layer)[np.ix_(members, members)]
        assert grid.sum() == len(members) * (len(members) - 1), name
    for one, other in OWN_PACTS:
        assert pacts(world)[place(world, one), place(world, other)]


def test_leaving_ends_the_pacts_both_ways_but_those_of_its_own(world):
    edited = scenario(seat("USA", "NATO", "none")).apply(world)
    usa = place(world, "USA")
    gone = pacts(world) & ~pacts(edited)
    codes = {world.countries[n] for n in np.flatnonzero(gone[usa])}
    assert len(codes) == 30 and "EST" in codes and not codes & {"CAN", "JPN", "KOR"}
    assert (gone[usa] == gone[:, usa]).all() and gone.sum() == 60
    assert not (pacts(edited) & ~pacts(world)).any()


def test_another_organisation_of_both_keeps_a_pact(world):
    edited = scenario(seat("SAU", "GCC", "none")).apply(world)
    assert (pacts(edited) == pacts(world)).all()  # all of them are of the Arab League
    both = scenario(seat("SAU", "GCC", "none"), seat("SAU", "ARAB_LEAGUE", "none")).apply(world)
    assert not pacts(both)[place(world, "SAU"), place(world, "ARE")]


def test_entering_binds_all_members_both_ways(world):
    edited = scenario(seat("UKR", "NATO", "member")).apply(world)
    new = pacts(edited) & ~pacts(world)
    ukr = place(world, "UKR")
    assert new[ukr].sum() == 32 and new[:, ukr].sum() == 32 and new.sum() == 64


def test_an_edit_of_a_pact_prevails_wherever_it_stands(world):
    keep = {"layer": "defence_pact", "where": {"origin": "USA", "destination": "POL"},
            "set": "in_force"}  # fmt: skip
    leave = seat("USA", "NATO", "none")
    usa, pol = place(world, "USA"), place(world, "POL")
    for edits in ((keep, leave), (leave, keep)):
        edited = pacts(scenario(*edits).apply(world))
        assert edited[usa, pol] and not edited[pol, usa]
    still = scenario(leave, pacts="as_edited").apply(world)
    assert (pacts(still) == pacts(world)).all()


def test_the_edits_that_follow_bear_the_label_and_are_said(world):
    one = scenario({**seat("USA", "NATO", "none"), "label": "leave"})
    whole = one.answered(world)
    assert whole.labels == ["leave"] and len(whole.edits) == 2
    assert whole.answered(world) is whole
    said = one.describe(world)
    assert said[0].startswith("Membership of USA in NATO") and "Defence pact" in said[1]
    assert len(whole.only("leave").apply(world).name) and one.only("leave").labels == ["leave"]
    plain = scenario(seat("USA", "NATO", "none")).answered(world)
    assert plain.labels == ["edit-1"]


def test_leaving_the_union_ends_its_article(world):
    edited = scenario(seat("HUN", "EU", "none")).apply(world)
    hun, aut = place(world, "HUN"), place(world, "AUT")
    assert not pacts(edited, "eu_42_7")[hun].any() and not pacts(edited, "eu_42_7")[:, hun].any()
    assert pacts(edited)[hun].sum() == pacts(world)[hun].sum()  # its pacts of NATO stay
    assert pacts(edited, "eu_42_7")[aut].sum() == pacts(world, "eu_42_7")[aut].sum() - 1


def test_other_organisations_and_worlds_without_pacts_are_left_alone(world):
    assert (pacts(scenario(seat("RUS", "BRICS", "none")).apply(world)) == pacts(world)).all()
    small = dt.load_world("campos2019")
    with pytest.raises(ScenarioError, match="membership"):
        scenario(seat("USA", "NATO", "none")).apply(small)


def test_leaving_raises_the_risk_where_no_one_else_protects(world):
    """And nobody's risk falls through the pacts that end."""
    from detente.security import challenge_risk

    onset = np.full((1, 197, 197), 0.01) * (1 - np.eye(197))
    edited = scenario(seat("USA", "NATO", "none")).apply(world)
    before, after = (challenge_risk(w, onset, 4, 1, base=world).risk for w in (world, edited))
    assert (after >= before - 1e-15).all()
    rus, est = place(world, "RUS"), place(world, "EST")
    assert (after[:, rus, est] > before[:, rus, est]).any()
