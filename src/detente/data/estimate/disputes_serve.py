"""The estimates that serve a world of today: coefficients, histories of states and pairs, levels.

The coefficients are fitted to all pairs of 1946-2010 (Gibler, Miller & Little). Histories go on to
2014 with the disputes of the Correlates of War, and to the end of 2024 with UCDP's battles between
states, as in `disputes_history`. Of the panels nothing is kept.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detente.data.estimate.disputes_features import Rows, read_rows
from detente.data.estimate.disputes_history import Settings
from detente.data.estimate.disputes_panel import FIRST, LAST, LAST_OF, ORIGIN, Panel, read_panel
from detente.data.estimate.disputes_scores import area_under_curve
from detente.data.estimate.disputes_severity import fit_stage, stages
from detente.data.estimate.disputes_world import (
    battle_share,
    battles_begun,
    calibrated,
    carried,
    filtered,
    fit_world,
    wide_matrix,
    world_matrix,
)
from detente.security.dispute_terms import PAIR, STATE, TERMS

LAST_SERVED = 2024
# Ends of three fits that are carried forward ten years each, to see how far the level strays.
DECADES = (1979, 1989, 2000)
# A pair's log risk below this is left out: it changes a chance by less than a twentieth.
MATERIAL = 0.05


@dataclass(frozen=True)
class Level:
    """How a forecast that is carried forward is shifted, in log-odds.

    Attributes
    ----------
    shift : that of the last decade looked at
    sd : spread of the level over decades and years around it
    decades : shifts by the last year of the fit
    """

    shift: float
    sd: float
    decades: dict[int, float]


def served(
    raw: Path, settings: Settings, ridges: dict[str, float]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the estimates for a world of today, and their ranks of 2015-2024.

    Parameters
    ----------
    raw
        Folder of raw tables.
    settings
        Of the filter.
    ridges
        Penalty of each stage of severity, chosen inside the training years.
    """
    panel = read_panel(raw, "gml", LAST_SERVED)
    rows = read_rows(panel)
    matrix = world_matrix(rows)
    model = fit_world(panel, rows, matrix, LAST_OF["gml"], settings)
    share = battle_share(panel, LAST)
    expected = model.first.predict(matrix)
    counts = filtered(panel, rows, expected, settings, LAST, share)[2]
    level = levels(panel, rows, matrix, settings)
    wide = wide_matrix(panel, rows, matrix, model)
    pair = rows.a.astype(int) * len(panel.countries) + rows.b
    line, names = model.second, (*TERMS, STATE, PAIR)
    found: dict[str, Any] = {
        "names": line.names,
        "coefficient": line.coefficient.tolist(),
        "covariance": line.covariance.tolist(),
        "level_shift": level.shift,
        "level_sd": level.sd,
        "level_decades": {str(year): shift for year, shift in level.decades.items()},
        "rows": line.rows,
        "onsets": line.events,
        "sample": f"all pairs of states {FIRST}-{LAST_OF['gml']}; disputes of Gibler, Miller & "
        f"Little 2.2.1; histories to {LAST} with Correlates of War 5.0, to {LAST_SERVED} with "
        "battles of UCDP/PRIO 25.1; rows without quarrel or border sampled at one in ten",
        "covariance_over": "pairs",
        "filter": vars(settings) | {"battle_share": share},
        "severity": {
            name: _stage(stage, names, ridges[name])
            for name, stage in stages(rows, wide, pair).items()
        },
    }
    found |= histories(panel, counts, settings)
    chance = carried(panel, rows, matrix, model, LAST, share)
    return found, ranks(panel, rows, chance)


def _stage(stage: Any, names: tuple[str, ...], ridge: float) -> dict[str, Any]:
    line = fit_stage(stage, names, FIRST, LAST_OF["gml"], ridge)
    return {
        "coefficient": line.coefficient.tolist(),
        "covariance": line.covariance.tolist(),
        "rows": line.rows,
        "events": line.events,
        "ridge": ridge,
    }


def histories(panel: Panel, counts: tuple, settings: Settings) -> dict[str, Any]:
    """Return log risk and shape (prior plus observed onsets) of states and of material pairs."""
    states, pairs = counts
    alive = np.flatnonzero(panel.member[-1])
    risk = np.log(states.risk(settings.state))
    shape = settings.state + states.observed
    found = {panel.countries[i]: [float(risk[i]), float(shape[i])] for i in alive}
    log_pair = np.log(pairs.risk(settings.pair))
    own = settings.pair + pairs.observed
    listed = [
        [panel.countries[i], panel.countries[j], float(log_pair[i, j]), float(own[i, j])]
        for place, i in enumerate(alive)
        for j in alive[place + 1 :]
        if abs(log_pair[i, j]) > MATERIAL
    ]
    return {"states": found, "pairs": listed}


def levels(panel: Panel, rows: Rows, matrix: np.ndarray, settings: Settings) -> Level:
    """Return how far the level of a forecast carried forward strays, over three decades."""
    shifts, spread = {}, 0.0
    for last in DECADES:
        model = fit_world(panel, rows, matrix, last, settings)
        chance = carried(panel, rows, matrix, model, last, battle_share(panel, last))
        held = (rows.year > last) & (rows.year <= last + 10)
        shifted, shifts[last] = calibrated(chance[held], rows.onset[held], chance[held])
        spread = yearly_spread(rows.onset[held], shifted, rows.year[held])
    steps = np.diff(list(shifts.values()))
    return Level(shifts[DECADES[-1]], float(np.sqrt(spread**2 + np.mean(steps**2))), shifts)


def yearly_spread(outcome: np.ndarray, chance: np.ndarray, year: np.ndarray) -> float:
    """Return the deviation of log observed over expected onsets by year, beyond chance."""
    _, place = np.unique(year, return_inverse=True)
    seen, told = np.bincount(place, outcome), np.bincount(place, chance)
    ratio = np.log(np.maximum(seen, 0.5) / told)
    beyond = np.var(ratio, ddof=1) - np.mean(1 / np.maximum(seen, 0.5))
    return float(np.sqrt(max(beyond, 0.0)))


def ranks(panel: Panel, rows: Rows, chance: np.ndarray) -> dict[str, Any]:
    """Return where the pairs that came to battle in 2015-2024 stood the year before."""
    battles = battles_begun(panel)
    later = rows.year > LAST
    fought = battles[rows.year - FIRST, rows.a, rows.b] > 0
    found = []
    for row in np.flatnonzero(later & fought):
        peers = chance[rows.year == rows.year[row]]
        found.append({
            "year": int(rows.year[row]),
            "pair": f"{panel.countries[rows.a[row]]}-{panel.countries[rows.b[row]]}",
            "chance": float(chance[row]),
            "rank": int((peers > chance[row]).sum()) + 1,
            "of": len(peers),
        })  # fmt: skip
    every = panel.tie["battle"][rows.year - ORIGIN, rows.a, rows.b] > 0
    return {
        "begun_between_main_parties": found,
        "auc_begun": area_under_curve(fought[later].astype(float), chance[later]),
        "auc_any_year_any_party": area_under_curve(every[later].astype(float), chance[later]),
        "median_rank": float(np.median([one["rank"] for one in found])),
        "note": "battles are the top of the scale; threats and displays are not observed",
    }
