"""Scores of forecasts of rare events: rank, log score, calibration, and block bootstraps."""

from itertools import pairwise
from typing import Any

import numpy as np

from detente.data.estimate.disputes_logit import fit_logit, log_odds

# Edges of the reliability diagram, in predicted chance.
EDGES = (0.0, 1e-4, 1e-3, 5e-3, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
SMALLEST = 1e-9


def average_precision(
    outcome: np.ndarray, chance: np.ndarray, weight: np.ndarray | None = None
) -> float:
    """Return the area under precision over recall; equal chances count as one step.

    Examples
    --------
    >>> average_precision(np.array([0, 1, 0, 1]), np.array([0.1, 0.9, 0.8, 0.7]))
    0.8333333333333333
    """
    size = np.ones(len(outcome)) if weight is None else weight
    order = np.argsort(-chance, kind="stable")
    hits = np.cumsum((size * outcome)[order])
    tried = np.cumsum(size[order])
    last = np.flatnonzero(np.append(np.diff(chance[order]) != 0, True))
    gained = np.diff(np.append(0.0, hits[last]))
    precision = np.divide(hits[last], tried[last], out=np.zeros(len(last)), where=tried[last] > 0)
    return float(gained @ precision / hits[-1])


def area_under_curve(outcome: np.ndarray, chance: np.ndarray) -> float:
    """Return the chance that an event was given more than a non-event (ties one half).

    Examples
    --------
    >>> area_under_curve(np.array([0, 1, 0, 1]), np.array([0.1, 0.9, 0.8, 0.7]))
    0.75
    """
    _, place, count = np.unique(chance, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    events = outcome > 0
    n, m = int(events.sum()), int((~events).sum())
    return float((rank[events].sum() - n * (n + 1) / 2) / (n * m))


def losses(outcome: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return the negative log score of every row."""
    inside = np.clip(chance, SMALLEST, 1 - SMALLEST)
    return -(outcome * np.log(inside) + (1 - outcome) * np.log1p(-inside))


def scores(outcome: np.ndarray, chance: np.ndarray) -> dict[str, Any]:
    """Return every score of one set of forecasts.

    Returns
    -------
    dict
        rows, events, average_precision, log_loss, brier, auc, calibration slope and intercept
        (of a logit of the outcome on the log-odds), and expected over observed events.
    """
    slope = constant = None
    # One chance for every row has no slope.
    if np.ptp(chance) > 0:
        line = fit_logit(log_odds(chance)[:, None], outcome, ["log_odds"])
        constant, slope = (float(value) for value in line.coefficient)
    return {
        "rows": len(outcome),
        "events": int(outcome.sum()),
        "average_precision": average_precision(outcome, chance),
        "log_loss": float(losses(outcome, chance).mean()),
        "brier": float(np.mean((chance - outcome) ** 2)),
        "auc": area_under_curve(outcome, chance),
        "calibration_slope": slope,
        "calibration_intercept": constant,
        "expected_over_observed": float(chance.sum() / outcome.sum()),
    }


def reliability(outcome: np.ndarray, chance: np.ndarray) -> list[dict[str, float]]:
    """Return one record a bin of predicted chance: rows, mean forecast, share observed."""
    found = []
    for low, high in pairwise(EDGES):
        inside = (chance >= low) & (chance < high)
        if inside.any():
            found.append({
                "from": low, "to": high, "rows": int(inside.sum()),
                "events": int(outcome[inside].sum()),
                "forecast": float(chance[inside].mean()),
                "observed": float(outcome[inside].mean()),
            })  # fmt: skip
    return found


def bootstrap(
    outcome: np.ndarray, chance: np.ndarray, block: np.ndarray, draws: int, seed: int
) -> dict[str, list[float]]:
    """Return 5 and 95 per cent of average precision and log loss over blocks drawn anew.

    Parameters
    ----------
    outcome, chance
        [row].
    block
        Block of each row (its year, or its pair): rows of a block stay together.
    draws, seed
        Number of resamples, and their seed.
    """
    random = np.random.default_rng(seed)
    _, place = np.unique(block, return_inverse=True)
    order = np.argsort(-chance, kind="stable")
    outcome, chance, place = outcome[order], chance[order], place[order]
    loss, blocks = losses(outcome, chance), int(place.max()) + 1
    found = []
    for _ in range(draws):
        weight = np.bincount(random.integers(blocks, size=blocks), minlength=blocks)[place]
        found.append([average_precision(outcome, chance, weight), np.average(loss, weights=weight)])
    low, high = np.quantile(found, [0.05, 0.95], axis=0)
    return {
        "average_precision": [float(low[0]), float(high[0])],
        "log_loss": [float(low[1]), float(high[1])],
    }
