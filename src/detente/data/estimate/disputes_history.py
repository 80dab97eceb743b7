"""Shrunken relative risks of states and pairs: a discounted Gamma-Poisson filter.

    r_t ~ Gamma(k + O_t, k + E_t),   O_t = d O_t-1 + onsets,   E_t = d E_t-1 + expected onsets

Observed and expected counts are discounted by d a year, so that the past fades and every unit
returns to one; k is the prior's weight in expected onsets (Harvey & Fernandes 1989, eq. 2.6-2.9,
with covariates in the expectation). Expected onsets come from the terms alone. A pair's expectation
contains the risks of its two states, so that its own is what they do not explain. While disputes
are not observed, counts only fade, and battles of UCDP's list (25 deaths or more) count as a
thinned sample: one a battle that begins, against the share of disputes that reach that level.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln


@dataclass(frozen=True)
class Settings:
    """Prior weights and half-lives in years, set before any score was seen.

    Attributes
    ----------
    pair, state : weight of the prior, in expected onsets
    pair_life, state_life : half-lives of the memory
    """

    pair: float = 0.3
    state: float = 2.0
    pair_life: float = 12.0
    state_life: float = 6.0


@dataclass
class Counts:
    """Discounted observed and expected onsets, [country] or [country, country]."""

    observed: np.ndarray
    expected: np.ndarray

    def fade(self, life: float) -> None:
        """Let one year pass."""
        self.observed *= 0.5 ** (1 / life)
        self.expected *= 0.5 ** (1 / life)

    def risk(self, prior: float) -> np.ndarray:
        """Return the posterior mean of the relative risk."""
        return (prior + self.observed) / (prior + self.expected)


def relative_risks(
    expected: np.ndarray,
    onset: np.ndarray,
    settings: Settings,
    seen: int | None = None,
    battle: np.ndarray | None = None,
    share: float = 0.0,
) -> Iterator[tuple[np.ndarray, np.ndarray, Counts, Counts]]:
    """Yield, for each year, the risks known at its beginning.

    Parameters
    ----------
    expected
        Chance of an onset from the terms alone, [year, country, country], zero where absent.
    onset
        Onsets, [year, country, country].
    settings
        Prior weights and memory.
    seen
        Number of years whose disputes are observed; all if absent.
    battle
        Battles that begin, [year, country, country], read in the years after `seen`.
    share
        Share of onsets that reach the level of a battle.

    Yields
    ------
    tuple
        Risks of states [country], of pairs [country, country], and the counts behind them.
    """
    size = onset.shape[1]
    states = Counts(np.zeros(size), np.zeros(size))
    pairs = Counts(np.zeros((size, size)), np.zeros((size, size)))
    last = len(onset) if seen is None else seen
    for now in range(len(onset)):
        state, pair = states.risk(settings.state), pairs.risk(settings.pair)
        yield state, pair, states, pairs
        states.fade(settings.state_life)
        pairs.fade(settings.pair_life)
        if now < last:
            new, part = onset[now], 1.0
        elif battle is not None:
            new, part = battle[now], share
        else:
            continue
        alone = part * expected[now]
        states.observed += new.sum(axis=1)
        states.expected += alone.sum(axis=1)
        pairs.observed += new
        pairs.expected += np.minimum(alone * state[:, None] * state[None, :], part)


def log_mean_power(shape: np.ndarray, power: float) -> np.ndarray:
    """Return log E[(g / shape)^power] of g ~ Gamma(shape): what draws are divided by.

    Examples
    --------
    >>> float(log_mean_power(np.array(4.0), 1.0))
    0.0
    """
    return gammaln(shape + power) - gammaln(shape) - power * np.log(shape)
