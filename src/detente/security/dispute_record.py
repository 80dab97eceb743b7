"""The estimated risk of disputes and its scores, as the estimate wrote them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from detente.data import records

RECORD = "disputes.json"
STAGES = ("fatal", "war")


@dataclass(frozen=True)
class DisputeModel:
    """Coefficients, histories of states and pairs, and the spread of each.

    Attributes
    ----------
    names : `constant`, the terms of `dispute_terms`, `state_history`, `pair_history`
    coefficient, covariance : of onset, log-odds, clustered by pair
    stages : coefficient and covariance of deaths given onset and of war given deaths
    level_shift, level_sd : of the constant, carried forward from the end of the estimates
    states : log relative risk and shape by code, at the beginning of 2025
    pairs : (code, code, log relative risk, shape) of pairs whose own history matters
    """

    names: tuple[str, ...]
    coefficient: np.ndarray
    covariance: np.ndarray
    stages: Mapping[str, tuple[np.ndarray, np.ndarray]]
    level_shift: float
    level_sd: float
    states: Mapping[str, tuple[float, float]]
    pairs: Sequence[tuple[str, str, float, float]]

    def of(self, term: str) -> float:
        """Return the estimated coefficient of onset of one term."""
        return float(self.coefficient[self.names.index(term)])


def read_record() -> Mapping[str, Any]:
    """Return the whole record that the estimate wrote.

    Raises
    ------
    DataError
        If the file is missing from the installation.
    """
    return records.read_record(RECORD, "disputes")


@cache
def dispute_model() -> DisputeModel:
    """Return the estimated model.

    Examples
    --------
    >>> dispute_model().of("less_free") < 0 < dispute_model().of("pair_history")
    True
    """
    world = read_record()["world"]
    return DisputeModel(
        names=tuple(world["names"]),
        coefficient=np.array(world["coefficient"]),
        covariance=np.array(world["covariance"]),
        stages={
            name: (
                np.array(world["severity"][name]["coefficient"]),
                np.array(world["severity"][name]["covariance"]),
            )
            for name in STAGES
        },
        level_shift=float(world["level_shift"]),
        level_sd=float(world["level_sd"]),
        states={code: (risk, shape) for code, (risk, shape) in world["states"].items()},
        pairs=tuple((a, b, risk, shape) for a, b, risk, shape in world["pairs"]),
    )
