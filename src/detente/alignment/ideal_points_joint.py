"""Steps of the sampler that draws from one joint posterior.

The published sampler takes the lag's conditional mean as if it were known and moves cutpoints
in small steps. Here whole paths of positions are drawn at once, and an item's discrimination
and cutpoints together with the latent votes summed out. Positions are standardised only when
they are kept, and items with them, so that no draw is changed by it.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from detente.alignment.ideal_points_sampler import (
    CUT_BOUND,
    TARGET,
    TINY,
    Layout,
    State,
    evidence,
    item_log_likelihoods,
)


def draw_paths(layout: Layout, state: State, key: Array) -> State:
    """Draw every voter's whole path given latent votes and items.

    A random walk over the periods in which the voter voted, from N(0, 1) in the first: filter
    forward, draw backward (Carter and Kohn 1994; Fruehwirth-Schnatter 1994).
    """
    precision, push = evidence(layout, state)
    walk = 1 / layout.prior_precision  # variance of the step into a period
    noise = jax.random.normal(key, push.shape, jnp.float32)
    voters = push.shape[1]

    def forward(carry, given):
        mean, variance = carry
        precision, push, walk, first, present = given
        ahead = jnp.where(first > 0, jnp.float32(1), variance + walk)
        prior = jnp.where(first > 0, jnp.float32(0), mean)
        here = 1 / (precision + 1 / ahead)
        centre = here * (push + prior / ahead)
        mean = jnp.where(present > 0, centre, mean)
        variance = jnp.where(present > 0, here, variance)
        return (mean, variance), (mean, variance)

    start = (jnp.zeros(voters, jnp.float32), jnp.ones(voters, jnp.float32))
    given = (precision, push, walk, layout.first, layout.present)
    _, (mean, variance) = jax.lax.scan(forward, start, given)

    def backward(carry, given):
        later, later_walk, is_later = carry
        mean, variance, walk, noise, present = given
        here = jnp.where(is_later > 0, 1 / (1 / variance + 1 / later_walk), variance)
        pull = mean / variance + later / later_walk
        centre = jnp.where(is_later > 0, here * pull, mean)
        drawn = centre + jnp.sqrt(here) * noise
        on = present > 0
        carry = (
            jnp.where(on, drawn, later),
            jnp.where(on, walk, later_walk),
            jnp.maximum(present, is_later),
        )
        return carry, (drawn * present, centre * present)

    end = (
        jnp.zeros(voters, jnp.float32),
        jnp.ones(voters, jnp.float32),
        jnp.zeros(voters, jnp.float32),
    )
    given = (mean, variance, walk, noise, layout.present)
    _, (theta, centre) = jax.lax.scan(backward, end, given, reverse=True)
    return state._replace(theta=theta, theta_mean=centre)


def _cholesky(cov: Float[Array, "i 3 3"]) -> list[list[Float[Array, " i"]]]:
    """Return the lower factor of small matrices, written out: a batched call is far slower."""
    a = jnp.sqrt(cov[:, 0, 0])
    b, c = cov[:, 1, 0] / a, cov[:, 2, 0] / a
    d = jnp.sqrt(jnp.maximum(cov[:, 1, 1] - b * b, 1e-8))
    e = (cov[:, 2, 1] - b * c) / d
    f = jnp.sqrt(jnp.maximum(cov[:, 2, 2] - c * c - e * e, 1e-8))
    return [[a], [b, d], [c, e, f]]


def propose_items(state: State, key: Array, binary: bool) -> Float[Array, "i 3"]:
    """Return one joint proposal an item, in the shape that its draws have had so far."""
    noise = jax.random.normal(key, state.item.shape, jnp.float32)
    step = jnp.exp(state.log_step)
    moved = [
        state.item[:, row] + step * sum(part * noise[:, j] for j, part in enumerate(parts))
        for row, parts in enumerate(_cholesky(state.item_cov))
    ]
    if binary:
        moved[2] = moved[1]
    return jnp.stack(moved, axis=1)


def move_items(
    layout: Layout, state: State, key: Array, gain: Float[Array, ""], binary: bool
) -> tuple[State, Float[Array, ""]]:
    """Move discrimination and cutpoints of each item at once, with latent votes summed out.

    An adaptive Metropolis step (Haario, Saksman and Tamminen 2001) whose shape and size rest
    after the warm-up. Latent votes are not in its target, so that cutpoints do not stick to
    the outermost of them.
    """
    for_proposal, for_choice = jax.random.split(key)
    new = propose_items(state, for_proposal, binary)
    inside = (new[:, 1] > -CUT_BOUND) & (new[:, 2] < CUT_BOUND)
    inside &= (new[:, 1] == new[:, 2]) if binary else (new[:, 1] < new[:, 2])
    log_ratio = item_log_likelihoods(layout, state, new)
    log_ratio -= 0.5 * (new[:, 0] ** 2 - state.item[:, 0] ** 2)
    log_ratio = jnp.where(inside, log_ratio, -jnp.inf)
    chance = jax.random.uniform(for_choice, log_ratio.shape, jnp.float32, minval=TINY)
    taken = jnp.log(chance) < log_ratio
    item = jnp.where(taken[:, None], new, state.item)
    step = state.log_step + gain * (jnp.exp(jnp.minimum(log_ratio, 0.0)) - TARGET)
    return state._replace(item=item, log_step=step), taken.astype(jnp.float32).mean()


def learn(state: State, gain: Float[Array, ""]) -> State:
    """Update the running moments of items by a share `gain`; with zero they rest."""
    gap = state.item - state.item_mean
    cov = gap[:, :, None] * gap[:, None, :] + 1e-4 * jnp.eye(3, dtype=jnp.float32)[None]
    return state._replace(
        item_mean=state.item_mean + gain * gap,
        item_cov=state.item_cov + gain * (cov - state.item_cov),
    )
