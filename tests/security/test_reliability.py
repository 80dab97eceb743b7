"""The prior on reliability: its mean and interval, its parts, and what it depends on."""

import dataclasses

import numpy as np
import pytest
from small import CODES, small

import detente as dt
from detente.errors import ScenarioError, WorldError
from detente.security.reliability import (
    COMMON,
    GUARANTOR,
    INTERVAL,
    MEAN,
    PAIR,
    reliability,
    written,
)

GIVER, TAKER = np.array([0, 0, 1]), np.array([2, 5, 2])


def test_prior_has_the_stated_mean_and_interval():
    found = reliability(CODES, GIVER, TAKER, 20_000, seed=4)
    assert found.mean() == pytest.approx(MEAN, abs=0.01)
    assert np.quantile(found[:, 0], [0.05, 0.95]) == pytest.approx(INTERVAL, abs=0.012)


def test_promises_of_one_guarantor_are_tied_more_than_those_of_two():
    found = reliability(CODES, GIVER, TAKER, 20_000, seed=4)
    tied = np.corrcoef(found.T)
    assert tied[0, 1] == pytest.approx(COMMON + GUARANTOR, abs=0.03)
    assert tied[0, 2] == pytest.approx(COMMON, abs=0.03)
    assert COMMON + GUARANTOR + PAIR == 1


def test_draws_do_not_depend_on_their_number_or_on_other_promises():
    many = reliability(CODES, GIVER, TAKER, 9, seed=2)
    assert np.array_equal(many[:4], reliability(CODES, GIVER, TAKER, 4, seed=2))
    assert np.array_equal(many[[7, 3]], reliability(CODES, GIVER, TAKER, [7, 3], seed=2))
    assert np.array_equal(many[:, 1:], reliability(CODES, GIVER[1:], TAKER[1:], 9, seed=2))


def test_draws_belong_to_codes_and_not_to_places():
    back = CODES[::-1]
    last = len(CODES) - 1
    one = reliability(CODES, GIVER, TAKER, 5, seed=2)
    assert np.array_equal(one, reliability(back, last - GIVER, last - TAKER, 5, seed=2))


def test_a_point_is_the_mean():
    assert (reliability(CODES, GIVER, TAKER, 2, seed=1, point=True) == MEAN).all()


def test_no_draws_are_refused():
    with pytest.raises(ScenarioError, match="count of 1 or more"):
        reliability(CODES, GIVER, TAKER, 0, seed=1)


def test_written_is_the_treaty_times_what_is_stated():
    world = small([("USA", "EST"), ("DEU", "EST")], reliability={("USA", "EST"): 0.25})
    found = written(world)
    assert found[0, 2] == 0.25
    assert found[1, 2] == 1
    assert found.sum() == 1.25


def test_a_new_pact_stands_as_written_and_a_statement_without_pact_promises_nothing():
    world = small([("USA", "EST")], reliability={("USA", "TWN"): 0.5, ("USA", "EST"): np.nan})
    assert written(world).sum() == 1


def test_a_pact_with_itself_is_refused():
    with pytest.raises(WorldError, match="EST has a defence pact with itself"):
        written(small([("EST", "EST")]))


@pytest.mark.parametrize("value", [-0.1, 1.5, np.inf])
def test_reliability_outside_its_range_is_refused(value):
    world = small([("USA", "EST")])
    stated = world.values("alliance_reliability").copy()
    stated[0, 2] = value
    # A world made otherwise than by `replace`, which refuses it too.
    layers = world.layers.assign(alliance_reliability=(("origin", "destination"), stated))
    with pytest.raises(WorldError, match="of USA towards EST is"):
        written(dataclasses.replace(world, layers=layers))


def test_the_embedded_world_is_as_written():
    world = dt.load_world("world2023")
    found = written(world)
    assert set(np.unique(found)) == {0.0, 1.0}
    place = world.countries.index
    assert found[place("USA"), place("JPN")] == 1
    assert found[:, place("TWN")].sum() == 0
    assert written(world, assistance_clause=True)[place("FRA"), place("AUT")] == 1
    assert found[place("FRA"), place("AUT")] == 0
