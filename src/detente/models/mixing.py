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
MEMORY, SHORT_MEMORY = 8, 3
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
        """Return the next states, in an array of their own."""
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
        right = np.matmul(self.changes, f.astype(np.float32, copy=False)[:, :, None])[:, :, 0]
        shares = self._shares(right.astype(float)).astype(np.float32)
        move = f - np.matmul(shares[:, None, :], self.moves)[:, 0]
        calm = _largest(move) < LONGEST  # false for what is no number
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

    def keep(self, f: Table, new: Table, move: Table, forget: Bool[Table, " l"]) -> None:
        """Keep one more step, which led from one residual to a new one, in place of the oldest."""
        slot = self.turn % self.known.shape[1]
        change = np.subtract(new, f, out=self.changes[:, slot], casting="same_kind")
        np.add(move, change, out=self.moves[:, slot], casting="same_kind")
        row = np.matmul(self.changes, change[:, :, None])[:, :, 0]
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
    onward: bool = False,
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
    onward
        Whether a lane that has converged takes the next step too, which is not judged: its error
        is then that of the step before, and its steps are those that were.

    Returns
    -------
    What was found. A lane that has converged rests while others go on; one whose state is no
    number any more ends with that as its error.
    """
    z, weight = start.copy(), _Weight.of(heavy)
    f = _residual(step, z)
    error = weight.largest(f)
    best, count = error.copy(), np.zeros(len(error), dtype=int)
    past = Past.empty(*f.shape) if past is None else past
    ended = Ended(z, error, count, past)
    lanes, rests = np.arange(len(error)), np.full(len(error), not onward)
    while True:
        active = (error > tolerance) & np.isfinite(error) & (count < most)
        last = (error <= tolerance) & ~rests
        if not (active.any() or last.any()):
            break
        move, calm = past.move(f)
        move[~(active | last)] = 0.0
        z += move.T
        rests |= last
        if not active.any():
            break
        if not (kept := in_blocks(active)).all():
            ended.put(lanes, Ended(z, error, count, past))
            lanes, step, past = lanes[kept], step.only(kept), past.only(kept)
            z, f, weight = np.ascontiguousarray(z[:, kept]), f[kept], weight.only(kept)
            error, best, count, active = error[kept], best[kept], count[kept], active[kept]
            move, calm, rests = move[kept], calm[kept], rests[kept]
        new = _residual(step, z)
        found = weight.largest(new)
        forget = (found > WORSE * best) | ~calm
        past.keep(f, new, move, forget)
        f = new
        error = np.where(active, found, error)
        best = np.where(forget, found, np.minimum(best, found))
        count = count + active
    ended.put(lanes, Ended(z, error, count, past))
    return ended


@dataclass(frozen=True)
class _Weight:
    """Factors of a residual in the error: most are one.

    Attributes
    ----------
    places : of the entries with other factors;  factors : of these
    """

    places: Int[Table, " w"]
    factors: Float[Table, "l w"]

    @classmethod
    def of(cls, heavy: Float[Table, "m l"]) -> "_Weight":
        """Return what differs from one in some factors."""
        places = np.flatnonzero((heavy != 1).any(axis=1))
        return cls(places, np.ascontiguousarray(heavy[places].T))

    def only(self, lanes: Bool[Table, " l"]) -> "_Weight":
        """Return the factors of some lanes."""
        return _Weight(self.places, self.factors[lanes])

    def largest(self, f: Float[Table, "l m"]) -> Float[Table, " l"]:
        """Return the largest entry of each lane, in its weight."""
        size = np.abs(f)
        size[:, self.places] *= self.factors
        return size.max(axis=1)


def _residual(step: Step, z: Float[Table, "m l"]) -> Float[Table, "l m"]:
    """Return what a step changes, lane by lane."""
    moved = step(z)
    moved -= z
    return np.ascontiguousarray(moved.T)


def _largest(move: Float[Table, "l m"]) -> Float[Table, " l"]:
    """Return the largest size of each lane; no number where there is none."""
    return np.maximum(move.max(axis=1), -move.min(axis=1))


def whole_blocks(count: int) -> int:
    """Return the number of lanes in the fewest blocks that hold a number of them."""
    return -(-count // BLOCK) * BLOCK


def in_blocks(wanted: Bool[Table, " l"]) -> Bool[Table, " l"]:
    """Return these lanes and as many others as make whole blocks of them."""
    kept, count = wanted.copy(), int(wanted.sum())
    kept[np.flatnonzero(~wanted)[: whole_blocks(count) - count]] = True
    return kept
