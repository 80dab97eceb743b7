"""What is taken from another world equals what is worked out afresh."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente as dt
from detente.security import dispute_hazards, drivers, pacts_of, unprotected
from detente.security.pacts import bonds_of
from detente.security.protection import Promises, Strength, weight
from economies import scenario

WORLD = dt.load_world("world2023")
DRAWS, SEED, COUNT = [0, 3, 5], 1, 7
LAYER = "alliance_reliability"
EDITS = {
    "discount": [
        {"layer": LAYER, "where": {"origin": "USA", "destination": "@NATO"}, "multiply": 0.5}
    ],
    "withdrawal": [
        {"layer": "defence_pact", "where": {"origin": "USA", "destination": "EST"}, "set": 0}
    ],
    "new pact": [
        {"layer": "defence_pact", "where": {"origin": "CHN", "destination": "IRN"}, "set": 1}
    ],
    "troops": [
        {"layer": "troops", "where": {"origin": "USA", "destination": "POL"}, "set": 50_000}
    ],
}


def edited(*edits):
    return scenario(*({"label": "edit", **edit} for edit in edits), name="x").apply(WORLD)


def pacts(world, **given):
    return pacts_of(world, WORLD, drivers(DRAWS, SEED), DRAWS, SEED, **given)


@pytest.fixture(scope="module")
def base():
    return pacts(WORLD)


@pytest.mark.parametrize("name", [*EDITS, "larger"])
def test_shared_weights_of_pacts_are_those_of_a_fresh_solution(base, name):
    # Where strength differs nothing can be shared.
    larger = WORLD.replace(gdp=1.5 * WORLD.values("gdp"))
    world = larger if name == "larger" else edited(*EDITS[name])
    fresh, shared = pacts(world), pacts(world, near=base)
    np.testing.assert_array_equal(shared.weights, fresh.weights)
    np.testing.assert_array_equal(shared.protection, fresh.protection)


@given(st.integers(0, 999))
def test_shared_weights_are_fresh_ones_whatever_the_promises(seed):
    random = np.random.default_rng(seed)
    far = random.uniform(0, 9000, (COUNT, COUNT))
    size, wealth = random.normal(0, 1, (2, COUNT))
    arms = Strength(size, wealth, far + far.T, random.random(2), random.uniform(2500, 9000, 2))
    substitution = random.random(2)

    def promises(bound, old, belief):
        giver, taker = np.nonzero(bound & ~np.eye(COUNT, dtype=bool))
        return Promises(giver, taker, old[giver, taker], belief[:, giver, taker])

    def few():
        return random.random(far.shape) > 0.96

    bound, old = random.random((2, COUNT, COUNT)) > 0.3
    belief = random.uniform(0, 2, (2, COUNT, COUNT))
    one = promises(bound, old, belief)
    other = promises(bound ^ few(), old ^ few(), np.where(few(), 0.5 * belief, belief))
    known = weight(one, arms, substitution)
    fresh = weight(other, arms, substitution)
    np.testing.assert_array_equal(weight(other, arms, substitution, (one, known)), fresh)
    # What is promised the same is not worked out again.
    protected = np.unique(one.taker)
    again = weight(one, arms, substitution, (one, known + 7))
    np.testing.assert_array_equal(again[:, :, protected], known[:, :, protected] + 7)


def test_pacts_of_some_targets_weigh_as_they_do_among_all(base):
    some = [WORLD.countries.index(code) for code in ("EST", "TWN", "JPN")]
    found = pacts(WORLD, bonds=bonds_of(WORLD, WORLD).towards(some))
    assert found.targets.tolist() == sorted(some)
    np.testing.assert_array_equal(found.weights[:, :, some], base.weights[:, :, some])


@pytest.fixture(scope="module")
def chances():
    free = {"layer": "polyarchy", "where": {"country": "CHN"}, "add": 0.2}
    lifted = {"layer": "sanction_trade", "where": {"origin": "USA"}, "set": "none"}
    world = edited(free, lifted)
    return dispute_hazards(WORLD, DRAWS, SEED), world, dispute_hazards(world, DRAWS, SEED)


@pytest.mark.parametrize("kind", ["onset", "fatal", "war"])
def test_shared_chances_of_disputes_are_those_of_a_fresh_solution(chances, kind):
    first, world, last = (getattr(one, kind, one) for one in chances)
    near, whole = chances[0], np.ones(len(DRAWS))
    np.testing.assert_array_equal(
        getattr(dispute_hazards(world, DRAWS, SEED, near=near), kind), last
    )
    for share, there in ((0 * whole, first), (whole, last)):
        found = dispute_hazards(world, DRAWS, SEED, near=near, share=share)
        np.testing.assert_allclose(getattr(found, kind), there, rtol=1e-12)


def test_shared_challenges_are_those_of_a_fresh_solution(chances):
    first, _, last = (getattr(one, "onset", one) for one in chances)
    drawn = drivers(DRAWS, SEED)
    near = first, unprotected(WORLD, first, drawn)
    np.testing.assert_array_equal(
        unprotected(WORLD, last, drawn, near), unprotected(WORLD, last, drawn)
    )
