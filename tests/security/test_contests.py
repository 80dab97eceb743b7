"""Contests, coalitions and crises: closed forms, best responses, signs, named failures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import small

import detente as dt
from detente.errors import ConvergenceError, WorldError
from detente.security import contest, crisis, fight, win_probability
from detente.security.contest import payoffs, tie_effect
from detente.security.contest_world import state_network
from detente.security.crisis import Stakes

positive = st.floats(1e-6, 1e12)


@st.composite
def networks(draw, least=3, most=7):
    """Draw allies and enemies of a few actors, without a pair that is both."""
    count = draw(st.integers(least, most))
    codes = draw(st.lists(st.integers(0, 2), min_size=count**2, max_size=count**2))
    grid = np.triu(np.array(codes).reshape(count, count), 1)
    allies, enemies = ((grid == kind).astype(float) * (grid > 0) for kind in (1, 2))
    return allies + allies.T, enemies + enemies.T


@given(networks(), st.floats(0, 0.12), st.floats(0, 0.12))
def test_no_actor_gains_by_deviating(case, beta, gamma):
    allies, enemies = case
    try:
        found = contest(allies, enemies, beta, gamma)
    except ConvergenceError:
        return
    assert found.gap < 1e-10
    assert (found.effort > 0).all()
    assert (found.strength > 0).all()
    best = payoffs(found.effort, allies, enemies, beta, gamma)
    assert best == pytest.approx(found.payoff, abs=1e-12)
    for actor in range(len(allies)):
        for other in np.concatenate(
            [np.linspace(0, 1, 21), found.effort[actor] * np.array([0.99, 1.01])]
        ):
            tried = found.effort.copy()
            tried[actor] = other
            assert payoffs(tried, allies, enemies, beta, gamma)[actor] <= best[actor] + 1e-12


@given(networks(), st.randoms(use_true_random=False))
def test_relabelling_permutes_the_efforts(case, random):
    allies, enemies = case
    order = list(range(len(allies)))
    random.shuffle(order)
    grid = np.ix_(order, order)
    one = contest(allies, enemies, 0.05, 0.05)
    other = contest(allies[grid], enemies[grid], 0.05, 0.05)
    assert other.effort == pytest.approx(one.effort[order])


@pytest.mark.parametrize("count", [2, 5, 30])
def test_without_ties_efforts_are_those_of_the_classical_contest(count):
    none = np.zeros((count, count))
    found = contest(none, none, prize=3.0)
    assert found.effort == pytest.approx(3.0 * (count - 1) / count**2)


def test_failures_are_named():
    every = 1 - np.eye(4)
    none = np.zeros((4, 4))
    with pytest.raises(ConvergenceError, match="too many enemies\\) for A, B, C, D"):
        contest(none, every, gamma=0.4, names="ABCD")
    with pytest.raises(ConvergenceError, match="must exceed 1"):
        contest(every, none, beta=2.0)
    star = np.zeros((4, 4))
    star[0, 1:] = star[1:, 0] = 1
    with pytest.raises(ConvergenceError, match="effort is not positive for actor 1"):
        contest(star, none, beta=0.9)


@pytest.mark.parametrize(
    ("allies", "enemies", "words"),
    [
        (np.eye(2), np.zeros((2, 2)), "0 for an actor with itself"),
        (np.array([[0, 1], [0, 0]]), np.zeros((2, 2)), "symmetric"),
        (np.array([[0, 2], [2, 0]]), np.zeros((2, 2)), "must hold 0 and 1"),
        (1 - np.eye(2), 1 - np.eye(2), "allies and enemies at once"),
        (np.zeros((2, 2)), np.zeros((3, 3)), "of one list"),
    ],
)
def test_impossible_networks_are_refused(allies, enemies, words):
    with pytest.raises(WorldError, match=words):
        contest(allies, enemies)


def test_ending_an_alliance_raises_and_ending_an_enmity_lowers_total_armament():
    """The signs of the paper: allies' efforts are substitutes, enemies' provoke one another."""
    allies, enemies = np.zeros((6, 6)), np.zeros((6, 6))
    for a, b in ((0, 1), (1, 2), (3, 4)):
        allies[a, b] = allies[b, a] = 1
    for a, b in ((0, 3), (2, 5)):
        enemies[a, b] = enemies[b, a] = 1
    assert tie_effect(allies, enemies, (0, 1)) > 0
    assert tie_effect(allies, enemies, (0, 3)) < 0
    with pytest.raises(WorldError, match="no tie to remove"):
        tie_effect(allies, enemies, (4, 5))


def test_the_world_network_has_the_same_signs():
    """Members of NATO and the CSTO, China and North Korea; enmity is a broad trade sanction."""
    world = dt.load_world("world2023")
    listed = sorted({*world.members("NATO"), *world.members("CSTO"), "CHN", "PRK", "UKR"})
    allies, enemies = state_network(world, listed)
    with pytest.raises(ConvergenceError, match="no interior equilibrium"):
        contest(allies, enemies, names=listed)  # at the paper's values, with 31 allies a state
    weak = (0.02, 0.01)
    usa, est, rus = (listed.index(code) for code in ("USA", "EST", "RUS"))
    assert tie_effect(allies, enemies, (usa, est), *weak) > 0
    assert tie_effect(allies, enemies, (usa, rus), *weak) < 0


@given(positive, positive, st.floats(0.5, 2))
def test_chances_add_up_and_rise_with_strength(a, b, power):
    one, other = win_probability(a, b, power), win_probability(b, a, power)
    assert one + other == pytest.approx(1)
    assert win_probability(2 * a, b, power) >= one
    assert win_probability(a * 8, b * 8, power) == pytest.approx(float(one))


@pytest.mark.parametrize(
    ("a", "b", "power", "words"),
    [(-1, 1, 1, ">= 0"), (0, 0, 1, "one side"), (1, 1, 0, "above 0"), (np.nan, 1, 1, "finite")],
)
def test_impossible_contests_are_refused(a, b, power, words):
    with pytest.raises(WorldError, match=words):
        win_probability(a, b, power)


def test_a_reliable_ally_helps_and_more_reliability_helps_more():
    held = [("USA", "EST")]
    full = fight(small(held), ["RUS"], ["EST", "USA"], 30, seed=1)
    half = fight(
        small(held, reliability={("USA", "EST"): 0.5}), ["RUS"], ["EST", "USA"], 30, seed=1
    )
    alone = fight(small(held), ["RUS"], ["EST"], 30, seed=1)
    assert (full.win < half.win).all()
    assert (half.win < alone.win).all()
    assert ((full.decisiveness >= 0.5) & (full.decisiveness <= 2)).all()
    few = fight(small(held), ["RUS"], ["EST", "USA"], [29, 4], seed=1)
    assert np.array_equal(full.win[[29, 4]], few.win)


def test_partners_need_a_pact_or_a_stated_belief():
    world = small([("USA", "EST")])
    with pytest.raises(WorldError, match="CHN has no pact in force with RUS"):
        fight(world, ["RUS", "CHN"], ["EST"], 1, seed=1)
    found = fight(world, ["RUS", "CHN"], ["EST"], 1, seed=1, beliefs={"CHN": 0.2})
    assert found.attackers == ("RUS", "CHN")
    with pytest.raises(WorldError, match="must lie in 0-1"):
        fight(world, ["RUS", "CHN"], ["EST"], 1, seed=1, beliefs={"CHN": 2})
    with pytest.raises(WorldError, match="stands on both sides"):
        fight(world, ["RUS"], ["EST", "RUS"], 1, seed=1)
    with pytest.raises(WorldError, match="at least one attacker"):
        fight(world, [], ["EST"], 1, seed=1)
    with pytest.raises(WorldError, match="no country 'XXX'"):
        fight(world, ["XXX"], ["EST"], 1, seed=1)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_in_a_crisis_a_reliable_guarantor_intervenes_more(alone, helped, one, other):
    helped = min(alone, helped)
    low, high = sorted((one, other))
    weak, firm = crisis(alone, helped, low), crisis(alone, helped, high)
    assert firm.intervene >= weak.intervene - 1e-12
    assert firm.resist >= weak.resist - 1e-12
    assert firm.war == pytest.approx(float(firm.challenge * firm.resist))


def test_a_crisis_becomes_the_game_of_backward_induction_without_noise():
    sharp = Stakes(precision=1e3)
    firm = crisis(0.9, 0.2, 0.9, sharp)
    assert (firm.intervene > 0.99, firm.resist > 0.99, firm.challenge < 0.01) == (True,) * 3
    weak = crisis(0.9, 0.2, 0.0, Stakes(precision=1e3, cost_guarantor=0.9))
    assert (weak.intervene < 0.01, weak.resist < 0.01, weak.challenge > 0.99) == (True,) * 3
    with pytest.raises(WorldError, match="reliability must lie in 0-1"):
        crisis(0.5, 0.5, 1.2)
    assert "illustrative" in firm.label


def test_unknown_states_are_refused():
    with pytest.raises(WorldError, match="no country 'ESTT' in world"):
        state_network(dt.load_world("world2023"), ["ESTT"])
