"""Anderson acceleration for many lanes at once, for maps written with whole arrays.

The method is that of `equilibrium`: Anderson (1965), type II. Here the map is a function of plain
arrays whose last axis is the lane, and what is kept of past steps stands lane by lane, so that
each use of it is one product of matrices. It is kept in single precision: weights of past steps
need not be exact, and the residual, which says where the search ends, is.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Int

from detente.models.arrays import BLOCK

Table = np.ndarray
# Past steps that are combined: where a map contracts well, more would only be carried along.
MEMORY, SHORT_MEMORY = 8, 5
# Relative ridge of the small least-squares problem, above the rounding of its entries.
RIDGE = 1e-7
# Moves longer than this, in logs, are dropped for the plain step, which is safe.
LONGEST = 2.0
# Growth of the residual beyond its best by this factor: the past misleads, and is forgotten.
WORSE = 1e3


@runtime_checkable
class Step(Protocol):
    """A map of the states of all lanes; no lane depends on another."""

    def __call__(self, state: Float[Table, "m l"]) -> Float[Table, "m l"]:
        """Return the next states."""
        ...

    def only(self, lanes: Bool[Table, " l"]) -> "Step":
        """Return the map of some lanes."""
        ...


@dataclass
class Past:
    """What is kept of the last steps, lane by lane.

    Attributes
    ----------
    changes, moves : change of the residual f, and of z + f
    gram : inner products of `changes`
    known : which of the last steps count
    turn : steps kept so far
    """

    changes: Float[Table, "l k m"]
    moves: Float[Table, "l k m"]
    gram: Float[Table, "l k k"]
    known: Bool[Table, "l k"]
    turn: int = 0

    @classmethod
    def empty(cls, lanes: int, size: int, memory: int = MEMORY) -> "Past":
        """Return a past without steps that has room for some."""
        shape = (lanes, memory, size)
        changes, moves = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        known = np.zeros((lanes, memory), bool)
        return cls(changes, moves, np.zeros((lanes, memory, memory)), known)

    def only(self, lanes: Bool[Table, " l"]) -> "Past":
        """Return the past of some lanes."""
        changes, moves = self.changes[lanes], self.moves[lanes]
        return Past(changes, moves, self.gram[lanes], self.known[lanes], self.turn)

    def put(self, lanes: Int[Table, " n"], other: "Past") -> None:
        """Take over the past of some lanes."""
        if other is not self:
            self.changes[lanes], self.moves[lanes] = other.changes, other.moves
            self.gram[lanes], self.known[lanes] = other.gram, other.known
            self.turn = other.turn

    def forget(self, lanes: Bool[Table, " l"]) -> None:
        """Forget all steps of some lanes."""
        for table in (self.changes, self.moves, self.gram):
            table[lanes] = 0.0
        self.known[lanes] = False

    def move(self, f: Float[Table, "l m"]) -> tuple[Float[Table, "l m"], Bool[Table, " l"]]:
        """Return the next move, and where it is the combination and not the plain step."""
        right = np.matmul(self.changes, f.astype(np.float32)[:, :, None])[:, :, 0]
        shares = self._shares(right.astype(float)).astype(np.float32)
        move = f - np.matmul(shares[:, None, :], self.moves)[:, 0]
        calm = np.max(np.abs(move), axis=1) < LONGEST  # false for what is no number
        if not calm.all():
            move[~calm] = f[~calm]
        return move, calm

    def _shares(self, right: Float[Table, "l k"]) -> Float[Table, "l k"]:
        """Return the weights of past steps that make the linearised residual smallest."""
        square = np.where(self.known, np.diagonal(self.gram, axis1=1, axis2=2), 0.0)
        used = square > 0
        unit = np.where(used, 1 / np.sqrt(np.where(used, square, 1.0)), 0.0)
        scaled = np.where(used[:, :, None] & used[:, None, :], self.gram, 0.0)
        scaled = scaled * unit[:, :, None] * unit[:, None, :]
        # Past steps that do not count stand as rows of the unit matrix, and get no weight.
        place = np.arange(scaled.shape[1])
        scaled[:, place, place] += np.where(used, RIDGE, 1.0)
        right = np.where(used, right, 0.0) * unit
        bad = ~(np.isfinite(scaled).all(axis=(1, 2)) & np.isfinite(right).all(axis=1))
        scaled[bad], right[bad] = np.eye(scaled.shape[1]), 0.0
        return np.linalg.solve(scaled, right[:, :, None])[:, :, 0] * unit

    def keep(self, change: Table, move: Table, forget: Bool[Table, " l"]) -> None:
        """Keep one more step in the place of the oldest."""
        slot = self.turn % self.known.shape[1]
        self.changes[:, slot] = change
        self.moves[:, slot] = move + change
        row = np.matmul(self.changes, self.changes[:, slot, :, None])[:, :, 0]
        self.gram[:, slot] = row
        self.gram[:, :, slot] = row
        self.known[:, slot] = True
        self.known[forget] = False
        self.turn += 1


@dataclass(frozen=True)
class Ended:
    """Where the searches ended: states, errors and steps taken, and what was learned."""

    state: Float[Table, "m l"]
    error: Float[Table, " l"]
    steps: Int[Table, " l"]
    past: Past

    def put(self, lanes: Int[Table, " n"], other: "Ended") -> None:
        """Take over what some lanes have come to."""
        self.state[:, lanes], self.error[lanes] = other.state, other.error
        self.steps[lanes] = other.steps
        self.past.put(lanes, other.past)


def fixed_points(
    step: Step,
    start: Float[Table, "m l"],
    heavy: Float[Table, "m l"],
    tolerance: float,
    most: int,
    past: Past | None = None,
) -> Ended:
    """Find the fixed points of independent maps, one a lane.

    Parameters
    ----------
    step
        Maps the states of all lanes.
    start
        First states.
    heavy
        Factors of the entries of step(z) - z in the error that is bounded.
    tolerance, most
        Bound on the largest of these entries, and on the number of steps.
    past
        Of an earlier search that ended near by, or an empty one; it is added to.

    Returns
    -------
    What was found. A lane that has converged rests while others go on; one whose state is no
    number any more ends with that as its error.
    """
    z, weight = start.copy(), np.ascontiguousarray(heavy.T)
    f = np.ascontiguousarray((step(z) - z).T)
    error = np.max(np.abs(f) * weight, axis=1)
    best, count = error.copy(), np.zeros(len(error), dtype=int)
    past = Past.empty(*f.shape) if past is None else past
    ended = Ended(z, error, count, past)
    lanes = np.arange(len(error))
    for _ in range(most):
        active = (error > tolerance) & np.isfinite(error)
        if not active.any():
            break
        if (kept := _blocks(active)) is not None:
            ended.put(lanes, Ended(z, error, count, past))
            lanes, step, past = lanes[kept], step.only(kept), past.only(kept)
            z, f, weight = np.ascontiguousarray(z[:, kept]), f[kept], weight[kept]
            error, best, count, active = error[kept], best[kept], count[kept], active[kept]
        move, calm = past.move(f)
        move[~active] = 0.0
        z = z + move.T
        new = np.ascontiguousarray((step(z) - z).T)
        found = np.max(np.abs(new) * weight, axis=1)
        forget = (found > WORSE * best) | ~calm
        past.keep(new - f, move, forget)
        f = new
        error = np.where(active, found, error)
        best = np.where(forget, found, np.minimum(best, found))
        count = count + active
    ended.put(lanes, Ended(z, error, count, past))
    return ended


def whole_blocks(count: int) -> int:
    """Return the number of lanes in the fewest blocks that hold a number of them."""
    return -(-count // BLOCK) * BLOCK


def _blocks(active: Bool[Table, " l"]) -> Bool[Table, " l"] | None:
    """Return the lanes to go on with, in whole blocks; None while all are needed."""
    count = int(active.sum())
    if (wanted := whole_blocks(count)) >= len(active):
        return None
    kept = active.copy()
    kept[np.flatnonzero(~active)[: wanted - count]] = True
    return kept
