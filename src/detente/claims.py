"""Weigh claims: what the draws say of each, to which edit it is due, what it hangs on.

Claims come from scenario files. Nothing is solved here: `run` passes a callback for the values
that would flip a verdict.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from detente import sensitivity, verdict
from detente.errors import ConvergenceError, ScenarioError, WorldError
from detente.measured import (
    change,
    change_by_draw,
    each_member,
    is_trade,
    reached,
)
from detente.outcome import Countries, Outcome
from detente.scenario import Claim
from detente.standing import VARIABLES as STANDING
from detente.turning import Quantile, Solve, add_flips, drawn_of
from detente.vocabulary import term

FEW_DRAWS = 20
UNREACHED = "these edits reach nothing that this is computed from"
UNTRADED = "these edits reach nothing of trade"
ALONE = "; how other states would follow is not counted"
# Why no parameter is named where a regression on few draws explains no more than chance.
CHANCE = (
    "what is told apart explains no more than chance would; the rest is drawn of positions and of "
    "sanctions that may not stand"
)


def weigh_all(
    outcome: Outcome,
    asked: Iterable[tuple[str | None, Claim]],
    solve: Solve | None = None,
    quantile: Quantile | None = None,
) -> list[dict[str, Any]]:
    """Weigh several claims; what would flip their verdicts is sought side by side.

    Parameters
    ----------
    outcome
        What a run computed; it must hold the edits that the claims are about.
    asked
        Claims, each with the full scenario that it is judged in; None is the main one.
    solve
        Answers a round of questions for point estimates; without it no flip is sought.
    quantile
        Value of a parameter at a quantile of its prior; without it the quantiles of the draws.

    Returns
    -------
    list
        As of `weigh`.
    """
    weighed = [(claim, _weighed(outcome, claim, parent)) for parent, claim in asked]
    if solve is not None:
        add_flips(outcome, weighed, solve, quantile)
    return [page for _, page in weighed]


def weigh(
    outcome: Outcome,
    spec: Claim,
    solve: Solve | None = None,
    quantile: Quantile | None = None,
    parent: str | None = None,
) -> dict[str, Any]:
    """Return what the draws say of one claim, as plain data.

    Parameters
    ----------
    outcome, solve, quantile
        As in `weigh_all`.
    spec, parent
        The claim, and the full scenario that it is judged in; None is the main one.

    Returns
    -------
    dict
        id, text, side, variable, unit, where, scenario, parent, direction, edits, computed,
        threshold, median, p05, p95, share_positive, share_beyond, share_opposite,
        share_inside, verdict,
        verdict_half, verdict_double, failed_draws, draws, due_to, drivers, drivers_r2,
        drivers_fit, drivers_note, flip, members, note. Values are in per cent.

    Raises
    ------
    ScenarioError
        If the outcome lacks the edits, the variable or the trade that the claim is about.
    """
    return weigh_all(outcome, [(parent, spec)], solve, quantile)[0]


def _weighed(outcome: Outcome, spec: Claim, parent: str | None) -> dict[str, Any]:
    """Return all that the draws say; what would flip it is not sought."""
    page: dict[str, Any] = {
        "id": spec.id,
        "text": spec.text,
        "side": spec.side,
        "parent": outcome.scenario_label(parent),
        "edits": list(spec.edits or []),
    }
    if spec.variable is None or spec.direction is None:
        missing = {"computed": False, "computed_by": spec.computed_by}
        return page | missing | {"verdict": verdict.NOT_MODELLED}
    name = term(spec.variable.removesuffix("_pct"), "outcome")
    threshold = float(spec.threshold if spec.threshold is not None else name.rope or 0.0)
    label = judged_scenario(outcome, page["parent"], page["edits"])
    page |= {
        "variable": name.name,
        "unit": name.unit,
        "where": {dim: _plain(words) for dim, words in spec.where.items()},
        "scenario": label,
        "direction": spec.direction,
        "threshold": threshold,
        "computed": True,
        "draws": 0 if outcome.is_point else len(outcome.ok_draws(label)),
        "failed_draws": outcome.failed(label),
    }
    try:
        draws, values = change_by_draw(outcome, name.name, spec.where, label)
    except ConvergenceError as error:
        return page | {"computed": False, "verdict": verdict.NO_EQUILIBRIUM, "note": str(error)}
    except WorldError as error:
        return page | {"computed": False, "verdict": verdict.NOT_COMPUTED, "note": str(error)}
    page |= _judge(values, spec.direction, threshold, outcome.is_point)
    if not is_trade(name.name):
        page |= {"draws": 0 if outcome.is_point else len(values), "failed_draws": 0}
    touched = reached(outcome, name.name, spec.where, label, values)
    said = "" if touched else UNTRADED if is_trade(name.name) else _unreached(outcome)
    page["note"] = "; ".join(part for part in (page["note"], said) if part)
    page["due_to"] = _due_to(outcome, page, draws, values) if touched else []
    page |= _drivers(outcome, page, values)
    page["flip"] = None
    page["members"] = _members(outcome, spec, page) if spec.members else []
    return page


def _unreached(outcome: Outcome) -> str:
    """Return the remark on a claim that no edit reaches."""
    counted = outcome.standing is not None and outcome.standing.responded is not None
    return UNREACHED if counted else UNREACHED + ALONE


def judged_scenario(outcome: Outcome, parent: str, edits: Sequence[str]) -> str:
    """Return the scenario label that holds just these edits of `parent`; none is all of them.

    Raises
    ------
    ScenarioError
        If they were not run as a set of their own.
    """
    if not edits:
        return parent
    runs = [row for row in outcome.rows if row.parent == parent]
    wanted = set(edits)
    for kind in ("full", "alone", "claim"):
        for row in runs:
            if row.kind == kind and set(row.label.split(" + ")) == wanted:
                return row.scenario
    have = ", ".join(row.label for row in runs)
    raise ScenarioError(
        f"the edits {' + '.join(edits)} of '{parent}' were not run as a set of their own; "
        f"the outcome has: {have}"
    )


def _judge(
    values: np.ndarray, direction: verdict.Direction, threshold: float, point: bool
) -> dict[str, Any]:
    if point:
        middle = float(values[0])
        words = {
            "beyond": "beyond the threshold",
            "inside": "within the threshold",
            "opposite": "beyond the threshold on the other side",
        }
        place = words[verdict.region(middle, direction, threshold)]
        return {
            "median": middle,
            **dict.fromkeys(("p05", "p95", "share_positive")),
            **dict.fromkeys(("share_beyond", "share_opposite", "share_inside")),
            **dict.fromkeys(("verdict", "verdict_half", "verdict_double"), verdict.POINT_ONLY),
            "note": f"a point estimate, {place}: without draws there is no verdict",
        }
    low, middle, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    share = verdict.shares(values, direction, threshold)
    return {
        "median": middle,
        "p05": low,
        "p95": high,
        "share_positive": float(np.mean(values > 0)),
        "share_beyond": share.beyond,
        "share_opposite": share.opposite,
        "share_inside": share.inside,
        "verdict": verdict.verdict(values, direction, threshold),
        "verdict_half": verdict.verdict(values, direction, threshold / 2),
        "verdict_double": verdict.verdict(values, direction, threshold * 2),
        "note": f"only {len(values)} draws" if len(values) < FEW_DRAWS else "",
    }


def _due_to(
    outcome: Outcome, page: dict[str, Any], draws: np.ndarray, values: np.ndarray
) -> list[dict[str, Any]]:
    """Return the change under each edit alone, and what is left for their interaction."""
    runs = [row for row in outcome.rows if row.parent == page["parent"]]
    labels = next(row.label for row in runs if row.scenario == page["scenario"]).split(" + ")
    alone = {row.label: row.scenario for row in runs if row.kind == "alone"}
    if len(labels) == 1:
        alone[labels[0]] = page["scenario"]
    parts: list[dict[str, Any]] = []
    rest = values
    for label in labels:
        if label not in alone or not len(outcome.ok_draws(alone[label])):
            return parts  # what is not known of one edit cannot be left over for the others
        try:
            known, found = change_by_draw(outcome, page["variable"], page["where"], alone[label])
        except WorldError:
            return parts
        parts.append({"label": label, **_interval(found, outcome.is_point)})
        draws, left, taken = np.intersect1d(draws, known, assume_unique=True, return_indices=True)
        rest = rest[left] - found[taken]
    if len(parts) > 1 and len(rest):
        parts.append({"label": "interaction", **_interval(rest, outcome.is_point)})
    return parts


def _interval(values: np.ndarray, point: bool) -> dict[str, float | None]:
    low, middle, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    return {"median": middle, "p05": None if point else low, "p95": None if point else high}


def _drivers(outcome: Outcome, page: dict[str, Any], values: np.ndarray) -> dict[str, Any]:
    note = "a point estimate has no variance to explain" if outcome.is_point else ""
    table = drawn_of(outcome, page)
    if table is None:
        note = note or "what this is computed from was not kept draw by draw"
    if note or table is None:
        return {"drivers": [], "drivers_r2": None, "drivers_fit": "none", "drivers_note": note}
    found = sensitivity.variance_shares(table, values)
    if page["variable"] in STANDING:
        found = sensitivity.beyond_chance(found, len(values), CHANCE)
    found = sensitivity.named(found)
    return {
        "drivers": [{"parameter": name, "share": share} for name, share in found.shares],
        "drivers_r2": found.r2,
        "drivers_fit": found.fit,
        "drivers_note": found.note,
    }


def _members(outcome: Outcome, spec: Claim, page: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each member of the claim's group, judged by the claim's own threshold."""
    rows = []
    for code, where in each_member(page["variable"], page["where"], outcome.members):
        values = change(outcome, page["variable"], where, page["scenario"])
        judged = _judge(values, page["direction"], page["threshold"], outcome.is_point)
        fields = {key: judged[key] for key in ("median", "p05", "p95", "share_positive", "verdict")}
        rows.append({"iso3": code, "name": outcome.name(code), **fields})
    return rows


def _plain(words: Countries) -> str | list[str]:
    listed = [words] if isinstance(words, str) else list(words)
    return listed[0] if len(listed) == 1 else listed
