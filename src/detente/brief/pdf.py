"""The brief as PDF, set by the optional typesetter; no browser and no system package."""

import json
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from detente.brief import (
    blocs_words,
    html,
    numbers,
    pictures,
    security_words,
    sentences,
    words,
)
from detente.brief.markdown import certificate_lines, said
from detente.errors import DetenteError
from detente.files.atomic import replacing

# The map is a picture of its own here: it cannot read the colours of a page.
COLOURS = {
    "f-u1": "#c9dff0", "f-u2": "#7fb3d8", "f-u3": "#2f7dba", "f-u4": "#0b4a7f",
    "f-d1": "#fbdcc0", "f-d2": "#f3ad6b", "f-d3": "#d9751a", "f-d4": "#964400",
    "f-n": "#e4e7ea", "f-x": "#f7f8f8",
}  # fmt: skip


def typesetter() -> Any:
    """Return the optional typesetter.

    Raises
    ------
    DetenteError
        If it is not installed; the message names the command.
    """
    try:
        import typst
    except ImportError as error:
        raise DetenteError(
            "writing PDF needs the typesetter: pip install 'detente[pdf]'"
        ) from error
    return typst


def write(page: dict[str, Any], path: Path) -> Path:
    """Set the brief and write it in one move.

    Parameters
    ----------
    page
        Content of the brief.
    path
        Target.

    Raises
    ------
    DetenteError
        If the typesetter is not installed.
    """
    typst = typesetter()
    template = resources.files("detente.brief") / "templates" / "brief.typ"
    with tempfile.TemporaryDirectory() as folder, replacing(path) as temporary:
        place = Path(folder)
        (place / "brief.typ").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        (place / "brief.json").write_text(json.dumps(_texts(page)), encoding="utf-8")
        for number, scenario in enumerate(page["countries"]["scenarios"]):
            text = _map(page, scenario["name"])
            (place / f"map-{number}.svg").write_text(text, encoding="utf-8")
        typst.compile(str(place / "brief.typ"), output=str(temporary), format="pdf")
    return path


def _map(page: dict[str, Any], scenario: str) -> str:
    figures = {row["iso3"]: row["cells"][scenario] for row in page["countries"]["rows"]}
    text = str(pictures.choropleth(figures, html.colours(page), "map", refer=False))
    for name, colour in COLOURS.items():
        text = text.replace(f'class="{name}"', f'fill="{colour}" stroke="#ffffff"')
    for name in ("hatch", "dispute"):
        text = text.replace(f'class="over" fill="url(#{name})"', f'fill="url(#{name})"')
    patterns = str(pictures.patterns('stroke="#444" stroke-width="0.8"'))
    return text.replace("<path", f"<defs>{patterns}</defs><path", 1)


def _texts(page: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of the brief; the template only sets them."""
    variables = page["headline"]["variables"]
    return {
        "title": page["title"],
        "question": page["question"],
        "lead": page["lead"],
        "caveats": page["caveats"],
        "method": page["method"],
        "scenarios": [
            {"title": s["title"], "note": s["shared_note"],
             "edits": [[e["label"], said(e)] for e in s["own"]]}
            for s in page["scenarios"]
        ],
        "columns": [variable["label"] for variable in variables],
        "headline": [
            {
                "title": scenario["title"],
                "note": scenario["note"],
                "rows": [] if scenario["note"] else [
                    [row["name"], *(numbers.full(row["cells"][v["name"]]) for v in variables)]
                    for row in scenario["rows"]
                ],
            }
            for scenario in page["headline"]["scenarios"]
        ],
        **_weighed(page),
        "maps": [scenario["title"] for scenario in page["countries"]["scenarios"]],
        "legend": [[COLOURS[e["style"]], e["text"]] for e in pictures.legend(html.colours(page))
                   if "pattern" not in e],
        "border_note": pictures.border_note(),
        "alternative": f"World map of the change of {page['countries']['label']}; the largest "
        "changes are listed below it",
        "ranking": _ranking(page),
        "rule": page["ranking"]["rule"],
        "blocs": blocs_words.texts(page.get("blocs")),
        "security": security_words.texts(page.get("security")),
        "limits": page["limits"],
        "certificate": certificate_lines(page),
        "parameters_note": page["parameters_note"],
        "parameters": [
            [p["label"], f"{numbers.plain(p['median'])} {numbers.between(p['p05'], p['p95'])}",
             numbers.between(p["effective_p05"], p["effective_p95"]), p["unit"], p["source"]]
            for p in page["parameters"]
        ],
        "sources": [
            *dict.fromkeys(text for s in page["scenarios"] for text in s["sources"]),
            *(f"{s['title']} ({s['vintage']}). {s['citation']}. Licence: {s['licence']}. "
              f"{s['attribution']}" for s in page["sources"]),
        ],
        "command": page["reproduce"]["command"],
        "python": page["reproduce"]["python"],
        "reproduce_notes": page["reproduce"]["notes"],
        "digest": str(page["reproduce"]["world"].get("digest", ""))[:16],
    }  # fmt: skip


def _weighed(page: dict[str, Any]) -> dict[str, Any]:
    """Return the claims side by side, or why there are none."""
    listed, waiting = page["claims"], page["not_modelled"]
    verdicts = [[word, means] for word, means in page["verdicts"].items()]
    late = page["certificate"]["interrupted"] and not listed
    return {
        "sides": [
            [
                side,
                [_claim(claim) for claim in listed if claim["side"] == side],
                [[str(claim["id"]), claim["text"]] for claim in waiting if claim["side"] == side],
            ]
            for side in ("for", "against")
            if any(claim["side"] == side for claim in listed + waiting)
        ],
        "verdicts": verdicts if listed else [],
        "unweighed": sentences.UNWEIGHED if late else "",
    }


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    facts = [
        [head, claim["lines"][key]]
        for key, head in sentences.HEADS.items()
        if claim["lines"].get(key)
    ]
    return {
        "head": f"{claim['id']}. {claim['text']}",
        "verdict": f"{words.VERDICT_MARKS[claim['verdict']]} {claim['verdict']}",
        "change": numbers.full(claim) if "median" in claim else "",
        "facts": facts,
        "variants": [
            f"{other['title']}: {other['verdict']}"
            + (f", {numbers.full(other)}" if "median" in other else "")
            for other in claim["variants"]
        ],
    }


def _ranking(page: dict[str, Any]) -> list[list[str]]:
    known = {row["iso3"]: row for row in page["countries"]["rows"]}
    names = [scenario["name"] for scenario in page["countries"]["scenarios"]]
    return [
        [known[code]["name"], *(numbers.full(known[code]["cells"][name]) for name in names)]
        for code in page["ranking"]["countries"]
    ]
