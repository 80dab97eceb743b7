"""Balance dynamics of the literature, as tests of what two camps are; no forecast rests on them.

Marvel, Kleinberg, Kleinberg & Strogatz (2011, PNAS 108:1771): dX/dt = X^2 ends in one camp or two
opposed ones. Antal, Krapivsky & Redner (2005, Phys. Rev. E 72:036121): local triad dynamics.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import solve_ivp

from detente.blocs import partition


def signed(matrix: np.ndarray) -> pd.DataFrame:
    a, b = np.nonzero(np.triu(matrix != 0, 1))
    sign = np.sign(matrix[a, b]).astype(int)
    return pd.DataFrame({"a": [f"{k:02d}" for k in a], "b": [f"{k:02d}" for k in b], "sign": sign})


def symmetric(n: int, seed: int) -> np.ndarray:
    given = np.random.default_rng(seed).standard_normal((n, n))
    return (given + given.T) / 2


@pytest.mark.parametrize("seed", range(4))
def test_marvel_closed_form_solves_the_equation(seed):
    start = symmetric(6, seed)
    end = 0.5 / np.linalg.eigvalsh(start).max()
    path = solve_ivp(
        lambda _, x: (x.reshape(6, 6) @ x.reshape(6, 6)).ravel(),
        (0, end),
        start.ravel(),
        rtol=1e-10,
        atol=1e-12,
    )
    closed = start @ np.linalg.inv(np.eye(6) - start * end)
    np.testing.assert_allclose(path.y[:, -1].reshape(6, 6), closed, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_marvel_ends_in_camps_without_a_violated_tie(seed):
    start = symmetric(12, seed)
    value, vector = np.linalg.eigh(start)
    late = (1 - 1e-9) / value[-1]  # just before the blow-up at 1 / lambda_1
    end = start @ np.linalg.inv(np.eye(12) - start * late)
    side = np.sign(vector[:, -1])
    assert np.array_equal(np.sign(end), np.outer(side, side))
    result = partition(signed(end), camps=2)
    assert result.optimum == 0
    camps = result.camps["camp"].to_numpy()
    assert len({(c, s) for c, s in zip(camps, side, strict=True)}) == len(set(side))


def densities(p: float, sites: int, sweeps: int, seed: int) -> float:
    """Return the late share of friendly ties of local triad dynamics on a complete graph."""
    rng = np.random.default_rng(seed)
    tie = np.triu(rng.random((sites, sites)) < 0.5, 1)
    tie = tie | tie.T
    kept = []
    steps = sweeps * sites * (sites - 1) // 2
    for step in range(steps):
        i, j, k = rng.choice(sites, 3, replace=False)
        friendly = int(tie[i, j]) + int(tie[j, k]) + int(tie[i, k])
        if friendly in (0, 2):
            if friendly == 0:
                a, b = ((i, j), (j, k), (i, k))[rng.integers(3)]
                tie[a, b] = tie[b, a] = True
            else:
                pairs = ((i, j), (j, k), (i, k))
                foe = next(pair for pair in pairs if not tie[pair])
                if rng.random() < p:
                    a, b = foe
                    tie[a, b] = tie[b, a] = True
                else:
                    friends = [pair for pair in pairs if pair != foe]
                    a, b = friends[rng.integers(2)]
                    tie[a, b] = tie[b, a] = False
        if step > steps // 2 and step % 50 == 0:
            kept.append(tie.sum() / (sites * (sites - 1)))
    return float(np.mean(kept))


@pytest.mark.parametrize("p", [0.1, 0.25])
def test_antal_stationary_share_of_friendly_ties(p):
    """rho = 1 / (sqrt(3 (1 - 2 p)) + 1) for p < 1/2, a mean-field result for many actors."""
    wanted = 1 / (np.sqrt(3 * (1 - 2 * p)) + 1)
    assert densities(p, 32, 60, 0) == pytest.approx(wanted, abs=0.03)


def test_one_friendly_camp_is_balanced_and_stays():
    full = signed(np.ones((7, 7)))
    assert partition(full, 2).optimum == 0 and partition(full).camps["camp"].nunique() == 1
    foes = signed(-np.ones((7, 7)))
    assert partition(foes).optimum == 0  # seven camps of one: weakly balanced
    assert partition(foes, 2).optimum == 3 + 6  # C(4, 2) + C(3, 2) foes in one camp
