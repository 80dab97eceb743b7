"""A score of a forecast beside that of a naive one, as `detente backtest` prints it."""

import math
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Score:
    """One score out of sample against its baseline.

    Attributes
    ----------
    group, name : what was forecast, and for whom
    measure : name of the score
    ours, baseline : numbers; NaN where there is none
    baseline_name : what the baseline knows
    larger_is_better : direction of the measure; None for one that should be near `target`
    target : what was asked of it: a bound, or a range; None if nothing was
    low, high : 5 and 95 per cent of ours, NaN where no interval was made
    sample : what was held out
    """

    group: str
    name: str
    measure: str
    ours: float
    baseline: float = math.nan
    baseline_name: str = ""
    larger_is_better: bool | None = None
    target: float | tuple[float, float] | None = None
    low: float = math.nan
    high: float = math.nan
    sample: str = ""

    @property
    def better(self) -> bool | None:
        """Whether ours beats the baseline; None without a baseline or a direction.

        Examples
        --------
        >>> Score("a", "b", "log loss", 0.1, 0.2, larger_is_better=False).better
        True
        """
        if self.larger_is_better is None or math.isnan(self.baseline):
            return None
        return (self.ours > self.baseline) == self.larger_is_better and self.ours != self.baseline

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        if isinstance(self.target, tuple):
            return self.target[0] <= self.ours <= self.target[1]
        return (self.ours > self.target) == bool(self.larger_is_better)

    def line(self) -> str:
        """Return one line of text."""
        word = {True: "better", False: "WORSE", None: "-"}[self.better]
        text = f"{word:7s} {self.group:10s} {self.name:38s} {self.measure:22s} {self.ours:10.5g}"
        if not math.isnan(self.low):
            text += f"  [{self.low:.4g}, {self.high:.4g}]"
        if not math.isnan(self.baseline):
            text += f"  against {self.baseline:.5g} ({self.baseline_name})"
        if self.met is not None:
            text += f"  target {self.target}: {'met' if self.met else 'MISSED'}"
        return text

    def page(self) -> dict:
        """Return the score as plain data; NaN becomes None."""
        page = asdict(self) | {"better": self.better, "met": self.met}
        return {
            key: None if isinstance(value, float) and math.isnan(value) else value
            for key, value in page.items()
        }
