"""The forecast with every covariate: a logit with splines, boosted trees, and a mean in logits.

The mean is over three: the transparent model, the logit and the trees; in 1980-1989, after fits to
1979, it ranked and scored better than each of them and than the means of two.

All covariates are one year old. Rows without an event, far from any past quarrel, are sampled and
weighted (King & Zeng 2001), which changes no expectation and makes the trees affordable.
"""

import importlib.util
from dataclasses import dataclass

import numpy as np

from detente.data.estimate.disputes_features import Rows
from detente.data.estimate.disputes_logit import Logit, fit_logit, log_odds, logistic
from detente.data.estimate.disputes_split import SEED, refuse_leak, sample, training
from detente.errors import MissingDataError

RIDGE = 5.0
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
COUNTS = (
    "began_1", "began_3", "began_8", "began_20", "blood_8", "busy_1_max", "busy_1_min",
    "busy_3_max", "busy_3_min", "busy_8_max", "busy_8_min", "common_enemies", "common_allies",
    "allies_enemies", "allies_fresh", "allies_active", "patrons_enemies", "comrades",
    "comrades_enemies", "comrades_fresh", "alike_enemies", "neighbours_enemies",
    "neighbours_active", "region_max", "region_min", "engaged_max", "engaged_min", "total", "igos",
)  # fmt: skip
PLAIN = (
    "active", "hostility", "battle", "nonagg", "civil_war_max", "civil_war_min", "world_rate",
    "latent", "major_max", "major_min", "log_cinc_max", "log_cinc_min", "log_capability_max",
    "log_capability_min",
)  # fmt: skip
RIVALRY = ("rivalry", "rivalry_spatial", "rivalry_positional")


@dataclass(frozen=True)
class Best:
    """Forecasts of every row by each part.

    Attributes
    ----------
    logit, boosted, mixed : chance of an onset, [row]
    fit : the logit
    last_year : latest year that any part was fitted on
    """

    logit: np.ndarray
    boosted: np.ndarray
    mixed: np.ndarray
    fit: Logit
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
    rows: Rows, extra: dict[str, np.ndarray], last: int, rivalry: bool, with_trees: bool = True
) -> Best:
    """Fit the logit and the trees on rows up to `last`, and forecast every row.

    Parameters
    ----------
    rows
        Rows with every covariate.
    extra
        Further columns for both: terms of the transparent model, its log risks, and its log-odds
        as `transparent`.
    last
        Last year that is fitted.
    rivalry
        Whether the strategic rivalries are read: they were coded with hindsight.
    with_trees
        False leaves the trees out; the mean then is the logit.

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
    line = fit_logit(
        matrix[fitted], rows.onset[fitted], list(named), weight[fitted], RIDGE,
        year=rows.year[fitted],
    )  # fmt: skip
    logit = line.predict(matrix)
    if not with_trees:
        return Best(logit, logit, logit, line, line.last_year)
    names = [name for name in sorted(rows.columns) if rivalry or name not in RIVALRY]
    whole = np.column_stack([rows.matrix(names), *extra.values()]).astype(np.float32)
    boosted = np.full(len(logit), np.nan)
    wanted = rows.year > last
    boosted[wanted] = grow(whole[fitted], rows.onset[fitted], weight[fitted], whole[wanted])
    transparent = extra["transparent"]
    mixed = logistic((log_odds(logit) + log_odds(boosted) + transparent) / 3)
    return Best(logit, boosted, mixed, line, int(rows.year[fitted].max()))


def require_trees() -> None:
    """Raise at once, before minutes of work, if scikit-learn is not installed.

    Raises
    ------
    MissingDataError
        Saying how to install it.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise MissingDataError(
            "the boosted trees need scikit-learn: pip install 'detente[estimate]'"
        )


def grow(
    matrix: np.ndarray, outcome: np.ndarray, weight: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Return the chances that boosted trees give to the wanted rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(**TREES)
    trees.fit(matrix, outcome, sample_weight=weight)
    return trees.predict_proba(wanted)[:, 1]
