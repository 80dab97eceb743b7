"""The landscape of two-camp configurations: Axelrod & Bennett (1993).

Each pair has a propensity p_ij to work together (positive) or against one another (negative), each
actor a size s_i. Energy E = sum_i s_i sum_j s_j p_ij d_ij, with d_ij = 1 if i and j are in
different camps; a configuration is the lower the fewer friends it separates and the more foes. As
p is symmetric, every move of one actor that lowers its frustration lowers E, so that moves end in
local minima.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from detente.blocs.camps import partition
from detente.blocs.descent import descend_two
from detente.errors import ScenarioError, WorldError

EXHAUSTIVE = 22  # actors up to which every configuration is looked at
SLACK = 1e-9  # differences of energy below this share of the whole are none


@dataclass(frozen=True)
class Landscape:
    """Local minima of the energy of two camps.

    Attributes
    ----------
    minima
        Columns rank, energy, basin, camp_1, camp_2 (names, comma-separated; the first actor is in
        camp_1), lowest first. Basin: the share of all configurations (or of the random starts)
        from which moves of the actor that lowers the energy most end there.
    minimum
        Lowest energy found.
    lower_bound
        No configuration has a lower energy.
    certified
        Whether the two meet.
    exhaustive
        Whether every configuration was looked at, so that all local minima are listed; otherwise
        those that the starts found, the global one always among them.
    """

    minima: pd.DataFrame
    minimum: float
    lower_bound: float
    certified: bool
    exhaustive: bool
    actors: tuple[str, ...] = field(repr=False)
    coupling: np.ndarray = field(repr=False)

    def energy(self, camp: set[str] | list[str]) -> float:
        """Return the energy when the named actors stand against the others.

        Parameters
        ----------
        camp
            Names of one camp.

        Raises
        ------
        WorldError
            If a name is unknown.
        """
        unknown = sorted(set(camp) - set(self.actors))
        if unknown:
            raise WorldError(f"{unknown[0]} is no actor here; actors: {', '.join(self.actors)}")
        side = np.array([1.0 if name in camp else -1.0 for name in self.actors])
        return float(_energies(self.coupling, side[None, :])[0])


def landscape(
    propensity: pd.DataFrame,
    size: pd.Series | None = None,
    starts: int = 2000,
    seed: int = 0,
    seconds: float = 60.0,
) -> Landscape:
    """Return the local minima of the energy of two camps, the lowest of them certified.

    Parameters
    ----------
    propensity
        Symmetric table of actors by actors; positive pairs tend together. The diagonal is not used.
    size
        Weight of each actor, above zero; 1 for each without it.
    starts
        Random configurations to descend from, when there are more than 22 actors.
    seed
        Of these.
    seconds
        Limit of the search in whole numbers for the lowest, where it is needed.

    Raises
    ------
    WorldError
        If the table is not symmetric, has a missing value, or names disagree.
    ScenarioError
        If `starts` is below one.

    Notes
    -----
    Up to 22 actors all 2^(n-1) configurations are enumerated. Beyond, the lowest is found and
    certified as a frustration index with weights 2 s_i s_j |p_ij|. Galam (1998) shows that such
    landscapes can have many more low states than a single picture suggests: read all minima.

    Examples
    --------
    >>> names = list("ABC")
    >>> pull = pd.DataFrame([[0, 1, -1], [1, 0, -1], [-1, -1, 0]], names, names)
    >>> landscape(pull).minima[["energy", "camp_1", "camp_2"]].values.tolist()
    [[-4.0, 'A,B', 'C']]
    """
    if starts < 1:
        raise ScenarioError(f"starts is {starts}; at least one configuration is needed")
    names, coupling = _coupling(propensity, size)
    exhaustive = len(names) <= EXHAUSTIVE
    if exhaustive:
        sides, basin = _every(coupling)
        energy = _energies(coupling, sides)
        lower = float(energy.min())
    else:
        best, lower = _certified(names, coupling, seconds)
        sides, basin = _some(coupling, best, starts, np.random.default_rng(seed))
        energy = _energies(coupling, sides)
    order = np.lexsort((-basin, energy))
    minima = pd.DataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "energy": energy[order],
            "basin": basin[order],
            "camp_1": [_names(names, sides[k] == sides[k, 0]) for k in order],
            "camp_2": [_names(names, sides[k] != sides[k, 0]) for k in order],
        }
    )
    minimum = float(energy.min())
    certified = minimum - lower <= SLACK * max(1.0, float(np.abs(coupling).sum()))
    return Landscape(minima, minimum, lower, certified, exhaustive, names, coupling)


def _names(names: tuple[str, ...], chosen: np.ndarray) -> str:
    return ",".join(name for name, here in zip(names, chosen, strict=True) if here)


def _energies(coupling: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Return sum_ij coupling_ij [side_i != side_j] for each row of sides."""
    together = np.einsum("ki,ij,kj->k", sides, coupling, sides, optimize=True)
    return (coupling.sum() - together) / 2


def _every(coupling: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Look at each configuration with the last actor's side fixed; return minima and basins."""
    n = len(coupling)
    free = n - 1
    total = 1 << free
    bits = np.arange(total, dtype=np.int64)
    least = np.full(total, np.inf)
    steepest = np.zeros(total, dtype=np.int64)
    for actor in range(n):
        # sum_j coupling_ij side_j at each configuration, built by doubling, one bit at a time.
        pull = np.array([coupling[actor, free]])
        for bit in range(free):
            pull = np.concatenate([pull + coupling[actor, bit], pull - coupling[actor, bit]])
        if actor < free:
            pull *= 1 - 2 * ((bits >> actor) & 1)
        # Moving the actor raises the energy by twice this; the lowest is the steepest move.
        lower = pull < least
        least[lower], steepest[lower] = pull[lower], actor
    slack = SLACK * max(1.0, float(np.abs(coupling).sum()))
    flip = np.where(steepest < free, np.int64(1) << steepest, total - 1)
    target = np.where(least < -slack, bits ^ flip, bits)
    while True:
        further = target[target]
        if np.array_equal(further, target):
            break
        target = further
    ends, count = np.unique(target, return_counts=True)
    sides = np.ones((len(ends), n))
    sides[:, :free] = 1 - 2 * ((ends[:, None] >> np.arange(free)) & 1)
    return sides, count / total


def _some(
    coupling: np.ndarray, best: np.ndarray, starts: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Descend from random configurations; return the minima they reach, and the best."""
    given = np.where(rng.random((starts, len(coupling))) < 0.5, 1.0, -1.0)
    reached = descend_two(coupling, given)
    reached *= reached[:, :1]
    best = best * best[0]
    minima, count = np.unique(reached, axis=0, return_counts=True)
    if not (minima == best).all(axis=1).any():
        minima, count = np.vstack([minima, best]), np.append(count, 0)
    return minima, count / starts


def _certified(
    names: tuple[str, ...], coupling: np.ndarray, seconds: float
) -> tuple[np.ndarray, float]:
    """Return the lowest configuration and the energy below which there is none."""
    a, b = np.nonzero(np.triu(coupling, 1))
    value = coupling[a, b]
    label = np.array([f"{k:06d}" for k in range(len(names))], dtype=object)
    ties = pd.DataFrame(
        {"a": label[a], "b": label[b], "sign": np.sign(value).astype(int), "weight": abs(value)}
    )
    found = partition(ties, 2, actors=label, seconds=seconds)
    side = np.where(found.cover.camps == 0, 1.0, -1.0)
    floor = 2 * float(value[value < 0].sum())  # every foe apart, no friend apart
    return side, floor + 2 * found.lower_bound


def _coupling(
    propensity: pd.DataFrame, size: pd.Series | None
) -> tuple[tuple[str, ...], np.ndarray]:
    if not isinstance(propensity, pd.DataFrame) or propensity.shape[0] != propensity.shape[1]:
        raise WorldError("propensity must be a square DataFrame of actors by actors")
    names = tuple(str(name) for name in propensity.index)
    if len(set(names)) != len(names) or len(names) < 2:
        raise WorldError("propensity needs two or more actors, each named once")
    if tuple(str(name) for name in propensity.columns) != names:
        raise WorldError("propensity must name the same actors in rows and columns, in one order")
    value = propensity.to_numpy(dtype=float, na_value=np.nan).copy()
    np.fill_diagonal(value, 0.0)
    for wrong, what in ((~np.isfinite(value), "is no number"), (value != value.T, "differs back")):
        if wrong.any():
            i, j = np.argwhere(wrong)[0]
            raise WorldError(f"propensity of {names[i]} and {names[j]} {what}")
    weight = np.ones(len(names))
    if size is not None:
        lacking = [name for name in propensity.index if name not in size.index]
        if lacking:
            raise WorldError(f"size lacks {lacking[0]}")
        weight = size.reindex(propensity.index).to_numpy(dtype=float)
        if not np.all(np.isfinite(weight) & (weight > 0)):
            raise WorldError("every size must be a number above zero")
    return names, value * weight[:, None] * weight[None, :]
