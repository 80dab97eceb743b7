"""Estimate how third states follow others in General Assembly votes, and score it.

A set of candidates is fixed below; the one with the smallest error one session ahead over targets
in 1970-1989 is taken, and only it is judged, on targets from 1990 on. The record also holds the
scores of all candidates, checks against errors of measurement, and the coefficients with their
covariance. Run as `python -m detente.data.estimate.alignment_response --raw DIR --out DIR`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.alignment.response_terms import OWN, SMOOTHING
from detente.data.estimate import alignment_response_checks as checks
from detente.data.estimate.alignment_response_fit import bootstrap, design, moments, solve
from detente.data.estimate.alignment_response_panel import PANELS, Panel, read_panel
from detente.data.estimate.alignment_response_scores import (
    Errors,
    advantage,
    autoregression_errors,
    forecast_errors,
    ratio_interval,
    verdict,
)
from detente.data.estimate.tables import DATA, arguments, raw_table, run_main
from detente.files.atomic import write_text

SCRIPT = "detente.data.estimate.alignment_response"
RECORD = DATA / "alignment_response.json"
PEERS = ("allies_gap", "partners_gap", "regime_gap", "neighbours_gap")
MOVES = ("allies_move", "partners_move", "regime_move", "neighbours_move")
TRADE = ("trade_USA_gap", "trade_RUS_gap", "trade_CHN_gap", "trade_EU_gap")
PACTS = ("pact_USA_gap", "pact_RUS_gap", "pact_CHN_gap")
SANCTIONS = ("sanctions_gap",)
CANDIDATES: dict[str, tuple[str, ...]] = {
    "own": OWN,
    "allies": (*OWN, "allies_gap"),
    "peers": (*OWN, *PEERS),
    "peers_sanctions": (*OWN, *PEERS, *SANCTIONS),
    "peers_moves": (*OWN, *PEERS, *MOVES),
    "trade_powers": (*OWN, *TRADE),
    "pact_powers": (*OWN, *PACTS),
    "all_gaps": (*OWN, *PEERS, *SANCTIONS, *TRADE, *PACTS),
    "all": (*OWN, *PEERS, *SANCTIONS, *TRADE, *PACTS, *MOVES),
}
CHOICE, JUDGED = (1969, 1989), 1990
HORIZONS = (1, 3, 5, 10)
# Fits whose disagreement widens the covariance.
SPECIFICATIONS = (
    "gaps_only_corrected_for_noise",
    "gaps_only_instrumented",
    "state_effects",
    "from_1990",
    "handcoded_pacts",
)
# The horizons that decide whether the coupling is on.
DECIDING = (1, 5)
DRAWS, SEED = 1000, 1946


def choose(panel: Panel) -> tuple[str, dict[str, float]]:
    """Return the candidate with the smallest error in the years of choice, and all errors."""
    found = {
        name: forecast_errors(panel, terms, 1, *CHOICE).rmse for name, terms in CANDIDATES.items()
    }
    return min(found, key=lambda name: found[name]), found


def judged(panel: Panel, chosen: str) -> list[dict[str, Any]]:
    """Return the scores of the chosen model from 1990 on, one record a horizon."""
    last, found = int(panel.years[-1]), []
    for horizon in HORIZONS:
        span = (horizon, JUDGED, last)
        model = forecast_errors(panel, CANDIDATES[chosen], *span)
        walk, own = forecast_errors(panel, (), *span), forecast_errors(panel, OWN, *span)
        record: dict[str, Any] = {
            "horizon": horizon,
            "first": JUDGED + horizon,
            "last": last,
            "forecasts": model.count,
            "rmse_model": model.rmse,
            "rmse_random_walk": walk.rmse,
            "rmse_autoregression": autoregression_errors(panel, *span).rmse,
            "rmse_own_history": own.rmse,
        }
        record |= _against(model, walk, "random_walk") | _against(model, own, "own_history")
        found.append(record)
    return found


def _against(model: Errors, baseline: Errors, name: str) -> dict[str, Any]:
    test = advantage(model, baseline)
    low, high = ratio_interval(model, baseline, DRAWS, SEED)
    return {
        f"verdict_{name}": verdict(test),
        f"statistic_{name}": test["statistic"],
        f"p_{name}": test["p"],
        f"ratio_{name}": model.rmse / baseline.rmse,
        f"ratio_{name}_p05": low,
        f"ratio_{name}_p95": high,
    }


def all_scores(panel: Panel) -> list[dict[str, Any]]:
    """Return the error of every candidate from 1990 on: what a choice by hindsight would see."""
    last = int(panel.years[-1])
    return [
        {"candidate": name}
        | {
            f"rmse_{horizon}": forecast_errors(panel, terms, horizon, JUDGED, last).rmse
            for horizon in DECIDING
        }
        for name, terms in (("random_walk", ()), *CANDIDATES.items())
    ]


def coefficients(panel: Panel, chosen: str) -> dict[str, Any]:
    """Return the coefficients on all years, and their covariance over states and sessions."""
    terms = CANDIDATES[chosen]
    rows = [row for row in design(panel, terms) if len(row[2]) > len(terms)]
    squares, products = moments(rows)
    found = bootstrap(rows, len(panel.countries), DRAWS, SEED)
    return {
        "terms": list(terms),
        "coefficient": solve(squares.sum(axis=0), products.sum(axis=0)).tolist(),
        "se": found.std(axis=0, ddof=1).tolist(),
        "covariance": np.cov(found.T).tolist(),
        "n": int(sum(len(row[2]) for row in rows)),
        "states": len(panel.countries),
        "sessions": len(rows),
    }


def widened(fit: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return the fit with the variance between the specifications added to its covariance.

    As with every prior of this room, disagreement between specifications widens the interval. The
    fits that differ in more than the gaps are not compared in the terms of the own past.
    """
    covariance, between = np.array(fit["covariance"]), []
    for place, term in enumerate(fit["terms"]):
        others = [
            found[name][term]["coefficient"] for name in SPECIFICATIONS if term in found[name]
        ]
        spread = 0.0 if term in OWN else float(np.std([fit["coefficient"][place], *others]))
        covariance[place, place] += spread**2
        between.append(spread)
    return fit | {"between": between, "covariance": covariance.tolist()}


def assembly_votes(raw: Path) -> dict[str, Any]:
    """Return how the members voted in recorded votes of 2014-2023: a model of the others' votes.

    The chance of yes among those who vote is Beta over roll calls, by its mean and variance.
    """
    calls = pd.read_parquet(raw_table(raw, "unga_votes/rollcalls.parquet"))
    calls = calls[calls["year"].between(2014, 2023) & (calls["n_yes"] + calls["n_no"] > 0)]
    share = calls["n_yes"] / (calls["n_yes"] + calls["n_no"])
    mean, variance = float(share.mean()), float(share.var())
    size = mean * (1 - mean) / variance - 1
    return {
        "yes": [mean * size, (1 - mean) * size],
        "silent": 1 - float((calls["n_yes"] + calls["n_no"]).mean()) / 193,
        "roll_calls": len(calls),
        "sample": "recorded votes of 2014-2023; decisions without a vote are not among them",
    }


def record(raw: Path) -> dict[str, Any]:
    """Return the whole record."""
    panels = {name: read_panel(raw, name) for name in PANELS}
    main = panels["votes_2025"]
    chosen, errors = choose(main)
    scores = {name: judged(panel, chosen) for name, panel in panels.items()}
    found = checks.all_checks(raw, main, CANDIDATES[chosen])
    found["every_term"] = checks.fitted(main, design(main, CANDIDATES["all"]), CANDIDATES["all"])
    deciding = [row for rows in scores.values() for row in rows if row["horizon"] in DECIDING]
    beats = {
        name: all(row[f"verdict_{name}"] == "beats" for row in deciding)
        for name in ("random_walk", "own_history")
    }
    return {
        "model": chosen,
        "smoothing": SMOOTHING,
        "rule": "on by default only if, by a one-sided test at 5 per cent, the model beats the "
        "random walk and the state's own history at one and at five sessions in both releases",
        "beats": beats,
        "default_on": all(beats.values()),
        "choice": {"targets": f"{CHOICE[0] + 1}-{CHOICE[1]}", "rmse": errors},
        "coefficients": widened(coefficients(main, chosen), found),
        "scores": scores,
        "candidates": {name: all_scores(panel) for name, panel in panels.items()},
        "checks": found,
        "assembly_votes": assembly_votes(raw),
        "panels": PANELS,
        "script": SCRIPT,
    }


def rounded(value: Any) -> Any:
    """Return a record with numbers to six significant digits, so that a rerun writes the same."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def main() -> None:
    """Estimate, score and write the record."""
    options = arguments(__doc__)
    page = rounded(record(options.raw))
    write_text(options.out / RECORD.name, json.dumps(page, indent=1) + "\n")


if __name__ == "__main__":
    run_main(main)
