"""The replicated specification of Bremer (1992) on politically relevant pairs."""

from collections.abc import Iterator
from pathlib import Path

from detente.data.estimate.disputes_bremer import ONSETS, PUBLISHED, ROWS, comparison, fit_bremer
from detente.data.paths import raw_folder
from detente.data.recipes.tables import raw_file
from detente.validate import Line

GROUP = "disputes"
SOURCE = "Bremer (1992) JCR 36:309, as replicated by Miller (2022) CMPS 39:6"
# Relative distance from the published range.
BOUND = 0.15
# The published rows rest on older versions of capabilities and democracy scores.
ROWS_BOUND = 0.01


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield each published coefficient, the nearest end of its range, and the sample.

    Parameters
    ----------
    raw
        Folder of raw tables, or None for the default.
    """
    folder = raw_folder(raw)
    raw_file(folder, "mids/gml_mid_dyad_dispute_year.parquet")
    line = fit_bremer(folder)
    yield Line(GROUP, "pair-years", SOURCE, "", line.rows, ROWS, ROWS * ROWS_BOUND)
    yield Line(GROUP, "onsets", SOURCE, "", line.events, ONSETS, ONSETS * ROWS_BOUND)
    for one in comparison(line):
        low, high = PUBLISHED[one["term"]]
        nearest = min(max(one["ours"], low), high)
        # A coefficient that is not distinguishable from zero is compared in standard errors.
        weak = abs(nearest) < 2 * one["se"]
        bound = 1.96 * one["se"] if weak else abs(nearest) * BOUND
        yield Line(GROUP, one["term"], SOURCE, "log-odds", one["ours"], nearest, bound)
