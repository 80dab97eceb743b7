"""Power indices: identities, brute force, published tables, sampling, bad input."""

import time
from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detente.alignment.influence_power import decisive, exact_power, voting_power
from detente.errors import ScenarioError

games = (
    st.lists(st.integers(0, 9), min_size=1, max_size=7)
    .filter(sum)
    .flatmap(lambda weights: st.tuples(st.just(weights), st.integers(1, sum(weights))))
)


def by_hand(weights, quota):
    """Return swings, Shapley-Shubik and passing by listing every coalition and every order."""
    count = len(weights)
    swings, winning = [0] * count, 0
    for size in range(count + 1):
        for inside in combinations(range(count), size):
            total = sum(weights[i] for i in inside)
            winning += total >= quota
            for i in inside:
                swings[i] += total >= quota > total - weights[i]
    pivots = [0] * count
    orders = list(permutations(range(count)))
    for order in orders:
        total = 0
        for i in order:
            total += weights[i]
            if total >= quota:
                pivots[i] += 1
                break
    return (
        [Fraction(s, 2 ** (count - 1)) for s in swings],
        [Fraction(p, len(orders)) for p in pivots],
        Fraction(winning, 2**count),
    )


@given(games)
def test_small_games_agree_with_every_coalition_and_order(game):
    weights, quota = game
    swing, shapley, passing = exact_power(np.array(weights), quota)
    expected = by_hand(weights, quota)
    np.testing.assert_allclose(swing, [float(x) for x in expected[0]], atol=1e-12)
    np.testing.assert_allclose(shapley, [float(x) for x in expected[1]], atol=1e-12)
    assert passing == pytest.approx(float(expected[2]), abs=1e-12)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=40).filter(sum), st.floats(0.05, 1))
@example([1, 1, 1, 1, 1], 1.0)
@example([3, 1, 3, 0, 1, 3, 1, 1, 1], 0.7)
def test_indices_of_any_game(weights, share):
    quota = max(1, int(share * sum(weights)))
    power = voting_power(weights, quota)
    assert power.method == "exact"
    assert power.shapley.sum() == pytest.approx(1, abs=1e-10)
    assert power.banzhaf.sum() == pytest.approx(1, abs=1e-10)
    assert (power.swing >= 0).all() and (power.swing <= 1 + 1e-12).all()
    order = np.argsort(weights, kind="stable")
    assert (np.diff(power.shapley[order]) >= -1e-10).all(), "more weight is never less power"
    for i, j in combinations(range(len(weights)), 2):
        if weights[i] == weights[j]:
            assert power.shapley[i] == power.shapley[j] and power.swing[i] == power.swing[j]
        if weights[i] == 0:
            assert power.shapley[i] == power.swing[i] == 0


@given(games)
def test_scale_and_order_do_not_matter(game):
    weights, quota = game
    power = voting_power(weights, quota)
    halves = voting_power([w / 2 for w in weights], quota / 2)
    turned = voting_power(weights[::-1], quota)
    np.testing.assert_allclose(halves.shapley, power.shapley, atol=1e-12)
    np.testing.assert_allclose(turned.swing[::-1], power.swing, atol=1e-12)


def test_passing_and_decisions_are_tied_by_russo_and_margulis():
    """The slope of the probability to pass is the sum of the probabilities to decide."""
    weights, quota, step = np.array([5, 3, 3, 2, 1, 1]), 8, 1e-5
    for yes in (0.2, 0.5, 0.9):
        around = decisive(weights, quota, np.array([yes - step, yes + step]))[1]
        slope = (around[1] - around[0]) / (2 * step)
        assert slope == pytest.approx(decisive(weights, quota, np.array([yes]))[0].sum(), rel=1e-6)


def test_dictator_and_unanimity():
    dictator = voting_power({"A": 5, "B": 2, "C": 2}, 5)
    assert dictator.shapley.tolist() == pytest.approx([1, 0, 0], abs=1e-12)
    assert dictator.coleman_prevent[0] == dictator.coleman_initiate[0] == pytest.approx(1)
    unanimous = voting_power([1, 1, 1, 1], 4)
    np.testing.assert_allclose(unanimous.coleman_prevent, 1)
    assert unanimous.passing == pytest.approx(1 / 16)


# ---- published


def test_european_economic_community_1958():
    """Felsenthal & Machover (1998): 14 winning coalitions of 64; Luxembourg never decides."""
    power = voting_power([4, 4, 4, 2, 2, 1], 12)
    np.testing.assert_allclose(power.shapley, np.array([14, 14, 14, 9, 9, 0]) / 60, atol=1e-12)
    np.testing.assert_allclose(power.banzhaf, np.array([5, 5, 5, 3, 3, 0]) / 21, atol=1e-12)
    assert power.passing == pytest.approx(14 / 64)


def test_security_council():
    """Five with a veto and ten without, nine yes needed: 421/2145 and 4/2145."""
    power = voting_power([7] * 5 + [1] * 10, 39)
    np.testing.assert_allclose(power.shapley, [421 / 2145] * 5 + [4 / 2145] * 10, atol=1e-12)
    np.testing.assert_allclose(power.banzhaf, [848 / 5080] * 5 + [84 / 5080] * 10, atol=1e-12)
    np.testing.assert_allclose(power.coleman_prevent[:5], 1)


def electoral_college() -> dict[str, int]:
    by_size = {
        54: "CA", 33: "NY", 32: "TX", 25: "FL", 23: "PA", 22: "IL", 21: "OH", 18: "MI", 15: "NJ",
        14: "NC", 13: "GA VA", 12: "IN MA", 11: "MO TN WA WI", 10: "MD MN", 9: "AL LA",
        8: "AZ CO CT KY OK SC", 7: "IA MS OR", 6: "AR KS", 5: "NE NM UT WV",
        4: "HI ID ME NH NV RI", 3: "AK DC DE MT ND SD VT WY",
    }  # fmt: skip
    return {state: votes for votes, states in by_size.items() for state in states.split()}


def test_electoral_college_2000():
    """Swings and Coleman's measures as printed from the program ipgenf (Leech, Warwick)."""
    votes = electoral_college()
    assert sum(votes.values()) == 538 and len(votes) == 51
    table = voting_power(votes, 270).table().set_index("player")
    printed = {
        "CA": (525_180_666_785_903, 0.466454, 0.111428, 0.470034, 0.462928),
        "NY": (292_267_988_381_903, 0.259586, 0.06201, 0.261578, 0.257624),
        "TX": (282_842_187_059_467, 0.251214, 0.060011, 0.253142, 0.249315),
        "MN": (85_987_775_858_127, 0.076372, 0.018244, 0.076959, 0.075795),
    }
    for state, (swings, absolute, index, prevent, initiate) in printed.items():
        row = table.loc[state]
        assert row["swing"] * 2**50 == pytest.approx(swings, rel=1e-11)
        assert row["swing"] == pytest.approx(absolute, abs=6e-7)
        assert row["banzhaf"] == pytest.approx(index, abs=6e-7)
        assert row["coleman_prevent"] == pytest.approx(prevent, abs=6e-7)
        assert row["coleman_initiate"] == pytest.approx(initiate, abs=6e-7)


# ---- sampling and speed


def test_sampling_agrees_within_its_error_and_repeats():
    weights = [4, 4, 4, 2, 2, 1]
    exact, sample = voting_power(weights, 12), voting_power(weights, 12, "sample", 20_000, 3)
    again = voting_power(weights, 12, "sample", 20_000, 3)
    assert (abs(sample.shapley - exact.shapley) <= 4 * sample.shapley_se + 1e-12).all()
    assert (abs(sample.swing - exact.swing) <= 4 * sample.swing_se + 1e-12).all()
    assert abs(sample.passing - exact.passing) <= 4 * sample.passing_se
    assert (sample.shapley == again.shapley).all()
    assert sample.shapley.sum() == pytest.approx(1)


def test_weights_without_common_denominator_are_sampled():
    power = voting_power([np.pi, np.e, 1.0], 3.5, draws=2_000)
    assert power.method == "sample" and (power.shapley_se > 0).any()
    with pytest.raises(ScenarioError, match="common denominator"):
        voting_power([np.pi, np.e, 1.0], 3.5, "exact")


def test_twice_the_voters_take_no_more_than_some_times_as_long():
    def seconds(voters: int) -> float:
        start = time.perf_counter()
        voting_power([27, *[1] * voters], (27 + voters) * 2 // 3)
        return time.perf_counter() - start

    both = [(seconds(86), seconds(173)) for _ in range(5)]
    few, many = (min(times) for times in zip(*both, strict=True))
    # The exact count is of the order of the square of the voters; every subset would be 2^87 times.
    assert many < 8 * few


# ---- bad input


@pytest.mark.parametrize(
    ("weights", "quota", "more", "says"),
    [
        ([1, -1, 3], 2, {}, ">= 0"),
        ([1, float("nan")], 1, {}, "finite"),
        ([], 1, {}, "at least one"),
        ([1, 1], 3, {}, "at most the total"),
        ([1, 1], 0, {}, "above 0"),
        ([1, 1], 1, {"method": "guess"}, "exact or sample"),
        ([[1, 1]], 1, {}, "one row"),
        ([1, 1], 1, {"method": "sample", "draws": 3}, "100 or more"),
    ],
)
def test_bad_games(weights, quota, more, says):
    with pytest.raises(ScenarioError, match=says):
        voting_power(weights, quota, **more)
