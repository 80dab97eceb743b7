"""What pacts, troops and arms supply add to the log odds of challenges, before and after edits.

A scenario edits a few promises. Targets that are promised the same as before keep their weights,
which are most of the work: they are taken from a world that was weighed already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from detente.security import presence, spillover
from detente.security.deterrence_prior import Drivers
from detente.security.protection import Promises, Strength, strength, weight
from detente.security.reliability import MEAN, bound, reliability, written
from detente.world import World


@dataclass(frozen=True)
class Bonds:
    """Who promises what to whom after a scenario, as it stands before anything is drawn.

    Attributes
    ----------
    giver, taker : places of guarantor and protected state, one entry a tie of either world
    old : whether the tie stands in the base
    worth, extra : what is promised by treaty, and by a commitment short of one; 0-1, [tie]
    elsewhere : mean loss of the guarantor's other promises, [tie]
    before, lost : promises of the base and what share is lost, [guarantor, protected]
    """

    giver: np.ndarray
    taker: np.ndarray
    old: np.ndarray
    worth: np.ndarray
    extra: np.ndarray
    elsewhere: np.ndarray
    before: np.ndarray
    lost: np.ndarray

    def towards(self, targets: Sequence[int] | None) -> "Bonds":
        """Return the ties to some targets alone; all of them when None."""
        if targets is None:
            return self
        asked = np.isin(self.taker, np.asarray(targets))
        names = ("giver", "taker", "old", "worth", "extra", "elsewhere")
        return replace(self, **{name: getattr(self, name)[asked] for name in names})


def bonds_of(
    world: World, base: World, commitments: bool = True, assistance_clause: bool = False
) -> Bonds:
    """Return who promises what to whom.

    Parameters
    ----------
    world, base
        After and before a scenario.
    commitments, assistance_clause
        As in `detente.security.deterrence.challenge_risk`.

    Raises
    ------
    WorldError
        If a layer is missing or impossible, or the worlds differ in their countries.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> found = bonds_of(world, world, commitments=False)
    >>> len(found.giver), bool(found.lost.any())
    (1882, False)
    """
    spillover.check_base(world, base)
    promised, before = written(world, assistance_clause), written(base, assistance_clause)
    old, pact = bound(base, assistance_clause), bound(world, assistance_clause)
    extra = spillover.informal(world, old | pact) if commitments else np.zeros(promised.shape)
    lost = spillover.losses(before, promised)
    elsewhere = spillover.discount_elsewhere(lost, before)
    giver, taker = ends = np.nonzero(old | pact | (extra > 0))
    return Bonds(
        giver, taker, (old | (extra > 0))[ends], promised[ends], extra[ends], elsewhere[ends],
        before, lost,
    )  # fmt: skip


@dataclass(frozen=True)
class Pacts:
    """What is added to the log odds of a challenge, and what it was computed from.

    Attributes
    ----------
    targets : places of the states that are protected, in order
    shift : [target, draw, challenger], added to log odds
    promises, arms, substitution, weights : as in `detente.security.protection.weight`
    chance : reliability, [draw, promise]
    """

    targets: np.ndarray
    shift: np.ndarray
    promises: Promises
    arms: Strength
    substitution: np.ndarray
    weights: np.ndarray
    chance: np.ndarray

    @property
    def protection(self) -> np.ndarray:
        """What is added for all states, [draw, challenger, target]."""
        found = np.zeros(self.weights.shape)
        found[:, :, self.targets] = self.shift.transpose(1, 2, 0)
        return found

    def alike(self, arms: Strength, substitution: np.ndarray) -> bool:
        """Say whether equal promises weigh the same with this strength and substitution."""
        return self.arms.same(arms) and np.array_equal(self.substitution, substitution)

    def shifted(self, alone: np.ndarray, row: int) -> np.ndarray:
        """Return risks of one draw, [challenger, target], once pacts are counted in.

        Parameters
        ----------
        alone
            Risks before pacts, of all draws, [draw, challenger, target].
        row
            Which of the draws. One at a time stays in the cache.
        """
        risk = alone[row].copy()
        before = risk[:, self.targets]
        after = before * self._odds[:, row].T
        np.subtract(1.0, before, out=before)
        before += after
        after /= before
        risk[:, self.targets] = after
        return risk

    @cached_property
    def _odds(self) -> np.ndarray:
        """[target, draw, challenger] factors of the odds: worlds that share pacts share them."""
        return np.exp(self.shift)


def pacts_of(
    world: World,
    base: World,
    drawn: Drivers,
    numbers: Sequence[int],
    seed: int,
    point: bool = False,
    reputation: bool = True,
    contagion: bool = True,
    trust: float | None = None,
    bonds: Bonds | None = None,
    near: Pacts | None = None,
) -> Pacts:
    """Return what pacts, troops and arms supply add to the log odds of challenges.

    Parameters
    ----------
    world, base
        After and before a scenario.
    drawn
        Drivers, one a draw.
    numbers, seed, point
        Of the draws; they decide reliability and the user's own index of capability.
    reputation, contagion
        As in `detente.security.deterrence.challenge_risk`.
    trust
        Reliability of every promise; it is drawn when None.
    bonds
        The ties that count; those of `bonds_of` when None.
    near
        The same of another world in the same draws. Reliability is taken from there where the ties
        are the same, and weights of targets that are promised the same, where strength and
        substitution are the same too.

    Raises
    ------
    WorldError
        If a layer is missing or impossible, or the worlds differ in their countries.

    Examples
    --------
    >>> import detente as dt
    >>> from detente.security.deterrence_prior import drivers
    >>> world = dt.load_world("world2023")
    >>> found = pacts_of(world, world, drivers([0], 1, point=True), [0], 1, point=True)
    >>> found.shift.shape == (len(found.targets), 1, 197), bool((found.shift <= 0).all())
    (True, True)
    """
    ties = bonds_of(world, base) if bonds is None else bonds
    arms = strength(world, drawn.capability_exponent, drawn.reach, numbers, seed, point)
    kept = _kept(ties, drawn, arms, reputation, contagion)
    worth = ties.worth + ties.extra * drawn.informal_weight[:, None]
    if trust is not None:
        chance = np.full((len(numbers), len(ties.giver)), trust)
    elif near is not None and near.promises.tied(ties.giver, ties.taker):
        chance = near.chance
    else:
        chance = reliability(world.countries, ties.giver, ties.taker, numbers, seed, point)
    promises = Promises(ties.giver, ties.taker, ties.old, worth * kept * chance / MEAN)
    known = None
    if near is not None and near.alike(arms, drawn.substitution):
        known = near.promises, near.weights
    weights = weight(promises, arms, drawn.substitution, known)
    moved = presence.shift(world, base, drawn)
    reached = np.unique(ties.taker)
    if isinstance(moved, np.ndarray):
        reached = np.union1d(reached, np.flatnonzero(moved.any(axis=(0, 1))))
        moved = moved[:, :, reached].transpose(2, 0, 1)
    # Adding 0.0 leaves no zero with a sign.
    shift = drawn.pact_effect[:, None] * weights.transpose(2, 0, 1)[reached] + 0.0 + moved
    return Pacts(reached, shift, promises, arms, drawn.substitution, weights, chance)


def _kept(
    ties: Bonds, drawn: Drivers, arms: Strength, reputation: bool, contagion: bool
) -> np.ndarray:
    """Return what the couplings leave of each promise, [draw, promise], 0-1."""
    kept = np.ones((len(drawn.pact_effect), len(ties.giver)))
    if reputation:
        kept -= drawn.reputation_spillover[:, None] * ties.elsewhere
    if contagion and drawn.alliance_contagion.any():
        for target in np.intersect1d(np.flatnonzero(ties.lost.any(axis=0)), ties.taker):
            mine = np.flatnonzero(ties.taker == target)
            brought = arms.at(int(target)) * ties.before[:, target]
            gone = brought / brought.sum(axis=1, keepdims=True) * ties.lost[:, target]
            others = gone.sum(axis=1, keepdims=True) - gone[:, ties.giver[mine]]
            kept[:, mine] *= 1.0 - drawn.alliance_contagion[:, None] * np.clip(others, 0.0, None)
    return kept
