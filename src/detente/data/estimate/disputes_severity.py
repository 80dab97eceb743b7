"""How far a dispute goes: deaths given onset, war given deaths, each a logit with a ridge.

War is the level of hostility 5, upstream a thousand battle deaths in the dispute. Onsets whose
deaths are unknown leave both stages. A dispute of many pairs counts as one: each of its pairs
weighs one over their number. Else a few coalition wars, with dozens of pairs each, would say that
an eighth of all onsets become wars.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.data.estimate.disputes_features import Rows
from detente.data.estimate.disputes_logit import Logit, fit_logit
from detente.data.estimate.disputes_scores import losses
from detente.data.estimate.disputes_split import (
    FIRST_TRAINING_YEAR,
    LAST_CHOICE_YEAR,
    LAST_TRAINING_YEAR,
    judged,
    training,
)

RIDGES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True)
class Stage:
    """Rows that reached a stage, and what became of them."""

    wide: np.ndarray
    outcome: np.ndarray
    year: np.ndarray
    pair: np.ndarray
    weight: np.ndarray


def stages(rows: Rows, wide: np.ndarray, pair: np.ndarray) -> dict[str, Stage]:
    """Return the rows of the two stages.

    Parameters
    ----------
    rows
        Rows with outcomes.
    wide
        Terms and log risks, [row, column].
    pair
        Cluster of each row: the two states.
    """
    known = (rows.onset > 0) & np.isfinite(rows.fatal)
    bloody = known & (rows.fatal > 0)
    return {
        name: Stage(
            wide[part], outcome[part], rows.year[part], pair[part], rows.part[part].astype(float)
        )
        for name, outcome, part in (("fatal", rows.fatal, known), ("war", rows.war, bloody))
    }


def fit_stage(stage: Stage, names: tuple[str, ...], first: int, last: int, ridge: float) -> Logit:
    """Fit one stage on rows from `first` to `last`, clustered by pair."""
    fitted = (stage.year >= first) & (stage.year <= last)
    return fit_logit(
        stage.wide[fitted], stage.outcome[fitted], names, stage.weight[fitted],
        ridge, cluster=stage.pair[fitted], year=stage.year[fitted],
    )  # fmt: skip


def score_stage(stage: Stage, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the ridge chosen on 1980-1989, and the scores on the test years."""
    first = FIRST_TRAINING_YEAR
    held = judged(stage.year, LAST_CHOICE_YEAR, LAST_TRAINING_YEAR)
    tried = {}
    for ridge in RIDGES:
        line = fit_stage(stage, names, first, LAST_CHOICE_YEAR, ridge)
        tried[ridge] = _scores(stage, held, line.predict(stage.wide[held]))["log_loss"]
    ridge = min(tried, key=lambda size: tried[size])
    past, test = training(stage.year), judged(stage.year)
    line = fit_stage(stage, names, first, LAST_TRAINING_YEAR, ridge)
    share = float(np.average(stage.outcome[past], weights=stage.weight[past]))
    return {
        "ridge": ridge,
        "choice": {str(size): loss for size, loss in tried.items()},
        "last_training_year": line.last_year,
        "rows": int(test.sum()),
        "model": _scores(stage, test, line.predict(stage.wide[test])),
        "constant": _scores(stage, test, np.full(int(test.sum()), share)),
        "constant_share": share,
    }


def _scores(stage: Stage, part: np.ndarray, chance: np.ndarray) -> dict[str, float]:
    """Return weighted scores of some rows."""
    outcome, weight = stage.outcome[part], stage.weight[part]
    return {
        "log_loss": float(np.average(losses(outcome, chance), weights=weight)),
        "brier": float(np.average((chance - outcome) ** 2, weights=weight)),
        "expected_over_observed": float((weight @ chance) / (weight @ outcome)),
    }
