"""A bloc in the General Assembly, and the shares of a group."""

import itertools

import numpy as np
import pytest

import detente as dt
from detente.alignment.influence import (
    SEATS,
    assembly_power,
    collective_influence,
    group_share,
)
from detente.alignment.influence_assembly import RULES, bloc_power, needed, passing
from detente.alignment.influence_power import exact_power
from detente.alignment.influence_seats import UN_MEMBERS
from detente.errors import ScenarioError, WorldError


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("members", [1, 5, 27, 65, 97, 150, 192])
def test_closed_forms_equal_the_generating_functions(rule, members):
    weights = np.array([members] + [1] * (SEATS - members))
    swing, shapley, chance = exact_power(weights, needed(rule, SEATS))
    closed = bloc_power(members, SEATS - members, needed(rule, SEATS))
    assert closed == pytest.approx((swing[0], shapley[0], chance), abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_models_of_the_others_have_the_two_indices_as_cases(rule):
    for members in (10, 40, 90):
        power = assembly_power(members, rule)
        for yes, index in ((0.5, power.banzhaf), ((1.0, 1.0), power.shapley)):
            given, without = passing(members, SEATS - members, rule, yes, 0.0)
            assert given - without == pytest.approx(index, abs=1e-10)


@pytest.mark.parametrize("rule", RULES)
def test_passing_equals_a_list_of_every_vote(rule):
    members, others, yes, silent = 2, 4, 0.3, 0.25
    chance = {1: (1 - silent) * yes, -1: (1 - silent) * (1 - yes), 0: silent}
    expected = [0.0, 0.0]
    for votes in itertools.product((1, -1, 0), repeat=others):
        weight = np.prod([chance[v] for v in votes])
        for place, own in enumerate((1, -1)):
            ayes = votes.count(1) + members * (own > 0)
            noes = votes.count(-1) + members * (own < 0)
            passed = ayes > noes if rule == "simple_majority" else ayes >= 2 * noes and ayes > 0
            expected[place] += weight * passed
    assert passing(members, others, rule, yes, silent) == pytest.approx(expected, abs=1e-12)


def test_alone():
    assert needed("simple_majority", 193) == 97 and needed("two_thirds", 193) == 129
    assert [assembly_power(m).passes_alone for m in (96, 97)] == [False, True]
    blocking = [assembly_power(m, "two_thirds").blocks_alone for m in (64, 65)]
    assert blocking == [False, True], "a third of 193 and one more"
    power = assembly_power(32, "two_thirds")
    assert (power.needed_to_pass, power.needed_to_block) == (97, 33)


def test_more_members_never_have_less_power():
    for rule in RULES:
        powers = [assembly_power(m, rule, yes=(2.0, 1.0), silent=0.1) for m in range(1, 194, 16)]
        for name in ("banzhaf", "shapley", "prevails_for", "prevails_against"):
            values = [getattr(power, name) for power in powers]
            assert (np.diff(values) >= -1e-9).all(), (rule, name)
    everyone = assembly_power(193)
    assert everyone.prevails_for == everyone.prevails_against == everyone.shapley == 1


def test_shares_of_a_group_and_its_rest_add_to_one():
    world = dt.load_world("world2023")
    inside = world.members("@BRICS")
    rest = [code for code in world.countries if code not in inside]
    one, other = collective_influence(world, "@BRICS"), collective_influence(world, rest)
    for name in ("output_share", "population_share", "capability_share", "warheads_share"):
        assert getattr(one, name) + getattr(other, name) == pytest.approx(1)
    assert len(one.voters) == 10 and one.vote_share == 10 / 193
    assert len(UN_MEMBERS) == SEATS
    assert not {"TWN", "HKG", "GRL"} & set(other.voters)
    table = one.table()
    assert np.isfinite(table["value"]).all() and set(table["rule"]) == {"", *RULES}


def test_a_country_without_a_seat_has_shares_and_no_vote():
    influence = collective_influence(dt.load_world("world2023"), "TWN")
    assert influence.vote_share == 0 and influence.assembly == () and influence.output_share > 0


def test_share_of_outcomes_by_draw():
    values = np.array([[3.0, 1.0], [1.0, 1.0]])
    assert group_share(values, ["A", "B"], ["B"]).tolist() == [0.25, 0.5]
    with pytest.raises(WorldError, match="no country C"):
        group_share(values, ["A", "B"], ["C"])


@pytest.mark.parametrize("group", ["@NATOO", "US", [], ["USA", "XYZ"]])
def test_unknown_groups(group):
    with pytest.raises(WorldError):
        collective_influence(dt.load_world("world2023"), group)


@pytest.mark.parametrize(
    ("members", "more", "says"),
    [
        (0, {}, "does not fit"),
        (194, {}, "does not fit"),
        (5, {"rule": "two_third"}, "two_thirds"),
        (5, {"silent": 1.0}, "share below 1"),
        (5, {"yes": 1.5}, "no probability"),
        (5, {"yes": (0.0, 1.0)}, "positive parameters"),
    ],
)
def test_bad_blocs(members, more, says):
    with pytest.raises(ScenarioError, match=says):
        assembly_power(members, **more)
