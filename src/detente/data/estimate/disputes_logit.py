"""Logit with a ridge and covariance over pairs, for outcomes as rare as disputes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.errors import DataError

STEPS, SMALL = 40, 1e-6


@dataclass(frozen=True)
class Logit:
    """A fitted logit.

    Attributes
    ----------
    names : `constant`, then the columns
    coefficient : one a name, in log-odds
    covariance : [name, name], clustered where clusters were given
    rows, events : of the fit
    last_year : latest year of a fitted row; 0 where no years were given
    """

    names: tuple[str, ...]
    coefficient: np.ndarray
    covariance: np.ndarray
    rows: int
    events: int
    last_year: int

    @property
    def se(self) -> np.ndarray:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        """Return probabilities of rows."""
        return logistic(self.coefficient[0] + matrix @ self.coefficient[1:])


def logistic(index: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-index))."""
    return 1.0 / (1.0 + np.exp(-index))


def log_odds(chance: np.ndarray) -> np.ndarray:
    """Return log(p / (1 - p)), finite."""
    inside = np.clip(chance, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside))


def fit_logit(
    matrix: np.ndarray,
    outcome: np.ndarray,
    names: Sequence[str],
    weight: np.ndarray | None = None,
    ridge: float = 0.0,
    cluster: np.ndarray | None = None,
    year: np.ndarray | None = None,
) -> Logit:
    """Maximise the (penalised) likelihood by Newton steps that are halved until they improve.

    Parameters
    ----------
    matrix
        [row, column], finite.
    outcome
        0 or 1.
    names
        Names of the columns.
    weight
        Weights of rows (case-control sampling, King & Zeng 2001).
    ridge
        Penalty on standardised coefficients, as prior precision; never on the constant.
    cluster
        Group of each row for the sandwich covariance (Liang & Zeger 1986).
    year
        Year of each row, kept to prove what was fitted.

    Raises
    ------
    DataError
        If the outcome never or always happens, or the steps do not settle.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> x = random.normal(size=(5000, 1))
    >>> y = (random.random(5000) < logistic(x[:, 0] - 2)).astype(float)
    >>> fit_logit(x, y, ["x"]).coefficient.round(1).tolist()
    [-2.0, 1.1]
    """
    if outcome.min() == outcome.max():
        raise DataError("a logit needs rows of both outcomes")
    size = np.ones(len(outcome)) if weight is None else weight
    centre, spread = matrix.mean(axis=0), matrix.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = np.column_stack([np.ones(len(outcome)), (matrix - centre) / spread]).astype(float)
    penalty = np.full(scaled.shape[1], ridge)
    penalty[0] = 0.0
    beta, curve = _newton(scaled, outcome.astype(float), size, penalty)
    bread = np.linalg.inv(curve)
    covariance = bread
    if cluster is not None:
        score = scaled * (size * (outcome - logistic(scaled @ beta)))[:, None]
        _, group = np.unique(cluster, return_inverse=True)
        total = np.zeros((group.max() + 1, scaled.shape[1]))
        np.add.at(total, group, score)
        covariance = bread @ (total.T @ total) @ bread
    # Back from standardised columns: b = beta / spread, constant = beta_0 - sum beta centre/spread.
    back = np.diag(np.concatenate([[1.0], 1 / spread]))
    back[0, 1:] = -centre / spread
    return Logit(
        ("constant", *names), back @ beta, back @ covariance @ back.T, len(outcome),
        int(outcome.sum()), 0 if year is None else int(year.max()),
    )  # fmt: skip


def _newton(
    scaled: np.ndarray, outcome: np.ndarray, size: np.ndarray, penalty: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    def loss(beta: np.ndarray) -> float:
        index = scaled @ beta
        return float(size @ (np.logaddexp(0.0, index) - outcome * index) + penalty @ beta**2 / 2)

    share = float(np.average(outcome, weights=size))
    beta = np.zeros(scaled.shape[1])
    beta[0] = np.log(share / (1 - share))
    now = loss(beta)
    for _ in range(STEPS):
        chance = logistic(scaled @ beta)
        slope = scaled.T @ (size * (outcome - chance)) - penalty * beta
        curve = (scaled * (size * chance * (1 - chance))[:, None]).T @ scaled + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        # Far out on the tails a whole step overshoots.
        while (new := loss(beta + step)) > now and np.abs(step).max() > SMALL:
            step = step / 2
        beta, gain, now = beta + step, now - new, new
        if gain < SMALL * max(1.0, abs(now)) / 10:
            return beta, curve
    raise DataError(f"the logit did not settle in {STEPS} steps")
