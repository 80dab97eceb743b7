"""Power in weighted voting: Banzhaf, Shapley-Shubik and Coleman, by generating functions.

One function of one variable answers for all of them. Let every other voter say yes with
probability t, independently, and let s_i(t) be the probability that voter i then decides. Then
s_i(1/2) is the absolute Banzhaf (Penrose) power, and the integral of s_i over t from 0 to 1 is the
Shapley-Shubik index (Owen 1972, Management Science 18:P64, the multilinear extension). s_i is a
polynomial of degree n - 1, so that ceil(n/2) Gauss-Legendre nodes give the integral exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm

import numpy as np
import pandas as pd

from detente.errors import ScenarioError

# Largest work (voters x nodes x total weight) that is done exactly when nobody asks for it.
EXACT_WORK = 4e9
# Weights that are no whole numbers are made whole if one denominator up to this fits them all.
DENOMINATOR = 10_000
# Largest number of cells (nodes x weights) held at once.
CHUNK = 2_000_000


@dataclass(frozen=True)
class VotingPower:
    """What each player of a weighted game can do.

    Attributes
    ----------
    players : names, in the order given
    weights, quota : the game; a coalition wins when its weight is at least the quota
    swing : probability to decide when every other player tosses a fair coin (absolute Banzhaf)
    shapley : Shapley-Shubik index; sums to one
    passing : probability that fair coins pass a motion (Coleman's power of the body to act)
    swing_se, shapley_se, passing_se : standard errors; zero when exact
    method : `exact` or `sample`
    """

    players: tuple[str, ...]
    weights: np.ndarray
    quota: float
    swing: np.ndarray
    shapley: np.ndarray
    passing: float
    swing_se: np.ndarray
    shapley_se: np.ndarray
    passing_se: float
    method: str

    @property
    def banzhaf(self) -> np.ndarray:
        """Banzhaf index: the swings divided by their sum."""
        return self.swing / self.swing.sum()

    @property
    def coleman_prevent(self) -> np.ndarray:
        """Coleman's power to prevent action: share of winning coalitions that need the player."""
        return self.swing / (2 * self.passing)

    @property
    def coleman_initiate(self) -> np.ndarray:
        """Coleman's power to initiate action: share of losing coalitions that the player turns.

        Where only the empty coalition loses, everyone turns it.
        """
        return self.swing / (2 * (1 - self.passing))

    def table(self) -> pd.DataFrame:
        """Return one row a player, the standard errors beside the two indices."""
        return pd.DataFrame({
            "player": self.players,
            "weight": self.weights,
            "weight_share": self.weights / self.weights.sum(),
            "banzhaf": self.banzhaf,
            "shapley": self.shapley,
            "swing": self.swing,
            "coleman_prevent": self.coleman_prevent,
            "coleman_initiate": self.coleman_initiate,
            "swing_se": self.swing_se,
            "shapley_se": self.shapley_se,
        })  # fmt: skip


def voting_power(
    weights: Mapping[str, float] | Sequence[float],
    quota: float,
    method: str = "auto",
    draws: int = 100_000,
    seed: int = 0,
) -> VotingPower:
    """Return the power of each player of a weighted voting game.

    Parameters
    ----------
    weights
        Weight of each player, >= 0; a mapping from names, or a sequence (named 1, 2, ...).
    quota
        Weight that a coalition needs to win; above 0 and at most the total.
    method
        `exact`, `sample`, or `auto`: exact where the weights are whole numbers (or become so with
        a common denominator up to 10,000) and the work is small, else by sampling.
    draws, seed
        Number of sampled orders and coalitions, and their seed; not used when exact.

    Raises
    ------
    ScenarioError
        If a weight is negative or not finite, nobody has weight, the quota is out of range, or
        an exact answer is asked for weights that have no common denominator.

    Notes
    -----
    Banzhaf (1965) Rutgers Law Review 19:317; Shapley & Shubik (1954) APSR 48:787; Coleman (1971).
    Who has a seat has power by position alone: no player likes or dislikes another.

    Examples
    --------
    The Council of the European Economic Community in 1958, where Luxembourg never decided:

    >>> power = voting_power({"DEU": 4, "FRA": 4, "ITA": 4, "BEL": 2, "NLD": 2, "LUX": 1}, 12)
    >>> [round(float(value), 3) for value in power.shapley]
    [0.233, 0.233, 0.233, 0.15, 0.15, 0.0]
    """
    names, values = _players(weights)
    _check(values, quota, method)
    whole = _whole(values, quota)
    if method == "exact" and whole is None:
        raise ScenarioError(
            f"no common denominator up to {DENOMINATOR:,} makes these weights whole numbers; "
            "round them, or use method='sample'"
        )
    fits = whole is not None and _work(whole[0]) <= EXACT_WORK
    if whole is not None and (method == "exact" or (method == "auto" and fits)):
        swing, shapley, passing = exact_power(*whole)
        zero = np.zeros(len(names))
        return VotingPower(names, values, quota, swing, shapley, passing, zero, zero, 0.0, "exact")
    return _sampled(names, values, float(quota), draws, seed)


def exact_power(weights: np.ndarray, quota: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return swing probabilities, Shapley-Shubik indices and the probability to pass.

    Parameters
    ----------
    weights
        Whole numbers >= 0.
    quota
        Whole number in 1 ... sum of weights.

    Examples
    --------
    >>> swing, shapley, passing = exact_power(np.array([2, 1, 1]), 3)
    >>> swing.round(3).tolist(), shapley.round(3).tolist(), round(passing, 3)
    ([0.75, 0.25, 0.25], [0.667, 0.167, 0.167], 0.375)
    """
    nodes, shares = np.polynomial.legendre.leggauss(ceil(len(weights) / 2))
    nodes, shares = (nodes + 1) / 2, shares / 2
    # Players of one weight are the same player: added up once, they cannot differ by rounding.
    kinds, kind = np.unique(np.asarray(weights, dtype=int), return_inverse=True)
    swing, total = _by_kind(weights, kinds, quota, np.array([0.5]))
    step = max(1, CHUNK // (int(weights.sum()) + 1))
    shapley = np.zeros(len(kinds))
    for start in range(0, len(nodes), step):
        part = slice(start, start + step)
        shapley += shares[part] @ _by_kind(weights, kinds, quota, nodes[part])[0]
    return swing[0, kind], shapley[kind], float(total[0])


def decisive(weights: np.ndarray, quota: int, yes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability that each voter decides, and that a motion passes.

    Parameters
    ----------
    weights
        Whole numbers >= 0.
    quota
        Whole number.
    yes
        Probabilities in (0, 1) with which every voter says yes, independently.

    Returns
    -------
    decides
        One row per probability, one column per voter.
    passes
        One number per probability.

    Examples
    --------
    >>> decisive(np.array([1, 1, 1]), 2, np.array([0.5]))[0].round(3).tolist()
    [[0.5, 0.5, 0.5]]
    """
    kinds, kind = np.unique(np.asarray(weights, dtype=int), return_inverse=True)
    decides, passes = _by_kind(weights, kinds, quota, yes)
    return decides[:, kind], passes


def _by_kind(
    weights: np.ndarray, kinds: np.ndarray, quota: int, yes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return [probability, kind] the chance that a voter of each weight decides, and of passing."""
    weights = np.asarray(weights, dtype=int)
    total = int(weights.sum())
    mass = np.zeros((len(yes), total + 1))
    mass[:, 0] = 1.0
    reach, chance = 0, yes[:, None]
    for weight in weights:
        after = mass[:, : reach + weight + 1] * (1 - chance)
        after[:, weight:] += mass[:, : reach + 1] * chance
        reach += int(weight)
        mass[:, : reach + 1] = after
    decides = np.zeros((len(yes), len(kinds)))
    for place, weight in enumerate(kinds):
        if weight:
            others = _without(mass, int(weight), yes)
            window = others[:, max(quota - weight, 0) : quota]
            # What is left of a sum of nothing after rounding must not be a negative probability.
            decides[:, place] = np.maximum(window.sum(axis=1), 0.0)
    return decides, mass[:, quota:].sum(axis=1)


def _without(mass: np.ndarray, weight: int, yes: np.ndarray) -> np.ndarray:
    """Divide one voter out of the distribution of the weight that says yes.

    The division runs upwards where t <= 1/2 and downwards elsewhere, so that an error of rounding
    is carried on by a factor of at most one.
    """
    length = mass.shape[1] - weight
    rest = np.zeros((len(yes), length))
    low = yes <= 0.5
    for rows, ahead in ((low, True), (~low, False)):
        if not rows.any():
            continue
        table = mass[rows] if ahead else mass[rows, ::-1]
        chance = yes[rows, None] if ahead else 1 - yes[rows, None]
        part = np.zeros((int(rows.sum()), length))
        for start in range(0, length, weight):
            stop = min(start + weight, length)
            found = table[:, start:stop]
            if start:
                found = found - chance * part[:, start - weight : stop - weight]
            part[:, start:stop] = found / (1 - chance)
        rest[rows] = part if ahead else part[:, ::-1]
    return rest


def _players(weights: Mapping[str, float] | Sequence[float]) -> tuple[tuple[str, ...], np.ndarray]:
    if isinstance(weights, Mapping):
        return tuple(map(str, weights)), np.array(list(weights.values()), dtype=float)
    values = np.asarray(weights, dtype=float)
    if values.ndim != 1:
        raise ScenarioError(f"weights must be one row of numbers; these have shape {values.shape}")
    return tuple(str(place + 1) for place in range(len(values))), values


def _check(weights: np.ndarray, quota: float, method: str) -> None:
    if method not in ("auto", "exact", "sample"):
        raise ScenarioError(f"method '{method}' is unknown; use auto, exact or sample")
    if not len(weights) or not np.isfinite(weights).all() or (weights < 0).any():
        raise ScenarioError("weights must be finite numbers >= 0, at least one of them")
    total = weights.sum()
    if not 0 < quota <= total:
        raise ScenarioError(
            f"a quota of {quota:g} cannot be used with a total weight of {total:g}; it must be "
            "above 0 and at most the total"
        )


def _whole(weights: np.ndarray, quota: float) -> tuple[np.ndarray, int] | None:
    """Return weights and quota as whole numbers, or None if no small denominator fits."""
    fractions = [Fraction(float(w)).limit_denominator(DENOMINATOR) for w in weights]
    if any(
        abs(float(f) - w) > 1e-12 * max(1.0, w) for f, w in zip(fractions, weights, strict=True)
    ):
        return None
    scale = lcm(*(f.denominator for f in fractions))
    if scale > DENOMINATOR:
        return None
    whole = np.array([int(f * scale) for f in fractions])
    # A quota such as 2/3 of 193 falls between two sums; the next sum above it is needed.
    need = ceil(round(quota * scale, 9))
    common = int(np.gcd.reduce(whole))
    return whole // common, -(-need // common)


def _work(weights: np.ndarray) -> float:
    return len(weights) * ceil(len(weights) / 2) * float(weights.sum() + 1)


def _sampled(
    names: tuple[str, ...], weights: np.ndarray, quota: float, draws: int, seed: int
) -> VotingPower:
    """Estimate both indices from random orders and random coalitions."""
    if draws < 100:
        raise ScenarioError(f"{draws} draws give no usable standard error; use 100 or more")
    random = np.random.default_rng(seed)
    count, step = len(weights), max(1, CHUNK // len(weights))
    pivots, swings, passed = np.zeros(count), np.zeros(count), 0
    # Sums of the same weights in another order differ by rounding.
    need = quota - 1e-9 * weights.sum()
    for start in range(0, draws, step):
        size = min(step, draws - start)
        order = random.permuted(np.tile(np.arange(count), (size, 1)), axis=1)
        place = (np.cumsum(weights[order], axis=1) >= need).argmax(axis=1)
        pivots += np.bincount(order[np.arange(size), place], minlength=count)
        inside = random.random((size, count)) < 0.5
        weight = inside @ weights
        without = weight[:, None] - inside * weights
        swings += ((without < need) & (without + weights >= need)).sum(axis=0)
        passed += int((weight >= need).sum())
    shapley, swing, passing = pivots / draws, swings / draws, passed / draws
    return VotingPower(
        names, weights, quota, swing, shapley, passing,
        np.sqrt(swing * (1 - swing) / draws),
        np.sqrt(shapley * (1 - shapley) / draws),
        float(np.sqrt(passing * (1 - passing) / draws)),
        "sample",
    )  # fmt: skip
