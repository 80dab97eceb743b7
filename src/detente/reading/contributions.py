"""What each label of edits contributes to every outcome: Shapley values over sets of labels."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from detente import counts
from detente.errors import ConvergenceError, ScenarioError
from detente.reading import shapley
from detente.reading.asked import countries_of, scenario_of, settings_of, variable_of, world_of
from detente.runs.coalitions import Coalitions
from detente.runs.plan import Asked
from detente.vocabulary import terms
from detente.world import World

# Up to so many labels all their sets are solved; beyond, random orders of them.
MOST_EXACT = 8
METHODS = ("auto", "exact", "sampled")


def contributions(
    world: World | str,
    scenario: Asked,
    variable: str = "real_income",
    countries: str | Iterable[str] | None = None,
    draws: int = 0,
    seed: int = 1,
    samples: int = 32,
    method: str = "auto",
    deficits: str | None = None,
    horizon: str | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Share the change of an outcome out among the labels of edits that make it up.

    Parameters
    ----------
    world
        A World, or the name of an embedded one.
    scenario
        A Scenario, a preset's name or a path. An answer to tariffs is a label of its own: the
        edits that it makes in the whole scenario.
    variable
        An outcome of one country.
    countries
        A code, a "@GROUP" (its members) or a list; all when None.
    draws, seed
        As in `run`; 0 solves at the medians of the parameters. The same draws serve every set
        of labels, and a draw in which any set has no equilibrium is left out and counted.
    samples
        Number of random orders, where they are sampled; even, 4 or more.
    method
        `exact` solves all sets of labels, `sampled` those of random orders; `auto` is exact for
        up to 8 labels.
    deficits, horizon, workers, progress
        As in `run`; progress is told of sets.

    Returns
    -------
    DataFrame
        label, iso3, variable, unit, scenario, contribution (per cent; the mean over draws, so
        that a country's labels add up to its mean change), p05, p95 (over draws), se (of sampled
        orders; 0 when exact), first (the label alone), last (what it adds to all others),
        interaction (last less first), failed_draws.

    Notes
    -----
    Shapley (1953). Where edits do not act on one another `first`, `contribution` and `last` are
    one number. Edits are made in the scenario's order within each set.

    Raises
    ------
    ScenarioError
        If a name or an option is wrong.
    ConvergenceError
        If a set of labels has no equilibrium in any draw; it is named.
    """
    place, name = world_of(world), variable_of(variable)
    asked = scenario_of(place, scenario)
    rule, run_of = settings_of(asked, deficits, horizon)
    chosen = countries_of(place, countries)
    count = len(asked.labels)
    draws, seed = counts.whole(draws, "draws"), counts.whole(seed, "seed")
    _check(method, samples, count)
    sets = Coalitions(place, asked, rule, run_of, draws, seed, workers)
    whole = (1 << count) - 1
    ends = [bits for k in range(count) for bits in (1 << k, whole & ~(1 << k))]
    all_sets = method == "exact" or (method == "auto" and count <= MOST_EXACT)
    paths = [] if all_sets else list(shapley.orders(count, samples, seed))
    needed = range(1 << count) if all_sets else {b for p in paths for b in shapley.prefixes(p)}
    sets.solve([whole, *ends, *needed], progress)
    columns = [place.countries.index(code) for code in chosen]
    kept = _solved(sets, [whole, *ends, *needed], name)

    def value(bits: int) -> np.ndarray:
        return 100.0 * sets.value(bits, name)[kept][:, columns]

    if all_sets:
        shares = shapley.exact(np.stack([value(bits) for bits in range(1 << count)]))
        error = np.zeros((count, len(columns)))
    else:
        shares = shapley.sampled(paths, value)[0]
        error = shapley.sampled(paths, lambda bits: value(bits).mean(axis=0))[1]
    first = np.stack([value(1 << k) for k in range(count)])
    last = np.stack([value(whole) - value(whole & ~(1 << k)) for k in range(count)])
    return _tidy(asked, name, chosen, shares, error, first, last, int((~kept).sum()))


def _tidy(asked, name: str, chosen: list[str], shares, error, first, last, failed: int):
    """Return the table; shares, first and last run [label, draw, country]."""
    low, high = np.quantile(shares, (0.05, 0.95), axis=1)
    alone, final = first.mean(axis=1), last.mean(axis=1)
    return pd.DataFrame(
        {
            "label": np.repeat(asked.labels, len(chosen)),
            "iso3": np.tile(chosen, len(asked.labels)),
            "variable": name,
            "unit": terms("outcome")[name].unit,
            "scenario": asked.name,
            "contribution": shares.mean(axis=1).ravel(),
            "p05": low.ravel(),
            "p95": high.ravel(),
            "se": error.ravel(),
            "first": alone.ravel(),
            "last": final.ravel(),
            "interaction": (final - alone).ravel(),
            "failed_draws": failed,
        }
    )


def _solved(sets: Coalitions, needed: Iterable[int], name: str) -> np.ndarray:
    """Return [draw] whether every set has an equilibrium in a draw."""
    kept = np.ones(len(sets.rows), dtype=bool)
    for bits in dict.fromkeys(needed):
        kept &= np.isfinite(sets.value(bits, name)).all(axis=1)
    if not kept.any():
        raise ConvergenceError("there is no draw in which every set of edits has an equilibrium")
    return kept


def _check(method: str, samples: int, count: int) -> None:
    if method not in METHODS:
        raise ScenarioError(f"unknown method '{method}'; one of {', '.join(METHODS)}")
    if samples < 4 or samples % 2:
        raise ScenarioError(f"samples must be an even number of 4 or more, not {samples}")
    if count == 0:
        raise ScenarioError("the scenario has no edits, so that there is nothing to share out")
    if method == "exact" and count > 2 * MOST_EXACT:
        raise ScenarioError(
            f"{count} labels have {2**count} sets; use method='sampled', or join labels"
        )
