"""Scores of every forecast out of sample, each beside its baseline.

What is printed is the record that the estimate wrote; `refit` estimates again from raw tables. A
part of a group is a module with `scores`; it joins by a row in `groups`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.data.paths import raw_folder
from detente.errors import ScenarioError, nearest
from detente.score import Score

__all__ = ["Part", "Score", "backtest", "groups"]


@dataclass(frozen=True)
class Part:
    """One module's scores.

    Attributes
    ----------
    name : what is forecast
    scores : yields scores from a record, from the shipped one if it is None
    refit : makes a record from the folder of raw tables; None if nothing is estimated
    """

    name: str
    scores: Callable[[Mapping[str, Any] | None], Iterator[Score]]
    refit: Callable[[Path], Mapping[str, Any]] | None = None


def groups() -> dict[str, tuple[Part, ...]]:
    """Return the parts of every group by name."""
    from detente.data.estimate import disputes
    from detente.security import dispute_scores

    return {"security": (Part("disputes", dispute_scores.scores, disputes.record),)}


def backtest(group: str, refit: bool = False, raw: Path | None = None) -> Iterator[Score]:
    """Yield the scores of a group.

    Parameters
    ----------
    group
        Name, as in `groups`.
    refit
        Estimate again from raw tables (minutes), in place of the shipped record.
    raw
        Folder of raw tables, or None for the default (see `detente.data.paths`).

    Raises
    ------
    ScenarioError
        If there is no such group.
    MissingDataError
        If a raw table, or a package that the estimate needs, is not at hand.

    Examples
    --------
    >>> next(backtest("security")).group
    'disputes'
    """
    every = groups()
    if group not in every:
        raise ScenarioError(
            f"no group '{group}' to be scored{nearest(group, every)}; there are: {', '.join(every)}"
        )
    folder = raw_folder(raw) if refit else None
    for part in every[group]:
        record = part.refit(folder) if folder is not None and part.refit else None
        yield from part.scores(record)
