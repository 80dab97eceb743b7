"""Steps of the sampler of ideal points: arrays in, arrays out.

Letters: `r` roll calls (an item put to the vote in one period), `v` voters (padded), `t`
periods, `i` items, `k` positions (voters in periods in which they voted), `n` draws.
Votes lie in a dense table of roll calls by voters. Sums over the voters of a roll call are then
sums of rows, and sums over the roll calls of a period are sums of consecutive rows; nothing is
gathered or scattered vote by vote.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from detente.alignment.ideal_points_normal import normal_cdf, normal_quantile, uniform_cells

YES, ABSTAIN, NO = 1, 2, 3
CUT_BOUND = 7.0  # cutpoints lie within plus and minus this
LATENT_BOUND = 9.0
POSITION_BOUND = 5.0
TINY = 1e-30  # probabilities below are taken as this
CUT_STEP = 0.2 / 3  # of the published sampler
TARGET = 0.30  # share of accepted proposals that steps are tuned to


class Layout(NamedTuple):
    """Votes and what stays fixed over iterations."""

    vote: Int[Array, "r v"]  # 0 not cast
    period_of: Int[Array, " r"]  # ascending
    item_of: Int[Array, " r"]
    present: Float[Array, "t v"]  # 1 where the voter cast a vote in the period
    lag: Int[Array, "t v"]  # period whose position is the prior mean
    lag_weight: Float[Array, "t v"]  # 0 where there is none: the prior mean is zero
    prior_precision: Float[Array, "t v"]
    first: Float[Array, "t v"]  # 1 in the voter's first period
    kept_period: Int[Array, " k"]
    kept_voter: Int[Array, " k"]


class State(NamedTuple):
    """Where a chain is."""

    theta: Float[Array, "t v"]  # positions
    theta_mean: Float[Array, "t v"]  # their conditional means
    latent: Float[Array, "r v"]
    item: Float[Array, "i 3"]  # discrimination and both cutpoints
    # Running moments of items, which shape their proposals; they rest after the warm-up.
    item_mean: Float[Array, "i 3"]
    item_cov: Float[Array, "i 3 3"]
    log_step: Float[Array, " i"]


def vote_intervals(
    vote: Int[Array, "r v"], below: Float[Array, "r v"], above: Float[Array, "r v"]
) -> tuple[Float[Array, "r v"], Float[Array, "r v"], Float[Array, "r v"]]:
    """Return sign, lower probability and probability of each vote's interval of the latent.

    An interval in the upper tail is mirrored (sign -1), so that single precision holds its
    probability. `below` and `above` are the two cutpoints less the latent's mean.
    """
    both = vote == ABSTAIN
    flip = (vote == NO) | (both & (below + above > 0))
    high = jnp.where(vote == YES, below, jnp.where(flip, -below, above))
    high = jnp.where(vote == NO, -above, high)
    low = normal_cdf(jnp.where(flip, -above, below))
    low = jnp.where(both, low, jnp.zeros_like(low))
    sign = jnp.where(flip, jnp.float32(-1), jnp.float32(1))
    return sign, low, jnp.maximum(normal_cdf(high) - low, jnp.float32(TINY))


def latent_offsets(
    layout: Layout, theta: Float[Array, "r v"], item: Float[Array, "i 3"]
) -> tuple[Float[Array, "r v"], Float[Array, "r v"], Float[Array, "r v"]]:
    """Return the latent's mean and both cutpoints less it."""
    row = item[layout.item_of]
    mean = row[:, :1] * theta
    return mean, row[:, 1:2] - mean, row[:, 2:] - mean


def by_item(values: Float[Array, " r"], layout: Layout, items: int) -> Float[Array, " i"]:
    """Sum over the roll calls of each item."""
    return jax.ops.segment_sum(values, layout.item_of, items)


def by_period(values: Float[Array, "r v"], layout: Layout) -> Float[Array, "t v"]:
    """Sum over the roll calls of each period."""
    periods = layout.present.shape[0]
    return jax.ops.segment_sum(values, layout.period_of, periods, indices_are_sorted=True)


def evidence(layout: Layout, state: State) -> tuple[Float[Array, "t v"], Float[Array, "t v"]]:
    """Return precision, and precision times mean, that latent votes give each position."""
    slope = state.item[layout.item_of, 0][:, None]
    squares = jnp.where(layout.vote > 0, slope * slope, jnp.float32(0))
    return by_period(squares, layout), by_period(state.latent * slope, layout)


def standardised(
    layout: Layout, theta: Float[Array, "t v"]
) -> tuple[Float[Array, "t v"], Float[Array, ""], Float[Array, ""]]:
    """Return positions with mean 0 and sd 1 over all kept ones, and the mean and sd removed."""
    kept = layout.present
    count = kept.sum()
    mean = (theta * kept).sum() / count
    centred = (theta - mean) * kept
    spread = jnp.sqrt((centred * centred).sum() / (count - 1))
    return centred / spread, mean, spread


def draw_positions(layout: Layout, state: State, key: Array) -> State:
    """Draw positions given latent votes and items, then standardise: the published step.

    Bailey, Strezhnev and Voeten (2017): the prior mean is the conditional mean of the lag as
    the last iteration left it; positions are clipped and standardised over all kept ones.
    """
    precision, push = evidence(layout, state)
    precision = precision + layout.prior_precision
    lag = layout.lag_weight * jnp.take_along_axis(state.theta_mean, layout.lag, axis=0)
    mean = (push + layout.prior_precision * lag) / precision
    noise = jax.random.normal(key, mean.shape, jnp.float32)
    theta = jnp.clip(mean + noise / jnp.sqrt(precision), -POSITION_BOUND, POSITION_BOUND)
    theta, _, _ = standardised(layout, theta)
    return state._replace(theta=theta, theta_mean=mean * layout.present)


def item_log_likelihoods(
    layout: Layout, state: State, new: Float[Array, "i 3"]
) -> Float[Array, " i"]:
    """Return log likelihood of each item's votes at `new` less that at the present values.

    Latent votes are summed out.
    """
    theta = state.theta[layout.period_of]
    _, below, above = latent_offsets(layout, theta, state.item)
    _, _, old_p = vote_intervals(layout.vote, below, above)
    _, below, above = latent_offsets(layout, theta, new)
    _, _, new_p = vote_intervals(layout.vote, below, above)
    ratio = jnp.where(layout.vote > 0, new_p / old_p, jnp.float32(1))
    return by_item(jnp.log(jnp.maximum(ratio, TINY)).sum(axis=1), layout, new.shape[0])


def _truncated(
    key: Array, mean: Float[Array, " i"], low: Float[Array, " i"], high: Float[Array, " i"]
) -> Float[Array, " i"]:
    """Draw normals of sd CUT_STEP between bounds."""
    a, b = normal_cdf((low - mean) / CUT_STEP), normal_cdf((high - mean) / CUT_STEP)
    chance = a + jax.random.uniform(key, mean.shape, jnp.float32) * (b - a)
    return mean + CUT_STEP * normal_quantile(jnp.clip(chance, 1e-7, 1 - 1e-6))


def move_cutpoints(layout: Layout, state: State, key: Array) -> tuple[State, Float[Array, ""]]:
    """Move both cutpoints of each item by the published Metropolis step.

    Johnson and Albert (1999), p. 135-136, with the acceptance ratio of the published program:
    the first cutpoint is proposed below the present second, the second above the proposed
    first. The ratio leaves out that a move past the present first cutpoint has no way back,
    so that cutpoints of items without abstentions come out too close to zero. It is kept since
    the published positions rest on it; `ideal_points_joint` has none of this.
    """
    keys = jax.random.split(key, 3)
    first, second = state.item[:, 1], state.item[:, 2]
    bound = jnp.full_like(first, CUT_BOUND)
    new_first = _truncated(keys[0], first, -bound, second)
    new_second = jnp.maximum(_truncated(keys[1], second, new_first, bound), new_first)
    new = jnp.stack([state.item[:, 0], new_first, new_second], axis=1)
    log_ratio = (
        item_log_likelihoods(layout, state, new)
        + jnp.log(jnp.maximum(normal_cdf((second - new_first) / CUT_STEP), TINY))
        - jnp.log(jnp.maximum(normal_cdf((new_second - first) / CUT_STEP), TINY))
    )
    chance = jax.random.uniform(keys[2], first.shape, jnp.float32, minval=TINY)
    taken = jnp.log(chance) < log_ratio
    item = jnp.where(taken[:, None], new, state.item)
    return state._replace(item=item), taken.astype(jnp.float32).mean()


def draw_latent(layout: Layout, state: State, key: Array) -> State:
    """Draw latent votes: normal, truncated to the interval that the vote shows."""
    theta = state.theta[layout.period_of]
    mean, below, above = latent_offsets(layout, theta, state.item)
    sign, low, probability = vote_intervals(layout.vote, below, above)
    chance = low + uniform_cells(key, *layout.vote.shape) * probability
    drawn = mean + sign * normal_quantile(jnp.maximum(chance, TINY))
    drawn = jnp.clip(drawn, -LATENT_BOUND, LATENT_BOUND)
    return state._replace(latent=jnp.where(layout.vote > 0, drawn, jnp.float32(0)))


def draw_discrimination(layout: Layout, state: State, key: Array) -> State:
    """Draw each item's discrimination given latent votes: a regression with a N(0, 1) prior."""
    items = state.item.shape[0]
    theta = state.theta[layout.period_of]
    squares = jnp.where(layout.vote > 0, theta * theta, jnp.float32(0)).sum(axis=1)
    precision = 1 + by_item(squares, layout, items)
    mean = by_item((theta * state.latent).sum(axis=1), layout, items) / precision
    noise = jax.random.normal(key, mean.shape, jnp.float32)
    slope = mean + noise / jnp.sqrt(precision)
    return state._replace(item=state.item.at[:, 0].set(slope))
