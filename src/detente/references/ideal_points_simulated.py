"""Votes simulated by the model of ideal points, and whether the truth is found again."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from detente.alignment import fit_ideal_points
from detente.validate import Line

SOURCE = "simulated by the model: share of true positions inside the 5-95 % interval"
KINDS: dict[str, dict] = {
    "votes with abstentions": {},
    "abstentions rare": {"gap": (0.05, 0.15)},
    "yes and no": {"binary": True},
}
SEEDS = (0, 1, 2, 3)
CAST = 0.92  # share of votes cast


def simulate(
    seed: int,
    periods: int = 8,
    voters: int = 40,
    calls: int = 30,
    recurring: int = 6,
    binary: bool = False,
    gap: tuple[float, float] = (0.2, 1.2),
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return votes by the model, and true positions [period, voter] with mean 0 and sd 1.

    Parameters
    ----------
    seed
        Same seed, same votes.
    periods, voters, calls, recurring
        Sizes: items a period, and how many of them recur in every period.
    binary
        Yes and no only.
    gap
        Least and most distance of an item's two cutpoints.

    Examples
    --------
    >>> votes, theta = simulate(1, periods=2, voters=5, calls=4)
    >>> theta.shape
    (2, 5)
    """
    numbers = np.random.default_rng(seed)
    steps = 0.5 * numbers.normal(size=(periods - 1, voters))
    theta = np.cumsum(np.vstack([numbers.normal(size=voters), steps]), axis=0)
    theta = (theta - theta.mean()) / theta.std(ddof=1)
    rows: list[tuple] = []
    items: dict[str, tuple[float, float, float]] = {}
    for period in range(periods):
        for call in range(calls):
            item = f"r{call}" if call < recurring else f"{period}-{call}"
            if item not in items:
                first = 0.8 * numbers.normal()
                width = 0.0 if binary else numbers.uniform(*gap)
                items[item] = (numbers.normal(), first, first + width)
            slope, first, second = items[item]
            latent = slope * theta[period] + numbers.normal(size=voters)
            vote = np.select([latent < first, latent < second], [1, 2], 3)
            vote = (vote == 1).astype(int) if binary else vote
            cast = np.flatnonzero(numbers.random(voters) < CAST)
            rows += [(f"V{voter:02d}", period, item, vote[voter]) for voter in cast]
    return pd.DataFrame(rows, columns=["voter", "period", "item", "vote"]), theta


def ends(theta: np.ndarray) -> dict[str, float]:
    """Return anchors: the voters at both ends by their true mean positions."""
    mean = theta.mean(axis=0)
    return {f"V{int(mean.argmax()):02d}": 2.0, f"V{int(mean.argmin()):02d}": -2.0}


def coverage(table: pd.DataFrame, theta: np.ndarray) -> float:
    """Return the share of true positions inside the 5-95 per cent interval of a fit's table."""
    truth = theta[table["period"], table["voter"].str[1:].astype(int)]
    return float(((truth >= table["p05"]) & (truth <= table["p95"])).mean())


def mean_coverage(kind: str, method: str) -> float:
    """Return the mean coverage over some simulated tables.

    Parameters
    ----------
    kind
        Of `KINDS`.
    method
        Of `fit_ideal_points`.
    """
    shares = []
    for seed in SEEDS:
        votes, theta = simulate(seed, **KINDS[kind])
        sizes = {"draws": 1000, "warmup": 500, "thin": 1}
        found = fit_ideal_points(votes, anchors=ends(theta), method=method, **sizes)
        shares.append(coverage(found.table(), theta))
    return float(np.mean(shares))


def table() -> str:
    """Return the coverage of every method on every kind of votes, in Markdown."""
    methods = ("published", "corrected", "joint")
    rows = ["| | " + " | ".join(methods) + " |", "|---|" + "---|" * len(methods)]
    for kind in KINDS:
        shares = [f"{mean_coverage(kind, method):.1%}" for method in methods]
        rows.append(f"| {kind} | " + " | ".join(shares) + " |")
    return "\n".join(rows)


def lines() -> Iterator[Line]:
    """Yield the coverage by the default method for each kind of votes; no raw tables needed."""
    for kind in KINDS:
        share = 100 * mean_coverage(kind, "auto")
        yield Line("ideal points, simulated", kind, SOURCE, "%", share, 90.0, 5.0)
