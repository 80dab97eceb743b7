"""The pictures of a brief as inline SVG: maps, intervals, shares. Numbers stand beside each."""

import functools
import itertools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from markupsafe import Markup, escape

from detente.brief import numbers, scale


@functools.cache
def world_map() -> dict[str, Any]:
    """Return the map shapes that ship with the package: view_box, note, attribution, shapes."""
    item = resources.files("detente") / "data" / "world_map.json"
    return json.loads(item.read_text(encoding="utf-8"))


def border_note() -> str:
    """Return the notice on borders that stands beside every map, and whose work the map is."""
    page = world_map()
    note = page["note"].removesuffix(" Hatched shapes are disputed.")
    said = "Disputed shapes carry no value; their hatch leans the other way."
    return f"{note} {said} {page['attribution']}"


def shapes() -> Markup:
    """Return the hidden drawing that every map of the page refers to."""
    paths = "".join(
        f'<path id="m-{shape["id"]}" d="{shape["d"]}" fill-rule="evenodd"/>'
        for shape in world_map()["shapes"]
    )
    return Markup(
        '<svg width="0" height="0" style="position:absolute" aria-hidden="true">'
        f"<defs>{patterns()}{paths}</defs></svg>"
    )


def patterns(style: str = "") -> Markup:
    """Return the two hatches: of an uncertain sign, and of a disputed shape.

    Parameters
    ----------
    style
        Attributes of the lines; the classes of the page when left out.
    """
    return Markup("").join(
        Markup(
            f'<pattern id="{name}" width="4" height="4" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({angle})"><line x1="0" y1="0" x2="0" y2="4" '
            f"{style or default}/></pattern>"
        )
        for name, default, angle in (
            ("hatch", 'class="hatch-line"', 45),
            ("dispute", 'class="dispute-line"', -45),
        )
    )


def choropleth(
    figures: dict[str, dict[str, Any]], colours: scale.Colours, label: str, refer: bool = True
) -> Markup:
    """Return one map of a change by country.

    Parameters
    ----------
    figures
        Figure by country code.
    colours
        The scale that all maps of the page share.
    label
        What the map shows, for those who do not see it.
    refer
        Whether to refer to `shapes` on the same page, or to carry the paths.
    """
    page = world_map()
    parts = [_land(shape, figures, colours, refer) for shape in page["shapes"]]
    # Dots last: a small state must not vanish under its neighbour.
    parts += [_dot(s, figures, colours) for s in page["shapes"] if s["small"]]
    box = " ".join(str(number) for number in page["view_box"])
    return Markup(
        f'<svg class="map" viewBox="{box}" role="img" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _figure_of(shape: dict[str, Any], figures: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    return figures.get(shape["id"]) or figures.get(shape.get("shown_with", ""))


def _title(shape: dict[str, Any], figure: dict[str, Any] | None) -> str:
    if "disputed" in shape:
        return str(escape(shape["disputed"]))
    said = numbers.full(figure) if figure else "no number"
    unsure = "; sign uncertain" if _unsure(figure) else ""
    return str(escape(f"{shape['name']}: {said}{unsure}"))


def _land(
    shape: dict[str, Any], figures: dict[str, Any], colours: scale.Colours, refer: bool
) -> str:
    figure = _figure_of(shape, figures)
    disputed = "disputed" in shape
    style = f"f-{colours.shade(figure['median'])}" if figure and not disputed else "f-x"
    tag = f'use href="#m-{shape["id"]}"' if refer else f'path d="{shape["d"]}" fill-rule="evenodd"'
    close = "use" if refer else "path"
    text = f'<{tag} class="{style}"><title>{_title(shape, figure)}</title></{close}>'
    over = "dispute" if disputed else "hatch" if _unsure(figure) else ""
    return text + (f'<{tag} class="over" fill="url(#{over})"/>' if over else "")


def _dot(shape: dict[str, Any], figures: dict[str, Any], colours: scale.Colours) -> str:
    figure = figures.get(shape["id"])
    if figure is None or "disputed" in shape:
        return ""
    place = f'cx="{shape["x"]}" cy="{shape["y"]}" r="2.6"'
    style = colours.shade(figure["median"])
    text = f'<circle {place} class="f-{style}"><title>{_title(shape, figure)}</title></circle>'
    return text + (f'<circle {place} class="over" fill="url(#hatch)"/>' if _unsure(figure) else "")


def _unsure(figure: dict[str, Any] | None) -> bool:
    if figure is None or numbers.is_still(figure):
        return False  # what does not move is no matter of its sign
    return numbers.sign_of(figure) == "unsure"


def legend(colours: scale.Colours) -> list[dict[str, str]]:
    """Return the entries of the map's legend: class or pattern, and words."""
    edges = [f"{edge:g}" for edge in colours.edges]
    unit = f"{numbers.THIN}%"
    spans = [f"{low} to {high}" for low, high in itertools.pairwise(edges)]
    spans.append(f"more than {edges[-1]}")
    entries = [
        {"style": f"f-d{n}", "text": f"{numbers.MINUS} {spans[n - 1]}{unit}"}
        for n in range(len(edges), 0, -1)
    ]
    entries.append({"style": "f-n", "text": f"within {edges[0]}{unit}"})
    entries += [
        {"style": f"f-u{n}", "text": f"+ {spans[n - 1]}{unit}"} for n in range(1, len(edges) + 1)
    ]
    return [
        *entries,
        {"style": "f-n", "pattern": "hatch", "text": "hatched: sign uncertain"},
        {"style": "f-x", "pattern": "dispute", "text": "disputed"},
        {"style": "f-x", "text": "no number"},
    ]


def strip(figure: dict[str, Any], axis: scale.Axis) -> Markup:
    """Return dot and interval of one figure on an axis shared with others."""
    kind = numbers.sign_of(figure)
    return Markup(
        f'<svg class="strip" aria-hidden="true">{_zero(axis)}{_bar(figure, axis, kind, 10)}</svg>'
    )


def ticks(axis: scale.Axis) -> Markup:
    """Return the tick labels of an axis."""
    texts = "".join(_label(axis, tick, 14) for tick in axis.ticks)
    return Markup(f'<svg class="strip" aria-hidden="true">{texts}</svg>')


def against_threshold(claim: dict[str, Any]) -> Markup:
    """Return a claim's interval beside the region of practical equivalence."""
    limit, low, high = claim["threshold"], claim["p05"], claim["p95"]
    ends = [claim["median"] if end is None else end for end in (low, high)]
    axis = scale.axis([*ends, -1.4 * limit, 1.4 * limit], count=3)
    left, right = axis.at(-limit), axis.at(limit)
    labels = [axis.ticks[0], 0.0, axis.ticks[-1]]
    texts = "".join(_label(axis, tick, 28, claim) for tick in dict.fromkeys(labels))
    return Markup(
        '<svg class="strip" aria-hidden="true">'
        f'<rect class="band" x="{left:.2f}%" width="{right - left:.2f}%" y="0" height="16"/>'
        f"{_zero(axis, '16')}{_bar(claim, axis, numbers.sign_of(claim), 8)}{texts}</svg>"
    )


def shares_bar(claim: dict[str, Any]) -> Markup:
    """Return the shares of draws beyond, within and opposite as one bar."""
    parts, start = [], 0.0
    for name in ("beyond", "inside", "opposite"):
        width = 100 * claim[f"share_{name}"]
        parts.append(
            f'<rect class="s-{name}" x="{start:.2f}%" width="{width:.2f}%" height="100%"/>'
        )
        start += width
    return Markup(f'<svg class="shares" aria-hidden="true">{"".join(parts)}</svg>')


def _zero(axis: scale.Axis, height: str = "100%") -> str:
    place = f"{axis.at(0.0):.2f}%"
    return f'<line class="zero" x1="{place}" x2="{place}" y1="0" y2="{height}"/>'


def _bar(figure: dict[str, Any], axis: scale.Axis, kind: str, y: int) -> str:
    place = f'cx="{axis.at(figure["median"]):.2f}%" cy="{y}" r="4"'
    dot = f'<circle class="{kind}" {place}/>'
    if figure["p05"] is None:
        return dot
    left, right = axis.at(figure["p05"]), axis.at(figure["p95"])
    return f'<line class="bar {kind}" x1="{left:.2f}%" x2="{right:.2f}%" y1="{y}" y2="{y}"/>{dot}'


def _label(axis: scale.Axis, tick: float, y: int, figure: Mapping[str, Any] | None = None) -> str:
    place = axis.at(tick)
    anchor = "start" if place < 6 else "end" if place > 94 else "middle"
    return (
        f'<text x="{place:.1f}%" y="{y}" text-anchor="{anchor}">{_tick(tick, figure or {})}</text>'
    )


def _tick(value: float, figure: Mapping[str, Any]) -> str:
    text = numbers.plain(value, 4)
    return text + ("" if value == 0 else numbers.unit(figure, text))
