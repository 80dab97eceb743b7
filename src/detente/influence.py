"""Collective influence before and after a scenario: of named groups, and of the two camps.

Shares of world output, of capability and of the votes of the General Assembly, and what those votes
can pass or block if they are cast as one. Output is the real income that the trade model finds, so
that a group's weight changes with the economy; camps change with the ties; and the members of a
group with edits of `membership`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from detente import sensitivity
from detente.collective import POWERS, RULES
from detente.errors import WorldError
from detente.outcome import Outcome
from detente.standing import BY_GROUP, BY_POSITION, Standing, relative

NAMED = ("G7", "NATO", "EU", "BRICS", "SCO")
OF_INCOME = ("camp_output", "camp_capability")
UNREACHED = "these edits reach nothing that this is computed from"
# Why no parameter is named where the regression explains no more than chance.
REST = {
    True: "the positions told apart explain no more than chance would",
    False: "weights of the tie rule explain no more than chance would; the rest is drawn of "
    "positions and of sanctions that may not stand",
}
COLUMNS = ("holder", "kind", "measure", "rule", "unit")


def influence(outcome: Outcome, scenario: str | None = None) -> pd.DataFrame:
    """Return the collective influence of groups and camps before and after a scenario.

    Parameters
    ----------
    outcome
        What a run computed, with positions and camps.
    scenario
        Label on the scenario axis; None is the main scenario.

    Returns
    -------
    DataFrame
        holder (`@NATO`, or the anchor of a camp); kind (`group` or `camp`); measure
        (`output_share`, `capability_share`, `vote_share`, and the powers `prevails_for`,
        `prevails_against`, `banzhaf`, `shapley` by rule); rule; unit; before and after (medians
        over draws) with after_p05 and after_p95; change, change_p05 and change_p95 in per cent of
        the level before, draw by draw.

    Raises
    ------
    WorldError
        If the outcome holds no positions and camps.
    ScenarioError
        If the outcome has no such scenario.

    Notes
    -----
    A group or camp is taken to act as one; how often it does is a question of its cohesion.
    Capability is the mean of the shares of output and population, and no measure of armed forces.

    Examples
    --------
    >>> influence(dt.load_outcome("outcomes/us-russia-realignment"))  # doctest: +SKIP
    """
    label = outcome.scenario_label(scenario)
    standing = _standing(outcome)
    known = standing.known_collective()
    number = standing.worlds[label]
    new = incomes(outcome, label)
    rows = []
    for name in holders(outcome):
        sides = [known.members[name][n].astype(float) for n in (0, number)]
        rows += _rows(standing, f"@{name}", "group", sides, (new[0], new[1]))
    draws, places = _both(outcome, label)
    if number in standing.camps and len(draws):
        for anchor in standing.anchors:
            sides = [standing.camp([anchor], n)[places] for n in (0, number)]
            paired = (new[0], new[1][np.isin(outcome.ok_draws(label), draws)])
            rows += _rows(standing, anchor, "camp", sides, paired)
    return pd.DataFrame(rows)


def holders(outcome: Outcome) -> list[str]:
    """Return the groups whose influence is stated: well-known ones, and those the scenarios name.

    Parameters
    ----------
    outcome
        What a run computed.
    """
    pages = outcome.manifest.get("scenarios", {}).values()
    named = [word.removeprefix("@") for page in pages for word in page.get("groups", ())]
    known = _standing(outcome).known_collective().members
    return [name for name in dict.fromkeys((*NAMED, *named)) if name in known]


def change(
    outcome: Outcome, variable: str, where: Mapping[str, Sequence[str]], scenario: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the draws, and the change of a variable of positions or camps as a fraction.

    Parameters
    ----------
    outcome
        What a run computed.
    variable
        One of `detente.standing.VARIABLES`.
    where
        Codes by dimension.
    scenario
        Label on the scenario axis.
    """
    standing = _standing(outcome)
    if variable not in OF_INCOME:
        return standing.change(variable, where, scenario)
    before, after = incomes(outcome, scenario)
    draws, places = _both(outcome, scenario)
    number = standing.worlds[scenario]
    rows = np.isin(outcome.ok_draws(scenario), draws)
    levels = [
        standing.hold(variable, standing.camp(where["country"], n)[places], income)
        for n, income in ((0, before), (number, after[rows]))
    ]
    return draws, relative(*levels)


def capability_change(outcome: Outcome, codes: Sequence[str], scenario: str) -> np.ndarray:
    """Return [draw] the change of the capability of a group, as a fraction.

    Parameters
    ----------
    outcome
        What a run computed.
    codes
        Members.
    scenario
        Label on the scenario axis.
    """
    standing = _standing(outcome)
    known = standing.known_collective()
    before, after = incomes(outcome, scenario)
    sides = [standing.belong(codes, n) for n in (0, standing.worlds[scenario])]
    return relative(known.capability(sides[0], before), known.capability(sides[1], after))


def reached(outcome: Outcome, page: Mapping[str, Any], values: np.ndarray) -> bool:
    """Say whether the edits touch what a variable of positions and camps is computed from.

    Camps can stay as they are although ties change, and a group can lose as many votes as it
    gains: that is a result, and not the same.

    Parameters
    ----------
    outcome
        What the run computed.
    page
        A weighed claim: variable, where and scenario.
    values
        [draw] its changes.
    """
    variable, standing = page["variable"], _standing(outcome)
    if np.any(values):
        return True
    number = standing.worlds[page["scenario"]]
    if variable in BY_GROUP:
        codes = outcome.members(page["where"]["country"])
        return bool((standing.belong(codes, 0) != standing.belong(codes, number)).any())
    return number != 0 and variable not in (*BY_POSITION, "cohesion")


def unreached(outcome: Outcome) -> str:
    """Return the remark on a claim that no edit reaches."""
    counted = _standing(outcome).responded is not None
    return UNREACHED + ("" if counted else "; how other states would follow is not counted")


def drivers(outcome: Outcome, page: Mapping[str, Any], values: np.ndarray) -> dict[str, Any]:
    """Return which of the drawn positions, or weights of ties, the spread of a claim rests on.

    Parameters
    ----------
    outcome
        What the run computed.
    page
        A weighed claim: variable, where and scenario.
    values
        [draw] its changes.

    Returns
    -------
    dict
        drivers, drivers_r2, drivers_fit, drivers_note as in a weighed claim. A regression on few
        draws explains by chance; what it would explain of noise is taken off.
    """
    variable = page["variable"]
    given = {dim: outcome.members(words) for dim, words in page["where"].items()}
    table = _standing(outcome).drawn(variable, given)
    if variable in OF_INCOME:
        table = table.loc[_both(outcome, page["scenario"])[0]]
    if not len(table.columns):
        note = "nothing is drawn of what this is computed from"
        return {"drivers": [], "drivers_r2": None, "drivers_fit": "none", "drivers_note": note}
    found = sensitivity.variance_shares(table, values)
    kept = _adjusted(found.r2, len(values), len(found.shares))
    scale = kept / found.r2 if kept and found.r2 else 0.0
    return {
        "drivers": [{"parameter": n, "share": share * scale} for n, share in found.shares if scale],
        "drivers_r2": kept,
        "drivers_fit": found.fit,
        "drivers_note": found.note or ("" if scale else REST[variable in BY_POSITION]),
    }


def _adjusted(r2: float | None, draws: int, parameters: int) -> float | None:
    """Return the share of variance that a regression explains beyond chance."""
    free = draws - parameters - 1
    if r2 is None or free < 1:
        return None
    return max(0.0, 1.0 - (1.0 - r2) * (draws - 1) / free)


def incomes(outcome: Outcome, scenario: str) -> tuple[np.ndarray, np.ndarray]:
    """Return [country] income of the base, and [draw, country] real income after the edits."""
    base = np.asarray(outcome.base["income"].values, dtype=float)
    changes = outcome.values("real_income", outcome.countries, scenario)
    return base, base * (1.0 + changes)


def _standing(outcome: Outcome) -> Standing:
    if outcome.standing is None:
        raise WorldError(
            "positions and camps were not computed: the world lacks their layers (as "
            "ideal_point), or `models` leaves out alignment and blocs"
        )
    return outcome.standing


def _both(outcome: Outcome, scenario: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the draws that have camps and an equilibrium, and their places among the camps'."""
    camps = _standing(outcome).camp_draws
    places = np.flatnonzero(np.isin(camps, outcome.ok_draws(scenario)))
    return camps[places], places


def _rows(
    standing: Standing,
    holder: str,
    kind: str,
    sides: Sequence[np.ndarray],
    income: tuple[np.ndarray, np.ndarray],
) -> list[dict[str, Any]]:
    """Return one row a measure; sides are [country] or [draw, country] membership."""
    known = standing.known_collective()
    votes = [known.votes(side) for side in sides]
    found: list[tuple[str, str, str, list[np.ndarray]]] = [
        ("output_share", "", "share", [standing.hold("camp_output", *pair)
                                       for pair in zip(sides, income, strict=True)]),
        ("vote_share", "", "share", [count / known.total for count in votes]),
    ]  # fmt: skip
    if np.isfinite(known.population).all():
        levels = [known.capability(*pair) for pair in zip(sides, income, strict=True)]
        found.insert(1, ("capability_share", "", "share", levels))
    for measure in POWERS:
        for rule in RULES:
            levels = [known.power_of(count, (measure, rule)) for count in votes]
            found.append((measure, rule, "chance", levels))
    return [
        dict(zip(COLUMNS, (holder, kind, measure, rule, unit), strict=True)) | _summary(*levels)
        for measure, rule, unit, levels in found
    ]


def _summary(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    first, second = np.broadcast_arrays(np.atleast_1d(before), np.atleast_1d(after))
    moved = 100.0 * relative(first, second)
    low, middle, high = np.quantile(second, (0.05, 0.5, 0.95))
    ends = np.quantile(moved, (0.5, 0.05, 0.95))
    return {
        "before": float(np.median(first)),
        "after": float(middle),
        "after_p05": float(low),
        "after_p95": float(high),
        "change": float(ends[0]),
        "change_p05": float(ends[1]),
        "change_p95": float(ends[2]),
    }
