"""Checks of the response of third states: errors of measurement, fixed traits, shuffled ties."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from detente.alignment.response_terms import OWN, Ties
from detente.data.estimate.alignment_response_fit import Rows, bootstrap, design, moments, solve
from detente.data.estimate.alignment_response_panel import Panel, read_panel
from detente.data.estimate.alignment_response_scores import forecast_errors

DRAWS, SEED = 200, 1946
SHUFFLES = 39
JUDGED = 1990


def all_checks(raw: Path, panel: Panel, terms: Sequence[str]) -> dict[str, Any]:
    """Return every check by name.

    Parameters
    ----------
    raw
        Folder of raw tables.
    panel
        Panel of the main fit.
    terms
        Terms of the chosen model.
    """
    gaps = [term for term in terms if term not in OWN]
    late = [row for row in design(panel, terms)[JUDGED - int(panel.years[0]) :] if len(row[2])]
    hand = read_panel(raw, "votes_2025", pacts="handcoded")
    return {
        "noise": noise(panel),
        "gaps_only": fitted(panel, design(panel, gaps), gaps),
        "gaps_only_corrected_for_noise": corrected(panel, gaps),
        "gaps_only_instrumented": instrumented(panel, gaps),
        "state_effects": within_states(panel, terms),
        "from_1990": fitted(panel, late, terms),
        "handcoded_pacts": fitted(hand, design(hand, terms), terms),
        "shuffled": shuffled(panel, terms),
    }


def fitted(panel: Panel, rows: Rows, terms: Sequence[str]) -> dict[str, Any]:
    """Return coefficients and bootstrap errors by term."""
    rows = [row for row in rows if len(row[2]) > len(terms)]
    squares, products = moments(rows)
    found = bootstrap(rows, len(panel.countries), DRAWS, SEED)
    return _named(
        terms, solve(squares.sum(axis=0), products.sum(axis=0)), found.std(axis=0, ddof=1)
    )


def _named(terms: Sequence[str], values: np.ndarray, errors: np.ndarray) -> dict[str, Any]:
    return {
        term: {"coefficient": float(value), "se": float(error)}
        for term, value, error in zip(terms, values, errors, strict=True)
    }


def noise(panel: Panel) -> dict[str, float]:
    """Return what consecutive changes say of errors of measurement since 1990.

    An error in one session enters two changes with opposite signs: their covariance is minus its
    variance. The published spread is wider than that and cannot be independent noise.
    """
    place = JUDGED - int(panel.years[0])
    changes = np.diff(panel.position[place:], axis=0)
    changes = changes - np.nanmean(changes, axis=1, keepdims=True)
    first, second = changes[:-1], changes[1:]
    both = np.isfinite(first) & np.isfinite(second)
    covariance = float(np.mean(first[both] * second[both]))
    return {
        "sd_of_change": float(np.nanstd(changes)),
        "correlation_of_consecutive_changes": float(np.corrcoef(first[both], second[both])[0, 1]),
        "implied_noise_sd": float(np.sqrt(max(-covariance, 0.0))),
        "median_published_sd": float(np.nanmedian(panel.spread[place:])),
    }


def corrected(panel: Panel, gaps: Sequence[str]) -> dict[str, Any]:
    """Return coefficients of the gaps after subtracting what noise in positions adds to them.

    The gap and the next change share the error of the state's own position, with one sign: noise
    alone looks like convergence. The variance of the noise of each position is the published one,
    scaled to the covariance of consecutive changes.
    """
    found = noise(panel)
    scale = found["implied_noise_sd"] ** 2 / float(np.nanmean(panel.spread**2))
    rows = design(panel, gaps)
    squares, products = moments(rows)
    squares, products = squares.sum(axis=0), products.sum(axis=0)
    for t, (_, _, states) in enumerate(rows):
        if not len(states):
            continue
        variance = scale * np.nan_to_num(panel.spread[t]) ** 2
        loads = [_load(panel.ties[t], gap)[states] for gap in gaps]
        loads = np.array([load - load.mean(axis=0) for load in loads])
        own = -np.eye(len(panel.countries))[states]
        own = own - own.mean(axis=0)
        squares = squares - np.einsum("kij,lij,j->kl", loads, loads, variance, optimize=True)
        products = products - np.einsum("kij,ij,j->k", loads, own, variance, optimize=True)
    return {
        term: {"coefficient": float(v)}
        for term, v in zip(gaps, solve(squares, products), strict=True)
    }


def _load(ties: Ties, gap: str) -> np.ndarray:
    """Return the matrix that makes a gap from positions."""
    weight = ties.weights[gap.removesuffix("_gap")]
    return weight - np.diag(weight.sum(axis=1))


def instrumented(panel: Panel, gaps: Sequence[str]) -> dict[str, Any]:
    """Return coefficients of the gaps, each gap instrumented by itself two sessions before."""
    rows = design(panel, gaps)
    cross, products = 0.0, 0.0
    for t in range(2, len(rows)):
        parts, ahead, states = rows[t]
        early, _, had = rows[t - 2]
        _, mine, theirs = np.intersect1d(states, had, return_indices=True)
        if not len(mine):
            continue
        x, y, z = parts[mine], ahead[mine], early[theirs]
        z = z - z.mean(axis=0)
        cross, products = cross + z.T @ (x - x.mean(axis=0)), products + z.T @ (y - y.mean())
    found = np.linalg.solve(np.asarray(cross), np.asarray(products))
    return {term: {"coefficient": float(v)} for term, v in zip(gaps, found, strict=True)}


def within_states(panel: Panel, terms: Sequence[str]) -> dict[str, Any]:
    """Return coefficients with an effect for each state beside the sessions'.

    Only changes over time within a state speak here: whether it follows when its peers move.
    """
    rows = [row for row in design(panel, terms) if len(row[2]) > len(terms)]
    session = np.concatenate([np.full(len(r[2]), t) for t, r in enumerate(rows)])
    state = np.concatenate([r[2] for r in rows])
    table = np.column_stack(
        [np.concatenate([r[0] for r in rows]), np.concatenate([r[1] for r in rows])]
    )
    for _ in range(50):  # alternating means; the panel is nearly balanced and settles in a few
        for key in (session, state):
            count = np.bincount(key)[:, None]
            sums = np.array([np.bincount(key, weights=column) for column in table.T]).T
            table = table - (sums / np.maximum(count, 1))[key]
    x, y = table[:, :-1], table[:, -1]
    inverse = np.linalg.pinv(x.T @ x)
    values = inverse @ (x.T @ y)
    scores = x * (y - x @ values)[:, None]
    middle = -scores.T @ scores
    for key in (session, state):
        sums = np.array([np.bincount(key, weights=column) for column in scores.T]).T
        middle = middle + sums.T @ sums
    errors = np.sqrt(np.maximum(np.diag(inverse @ middle @ inverse), 0.0))
    return _named(terms, values, errors)


def shuffled(panel: Panel, terms: Sequence[str]) -> dict[str, Any]:
    """Score the model when every state is given another state's ties.

    If the ties carry nothing of their own, shuffled ties forecast as well.
    """
    random = np.random.default_rng(SEED)
    last = int(panel.years[-1])
    ours = forecast_errors(panel, terms, 1, JUDGED, last).rmse
    found = []
    for _ in range(SHUFFLES):
        order = random.permutation(len(panel.countries))
        ties = tuple(
            _reordered(t, order, np.isfinite(p))
            for t, p in zip(panel.ties, panel.position, strict=True)
        )
        found.append(forecast_errors(replace(panel, ties=ties), terms, 1, JUDGED, last).rmse)
    better = sum(rmse <= ours for rmse in found)
    return {
        "rmse": ours,
        "shuffles": SHUFFLES,
        "rmse_shuffled_lowest": min(found),
        "rmse_shuffled_median": float(np.median(found)),
        "p": (1 + better) / (1 + SHUFFLES),
    }


def _reordered(ties: Ties, order: np.ndarray, present: np.ndarray) -> Ties:
    """Return ties with states exchanged, absent ones weighing nothing again."""
    weights = {}
    for kind, weight in ties.weights.items():
        moved = weight[np.ix_(order, order)] * present
        total, had = moved.sum(axis=1, keepdims=True), weight[order].sum(axis=1, keepdims=True)
        weights[kind] = np.divide(moved * had, total, out=np.zeros_like(moved), where=total > 0)
    return Ties(weights)
