"""The picture of the section on security: risk before and after, pair by pair, as inline SVG."""

import math
from typing import Any

from markupsafe import Markup, escape

from detente.brief import numbers, security_words

WIDE, ROW, TOP, LEFT, RIGHT = 680, 22, 26, 262, 16
MOST = 16


def before_after(content: dict[str, Any], place: int = 0) -> Markup:
    """Return the risk of each pair before (ring) and after (dot), on a logarithmic axis.

    Parameters
    ----------
    content
        Of the section.
    place
        Of the world that is compared with the one before, from 0.
    """
    rows = [r for r in content["pairs"] if r["pair"] and r["levels"][0]["median"] > 0][:MOST]
    if not rows or len(content["worlds"]) < 2:
        return Markup("")
    levels = [(row["levels"][0], row["levels"][place + 1]) for row in rows]
    ends = [
        100 * value
        for pair in levels
        for figure in pair
        for value in (figure["p05"], figure["median"], figure["p95"])
        if value
    ]
    low, high = math.floor(math.log10(min(ends))), min(math.ceil(math.log10(max(ends))), 2)

    def at(value: float) -> float:
        share = (math.log10(max(100 * value, 10.0**low)) - low) / max(high - low, 1)
        return LEFT + (WIDE - LEFT - RIGHT) * share

    tall = TOP + ROW * len(rows) + 4
    parts = [_tick(10.0**power, at(10.0**power / 100), tall) for power in range(low, high + 1)]
    for number, (row, (before, after)) in enumerate(zip(rows, levels, strict=True)):
        parts.append(_pair(row, before, after, TOP + ROW * (number + 0.5), at, place))
    label = f"Risk before and after for {len(rows)} pairs of states; the table holds the numbers"
    return Markup(
        f'<svg class="risk" viewBox="0 0 {WIDE} {tall}" role="img" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _tick(value: float, x: float, tall: int) -> str:
    return (
        f'<line class="r-tick" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{tall}"/>'
        f'<text class="r-soft" x="{x:.1f}" y="{TOP - 11}" text-anchor="middle">{value:g}'
        f"{numbers.THIN}%</text>"
    )


def _pair(row: dict, before: dict, after: dict, y: float, at: Any, place: int) -> str:
    kind = numbers.sign_of(row["changes"][place])
    said = f"{row['name']}: {security_words.level(row, before)} before, "
    said += f"{security_words.level(row, after)} after"
    parts = [
        f"<title>{escape(said)}</title>",
        f'<text class="r-name" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
        f"{escape(row['name'])}</text>",
    ]
    if after["p05"] is not None:
        parts.append(
            f'<line class="r-span" x1="{at(after["p05"]):.1f}" x2="{at(after["p95"]):.1f}" '
            f'y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    x1, x2 = at(before["median"]), at(after["median"])
    parts += [
        f'<line class="r-move {kind}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>',
        f'<circle class="r-before" cx="{x1:.1f}" cy="{y:.1f}" r="4.5"/>',
        f'<circle class="r-after {kind}" cx="{x2:.1f}" cy="{y:.1f}" r="3.5"/>',
    ]
    return f"<g>{''.join(parts)}</g>"
