"""Risk, deterrence, spending and arsenals: the content of that section, as plain data."""

from collections.abc import Callable
from typing import Any

import numpy as np

from detente.brief import security_words, words
from detente.outcome import Outcome
from detente.strategic import (
    DIRECTED,
    OF_ARSENALS,
    OF_PAIRS,
    OF_STATES,
    VARIABLES,
    Readout,
    Strategic,
)
from detente.vocabulary import terms

MOST_PAIRS = 24
# States whose spending is on the page beside that of groups.
POWERS = "MAJOR_POWERS"
# Parts of the section: the variables of each, in the order in which they are read.
PARTS = {
    "pairs": DIRECTED[:1],
    "regions": OF_PAIRS,
    "spending": OF_STATES,
    "arsenals": OF_ARSENALS,
}


def build(outcome: Outcome) -> dict[str, Any] | None:
    """Return the content of the section; None for an outcome that says nothing of security.

    Parameters
    ----------
    outcome
        What a run computed.

    Returns
    -------
    dict or None
        worlds: the base and each different scenario; pairs, regions, spending, arsenals: rows with
        a level in each world and a change in each after the first; found, method, assumptions:
        sentences.
    """
    strategic = outcome.strategic
    if strategic is None:
        return None
    worlds, asked = _worlds(outcome, strategic), _asked(outcome)
    if len(worlds) == 1:
        return _still(outcome, worlds)
    content: dict[str, Any] = {
        "point": outcome.is_point,
        "draws": 0 if outcome.is_point else len(strategic.draws),
        "worlds": worlds,
        "assumptions": list(strategic.assumptions),
    }
    for part, variables in PARTS.items():
        rows = [
            _row(outcome, strategic, one, worlds)
            for variable in variables
            for one in strategic.readouts
            if one.variable == variable and _is_shown(outcome, one, asked)
        ]
        content[part] = [row for row in rows if row is not None]
    content["pairs"] = _largest(content["pairs"])
    return content | {
        "found": security_words.found(content),
        "method": security_words.method(content),
    }


def _still(outcome: Outcome, worlds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the content where no edit reaches a number of the section: a sentence alone."""
    return {
        "point": outcome.is_point, "draws": 0, "worlds": worlds, "assumptions": [], "method": [],
        "found": [security_words.STILL], **{part: [] for part in PARTS},
    }  # fmt: skip


def _asked(outcome: Outcome) -> set[Readout]:
    """Return what the claims are about."""
    found = set()
    for claim in outcome.claims:
        if claim.get("variable") in VARIABLES:
            where = {dim: outcome.members(words) for dim, words in claim["where"].items()}
            found.add(Readout.of(claim["variable"], where))
    return found


def _is_shown(outcome: Outcome, one: Readout, asked: set[Readout]) -> bool:
    """Say whether a read-out is on the page: `detente show` has the others."""
    if one in asked or one.variable in OF_ARSENALS or one.variable in DIRECTED:
        return True
    if one.variable in OF_STATES:
        powers = set(outcome.groups.get(POWERS, one.origin))
        return len(one.origin) > 1 or bool(powers.intersection(one.origin))
    return not one.destination


def _worlds(outcome: Outcome, strategic: Strategic) -> list[dict[str, Any]]:
    """Return the base and the worlds of full scenarios, each once, with the scenarios of each."""
    pages = outcome.manifest.get("scenarios", {})
    found = [{"number": 0, "title": "Before", "scenarios": []}]
    for label in outcome.full_scenarios:
        number = strategic.worlds.get(label, 0)
        title = pages.get(label, {}).get("title") or label
        same = [world for world in found if world["number"] == number]
        if not same:
            same = [{"number": number, "title": title, "scenarios": []}]
            found += same
        same[0]["scenarios"].append({"name": label, "title": title})
    return found


def _row(
    outcome: Outcome, strategic: Strategic, one: Readout, worlds: list[dict[str, Any]]
) -> dict[str, Any] | None:
    place = strategic.readouts.index(one)
    levels = [strategic.levels[world["number"], place] for world in worlds]
    if any(np.isnan(level).any() for level in levels):
        return None
    unit = terms("outcome")[one.variable].unit
    before = levels[0]
    scale = np.where(before == 0, 1.0, before)
    return {
        "variable": one.variable,
        "label": security_words.LABELS[one.variable],
        "name": _name(outcome, one),
        "said": _said(outcome, one),
        "pair": len(one.origin) == 1 == len(one.destination),
        "levels": [_figure(level, "", outcome.is_point) for level in levels],
        "changes": [
            _figure(
                100 * (level - before if unit == "points" else level / scale - 1),
                unit,
                outcome.is_point,
            )
            for level in levels[1:]
        ],
    }


def _figure(values: np.ndarray, unit: str, point: bool) -> dict[str, Any]:
    low, middle, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    return {
        "median": middle,
        "p05": None if point else low,
        "p95": None if point else high,
        "share_positive": None if point else float(np.mean(values > 0)),
        "unit": unit,
    }


def _name(outcome: Outcome, one: Readout) -> str:
    first = _side(outcome, one.origin)
    if not one.destination:
        return f"among {first}" if one.variable in OF_PAIRS else first
    joined = " towards " if one.variable in DIRECTED else " and "
    return first + joined + _side(outcome, one.destination)


def _said(outcome: Outcome, one: Readout) -> str:
    """Return what a read-out is about, in words that stand in a sentence."""
    sides = [
        _side(outcome, codes, words.inside) for codes in (one.origin, one.destination) if codes
    ]
    if one.variable in DIRECTED:
        return f"risk that {sides[0]} begins a dispute with {sides[1]}"
    if one.variable in OF_STATES:
        return f"military spending of {sides[0]}"
    what = words.OF_PAIRS[one.variable].removesuffix(",")
    return f"{what}, {' and '.join(sides)}" if len(sides) > 1 else f"{what} among {sides[0]}"


def _side(outcome: Outcome, codes: tuple[str, ...], written: Callable[[str], str] = str) -> str:
    """Return states in words: as they stand in a table, or as `written` puts each of them."""
    if len(codes) == 1:
        return written(outcome.name(codes[0]))
    held = set(codes)
    # A group, or a group and a few states more, is called by the group's name.
    for group, members in sorted(outcome.groups.items(), key=lambda pair: -len(pair[1])):
        more = sorted(held - set(members))
        if len(members) > 1 and set(members) <= held and len(more) < min(4, len(members)):
            named = [words.place(outcome, f"@{group}"), *(outcome.name(code) for code in more)]
            return words.listed([written(name) for name in named])
    listed = [written(outcome.name(code)) for code in codes[:4]]
    more = len(codes) - len(listed)
    return words.listed([*listed, f"{more} more"] if more else listed)


def _largest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the pairs that move most, then those of the highest risk; names decide ties."""

    def key(row: dict[str, Any]) -> tuple:
        moved = max((abs(figure["median"]) for figure in row["changes"]), default=0.0)
        return -round(moved, 6), -row["levels"][0]["median"], row["name"]

    return sorted(rows, key=key)[:MOST_PAIRS]
