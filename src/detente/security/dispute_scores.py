"""The scores of the risk of disputes, from the record of the estimate."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from detente.score import Score
from detente.security.dispute_record import read_record

GROUP = "disputes"
# Forecasts by their name in the record, as they are printed.
FORECASTS = {
    "mixed": "all covariates, mean of logit and forest",
    "mixed_without_rivalries": "the same without rivalries",
    "boosted": "boosted trees",
    "forest": "forest of random trees",
    "logit_all": "logit with splines",
    "transparent": "transparent model, updated yearly",
    "carried_forward": "transparent model, carried from 1989",
    "geography_and_power": "geography and power",
}
MEASURES = {
    "average_precision": ("average precision", True),
    "log_loss": ("log loss", False),
    "brier": ("Brier score", False),
    "auc": ("area under ROC curve", True),
    "calibration_slope": ("calibration slope", None),
}
LISTS = {"gml": "Gibler-Miller-Little", "cow": "Correlates of War"}
PAIRS = {
    "all": "all pairs",
    "relevant": "relevant pairs",
    "without_going_on": "all pairs, further years of a dispute left out",
}
BASELINES = {"transparent": "geography_and_power", "carried_forward": "geography_and_power"}


def scores(record: Mapping[str, Any] | None = None) -> Iterator[Score]:
    """Yield every score of onset, severity and the ranks of 2015-2024.

    Parameters
    ----------
    record
        As `detente.data.estimate.disputes.record` makes it; the shipped one if absent.

    Examples
    --------
    >>> {"mean of logit and forest" in score.name for score in scores()} == {True, False}
    True
    """
    page = read_record() if record is None else record
    for source, models in page["scores"].items():
        for pairs in PAIRS:
            for name in (name for name in FORECASTS if name in models):
                yield from _onset(page, source, pairs, name)
    for stage, found in page["severity"].items():
        for measure in ("log_loss", "brier"):
            yield Score(
                GROUP, f"{stage}, given the stage before", MEASURES[measure][0],
                found["model"][measure], found["constant"][measure], "constant share", False,
                sample=f"{page['split']['test']}, {found['rows']} onsets",
            )  # fmt: skip
    later = page["ucdp_2015_2024"]
    for key, what in (("auc_begun", "battles that begin"), ("auc_any_year_any_party", "any")):
        yield Score(
            GROUP, f"UCDP battles between states, {what}", "area under ROC curve",
            later[key], 0.5, "chance", True, sample="2015-2024",
        )  # fmt: skip


def _onset(page: Mapping[str, Any], source: str, pairs: str, name: str) -> Iterator[Score]:
    models = page["scores"][source]
    ours = models[name][pairs]
    naive = BASELINES.get(name, "geography_and_power")
    naive = "base_rate" if name == naive else naive
    judged = source == "gml" and pairs == "all" and name == "mixed"
    spans = models[name].get("interval_by_year", {}) if pairs == "all" else {}
    for key, (measure, larger) in MEASURES.items():
        baseline = models[naive][pairs][key]
        target = page["targets"].get(key) if judged else None
        low, high = spans.get(key, (math.nan, math.nan))
        yield Score(
            GROUP, f"{FORECASTS[name]}, {PAIRS[pairs]}", measure, ours[key],
            math.nan if baseline is None or larger is None else baseline,
            naive.replace("_", " "), larger,
            tuple(target) if isinstance(target, list | tuple) else target, low, high,
            f"{LISTS[source]}, {page['split']['test']}, {ours['rows']} pair-years",
        )  # fmt: skip
