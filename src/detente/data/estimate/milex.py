"""Estimate how military spending adjusts to output, threat, rivals and allies, and score it.

The equation is partial adjustment in logs at constant prices (see `milex_fit`). Run as
`python -m detente.data.estimate.milex --raw DIR --out DIR`; it writes `military_spending.json`:
fits, priors and scores. No figure of the panel is in it.
"""

import functools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from detente.data.estimate.alignment_response import rounded
from detente.data.estimate.alignment_response_scores import (
    Errors,
    advantage,
    ratio_interval,
    verdict,
)
from detente.data.estimate.milex_fit import (
    NAMES,
    Rows,
    anderson_hsiao,
    bootstrap,
    design,
    fit,
    long_run,
)
from detente.data.estimate.milex_panel import LAST, LAST_DISPUTES, Panel, read_panel
from detente.data.estimate.milex_priors import priors
from detente.data.estimate.milex_scores import (
    CANDIDATES,
    DRIFT,
    WALK,
    forecast_errors,
    mean_absolute,
)
from detente.data.estimate.milex_threat import FEATURES, read_pairs, threat
from detente.data.estimate.milex_threat import fit as fit_threat
from detente.data.estimate.tables import DATA, arguments, run_main
from detente.files.atomic import write_text

SCRIPT = "detente.data.estimate.milex"
RECORD = DATA / "military_spending.json"
DRAWS, SEED = 500, 1949
CHOICE, JUDGED = (1970, 1989), 1990
HORIZONS = (1, 5)
# The logit of disputes is refitted this often in the back-test, always to years already past.
REFIT = 5
PARAMETERS = ("output", "threat", "rivals", "allies", "nato_allies")
# Which fits speak for a parameter. The lag is that of the jackknife alone: the other two are
# biased, down and up. What allies of NATO do is one story told over time, so it is also fitted
# with a trend of the members, with year effects of their own, and on members alone.
USED: dict[str, tuple[str, ...]] = {
    "adjustment": ("jackknife",),
    **dict.fromkeys(PARAMETERS[:4], ("static", "within", "jackknife", "pooled")),
    "nato_allies": (
        "static", "within", "jackknife", "pooled", "static_trend", "within_trend",
        "static_years", "within_years", "static_members", "within_members",
    ),
}  # fmt: skip


def specifications(raw: Path, panel: Panel) -> dict[str, tuple[Rows, str, float | None]]:
    """Return rows, estimator and fixed lag of each fit."""
    rows = design(panel)
    member = panel.nato[rows.year - 1, rows.state]
    trend = np.where(member, (rows.year - rows.year.mean()) / 10, 0.0)
    with_trend = replace(rows, terms=np.column_stack([rows.terms, trend]))
    own_years = replace(rows, common=np.where(member, rows.year + len(panel.years), rows.year))
    early = rows.only(panel.years[rows.year] <= LAST_DISPUTES + 1)
    late = rows.only(panel.years[rows.year] >= JUDGED)
    atop = design(replace(panel, pacts=read_panel(raw, pacts="atop").pacts))
    return {
        "static": (rows, "within", 0.0),
        "within": (rows, "within", None),
        "jackknife": (rows, "jackknife", None),
        "pooled": (rows, "pooled", None),
        "static_trend": (with_trend, "within", 0.0),
        "within_trend": (with_trend, "within", None),
        "static_years": (own_years, "within", 0.0),
        "within_years": (own_years, "within", None),
        "static_members": (rows.only(member), "within", 0.0),
        "within_members": (rows.only(member), "within", None),
        "static_others": (rows.only(~member), "within", 0.0),
        "within_others": (rows.only(~member), "within", None),
        "static_to_2015": (early, "within", 0.0),
        "within_to_2015": (early, "within", None),
        "static_from_1990": (late, "within", 0.0),
        "within_from_1990": (late, "within", None),
        "static_atop": (atop, "within", 0.0),
        "within_atop": (atop, "within", None),
    }


def summary(rows: Rows, estimator: str, lag: float | None) -> dict[str, Any]:
    """Return long-run coefficients with bootstrap errors, the short-run ones beside them."""
    found = fit(rows, None, estimator, lag)[: len(NAMES)]
    drawn = bootstrap(rows, DRAWS, SEED, estimator, lag)[:, : len(NAMES)]
    far, spread = long_run(found), _spread(long_run(drawn))
    page: dict[str, Any] = {
        name: {"value": float(far[n]), "se": float(spread[n]), "short_run": float(found[n])}
        for n, name in enumerate(NAMES)
        if n
    }
    page["adjustment"] = {"value": 1 - float(found[0]), "se": float(_spread(drawn)[0])}
    return page | {"n": len(rows.now), "states": len(np.unique(rows.state))}


def _spread(drawn: np.ndarray) -> np.ndarray:
    """Return the standard deviation that the central 90 per cent imply.

    A sample whose lag comes near one has a long run without bounds, and no finite variance.
    """
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return (high - low) / (2 * 1.6448536269514722)


def choose(panel: Panel, known: Callable[[int], np.ndarray]) -> tuple[str, dict[str, float]]:
    """Return the candidate with the smallest error one year ahead in the years of choice."""
    found = {
        name: forecast_errors(panel, known, name, 1, *CHOICE).rmse
        for name in (*CANDIDATES, WALK, DRIFT)
    }
    return min(CANDIDATES, key=lambda name: found[name]), found


def judged(panel: Panel, known: Callable[[int], np.ndarray]) -> list[dict[str, Any]]:
    """Return scores of every candidate on targets from 1990 on, against both naive rules.

    A candidate with all terms is also held against the same fit with output alone: what threat,
    rivals and allies add to a forecast.
    """
    rows = []
    for horizon in HORIZONS:
        names = (WALK, DRIFT, *CANDIDATES)
        errors = {n: forecast_errors(panel, known, n, horizon, JUDGED, LAST) for n in names}
        for name in names[1:]:
            ours = errors[name]
            row = {"candidate": name, "horizon": horizon, "first": JUDGED, "last": LAST}
            row |= {"forecasts": ours.count, "rmse": ours.rmse, "mae": mean_absolute(ours)}
            for baseline in (WALK, DRIFT):
                row |= _against(ours, errors[baseline], baseline)
            if name.endswith("_all"):
                row |= _against(ours, errors[name.replace("_all", "_output")], "output_alone")
            rows.append(row)
    return rows


def _against(ours: Errors, baseline: Errors, name: str) -> dict[str, Any]:
    test = advantage(ours, baseline)
    low, high = ratio_interval(ours, baseline, 2 * DRAWS, SEED)
    return {
        f"rmse_{name}": baseline.rmse,
        f"mae_{name}": mean_absolute(baseline),
        f"ratio_{name}": ours.rmse / baseline.rmse,
        f"ratio_{name}_p05": low,
        f"ratio_{name}_p95": high,
        f"p_{name}": test["p"],
        f"verdict_{name}": verdict(test),
    }


def record(raw: Path) -> dict[str, Any]:
    """Return the whole record."""
    pairs = read_pairs(raw)
    hazard = fit_threat(pairs)

    @functools.cache
    def refitted(year: int) -> np.ndarray:
        return threat(pairs, fit_threat(pairs, year))

    def known(origin: int) -> np.ndarray:
        return refitted(min(origin - origin % REFIT, LAST_DISPUTES))

    panel = read_panel(raw, threat(pairs, hazard))
    found = {name: summary(*parts) for name, parts in specifications(raw, panel).items()}
    chosen, errors = choose(panel, known)
    scores = judged(panel, known)
    return {
        "script": SCRIPT,
        "sample": f"states with known spending in two consecutive years, 1950-{LAST}",
        "fits": found,
        "anderson_hsiao_lag": anderson_hsiao(design(panel)),
        "priors": priors(found, USED),
        "threat": {
            "coefficients": dict(zip(FEATURES, hazard.tolist(), strict=True)),
            "pair_years": int(sum(len(x) for x in pairs.fatal)),
            "fatal_disputes": int(sum(x.sum() for x in pairs.fatal)),
            "mean": float(np.mean(panel.threat[panel.row(LAST_DISPUTES)])),
        },
        "choice": {"targets": f"{CHOICE[0]}-{CHOICE[1]}", "chosen": chosen, "rmse": errors},
        "rule": "a response to threat, rivals and allies is prior-driven unless, by a one-sided "
        "test at 5 per cent, the pooled equation with all terms forecasts better than output alone "
        "at one and at five years",
        "ties_forecast": all(
            row["verdict_output_alone"] == "beats"
            for row in scores
            if row["candidate"] == "pooled_all"
        ),
        "scores": scores,
    }


def main() -> None:
    """Estimate, score and write the record."""
    options = arguments(__doc__)
    page = rounded(record(options.raw))
    write_text(options.out / RECORD.name, json.dumps(page, indent=1) + "\n")


if __name__ == "__main__":
    run_main(main)
