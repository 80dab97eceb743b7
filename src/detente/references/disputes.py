"""The replicated specification of Bremer (1992) on politically relevant pairs."""

from collections.abc import Iterator
from pathlib import Path

from detente.data.estimate.disputes_bremer import (
    PUBLISHED_ROWS,
    REBUILT_ONSETS,
    ROUNDING,
    comparison,
    fit_bremer,
)
from detente.data.paths import raw_folder
from detente.data.recipes.tables import raw_file
from detente.validate import Line

GROUP = "disputes"
SOURCE = "Bremer (1992) JCR 36:309, as replicated by Miller (2022) CMPS 39:6, printed July 2025"
REBUILT = "the same design, rebuilt by others from the same tables"
# Relative distance from the printed coefficient, beyond its rounding.
BOUND = 0.15
# The printed rows rest on older versions of capabilities and democracy scores.
ROWS_BOUND = 0.001


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield the sample and each coefficient beside what was printed.

    Parameters
    ----------
    raw
        Folder of raw tables, or None for the default.
    """
    folder = raw_folder(raw)
    raw_file(folder, "mids/gml_mid_dyad_dispute_year.parquet")
    line = fit_bremer(folder)
    bound = PUBLISHED_ROWS * ROWS_BOUND
    yield Line(GROUP, "pair-years", SOURCE, "", line.rows, PUBLISHED_ROWS, bound)
    bound = REBUILT_ONSETS * ROWS_BOUND
    yield Line(GROUP, "onsets", REBUILT, "", line.events, REBUILT_ONSETS, bound)
    for one in comparison(line):
        printed = one["published"]
        bound = abs(printed) * BOUND + ROUNDING
        yield Line(GROUP, one["term"], SOURCE, "log-odds", one["ours"], printed, bound)
