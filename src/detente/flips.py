"""The value of a parameter at which a point estimate would leave its side of a threshold.

A search asks for points and is sent their answers, so that many searches can go on side by side
and the points that they ask for can be solved together: see `claims`.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from detente.errors import ConvergenceError
from detente.verdict import Direction, region

LOWEST, HIGHEST = 0.001, 0.999
MIDDLE = 0.5
# How well a crossing is known, in standard deviations of the prior.
SETTLED = 2e-3


@dataclass(frozen=True)
class Flip:
    """A value of one parameter at which the point estimate leaves its side of the threshold."""

    parameter: str
    value: float
    central: float
    quantile: float
    before: str
    after: str


Quantile = Callable[[str, float], float]
Points = list[tuple[str, float]]
Answers = Sequence[float | None]
Search = Generator[Points, Answers, Flip | None]


def find_flip(
    answer: Callable[[str, float], float],
    quantile: Quantile,
    candidates: Sequence[str],
    direction: Direction,
    threshold: float,
) -> Flip | None:
    """Return the nearest value of a parameter that moves the answer across a threshold.

    The candidates are tried in order; the first that has such a value within its prior range
    (quantiles 0.001 to 0.999) is returned, or None. Only the ends and what lies between an end that
    differs and the median are looked at: a few solves for each parameter.

    Parameters
    ----------
    answer
        Point estimate with one parameter at a value and all others at their medians.
    quantile
        Value of a parameter at a quantile of its prior.
    candidates
        Parameters, the leading one first.
    direction, threshold
        Of the claim.

    Examples
    --------
    >>> flip = find_flip(lambda name, x: 2 * x, lambda name, q: q, ["a"], "rises", 0.5)
    >>> round(flip.value, 3)
    0.25
    """

    def given(name: str, value: float) -> float | None:
        try:
            return answer(name, value)
        except ConvergenceError:
            return None  # no equilibrium there: no answer to cross a threshold

    search = flip_search(quantile, candidates, direction, threshold)
    try:
        points = next(search)
        while True:
            points = search.send([given(*point) for point in points])
    except StopIteration as done:
        return done.value


def flip_search(
    quantile: Quantile,
    candidates: Sequence[str],
    direction: Direction,
    threshold: float,
    together: int = 1,
) -> Search:
    """Search for what `find_flip` returns: yields points, and is sent their answers.

    Parameters
    ----------
    quantile, candidates, direction, threshold
        As in `find_flip`.
    together
        How many points are asked for at once, where points that are solved together cost less.

    Yields
    ------
    Parameters and values; what is sent back is the answer at each, None where there is none.
    """
    # One by one, a second candidate is only looked at when the first has no such value.
    groups = [list(candidates)] if together > 1 else [[name] for name in candidates]
    for group in groups:
        ends = yield [(n, quantile(n, q)) for n in group for q in (MIDDLE, LOWEST, HIGHEST)]
        for k, name in enumerate(group):
            middle, *far = ends[3 * k : 3 * k + 3]
            if middle is None:
                continue
            of = _Parameter(name, quantile, direction, threshold, together)
            found = yield from of.nearest(middle, far)
            if found is not None:
                return found
    return None


@dataclass(frozen=True)
class _Known:
    """A point that was looked at: its score in the prior, its value, what it lacks of the edge."""

    score: float
    value: float
    gap: float


@dataclass(frozen=True)
class _Parameter:
    """The search along one parameter, the others at their medians."""

    name: str
    quantile: Quantile
    direction: Direction
    threshold: float
    together: int

    def nearest(self, middle: float, ends: Answers) -> Search:
        before = region(middle, self.direction, self.threshold)
        best: tuple[float, str] | None = None
        central = self._value(0.0)
        for q, far in zip((LOWEST, HIGHEST), ends, strict=True):
            if far is None or (there := region(far, self.direction, self.threshold)) == before:
                continue
            edge, score = self._edge(middle, far), float(ndtri(q))
            known = [
                _Known(0.0, central, middle - edge),
                _Known(score, self._value(score), far - edge),
            ]
            score = yield from self._crossing(edge, known)
            if score is not None and (best is None or abs(score) < abs(best[0])):
                # Leaving a side ends in the region next to it, however far the prior's end lies.
                best = score, "inside" if before != "inside" else there
        if best is None:
            return None
        score, after = best
        return Flip(self.name, self._value(score), central, float(ndtr(score)), before, after)

    def _value(self, score: float) -> float:
        return float(self.quantile(self.name, float(ndtr(score))))

    def _edge(self, middle: float, far: float) -> float:
        if region(middle, self.direction, self.threshold) == "inside":
            return self.threshold if far > self.threshold else -self.threshold
        return self.threshold if middle > 0 else -self.threshold

    def _crossing(
        self, edge: float, known: list[_Known]
    ) -> Generator[Points, Answers, float | None]:
        """Return the score where the answer meets `edge`, or None if it breaks off on the way."""
        far = known[-1].gap
        while True:
            place = _first_beyond(known, far)
            if place is None:
                return None
            left, right = known[place - 1], known[place]
            value, doubt = _meeting(known, place)
            if doubt <= SETTLED * abs((right.value - left.value) / (right.score - left.score)):
                return self._score(value, left, right)
            if abs(right.score - left.score) <= SETTLED:
                return left.score
            scores = np.linspace(left.score, right.score, self.together + 2)[1:-1]
            points = [(float(z), self._value(z)) for z in scores]
            answers = yield [(self.name, value) for _, value in points]
            new = known[:place]
            for point, found in zip(points, answers, strict=True):
                if found is None:
                    break  # nothing beyond can be reached from the median
                new.append(_Known(*point, found - edge))
            else:
                new += known[place:]
            known = new

    def _score(self, value: float, left: _Known, right: _Known) -> float:
        """Return the score of a value between two others."""
        if value in (left.value, right.value):
            return left.score if value == left.value else right.score

        def off(score: float) -> float:
            return self._value(score) - value

        return float(brentq(off, left.score, right.score, xtol=1e-9))


def _first_beyond(known: Sequence[_Known], far: float) -> int | None:
    """Return the place of the first point on the far side of the edge, seen from the median."""
    beyond = (place for place, one in enumerate(known[1:], 1) if one.gap * far > 0)
    return next(beyond, len(known) - 1 if far == 0 else None)


def _meeting(known: Sequence[_Known], place: int) -> tuple[float, float]:
    """Return where a curve through the nearest points meets the edge, and how far others disagree.

    The curve is a cubic, and the others are parabolas through three of its points: where the answer
    is smooth they agree long before the points enclose the crossing.
    """
    left, right = known[place - 1], known[place]
    if left.gap == 0:
        return left.value, 0.0
    inside = (left.value + right.value) / 2
    rest = [one for n, one in enumerate(known) if n not in (place - 1, place)]
    rest = sorted(rest, key=lambda one: abs(one.value - inside))[:2]

    def through(*more: _Known) -> float:
        chosen = (left, right, *more)
        values, gaps = [one.value for one in chosen], [one.gap for one in chosen]
        curve = Polynomial.fit(values, gaps, len(chosen) - 1)
        # The curve passes through both ends but for rounding, which must not hide the crossing.
        scores = curve(np.array([left.value, right.value]))
        if scores[0] * scores[1] >= 0:
            return inside
        return float(brentq(lambda value: float(curve(value)), left.value, right.value))

    if len({one.value for one in (left, right, *rest)}) < 4:
        return inside, np.inf  # too few points, or a prior with no spread between them
    meeting = through(*rest)
    return meeting, max(abs(meeting - through(one)) for one in rest)
