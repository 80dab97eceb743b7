"""Collective influence in a brief: what groups and the two camps hold and can decide together."""

from typing import Any

from detente.brief import numbers, words
from detente.influence import influence
from detente.outcome import Outcome

ARROW = " → "
ENDS = ("after_p05", "after_p95")
HEAD = (
    "acting as one",
    "share of output",
    "share of capability",
    "votes",
    "majority: adopts / stops",
    "two thirds: adopts / stops",
    "decides: Banzhaf / Shapley",
)


def build(outcome: Outcome) -> dict[str, Any] | None:
    """Return the content: a table for each scenario, and what it means.

    Parameters
    ----------
    outcome
        What a run computed.

    Returns
    -------
    dict or None
        scenarios: name, title, and rows {holder, kind, label, total, measures}, a measure being
        {measure, rule, unit, before, after, after_p05, after_p95, change, change_p05, change_p95};
        method: sentences. None where seats were not recorded.
    """
    standing = outcome.standing
    if standing is None or standing.collective is None:
        return None
    shown = [label for label in outcome.full_scenarios if len(outcome.ok_draws(label))]
    pages = outcome.manifest.get("scenarios", {})
    total = standing.collective.total
    return {
        "scenarios": [
            {
                "name": label,
                "title": pages.get(label, {}).get("title") or label,
                "rows": _rows(outcome, label, total),
            }
            for label in shown
        ],
        "method": _method(standing.collective.model, total, outcome.is_point),
    }


def _rows(outcome: Outcome, label: str, total: int) -> list[dict[str, Any]]:
    held: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in influence(outcome, label).to_dict("records"):
        one = {str(name): value for name, value in row.items()}
        held.setdefault((one.pop("kind"), one.pop("holder")), []).append(one)
    rows: list[dict[str, Any]] = []
    for (kind, holder), measures in held.items():
        same = [row for row in rows if row["kind"] == kind and row["measures"] == measures]
        if same and kind == "camp":  # two anchors in one camp are one camp
            same[0]["holder"] += f" {holder}"
        else:
            rows.append({"holder": holder, "kind": kind, "total": total, "measures": measures})
    for row in rows:
        codes = row["holder"].split()
        row["label"] = (
            f"camp of {words.listed(codes)}"
            if row["kind"] == "camp"
            else words.place(outcome, row["holder"])
        )
    return rows


def _method(model: str, total: int, point: bool) -> list[str]:
    change = "" if point else " with its 5 and 95 per cent"
    spread = " Camps differ from draw to draw: below stand 5 and 95 per cent of the draws."
    return [
        "Shares of world output (real income) and of capability before the edits, and their change "
        f"in per cent of that share{change}. Capability is "
        "output times output per head (Beckley 2018): what a state has less what it needs; it is "
        "no measure of armed forces. Members are those of the world's year, with "
        "memberships as the scenario edits them.",
        f"Votes are seats of the General Assembly, of {total}. “Adopts / stops”: the chance that "
        "the Assembly adopts what those who act as one support, and that it does not adopt what "
        f"they vote against. Of the others it is supposed: {model.removeprefix('others: ')}; both "
        "numbers are of the recorded votes of 2014-2023, in which most motions found a large "
        f"majority.{'' if point else spread}",
        "“Decides”: the chance to turn a vote that needs two thirds, when all others toss fair "
        "coins (Banzhaf) and when all orders of support are alike (Shapley-Shubik). These ask what "
        "a number of votes can do, not what anyone wants. That a group acts as one is supposed: "
        "how far it does is a matter of its cohesion.",
    ]


def tables(content: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return one table in texts for each scenario.

    Parameters
    ----------
    content
        Of `build`.
    """
    found = content or {"scenarios": []}
    return [
        {
            "title": f"Collective influence: {scenario['title']}",
            "head": list(HEAD),
            "rows": [_cells(row) for row in scenario["rows"]],
        }
        for scenario in found["scenarios"]
    ]


def _cells(row: dict[str, Any]) -> list[str]:
    found = {(one["measure"], one["rule"]): one for one in row["measures"]}
    majority, thirds = "simple_majority", "two_thirds"
    return [
        row["label"],
        _moved(found["output_share", ""]),
        _moved(found["capability_share", ""]),
        _votes(found["vote_share", ""], row["total"]),
        _pair([found["prevails_for", majority], found["prevails_against", majority]]),
        _pair([found["prevails_for", thirds], found["prevails_against", thirds]]),
        _pair([found["banzhaf", thirds], found["shapley", thirds]]),
    ]


def _moved(one: dict[str, Any]) -> str:
    """Return the level before, and the change where there is one."""
    level = f"{numbers.plain(100 * one['before'])}{numbers.THIN}%"
    ends = one["change_p05"], one["change_p95"]
    if not any((one["change"], *ends)):
        return level
    figure = {"median": one["change"], "p05": ends[0], "p95": ends[1]}
    if ends[0] == ends[1]:
        return f"{level},\n{numbers.middle(figure)}"
    return f"{level},\n{numbers.full(figure)}"


def _votes(one: dict[str, Any], total: int) -> str:
    before, after = (numbers.plain(round(one[key] * total, 1), 4) for key in ("before", "after"))
    low, high = ("" if one[key] is None else f"{one[key] * total:.0f}" for key in ENDS)
    text = before if before == after else f"{before}{ARROW}{after}"
    return text if low == high else f"{text}\n[{low},{numbers.GLUE}{high}]"


def _pair(ones: list[dict[str, Any]]) -> str:
    texts, spans = [], []
    for one in ones:
        before, after = numbers.share(one["before"]), numbers.share(one["after"])
        texts.append(before if before == after else f"{before}{ARROW}{after}")
        low, high = (numbers.share(one[key]).rstrip(f"{numbers.THIN}%") for key in ENDS)
        spans.append((low, high))
    text = " / ".join(texts)
    if all(low == high for low, high in spans):
        return text
    below = " / ".join(f"[{low},{numbers.GLUE}{high}]" for low, high in spans)
    return f"{text}\n{below}"
