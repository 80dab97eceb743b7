"""Fixed points by Anderson acceleration, with a certificate and implicit derivatives.

Anderson (1965), type II: of the last `memory` steps, take the combination whose residual is
smallest, and move by it. Derivatives follow from the implicit function theorem at the root
(the linearised equations are solved by GMRES); the iterations are never unrolled.
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
    step: Callable[[Any], Any], start: Any, tolerance: float = 1e-11, max_steps: int = 1500
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

    def search(gap, first):
        return _anderson(gap, first, tolerance, max_steps)

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
) -> tuple[Float[Array, " m"], tuple[Float[Array, ""], Float[Array, ""]]]:
    size = first.shape[0]

    def unfinished(carry):
        _, _, error, count, _, _, _ = carry
        return (error > tolerance) & (count < max_steps) & jnp.isfinite(error)

    def advance(carry):
        z, f, error, count, dz, df, best = carry
        move = f - _combination(dz, df, f)
        # A combination that runs away is dropped for the plain step: the map itself is safe.
        calm = jnp.all(jnp.isfinite(move)) & (jnp.max(jnp.abs(move)) < 2.0)
        move = jnp.where(calm, move, f)
        z_next = z + move
        f_next = gap(z_next)
        error_next = jnp.max(jnp.abs(f_next))
        # Growth far beyond the best residual means the history misleads: forget it.
        reset = (error_next > 1e3 * best) | ~calm
        slot = count % MEMORY
        dz = jnp.where(reset, 0.0, dz.at[slot].set(z_next - z))
        df = jnp.where(reset, 0.0, df.at[slot].set(f_next - f))
        best = jnp.where(reset, error_next, jnp.minimum(best, error_next))
        return z_next, f_next, error_next, count + 1, dz, df, best

    f0 = gap(first)
    e0 = jnp.max(jnp.abs(f0))
    empty = jnp.zeros((MEMORY, size))
    z, _, error, count, _, _, _ = jax.lax.while_loop(
        unfinished, advance, (first, f0, e0, jnp.asarray(0), empty, empty, e0)
    )
    # What travels beside a differentiable root must be real numbers, the count too.
    return z, (error, count.astype(error.dtype))


def _combination(
    dz: Float[Array, "k m"], df: Float[Array, "k m"], f: Float[Array, " m"]
) -> Float[Array, " m"]:
    """Return the correction that makes the linearised residual smallest."""
    scale = jnp.sqrt(jnp.sum(df**2, axis=1))
    unit = jnp.where(scale > 0, 1 / jnp.where(scale > 0, scale, 1.0), 0.0)
    columns = df * unit[:, None]
    gram = columns @ columns.T
    unused = jnp.where(scale > 0, 0.0, 1.0)
    weights = jnp.linalg.solve(gram + jnp.diag(RIDGE + unused), columns @ f)
    return (weights * unit) @ (dz + df)
