"""The brief as one self-contained HTML page: it opens from disk and asks nothing of a network."""

import functools
import json
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from detente.brief import (
    blocs_pictures,
    blocs_words,
    influence,
    numbers,
    pictures,
    scale,
    security_pictures,
    security_words,
    sentences,
    words,
)
from detente.brief.markdown import certificate_lines


def render(page: dict[str, Any]) -> str:
    """Return the whole page.

    Parameters
    ----------
    page
        Content of the brief.
    """
    return _environment().get_template("brief.html.j2").render(
        page=page,
        style=Markup(_text("style.css")),
        script=Markup(_text("brief.js")),
        data=Markup(_embedded(page)),
        shapes=pictures.shapes(),
        maps=_maps(page),
        ranks=_ranks(page),
        certificate=certificate_lines(page),
        legend=pictures.legend(colours(page)),
        border_note=pictures.border_note(),
        many=len(page["headline"]["scenarios"]) > 1,
    )  # fmt: skip


def fragment(page: dict[str, Any]) -> str:
    """Return title, headline sentences and verdicts, for a notebook."""
    lead = "".join(f"<li>{escape(sentence)}</li>" for sentence in page["lead"])
    claims = "".join(
        f"<li>{escape(claim['side'])} {escape(claim['id'])}: {escape(claim['text'])} "
        f"<b>{escape(claim['verdict'])}</b></li>"
        for claim in page["claims"]
    )
    return f"<h3>{escape(page['title'])}</h3><ul>{lead}</ul><ul>{claims}</ul>"


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("detente.brief"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "middle": numbers.middle,
        "interval": numbers.interval,
        "full": numbers.full,
        "share": numbers.share,
        "plain": numbers.plain,
        "sign": numbers.sign_of,
        "strip": pictures.strip,
        "against_threshold": pictures.against_threshold,
        "shares_bar": pictures.shares_bar,
    }
    environment.globals |= {
        "marks": words.VERDICT_MARKS,
        "heads": sentences.HEADS,
        "unweighed": sentences.UNWEIGHED,
        "blocs_tables": blocs_words.tables,
        "influence_tables": influence.tables,
        "blocs_matrix": blocs_pictures.matrix,
        "blocs_network": blocs_pictures.network,
        "blocs_legend": blocs_pictures.legend,
        "between": numbers.between,
        "risk_picture": security_pictures.before_after,
        "security_tables": security_words.tables,
    }
    return environment


@functools.cache
def _text(name: str) -> str:
    item = resources.files("detente.brief") / "templates" / name
    return item.read_text(encoding="utf-8")


def _embedded(page: dict[str, Any]) -> str:
    # A text that holds "</script>" must not end the element it stands in.
    text = json.dumps(_short(page), ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _short(part: Any) -> Any:
    """Return the data with six significant digits: the page is read, `to_json` is exact."""
    if isinstance(part, dict):
        return {key: _short(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_short(value) for value in part]
    return float(f"{part:.6g}") if isinstance(part, float) else part


def colours(page: dict[str, Any]) -> scale.Colours:
    """Return the colour scale that all maps of a brief share."""
    cells = [figure for row in page["countries"]["rows"] for figure in row["cells"].values()]
    return scale.colours((figure["median"] for figure in cells), page["countries"]["rope"])


def _maps(page: dict[str, Any]) -> list[dict[str, Any]]:
    shades = colours(page)
    return [
        {
            "title": scenario["title"],
            "svg": pictures.choropleth(
                {row["iso3"]: row["cells"][scenario["name"]] for row in page["countries"]["rows"]},
                shades,
                f"World map of the change of {page['countries']['label']}, {scenario['title']}; "
                "the table below holds the same numbers",
            ),
        }
        for scenario in page["countries"]["scenarios"]
    ]


def _ranks(page: dict[str, Any]) -> dict[str, Any]:
    """Return the ranked intervals of every scenario, on one axis and in one order."""
    known = {row["iso3"]: row for row in page["countries"]["rows"]}
    rows = [known[code] for code in page["ranking"]["countries"]]
    ends = [
        value
        for row in rows
        for figure in row["cells"].values()
        for value in (figure["p05"], figure["median"], figure["p95"])
        if value is not None
    ]
    axis = scale.axis(ends or [0.0])
    return {"axis": axis, "ticks": pictures.ticks(axis), "rows": rows}
