"""Who stands with whom: the content of the bloc section of a brief, as plain data.

Two camps carry no names: a camp is called by a state in it, "with CHN".
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from detente.blocs import tie_rule
from detente.brief import blocs_words, influence, words
from detente.outcome import Outcome
from detente.standing import Standing

DRAWN = 36  # states in the pictures
MOVES = blocs_words.LEAST_MOVE / 100  # a membership that moves by this much is named
UNSURE = (0.1, 0.9)  # between these a membership is uncertain
LOOSE = 0.5  # untied in this share of draws or more: shown apart from the camps
# Membership by anchor (or `untied`) and country; ties with their signs times their weights.
Cells = Mapping[str, Mapping[str, float]]
Signed = dict[tuple[str, str], float]


def build(outcome: Outcome) -> dict[str, Any] | None:
    """Return the content of the section; None for an outcome that says nothing of camps.

    Parameters
    ----------
    outcome
        What a run computed.

    Returns
    -------
    dict or None
        sides: code and label of both camps; anchors: columns of the table, each {label, anchor};
        worlds: the base and each different scenario with its states and ties in the order of the
        pictures; rows: states with their membership in each world; sentences: what was done,
        found and not known; counts.
    """
    standing = getattr(outcome, "standing", None)
    if standing is None or 0 not in standing.camps or not standing.anchors:
        return None
    shown = _worlds(outcome, standing)
    tables = [_table(standing, world["number"]) for world in shown]
    cells = [_cells(table) for table in tables]
    sides = _sides(standing, cells[0])
    left = sides[0]["code"]
    ties = [standing.camps[world["number"]].ties for world in shown]
    signed = [_signed(edges) for edges in ties]
    moved = sorted({code for table in tables[1:] for code in _moved(tables[0], table, left)})
    drawn = _drawn(outcome, standing, tables, moved, left)
    rank = _rank(drawn, cells[0], signed[0], left)
    for world, table, held, now in zip(shown, tables, cells, signed, strict=True):
        world |= _picture(outcome, drawn, rank, held, now, signed[0], left)
        world |= _facts(standing, world["number"], table, left)
        world["changed"] = _changed(outcome, signed[0], now)
        world["moved"] = [_move(outcome, code, cells[0], held, left) for code in moved]
    rows = _rows(outcome, standing, cells, ties[0], moved, _unsure(tables, left), left)
    found = {
        "point": outcome.is_point,
        "sides": sides,
        "anchors": _columns(standing.anchors, rows),
        "worlds": shown,
        "rows": rows,
        "counts": {
            "draws": 0 if outcome.is_point else len(standing.camp_draws),
            "ties": len(ties[0]),
            "positive": int((ties[0]["sign"] > 0).sum()),
            "negative": int((ties[0]["sign"] < 0).sum()),
            "states": len(set(ties[0]["a"]) | set(ties[0]["b"])),
        },
    }
    found["influence"] = influence.build(outcome)
    found["responded"] = None if standing.responded is None else asdict(standing.responded)
    return found | {"method": blocs_words.method(found), "found": blocs_words.found(found)}


def layers(outcome: Outcome) -> set[str]:
    """Return the layers that the section rests on; none where there is no section."""
    if getattr(outcome, "standing", None) is None:
        return set()
    rule = tie_rule()
    discounts = {str(name) for name in rule["discount"] if str(name)}
    return {*map(str, rule["layer"]), *discounts, "sanction_confidence"}


def _worlds(outcome: Outcome, standing: Standing) -> list[dict[str, Any]]:
    """Return the base and the worlds of the full scenarios that differ from it in a tie."""
    pages = outcome.manifest.get("scenarios", {})
    found = [{"number": 0, "title": "Before", "scenarios": []}]
    for label in outcome.full_scenarios:
        number = standing.worlds.get(label, 0)
        if number not in standing.camps:
            continue
        title = pages.get(label, {}).get("title") or label
        same = [world for world in found if world["number"] == number]
        if not same:
            same = [{"number": number, "title": title, "scenarios": []}]
            found += same
        same[0]["scenarios"].append({"name": label, "title": title})
    return found


def _table(standing: Standing, number: int) -> pd.DataFrame:
    """Return membership by country code; of a world, not of a label."""
    label = next((name for name, n in standing.worlds.items() if n == number), None)
    return standing.membership(label if number else None).set_index("iso3")


def _cells(table: pd.DataFrame) -> Cells:
    return {str(column): {str(c): v for c, v in table[column].items()} for column in table}


def _sides(standing: Standing, cells: Cells) -> list[dict[str, str]]:
    """Return the camps of the picture: that of the first anchor, and that of one against it."""
    left = standing.anchors[0]
    apart = [code for code in standing.anchors[1:] if cells[left][code] < 0.5]
    right = apart[0] if apart else ""
    return [
        {"code": left, "label": f"with {left}"},
        {"code": right, "label": f"with {right}" if right else f"not with {left}"},
    ]


def _moved(before: pd.DataFrame, after: pd.DataFrame, left: str) -> list[str]:
    far = (after[left] - before[left]).abs() >= MOVES - 1e-9
    # A state that gains or loses its ties to the anchor moves too.
    far |= before[left].isna() != after[left].isna()
    far |= (after["untied"] - before["untied"]).abs() >= MOVES - 1e-9
    return [str(code) for code in before.index[far]]


def _unsure(tables: Iterable[pd.DataFrame], left: str) -> list[str]:
    return sorted({c for t in tables for c in t.index[t[left].between(*UNSURE)]})


def _drawn(
    outcome: Outcome, standing: Standing, tables: list[pd.DataFrame], moved: list[str], left: str
) -> list[str]:
    """Return the states of the pictures: those named and uncertain, G20, the largest."""
    size = dict(zip(standing.countries, standing.output, strict=True))

    def largest(codes: Iterable[str], most: int) -> list[str]:
        return sorted({c for c in codes if c in size}, key=lambda code: (-size[code], code))[:most]

    chosen = [
        *standing.anchors,
        *largest(outcome.actors, DRAWN // 2),
        *largest(moved, DRAWN // 6),
        *largest(_unsure(tables, left), DRAWN // 6),
        *largest(outcome.groups.get("G20", ()), DRAWN),
        *largest(standing.countries, len(size)),
    ]
    return list(dict.fromkeys(chosen))[:DRAWN]


def _signed(ties: pd.DataFrame) -> Signed:
    value = ties["sign"] * ties["weight"]
    return {(a, b): float(v) for a, b, v in zip(ties["a"], ties["b"], value, strict=True)}


def _rank(codes: list[str], cells: Cells, ties: Signed, left: str) -> dict[str, float]:
    """Return how firmly the ties among all states hold each in its camp."""
    held = dict.fromkeys(codes, 0.0)
    for (a, b), value in ties.items():
        pull = value * _agree(cells[left], a, b)
        for code in (a, b):
            if code in held:
                held[code] += pull
    return held


def _agree(share: Mapping[str, float], a: str, b: str) -> float:
    """Return 1 for one camp, -1 for two, as most draws have it; 0 where nothing says."""
    same = (share[a] - 0.5) * (share[b] - 0.5)
    return float((same > 0) - (same < 0))


def _group(share: float, untied: float) -> str:
    if np.isnan(share) or untied >= LOOSE:
        return "loose"
    if UNSURE[0] <= share <= UNSURE[1]:
        return "between"
    return "left" if share > UNSURE[1] else "right"


def _picture(
    outcome: Outcome,
    codes: list[str],
    rank: dict[str, float],
    cells: Cells,
    ties: Signed,
    first: Signed,
    left: str,
) -> dict[str, Any]:
    """Return states in the order of the picture, and their ties as places in that order."""
    share, untied = cells[left], cells["untied"]
    groups = {code: _group(share[code], untied[code]) for code in codes}
    turn = {"left": 0, "between": 1, "right": 2, "loose": 3}

    def key(code: str) -> tuple:
        # The firmest stand at the far ends, the loosest where the camps meet.
        if groups[code] == "between":
            return 1, -share[code], 0.0, code
        return turn[groups[code]], 0.0, rank[code] * (1 if groups[code] == "right" else -1), code

    order = sorted(codes, key=key)
    place = {code: n for n, code in enumerate(order)}
    return {
        "states": [
            {
                "iso3": code,
                "name": outcome.name(code),
                "group": groups[code],
                "share": _number(share[code]),
                "untied": untied[code],
            }
            for code in order
        ],
        "ties": [
            {
                "a": place[a],
                "b": place[b],
                "sign": int(np.sign(value)),
                "weight": abs(value),
                "frustrated": _agree(share, a, b) * value < 0,
                "changed": abs(value - first.get((a, b), 0.0)) > 1e-9,
            }
            for (a, b), value in ties.items()
            if a in place and b in place
        ],
    }


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _facts(standing: Standing, number: int, table: pd.DataFrame, left: str) -> dict[str, Any]:
    camps = standing.camps[number]
    low, middle, high = (100 * float(q) for q in np.quantile(camps.frustration, (0.05, 0.5, 0.95)))
    groups = [_group(*pair) for pair in zip(table[left], table["untied"], strict=True)]
    return {
        "frustration": {"p05": low, "median": middle, "p95": high},
        "optima": float(camps.optima),
        "unproved": float(camps.unproved),
        "sizes": {name: groups.count(name) for name in ("left", "right", "between", "loose")},
    }


def _changed(outcome: Outcome, was: Signed, now: Signed) -> list[dict[str, Any]]:
    """Return the ties that differ, the largest difference first."""
    found = [
        {
            "a": a,
            "b": b,
            "names": f"{outcome.name(a)} and {outcome.name(b)}",
            "before": was.get((a, b), 0.0),
            "after": now.get((a, b), 0.0),
        }
        for a, b in sorted({*was, *now})
        if abs(was.get((a, b), 0.0) - now.get((a, b), 0.0)) > 1e-9
    ]
    return sorted(found, key=lambda tie: -abs(tie["after"] - tie["before"]))


def _move(outcome: Outcome, code: str, before: Cells, after: Cells, left: str) -> dict[str, Any]:
    return {
        "iso3": code,
        "name": outcome.name(code),
        "before": _number(before[left][code]),
        "after": _number(after[left][code]),
        "untied_before": before["untied"][code],
        "untied_after": after["untied"][code],
    }


def _rows(
    outcome: Outcome,
    standing: Standing,
    worlds: list[Cells],
    ties: pd.DataFrame,
    moved: list[str],
    unsure: list[str],
    left: str,
) -> list[dict[str, Any]]:
    """Return a row a state: those that act, anchors, G20, those that move or are uncertain."""
    wanted = {*outcome.actors, *standing.anchors, *outcome.groups.get("G20", ()), *moved, *unsure}
    count = pd.concat([ties["a"], ties["b"]]).value_counts()
    rows = [
        {
            "iso3": code,
            "name": outcome.name(code),
            "ties": int(count.get(code, 0)),
            "moved": code in moved,
            "unsure": code in unsure,
            "cells": [
                {
                    "together": {a: _number(cells[a][code]) for a in standing.anchors},
                    "untied": cells["untied"][code],
                }
                for cells in worlds
            ],
        }
        for code in standing.countries
        if code in wanted
    ]
    turn = {"left": 0, "between": 1, "right": 2, "loose": 3}

    def key(row: dict[str, Any]) -> tuple:
        cell = row["cells"][0]
        share = cell["together"][left]
        share = np.nan if share is None else share
        return turn[_group(share, cell["untied"])], row["name"]

    return sorted(rows, key=key)


def _columns(anchors: Iterable[str], rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the columns of the table; anchors that no row tells apart share one."""
    found: dict[tuple, list[str]] = {}
    for anchor in anchors:
        key = tuple(cell["together"][anchor] for row in rows for cell in row["cells"])
        found.setdefault(key, []).append(anchor)
    return [{"anchor": one[0], "label": f"with {words.listed(one)}"} for one in found.values()]
