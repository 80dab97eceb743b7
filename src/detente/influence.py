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

from detente.collective import POWERS, RULES
from detente.errors import WorldError
from detente.outcome import Outcome
from detente.standing import Standing, relative

NAMED = ("G7", "NATO", "EU", "BRICS", "SCO")
OF_INCOME = ("camp_output", "camp_capability")
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
    Capability is output times output per head (Beckley 2018), and no measure of armed forces.

    Examples
    --------
    >>> influence(dt.load_outcome("outcomes/us-russia-realignment"))  # doctest: +SKIP
    """
    label = outcome.scenario_label(scenario)
    standing = _standing(outcome)
    known = standing.known_collective()
    number = standing.worlds[label]
    new = outputs(outcome, label)
    rows = []
    for name in holders(outcome):
        sides = [known.members[name][n].astype(float) for n in (0, number)]
        rows += _rows(standing, f"@{name}", "group", sides, new)
    draws, places = _both(outcome, label)
    if number in standing.camps and len(draws):
        for anchor in standing.anchors:
            sides = [standing.camp([anchor], n)[places] for n in (0, number)]
            same = np.isin(outcome.ok_draws(label), draws)
            paired = tuple((before, after[same]) for before, after in new)
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


def camp_change(
    outcome: Outcome, variable: str, where: Mapping[str, Sequence[str]], scenario: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the draws, and the change of what a camp holds of output or capability, a fraction.

    Parameters
    ----------
    outcome
        What a run computed.
    variable
        One of `OF_INCOME`.
    where
        The state whose camp is meant, as {"country": [CODE]}.
    scenario
        Label on the scenario axis.
    """
    standing = _standing(outcome)
    draws, places = _both(outcome, scenario)
    number = standing.worlds[scenario]
    before, after = outputs(outcome, scenario)[variable == "camp_capability"]
    rows = np.isin(outcome.ok_draws(scenario), draws)
    levels = [
        standing.hold(variable, standing.camp(where["country"], n)[places], output)
        for n, output in ((0, before), (number, after[rows]))
    ]
    return draws, relative(*levels)


def belong(outcome: Outcome, codes: Sequence[str], scenario: str | None) -> np.ndarray:
    """Return [country] who is of a group, with memberships as a scenario edits them.

    Parameters
    ----------
    outcome
        What a run computed; without positions and camps members are as listed.
    codes
        Members as listed.
    scenario
        Label on the scenario axis; the base when None.
    """
    standing = outcome.standing
    if standing is None or standing.collective is None:
        return np.isin(outcome.countries, list(codes)).astype(float)
    return standing.belong(codes, 0 if scenario is None else standing.worlds[scenario])


def solved_draws(outcome: Outcome, scenario: str) -> np.ndarray:
    """Return the draws that have both camps and an equilibrium."""
    return _both(outcome, scenario)[0]


def outputs(outcome: Outcome, scenario: str) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return output before and after: in real income, and of the world's year for capability.

    Parameters
    ----------
    outcome
        What a run computed.
    scenario
        Label on the scenario axis.

    Returns
    -------
    tuple of two pairs
        [country] before and [draw, country] after: income of the trade model; gross domestic
        product, moved by the same change.
    """
    growth = 1.0 + outcome.values("real_income", outcome.countries, scenario)
    income = np.asarray(outcome.base["income"].values, dtype=float)
    product = _standing(outcome).output
    return (income, income * growth), (product, product * growth)


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
    output: Sequence[tuple[np.ndarray, np.ndarray]],
) -> list[dict[str, Any]]:
    """Return one row a measure; sides are [country] or [draw, country] membership."""
    known = standing.known_collective()
    votes = [known.votes(side) for side in sides]
    shares = [
        [standing.hold(what, *pair) for pair in zip(sides, levels, strict=True)]
        for what, levels in zip(OF_INCOME, output, strict=True)
    ]
    found: list[tuple[str, str, str, list[np.ndarray]]] = [
        ("output_share", "", "share", shares[0]),
        ("capability_share", "", "share", shares[1]),
        ("vote_share", "", "share", [count / known.total for count in votes]),
    ]
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
    low, middle, high = np.quantile(np.stack([second, moved]), (0.05, 0.5, 0.95), axis=1).tolist()
    return {
        "before": float(np.median(first)),
        "after": middle[0],
        "after_p05": low[0],
        "after_p95": high[0],
        "change": middle[1],
        "change_p05": low[1],
        "change_p95": high[1],
    }
