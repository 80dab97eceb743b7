"""The sampler of ideal points beside a plain NumPy loop of the same published steps.

`python -m benchmarks.test_alignment` prints the ratio. With raw tables (`DETENTE_RAW`) both run
on the votes of the General Assembly 1946-2019, else on simulated votes, half as many.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from detente.alignment import un_bridge, un_votes
from detente.alignment.ideal_points_chain import Rules, advance
from detente.alignment.ideal_points_sampler import CUT_BOUND, CUT_STEP, LATENT_BOUND
from detente.alignment.ideal_points_start import layout, resolve_anchors, start
from detente.alignment.ideal_points_table import RollCalls, roll_calls

RATIO = 2.0  # one chain against one NumPy loop; a user's two chains run side by side


@dataclass
class PlainLoop:
    """The published steps in double precision, vote by vote, as one would write them in NumPy."""

    calls: RollCalls
    seed: int = 0

    def __post_init__(self):
        calls = self.calls
        self.random = np.random.default_rng(self.seed)
        period = calls.period_of[calls.roll_call]
        keys = calls.voter * len(calls.periods) + period
        kept, self.position = np.unique(keys, return_inverse=True)
        self.item = calls.item_of[calls.roll_call]
        self.votes = np.bincount(self.position)
        fixed = layout(calls)
        at = np.asarray(fixed.kept_period), np.asarray(fixed.kept_voter)
        place = np.full(fixed.present.shape, 0)
        place[at] = np.arange(len(kept))
        self.lag = place[np.asarray(fixed.lag)[at], at[1]]
        self.lag_weight = np.asarray(fixed.lag_weight, float)[at]
        self.precision = np.asarray(fixed.prior_precision, float)[at]
        begin = start(calls, fixed, resolve_anchors(calls, None), self.random)
        self.mean = np.asarray(begin.theta_mean, float)[at]
        self.latent = np.asarray(begin.latent, float)[calls.roll_call, calls.voter]
        self.slope, self.first, self.second = np.asarray(begin.item, float).T.copy()

    def bounds(self, first, second):
        vote = self.calls.vote
        low = np.where(vote == 1, -np.inf, np.where(vote == 2, first[self.item], second[self.item]))
        high = np.where(vote == 1, first[self.item], np.where(vote == 2, second[self.item], np.inf))
        return low, high

    def truncated(self, mean, low, high):
        a, b = ndtr((low - mean) / CUT_STEP), ndtr((high - mean) / CUT_STEP)
        return mean + CUT_STEP * ndtri(a + self.random.random(len(mean)) * (b - a))

    def iterate(self) -> np.ndarray:
        slope = self.slope[self.item]
        lag = self.lag_weight * self.mean[self.lag]
        precision = np.bincount(self.position, slope**2) + self.precision
        push = np.bincount(self.position, slope * self.latent) + self.precision * lag
        self.mean = push / precision
        theta = self.mean + self.random.normal(size=len(precision)) / np.sqrt(precision)
        theta = np.clip(theta, -5, 5)
        theta = (theta - theta.mean()) / theta.std(ddof=1)
        each = theta[self.position]
        mean = slope * each
        new_first = self.truncated(self.first, -CUT_BOUND, self.second)
        new_second = self.truncated(self.second, new_first, CUT_BOUND)
        low, high = self.bounds(self.first, self.second)
        new_low, new_high = self.bounds(new_first, new_second)
        old = ndtr(high - mean) - ndtr(low - mean)
        new = ndtr(new_high - mean) - ndtr(new_low - mean)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.bincount(self.item, np.nan_to_num(np.log(new / old), posinf=0, neginf=-99))
            ratio += np.log(ndtr((self.second - new_first) / CUT_STEP))
            ratio -= np.log(ndtr((new_second - self.first) / CUT_STEP))
        taken = np.log(self.random.random(len(ratio))) < ratio
        self.first = np.where(taken, new_first, self.first)
        self.second = np.where(taken, new_second, self.second)
        low, high = self.bounds(self.first, self.second)
        a, b = ndtr(low - mean), ndtr(high - mean)
        chance = np.clip(a + self.random.random(len(mean)) * (b - a), 1e-16, 1 - 1e-16)
        self.latent = np.clip(mean + ndtri(chance), -LATENT_BOUND, LATENT_BOUND)
        precision = 1 + np.bincount(self.item, each**2)
        centre = np.bincount(self.item, each * self.latent) / precision
        self.slope = centre + self.random.normal(size=len(centre)) / np.sqrt(precision)
        return theta


def simulated_votes(periods: int = 40, voters: int = 160, calls: int = 60) -> pd.DataFrame:
    """Return votes by the model, with every tenth item recurring."""
    random = np.random.default_rng(1)
    rows = []
    theta = random.normal(size=voters)
    for period in range(periods):
        theta = theta + 0.1 * random.normal(size=voters)
        slope, first = random.normal(size=(2, calls))
        latent = np.outer(slope, theta) + random.normal(size=(calls, voters))
        vote = np.select([latent < first[:, None], latent < first[:, None] + 0.6], [1, 2], 3)
        item = [f"r{call}" if call % 10 == 0 else f"{period}-{call}" for call in range(calls)]
        rows.append(
            pd.DataFrame(
                {
                    "voter": np.tile([f"V{v:03d}" for v in range(voters)], calls),
                    "period": period,
                    "item": np.repeat(item, voters),
                    "vote": vote.ravel(),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def ours(calls: RollCalls, iterations: int = 20) -> Callable[[], np.ndarray]:
    """Return a call that runs some iterations of one chain, compiled."""
    fixed = layout(calls)
    state = start(calls, fixed, resolve_anchors(calls, None), np.random.default_rng(0))
    numbers = [jnp.asarray(number, jnp.int32) for number in (0, iterations, 1, 0)]

    def run() -> np.ndarray:
        key = jax.random.key(0)
        _, theta, *_ = advance(fixed, state, key, *numbers, rules=Rules(), room=iterations)
        return np.asarray(theta)

    run()
    return run


def speed(raw: Path | None = None, iterations: int = 20) -> dict[str, float]:
    """Return iterations a second of the plain loop and of one chain, and their ratio.

    Parameters
    ----------
    raw
        Folder of raw tables, for the votes of the General Assembly; simulated votes without it.
    iterations
        Iterations of a round; rounds of both alternate, and the best of three counts.
    """
    if raw is None:
        calls = roll_calls(simulated_votes())
    else:
        calls = roll_calls(un_votes(raw, last=74), un_bridge(raw))
    plain, chain = PlainLoop(calls), ours(calls, iterations)
    plain.iterate()
    theirs, mine = [], []
    for _ in range(3):
        begun = time.perf_counter()
        for _ in range(iterations // 4):
            plain.iterate()
        theirs.append((iterations // 4) / (time.perf_counter() - begun))
        begun = time.perf_counter()
        chain()
        mine.append(iterations / (time.perf_counter() - begun))
    return {
        "votes": float(len(calls.vote)),
        "numpy": max(theirs),
        "chain": max(mine),
        "ratio": max(mine) / max(theirs),
    }


def test_the_sampler_against_a_plain_loop(benchmark, capsys):
    raw = os.environ.get("DETENTE_RAW")
    found = speed(Path(raw) if raw else None)
    with capsys.disabled():
        print("\nideal points, iterations a second:", {k: round(v, 1) for k, v in found.items()})
    assert found["ratio"] > RATIO
    benchmark.pedantic(ours(roll_calls(simulated_votes(8))), rounds=3)


if __name__ == "__main__":
    folder = os.environ.get("DETENTE_RAW")
    print({k: round(v, 1) for k, v in speed(Path(folder) if folder else None).items()})
