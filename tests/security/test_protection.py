"""The weight of pacts against a search through every coalition, pair by pair."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.security.protection import Promises, Strength, weight

COUNT, TARGET = 5, 0


def by_search(promises, arms, substitution):
    """Return [draw, challenger] weights for the target, by the definition."""
    draws = len(substitution)
    found = np.zeros((draws, COUNT))
    for draw in range(draws):
        brought = arms.at(TARGET)[draw]
        for challenger in range(COUNT):
            if challenger == TARGET:
                continue
            held = {
                giver: (old, belief)
                for giver, old, belief in zip(
                    promises.giver, promises.old, promises.belief[draw], strict=True
                )
                if giver != challenger
            }

            def quotient(coalition, held=held, brought=brought, challenger=challenger):
                felt = sum(brought[giver] * held[giver][1] for giver in coalition)
                return felt / (sum(brought[giver] for giver in coalition) + brought[challenger])

            every = list(chain.from_iterable(combinations(held, k) for k in range(len(held) + 1)))
            fixed = {giver for giver, (old, _) in held.items() if old}
            share = max(quotient(coalition) for coalition in every if fixed <= set(coalition))
            best = max(quotient(coalition) for coalition in every)
            s = substitution[draw]
            found[draw, challenger] = (1 - s) * share + s * best
    return found


@given(
    st.sets(st.integers(1, COUNT - 1), min_size=1),
    st.integers(0, 2**COUNT - 1),
    st.integers(0, 999),
)
def test_weights_are_those_of_a_search_through_all_coalitions(givers, olds, seed):
    random = np.random.default_rng(seed)
    giver = np.array(sorted(givers))
    belief = random.uniform(0, 2, (3, len(giver))) * (random.random((3, len(giver))) > 0.2)
    old = np.array([bool(olds >> g & 1) for g in giver])
    promises = Promises(giver, np.full(len(giver), TARGET), old, belief)
    far = random.uniform(0, 9000, (COUNT, COUNT))
    arms = Strength(
        random.normal(0, 1, COUNT), random.normal(0, 1, COUNT), (far + far.T) / 2,
        random.random(3), random.uniform(2500, 10_000, 3),
    )  # fmt: skip
    substitution = random.random(3)
    found = weight(promises, arms, substitution)
    assert found[:, :, TARGET] == pytest.approx(by_search(promises, arms, substitution))
    assert (found[:, :, 1:] == 0).all()


def test_thirty_guarantors_do_not_weigh_thirty():
    count = 32
    arms = Strength(
        np.zeros(count), np.zeros(count), np.zeros((count, count)), np.zeros(1), np.ones(1)
    )
    many = Promises(
        np.arange(1, 31), np.zeros(30, dtype=int), np.ones(30, dtype=bool), np.ones((1, 30))
    )
    found = weight(many, arms, np.zeros(1))
    assert found[0, 31, 0] == pytest.approx(30 / 31)
    assert found[0, 1, 0] == pytest.approx(29 / 30)
