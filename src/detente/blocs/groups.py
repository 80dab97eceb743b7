"""How close the members of a group stand, and how divided the system is, with intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from detente.blocs.camps import Partition
from detente.blocs.graph import read_edges
from detente.blocs.rule import tie_rule
from detente.blocs.ties import signed_ties
from detente.errors import ScenarioError, WorldError
from detente.world import World

QUANTILES = (0.05, 0.5, 0.95)


def cohesion(
    world: World,
    members: str | Sequence[str],
    draws: int = 200,
    seed: int = 0,
    positions: pd.DataFrame | None = None,
    ties: Sequence[pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Return how close the members of a group stand to one another.

    Parameters
    ----------
    world
        Carries `ideal_point` with `ideal_point_sd`, `un_agreement` and the layers of the tie rule;
        a measure whose layers are missing is left out.
    members
        A group of the world (`"@EU"`) or a list of codes.
    draws
        Draws of positions and ties for the intervals.
    seed
        Of the draws.
    positions
        Draws of ideal points, one row a draw, one column a country, in place of the world's.
    ties
        Draws of the ties, in place of those of `signed_ties`.

    Returns
    -------
    DataFrame
        Columns measure, median, p05, p95, members (with a value), unit. Measures: `dispersion`,
        standard deviation of the members' ideal points (falls as a group closes ranks); `spread`,
        largest distance of two members; `agreement`, mean share of agreement in votes over pairs
        (no interval: the votes are counted, not sampled); `tie_balance`, positive less negative
        weight of the ties within over the weight of all ties within, 1 if none is negative.

    Raises
    ------
    WorldError
        If a member or group is unknown, or fewer than two members are in the world.
    ScenarioError
        If `draws` is below one.

    Examples
    --------
    >>> import detente as dt
    >>> table = cohesion(dt.load_world("world2023"), "@EU", draws=20)
    >>> table["measure"].tolist()
    ['dispersion', 'spread', 'agreement', 'tie_balance']
    """
    if draws < 1:
        raise ScenarioError(f"draws is {draws}; at least one is needed")
    names = _members(world, members)
    where = [world.countries.index(name) for name in names]
    rng = np.random.default_rng(seed)
    rows = []
    points = _draw_positions(world, positions, draws, rng)
    if points is not None:
        inside = points[:, where]
        inside = inside[:, ~np.isnan(inside).any(axis=0)]
        if inside.shape[1] > 1:
            rows.append(_row("dispersion", inside.std(axis=1), inside.shape[1], "ideal points"))
            span = inside.max(axis=1) - inside.min(axis=1)
            rows.append(_row("spread", span, inside.shape[1], "ideal points"))
    if world.has("un_agreement"):
        values = world.values("un_agreement")[np.ix_(where, where)]
        known = values[np.triu_indices(len(where), 1)]
        known = known[~np.isnan(known)]
        if known.size:
            counted = int((~np.isnan(values)).sum(axis=1).astype(bool).sum())
            rows.append(_row("agreement", np.array([known.mean()]), counted, "share 0-1"))
    given = _draw_ties(world, draws, rng) if ties is None else ties
    balance = np.array([share for table in given for share in _balance(table, set(names))])
    if balance.size:
        rows.append(_row("tie_balance", balance, len(names), "share -1 to 1"))
    return pd.DataFrame(rows, columns=["measure", "median", "p05", "p95", "members", "unit"])


def _row(measure: str, values: np.ndarray, members: int, unit: str) -> dict[str, object]:
    low, mid, high = np.quantile(values, QUANTILES)
    return {
        "measure": measure,
        "median": float(mid),
        "p05": float(low),
        "p95": float(high),
        "members": members,
        "unit": unit,
    }


def _draw_ties(world: World, draws: int, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Return draws of the ties, none if the world lacks the layers of the rule."""
    if not all(world.has(layer) for layer in tie_rule()["layer"]):
        return []
    return [signed_ties(world, rng=rng) for _ in range(draws)]


def _balance(ties: pd.DataFrame, names: set[str]) -> list[float]:
    """Return positive less negative weight within a group, over all of it; nothing without ties."""
    graph = read_edges(ties, names)
    member = np.isin(np.array(graph.actors), list(names))
    inside = member[graph.a] & member[graph.b]
    total = float(graph.weight[inside].sum())
    return [float((graph.sign * graph.weight)[inside].sum()) / total] if total else []


def _members(world: World, members: str | Sequence[str]) -> list[str]:
    names = world.members(members) if isinstance(members, str) else members
    unknown = [name for name in names if name not in world.countries]
    if unknown:
        raise WorldError(f"world '{world.name}' has no country {unknown[0]!r}")
    found = sorted(set(names))
    if len(found) < 2:
        raise WorldError("cohesion needs two members or more in the world")
    return found


def _draw_positions(
    world: World, positions: pd.DataFrame | None, draws: int, rng: np.random.Generator
) -> np.ndarray | None:
    if positions is not None:
        unknown = sorted(set(map(str, positions.columns)) - set(world.countries))
        if unknown:
            raise WorldError(f"positions name {unknown[0]}, which world '{world.name}' lacks")
        return positions.reindex(columns=world.countries).to_numpy(dtype=float)
    if not world.has("ideal_point"):
        return None
    point = world.values("ideal_point").astype(float)
    spread = np.zeros(len(point))
    if world.has("ideal_point_sd"):
        spread = np.nan_to_num(world.values("ideal_point_sd"), nan=0.0)
    return point + spread * rng.standard_normal((draws, len(point)))


def esteban_ray(
    positions: np.ndarray, shares: np.ndarray, alpha: float = 1.0, bandwidth: float | None = None
) -> float:
    """Return the polarization of positions, for states of unequal weight.

    Parameters
    ----------
    positions
        Position of each state.
    shares
        Weight of each (population, output, one); scaled to add up to one.
    alpha
        How much identification counts, above 0 and at most 1.6 (at most 1 with a bandwidth).
    bandwidth
        Width of the neighbourhood with which a state identifies (standard deviation of a normal
        kernel). Without it a state identifies with those at exactly its position.

    Raises
    ------
    ScenarioError
        If the numbers are out of range or the lengths differ.

    Notes
    -----
    Esteban & Ray (1994), equation (3): sum_ij pi_i^(1+alpha) pi_j |y_i - y_j|, where pi sums the
    shares at one position. With a bandwidth the density takes the place of pi^alpha: Duclos,
    Esteban & Ray (2004), equation (8). Two equal camps at distance one have polarization
    2 (1/2)^(2+alpha) without a bandwidth.

    Examples
    --------
    >>> esteban_ray(np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    0.25
    """
    y, pi = np.asarray(positions, dtype=float), np.asarray(shares, dtype=float)
    most = 1.6 if bandwidth is None else 1.0
    if not 0 < alpha <= most:
        raise ScenarioError(f"alpha is {alpha}; it must be above 0 and at most {most}")
    if y.shape != pi.shape or y.ndim != 1 or not len(y):
        raise ScenarioError(f"positions {y.shape} and shares {pi.shape} must be two equal lists")
    good = np.isfinite(y).all() and np.isfinite(pi).all() and (pi >= 0).all() and pi.sum() > 0
    if not good or (bandwidth is not None and bandwidth <= 0):
        raise ScenarioError("positions and shares must be numbers, shares and bandwidth above zero")
    pi = pi / pi.sum()
    gap = np.abs(y[:, None] - y[None, :])
    if bandwidth is None:
        near = (gap == 0) @ pi
    else:
        kernel = gap / bandwidth
        np.multiply(kernel, kernel, out=kernel)
        np.exp(np.multiply(kernel, -0.5, out=kernel), out=kernel)
        near = kernel @ pi / (bandwidth * np.sqrt(2 * np.pi))
    return float((pi * near**alpha) @ gap @ pi)


def bimodality(positions: np.ndarray, shares: np.ndarray | None = None) -> float:
    """Return (skewness^2 + 1) / kurtosis: 5/9 for a uniform spread, 1 for two points.

    Parameters
    ----------
    positions
        Position of each state.
    shares
        Weight of each; equal without them.

    Notes
    -----
    Pearson (1916) bounds it by 1. NaN if all positions are equal.

    Examples
    --------
    >>> bimodality(np.array([-1.0, -1.0, 1.0, 1.0]))
    1.0
    """
    y = np.asarray(positions, dtype=float)
    weight = np.ones(len(y)) if shares is None else np.asarray(shares, dtype=float)
    mean = np.average(y, weights=weight)
    second, third, fourth = (np.average((y - mean) ** k, weights=weight) for k in (2, 3, 4))
    if second <= 0:
        return float("nan")
    return float(((third / second**1.5) ** 2 + 1) / (fourth / second**2))


def signed_modularity(result: Partition) -> float:
    """Return how much more a partition sorts the ties than their chance placement would.

    Parameters
    ----------
    result
        A partition of a signed network.

    Notes
    -----
    Gómez, Jensen & Arenas (2009), with each actor's positive and negative strength kept:
    Q = sum_ij [w_ij - (p_i p_j / P - q_i q_j / N)] d(c_i, c_j) / (P + N), where p and q are the
    positive and negative strengths and P and N their sums. NaN without ties.

    Examples
    --------
    >>> from detente.blocs import partition
    >>> ties = pd.DataFrame({"a": ["W", "Y", "W"], "b": ["X", "Z", "Y"], "sign": [1, 1, -1]})
    >>> signed_modularity(partition(ties, 2))
    0.5
    """
    matrix = result.graph.matrix
    positive, negative = np.maximum(matrix, 0), np.maximum(-matrix, 0)
    total = positive.sum() + negative.sum()
    if not total:
        return float("nan")
    expected = np.zeros_like(matrix)
    for part, sign in ((positive, 1.0), (negative, -1.0)):
        if part.sum():
            strength = part.sum(axis=1)
            expected += sign * np.outer(strength, strength) / part.sum()
    camps = result.cover.camps
    same = camps[:, None] == camps[None, :]
    return float((same * (matrix - expected)).sum() / total)


def polarization(
    world: World,
    weight: str | None = "gdp",
    alpha: float = 1.0,
    bandwidth: float = 0.5,
    draws: int = 200,
    seed: int = 0,
    positions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how divided the states' positions are, with intervals over draws of the positions.

    Parameters
    ----------
    world
        Carries `ideal_point`, `ideal_point_sd` and the layer that weighs states.
    weight
        Layer that weighs states (`gdp`, `population`), or None for one state, one weight.
    alpha, bandwidth
        As in `esteban_ray`; the bandwidth is fixed, so that worlds can be compared.
    draws, seed, positions
        As in `cohesion`.

    Returns
    -------
    DataFrame
        Columns measure, median, p05, p95, members (states with a position), unit. Measures:
        `esteban_ray`, `dispersion` (weighted standard deviation), `bimodality`. States without a
        position are left out.

    Raises
    ------
    WorldError
        If the world lacks positions or the weighing layer.
    ScenarioError
        If `draws` is below one.

    Examples
    --------
    >>> import detente as dt
    >>> polarization(dt.load_world("world2023"), draws=20)["measure"].tolist()
    ['esteban_ray', 'dispersion', 'bimodality']
    """
    if draws < 1:
        raise ScenarioError(f"draws is {draws}; at least one is needed")
    if positions is None:
        world.values("ideal_point")
    points = _draw_positions(world, positions, draws, np.random.default_rng(seed))
    shares = np.ones(len(world.countries)) if weight is None else world.values(weight).astype(float)
    assert points is not None
    known = ~np.isnan(points).any(axis=0) & np.isfinite(shares)
    points, shares = points[:, known], shares[known]
    rows = []
    for measure, value, unit in (
        ("esteban_ray", lambda y: esteban_ray(y, shares, alpha, bandwidth), "index"),
        (
            "dispersion",
            lambda y: float(np.sqrt(np.cov(y, aweights=shares, ddof=0))),
            "ideal points",
        ),
        ("bimodality", lambda y: bimodality(y, shares), "index 0-1"),
    ):
        rows.append(_row(measure, np.array([value(y) for y in points]), int(known.sum()), unit))
    return pd.DataFrame(rows, columns=["measure", "median", "p05", "p95", "members", "unit"])


def _deviation(positions: np.ndarray, shares: np.ndarray) -> float:
    mean = np.average(positions, weights=shares)
    return float(np.sqrt(np.average((positions - mean) ** 2, weights=shares)))
