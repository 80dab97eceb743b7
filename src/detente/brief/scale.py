"""Scales of the pictures: colours by steps of change, axes with round ticks."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEPS = 4  # shades on either side of zero


def rounded(value: float) -> float:
    """Return the nearest of 1, 2, 5 times a power of ten.

    Examples
    --------
    >>> rounded(0.34), rounded(7.5)
    (0.5, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(value))
    best = min((1.0, 2.0, 5.0, 10.0), key=lambda step: abs(math.log(value / (step * power))))
    return float(f"{best * power:.12g}")


@dataclass(frozen=True)
class Colours:
    """A diverging scale: `edges` are the absolute changes at which the shade deepens.

    Below the first edge, the region of practical equivalence, the colour is neutral.
    """

    edges: tuple[float, ...]

    def shade(self, value: float) -> str:
        """Return the class of a value: n, u1 ... u4 for rises, d1 ... d4 for falls.

        Examples
        --------
        >>> Colours((0.05, 0.1, 0.2, 0.5)).shade(-0.3)
        'd3'
        """
        step = sum(abs(value) > edge for edge in self.edges)
        return "n" if not step else f"{'u' if value > 0 else 'd'}{step}"


def colours(values: Iterable[float], rope: float) -> Colours:
    """Return one scale for all maps of a page.

    Parameters
    ----------
    values
        Medians in per cent, of every scenario shown.
    rope
        Region of practical equivalence, in per cent.
    """
    sizes = sorted(abs(value) for value in values)
    large = sizes[int(0.95 * (len(sizes) - 1))] if sizes else rope
    ratio = max(large / rope, 2.0 ** (STEPS - 1)) ** (1 / (STEPS - 1))
    edges = [rope]
    for step in range(1, STEPS):
        edge = rounded(rope * ratio**step)
        edges.append(edge if edge > edges[-1] else rounded(2.2 * edges[-1]))
    return Colours(tuple(edges))


@dataclass(frozen=True)
class Axis:
    """A linear axis in per cent of the width of a picture."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return the place of a value, 0 to 100, kept within the picture."""
        return min(max(100 * (value - self.low) / (self.high - self.low), 0.0), 100.0)


def axis(values: Sequence[float], count: int = 4) -> Axis:
    """Return an axis that holds zero and every value, with about `count` round ticks.

    Examples
    --------
    >>> axis([-0.7, 0.2]).ticks
    (-0.6, -0.4, -0.2, 0.0, 0.2)
    """
    low, high = min(0.0, *values), max(0.0, *values)
    if high - low <= 0:
        low, high = -1.0, 1.0
    margin = 0.03 * (high - low)
    low, high = low - margin, high + margin
    step = rounded((high - low) / count)
    first, last = math.ceil(low / step), math.floor(high / step)
    ticks = tuple(float(f"{n * step:.10g}") for n in range(first, last + 1))
    return Axis(low, high, ticks)
