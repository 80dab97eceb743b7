"""Positions of voters over time from their roll-call votes, with draws.

The dynamic ordinal item-response model of Bailey, Strezhnev and Voeten (2017), Estimating
dynamic state preferences from United Nations voting data, Journal of Conflict Resolution
61(2): 430-456. Written from the equations.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd

from detente.alignment.ideal_points_result import IdealPoints, labelled
from detente.alignment.ideal_points_start import (
    Anchors,
    is_assembly,
    layout,
    resolve_anchors,
    start,
)
from detente.alignment.ideal_points_table import RollCalls, roll_calls
from detente.counts import cores
from detente.errors import DataError, nearest

# Which steps of `ideal_points_joint` take the place of published ones: paths, items.
METHODS = {"published": (False, False), "corrected": (False, True), "joint": (True, True)}
AUTO = "auto"
LEAST_VOTERS = 3
ROOM = 50  # kept iterations of one call of the compiled sampler
Progress = Callable[[int, int], None]


def fit_ideal_points(
    votes: pd.DataFrame,
    bridge: Any = None,
    *,
    draws: int = 1250,
    warmup: int = 1500,
    seed: int = 1,
    anchors: Anchors = None,
    chains: int = 2,
    thin: int = 2,
    method: str = "auto",
    progress: Progress | None = None,
) -> IdealPoints:
    """Return draws of voters' positions in each period from their votes.

    Parameters
    ----------
    votes
        One row a vote cast, columns voter, period, item, vote: 1 yes, 2 abstain, 3 no; or 0 no
        and 1 yes. An item that occurs in several periods, or is bridged, has one
        discrimination and one pair of cutpoints in all of them.
    bridge
        Items that are the same question: a DataFrame with columns earlier and later (or rcid1
        and rcid2), pairs, or a mapping from later to earlier.
    draws, warmup
        Draws kept and iterations thrown away, of each chain.
    seed
        Same seed, table and machine: same draws.
    anchors
        Voters whose side is known, with starting positions: {"USA": 3, "RUS": -2}. They fix
        the sign. Without it: see `ideal_points_start.resolve_anchors`.
    chains
        Independent runs, in parallel on the cores at hand; two or more show convergence.
    thin
        Iterations for each kept draw.
    method
        `published`: the steps of the published sampler, which its positions rest on.
        `corrected`: the same with cutpoints moved rightly. `joint`: draws from one joint
        posterior of whole paths and items. `auto`: published where the United States and
        Russia vote, as in the General Assembly, whose published positions others use; joint
        for every other table, where there are none to agree with. See
        docs/explanation/ideal-points.md. Tables of yes and no have one cutpoint an item.
    progress
        Called with iterations done and in all.

    Returns
    -------
    IdealPoints
        `.draws`, `.table()`, `.items()`, `.distance(a, b)`, `.diagnostics()`, `.warnings`.

    Raises
    ------
    DataError
        The table, the bridge, an anchor or a number cannot be used; the message says where and
        how to mend it.

    Notes
    -----
    z = beta_v theta_it + e, e ~ N(0, 1); yes below the first cutpoint, no above the second.
    theta_it ~ N(theta_i,t-1, 0.5 n_it / (n_it + n_i,t-1)), beta ~ N(0, 1), cutpoints uniform on
    [-7, 7] in order. Positions have mean 0 and standard deviation 1 over all voters and
    periods. Single precision, since the noise of draws is far larger.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     [(v, 1, i, 1 if (v < "C") == (i < 2) else 3) for v in "ABCD" for i in range(4)],
    ...     columns=["voter", "period", "item", "vote"],
    ... )
    >>> found = fit_ideal_points(table, draws=20, warmup=20, anchors=["A", "D"])
    >>> list(found.table().columns)
    ['voter', 'period', 'mean', 'sd', 'p05', 'p95', 'votes']
    """
    _check_numbers(draws=draws, warmup=warmup, chains=chains, thin=thin, seed=seed)
    if method not in (AUTO, *METHODS):
        names = (AUTO, *METHODS)
        raise DataError(
            f"method {method!r} is not one of {', '.join(names)}{nearest(str(method), names)}"
        )
    begun = time.perf_counter()
    calls = roll_calls(votes, bridge)
    if len(calls.voters) < LEAST_VOTERS:
        raise DataError(
            f"two voters only ({', '.join(map(str, calls.voters))}): positions have mean 0 and "
            "standard deviation 1, so that two lie at one and minus one whatever they vote. Bring "
            "votes of three or more"
        )
    fixed = resolve_anchors(calls, anchors)
    if method == AUTO:
        method = "published" if is_assembly(calls) else "joint"
    counter = _Counter(chains * (warmup + draws * thin), progress)
    plan = (draws, warmup, thin, METHODS[method])
    seeds = np.random.SeedSequence(seed).spawn(chains)
    with ThreadPoolExecutor(min(chains, cores())) as pool:
        shared = layout(calls)
        jobs = [pool.submit(_chain, calls, shared, fixed, plan, own, counter) for own in seeds]
        try:
            found = [job.result() for job in jobs]
        except BaseException:
            counter.stopped = True
            raise
    facts = {
        "method": method,
        "seed": seed,
        "warmup": warmup,
        "thin": thin,
        "accepted": float(np.mean([rate for _, _, rate in found])),
        "seconds": time.perf_counter() - begun,
    }
    positions = np.stack([theta for theta, _, _ in found])
    items = np.stack([item for _, item, _ in found])
    return labelled(calls, positions, items, fixed, facts)


class _Counter:
    """Iterations done by all chains, and whether they shall stop."""

    def __init__(self, total: int, progress: Progress | None):
        self.done, self.total, self.progress, self.stopped = 0, total, progress, False

    def add(self, count: int) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        self.done += count
        if self.progress is not None:
            self.progress(self.done, self.total)


def _chain(
    calls: RollCalls,
    shared,
    anchors: dict[str, float],
    plan: tuple[int, int, int, tuple[bool, bool]],
    seed: np.random.SeedSequence,
    counter: _Counter,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Run one chain; return positions [n k], items [n i 3] and the share of accepted moves."""
    import jax
    import jax.numpy as jnp

    from detente.alignment.ideal_points_chain import Rules, advance

    draws, warmup, thin, steps = plan
    numbers = np.random.default_rng(seed)
    state = start(calls, shared, anchors, numbers)
    key = jax.random.key(int(numbers.integers(2**31)))
    rules, room = Rules(calls.binary, *steps), min(ROOM, draws)

    def run(state, done: int, count: int):
        whole = (jnp.asarray(number, jnp.int32) for number in (done, count, thin, warmup))
        return advance(shared, state, key, *whole, rules=rules, room=room)

    done = 0
    while done < warmup:
        count = min(ROOM, warmup - done)
        state, *_ = run(state, done, count)
        done += count
        counter.add(count)
    positions, items, rates = [], [], []
    for first in range(0, draws, room):
        kept = min(room, draws - first)
        state, theta, item, rate = run(state, done, kept * thin)
        positions.append(np.asarray(theta)[:kept])
        items.append(np.asarray(item)[:kept])
        rates.append(float(rate) * kept)
        done += kept * thin
        counter.add(kept * thin)
    theta, item = np.concatenate(positions), np.concatenate(items)
    if not (np.isfinite(theta).all() and np.isfinite(item).all()):
        raise DataError(
            "the sampler left the finite numbers: too few votes divide the voters. Bring more "
            "roll calls, or leave out voters with next to none"
        )
    return *_oriented(calls, shared, theta, item, anchors), sum(rates) / draws


def _oriented(calls: RollCalls, shared, theta, item, anchors: dict[str, float]):
    """Turn a chain round when its anchors lie on the wrong sides."""
    names = [str(name) for name in calls.voters]
    means = theta.mean(axis=0)
    kept = np.asarray(shared.kept_voter)
    score = sum(
        np.sign(value) * means[kept == names.index(name)].mean() for name, value in anchors.items()
    )
    if score < 0:
        theta, item = -theta, item * np.array([-1, 1, 1], np.float32)
    return theta, item


def _check_numbers(**numbers: int) -> None:
    least = {"draws": 2, "warmup": 0, "chains": 1, "thin": 1, "seed": 0}
    for name, value in numbers.items():
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
            raise DataError(f"{name} is {value!r}: give a whole number, {least[name]} or more")
        if value < least[name]:
            raise DataError(f"{name} is {value}: give {least[name]} or more")
