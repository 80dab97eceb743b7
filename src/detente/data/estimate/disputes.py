"""Estimate the risk of disputes between states, score it out of time, and write the record.

Three forecasts of onset are judged on 1990-2010 after fits to 1946-1989, all pairs of states: the
transparent model that serves a world, updated every year and carried forward as it has to be today;
a logit with every covariate, boosted trees and a forest; and their mean in log-odds. Run as
`python -m detente.data.estimate.disputes --raw DIR --out DIR`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from detente.data.estimate.alignment_response import rounded
from detente.data.estimate.disputes_best import fit_best, require_trees
from detente.data.estimate.disputes_bremer import PUBLISHED_ROWS, comparison, fit_bremer
from detente.data.estimate.disputes_events import event_columns, read_events
from detente.data.estimate.disputes_features import Rows, read_rows
from detente.data.estimate.disputes_history import Settings
from detente.data.estimate.disputes_logit import fit_logit, log_odds
from detente.data.estimate.disputes_panel import LAST, LAST_OF, Panel, read_panel
from detente.data.estimate.disputes_scores import bootstrap, reliability, scores
from detente.data.estimate.disputes_serve import served
from detente.data.estimate.disputes_severity import score_stage, stages
from detente.data.estimate.disputes_split import (
    LAST_CHOICE_YEAR,
    LAST_TRAINING_YEAR,
    judged,
    refuse_leak,
    training,
)
from detente.data.estimate.disputes_world import (
    WorldModel,
    battle_share,
    calibrated,
    carried,
    fit_world,
    wide_matrix,
    world_matrix,
)
from detente.data.estimate.tables import DATA, arguments, run_main
from detente.files.atomic import write_text
from detente.security.dispute_terms import PAIR, STATE, TERMS

SCRIPT = "detente.data.estimate.disputes"
RECORD = DATA / "disputes.json"
DRAWS, SEED = 100, 1946
GEOGRAPHY = ("border", "distance", "distance_400", "distance_1500", "distance_5000",
             "stronger", "weaker")  # fmt: skip
PARTS = {"logit": "logit_all"}
# What the best forecast is held to, on all pairs of the test years.
TARGETS = {"average_precision": 0.226, "log_loss": 0.00772, "calibration_slope": [0.8, 1.25]}


def relevant(rows: Rows) -> np.ndarray:
    """Return politically relevant pairs: contiguous up to 400 miles of water, or a major power."""
    return (rows.columns["contiguity"] > 0) | (rows.columns["major_max"] > 0)


def scored(
    rows: Rows, chance: np.ndarray, last_training_year: int, rich: bool = False
) -> dict[str, Any]:
    """Return scores of the test years, all pairs and relevant ones; with intervals if `rich`.

    Years in which an earlier dispute went on and none began are non-events. `without_going_on`
    leaves them out, as many studies do; who knows which years these will be knows the future, so
    that it is for comparison only.

    Raises
    ------
    DataError
        If the forecast was fitted to a year after the split.
    """
    refuse_leak(np.array([last_training_year]))
    test = judged(rows.year)
    near, fresh = test & relevant(rows), test & ~rows.goes_on
    found: dict[str, Any] = {
        "last_training_year": last_training_year,
        "all": scores(rows.onset[test], chance[test]),
        "relevant": scores(rows.onset[near], chance[near]),
        "without_going_on": scores(rows.onset[fresh], chance[fresh]),
    }
    if rich:
        both = rows.onset[test], chance[test]
        pair = rows.a.astype(int) * 1000 + rows.b
        found["reliability"] = reliability(*both)
        found["interval_by_year"] = bootstrap(*both, rows.year[test], DRAWS, SEED)
        found["interval_by_pair"] = bootstrap(*both, pair[test], DRAWS, SEED)
    return found


def judged_models(
    panel: Panel,
    rows: Rows,
    matrix: np.ndarray,
    model: WorldModel,
    dated: dict[str, np.ndarray],
    trees: bool,
) -> dict[str, Any]:
    """Return the scores of every forecast on the test years, by name; `dated` is of events."""
    past = training(rows.year)
    base = np.full(len(rows.year), float(rows.onset[past].mean()))
    place = [TERMS.index(name) for name in GEOGRAPHY]
    plain = fit_logit(matrix[past][:, place], rows.onset[past], GEOGRAPHY, year=rows.year[past])
    found = {
        "base_rate": scored(rows, base, int(rows.year[past].max())),
        "geography_and_power": scored(rows, plain.predict(matrix[:, place]), plain.last_year),
        "terms_only": scored(rows, model.first.predict(matrix), model.first.last_year),
        "transparent": scored(rows, model.chance, model.second.last_year, rich=True),
        "carried_forward": scored(
            rows, carried_chance(panel, rows, matrix, model), model.second.last_year, rich=True
        ),
    }
    wide = wide_matrix(panel, rows, matrix, model)
    extra: dict[str, np.ndarray] = {}
    extra.update(zip((*TERMS, STATE, PAIR), wide.T, strict=True))
    extra |= {"transparent": log_odds(model.chance)} | dated
    for name, rivalry, grown in (
        ("", True, ("boosted", "forest")),
        ("_without_rivalries", False, ("forest",)),
    ):
        best = fit_best(rows, extra, LAST_TRAINING_YEAR, rivalry, grown if trees else ())
        for part, chance in best.parts.items():
            found[f"{PARTS.get(part, part)}{name}"] = scored(rows, chance, best.last_year)
        if trees:
            found[f"mixed{name}"] = scored(rows, best.mixed, best.last_year, rich=True)
        sys.stderr.write(f"judged{name or ' with rivalries'}\n")
    return found


def carried_chance(panel: Panel, rows: Rows, matrix: np.ndarray, model: WorldModel) -> np.ndarray:
    """Return the forecast with disputes observed to the split only, its level set before it.

    The level of a forecast that is carried forward is set where the same is done ten years
    earlier: fitted to 1979 and looked at in 1980-1989.
    """
    early = fit_world(panel, rows, matrix, LAST_CHOICE_YEAR, model.settings)
    share = battle_share(panel, LAST_CHOICE_YEAR)
    before = carried(panel, rows, matrix, early, LAST_CHOICE_YEAR, share)
    held = judged(rows.year, LAST_CHOICE_YEAR, LAST_TRAINING_YEAR)
    share = battle_share(panel, LAST_TRAINING_YEAR)
    now = carried(panel, rows, matrix, model, LAST_TRAINING_YEAR, share)
    return calibrated(now, rows.onset[held], before[held])[0]


def judged_source(raw: Path, source: str, trees: bool = True) -> dict[str, Any]:
    """Return the scores of onset and severity with one list of disputes.

    Parameters
    ----------
    raw
        Folder of raw tables.
    source
        `gml` or `cow`.
    trees
        False leaves the trees out.
    """
    panel = read_panel(raw, source)
    rows = read_rows(panel)
    matrix = world_matrix(rows)
    model = fit_world(panel, rows, matrix, LAST_TRAINING_YEAR, Settings())
    wide = wide_matrix(panel, rows, matrix, model)
    pair = rows.a.astype(int) * len(panel.countries) + rows.b
    names = (*TERMS, STATE, PAIR)
    severity = {name: score_stage(stage, names) for name, stage in stages(rows, wide, pair).items()}
    sys.stderr.write(f"{source}: fitted\n")
    places = {code: place for place, code in enumerate(panel.countries)}
    dated = event_columns(read_events(raw, places, LAST), rows, len(places))
    onset = judged_models(panel, rows, matrix, model, dated, trees)
    return {"onset": onset, "severity": severity}


def record(raw: Path, trees: bool = True) -> dict[str, Any]:
    """Return the whole record; without `trees` their forecasts are left out.

    Raises
    ------
    MissingDataError
        If a raw table or scikit-learn is not at hand.
    """
    if trees:
        require_trees()
    return assemble(raw, {source: judged_source(raw, source, trees) for source in LAST_OF})


def assemble(raw: Path, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the record from the scores by list of disputes; the rest is estimated here."""
    severity = found["gml"]["severity"]
    line = fit_bremer(raw)
    world, later = served(
        raw, Settings(), {name: stage["ridge"] for name, stage in severity.items()}
    )
    return {
        "split": {"last_training_year": LAST_TRAINING_YEAR, "test": "1990-2010"},
        "targets": TARGETS,
        "scores": {source: part["onset"] for source, part in found.items()},
        "severity": severity,
        "bremer": {
            "rows": line.rows, "onsets": line.events, "published_rows": PUBLISHED_ROWS,
            "coefficients": comparison(line),
        },
        "ucdp_2015_2024": later,
        "world": world,
        "script": SCRIPT,
    }  # fmt: skip


def main() -> None:
    """Estimate, score and write the record."""
    options = arguments(__doc__)
    page = rounded(record(options.raw))
    write_text(options.out / RECORD.name, json.dumps(page, indent=1) + "\n")


if __name__ == "__main__":
    run_main(main)
