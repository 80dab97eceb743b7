"""The estimated response of third states and its score, as the estimate wrote them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.data import records

RECORD = "alignment_response.json"
# Shown wherever a response is printed that the scores do not license.
FLAG = "prior-driven"


@dataclass(frozen=True)
class Score:
    """The score of one horizon in one release of the positions.

    Attributes
    ----------
    release : which published positions
    horizon : sessions ahead
    first, last : years of the targets
    forecasts : number scored
    rmse_model, rmse_random_walk, rmse_own_history : root mean squared errors, in units of position
    verdict_random_walk, verdict_own_history : `beats` or `does not beat`
    p_random_walk, p_own_history : one-sided p-values that the model is no better
    """

    release: str
    horizon: int
    first: int
    last: int
    forecasts: int
    rmse_model: float
    rmse_random_walk: float
    rmse_own_history: float
    verdict_random_walk: str
    verdict_own_history: str
    p_random_walk: float
    p_own_history: float

    def sentence(self) -> str:
        """Return the score in one line."""
        return (
            f"{self.release}, {self.horizon} session(s) ahead: RMSE {self.rmse_model:.3f}, random "
            f"walk {self.rmse_random_walk:.3f} ({self.verdict_random_walk} it, p = "
            f"{self.p_random_walk:.3f}), own history alone {self.rmse_own_history:.3f} "
            f"({self.verdict_own_history} it, p = {self.p_own_history:.3f})"
        )


@dataclass(frozen=True)
class ResponseModel:
    """Coefficients of the response, their covariance, and what they were scored at.

    Attributes
    ----------
    terms : names, as in `detente.alignment.response_terms.exposures`
    mean : coefficients, one a term, per session
    covariance : [term, term], over states and sessions drawn with replacement
    default_on : whether the scores license the coupling without being asked
    rule : the rule behind `default_on`, set after first scores were seen and before those shipped
    scored : one `Score` a release and horizon
    checks : further fits, by name
    """

    terms: tuple[str, ...]
    mean: np.ndarray
    covariance: np.ndarray
    default_on: bool
    rule: str
    scored: tuple[Score, ...]
    checks: Mapping[str, Any]

    @property
    def flag(self) -> str:
        """Empty where the scores license the response, else `prior-driven`."""
        return "" if self.default_on else FLAG

    def draw(self, draws: int, seed: int) -> np.ndarray:
        """Return coefficients [draw, term] from a normal with the estimated covariance.

        Examples
        --------
        >>> response_model().draw(3, seed=1).shape[0]
        3
        """
        random = np.random.default_rng(seed)
        # The eigenvalues of a rounded covariance can fall below zero by its rounding.
        values, vectors = np.linalg.eigh(self.covariance)
        spread = vectors * np.sqrt(np.maximum(values, 0.0))
        return self.mean + random.standard_normal((draws, len(self.mean))) @ spread.T

    def score(self, horizon: int) -> tuple[Score, ...]:
        """Return the scores of one horizon, one a release."""
        return tuple(score for score in self.scored if score.horizon == horizon)


def read_record() -> Mapping[str, Any]:
    """Return the whole record that the estimate wrote.

    Raises
    ------
    DataError
        If the file is missing from the installation.
    """
    return records.read_record(RECORD, "alignment_response")


def response_model() -> ResponseModel:
    """Return the estimated response of third states.

    Examples
    --------
    >>> model = response_model()
    >>> "allies_gap" in model.terms
    True
    """
    record = read_record()
    fit = record["coefficients"]
    names = [name for name in Score.__dataclass_fields__ if name != "release"]
    scored = [
        Score(release, **{name: row[name] for name in names})
        for release, rows in record["scores"].items()
        for row in rows
    ]
    return ResponseModel(
        terms=tuple(fit["terms"]),
        mean=np.array(fit["coefficient"]),
        covariance=np.array(fit["covariance"]),
        default_on=bool(record["default_on"]),
        rule=str(record["rule"]),
        scored=tuple(scored),
        checks=record["checks"],
    )


def observed_assembly() -> dict[str, Any]:
    """Return how members voted in recorded votes of 2014-2023.

    Returns
    -------
    dict
        `yes`: two Beta parameters of the chance of yes; `silent`: chance of abstaining or absence;
        both fit `detente.alignment.influence_assembly.assembly_power`.

    Examples
    --------
    >>> sorted(observed_assembly())
    ['silent', 'yes']
    """
    votes = read_record()["assembly_votes"]
    first, second = votes["yes"]
    return {"yes": (float(first), float(second)), "silent": float(votes["silent"])}
