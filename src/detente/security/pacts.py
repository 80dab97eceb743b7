"""What pacts, troops and arms supply add to the log odds of challenges, before and after edits.

A scenario edits a few promises. Targets that are promised the same as before keep their weights,
which are most of the work: they are taken from a world that was weighed already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.security import presence, spillover
from detente.security.deterrence_prior import Drivers
from detente.security.protection import Promises, Strength, strength, weight
from detente.security.reliability import MEAN, bound, reliability, written
from detente.world import World


@dataclass(frozen=True)
class Pacts:
    """What is added to the log odds of a challenge, and what it was computed from.

    Attributes
    ----------
    targets : places of the states that are protected, in order
    shift : [target, draw, challenger], added to log odds
    promises, arms, substitution, weights : as in `detente.security.protection.weight`
    """

    targets: np.ndarray
    shift: np.ndarray
    promises: Promises
    arms: Strength
    substitution: np.ndarray
    weights: np.ndarray

    @property
    def protection(self) -> np.ndarray:
        """What is added for all states, [draw, challenger, target]."""
        found = np.zeros(self.weights.shape)
        found[:, :, self.targets] = self.shift.transpose(1, 2, 0)
        return found

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
        before, odds = risk[:, self.targets], np.exp(self.shift[:, row].T)
        risk[:, self.targets] = before * odds / (1.0 - before + before * odds)
        return risk


def pacts_of(
    world: World,
    base: World,
    drawn: Drivers,
    numbers: Sequence[int],
    seed: int,
    point: bool = False,
    reputation: bool = True,
    contagion: bool = True,
    commitments: bool = True,
    assistance_clause: bool = False,
    trust: float | None = None,
    targets: Sequence[int] | None = None,
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
    reputation, contagion, commitments, assistance_clause
        As in `detente.security.deterrence.challenge_risk`.
    trust
        Reliability of every promise; it is drawn when None.
    targets
        Places of the targets whose pacts are counted in; all of them when None.
    near
        The same of another world in the same draws. Weights of targets that are promised the same
        are taken from there, where strength and substitution are the same too.

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
    spillover.check_base(world, base)
    promised, before = written(world, assistance_clause), written(base, assistance_clause)
    old, pact = bound(base, assistance_clause), bound(world, assistance_clause)
    extra = spillover.informal(world, old | pact) if commitments else np.zeros(promised.shape)
    giver, taker = np.nonzero(old | pact | (extra > 0))
    if targets is not None:
        asked = np.isin(taker, np.asarray(targets))
        giver, taker = giver[asked], taker[asked]
    arms = strength(world, drawn.capability_exponent, drawn.reach, numbers, seed, point)
    kept = _kept(promised, before, (giver, taker), drawn, arms, reputation, contagion)
    worth = promised[giver, taker] + extra[giver, taker] * drawn.informal_weight[:, None]
    chance = reliability(world.countries, giver, taker, numbers, seed, point)
    if trust is not None:
        chance = np.full_like(chance, trust)
    stood = (old | (extra > 0))[giver, taker]
    promises = Promises(giver, taker, stood, worth * kept * chance / MEAN)
    alike = near is not None and (
        near.arms.same(arms) and np.array_equal(near.substitution, drawn.substitution)
    )
    known = (near.promises, near.weights) if near is not None and alike else None
    weights = weight(promises, arms, drawn.substitution, known)
    moved = presence.shift(world, base, drawn)
    reached = np.unique(taker)
    if isinstance(moved, np.ndarray):
        reached = np.union1d(reached, np.flatnonzero(moved.any(axis=(0, 1))))
        moved = moved[:, :, reached].transpose(2, 0, 1)
    # Adding 0.0 leaves no zero with a sign.
    shift = drawn.pact_effect[:, None] * weights.transpose(2, 0, 1)[reached] + 0.0 + moved
    return Pacts(reached, shift, promises, arms, drawn.substitution, weights)


def _kept(
    promised: np.ndarray,
    before: np.ndarray,
    ties: tuple[np.ndarray, np.ndarray],
    drawn: Drivers,
    arms: Strength,
    reputation: bool,
    contagion: bool,
) -> np.ndarray:
    """Return what the couplings leave of each promise, [draw, promise], 0-1."""
    giver, taker = ties
    lost = spillover.losses(before, promised)
    kept = np.ones((len(drawn.pact_effect), len(giver)))
    if not lost.any():
        return kept
    if reputation:
        elsewhere = spillover.discount_elsewhere(lost, before)[giver, taker]
        kept = kept * (1.0 - drawn.reputation_spillover[:, None] * elsewhere)
    if contagion:
        for target in np.flatnonzero(lost.any(axis=0)):
            mine = np.flatnonzero(taker == target)
            brought = arms.at(int(target)) * before[:, target]
            gone = brought / brought.sum(axis=1, keepdims=True) * lost[:, target]
            others = gone.sum(axis=1, keepdims=True) - gone[:, giver[mine]]
            kept[:, mine] *= 1.0 - drawn.alliance_contagion[:, None] * np.clip(others, 0.0, None)
    return kept
