"""How much pacts weigh with a challenger: guarantors added up by strength and reliability.

For challenger i, target j and guarantors k of j other than i, with c capability, d distance of
capitals and D the reach:

    a_kj   = c_k exp(-d_kj / D)                strength that k could bring to j
    rho_kj = promise_kj r_kj / r_0             reliability, relative to the prior mean r_0
    q_ij(K) = sum_K a rho / (sum_K a + a_ij)   what a coalition K weighs
    weight_ij = (1 - s) q(all) + s max over K of q(K)

At the first pole (s = 0) each promise counts by its guarantor's share of the strength promised in
the base, and nobody stands in for one that is discounted or withdrawn. At the other (s = 1) the
coalition that deters most is what counts, and the rest may fail without loss. Studies do not say
where between them challengers stand, so s is drawn. One strong guarantor at mean reliability weighs
just below 1, and thirty of them do not weigh thirty.

Neither pole falls when a promise is believed more. Nor does one rise when a promise is withdrawn:
at the first, who guaranteed in the base stays in the sum with rho = 0, and who is new enters only
where it adds; at the other, coalitions are taken away. The rule is declared, not estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from detente.errors import WorldError
from detente.security.capability_layer import carried, draw_log_index
from detente.world import World

# Cells of a table worked on at once: it stays in the cache.
CELLS = 60_000


@dataclass(frozen=True)
class Strength:
    """What states can bring to bear, per draw.

    Attributes
    ----------
    log_gdp, log_gdp_per_head : [country]; million USD, USD
    distance : of capitals, [country, country], km
    exponent : of GDP per head, [draw]
    reach : distance at which strength falls to 37 %, [draw], km
    log_index : logs of the user's own index, [draw, country], where the world carries one
    """

    log_gdp: np.ndarray
    log_gdp_per_head: np.ndarray
    distance: np.ndarray
    exponent: np.ndarray
    reach: np.ndarray
    log_index: np.ndarray | None = None

    def capability(self) -> np.ndarray:
        """Return GDP x (GDP per head)^exponent, or the user's own index, [draw, country]."""
        return np.exp(self._log())

    def _log(self) -> np.ndarray:
        if self.log_index is not None:
            return self.log_index
        return self.log_gdp + self.exponent[:, None] * self.log_gdp_per_head

    def onto(self, targets: np.ndarray) -> np.ndarray:
        """Return what each state can bring to some places, [target, draw, country]."""
        near = self.distance[:, targets].T[:, None] / self.reach[:, None]
        return np.exp(self._log() - near)

    def same(self, other: "Strength") -> bool:
        """Say whether two strengths are one."""
        return all(
            np.array_equal(getattr(self, part.name), getattr(other, part.name))
            for part in fields(self)
        )

    def at(self, target: int) -> np.ndarray:
        """Return what each state can bring to one place, [draw, country]."""
        near = self.distance[:, target] / self.reach[:, None]
        return np.exp(self._log() - near)


@dataclass(frozen=True)
class Promises:
    """Who is bound to whom, and how far it is believed.

    Attributes
    ----------
    giver, taker : places of guarantor and protected state, one entry a promise
    old : whether the promise stands in the base, where there is one
    belief : promise times reliability over its prior mean, [draw, promise]; 0 where withdrawn
    """

    giver: np.ndarray
    taker: np.ndarray
    old: np.ndarray
    belief: np.ndarray

    def tied(self, giver: np.ndarray, taker: np.ndarray) -> bool:
        """Say whether these are the promises of the same states, in the same order."""
        return np.array_equal(self.giver, giver) and np.array_equal(self.taker, taker)


def strength(
    world: World,
    exponent: np.ndarray,
    reach: np.ndarray,
    numbers: Sequence[int],
    seed: int,
    point: bool = False,
) -> Strength:
    """Return the strength of every state of a world.

    Parameters
    ----------
    world
        Carries gdp, population and distance_min, and distance_capital where known. Where it
        carries `cinc`, that index stands in the place of GDP x (GDP per head)^exponent.
    exponent, reach
        Of GDP per head, and in km; [draw].
    numbers, seed, point
        Of the draws; of the user's own index they decide the spread.

    Raises
    ------
    WorldError
        If GDP or population of a state is not known or not positive, or a distance is not known.

    Notes
    -----
    Where no capital is listed (territories) the smallest distance of the two territories stands in
    for that of capitals.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> strength(world, np.array([0.0, 1.0]), np.full(2, 5000.0), [0, 1], 1).capability().shape
    (2, 197)
    """
    gdp, people = (np.asarray(world.values(name), dtype=float) for name in ("gdp", "population"))
    for name, values in (("gdp", gdp), ("population", people)):
        odd = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        if odd.size:
            codes = ", ".join(world.countries[place] for place in odd[:5])
            raise WorldError(
                f"world '{world.name}': {name} of {codes} is not known or not positive; strength "
                "needs it"
            )
    far = np.asarray(world.values("distance_min"), dtype=float)
    if world.has("distance_capital"):
        capitals = np.asarray(world.values("distance_capital"), dtype=float)
        far = np.where(np.isfinite(capitals), capitals, far)
    if not np.isfinite(far).all():
        a, b = (world.countries[place] for place in np.argwhere(~np.isfinite(far))[0])
        raise WorldError(f"world '{world.name}': the distance of {a} and {b} is not known")
    own = draw_log_index(world, numbers, seed, point) if carried(world) else None
    return Strength(np.log(gdp), np.log(1e6 * gdp / people), far, exponent, reach, own)


def weight(
    promises: Promises,
    arms: Strength,
    substitution: np.ndarray,
    near: tuple[Promises, np.ndarray] | None = None,
) -> np.ndarray:
    """Return what the pacts of each target weigh with each challenger.

    Parameters
    ----------
    promises
        Who is bound to whom.
    arms
        Strength of all states.
    substitution
        How far guarantors stand in for one another, [draw], 0-1.
    near
        Other promises and their weights, with the same arms and substitution: the weights of
        targets that are promised the same in both are taken from there.

    Returns
    -------
    numpy.ndarray
        [draw, challenger, target]; 0 where nobody protects the target. The challengers of one
        target and draw lie side by side in memory.

    Examples
    --------
    >>> arms = Strength(np.log([1.0, 1.0, 3.0]), np.zeros(3), np.zeros((3, 3)), *np.ones((2, 1)))
    >>> one = Promises(np.array([2]), np.array([0]), np.array([True]), np.array([[1.0]]))
    >>> weight(one, arms, np.zeros(1))[0].round(12).tolist()
    [[0.0, 0.0, 0.0], [0.75, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    draws, count = len(substitution), len(arms.log_gdp)
    found = np.zeros((count, draws, count))
    order = np.argsort(promises.taker, kind="stable")
    targets, starts, sizes = np.unique(promises.taker[order], return_index=True, return_counts=True)
    new = np.ones(len(targets), dtype=bool)
    if near is not None:
        new = _differ(promises, near[0])[targets]
        found[targets[~new]] = near[1].transpose(2, 0, 1)[targets[~new]]
    # Targets with as many guarantors are worked on together, as many as stay in the cache.
    room = max(1, CELLS // (draws * count))
    for size in np.unique(sizes[new]):
        some = np.flatnonzero(new & (sizes == size))
        for block in np.split(some, range(room, len(some), room)):
            index = order[starts[block] + np.arange(size)[:, None]]
            found[targets[block]] = _columns(promises, arms, substitution, index)
    return found.transpose(1, 2, 0)


def _differ(one: Promises, other: Promises) -> np.ndarray:
    """Return which targets are promised different things, bool [target]."""
    count = 1 + max(int(ends.max(initial=0)) for p in (one, other) for ends in (p.giver, p.taker))
    ties = [p.giver * count + p.taker for p in (one, other)]
    _, here, there = np.intersect1d(*ties, assume_unique=True, return_indices=True)
    changed = (one.belief[:, here] != other.belief[:, there]).any(axis=0)
    changed |= one.old[here] != other.old[there]
    found = np.zeros(count, dtype=bool)
    found[one.taker[here[changed]]] = True
    for promises, common in ((one, here), (other, there)):
        found[np.delete(promises.taker, common)] = True
    return found


def _columns(
    promises: Promises, arms: Strength, substitution: np.ndarray, index: np.ndarray
) -> np.ndarray:
    """Return [target, draw, challenger] of some targets; `index` [slot, target] names promises."""
    givers, targets = promises.giver[index], promises.taker[index[0]]
    against = arms.onto(targets)
    # Falling order of belief: the best coalition is one of the first m, since a guarantor
    # raises the quotient exactly if it is believed more than the quotient.
    belief = promises.belief.T[index]
    falling = np.argsort(-belief, axis=0, kind="stable")
    believed = np.take_along_axis(belief, falling, axis=0)
    places, old = (
        np.take_along_axis(np.broadcast_to(table[:, :, None], belief.shape), falling, axis=0)
        for table in (givers, promises.old[index])
    )
    strong = np.take_along_axis(against.transpose(2, 0, 1), places, axis=0)
    believed, old = believed[..., None], old[..., None]
    column = _mixed(strong[..., None], believed, old, against, substitution[:, None])
    # A guarantor that challenges its own protégé does not protect it from itself: solved for
    # all guarantors of the targets at once, with one column a guarantor.
    itself = places[..., None] == givers.T[:, None]
    others = np.where(itself, 0.0, strong[..., None])
    row = np.arange(len(targets))[:, None]
    own = against[row, :, givers.T].transpose(0, 2, 1)
    alone = _mixed(others, believed, old, own, substitution[:, None])
    column[row, :, givers.T] = alone.transpose(0, 2, 1)
    column[row[:, 0], :, targets] = 0.0
    return column


def _mixed(
    strong: np.ndarray,
    believed: np.ndarray,
    old: np.ndarray,
    against: np.ndarray,
    substitution: np.ndarray,
) -> np.ndarray:
    """Return the weight with each challenger, [target, draw, challenger].

    The first three are [slot, target, draw, challenger], with one for all challengers where
    nothing of them depends on who challenges.
    """
    felt = strong * believed
    best, share = _best(felt, strong, against)
    if not old.all():
        fixed = [np.where(old, table, 0.0).sum(axis=0) for table in (felt, strong)]
        free = [np.where(old, 0.0, table) for table in (felt, strong)]
        share, _ = _best(free[0], free[1], against, fixed[0], fixed[1])
    best -= share
    best *= substitution
    return np.add(share, best, out=best)


def _best(
    felt: np.ndarray,
    strong: np.ndarray,
    against: np.ndarray,
    product: np.ndarray | float = 0.0,
    mass: np.ndarray | float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest quotient over those who are in anyway and the first m of the others.

    And the quotient over all of them.
    """
    best, quotient = product / (mass + against), np.empty_like(against)
    for more, brought in zip(felt, strong, strict=True):
        product, mass = product + more, mass + brought
        np.divide(product, np.add(mass, against, out=quotient), out=quotient)
        np.maximum(best, quotient, out=best)
    return best, quotient
