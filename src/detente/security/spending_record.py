"""The estimated demand for military spending: its priors and its scores, as the fit wrote them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from detente.data import records
from detente.ensemble import Prior
from detente.errors import ScenarioError, nearest

RECORD = "military_spending.json"
GROUP = "military spending"
FLAG = "prior-driven"
# The equation that a scenario uses holds all terms; the walk has none. Which equation forecasts
# best was chosen on earlier targets.
SHOWN = ("pooled_all", "jackknife_all")


class SpendingScore(NamedTuple):
    """One line of the back-test.

    Attributes
    ----------
    group : which part of the model
    name : what is forecast, how far ahead, by which fit
    ours, baseline : mean errors, in `unit`
    baseline_name : the naive rule
    better : `lower`: a smaller value is better
    unit : unit of both values
    note : interval of the ratio, test, and which of the two wins
    """

    group: str
    name: str
    ours: float
    baseline: float
    baseline_name: str
    better: str
    unit: str
    note: str


def read_record() -> Mapping[str, Any]:
    """Return the whole record that the estimate wrote.

    Raises
    ------
    DataError
        If the file is missing from the installation.
    """
    return records.read_record(RECORD, "milex")


def spending_priors() -> dict[str, Prior]:
    """Return the priors of the response of spending by name.

    Returns
    -------
    dict
        adjustment (share of the gap closed in a year), threat (log points of spending a percentage
        point of threat), output, rivals, allies, nato_allies (elasticities); all in the long run.

    Examples
    --------
    >>> sorted(spending_priors())
    ['adjustment', 'allies', 'nato_allies', 'output', 'rivals', 'threat']
    """
    found = {}
    for name, row in read_record()["priors"].items():
        found[name] = Prior(
            name=f"military_spending.{name}",
            distribution=row["distribution"],
            location=row["location"],
            scale=row["scale"],
            lower=-np.inf if row["lower"] is None else row["lower"],
            upper=np.inf if row["upper"] is None else row["upper"],
            unit=row["unit"],
            source=read_record()["script"],
        )
    return found


def draw_spending(
    numbers: np.ndarray,
    seed: int,
    point: bool = False,
    held: Mapping[str, float] | None = None,
) -> dict[str, np.ndarray]:
    """Return each parameter [draw]; a draw's values depend on its number and the seed alone.

    Parameters
    ----------
    numbers
        Numbers of the draws, from 0.
    seed
        Seed of every stream.
    point
        Take the medians.
    held
        Parameters at a value of their own in all draws.

    Raises
    ------
    ScenarioError
        If a parameter held is unknown.

    Examples
    --------
    >>> few, many = (draw_spending(np.arange(n), 1)["threat"] for n in (2, 9))
    >>> bool((few == many[:2]).all())
    True
    """
    priors, fixed = spending_priors(), dict(held or {})
    for name in fixed:
        if name not in priors:
            raise ScenarioError(
                f"no parameter of spending '{name}'{nearest(name, priors)}; parameters: "
                f"{', '.join(priors)}"
            )
    if point:
        found = {name: np.full(len(numbers), p.median) for name, p in priors.items()}
    else:
        most = int(numbers.max()) + 1
        found = {name: p.draw(most, seed)[numbers] for name, p in priors.items()}
    return found | {name: np.full(len(numbers), float(v)) for name, v in fixed.items()}


def draw_numbers(draws: object) -> np.ndarray:
    """Return the numbers of the draws: 0, 1, ... for a count, else as given.

    Raises
    ------
    ScenarioError
        If there is none, one is negative, or one is no whole number.

    Examples
    --------
    >>> draw_numbers(3).tolist(), draw_numbers([5, 2]).tolist()
    ([0, 1, 2], [5, 2])
    """
    listed = range(draws) if isinstance(draws, int | np.integer) else draws
    try:
        found = np.array(list(listed))  # pyright: ignore[reportArgumentType]
    except TypeError:
        found = np.zeros(0)
    if not found.size or found.ndim != 1 or found.dtype.kind not in "iu" or found.min() < 0:
        raise ScenarioError(
            f"draws must be a count of 1 or more, or whole numbers from 0; they are {draws!r}"
        )
    return found


def scores() -> Iterator[SpendingScore]:
    """Yield the back-test of spending against the random walk in constant prices.

    Examples
    --------
    >>> next(scores()).baseline_name
    'random walk'
    """
    chosen = read_record()["choice"]["chosen"]
    for row in read_record()["scores"]:
        if row["candidate"] not in {chosen, *SHOWN}:
            continue
        for measure in ("rmse", "mae"):
            yield _score(row, measure, chosen)
        if row["candidate"] == SHOWN[0]:
            yield _added(row)


def flag() -> str:
    """Return `prior-driven` unless threat, rivals and allies improve forecasts, else nothing.

    Examples
    --------
    >>> flag() in ("", "prior-driven")
    True
    """
    return "" if read_record()["ties_forecast"] else FLAG


def _score(row: Mapping[str, Any], measure: str, chosen: str) -> SpendingScore:
    ours, walk = row[measure], row[f"{measure}_random_walk"]
    winner = "the equation" if ours < walk else "the random walk"
    note = f"{winner} is smaller; {row['forecasts']} forecasts"
    if measure == "rmse":
        low, high = row["ratio_random_walk_p05"], row["ratio_random_walk_p95"]
        note += (
            f"; ratio {row['ratio_random_walk']:.3f} (90 per cent {low:.3f} to {high:.3f}, blocks "
            f"of years and states); by a one-sided test it {row['verdict_random_walk']} the walk "
            f"(p = {row['p_random_walk']:.3f})"
        )
    if row["candidate"] == chosen:
        note += "; chosen on targets of 1970-1989"
    name = f"{measure.upper()}, {_what(row)}"
    return _line(name, ours, walk, "random walk", note)


def _added(row: Mapping[str, Any]) -> SpendingScore:
    """Return what threat, rivals and allies add to output alone."""
    ours, less = row["rmse"], row["rmse_output_alone"]
    winner = "all terms" if ours < less else "output alone"
    low, high = row["ratio_output_alone_p05"], row["ratio_output_alone_p95"]
    note = (
        f"{winner} is smaller; ratio {row['ratio_output_alone']:.4f} (90 per cent {low:.4f} to "
        f"{high:.4f}); p = {row['p_output_alone']:.3f}"
    )
    return _line(f"RMSE, {_what(row)}, against output alone", ours, less, "output alone", note)


def _what(row: Mapping[str, Any]) -> str:
    fit = row["candidate"].replace("_all", ", all terms").replace("_output", ", output alone")
    ahead = "1 year" if row["horizon"] == 1 else f"{row['horizon']} years"
    return f"log spending {ahead} ahead, {row['first']}-{row['last']}, {fit}"


def _line(name: str, ours: float, baseline: float, rule: str, note: str) -> SpendingScore:
    return SpendingScore(GROUP, name, ours, baseline, rule, "lower", "log points", note)
