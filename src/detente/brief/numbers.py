"""How numbers are written: never with more digits than their interval supports."""

import math
from collections.abc import Mapping
from typing import Any

MOST_DECIMALS = 3
MINUS = "\u2212"
THIN = "\u202f"
GLUE = "\u00a0"  # an interval is not broken across lines
# A normal interval from 5 to 95 per cent is this many standard deviations wide.
WIDTH_IN_SD = 3.29
CERTAIN = 0.90
STILL = 0.5 * 10.0**-MOST_DECIMALS  # below it all that is written is zero
READABLE = 1e8  # above it numbers are written with an exponent
NOISE = 1e-6  # per cent: what an equilibrium is not exact to


def decimals(p05: float | None, p95: float | None, value: float = 0.0) -> int:
    """Return how many decimals an interval supports; negative means tens, hundreds.

    The last digit is the first of the standard deviation, or the second where that begins with
    a 1. Of a skewed interval the narrower side counts, down to a fifth of the whole. Without an
    interval, two significant digits of the value.

    Examples
    --------
    >>> decimals(0.07, 0.35, 0.18), decimals(283, 843, 533), decimals(None, None, 12.3)
    (2, -1, 0)
    """
    if max(abs(end) for end in (p05, value, p95) if end is not None) < NOISE:
        return 0
    if p05 is None or p95 is None or p05 == p95:
        exact, spread = True, abs(value) / 10
    else:
        exact, spread = False, _spread(p05, value, p95)
    if spread <= 10.0 ** -(MOST_DECIMALS + 1):
        return MOST_DECIMALS
    lead = math.floor(math.log10(spread))
    extra = 1 if not exact and spread / 10.0**lead < 2 else 0
    return min(extra - lead, MOST_DECIMALS)


def _spread(p05: float, value: float, p95: float) -> float:
    narrow = 2 * min(value - p05, p95 - value)
    return max(narrow, (p95 - p05) / 5) / WIDTH_IN_SD


def signed(value: float, places: int) -> str:
    """Return a change with its sign: +0.18, or -40 with a true minus sign.

    Examples
    --------
    >>> signed(0.1799, 2), signed(533.2, -1), signed(-0.0001, 2)
    ('+0.18', '+530', '0.00')
    """
    rounded = round(value, places)
    text = f"{abs(rounded):,.{max(places, 0)}f}"
    if rounded == 0:
        return text
    return ("+" if rounded > 0 else MINUS) + text


def middle(figure: Mapping[str, Any]) -> str:
    """Return the median of a figure with its unit."""
    places = decimals(figure["p05"], figure["p95"], figure["median"])
    text = signed(figure["median"], places)
    return f"{text}{unit(figure, text)}"


def unit(figure: Mapping[str, Any], text: str = "") -> str:
    """Return what follows a number: per cent, or points where probabilities are compared.

    Parameters
    ----------
    figure
        With its unit.
    text
        The number as it is written: of 1 there is one point.
    """
    if figure.get("unit") != "points":
        return f"{THIN}%"
    return f"{GLUE}point" if text.lstrip(f"+{MINUS}") == "1" else f"{GLUE}points"


def limit(value: float, figure: Mapping[str, Any]) -> str:
    r"""Return a threshold with the unit of what it is compared with.

    Examples
    --------
    >>> limit(1.0, {"unit": "points"}), limit(0.05, {"unit": "%"})
    ('1\xa0point', '0.05\u202f%')
    """
    return f"{value:g}{unit(figure, f'{value:g}')}"


def interval(figure: Mapping[str, Any]) -> str:
    """Return the 5 and 95 per cent of a figure, or what it is without draws."""
    if figure["p05"] is None:
        return "point estimate"
    places = decimals(figure["p05"], figure["p95"], figure["median"])
    return f"[{signed(figure['p05'], places)},{GLUE}{signed(figure['p95'], places)}]"


def full(figure: Mapping[str, Any]) -> str:
    r"""Return median and interval.

    Examples
    --------
    >>> full({"median": 0.18, "p05": 0.07, "p95": 0.35})
    '+0.18\u202f% [+0.07,\xa0+0.35]'
    """
    if figure["p05"] is None:
        return f"{middle(figure)} ({interval(figure)})"
    return f"{middle(figure)} {interval(figure)}"


def difference(first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    r"""Return the second less the first of two changes, in points, with the digits both support.

    Examples
    --------
    >>> one, other = ({"median": m, "p05": m - 0.1, "p95": m + 0.1} for m in (0.18, 0.3))
    >>> difference(one, other)
    '+0.12\xa0points'
    """
    value = second["median"] - first["median"]
    places = min(decimals(one["p05"], one["p95"], one["median"]) for one in (first, second))
    if places == 0 and abs(value) < NOISE:
        return f"0{GLUE}points"
    return f"{signed(value, places)}{GLUE}points"


def share(value: float | None) -> str:
    r"""Return a share of draws in whole per cent; all and none only where it is so.

    Examples
    --------
    >>> share(0.997), share(1.0), share(0.003)
    ('> 99\u202f%', '100\u202f%', '< 1\u202f%')
    """
    if value is None:
        return "not known"
    if 0 < value < 0.01:
        return f"< 1{THIN}%"
    if 0.99 < value < 1:
        return f"> 99{THIN}%"
    return f"{100 * value:.0f}{THIN}%"


def plain(value: float, digits: int = 3) -> str:
    """Return a number of a few significant digits, with a true minus sign.

    Examples
    --------
    >>> plain(0.1234), plain(173205.0), plain(1.0e9)
    ('0.123', '173,000', '1e+09')
    """
    text = f"{value:.{digits}g}"
    if "e+" in text and abs(value) < READABLE:
        text = f"{float(text):,.0f}"  # thousands are read more easily than an exponent
    return text.replace("-", MINUS)


def between(low: float | None, high: float | None) -> str:
    """Return a range of a few significant digits, or nothing where there is none.

    Examples
    --------
    >>> between(2.531, 6.417), between(None, None)
    ('[2.53, 6.42]', '')
    """
    return "" if low is None or high is None else f"[{plain(low)}, {plain(high)}]"


def is_nothing(figure: Mapping[str, Any]) -> bool:
    """Say whether median and interval are zero, and not only written so.

    Examples
    --------
    >>> is_nothing({"median": 0.0, "p05": 0.0}), is_nothing({"median": 1e-4, "p05": None})
    (True, False)
    """
    ends = (figure.get(key) for key in ("median", "p05", "p95"))
    return all(abs(end) < NOISE for end in ends if end is not None)


def is_still(figure: Mapping[str, Any]) -> bool:
    """Say whether median and interval are all written as zero.

    Examples
    --------
    >>> is_still({"median": 0.0, "p05": -1e-13, "p95": 0.0}), is_still({"median": 0.1, "p05": None})
    (True, False)
    """
    ends = (figure.get(key) for key in ("median", "p05", "p95"))
    return all(abs(end) < STILL for end in ends if end is not None)


def sign_of(figure: Mapping[str, Any]) -> str:
    """Return `up`, `down`, or `unsure` where fewer than nine draws of ten agree on the sign."""
    positive = figure.get("share_positive")
    if is_still(figure):
        return "unsure"  # nothing moves: no sign to show
    if positive is None:
        return "up" if figure["median"] > 0 else "down" if figure["median"] < 0 else "unsure"
    if positive >= CERTAIN:
        return "up"
    return "down" if positive <= 1 - CERTAIN else "unsure"
