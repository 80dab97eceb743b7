"""Formulas of an exchange: both printed forms, the cap on shots, the best allocation."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from detente.security.exchange import (
    METRES_PER_MILE,
    allocate,
    kill,
    lethal_radius,
    single_shot,
    single_shot_exponential,
    survivors,
    terminal_kill,
)

yields = st.floats(0.005, 5.0)
hardness = st.floats(5.0, 10_000.0)
cep = st.floats(20.0, 3_000.0)


@given(yields, hardness, cep)
def test_both_printed_forms_of_sspk_agree(y, h, c):
    one = single_shot(lethal_radius(y, h), c)
    other = single_shot_exponential(y, h, c / METRES_PER_MILE)
    assert one == pytest.approx(other, abs=5e-4)


@given(yields, hardness, cep, st.floats(1.01, 3.0))
def test_kill_rises_with_yield_and_falls_with_hardness_and_error(y, h, c, more):
    base = single_shot(lethal_radius(y, h), c)
    assert single_shot(lethal_radius(y * more, h), c) >= base
    assert single_shot(lethal_radius(y, h * more), c) <= base
    assert single_shot(lethal_radius(y, h), c * more) <= base


def test_half_of_the_arms_land_within_the_cep():
    assert single_shot(150.0, 150.0) == pytest.approx(0.5)


def test_shots_beyond_two_do_nothing_unless_asked():
    assert kill(0.3, 2) == pytest.approx(0.51)
    assert kill(0.3, 9) == pytest.approx(0.51)
    assert kill(0.3, 9, most=None) == pytest.approx(1 - 0.7**9)
    assert kill(terminal_kill(0.8, 0.9), 1) == pytest.approx(0.72)


def test_survivors_of_a_class():
    assert survivors(np.array(100.0), 0.0, 0.9, 0.0) == pytest.approx(100.0)
    assert survivors(np.array(100.0), 1.0, 0.25, 1.0) == pytest.approx(75.0)
    assert survivors(np.array(100.0), 0.5, 0.2, 0.6) == pytest.approx(60.0)


def best_by_enumeration(value, tkp, points, arms):
    """Return the most value that whole arms can destroy, at most two a point."""
    best = 0.0
    shots = [range(2 * n + 1) for n in points]
    for given_to in itertools.product(*shots):
        if sum(given_to) > arms:
            continue
        total = 0.0
        for v, p, n, given_arms in zip(value, tkp, points, given_to, strict=True):
            twice = max(given_arms - n, 0)
            once = min(given_arms, n) - twice
            total += v * (once * p + twice * (1 - (1 - p) ** 2))
        best = max(best, total)
    return best


groups = st.lists(
    st.tuples(st.floats(0.1, 20.0), st.floats(0.01, 0.99), st.integers(1, 3)),
    min_size=1,
    max_size=3,
)


@given(groups, st.integers(0, 12))
def test_greedy_allocation_is_as_good_as_the_best_of_all(made, arms):
    value, tkp, points = (np.array(column, dtype=float) for column in zip(*made, strict=True))
    found = allocate(value, tkp, points, arms)
    mine = float((value * points * found.killed).sum())
    assert mine == pytest.approx(best_by_enumeration(value, tkp, points.astype(int), arms))
    assert found.used <= arms
    assert np.all(found.twice <= found.once)


def test_no_arm_is_spent_where_it_destroys_nothing():
    found = allocate(np.array([0.0, 5.0]), np.array([0.9, 0.0]), np.array([3.0, 3.0]), 10.0)
    assert found.used == 0
    assert np.all(found.killed == 0)


def test_draws_are_allocated_one_by_one():
    value, points = np.array([4.0, 1.0]), np.array([2.0, 3.0])
    tkp = np.array([[0.9, 0.9], [0.1, 0.9]])
    both = allocate(value, tkp, points, 3.0)
    for draw in range(2):
        alone = allocate(value, tkp[draw], points, 3.0)
        assert np.allclose(both.killed[draw], alone.killed)
