"""One chain of the sampler of ideal points, compiled; letters as in `ideal_points_sampler`."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from detente.alignment.ideal_points_joint import draw_paths, learn, move_items
from detente.alignment.ideal_points_sampler import (
    Layout,
    State,
    draw_discrimination,
    draw_latent,
    draw_positions,
    move_cutpoints,
    standardised,
)


class Rules(NamedTuple):
    """What is compiled into a sampler."""

    binary: bool = False  # one cutpoint an item instead of two
    paths: bool = False  # draw whole paths of positions, see `ideal_points_joint`
    items: bool = False  # move an item's terms at once, latent votes summed out


def iterate(
    layout: Layout, state: State, key: Array, gain: Float[Array, ""], rules: Rules
) -> tuple[State, Float[Array, ""]]:
    """Run one iteration: positions, items, latent votes, discrimination."""
    keys = jax.random.split(key, 4)
    if rules.paths:
        state = draw_paths(layout, state, keys[0])
    else:
        state = draw_positions(layout, state, keys[0])
    if rules.items or rules.binary:
        state, taken = move_items(layout, state, keys[1], gain, rules.binary)
    else:
        state, taken = move_cutpoints(layout, state, keys[1])
    state = draw_latent(layout, state, keys[2])
    state = draw_discrimination(layout, state, keys[3])
    return learn(state, gain), taken


def _identified(
    layout: Layout, state: State, rules: Rules
) -> tuple[Float[Array, " k"], Float[Array, "i 3"]]:
    """Return positions and items on the scale with mean 0 and sd 1."""
    theta, item = state.theta, state.item
    if rules.paths:
        theta, mean, spread = standardised(layout, theta)
        shift = mean * item[:, 0]
        item = jnp.stack([item[:, 0] * spread, item[:, 1] - shift, item[:, 2] - shift], axis=1)
    return theta[layout.kept_period, layout.kept_voter], item


@partial(jax.jit, static_argnames=("rules", "room"))  # noqa: TID251
def advance(
    layout: Layout,
    state: State,
    key: Array,
    done: Int[Array, ""],
    count: Int[Array, ""],
    thin: Int[Array, ""],
    warmup: Int[Array, ""],
    rules: Rules,
    room: int,
) -> tuple[State, Float[Array, "n k"], Float[Array, "n i 3"], Float[Array, ""]]:
    """Run `count` iterations and keep every `thin`-th of them.

    Parameters
    ----------
    layout, state
        Votes and where the chain is.
    key
        A key of `jax.random` of the chain; the same key gives the same draws.
    done
        Iterations that the chain has behind it.
    count, thin, warmup
        Iterations to run, iterations for each kept one, and how many are warm-up in all.
    rules, room
        What is compiled in: rules, and how many kept iterations one call can hold.

    Returns
    -------
    tuple
        State, positions, items, and the mean share of accepted proposals.
    """

    def one(number, carry):
        state, positions, items, rate = carry
        at = done + number
        gain = jnp.where(at < warmup, jnp.minimum(0.2, 3 / (at + 10.0) ** 0.8), 0.0)
        state, taken = iterate(
            layout, state, jax.random.fold_in(key, at), gain.astype(jnp.float32), rules
        )
        theta, item = _identified(layout, state, rules)
        place = jnp.mod(number // thin, room)
        positions = jax.lax.dynamic_update_index_in_dim(positions, theta, place, 0)
        items = jax.lax.dynamic_update_index_in_dim(items, item, place, 0)
        return state, positions, items, rate + taken

    empty = (
        jnp.zeros((room, layout.kept_period.shape[0]), jnp.float32),
        jnp.zeros((room, *state.item.shape), jnp.float32),
        jnp.zeros((), jnp.float32),
    )
    state, positions, items, rate = jax.lax.fori_loop(0, count, one, (state, *empty))
    return state, positions, items, rate / count
