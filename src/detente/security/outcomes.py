"""What capabilities say about how disputes end: the shipped score, with its caveat."""

from collections.abc import Mapping
from typing import Any

from detente.data import records

RECORD = "dispute_outcomes.json"


def read_record() -> Mapping[str, Any]:
    """Return the scores that `detente.data.estimate.dispute_outcomes` wrote.

    Raises
    ------
    DataError
        If the file is missing from the installation.
    """
    return records.read_record(RECORD, "dispute_outcomes")


def caveat() -> str:
    """Return why the score is no chance of winning, in one sentence.

    Examples
    --------
    >>> "stalemate" in caveat()
    True
    """
    record = read_record()
    reduced, stale, late = record["reduction"], record["stalemates"], record["split_in_time"]
    return (
        f"Capabilities reduce the loss by {reduced['components_and_year']:.3f}, the year alone by "
        f"{reduced['year']:.3f}; {100 * stale['from_1980']:.0f} % of bilateral disputes since 1980 "
        f"end in stalemate ({100 * stale['before_1980']:.0f} % before), and fitted before 1980 the "
        f"forest loses to the shares of the later outcomes ({late['log_loss_forest']:.3f} against "
        f"{late['log_loss_shares_of_test']:.3f}): this is no chance of winning a war."
    )
