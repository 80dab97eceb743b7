"""The best forecast: a logit with splines and a forest, averaged in log-odds; and boosted trees.

Every choice (ridge, fading of old years, parts of the mean and their weights) was made on 1970-1979
after fits to 1969 and on 1980-1989 after fits to 1979.

All covariates are one year old. Rows without an event, far from any past quarrel, are sampled and
weighted (King & Zeng 2001), which changes no expectation and makes the trees affordable.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.data.estimate.disputes_features import Rows
from detente.data.estimate.disputes_logit import fit_logit, log_odds, logistic
from detente.data.estimate.disputes_split import SEED, refuse_leak, sample, training
from detente.errors import MissingDataError

RIDGE = 60.0
# A year this far before the last counts half as much in the logit.
FADING = 15.0
TREES = {
    "max_iter": 200,
    "learning_rate": 0.05,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 20.0,
    "max_features": 0.3,
    "max_bins": 128,
    "early_stopping": False,
    "random_state": SEED,
}
FOREST = {
    "n_estimators": 100,
    "min_samples_leaf": 5,
    "max_features": 0.3,
    "n_jobs": 1,
    "random_state": SEED,
}
SMALLEST_CHANCE = 1e-6
# Parts of the mean, in log-odds: boosted trees added nothing to it in the years of choice.
WEIGHTS = {"logit": 2.0, "forest": 1.0}
COUNTS = (
    "began_1", "began_3", "began_8", "began_20", "busy_1_max", "busy_1_min",
    "busy_3_max", "busy_3_min", "busy_8_max", "busy_8_min", "common_enemies", "common_allies",
    "allies_enemies", "allies_fresh", "allies_active", "patrons_enemies", "comrades",
    "comrades_enemies", "comrades_fresh", "alike_enemies", "neighbours_enemies",
    "neighbours_active", "region_max", "region_min", "engaged_max", "engaged_min", "total", "igos",
)  # fmt: skip
PLAIN = (
    "active", "battle", "nonagg", "civil_war_max", "civil_war_min", "world_rate",
    "latent", "major_max", "major_min", "log_cinc_max", "log_cinc_min", "log_capability_max",
    "log_capability_min",
)  # fmt: skip
RIVALRY = ("rivalry", "rivalry_spatial", "rivalry_positional")


@dataclass(frozen=True)
class Best:
    """Forecasts of every row by each part.

    Attributes
    ----------
    parts : chance of an onset by part, [row]; trees forecast rows after the last year only
    mixed : their mean in log-odds, [row]
    last_year : latest year that any part was fitted on
    """

    parts: dict[str, np.ndarray]
    mixed: np.ndarray
    last_year: int


def splines(since: np.ndarray) -> dict[str, np.ndarray]:
    """Return a linear spline of log years of peace, with knots at 2, 7 and 25 years."""
    time = np.log1p(since)
    hinges = {f"peace_{knot}": np.maximum(time - np.log1p(knot), 0.0) for knot in (2, 7, 25)}
    return {"peace": time} | hinges


def wide_columns(rows: Rows, extra: dict[str, np.ndarray], rivalry: bool) -> dict[str, np.ndarray]:
    """Return the columns of the logit: logs of counts, splines, plain ones, and `extra`."""
    column = {name: values.astype(float) for name, values in rows.columns.items()}
    found = {f"log_{name}": np.log1p(column[name]) for name in COUNTS}
    found |= splines(column["since"])
    for name in (*PLAIN, *(RIVALRY if rivalry else ())):
        middle = float(np.nanmedian(column[name]))
        found[name] = np.where(np.isfinite(column[name]), column[name], middle)
    return found | extra


def fit_best(
    rows: Rows, extra: dict[str, np.ndarray], last: int, rivalry: bool, grown: Sequence[str]
) -> Best:
    """Fit the logit, the trees and the forest on rows up to `last`, and forecast every row.

    Parameters
    ----------
    rows
        Rows with every covariate.
    extra
        Further columns for all: terms of the transparent model, its log risks and log-odds, and
        what dated events say.
    last
        Last year that is fitted.
    rivalry
        Whether the strategic rivalries are read: they were coded with hindsight.
    grown
        Which trees are grown beside the logit: `boosted`, `forest`. Without the forest the mean is
        the logit.

    Raises
    ------
    MissingDataError
        If scikit-learn is not installed.
    """
    kept, weight = sample(rows)
    fitted = training(rows.year, last) & kept
    refuse_leak(rows.year[fitted], last)
    named = wide_columns(rows, extra, rivalry)
    matrix = np.column_stack(list(named.values()))
    past, faded = fitted_part(matrix, rows, fitted), weight * 0.5 ** ((last - rows.year) / FADING)
    line = fit_logit(*past, list(named), faded[fitted], RIDGE, year=rows.year[fitted])
    parts = {"logit": line.predict(matrix)}
    if grown:
        names = [name for name in sorted(rows.columns) if rivalry or name not in RIVALRY]
        whole = np.column_stack([rows.matrix(names), *extra.values()]).astype(np.float32)
        past, wanted = fitted_part(whole, rows, fitted), rows.year > last
        for name in grown:
            parts[name] = np.full(len(rows.year), np.nan)
            parts[name][wanted] = GROW[name](*past, weight[fitted], whole[wanted])
    mixed = mean_in_log_odds(parts)
    return Best(parts, mixed, int(rows.year[fitted].max()))


def fitted_part(
    matrix: np.ndarray, rows: Rows, fitted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariates and outcomes of the rows that are fitted."""
    return matrix[fitted], rows.onset[fitted]


def mean_in_log_odds(parts: dict[str, np.ndarray]) -> np.ndarray:
    """Return the weighted mean of forecasts in log-odds, over the parts that are there.

    Examples
    --------
    >>> both = {"logit": np.array([0.5]), "forest": np.array([0.5])}
    >>> mean_in_log_odds(both).tolist()
    [0.5]
    """
    there = [name for name in WEIGHTS if name in parts]
    odds = np.stack([log_odds(parts[name]) for name in there])
    return logistic(np.average(odds, axis=0, weights=[WEIGHTS[name] for name in there]))


def require_trees() -> None:
    """Raise at once, before minutes of work, if scikit-learn is not installed.

    Raises
    ------
    MissingDataError
        Saying how to install it.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise MissingDataError("the trees need scikit-learn: pip install 'detente[estimate]'")


def boosted(
    matrix: np.ndarray, outcome: np.ndarray, weight: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Return the chances that boosted trees give to the wanted rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(**TREES)
    trees.fit(matrix, outcome, sample_weight=weight)
    return trees.predict_proba(wanted)[:, 1]


def forest(
    matrix: np.ndarray, outcome: np.ndarray, weight: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Return the chances that extremely randomised trees give (Geurts, Ernst & Wehenkel 2006).

    Values that are not known are the median of those that are. A share of no trees is a chance
    below one in a million.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    middle = np.nanmedian(matrix, axis=0)
    trees = ExtraTreesClassifier(**FOREST)
    trees.fit(np.where(np.isfinite(matrix), matrix, middle), outcome, sample_weight=weight)
    chance = np.asarray(trees.predict_proba(np.where(np.isfinite(wanted), wanted, middle)))
    return np.clip(chance[:, 1], SMALLEST_CHANCE, 1 - SMALLEST_CHANCE)


GROW = {"boosted": boosted, "forest": forest}
