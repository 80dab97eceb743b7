"""Balancing keeps what it promises, and refuses what no table can meet."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.data.balance import bounded_least_squares, ipf, ras
from detente.errors import WorldError

SHAPES = st.tuples(st.integers(2, 5), st.integers(2, 6))
CELL = st.floats(0.01, 100.0)


@st.composite
def tables(draw):
    """A positive table and the margins of another positive table of its shape."""
    shape = draw(SHAPES)
    size = shape[0] * shape[1]
    first = draw(st.lists(CELL, min_size=size, max_size=size))
    second = draw(st.lists(CELL, min_size=size, max_size=size))
    return np.array(first).reshape(shape), np.array(second).reshape(shape)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_ras_meets_both_margins_and_states_its_residual(pair):
    seed, other = pair
    rows, columns = other.sum(axis=1), other.sum(axis=0)
    fit = ras(seed, rows, columns)
    assert fit.converged and fit.residual <= 1e-10
    np.testing.assert_allclose(fit.flow.sum(axis=1), rows, atol=1e-9 * rows.mean())
    np.testing.assert_allclose(fit.flow.sum(axis=0), columns, atol=1e-9 * rows.mean())
    assert fit.flow.min() > 0


@settings(max_examples=40, deadline=None)
@given(tables())
def test_ras_keeps_interaction(pair):
    """Cross-product ratios of the seed survive: that is what makes the fit unique."""
    seed, other = pair
    fit = ras(seed, other.sum(axis=1), other.sum(axis=0)).flow
    was = seed[0, 0] * seed[1, 1] / (seed[0, 1] * seed[1, 0])
    now = fit[0, 0] * fit[1, 1] / (fit[0, 1] * fit[1, 0])
    assert now == pytest.approx(was, rel=1e-8)


@settings(max_examples=30, deadline=None)
@given(tables())
def test_a_balanced_table_is_left_as_it_is(pair):
    seed, _ = pair
    fit = ras(seed, seed.sum(axis=1), seed.sum(axis=0))
    np.testing.assert_allclose(fit.flow, seed, rtol=1e-12)
    assert fit.steps == 1


@settings(max_examples=30, deadline=None)
@given(tables())
def test_relabelling_permutes_the_fit(pair):
    seed, other = pair
    order = np.arange(len(seed))[::-1]
    rows, columns = other.sum(axis=1), other.sum(axis=0)
    plain = ras(seed, rows, columns).flow
    turned = ras(seed[order], rows[order], columns).flow
    np.testing.assert_allclose(turned, plain[order], rtol=1e-8)


def test_ras_keeps_zeros():
    seed = np.array([[0.0, 2.0], [3.0, 1.0]])
    fit = ras(seed, np.array([1.0, 3.0]), np.array([2.0, 2.0])).flow
    assert fit[0, 0] == 0.0


def test_ras_names_a_row_without_cells():
    with pytest.raises(WorldError, match="no positive cell to carry the total of POL"):
        ras(
            np.array([[1.0, 1.0], [0.0, 0.0]]),
            np.array([1.0, 1.0]),
            np.array([1.0, 1.0]),
            labels=(["DEU", "POL"], ["a", "b"]),
        )


def test_ras_refuses_margins_that_disagree():
    with pytest.raises(WorldError, match="row totals add to 3"):
        ras(np.ones((2, 2)), np.array([1.0, 2.0]), np.array([2.0, 2.0]))


def test_ras_names_margins_that_zeros_forbid():
    seed = np.array([[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(WorldError, match="zeros of the table leave no way"):
        ras(seed, np.array([1.0, 2.0]), np.array([2.0, 1.0]), steps=50)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_ras_refuses_values_that_are_no_flows(bad):
    with pytest.raises(WorldError):
        ras(np.array([[1.0, bad], [1.0, 1.0]]), np.ones(2), np.ones(2))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_ipf_meets_three_margins_of_a_cube(seed):
    rng = np.random.default_rng(seed)
    start, other = rng.random((3, 4, 2)) + 0.05, rng.random((3, 4, 2)) + 0.05
    margins = [
        ((0, 2), other.sum(axis=1)),
        ((1, 2), other.sum(axis=0)),
        ((0, 1), other.sum(axis=2)),
    ]
    fit = ipf(start, margins, tolerance=1e-9, steps=5000)
    assert fit.converged
    for axes, totals in margins:
        rest = tuple(axis for axis in range(3) if axis not in axes)
        np.testing.assert_allclose(fit.flow.sum(axis=rest), totals, rtol=1e-6)


def test_ipf_holds_the_last_margin_when_margins_contradict():
    margins = [((0,), np.array([3.0, 1.0])), ((1,), np.array([5.0, 5.0]))]
    fit = ipf(np.ones((2, 2)), margins, steps=50)
    assert not fit.converged
    np.testing.assert_allclose(fit.flow.sum(axis=0), [5.0, 5.0])
    assert fit.misses[1] < 1e-12 < fit.misses[0]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_bounded_least_squares_is_feasible_and_no_worse_than_projections(seed):
    rng = np.random.default_rng(seed)
    matrix, target = rng.normal(size=(6, 4)), rng.normal(size=6)
    bounds, lower = rng.normal(size=(3, 4)), rng.normal(size=3) - 1.0
    z = bounded_least_squares(matrix, target, bounds, lower)
    assert z is not None
    assert (bounds @ z - lower).min() > -1e-8
    best = np.linalg.norm(matrix @ z - target)
    for _ in range(200):
        other = z + rng.normal(size=4) * 0.1
        if (bounds @ other - lower).min() >= 0:
            assert np.linalg.norm(matrix @ other - target) >= best - 1e-8


def test_bounded_least_squares_says_when_bounds_contradict():
    bounds = np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert bounded_least_squares(np.eye(2), np.zeros(2), bounds, np.array([1.0, 0.0])) is None
