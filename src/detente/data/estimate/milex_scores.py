"""Back-test of the demand for military spending against the random walk in constant prices.

A forecast from the end of year T uses the panel up to T alone: the equation, the year effects and
the threat's own logit are fitted to it, output grows as in the ten years before, ties and partners'
spending stay. A state with fewer than `LEAST` rows, or without output or index of democracy, is
forecast by the random walk, so that both are scored on the same states.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from detente.data.estimate.alignment_response_scores import Errors
from detente.data.estimate.milex_fit import TERMS, design, effects, fit, partners
from detente.data.estimate.milex_panel import Panel

LEAST, MEMORY = 10, 10
CANDIDATES: dict[str, tuple[tuple[str, ...], str]] = {
    "within_output": (("output",), "within"),
    "within_all": (TERMS, "within"),
    "jackknife_output": (("output",), "jackknife"),
    "jackknife_all": (TERMS, "jackknife"),
    "pooled_output": (("output",), "pooled"),
    "pooled_all": (TERMS, "pooled"),
}
WALK, DRIFT = "random_walk", "median_growth"


@dataclass(frozen=True)
class Fitted:
    """The equation as an origin could know it.

    Attributes
    ----------
    lag, coefficients : of `terms`
    terms : columns of `milex_fit.TERMS`
    state : effect of each state, NaN where it has fewer than `LEAST` rows, [country]; all equal
        where the equation has no state effects
    common : mean year effect of the last `MEMORY` years
    """

    lag: float
    coefficients: np.ndarray
    terms: tuple[str, ...]
    state: np.ndarray
    common: float


def fitted(known: Panel, candidate: str) -> Fitted:
    """Return the equation fitted to a panel that ends at the origin."""
    terms, estimator = CANDIDATES[candidate]
    rows = design(known)
    rows = replace(rows, terms=rows.terms[:, [TERMS.index(term) for term in terms]])
    found = fit(rows, estimator=estimator)
    left = rows.now - found[0] * rows.before - rows.terms @ found[1:]
    states = np.zeros_like(rows.state) if estimator == "pooled" else rows.state
    by_state, by_year = (x[:, 0] for x in effects(left[:, None], states, rows.common))
    state = np.full(len(known.countries), by_state[0] if estimator == "pooled" else np.nan)
    if estimator != "pooled":
        state[rows.state] = by_state
        state[np.bincount(rows.state, minlength=len(state)) < LEAST] = np.nan
    late = np.unique(rows.year)[-MEMORY:]
    common = float(np.mean([by_year[rows.year == year][0] for year in late]))
    return Fitted(float(found[0]), found[1:], terms, state, common)


def forecast(known: Panel, model: Fitted, horizon: int) -> np.ndarray:
    """Return log spending `horizon` years after the last year of a panel, [country].

    The random walk stands in where the equation cannot be used.
    """
    start = known.spending[-1]
    growth = _growth(known.output)
    last = partners(known)
    here = {
        "output": known.output[-1],
        "threat": known.threat[-1],
        "democracy": known.democracy[-1],
        "nato": known.nato[-1].astype(float),
    } | {name: values[-1] for name, values in last.items()}
    now = start.copy()
    for year in range(1, horizon + 1):
        here["output"] = known.output[-1] + year * growth
        push = sum(b * here[t] for b, t in zip(model.coefficients, model.terms, strict=True))
        now = model.lag * now + push + model.state + model.common
    return np.where(np.isfinite(now), now, start)


def _growth(output: np.ndarray) -> np.ndarray:
    """Return the mean growth of the last years of each state; NaN where one end is unknown."""
    past = output[-1 - min(MEMORY, len(output) - 1)]
    return (output[-1] - past) / min(MEMORY, len(output) - 1)


def origins(
    panel: Panel, threat: Callable[[int], np.ndarray], horizon: int, first: int, last: int
) -> Iterator[tuple[int, Panel]]:
    """Yield each origin whose target lies in first ... last, with what was known at its end.

    Parameters
    ----------
    panel
        The whole panel.
    threat
        Returns the threat [year, country] by the logit of disputes up to a year.
    horizon
        Years ahead.
    first, last
        Targets.
    """
    for target in range(first, last + 1):
        origin = target - horizon
        yield target, replace(panel, threat=threat(origin)).upto(origin)


def forecast_errors(
    panel: Panel,
    threat: Callable[[int], np.ndarray],
    candidate: str,
    horizon: int,
    first: int,
    last: int,
) -> Errors:
    """Score forecasts of log spending.

    Parameters
    ----------
    panel, threat, horizon, first, last
        As in `origins`.
    candidate
        Key of `CANDIDATES`, or a rule without an equation: `random_walk` (no change),
        `median_growth` (every state grows as the median state did in the ten years before).

    Returns
    -------
    Errors
        Squared errors [target year, country]; NaN where spending is unknown at either end.
    """
    squared = []
    for target, known in origins(panel, threat, horizon, first, last):
        if candidate == WALK:
            guess = known.spending[-1]
        elif candidate == DRIFT:
            moves = np.diff(known.spending[-1 - MEMORY :], axis=0)
            guess = known.spending[-1] + horizon * np.nanmedian(moves)
        else:
            guess = forecast(known, fitted(known, candidate), horizon)
        squared.append((panel.spending[panel.row(target)] - guess) ** 2)
    return Errors(np.array(squared), horizon)


def mean_absolute(errors: Errors) -> float:
    """Return the mean absolute error, in logs."""
    return float(np.nanmean(np.sqrt(errors.squared)))
