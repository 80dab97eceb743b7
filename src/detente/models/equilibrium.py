"""Fixed points by Anderson acceleration, with a certificate and implicit derivatives.

Anderson (1965), type II: of the last `memory` steps, take the combination whose residual is
smallest, and move by it. Derivatives follow from the implicit function theorem at the root
(the linearised equations are solved by GMRES); the iterations are never unrolled. They are
forward derivatives (`jax.jvp`, `jax.jacfwd`): parameters are few and outcomes many.
"""

from collections.abc import Callable
from typing import Any

from jaxtyping import Bool, Float, Int

from detente.models.arrays import Array, jax, jnp, record

MEMORY, SHORT_MEMORY = 8, 5
# Relative ridge of the small least-squares problem: keeps it solvable when steps align,
# far above rounding and far below anything that would slow convergence.
RIDGE = 1e-13


@record
class Certificate:
    """What a solve can prove about its result.

    Attributes
    ----------
    converged : whether the residual is within the tolerance
    residual : largest relative change that one more step would make; of a solution, the largest
        relative gap in any equation too
    steps : steps taken
    """

    converged: Bool[Array, "*lane"]
    residual: Float[Array, "*lane"]
    steps: Int[Array, "*lane"]


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
    from jax.flatten_util import ravel_pytree

    flat, restore = ravel_pytree(start)

    def residual(z):
        return ravel_pytree(step(restore(z)))[0] - z

    heavy = jnp.ones_like(flat) if weights is None else ravel_pytree(weights)[0]
    heavy = jax.lax.stop_gradient(heavy)

    def search(gap, first):
        found, aux = _anderson(
            lambda z: jnp.asarray(gap(z[0]))[None], first[None], tolerance, max_steps, heavy[None]
        )
        return found[0], jax.tree.map(lambda leaf: leaf[0], aux)

    def tangent(linear, right):
        # The state is small (thousands of entries) and the map is a strong contraction along
        # most directions, so restarted GMRES needs few products.
        answer, _ = jax.scipy.sparse.linalg.gmres(
            linear, right, tol=1e-12, atol=1e-14, restart=60, maxiter=20, solve_method="incremental"
        )
        return answer

    root, (error, count) = jax.lax.custom_root(residual, flat, search, tangent, has_aux=True)
    return restore(root), Certificate(error <= tolerance, error, count.astype(int))


def fixed_points(
    step: Callable[[Any], Any],
    start: Any,
    tolerance: float = 1e-11,
    max_steps: int = 1500,
    weights: Any = None,
    memory: int = MEMORY,
    onward: bool = False,
) -> tuple[Any, Certificate]:
    """Find the fixed points of several independent maps at once.

    Parameters
    ----------
    step
        Maps the states of all lanes, a tree of arrays with a leading lane axis; no lane may
        depend on another.
    start, tolerance, max_steps, weights
        As in `fixed_point`, with a leading lane axis.
    memory
        Past steps that are combined.
    onward
        Whether a lane that has converged takes the next step too, which nobody judges: its
        residual is then that of the step before.

    Returns
    -------
    States and certificates by lane. A lane that has converged rests while others go on.
    """
    from jax.flatten_util import ravel_pytree

    one = jax.tree.map(lambda leaf: leaf[0], start)
    restore: Any = jax.vmap(ravel_pytree(one)[1])

    def flatten(tree: Any) -> Float[Array, "lane m"]:
        return jax.vmap(lambda leaf: ravel_pytree(leaf)[0])(tree)

    first = flatten(start)
    heavy = jnp.ones_like(first) if weights is None else flatten(weights)

    def gap(z: Float[Array, "lane m"]) -> Float[Array, "lane m"]:
        return flatten(step(restore(z))) - z

    root, (error, count) = _anderson(gap, first, tolerance, max_steps, heavy, memory, onward)
    return restore(root), Certificate(error <= tolerance, error, count.astype(int))


@record
class _Search:
    """The state of the search, by lane.

    Attributes
    ----------
    z, f : the point and its residual
    error, best, count : largest entry of the residual, the smallest so far, steps taken
    turn : steps taken by the lanes that still go on
    changes, moves : of the last steps, the change of f and the change of z + f
    gram : inner products of `changes`
    known : which of the last steps count
    """

    z: Float[Array, "lane m"]
    f: Float[Array, "lane m"]
    error: Float[Array, " lane"]
    count: Int[Array, " lane"]
    turn: Int[Array, ""]
    best: Float[Array, " lane"]
    changes: Float[Array, "lane k m"]
    moves: Float[Array, "lane k m"]
    gram: Float[Array, "lane k k"]
    known: Bool[Array, "lane k"]


def _anderson(
    gap: Callable[[Any], Float[Array, "lane m"]],
    first: Float[Array, "lane m"],
    tolerance: float,
    max_steps: int,
    heavy: Float[Array, "lane m"],
    memory: int = MEMORY,
    onward: bool = False,
) -> tuple[Float[Array, "lane m"], tuple[Float[Array, " lane"], Float[Array, " lane"]]]:
    def going(carry: _Search) -> Bool[Array, " lane"]:
        far = (carry.error > tolerance) & (carry.count < max_steps) & jnp.isfinite(carry.error)
        return far | (carry.count < 0)

    def advance(carry: _Search) -> _Search:
        active = going(carry)
        move, calm = _move(carry)
        z = jnp.where(active[:, None], carry.z + move, carry.z)
        f = gap(z)
        error = jnp.max(jnp.abs(f) * heavy, axis=1)
        # Growth far beyond the best residual means the history misleads: forget it.
        reset = (error > 1e3 * carry.best) | ~calm | (carry.count < 0)
        # Lanes that go on have taken the same number of steps; those at rest need no history.
        slot = carry.turn % memory
        change = f - carry.f
        # Written in place: an indexed update would be a scatter, which copies all that is kept.
        put = jax.lax.dynamic_update_index_in_dim
        changes = put(carry.changes, change, slot, 1)
        row = jnp.einsum("bkm,bm->bk", changes, change)
        known = carry.known | (jnp.arange(memory) == slot)[None]
        return _Search(
            z=z,
            f=f,
            error=jnp.where(active, error, carry.error),
            count=carry.count + active,
            turn=carry.turn + 1,
            best=jnp.where(reset, error, jnp.minimum(carry.best, error)),
            changes=changes,
            moves=put(carry.moves, move + change, slot, 1),
            gram=put(put(carry.gram, row, slot, 1), row, slot, 2),
            known=known & ~reset[:, None],
        )

    found = jax.lax.while_loop(lambda carry: jnp.any(going(carry)), advance, _begin(first, memory))
    z = found.z
    if onward:
        z = jnp.where((found.error <= tolerance)[:, None], z + _move(found)[0], z)
    # What travels beside a differentiable root must be real numbers, the count too.
    return z, (found.error, found.count.astype(found.error.dtype))


def _begin(first: Float[Array, "lane m"], memory: int) -> _Search:
    """Return the state before the first residual is known."""
    lanes, size = first.shape
    empty = jnp.zeros((lanes, memory, size))
    return _Search(
        z=jnp.asarray(first),
        f=jnp.zeros((lanes, size)),
        error=jnp.full(lanes, jnp.inf),
        # Count -1 moves nowhere and finds the first residual, so that the map is compiled once.
        count=jnp.full(lanes, -1),
        turn=jnp.asarray(-1),
        best=jnp.full(lanes, jnp.inf),
        changes=empty,
        moves=empty,
        gram=jnp.zeros((lanes, memory, memory)),
        known=jnp.zeros((lanes, memory), dtype=bool),
    )


def _move(carry: _Search) -> tuple[Float[Array, "lane m"], Bool[Array, " lane"]]:
    """Return the next move, and whether it is the combination and not the plain step."""
    right = jnp.einsum("bkm,bm->bk", carry.changes, carry.f)
    shares = jax.vmap(_weights)(carry.gram, right, carry.known)
    move = carry.f - jnp.einsum("bkm,bk->bm", carry.moves, shares)
    # A combination that runs away is dropped for the plain step: the map itself is safe.
    calm = jnp.all(jnp.isfinite(move), axis=1) & (jnp.max(jnp.abs(move), axis=1) < 2.0)
    return jnp.where(calm[:, None], move, carry.f), calm


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
    factor = jax.scipy.linalg.cho_factor(scaled + ridge, lower=True)
    return jax.scipy.linalg.cho_solve(factor, jnp.where(used, right, 0.0) * unit) * unit
