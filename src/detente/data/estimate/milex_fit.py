"""Fitting the demand for military spending: partial adjustment with state and year effects.

    m_it = l m_i,t-1 + b' x_it + a_i + g_t + u_it,   long run b / (1 - l)

A lag beside state effects is biased down by about (1 + l) / T (Nickell 1981, Econometrica 49:1417).
The lag is therefore corrected by the half-panel jackknife (Dhaene & Jochmans 2015, Review of
Economic Studies 82:991), which needs no instrument and holds in unbalanced panels with long series;
the other coefficients are then fitted to m - l m_-1.
"""

from dataclasses import dataclass, replace

import numpy as np

from detente.data.estimate.milex_panel import Panel

TERMS = ("output", "threat", "rivals", "allies", "nato_allies", "democracy", "nato")
NAMES = ("lag", *TERMS)
ESTIMATORS = ("within", "jackknife", "pooled")
BLOCK = 8  # years that are drawn together in the bootstrap


@dataclass(frozen=True)
class Rows:
    """Observations of the equation.

    Attributes
    ----------
    now, before : log spending in the year and the year before, [row]
    terms : [row, term], in the order of `TERMS`
    state, year : places on the axes of the panel, [row]
    common : which rows share a year effect, [row]; as `year` unless a group has its own
    """

    now: np.ndarray
    before: np.ndarray
    terms: np.ndarray
    state: np.ndarray
    year: np.ndarray
    common: np.ndarray

    def only(self, kept: np.ndarray) -> "Rows":
        """Return some of the rows."""
        return Rows(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def partners(panel: Panel) -> dict[str, np.ndarray]:
    """Return log(1 + million USD) of rivals' and allies' spending of each year, [year, country].

    Allies of members of the North Atlantic treaty stand apart: elsewhere `nato_allies` is zero.
    """
    level = panel.level()
    rivals = np.log1p(np.einsum("tij,tj->ti", panel.rivals.astype(float), level))
    allies = np.log1p(np.einsum("tij,tj->ti", panel.pacts.astype(float), level))
    return {
        "rivals": rivals,
        "allies": np.where(panel.nato, 0.0, allies),
        "nato_allies": np.where(panel.nato, allies, 0.0),
    }


def design(panel: Panel) -> Rows:
    """Return the rows of a panel.

    Output and threat are of the year (the features of the threat end the year before); partners'
    spending, democracy and membership are of the year before, so that no state is explained by
    an answer to itself.
    """
    sums = partners(panel)
    known = np.isfinite(panel.spending[1:]) & np.isfinite(panel.spending[:-1])
    known &= np.isfinite(panel.output[1:]) & np.isfinite(panel.democracy[:-1])
    t, i = np.nonzero(known)
    terms = np.stack([
        panel.output[t + 1, i], panel.threat[t + 1, i], sums["rivals"][t, i],
        sums["allies"][t, i], sums["nato_allies"][t, i], panel.democracy[t, i],
        panel.nato[t, i].astype(float),
    ], axis=1)  # fmt: skip
    return Rows(panel.spending[t + 1, i], panel.spending[t, i], terms, i, t + 1, t + 1)


def within(
    values: np.ndarray, state: np.ndarray, year: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:
    """Return values [row, column] less state and year effects, exactly, in unbalanced panels.

    Examples
    --------
    >>> state, year = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> within(np.array([[1.0], [2.0], [5.0], [6.0]]), state, year).ravel().tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    return values - sum(effects(values, state, year, weight))


def effects(
    values: np.ndarray, state: np.ndarray, year: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return state and year effects by row, [row, column] each; the first year's effect is zero."""
    w = np.ones(len(values)) if weight is None else weight
    states, years = int(state.max()) + 1, int(year.max()) + 1
    joint = np.zeros((states, years))
    np.add.at(joint, (state, year), w)
    per_state = np.maximum(joint.sum(axis=1), 1e-300)
    sums = np.stack([np.bincount(state, w * x, states) for x in values.T], axis=1)
    totals = np.stack([np.bincount(year, w * x, years) for x in values.T], axis=1)
    left = np.diag(joint.sum(axis=0)) - joint.T @ (joint / per_state[:, None])
    right = totals - joint.T @ (sums / per_state[:, None])
    by_year = np.linalg.lstsq(left, right, rcond=1e-10)[0]
    by_year = by_year - by_year[int(year.min())]
    by_state = (sums - joint @ by_year) / per_state[:, None]
    return by_state[state], by_year[year]


def fit(
    rows: Rows,
    weight: np.ndarray | None = None,
    estimator: str = "jackknife",
    lag: float | None = None,
) -> np.ndarray:
    """Return the lag and the coefficients of the terms, in the order of `NAMES`.

    Parameters
    ----------
    rows
        Observations.
    weight
        Weight of each row; 1 if absent.
    estimator
        One of `ESTIMATORS`: `within` (state and year effects), `jackknife` (the same with the lag
        corrected), `pooled` (year effects alone: the lag is biased up, and levels count).
    lag
        Take this lag instead of estimating one; 0 gives the static equation.
    """
    w = np.ones(len(rows.now)) if weight is None else weight
    if estimator == "pooled":
        rows = replace(rows, state=np.zeros_like(rows.state))
    stacked = np.column_stack([rows.now, rows.before, rows.terms])
    clean = within(stacked, rows.state, rows.common, w)
    if lag is None:
        lag = float(_least(clean[:, 1:], clean[:, 0], w)[0])
        if estimator == "jackknife":
            early = rows.year <= _middle(rows)[rows.state]
            parts = [_lag(stacked[k], rows.only(k), w[k]) for k in (early, ~early)]
            lag = 2 * lag - sum(parts) / 2
    rest = _least(clean[:, 2:], clean[:, 0] - lag * clean[:, 1], w)
    return np.concatenate([[lag], rest])


def _lag(stacked: np.ndarray, rows: Rows, w: np.ndarray) -> float:
    clean = within(stacked, rows.state, rows.common, w)
    return float(_least(clean[:, 1:], clean[:, 0], w)[0])


def _middle(rows: Rows) -> np.ndarray:
    """Return the median year of each state's rows."""
    found = np.zeros(int(rows.state.max()) + 1)
    for state in np.unique(rows.state):
        found[state] = np.median(rows.year[rows.state == state])
    return found


def _least(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return weighted least squares; a term that never varies gets zero."""
    squares, products = (x * w[:, None]).T @ x, (x * w[:, None]).T @ y
    size = np.diag(squares)
    alive = size > 1e-9 * max(float(size.max()), 1e-300)
    scale = np.sqrt(size[alive])
    found = np.zeros(x.shape[1])
    inside = squares[np.ix_(alive, alive)] / np.outer(scale, scale)
    found[alive] = np.linalg.lstsq(inside, products[alive] / scale, rcond=1e-10)[0] / scale
    return found


def long_run(found: np.ndarray) -> np.ndarray:
    """Return coefficients [..., name] with those of the terms divided by one minus the lag."""
    lag = found[..., :1]
    return np.concatenate([lag, found[..., 1:] / (1 - lag)], axis=-1)


def bootstrap(
    rows: Rows, draws: int, seed: int, estimator: str = "jackknife", lag: float | None = None
) -> np.ndarray:
    """Return fits of samples of states and of blocks of years, both with replacement, [draw, name].

    Drawing both (Owen 2007, Annals of Applied Statistics 1:386) keeps the errors that one state
    shares over time and those that an alliance shares in a period; it is, if anything, wide.
    """
    random = np.random.default_rng(seed)
    states, first = int(rows.state.max()) + 1, int(rows.year.min())
    years = int(rows.year.max()) + 1 - first
    blocks = -(-years // BLOCK)
    found = []
    for _ in range(draws):
        by_state = np.bincount(random.integers(states, size=states), minlength=states)
        starts = random.integers(years, size=blocks)
        drawn = ((starts[:, None] + np.arange(BLOCK)) % years).ravel()[:years]
        by_year = np.bincount(drawn, minlength=years)
        weight = (by_state[rows.state] * by_year[rows.year - first]).astype(float)
        kept = weight > 0
        found.append(fit(rows.only(kept), weight[kept], estimator, lag))
    return np.array(found)


def anderson_hsiao(rows: Rows) -> float:
    """Return the lag from first differences, instrumented by the level two years before.

    Anderson & Hsiao (1981, Journal of the American Statistical Association 76:598). A check: with
    a lag near one the level says little of the next change.
    """
    key = {(s, t): n for n, (s, t) in enumerate(zip(rows.state, rows.year, strict=True))}
    both = [
        (n, key[s, t - 1]) for n, (s, t) in enumerate(zip(rows.state, rows.year, strict=True))
        if (s, t - 1) in key
    ]  # fmt: skip
    now, past = (np.array(x) for x in zip(*both, strict=True))
    change = rows.now[now] - rows.now[past]
    moved = rows.before[now] - rows.before[past]
    terms = rows.terms[now] - rows.terms[past]
    years = (rows.year[now][:, None] == np.unique(rows.year[now])).astype(float)
    controls = np.column_stack([terms, years])
    levels = np.column_stack([rows.before[past], controls])
    right = np.column_stack([moved, controls])
    return float(np.linalg.lstsq(levels.T @ right, levels.T @ change, rcond=None)[0][0])
