"""Landscapes of two camps: against brute force, and the certified minimum against enumeration."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from detente.blocs import basins, landscape
from detente.errors import ScenarioError, WorldError


def random_pull(n: int, seed: int, whole: bool = False) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    pull = rng.integers(-3, 4, (n, n)).astype(float) if whole else rng.standard_normal((n, n))
    pull = np.triu(pull, 1)
    names = [f"N{k:02d}" for k in range(n)]
    size = pd.Series(rng.random(n) + 0.2, index=names)
    return pd.DataFrame(pull + pull.T, names, names), size


def energy(pull: np.ndarray, size: np.ndarray, side: tuple[int, ...]) -> float:
    """Axelrod & Bennett's definition, word for word."""
    total = 0.0
    for i, j in product(range(len(side)), repeat=2):
        total += size[i] * size[j] * pull[i, j] * (side[i] != side[j])
    return total


def brute(pull: np.ndarray, size: np.ndarray) -> dict[tuple[int, ...], list]:
    """Return each local minimum with its energy and how many configurations end there."""
    n = len(size)
    table = {side: energy(pull, size, side) for side in product((0, 1), repeat=n)}

    def moves(side):
        for k in range(n):
            yield (*side[:k], 1 - side[k], *side[k + 1 :])

    found: dict[tuple[int, ...], list] = {}
    for side in table:
        here = side
        while True:
            best = min(moves(here), key=lambda s: table[s])
            if table[best] >= table[here] - 1e-9:
                break
            here = best
        key = here if here[0] == 0 else tuple(1 - s for s in here)
        found.setdefault(key, [table[here], 0])[1] += 1
    return found


@pytest.mark.parametrize("seed", range(6))
def test_all_minima_and_basins_are_those_of_brute_force(seed):
    pull, size = random_pull(7, seed)
    found = landscape(pull, size)
    wanted = brute(pull.to_numpy(), size.to_numpy())
    assert found.exhaustive and found.certified and len(found.minima) == len(wanted)
    for _, row in found.minima.iterrows():
        inside = set(row["camp_1"].split(","))
        key = tuple(0 if name in inside else 1 for name in pull.index)
        value, count = wanted[key]
        assert row["energy"] == pytest.approx(value)
        assert row["basin"] == pytest.approx(count / 2**7)
        assert found.energy(inside) == pytest.approx(value)
    assert found.minima["basin"].sum() == pytest.approx(1)
    assert found.minima["energy"].is_monotonic_increasing


def test_the_certified_minimum_beyond_equals_enumeration(monkeypatch):
    for seed in range(4):
        pull, size = random_pull(13, seed)
        full = landscape(pull, size)
        monkeypatch.setattr(basins, "EXHAUSTIVE", 5)
        found = landscape(pull, size, starts=200, seed=seed)
        monkeypatch.setattr(basins, "EXHAUSTIVE", 22)
        assert not found.exhaustive and found.certified
        assert found.minimum == pytest.approx(full.minimum)
        known = {(row.camp_1, round(row.energy, 9)) for row in full.minima.itertuples()}
        here = {(row.camp_1, round(row.energy, 9)) for row in found.minima.itertuples()}
        assert here <= known  # whatever descent finds is a local minimum


def test_starts_are_seeded():
    pull, _ = random_pull(24, 0, whole=True)
    one, two = landscape(pull, starts=50, seed=3), landscape(pull, starts=50, seed=3)
    pd.testing.assert_frame_equal(one.minima, two.minima)
    assert one.certified and one.minima["energy"].iloc[0] == one.minimum


def test_moving_downhill_lowers_the_energy_by_twice_the_gain():
    """Symmetric propensities give a potential: why local minima exist at all."""
    pull, size = random_pull(6, 1)
    found = landscape(pull, size)
    coupling = found.coupling
    rng = np.random.default_rng(0)
    for _ in range(20):
        side = rng.integers(0, 2, 6)
        k = int(rng.integers(6))
        other = side.copy()
        other[k] = 1 - side[k]
        names = np.array(pull.index)
        change = found.energy(set(names[other == 1])) - found.energy(set(names[side == 1]))
        apart = coupling[k] @ (other != other[k]) - coupling[k] @ (side != side[k])
        assert change == pytest.approx(2 * apart)


def test_two_groups_of_friends_who_are_foes_have_one_deep_minimum():
    names = list("ABCDEF")
    sign = np.array([1, 1, 1, -1, -1, -1])
    pull = pd.DataFrame(np.outer(sign, sign), names, names)
    found = landscape(pull)
    assert found.minima["camp_1"].iloc[0] == "A,B,C" and found.minima["camp_2"].iloc[0] == "D,E,F"
    assert found.minimum == -18 and found.minima["basin"].iloc[0] == 1


def test_two_actors():
    pull = pd.DataFrame([[0, -2], [-2, 0]], list("AB"), list("AB"))
    assert landscape(pull).minima[["energy", "camp_1", "camp_2"]].to_numpy().tolist() == [
        [-4.0, "A", "B"]
    ]


TWO = pd.DataFrame([[0.0, 1.0], [1.0, 0.0]], list("AB"), list("AB"))


@pytest.mark.parametrize(
    ("pull", "size", "message"),
    [
        (TWO.iloc[:1], None, "square"),
        (TWO.rename(columns={"B": "C"}), None, "same actors"),
        (TWO.iloc[:1, :1], None, "two or more"),
        (TWO.assign(B=[2.0, 0.0]), None, "A and B differs back"),
        (TWO * np.nan, None, "is no number"),
        (TWO, pd.Series({"A": 1.0}), "size lacks B"),
        (TWO, pd.Series({"A": 1.0, "B": 0.0}), "above zero"),
    ],
)
def test_wrong_landscapes_are_refused(pull, size, message):
    with pytest.raises(WorldError, match=message):
        landscape(pull, size)


def test_wrong_starts_and_names_are_refused():
    with pytest.raises(ScenarioError, match="starts is 0"):
        landscape(TWO, starts=0)
    with pytest.raises(WorldError, match="Z is no actor"):
        landscape(TWO).energy({"Z"})
