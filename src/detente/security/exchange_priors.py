"""What is uncertain in a nuclear exchange: priors, common factors, seeded draws.

Losses that have one cause move together: how transparent the oceans are, how well mobile forces are
found, whether command survives, how accurate missiles are. Each cause is a factor shared by all
states and classes in a draw (Gaussian copula with one loading); independence is the error that
makes survival look certain or impossible.
"""

import csv
import functools
import zlib
from dataclasses import dataclass, field
from importlib import resources

import numpy as np
import pandas as pd
from scipy.optimize import root
from scipy.special import betaincinv, logit, ndtr, ndtri

from detente.errors import DataError, ScenarioError, WorldError, nearest
from detente.security.arsenals import arsenal_rows

# Ranges in the tables are 5 and 95 per cent quantiles.
LOW, HIGH = 0.05, 0.95
# Share of a parameter's (normal-score) variance that it shares with the others of its factor.
SHARED = 0.6
# How far the share at sea or dispersed may lie from the table, as a factor of its odds.
HIDDEN = (0.4, 2.5)
OCEANS, INTELLIGENCE, ACCURACY = "oceans", "intelligence", "accuracy"


@dataclass(frozen=True)
class Range:
    """A prior that two quantiles fix.

    Attributes
    ----------
    name : e.g. ``found[RUS submarine]``
    distribution : beta or lognormal
    low, high : 5 and 95 per cent quantiles
    factor : cause that it shares with others, or an empty string
    source : where the range comes from
    """

    name: str
    distribution: str
    low: float
    high: float
    factor: str
    source: str

    def quantile(self, probability: np.ndarray | float) -> np.ndarray:
        """Return the value at a probability.

        Examples
        --------
        >>> round(float(Range("x", "beta", 0.2, 0.8, "", "").quantile(0.5)), 6)
        0.5
        """
        p = np.asarray(probability, dtype=float)
        if self.distribution == "lognormal":
            middle = 0.5 * (np.log(self.low) + np.log(self.high))
            scale = (np.log(self.high) - np.log(self.low)) / (2 * ndtri(HIGH))
            return np.exp(middle + scale * ndtri(p))
        a, b = beta_from(self.low, self.high)
        return betaincinv(a, b, p)


@functools.cache
def beta_from(low: float, high: float) -> tuple[float, float]:
    """Return the two parameters of the Beta distribution with these 5 and 95 per cent quantiles.

    Raises
    ------
    DataError
        If 0 < low < high < 1 does not hold.

    Examples
    --------
    >>> [round(number, 2) for number in beta_from(0.05, 0.95)]
    [1.0, 1.0]
    """
    if not 0 < low < high < 1:
        raise DataError(f"a Beta prior needs 0 < low < high < 1, not {low:g} and {high:g}")
    mean = 0.5 * (low + high)
    spread = (high - low) / (2 * ndtri(HIGH))
    size = max(mean * (1 - mean) / spread**2 - 1.0, 0.5)

    wanted = logit(np.array([low, high]))

    def gap(logs: np.ndarray) -> np.ndarray:
        a, b = np.exp(logs)
        return logit(betaincinv(a, b, np.array([LOW, HIGH]))) - wanted

    solved = root(gap, np.log([mean * size, (1 - mean) * size]), tol=1e-12)
    if not solved.success and np.abs(solved.fun).max() > 1e-8:
        raise DataError(f"no Beta distribution found for the range {low:g} to {high:g}")
    a, b = np.exp(solved.x)
    return float(a), float(b)


@functools.cache
def ranges() -> dict[str, Range]:
    """Return every uncertain number of the exchange by name.

    Examples
    --------
    >>> ranges()["found[RUS submarine]"].factor
    'oceans'
    """
    found: dict[str, Range] = {}
    for row in arsenal_rows():
        where, source = f"[{row['state']} {row['class']}]", row["source"]
        hunted = OCEANS if row["class"] == "submarine" else INTELLIGENCE
        for quantity, columns, distribution, factor in (
            ("found", ("found_low", "found_high"), "beta", hunted),
            ("reliability", ("reliability_low", "reliability_high"), "beta", ""),
            ("cep", ("cep_low_m", "cep_high_m"), "lognormal", ACCURACY),
            ("hardness", ("hardness_low_psi", "hardness_high_psi"), "lognormal", ""),
        ):
            low, high = (row[column] for column in columns)
            if low and high:
                name = quantity + where
                found[name] = Range(name, distribution, float(low), float(high), factor, source)
        if float(row["hidden_generated"]) > 0:
            name = "hidden" + where
            found[name] = Range(name, "lognormal", *HIDDEN, "", "assumption: " + source)
    text = (resources.files("detente.security") / "exchange_priors.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        numbers = float(row["low"]), float(row["high"])
        found[row["name"]] = Range(
            row["name"], row["distribution"], *numbers, row["factor"], row["source"]
        )
    return found


@dataclass(frozen=True)
class ExchangeDraws:
    """Draws of every uncertain number of the exchange; [draw] by name."""

    count: int
    seed: int
    values: dict[str, np.ndarray] = field(repr=False)

    def of(self, name: str) -> np.ndarray:
        """Return the draws of one number, [draw]."""
        return self.values[name]

    def fixed(self, name: str, value: float) -> "ExchangeDraws":
        """Return the draws with one number held at a value in all of them.

        Raises
        ------
        WorldError
            If the name is unknown.
        """
        if name not in self.values:
            raise WorldError(f"no uncertain number '{name}'{nearest(name, self.values)}")
        held = np.full(self.size, float(value))
        return ExchangeDraws(self.count, self.seed, self.values | {name: held})

    @property
    def size(self) -> int:
        """Length of every array: `count`, or 1 for a point estimate."""
        return max(self.count, 1)

    def table(self) -> pd.DataFrame:
        """Return draws by row and numbers by column."""
        return pd.DataFrame(self.values).rename_axis("draw")


def exchange_draws(count: int, seed: int, shared: float = SHARED) -> ExchangeDraws:
    """Return draws; `count` = 0 gives one row of medians (a point estimate).

    Each number, and each factor, has a random stream of its own, named by the seed and its name:
    draw 7 is the same however many draws are made.

    Parameters
    ----------
    count
        Number of draws.
    seed
        Seed, >= 0.
    shared
        Share of the variance that numbers with one factor have in common, 0-1.

    Raises
    ------
    ScenarioError
        If a number is negative or the share is not one.

    Examples
    --------
    >>> few, many = exchange_draws(2, 1), exchange_draws(5, 1)
    >>> bool((few.of("common") == many.of("common")[:2]).all())
    True
    """
    if count < 0 or seed < 0:
        raise ScenarioError(f"draws and seed must be 0 or more, not {count} and {seed}")
    if not 0.0 <= shared <= 1.0:
        raise ScenarioError(f"shared must be a share from 0 to 1, not {shared:g}")
    values = {}
    for name, prior in ranges().items():
        if count == 0:
            values[name] = np.atleast_1d(prior.quantile(0.5))
            continue
        score = _scores(name, count, seed)
        if prior.factor:
            common = _scores(f"factor {prior.factor}", count, seed)
            score = np.sqrt(shared) * common + np.sqrt(1.0 - shared) * score
        values[name] = prior.quantile(ndtr(score))
    return ExchangeDraws(count, seed, values)


def _scores(name: str, count: int, seed: int) -> np.ndarray:
    stream = np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))
    return stream.standard_normal(count)
