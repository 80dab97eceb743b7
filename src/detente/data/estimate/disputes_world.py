"""The transparent model of onset: terms that a world carries, and shrunken histories.

Two steps: a logit on the terms alone gives expected onsets, the filter compares them with what
happened, and a second logit adds the log risks of the two states and of the pair. Carried forward
from a year without further lists of disputes, as it has to be for a world of today, the same
parameters are scored again.
"""

from dataclasses import dataclass

import numpy as np

from detente.data.estimate.disputes_features import Rows
from detente.data.estimate.disputes_history import Counts, Settings, relative_risks
from detente.data.estimate.disputes_logit import Logit, fit_logit, log_odds, logistic
from detente.data.estimate.disputes_panel import FIRST, ORIGIN, Panel
from detente.data.estimate.disputes_split import refuse_leak, sample, training
from detente.security.dispute_terms import PAIR, STATE, TERMS, dispute_terms

CALIBRATION_STEPS = 30


@dataclass(frozen=True)
class WorldModel:
    """Both steps and the histories behind them.

    Attributes
    ----------
    first : logit on the terms alone
    second : logit on the terms and the log risks
    settings : of the filter
    chance : onset by row, with every dispute observed to the year before
    counts : states and pairs after the last year
    """

    first: Logit
    second: Logit
    settings: Settings
    chance: np.ndarray
    counts: tuple[Counts, Counts]


def world_matrix(rows: Rows) -> np.ndarray:
    """Return the terms of rows, [row, term]."""
    column = {name: values.astype(float) for name, values in rows.columns.items()}

    def sides(name: str) -> tuple[np.ndarray, np.ndarray]:
        return column[f"{name}_max"], column[f"{name}_min"]

    distance = column["distance"]
    shares = [np.exp(np.nan_to_num(side, nan=float(np.nanmin(side)))) for side in sides("log_gdp")]
    found = dispute_terms(
        border=(column["contiguity"] == 1).astype(float),
        distance_km=np.where(np.isfinite(distance), distance, np.nanmedian(distance)),
        output=(shares[0], shares[1]),
        polyarchy=sides("known_polyarchy"),
        pact=column["defense"],
        position_gap=column["known_gap"],
        joint=column["joint_own"],
        sanction=column["sanction"],
        nuclear=sides("nuclear"),
    )
    return np.column_stack([found[name] for name in TERMS])


def fit_world(
    panel: Panel, rows: Rows, matrix: np.ndarray, last: int, settings: Settings
) -> WorldModel:
    """Fit both steps on rows up to `last`, and predict every row one year ahead.

    Parameters
    ----------
    panel, rows, matrix
        States, rows and their terms.
    last
        Last year that is fitted.
    settings
        Of the filter.
    """
    kept, weight = sample(rows)
    fitted = training(rows.year, last) & kept
    refuse_leak(rows.year[fitted], last)
    pair = rows.a.astype(int) * len(panel.countries) + rows.b
    own = rows.onset[fitted], weight[fitted], rows.year[fitted]
    first = fit_logit(matrix[fitted], own[0], TERMS, own[1], year=own[2])
    state_risk, pair_risk, counts = filtered(panel, rows, first.predict(matrix), settings)
    wide = np.column_stack([matrix, state_risk, pair_risk])
    second = fit_logit(
        wide[fitted], own[0], (*TERMS, STATE, PAIR), own[1], cluster=pair[fitted], year=own[2]
    )
    return WorldModel(first, second, settings, second.predict(wide), counts)


def carried(
    panel: Panel, rows: Rows, matrix: np.ndarray, model: WorldModel, last: int, share: float
) -> np.ndarray:
    """Return chances by row where disputes are observed up to `last` and battles after it."""
    expected = model.first.predict(matrix)
    state, pair, _ = filtered(panel, rows, expected, model.settings, last, share)
    return model.second.predict(np.column_stack([matrix, state, pair]))


def wide_matrix(panel: Panel, rows: Rows, matrix: np.ndarray, model: WorldModel) -> np.ndarray:
    """Return terms and log risks of rows, [row, column], with every dispute observed."""
    state, pair, _ = filtered(panel, rows, model.first.predict(matrix), model.settings)
    return np.column_stack([matrix, state, pair])


def calibrated(
    chance: np.ndarray, outcome: np.ndarray, before: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return chances with the shift of log-odds that `before` needed to meet its outcomes.

    Parameters
    ----------
    chance
        Chances to be shifted.
    outcome, before
        Earlier outcomes, and what was forecast for them in the same way.
    """
    shift = 0.0
    for _ in range(CALIBRATION_STEPS):
        now = logistic(log_odds(before) + shift)
        shift += float((outcome - now).sum() / (now * (1 - now)).sum())
    return logistic(log_odds(chance) + shift), shift


def filtered(
    panel: Panel,
    rows: Rows,
    chance: np.ndarray,
    settings: Settings,
    last: int | None = None,
    share: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, tuple[Counts, Counts]]:
    """Return log risks of the two states (summed) and of the pair by row, and the final counts."""
    years, size = panel.member.shape[0] - (FIRST - ORIGIN), len(panel.countries)
    place = rows.year - FIRST, rows.a, rows.b
    expected = np.zeros((years, size, size), dtype=np.float32)
    expected[place] = chance
    expected[place[0], rows.b, rows.a] = chance
    onset = panel.disputes.onset[FIRST - ORIGIN :]
    seen = None if last is None else last - FIRST + 1
    steps = relative_risks(expected, onset, settings, seen, battles_begun(panel), share)
    state_risk, pair_risk = np.zeros(len(chance)), np.zeros(len(chance))
    counts: list[Counts] = []
    bounds = np.searchsorted(rows.year, np.arange(FIRST, FIRST + years + 1))
    for now, (state, pair, *latest) in enumerate(steps):
        counts = latest
        part = slice(bounds[now], bounds[now + 1])
        a, b = rows.a[part], rows.b[part]
        state_risk[part] = np.log(state[a]) + np.log(state[b])
        pair_risk[part] = np.log(pair[a, b])
    return state_risk, pair_risk, (counts[0], counts[1])


def battles_begun(panel: Panel) -> np.ndarray:
    """Return battles (UCDP, main parties) of a year that follow a year without, from FIRST on."""
    fought = panel.tie["battle_primary"][FIRST - ORIGIN - 1 :] > 0
    return (fought[1:] & ~fought[:-1]).astype(np.float32)


def battle_share(panel: Panel, last: int) -> float:
    """Return begun battles over begun disputes from 1946 to `last`."""
    years = slice(0, last - FIRST + 1)
    onset = panel.disputes.onset[FIRST - ORIGIN :][years]
    return float(battles_begun(panel)[years].sum() / onset.sum())
