"""The content of a brief as plain data: sections, rows and figures taken from the Outcome.

A figure is {median, p05, p95, share_positive, unit, variable, scenario, who, draws}: it can be
recomputed from the outcome with `outcome.table(variable, who, scenario)`, or for a group with
`outcome.group_change`.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from detente.brief import blocs, lead, reach, reproduce, security, sentences, words
from detente.brief.ranking import MAPPED, ranking
from detente.errors import DetenteError
from detente.outcome import Outcome
from detente.source import sources
from detente.strategic import PARTS
from detente.vocabulary import terms

HEADLINE = ("real_income", "real_wage", "goods_trade")
COMPENSATED = ("compensated_income",)  # beside them, where transfers are pooled
MOST_ACTORS = 8
ECONOMIC = ("flow", "input_share", "tariff_rate", "trade_elasticity")


def build(outcome: Outcome) -> dict[str, Any]:
    """Return the whole content of a brief as JSON-ready data.

    Parameters
    ----------
    outcome
        What a run computed; the parts of it that need a world are left out without one.
    """
    pages = outcome.manifest.get("scenarios", {})
    shown = [label for label in outcome.full_scenarios if len(outcome.ok_draws(label))]
    first = pages.get(outcome.main, {})
    page: dict[str, Any] = {
        "name": outcome.main,
        "title": first.get("title") or outcome.main,
        "question": first.get("why", ""),
        "created": outcome.manifest.get("created", outcome.manifest.get("time", "")),
        "method": sentences.method(outcome),
        "scenarios": _scenarios(outcome),
        "claims": _claims(outcome),
        "not_modelled": _not_modelled(outcome),
        "caveats": sentences.caveats(outcome),
        "verdicts": words.VERDICT_MEANS,
    }
    page["headline"] = _headline(outcome, shown, page)
    moved = [one["name"] for one in page["headline"]["scenarios"] if not one["note"]]
    page["countries"] = _countries(outcome, moved)
    page["ranking"] = ranking(outcome, moved, _acting(outcome, moved))
    page["blocs"] = blocs.build(outcome)
    page["security"] = security.build(outcome)
    page["certificate"] = _certificate(outcome)
    page["lead"] = lead.lead(page)
    page["parameters"] = _parameters(outcome, page["security"])
    page["parameters_note"] = sentences.PRODUCT if _multiply(page["parameters"]) else ""
    page["limits"] = sentences.limits(outcome, page)
    page["sources"] = _sources(outcome, page["scenarios"])
    page["reproduce"] = reproduce.build(outcome)
    return page


def figure(values: np.ndarray, **about: Any) -> dict[str, Any]:
    """Return a figure from [draw] changes in per cent."""
    low, middle, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    point = about.pop("point")
    return {
        "median": middle,
        "p05": None if point else low,
        "p95": None if point else high,
        "share_positive": None if point else float(np.mean(values > 0)),
        "draws": 0 if point else len(values),
        **about,
    }


def _figure(outcome: Outcome, variable: str, who: str, scenario: str) -> dict[str, Any]:
    return figure(
        100.0 * outcome.group_change(variable, who, scenario),
        point=outcome.is_point,
        unit=terms("outcome")[variable].unit,
        variable=variable,
        scenario=scenario,
        who=who,
    )


def _scenarios(outcome: Outcome) -> list[dict[str, Any]]:
    """Return every full scenario; of a variant, which edits it does not share with the first."""
    found = [_scenario(outcome, label) for label in outcome.full_scenarios]
    for n, scenario in enumerate(found):
        own = [edit for edit in scenario["edits"] if n == 0 or edit not in found[0]["edits"]]
        scenario |= {"own": own, "shared": len(scenario["edits"]) - len(own)}
        count = scenario["shared"]
        of = f"The {f'{count:,} edits' if count > 1 else 'edit'} of “{found[0]['title']}”, and:"
        scenario["shared_note"] = of if scenario["shared"] else ""
    return found


def _scenario(outcome: Outcome, label: str) -> dict[str, Any]:
    page = outcome.manifest.get("scenarios", {}).get(label, {})
    edits = [
        {"label": "", "layer": "", **_plain(sentence)} for sentence in page.get("sentences", [])
    ]
    for edit in edits:
        unread = edit["layer"] in _unread({edit["layer"]}, outcome)
        edit["note"] = sentences.UNREAD if unread else edit.get("note", "")
        edit.setdefault("why", "")
    return {
        "name": label,
        "title": page.get("title") or label,
        "why": page.get("why", ""),
        "sources": list(page.get("sources", [])),
        "layers": list(page.get("layers", [])),
        "unread": _unread(page.get("layers", []), outcome),
        "groups": list(page.get("groups", [])),
        "edited_groups": list(page.get("edited_groups", [])),
        "digest": page.get("digest", ""),
        "edits": edits,
        "draws": len(outcome.ok_draws(label)),
        "failed": outcome.failed(label),
        "reasons": outcome.reasons(label),
    }


def _plain(sentence: Any) -> dict[str, Any]:
    return dict(sentence) if isinstance(sentence, dict) else {"text": str(sentence)}


def _unread(layers: Iterable[str], outcome: Outcome) -> list[str]:
    """Return those layers that no model of this run turns into numbers."""
    from detente.models.trade_world import LAYERS
    from detente.runs import balance_reads, stand

    read = {*LAYERS, *(stand.layers() if outcome.standing is not None else ())}
    read |= set(balance_reads.LAYERS if outcome.strategic is not None else ())
    return sorted(layer for layer in layers if layer and layer not in read)


def _parameters(outcome: Outcome, secured: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the priors, each with a readable name and the range of the value that is used.

    Those of the models of security stand there only where an edit reaches their numbers.
    """
    readable = words.readable(outcome)
    idle = set() if secured and len(secured["worlds"]) > 1 else set(sum(PARTS.values(), ()))
    return [
        {"effective_p05": None, "effective_p95": None, **row,
         "label": words.parameter(row["name"], readable)}
        for row in outcome.manifest.get("priors", [])
        if row["name"].partition(".")[0] not in idle
    ]  # fmt: skip


def _multiply(rows: list[dict[str, Any]]) -> bool:
    return any(row["effective_p05"] is not None for row in rows)


def _headline(outcome: Outcome, shown: list[str], page: dict[str, Any]) -> dict[str, Any]:
    """Return the table of the countries that act and the groups the scenario names."""
    layers = {layer for scenario in page["scenarios"] for layer in scenario["layers"]}
    wanted = (*HEADLINE, *(COMPENSATED if "compensation" in layers else ()))
    variables = [name for name in wanted if name in outcome.variables]
    named = [word for scenario in page["scenarios"] for word in scenario["groups"]]
    groups = [word for word in dict.fromkeys(named) if outcome.members(word)]
    who = list(dict.fromkeys([*_acting(outcome, shown), *_claimed(outcome), *groups, "@WORLD"]))
    return {
        "variables": [
            {
                "name": name,
                "label": words.variable(name),
                "means": terms("outcome")[name].description,
            }
            for name in variables
        ],
        "scenarios": [
            {
                "name": label,
                "title": _title(outcome, label),
                "note": reach.note(outcome, label),
                "rows": [
                    {
                        "iso3": "" if word.startswith("@") else word,
                        "who": word,
                        "name": words.place(outcome, word),
                        "cells": {v: _figure(outcome, v, word, label) for v in variables},
                    }
                    for word in who
                ],
            }
            for label in shown
        ],
    }


def _acting(outcome: Outcome, shown: list[str]) -> list[str]:
    """Return the countries that act, the largest change of real income first."""
    if not shown:
        return []
    size = {
        code: abs(float(np.median(outcome.group_change(MAPPED, code, shown[0]))))
        for code in outcome.actors
    }
    return sorted(size, key=lambda code: -size[code])[:MOST_ACTORS]


def _claimed(outcome: Outcome) -> list[str]:
    """Return the countries that claims on trade name, in the order of the claims."""
    found: list[str] = []
    for claim in outcome.claims:
        words = claim["where"].get("country", ()) if claim.get("variable") else ()
        if claim.get("variable") in outcome.variables:
            found += [words] if isinstance(words, str) else list(words)
    codes = dict.fromkeys(word for word in found if not word.startswith("@"))
    return list(codes)[:MOST_ACTORS]


def _title(outcome: Outcome, label: str) -> str:
    return outcome.manifest.get("scenarios", {}).get(label, {}).get("title") or label


def _countries(outcome: Outcome, shown: list[str]) -> dict[str, Any]:
    """Return one row per country with its figure in each scenario that reaches trade."""
    imputed = _imputed(outcome)
    income = outcome.base["income"].values
    cells = {
        label: 100.0 * outcome.values(MAPPED, outcome.countries, label) for label in shown
    }  # [draw, country]
    rows = []
    for n, code in enumerate(outcome.countries):
        figures = {
            label: figure(
                values[:, n],
                point=outcome.is_point,
                unit="%",
                variable=MAPPED,
                scenario=label,
                who=code,
            )
            for label, values in cells.items()
        }
        rows.append(
            {
                "iso3": code,
                "name": outcome.name(code),
                "income_share": float(income[n] / income.sum()),
                "imputed": imputed.get(code),
                "groups": [name for name, codes in outcome.groups.items() if code in codes],
                "cells": figures,
            }
        )
    return {
        "variable": MAPPED,
        "label": words.variable(MAPPED),
        "means": terms("outcome")[MAPPED].description,
        "rope": terms("outcome")[MAPPED].rope,
        "scenarios": [{"name": label, "title": _title(outcome, label)} for label in shown],
        "groups": sorted(outcome.groups),
        "rows": sorted(rows, key=lambda row: row["name"]),
    }


def _imputed(outcome: Outcome) -> dict[str, float]:
    world = outcome.world
    if world is None or "value_imputed" not in world.layers:
        return {}
    values = world.values("value_imputed")
    return {
        code: float(v) for code, v in zip(world.countries, values, strict=True) if np.isfinite(v)
    }


def _claims(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the claims that a model answers, each with what it becomes in the variants."""
    found: list[dict[str, Any]] = []
    for claim in outcome.claims:
        if claim.get("computed_by"):
            continue
        entry = {
            "members": [],
            **claim,
            "title": _title(outcome, claim["parent"]),
            "lines": sentences.claim_lines(outcome, claim),
            "variants": [],
        }
        same = [c for c in found if c["id"] == claim["id"] and c["parent"] != claim["parent"]]
        if same and _repeats(entry, same[0]):
            continue  # the variant does not touch what this claim is about
        if same:
            same[0]["variants"].append(entry)
        else:
            found.append(entry)
    return sorted(found, key=lambda claim: _natural(str(claim["id"])))


def _repeats(claim: dict[str, Any], first: dict[str, Any]) -> bool:
    keys = ("text", "edits", "median", "p05", "p95", "verdict")
    return bool(claim["edits"]) and all(claim.get(key) == first.get(key) for key in keys)


def _not_modelled(outcome: Outcome) -> list[dict[str, Any]]:
    found = {}
    for claim in outcome.claims:
        if claim.get("computed_by"):
            about = words.MODELS.get(claim["computed_by"], claim["computed_by"])
            keys = ("id", "text", "side", "computed_by", "verdict")
            found.setdefault(claim["id"], {k: claim[k] for k in keys} | {"by": about})
    return sorted(found.values(), key=lambda claim: _natural(str(claim["id"])))


def _natural(text: str) -> tuple[int, int, str]:
    digits = "".join(letter for letter in text if letter.isdigit())
    return (0 if text[:1].isdigit() else 1, int(digits or 0), text)


def _certificate(outcome: Outcome) -> dict[str, Any]:
    solved = outcome.draws[outcome.draws["converged"].astype(bool)]
    failed = [
        {"scenario": label, "count": outcome.failed(label), "reasons": outcome.reasons(label)}
        for label in outcome.scenarios
        if outcome.failed(label)
    ]
    return {
        "solved": len(solved),
        "runs": len(outcome.scenarios),
        "draws": 0 if outcome.is_point else outcome.data.sizes["draw"],
        "largest_residual": max(map(float, solved["residual"]), default=None),
        "most_steps": max(map(int, solved["steps"]), default=None),
        "failed": failed,
        "interrupted": bool(outcome.manifest.get("interrupted", False)),
        "asked": int(outcome.manifest.get("draws", 0)),
    }


def _sources(outcome: Outcome, scenarios: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the sources of the layers that the numbers rest on."""
    world = outcome.manifest.get("world", {}).get("name", "")
    layers = {*ECONOMIC, *(layer for scenario in scenarios for layer in scenario["layers"])}
    layers |= blocs.layers(outcome)
    try:
        table = sources()
    except (DetenteError, FileNotFoundError):
        return []
    return [
        {
            "key": key,
            "title": source.title,
            "citation": source.citation,
            "licence": source.licence,
            "attribution": source.attribution,
            "vintage": source.vintage,
            "layers": ", ".join(sorted(layers & set(source.more.get("layers", [])))),
        }
        for key, source in sorted(table.items())
        if world in source.more.get("worlds", []) and layers & set(source.more.get("layers", []))
    ]
