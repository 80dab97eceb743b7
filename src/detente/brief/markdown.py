"""The brief as Markdown."""

import re
from typing import Any

from detente.brief import blocs_words, influence, numbers, security_words, sentences, words


def render(page: dict[str, Any]) -> str:
    """Return the whole brief as Markdown text."""
    parts = [
        f"# {page['title']}",
        page["question"],
        "\n".join(f"- {sentence}" for sentence in page["lead"]),
        page["method"],
        "**Read with care.** " + " ".join(page["caveats"]),
        *_scenarios(page),
        *_headline(page),
        *_claims(page),
        *_countries(page),
        *_blocs(page),
        *_security(page),
        *_assumptions(page),
        "## What this cannot tell you",
        "\n".join(f"- {limit}" for limit in page["limits"]),
        *_ends(page),
    ]
    return _inert("\n\n".join(part for part in parts if part)) + "\n"


def _inert(text: str) -> str:
    """Let no word of a scenario be taken for a tag of HTML; code is shown as it is anyway."""
    parts = text.split("```")
    parts[::2] = [re.sub(r"<(?=[A-Za-z/!?])", "&lt;", part) for part in parts[::2]]
    return "```".join(parts)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


def _scenarios(page: dict[str, Any]) -> list[str]:
    parts = ["## What the scenario means"]
    for scenario in page["scenarios"]:
        parts.append(f"### {scenario['title']} (`{scenario['name']}`)")
        parts.append(scenario["shared_note"])
        lines = [f"- **{edit['label']}**: {said(edit)}" for edit in scenario["own"]]
        parts.append("\n".join(lines))
    return parts


def said(edit: dict[str, Any]) -> str:
    """Return an edit in words, marked where it changes no number, with the reason given for it."""
    note = f" ({edit['note']})" if edit["note"] else ""
    why = f" {edit['why']}" if edit["why"] else ""
    return f"{edit['text']}{note}{why}"


def _headline(page: dict[str, Any]) -> list[str]:
    if not page["countries"]["scenarios"]:
        return []  # the lead says that nothing reaches trade
    variables = page["headline"]["variables"]
    parts = ["## Countries and groups named", "Changes against the base world, in per cent."]
    for scenario in page["headline"]["scenarios"]:
        parts.append(f"### {scenario['title']}")
        if scenario["note"]:
            parts.append(scenario["note"])
            continue
        rows = [
            [row["name"], *(numbers.full(row["cells"][v["name"]]) for v in variables)]
            for row in scenario["rows"]
        ]
        parts.append(table(["", *(v["label"] for v in variables)], rows))
    return parts


def _claims(page: dict[str, Any]) -> list[str]:
    facts = page["certificate"]
    if not page["claims"] and not page["not_modelled"]:
        return ["## Claims weighed", sentences.UNWEIGHED] if facts["interrupted"] else []
    parts = ["## Claims weighed"]
    for side in ("for", "against"):
        listed = [claim for claim in page["claims"] if claim["side"] == side]
        if listed:
            parts.append(f"### {side.capitalize()}")
        for claim in listed:
            parts.append("\n".join(_claim(claim)))
    if page["not_modelled"]:
        parts.append("### Named, not yet modelled")
        rows = [[c["id"], c["side"], c["text"], c["by"]] for c in page["not_modelled"]]
        parts.append(table(["claim", "side", "text", "needs"], rows))
    parts.append("\n".join(f"- *{word}*: {means}." for word, means in page["verdicts"].items()))
    return parts


def _claim(claim: dict[str, Any]) -> list[str]:
    mark = words.VERDICT_MARKS[claim["verdict"]]
    lines = [f"**{claim['id']}. {claim['text']}** {mark} *{claim['verdict']}*", ""]
    if "median" in claim:
        lines.append(f"- {claim['lines']['subject']}: {numbers.full(claim)}")
    said = claim["lines"]
    lines += [f"- {head}: {said[key]}" for key, head in sentences.HEADS.items() if said.get(key)]
    for member in claim.get("members", []):
        lines.append(f"  - {member['name']}: {numbers.full(member)}, {member['verdict']}")
    for other in claim["variants"]:
        change = f": {numbers.full(other)}" if "median" in other else ""
        lines.append(f"- *{other['title']}*{change}, {other['verdict']}. {other['text']}")
    return lines


def _countries(page: dict[str, Any]) -> list[str]:
    known = {row["iso3"]: row for row in page["countries"]["rows"]}
    scenarios = page["countries"]["scenarios"]
    if not scenarios:
        return []
    rows = [
        [known[code]["name"], *(numbers.full(known[code]["cells"][s["name"]]) for s in scenarios)]
        for code in page["ranking"]["countries"]
    ]
    return [
        f"## Largest changes of {page['countries']['label']}",
        page["ranking"]["rule"],
        table(["", *(s["title"] for s in scenarios)], rows),
    ]


def _blocs(page: dict[str, Any]) -> list[str]:
    found = page.get("blocs")
    if not found:
        return []
    parts = ["## Who stands with whom", *("\n".join(f"- {t}" for t in found[k])
             for k in ("found", "method"))]  # fmt: skip
    for grid in blocs_words.tables(found):
        parts += [f"### {grid['title']}", table(grid["head"], grid["rows"])]
    for grid in influence.tables(found["influence"]):
        parts += [f"### {grid['title']}", table(grid["head"], grid["rows"])]
    if found["influence"]:
        parts.append("\n".join(f"- {line}" for line in found["influence"]["method"]))
    return parts


def _security(page: dict[str, Any]) -> list[str]:
    found = page.get("security")
    if not found:
        return []
    parts = ["## Risk, deterrence, spending and arsenals"]
    parts += ["\n".join(f"- {text}" for text in found[key]) for key in ("found", "method")]
    for grid in security_words.tables(found):
        parts += [f"### {grid['title']}", grid["note"], table(grid["head"], grid["rows"])]
    if found["assumptions"]:
        parts.append("### What these numbers rest on")
        parts.append("\n".join(f"- {text}" for text in found["assumptions"]))
    return parts


def _assumptions(page: dict[str, Any]) -> list[str]:
    rows = [
        [p["label"], numbers.plain(p["median"]), numbers.between(p["p05"], p["p95"]),
         numbers.between(p["effective_p05"], p["effective_p95"]), p["unit"], p["source"]]
        for p in page["parameters"]
    ]  # fmt: skip
    parts = [
        "## Assumptions",
        f"Rule for deficits: {page['reproduce']['deficits']}. "
        f"Horizon: {page['reproduce']['horizon']}.",
    ]
    parts.append(page["parameters_note"])
    if rows:
        heads = ["parameter", "median", "5 to 95 %", "value used, 5 to 95 %", "unit", "source"]
        parts.append(table(heads, rows))
    return parts


def _ends(page: dict[str, Any]) -> list[str]:
    sources = [
        f"- **{s['title']}** ({s['vintage']}). {s['citation']}. Licence: {s['licence']}. "
        f"{s['attribution']}"
        for s in page["sources"]
    ]
    said = [f"- {text}" for s in page["scenarios"] for text in s["sources"]]
    again = page["reproduce"]
    return [
        "## Certificate",
        "\n".join(f"- {line}" for line in certificate_lines(page)),
        "## Sources",
        "\n".join([*dict.fromkeys(said), *sources]),
        "## Reproduce",
        f"```console\n$ {again['command']}\n```",
        f"```python\n{again['python']}\n```",
        *again["notes"],
        f"World `{again['world'].get('name', '')}`, digest "
        f"`{str(again['world'].get('digest', ''))[:16]}`, seed {again['seed']}.",
    ]


def certificate_lines(page: dict[str, Any]) -> list[str]:
    """Return what is certified of the solves, in sentences."""
    facts = page["certificate"]
    lines = []
    if facts["largest_residual"] is not None:
        solved = words.counted(facts["solved"], "equilibrium", "equilibria")
        steps = words.counted(facts["most_steps"], "step")
        lines.append(
            f"{solved} solved; the largest residual is {facts['largest_residual']:.1e}, in at most "
            f"{steps}."
        )
    for entry in facts["failed"]:
        why = "; ".join(f"{reason} ({count})" for reason, count in entry["reasons"].items())
        lines.append(
            f"{entry['scenario']}: {words.counted(entry['count'], 'draw')} found no equilibrium "
            f"and {'is' if entry['count'] == 1 else 'are'} left out: {why}."
        )
    if not facts["failed"]:
        lines.append("No draw failed.")
    if facts["interrupted"]:
        lines.append("The run was interrupted: only the finished draws are counted.")
    return lines
