"""Out-of-sample scores of the response of third states, against baselines that know no ties."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from detente.alignment.response_terms import path
from detente.data.estimate.alignment_response_fit import design, rolling
from detente.data.estimate.alignment_response_panel import Panel

LEVEL = 0.05


@dataclass(frozen=True)
class Errors:
    """Squared errors of forecasts.

    Attributes
    ----------
    squared : [session of the target, country]; NaN where there is nothing to score
    horizon : sessions ahead
    """

    squared: np.ndarray
    horizon: int

    @property
    def rmse(self) -> float:
        """Root mean squared error over all states and sessions."""
        return math.sqrt(np.nanmean(self.squared))

    @property
    def count(self) -> int:
        """Number of forecasts scored."""
        return int(np.isfinite(self.squared).sum())


def forecast_errors(
    panel: Panel, terms: Sequence[str], horizon: int, first: int, last: int
) -> Errors:
    """Score forecasts from each origin with what was known then.

    Both the origin and the target lie in first ... last. Coefficients, smoothed positions and ties
    come from the origin and before; the ties stay as they were. Without terms this is the random
    walk.

    Parameters
    ----------
    panel
        Positions and ties.
    terms
        Names of terms.
    horizon
        Sessions ahead.
    first, last
        Years.
    """
    known = rolling(design(panel, terms)) if terms else None
    squared = []
    for year in range(first + horizon, last + 1):
        place = year - horizon - int(panel.years[0])
        position, change, level, present = panel.state(place)
        forecast = position
        if known is not None:
            forecast = path(
                position, change, level, panel.ties[place], known[place][None], terms, horizon,
                centred=present,
            )[0, -1]  # fmt: skip
        squared.append((panel.position[place + horizon] - np.where(present, forecast, np.nan)) ** 2)
    return Errors(np.array(squared), horizon)


def autoregression_errors(panel: Panel, horizon: int, first: int, last: int) -> Errors:
    """Score a pooled autoregression of one lag with a constant, fitted up to each origin."""
    squared = []
    for year in range(first + horizon, last + 1):
        place = year - horizon - int(panel.years[0])
        old, new = panel.position[:place], panel.position[1 : place + 1]
        both = np.isfinite(old) & np.isfinite(new)
        slope, constant = np.polyfit(old[both], new[both], 1)
        forecast = panel.position[place]
        for _ in range(horizon):
            forecast = constant + slope * forecast
        squared.append((panel.position[place + horizon] - forecast) ** 2)
    return Errors(np.array(squared), horizon)


def advantage(model: Errors, baseline: Errors) -> dict[str, float]:
    """Test whether the model's mean squared error is smaller than the baseline's.

    Diebold & Mariano (1995) on the means over states of each session, so that states of one
    session count as one observation; Bartlett weights over `horizon` lags, and the correction of
    Harvey, Leybourne & Newbold (1997) with Student's t.

    Returns
    -------
    dict
        `statistic` (positive: the model is better) and the one-sided `p`.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> worse = Errors(random.normal(size=(40, 9)) ** 2 + 1, 1)
    >>> better = Errors(worse.squared - 0.5 - 0.1 * random.random((40, 9)), 1)
    >>> advantage(better, worse)["p"] < 0.01
    True
    """
    # np.nanmean over rows: a session without any scored state is absent from both.
    gain = np.nanmean(baseline.squared - model.squared, axis=1)
    count, horizon = len(gain), model.horizon
    centred = gain - gain.mean()
    variance = centred @ centred / count
    for lag in range(1, min(horizon, count - 1) + 1):
        weight = 1 - lag / (horizon + 1)
        variance += 2 * weight * (centred[lag:] @ centred[:-lag]) / count
    small = (count + 1 - 2 * horizon + horizon * (horizon - 1) / count) / count
    if variance <= 0:
        return {"statistic": 0.0, "p": 1.0}
    statistic = float(gain.mean() / math.sqrt(variance / count) * math.sqrt(small))
    return {"statistic": statistic, "p": float(stats.t.sf(statistic, count - 1))}


def ratio_interval(model: Errors, baseline: Errors, draws: int, seed: int) -> tuple[float, float]:
    """Return the 5-95 per cent interval of RMSE over the baseline's RMSE.

    States are drawn with replacement, and sessions in circular blocks of the horizon.
    """
    random = np.random.default_rng(seed)
    ours, theirs = np.nan_to_num(model.squared), np.nan_to_num(baseline.squared)
    sessions, states = ours.shape
    length = max(model.horizon, 1)
    blocks = math.ceil(sessions / length)
    found = []
    for _ in range(draws):
        starts = random.integers(sessions, size=blocks)
        rows = ((starts[:, None] + np.arange(length)) % sessions).ravel()[:sessions]
        weights = np.bincount(random.integers(states, size=states), minlength=states)
        found.append(math.sqrt((ours[rows] @ weights).sum() / (theirs[rows] @ weights).sum()))
    low, high = np.quantile(found, [0.05, 0.95])
    return float(low), float(high)


def verdict(test: dict[str, float]) -> str:
    """Say `beats` if the one-sided test rejects at 5 per cent, else `does not beat`."""
    return "beats" if test["p"] < LEVEL and test["statistic"] > 0 else "does not beat"
