"""The distribution of delivered warheads: exact against simulation and against enumeration."""

import numpy as np
import pytest
from scipy.stats import binom

from detente.security.delivered import Salvo, at_least, leaking, power, simulate

REQUIRED = (1, 10, 100)


def salvo(common=0.0, command=1.0, command_common=1.0, draws=1, seed=0):
    random = np.random.default_rng(seed)
    shape = (draws, 4)
    return Salvo(
        units=np.array([2.4, 130.0, 37.5, 3.0]),
        load=np.array([40.0, 0.6, 2.25, 16.0]),
        survive=random.uniform(0.05, 0.9, shape),
        arrive=random.uniform(0.4, 0.9, shape),
        common=np.full(shape, common),
        command=np.full(draws, command),
        command_common=np.full(draws, command_common),
    )


def test_one_class_is_a_binomial():
    one = np.ones(1)
    forces = Salvo(200 * one, one, 0.3 * one, 0.5 * one, 0 * one, np.array(1.0), np.array(1.0))
    for number, chance in zip(REQUIRED, at_least(forces, REQUIRED), strict=True):
        assert chance == pytest.approx(binom.sf(number - 1, 200, 0.15), abs=2e-6)


@pytest.mark.parametrize("common", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(("command", "together"), [(1.0, 1.0), (0.8, 1.0), (0.8, 0.3)])
def test_exact_and_simulated_agree(common, command, together):
    forces = salvo(common, command, together, draws=3)
    wars = 20_000
    sample = simulate(forces, wars, np.random.default_rng(5))
    assert sample.mean(axis=0) == pytest.approx(forces.mean, rel=0.02)
    simulated = np.stack([(sample >= number).mean(axis=0) for number in REQUIRED], axis=-1)
    assert np.abs(at_least(forces, REQUIRED) - simulated).max() < 4.5 * 0.5 / np.sqrt(wars)


def test_shared_losses_leave_the_mean_and_fatten_both_tails():
    boats = {"units": np.array([4.0]), "load": np.array([40.0]), "survive": np.array([0.5])}
    more = {"arrive": np.array([1.0]), "command": np.array(1.0), "command_common": np.array(1.0)}
    apart = Salvo(**boats, **more, common=np.array([0.0]))
    together = Salvo(**boats, **more, common=np.array([1.0]))
    assert apart.mean == pytest.approx(together.mean)
    few, many = (at_least(forces, (1, 160)) for forces in (apart, together))
    assert few[0] > many[0], "independent boats make an empty answer look impossible"
    assert few[1] < many[1], "and a full one too"
    assert many == pytest.approx([0.5, 0.5], abs=1e-5)


def test_command_that_fails_for_all_is_a_floor_under_nothing():
    forces = salvo(command=0.7, command_common=1.0)
    apart = salvo(command=0.7, command_common=0.0)
    assert at_least(forces, (1,))[0, 0] <= 0.7 + 1e-9
    assert at_least(apart, (1,))[0, 0] > at_least(forces, (1,))[0, 0]
    assert forces.mean == pytest.approx(apart.mean)


def test_a_fraction_of_a_unit_is_a_chance():
    z = np.array([0.3 + 0.2j])
    assert power(z, np.array([2.25])) == pytest.approx(0.75 * z**2 + 0.25 * z**3)
    assert power(z, np.array([0.0])) == pytest.approx(1.0)
    both = power(np.array([[0.5], [0.5]]), np.array([[1.0], [3.0]]))
    assert both == pytest.approx(np.array([[0.5], [0.125]]))


@pytest.mark.parametrize("engaged", [0, 7, 60])
def test_what_leaks_agrees_with_simulation(engaged):
    forces, stopped = salvo(0.4, 0.8, 0.5, draws=2), np.array([0.3, 0.8])
    chance, mean = leaking(forces, REQUIRED, engaged, stopped)
    random, wars = np.random.default_rng(3), 20_000
    arrived = simulate(forces, wars, random)
    left = arrived - random.binomial(np.minimum(arrived, engaged), stopped)
    assert left.mean(axis=0) == pytest.approx(mean, rel=0.02)
    simulated = np.stack([(left >= number).mean(axis=0) for number in REQUIRED], axis=-1)
    assert np.abs(chance - simulated).max() < 4.5 * 0.5 / np.sqrt(wars)
    if engaged == 0:
        assert chance == pytest.approx(at_least(forces, REQUIRED), abs=1e-5)
