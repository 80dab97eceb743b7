"""The pictures of the bloc section as inline SVG: who is tied to whom, and where each stands.

Positive ties wear the colour of an increase, negative ones that of a decrease: neutral by design.
"""

import bisect
import functools
import itertools
import math
from typing import Any

from markupsafe import Markup, escape

from detente.brief import blocs_words, numbers

CELL = 14
MARGIN = 34
WIDE, HIGH = 600, 470
NODE = 13
APART = 30  # of states without a camp
RING = (98, 170)  # half axes of the ellipse on which a camp stands
CENTRES = (118, WIDE - 118)
WEIGHTS = (1 / 3, 1)  # limits of the three strengths of a tie


def matrix(world: dict[str, Any], sides: list[dict[str, str]]) -> Markup:
    """Return the ties among the states drawn as a matrix ordered by camp.

    Parameters
    ----------
    world
        Of the content: states and ties.
    sides
        The two camps.
    """
    states = world["states"]
    size = MARGIN + CELL * len(states)
    parts = [f'<rect class="b-back" x="{MARGIN}" y="{MARGIN}" width="{size - MARGIN}" '
             f'height="{size - MARGIN}"/>', *_cells(world["ties"]), *_borders(states)]  # fmt: skip
    parts += [_against(tie, states) for tie in world["ties"] if tie["frustrated"]]
    parts += [_outline(tie) for tie in world["ties"] if tie["changed"]]
    for n, state in enumerate(states):
        at, title = MARGIN + CELL * (n + 0.5), _said(state, sides)
        code = escape(state["iso3"])
        kind = "b-name b-soft" if state["group"] in ("loose", "between") else "b-name"
        parts.append(f'<text class="{kind}" x="{MARGIN - 4}" y="{at + 3.5:g}" text-anchor="end">'
                     f"<title>{title}</title>{code}</text>")  # fmt: skip
        parts.append(f'<text class="{kind}" transform="translate({at + 3.5:g} {MARGIN - 4}) '
                     f'rotate(-90)"><title>{title}</title>{code}</text>')  # fmt: skip
    label = f"Matrix of the ties of {len(states)} states ordered by camp, {world['title']}"
    return _svg("blocs", size, size, label, parts)


def network(world: dict[str, Any], sides: list[dict[str, str]]) -> Markup:
    """Return the same states with the two camps left and right, uncertain ones between.

    Parameters
    ----------
    world
        Of the content: states and ties.
    sides
        The two camps.
    """
    states = world["states"]
    places = _places(states)
    parts = []
    for (sign, strength), ties in _classes(world["ties"]).items():
        lines = "".join(_line(tie, places) for tie in ties if not tie["frustrated"])
        name = "plus" if sign > 0 else "minus"
        parts.append(f'<path class="b-{name} b-w{strength}" d="{lines}"/>' if lines else "")
    for tie in world["ties"]:
        if tie["frustrated"]:
            name = "plus" if tie["sign"] > 0 else "minus"
            parts.append(f'<path class="b-{name} b-against" d="{_line(tie, places)}">'
                         f"<title>{_tie(tie, states)}</title></path>")  # fmt: skip
    for centre, side in zip(CENTRES, sides, strict=True):
        parts.append(f'<text class="b-head" x="{centre}" y="22" text-anchor="middle">'
                     f"{escape(side['label'])}</text>")  # fmt: skip
    if any(state["group"] == "loose" for state in states):
        parts.append(f'<text class="b-name b-soft" x="{WIDE / 2:g}" y="{HIGH - 36}" '
                     'text-anchor="middle">untied in half of the draws or more</text>')  # fmt: skip
    for state, (x, y) in zip(states, places, strict=True):
        parts.append(_node(state, x, y, _said(state, sides)))
    label = (
        f"Network of the ties of {len(states)} states, {world['title']}: camps left and right, "
        "uncertain states between"
    )
    loose = [n for n, state in enumerate(states) if state["group"] == "loose"]
    high = HIGH + APART * max(0, len(_rows_of(loose)) - 1)
    return _svg("blocs", WIDE, high, label, parts)


def _node(state: dict[str, Any], x: float, y: float, said: str) -> str:
    return (
        f'<g class="b-node b-{state["group"]}"><title>{said}</title>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{NODE}"/>'
        f'<text x="{x:.1f}" y="{y + 3.2:.1f}" text-anchor="middle">{escape(state["iso3"])}</text>'
        f"{_membership(state, x, y)}</g>"
    )


def _membership(state: dict[str, Any], x: float, y: float) -> str:
    """Return how likely a state is in the camp where it stands, beside it; nothing if certain."""
    share = state["share"]
    if state["group"] == "loose" or share is None or share in (0.0, 1.0):
        return ""
    right = state["group"] == "right"
    # On the side of the middle, where neighbours on the ring are not in the way.
    at, anchor = (x - NODE - 2, "end") if right else (x + NODE + 2, "start")
    return (
        f'<text class="b-share" x="{at:.1f}" y="{y + 3:.1f}" text-anchor="{anchor}">'
        f"{numbers.share(1 - share if right else share)}</text>"
    )


def legend() -> list[dict[str, Markup]]:
    """Return the entries of the legend: a small drawing and words."""
    square = '<rect x="4" width="14" height="14" class="{}"/>'
    entries = [
        (square.format("f-u1") + square.format("f-u3").replace('x="4"', 'x="11"').replace(
            'width="14"', 'width="7"'), "positive tie, light to strong"),
        (square.format("f-d1") + square.format("f-d3").replace('x="4"', 'x="11"').replace(
            'width="14"', 'width="7"'), "negative tie, light to strong"),
        (f'{square.format("f-n")}<path class="b-cross" d="M8 4l6 6m0-6l-6 6"/>',
         "cross (dashes in the network): a tie that speaks against the camps"),
        ('<rect x="4" y="1" width="12" height="12" class="b-outline"/>',
         "outlined: changed by the scenario"),
        ('<text class="b-share" x="1" y="10">96 %</text>',
         "beside a state: share of the draws in that camp (of those between, in the left one), "
         "where it is not all"),
        ('<circle cx="11" cy="7" r="6" class="b-loose"/>', "dashed: untied in half of the draws "
         "or more"),
    ]  # fmt: skip
    return [{"drawing": Markup(drawing), "text": Markup(escape(text))} for drawing, text in entries]


def _svg(name: str, width: float, height: float, label: str, parts: list[str]) -> Markup:
    return Markup(
        f'<svg class="{name}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(label)}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _strength(weight: float) -> int:
    return 1 + sum(weight >= limit - 1e-9 for limit in WEIGHTS)


def _classes(ties: list[dict[str, Any]]) -> dict[tuple[int, int], list[dict[str, Any]]]:
    found: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for sign in (-1, 1):
        for strength in (1, 2, 3):
            found[sign, strength] = [
                tie for tie in ties
                if tie["sign"] == sign and _strength(tie["weight"]) == strength
            ]  # fmt: skip
    return found


def _corner(row: int, column: int) -> tuple[int, int]:
    return MARGIN + CELL * column, MARGIN + CELL * row


def _both(tie: dict[str, Any]) -> list[tuple[int, int]]:
    return [_corner(tie["a"], tie["b"]), _corner(tie["b"], tie["a"])]


def _cells(ties: list[dict[str, Any]]) -> list[str]:
    """Return one shape for each sign and strength: a page of two thousand squares is slow."""
    step = CELL - 1
    found = []
    for (sign, strength), some in _classes(ties).items():
        squares = "".join(f"M{x} {y}h{step}v{step}h-{step}z" for tie in some for x, y in _both(tie))
        if squares:
            found.append(f'<path class="f-{"u" if sign > 0 else "d"}{strength}" d="{squares}"/>')
    return found


def _borders(states: list[dict[str, Any]]) -> list[str]:
    """Return the lines between the groups."""
    groups = [state["group"] for state in states]
    end = MARGIN + CELL * len(states)
    return [
        f'<path class="b-border" d="M{at} {MARGIN}V{end}M{MARGIN} {at}H{end}"/>'
        for n, (one, other) in enumerate(itertools.pairwise(groups), 1)
        if one != other
        for at in (MARGIN + CELL * n - 0.5,)
    ]


def _against(tie: dict[str, Any], states: list[dict[str, Any]]) -> str:
    low, long = 3.5, CELL - 8
    marks = "".join(
        f"M{x + low} {y + low}l{long} {long}m0-{long}l-{long} {long}" for x, y in _both(tie)
    )
    return f'<path class="b-cross" d="{marks}"><title>{_tie(tie, states)}</title></path>'


def _outline(tie: dict[str, Any]) -> str:
    step = CELL - 1
    squares = "".join(f"M{x} {y}h{step}v{step}h-{step}z" for x, y in _both(tie))
    return f'<path class="b-outline" d="{squares}"/>'


def _places(states: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Return where each state stands: camps on rings, the others between by their share."""
    found: list[tuple[float, float]] = [(0.0, 0.0)] * len(states)
    members = {name: [n for n, s in enumerate(states) if s["group"] == name]
               for name in ("left", "right", "between", "loose")}  # fmt: skip
    middle = 35 + RING[1] + NODE
    for side, centre, turn in (("left", CENTRES[0], math.pi), ("right", CENTRES[1], 0.0)):
        ring = members[side] if side == "left" else members[side][::-1]
        shrink = _shrink(ring)
        for k, n in enumerate(ring):
            angle = turn + _spread(k, len(ring))
            found[n] = (
                centre + shrink * RING[0] * math.cos(angle),
                middle + shrink * RING[1] * math.sin(angle),
            )
    inner = (
        CENTRES[0] + _shrink(members["left"]) * RING[0] + 3 * NODE,
        CENTRES[1] - _shrink(members["right"]) * RING[0] - 3 * NODE,
    )
    for k, n in enumerate(members["between"]):
        x = inner[1] - states[n]["share"] * (inner[1] - inner[0])
        found[n] = x, 60 + (k + 0.5) * 2 * (middle - 60) / len(members["between"])
    for row, some in enumerate(_rows_of(members["loose"])):
        for k, n in enumerate(some):
            found[n] = WIDE / 2 + (k - (len(some) - 1) / 2) * APART, HIGH - 16.0 + row * APART
    return found


def _rows_of(members: list[int]) -> list[list[int]]:
    """Return the states without a camp in rows that fit the frame."""
    fit = int((WIDE - 2 * NODE) / APART)
    return [members[n : n + fit] for n in range(0, len(members), fit)]


def _spread(k: int, count: int) -> float:
    """Return the angle of a member: the first stands outermost, the others alternate around."""
    step = (k + 1) // 2 * (1 if k % 2 else -1)
    # Equal steps along the ellipse, not of the angle: those crowd the narrow ends.
    lengths, angles = _arc()
    share = lengths[-1] * abs(step) / count
    return math.copysign(angles[bisect.bisect_left(lengths, share)], step)


@functools.cache
def _arc() -> tuple[list[float], list[float]]:
    """Return lengths along the ellipse from its side, and the angles they belong to."""
    angles = [2 * math.pi * n / 3600 for n in range(3601)]
    speeds = (math.hypot(RING[0] * math.sin(a), RING[1] * math.cos(a)) for a in angles)
    return list(itertools.accumulate(speeds)), angles


def _shrink(ring: list[int]) -> float:
    """Return how much smaller the ring of a few members is."""
    return min(1.0, max(0.35, len(ring) / 18))


def _line(tie: dict[str, Any], places: list[tuple[float, float]]) -> str:
    (x, y), (u, v) = places[tie["a"]], places[tie["b"]]
    return f"M{x:.0f} {y:.0f}L{u:.0f} {v:.0f}"


def _tie(tie: dict[str, Any], states: list[dict[str, Any]]) -> str:
    value = blocs_words.tie(tie["sign"] * tie["weight"])
    names = f"{states[tie['a']]['name']} and {states[tie['b']]['name']}"
    return str(escape(f"{names}: {value}, against the camps"))


def _said(state: dict[str, Any], sides: list[dict[str, str]]) -> str:
    if state["share"] is None:
        return str(escape(f"{state['name']}: no chain of ties"))
    loose = f"; untied in {numbers.share(state['untied'])}" if state["untied"] else ""
    share = numbers.share(state["share"])
    return str(escape(f"{state['name']}: {share} {sides[0]['label']}{loose}"))
