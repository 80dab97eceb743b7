"""Fixed points by Anderson acceleration, with a certificate and implicit derivatives.

Anderson (1965), type II: of the last `memory` steps, take the combination whose residual is
smallest, and move by it. Derivatives follow from the implicit function theorem at the root
(the linearised equations are solved by GMRES); the iterations are never unrolled. They are
forward derivatives (`jax.jvp`, `jax.jacfwd`): parameters are few and outcomes many.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Bool, Float, Int

MEMORY = 8
# Relative ridge of the small least-squares problem: keeps it solvable when steps align,
# far above rounding and far below anything that would slow convergence.
RIDGE = 1e-13


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Certificate:
    """What a solve can prove about its result.

    Attributes
    ----------
    converged : whether the residual is within the tolerance
    residual : largest relative change that one more step would make
    steps : steps taken
    """

    converged: Bool[Array, ""]
    residual: Float[Array, ""]
    steps: Int[Array, ""]


def fixed_point(
    step: Callable[[Any], Any],
    start: Any,
    tolerance: float = 1e-11,
    max_steps: int = 1500,
    weights: Any = None,
) -> tuple[Any, Certificate]:
    """Find z with step(z) = z, differentiable with respect to whatever `step` closes over.

    Parameters
    ----------
    step
        Maps a state (any tree of arrays, in logs or relative to one) to the next state.
    start
        First state.
    tolerance
        Bound on the largest absolute entry of step(z) - z.
    max_steps
        Steps after which the search ends, converged or not.
    weights
        A tree like the state: factors of step(z) - z in the error that is bounded, for entries
        whose step is shortened. All one when None.

    Returns
    -------
    The state and its certificate; nothing is raised, so that one draw cannot stop the others.

    Notes
    -----
    A state that stops being finite ends the search with `converged` false.
    """
    flat, restore = ravel_pytree(start)

    def residual(z):
        return ravel_pytree(step(restore(z)))[0] - z

    heavy = jnp.ones_like(flat) if weights is None else ravel_pytree(weights)[0]

    def search(gap, first):
        return _anderson(gap, first, tolerance, max_steps, jax.lax.stop_gradient(heavy))

    def tangent(linear, right):
        # The state is small (thousands of entries) and the map is a strong contraction along
        # most directions, so restarted GMRES needs few products.
        answer, _ = jax.scipy.sparse.linalg.gmres(
            linear, right, tol=1e-12, atol=1e-14, restart=60, maxiter=20, solve_method="batched"
        )
        return answer

    root, (error, count) = jax.lax.custom_root(residual, flat, search, tangent, has_aux=True)
    return restore(root), Certificate(error <= tolerance, error, count.astype(int))


def _anderson(
    gap: Callable[[Float[Array, " m"]], Float[Array, " m"]],
    first: Float[Array, " m"],
    tolerance: float,
    max_steps: int,
    weights: Float[Array, " m"],
) -> tuple[Float[Array, " m"], tuple[Float[Array, ""], Float[Array, ""]]]:
    size = first.shape[0]

    def unfinished(carry: _Search) -> Bool[Array, ""]:
        going = (carry.error > tolerance) & (carry.count < max_steps) & jnp.isfinite(carry.error)
        return going | (carry.count < 0)

    def advance(carry: _Search) -> _Search:
        f = carry.f
        shares = _weights(carry.gram, carry.changes @ f, carry.known)
        move = f - shares @ carry.moves
        # A combination that runs away is dropped for the plain step: the map itself is safe.
        calm = jnp.all(jnp.isfinite(move)) & (jnp.max(jnp.abs(move)) < 2.0)
        move = jnp.where(calm, move, f)
        z = carry.z + move
        f_next = gap(z)
        error = jnp.max(jnp.abs(f_next) * weights)
        # Growth far beyond the best residual means the history misleads: forget it.
        reset = (error > 1e3 * carry.best) | ~calm | (carry.count < 0)
        slot = carry.count % MEMORY
        changes = carry.changes.at[slot].set(f_next - f)
        row = changes @ (f_next - f)
        return _Search(
            z=z,
            f=f_next,
            error=error,
            count=carry.count + 1,
            changes=changes,
            moves=carry.moves.at[slot].set(move + f_next - f),
            gram=carry.gram.at[slot].set(row).at[:, slot].set(row),
            known=jnp.where(reset, False, carry.known.at[slot].set(True)),
            best=jnp.where(reset, error, jnp.minimum(carry.best, error)),
        )

    empty = jnp.zeros((MEMORY, size))
    # Count -1 moves nowhere and finds the first residual, so that the map is compiled once.
    start = _Search(
        z=first,
        f=jnp.zeros_like(first),
        error=jnp.asarray(jnp.inf),
        count=jnp.asarray(-1),
        changes=empty,
        moves=empty,
        gram=jnp.zeros((MEMORY, MEMORY)),
        known=jnp.zeros(MEMORY, dtype=bool),
        best=jnp.asarray(jnp.inf),
    )
    found = jax.lax.while_loop(unfinished, advance, start)
    # What travels beside a differentiable root must be real numbers, the count too.
    return found.z, (found.error, found.count.astype(found.error.dtype))


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class _Search:
    """The state of the search.

    Attributes
    ----------
    z, f : the point and its residual
    error, best, count : largest entry of the residual, the smallest so far, steps taken
    changes, moves : of the last steps, the change of f and the change of z + f
    gram : inner products of `changes`
    known : which of the last steps count
    """

    z: Float[Array, " m"]
    f: Float[Array, " m"]
    error: Float[Array, ""]
    count: Int[Array, ""]
    changes: Float[Array, "k m"]
    moves: Float[Array, "k m"]
    gram: Float[Array, "k k"]
    known: Bool[Array, " k"]
    best: Float[Array, ""]


def _weights(
    gram: Float[Array, "k k"], right: Float[Array, " k"], known: Bool[Array, " k"]
) -> Float[Array, " k"]:
    """Return the weights of past steps that make the linearised residual smallest."""
    square = jnp.where(known, jnp.diagonal(gram), 0.0)
    used = square > 0
    unit = jnp.where(used, 1 / jnp.sqrt(jnp.where(used, square, 1.0)), 0.0)
    # Past steps that do not count stand as rows of the unit matrix, and get no weight.
    scaled = jnp.where(used[:, None] & used[None, :], gram, 0.0) * unit[:, None] * unit[None, :]
    ridge = jnp.diag(jnp.where(used, RIDGE, 1.0))
    return jnp.linalg.solve(scaled + ridge, jnp.where(used, right, 0.0) * unit) * unit
