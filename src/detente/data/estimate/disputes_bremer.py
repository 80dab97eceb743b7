"""The specification of Bremer (1992) on politically relevant pairs 1816-2010, as replicated.

Pairs are relevant if they are contiguous by land or within 400 miles of water, or hold a major
power. The published numbers are those of Miller (2022, CMPS 39:6), who rebuilt the design with the
disputes of Gibler, Miller & Little: N = 106,019 and 2,447 onsets.
"""

from pathlib import Path
from typing import Any

import numpy as np

from detente.data.estimate.disputes_logit import Logit, fit_logit
from detente.data.estimate.disputes_panel import LAST_OF, ORIGIN, Panel, read_panel

NAMES = (
    "contiguity", "power_ratio", "major_power", "defence_pact", "least_democratic",
    "militarisation", "peace_years", "peace_years_2", "peace_years_3",
)  # fmt: skip
# Ranges over the documented runs of the same design; log-odds.
PUBLISHED = {
    "contiguity": (1.06, 1.08),
    "power_ratio": (1.06, 1.06),
    "major_power": (0.11, 0.11),
    "defence_pact": (-0.15, -0.13),
    "least_democratic": (-0.28, -0.27),
    "militarisation": (30.0, 32.0),
    "peace_years": (-0.145, -0.145),
    "peace_years_2": (0.0024, 0.003),
}
ROWS, ONSETS = 106019, 2447


def fit_bremer(raw: Path, panel: Panel | None = None) -> Logit:
    """Return the fit on all relevant pairs of 1816-2010.

    Parameters
    ----------
    raw
        Folder of raw tables.
    panel
        The panel of all states since 1816, if it is at hand.
    """
    panel = panel or read_panel(raw, "gml", LAST_OF["gml"], since=ORIGIN)
    upper = np.triu_indices(len(panel.countries), 1)
    spell = np.zeros(len(upper[0]))
    before = np.zeros(len(upper[0]), dtype=bool)
    parts, outcome, years = [], [], []
    for now in range(panel.member.shape[0]):
        both = panel.member[now][upper[0]] & panel.member[now][upper[1]]
        where = upper[0][both], upper[1][both]
        relevant = (panel.tie["contiguity"][now][where] > 0) | (
            np.maximum(*(panel.state["major"][now][side] for side in where)) > 0
        )
        onset = panel.disputes.onset[now][upper]
        # Years of peace count from the last onset, or from the first common year.
        spell = np.where(both & before, spell, 0.0)
        chosen = tuple(side[relevant] for side in where)
        parts.append(_columns(panel, now, chosen, spell[both][relevant]))
        outcome.append(onset[both][relevant])
        years.append(np.full(int(relevant.sum()), now + ORIGIN))
        spell = np.where(onset > 0, 0.0, spell + 1)
        before = both
    matrix, onset = np.concatenate(parts), np.concatenate(outcome)
    known = np.isfinite(matrix).all(axis=1)
    return fit_logit(matrix[known], onset[known], NAMES, year=np.concatenate(years)[known])


def _columns(panel: Panel, now: int, where: tuple, spell: np.ndarray) -> np.ndarray:
    state = {name: values[now] for name, values in panel.state.items()}
    power = [state["cinc"][side] for side in where]
    burden = state["milper"] / state["tpop"]
    return np.column_stack([
        panel.tie["contiguity"][now][where] == 1,
        np.minimum(*power) / np.maximum(*power),
        np.maximum(*(state["major"][side] for side in where)),
        panel.tie["defense"][now][where],
        np.minimum(*(state["uds"][side] for side in where)),
        np.minimum(*(burden[side] for side in where)),
        spell, spell**2, spell**3,
    ])  # fmt: skip


def comparison(line: Logit) -> list[dict[str, Any]]:
    """Return each coefficient beside the published range, and the relative distance from it."""
    found = []
    for name, (low, high) in PUBLISHED.items():
        ours = float(line.coefficient[line.names.index(name)])
        nearest = min(max(ours, low), high)
        found.append({
            "term": name, "ours": ours, "se": float(line.se[line.names.index(name)]),
            "published_low": low, "published_high": high,
            "relative_difference": abs(ours - nearest) / abs(nearest),
        })  # fmt: skip
    return found
