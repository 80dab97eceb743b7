"""Draws of everything that is uncertain in the risk of disputes.

Draw n has its own stream, keyed by the seed and n, so that it is the same however many there are.
What is drawn depends on the estimates alone and not on a world: a scenario and its base share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.security.dispute_record import STAGES, DisputeModel
from detente.security.dispute_terms import PAIR, STATE
from detente.security.seeds import draw_numbers


@dataclass(frozen=True)
class DisputeDraws:
    """One row a draw.

    Attributes
    ----------
    onset : coefficients [draw, name]; the level is in the constant
    stages : coefficients [draw, name] of deaths given onset and of war given deaths
    states : log relative risk [draw, state], in the order of `DisputeModel.states`
    pairs : log relative risk [draw, pair], in the order of `DisputeModel.pairs`
    """

    onset: np.ndarray
    stages: dict[str, np.ndarray]
    states: np.ndarray
    pairs: np.ndarray


def point_draw(model: DisputeModel) -> DisputeDraws:
    """Return one row that holds the estimates themselves."""
    onset = model.coefficient.copy()
    onset[0] += model.level_shift
    stages = {name: model.stages[name][0][None] for name in STAGES}
    states = np.array([risk for risk, _ in model.states.values()])
    pairs = np.array([risk for *_, risk, _ in model.pairs])
    return DisputeDraws(onset[None], stages, states[None], pairs[None])


def draw_disputes(model: DisputeModel, draws: int | Sequence[int], seed: int) -> DisputeDraws:
    """Return draws of coefficients, level and relative risks.

    Parameters
    ----------
    model
        The estimates.
    draws, seed
        How many draws, or their numbers; and the seed.

    Notes
    -----
    A relative risk is Gamma with the shape of its record. Draws are divided by E[(g / shape)^c],
    with c its coefficient in the logit, so that small chances keep their mean over draws.

    Examples
    --------
    >>> from detente.security.dispute_record import dispute_model
    >>> few, many = (draw_disputes(dispute_model(), count, 1) for count in (2, 3))
    >>> bool((few.pairs == many.pairs[:2]).all())
    True
    """
    point = point_draw(model)
    sizes = {
        "states": np.array([shape for _, shape in model.states.values()]),
        "pairs": np.array([shape for *_, shape in model.pairs]),
    }
    count, parts = len(model.names), {name: [] for name in ("normal", *sizes)}
    for number in draw_numbers(draws):
        random = np.random.default_rng([seed, number])
        parts["normal"].append(random.standard_normal((1 + len(STAGES)) * count + 1))
        for name, shape in sizes.items():
            parts[name].append(random.standard_gamma(shape))
    normal = np.array(parts["normal"])
    onset = point.onset + normal[:, :count] @ _root(model.covariance)
    onset[:, 0] += model.level_sd * normal[:, -1]
    stages = {}
    for place, name in enumerate(STAGES, start=1):
        own = normal[:, place * count : (place + 1) * count]
        stages[name] = point.stages[name] + own @ _root(model.stages[name][1])
    risks = {
        name: getattr(point, name) + _centred(np.array(parts[name]), shape, model.of(term))
        for (name, shape), term in zip(sizes.items(), (STATE, PAIR), strict=True)
    }
    return DisputeDraws(onset, stages, risks["states"], risks["pairs"])


def _root(covariance: np.ndarray) -> np.ndarray:
    # The eigenvalues of a rounded covariance can fall below zero by its rounding.
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0.0))).T


def _centred(draws: np.ndarray, shape: np.ndarray, power: float) -> np.ndarray:
    from scipy.special import gammaln

    # log E[(g / shape)^power] of g ~ Gamma(shape).
    mean = gammaln(shape + power) - gammaln(shape) - power * np.log(shape)
    return np.log(np.maximum(draws, 1e-300) / shape) - mean / power
