"""The search for fixed points: exact where the answer is known, honest where there is none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from detente.models.equilibrium import fixed_point, fixed_points

SIZE = 30
RNG = np.random.default_rng(3)
MATRIX = RNG.standard_normal((SIZE, SIZE)) / SIZE**0.5
TARGET = jnp.asarray(RNG.standard_normal(SIZE))


def linear(scale):
    matrix = jnp.asarray(scale * MATRIX)
    return lambda z: matrix @ z + TARGET


# At 3 plain iteration explodes: the map stretches most directions.
@pytest.mark.parametrize("scale", [0.1, 0.5, 0.9])
def test_a_linear_map_has_the_root_of_its_equations(scale):
    found, certificate = fixed_point(linear(scale), jnp.zeros(SIZE))
    expected = np.linalg.solve(np.eye(SIZE) - scale * MATRIX, np.asarray(TARGET))
    assert bool(certificate.converged)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_map_that_alternates_converges():
    found, certificate = fixed_point(lambda z: -1.5 * z + 1.0, jnp.zeros(4))
    assert bool(certificate.converged)
    np.testing.assert_allclose(found, 0.4, atol=1e-11)


def test_a_root_at_the_start_takes_no_step():
    _, certificate = fixed_point(lambda z: 0.5 * z, jnp.zeros(3))
    assert int(certificate.steps) == 0
    assert float(certificate.residual) == 0


def test_a_map_without_fixed_point_says_so():
    _, certificate = fixed_point(lambda z: z + 1.0, jnp.zeros(3), max_steps=50)
    assert not bool(certificate.converged)
    assert int(certificate.steps) == 50


def test_a_map_that_leaves_the_numbers_ends_and_says_so():
    _, certificate = fixed_point(lambda z: jnp.log(z - 1.0), jnp.zeros(3))
    assert not bool(certificate.converged)
    assert int(certificate.steps) < 10


def test_any_tree_of_arrays_is_a_state():
    found, certificate = fixed_point(
        lambda z: {"a": 0.5 * z["a"] + z["b"][0], "b": 0.2 * z["b"] + 1.0},
        {"a": jnp.zeros(()), "b": jnp.zeros(2)},
    )
    assert bool(certificate.converged)
    np.testing.assert_allclose(found["a"], 2.5, atol=1e-10)


def test_derivatives_follow_from_the_equation_and_not_from_the_steps():
    def root(a):
        return fixed_point(lambda z: jnp.cos(a * z), jnp.zeros(2))[0]

    value, slope = jax.jvp(root, (jnp.asarray(0.7),), (jnp.asarray(1.0),))
    # z = cos(a z) gives z' = -z sin(a z) / (1 + a sin(a z)).
    sine = np.sin(0.7 * np.asarray(value))
    np.testing.assert_allclose(slope, -value * sine / (1 + 0.7 * sine), rtol=1e-9)


def test_lanes_find_what_single_searches_find_and_each_rests_when_it_is_there():
    scales = jnp.asarray([0.1, 0.9, 0.5])
    targets = jnp.asarray(RNG.standard_normal((3, SIZE)))

    def step(z):
        return scales[:, None] * (z @ jnp.asarray(MATRIX).T) + targets

    found, together = fixed_points(step, jnp.zeros((3, SIZE)))
    for n in range(3):
        alone, certificate = fixed_point(
            lambda z, n=n: scales[n] * (jnp.asarray(MATRIX) @ z) + targets[n], jnp.zeros(SIZE)
        )
        np.testing.assert_allclose(found[n], alone, atol=1e-10)
        assert int(together.steps[n]) == int(certificate.steps)
        assert bool(together.converged[n])
    assert len(set(np.asarray(together.steps).tolist())) > 1


def test_a_lane_without_fixed_point_leaves_the_others_alone():
    def step(z):
        return jnp.stack([0.5 * z[0] + 1.0, z[1] + 1.0, jnp.log(z[2] - 1.0)])

    found, certificate = fixed_points(step, jnp.zeros((3, 4)), max_steps=50)
    np.testing.assert_allclose(found[0], 2.0, atol=1e-10)
    assert np.asarray(certificate.converged).tolist() == [True, False, False]
