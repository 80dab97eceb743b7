"""From indexed votes to the sampler's arrays: dense table, lags, anchors, starting values."""

from collections.abc import Mapping, Sequence

import jax.numpy as jnp
import numpy as np
from scipy.special import ndtr, ndtri

from detente.alignment.ideal_points_sampler import (
    LATENT_BOUND,
    Layout,
    State,
)
from detente.alignment.ideal_points_table import RollCalls
from detente.alignment.ideal_points_un import UN_ANCHORS
from detente.errors import DataError, nearest

WIDTH = 8  # rows are padded to a multiple of this: whole vectors are fastest
WALK = 0.5  # variance of a period's step at most; the published smoother
ANCHOR = 2.0
FIRST_SPREAD = (0.03, 0.02, 0.02)  # variances of an item's first proposals
Anchors = Mapping[str, float] | Sequence[str] | str | None


def layout(calls: RollCalls) -> Layout:
    """Return votes as a dense table of roll calls by voters, with lags.

    Parameters
    ----------
    calls
        Checked and indexed votes.

    Notes
    -----
    Bailey, Strezhnev and Voeten (2017): the prior mean is the position in the last period with
    votes, in a voter's first period the next one; its variance is 0.5 n / (n + n_lag), n the
    number of votes. A voter of one period has the prior N(0, 1).
    """
    voters = len(calls.voters)
    width = -(-voters // WIDTH) * WIDTH
    rows, periods = len(calls.period_of), len(calls.periods)
    vote = np.zeros((rows, width), np.int8)
    vote[calls.roll_call, calls.voter] = calls.vote
    cast = np.zeros((periods, width))
    np.add.at(cast, (calls.period_of[calls.roll_call], calls.voter), 1)
    lag = np.zeros((periods, width), np.int32)
    weight = np.zeros((periods, width), np.float32)
    precision = np.ones((periods, width), np.float32)
    first = np.zeros((periods, width), np.float32)
    for voter in range(voters):
        seen = np.flatnonzero(cast[:, voter])
        first[seen[0], voter] = 1
        if len(seen) < 2:
            continue
        before = np.concatenate([seen[1:2], seen[:-1]])
        lag[seen, voter], weight[seen, voter] = before, 1
        share = cast[seen, voter] / (cast[seen, voter] + cast[before, voter])
        precision[seen, voter] = 1 / (WALK * share)
    kept_voter, kept_period = np.nonzero(cast.T)
    return Layout(
        vote=jnp.asarray(vote),
        period_of=jnp.asarray(calls.period_of, jnp.int32),
        item_of=jnp.asarray(calls.item_of, jnp.int32),
        present=jnp.asarray(cast > 0, jnp.float32),
        lag=jnp.asarray(lag),
        lag_weight=jnp.asarray(weight),
        prior_precision=jnp.asarray(precision),
        first=jnp.asarray(first),
        kept_period=jnp.asarray(kept_period, jnp.int32),
        kept_voter=jnp.asarray(kept_voter, jnp.int32),
    )


def is_assembly(calls: RollCalls) -> bool:
    """Return whether the United States and Russia are among the voters."""
    return {"USA", "RUS"} <= {str(name) for name in calls.voters}


def resolve_anchors(calls: RollCalls, anchors: Anchors) -> dict[str, float]:
    """Return starting positions of the voters that fix the sign.

    Parameters
    ----------
    calls
        Checked and indexed votes.
    anchors
        A mapping from voter to starting position, of both signs; or one voter (positive); or
        two, the positive one first. Without it: those of the General Assembly where the United
        States and Russia vote, else the two voters furthest apart, the first name negative.

    Raises
    ------
    DataError
        An anchor is no voter or no number, or several have one sign.
    """
    names = [str(name) for name in calls.voters]
    if anchors is None:
        if is_assembly(calls):
            return {name: value for name, value in UN_ANCHORS.items() if name in names}
        low, high = _furthest(calls)
        return {names[low]: -ANCHOR, names[high]: ANCHOR}
    if isinstance(anchors, str):
        given: dict[str, float] = {anchors: ANCHOR}
    elif isinstance(anchors, Mapping):
        given = dict(anchors)
    else:
        if len(anchors) not in (1, 2):
            raise DataError(
                f"{len(anchors)} anchors without positions: name one (positive) or two (positive, "
                "negative), or give positions: anchors={'A': 2, 'B': -2}"
            )
        given = dict(zip(anchors, (ANCHOR, -ANCHOR), strict=False))
    for name, value in given.items():
        if str(name) not in names:
            raise DataError(
                f"anchor {name} is not among the {len(names)} voters"
                f"{nearest(str(name), names)} Voters include {', '.join(names[:5])}"
            )
        if not isinstance(value, (int, float)) or not np.isfinite(value) or value == 0:
            raise DataError(
                f"anchor {name} has position {value!r}: give a number above or below zero; its "
                "sign says on which side the voter is to lie"
            )
    signs = {value > 0 for value in given.values()}
    if len(given) > 1 and len(signs) == 1:
        side = "positive" if signs.pop() else "negative"
        raise DataError(
            f"all anchors ({', '.join(map(str, given))}) are {side}: voters on one side do not say "
            "which side is which. Give one of the other sign too, or a single anchor"
        )
    return {str(name): float(value) for name, value in given.items()}


def _scores(calls: RollCalls) -> np.ndarray:
    """Return [item, voter]: mean vote less the item's mean; zero where none was cast."""
    total = np.zeros((len(calls.items), len(calls.voters)))
    count = np.zeros_like(total)
    where = (calls.item_of[calls.roll_call], calls.voter)
    np.add.at(total, where, calls.vote)
    np.add.at(count, where, 1)
    mean = total / np.maximum(count, 1)
    middle = total.sum(axis=1) / count.sum(axis=1)
    return np.where(count > 0, mean - middle[:, None], 0.0)


def _furthest(calls: RollCalls) -> tuple[int, int]:
    """Return the two voters at the ends of the direction that divides votes most."""
    scores = _scores(calls)
    _, vectors = np.linalg.eigh(scores.T @ scores)
    ends = sorted({int(np.argmin(vectors[:, -1])), int(np.argmax(vectors[:, -1]))})
    return ends[0], ends[-1]


def start(
    calls: RollCalls, fixed: Layout, anchors: Mapping[str, float], seed: np.random.Generator
) -> State:
    """Return the state a chain begins in.

    Parameters
    ----------
    calls, fixed
        Votes, indexed and laid out.
    anchors
        Starting positions of some voters; all others begin at zero.
    seed
        Random numbers of the first latent votes.

    Notes
    -----
    As published: cutpoints from the shares of votes, discrimination plus or minus one by the
    anchors' votes, latent votes around zero.
    """
    names = [str(name) for name in calls.voters]
    vote = np.asarray(fixed.vote)
    present = np.asarray(fixed.present)
    theta = np.zeros(present.shape)
    side = np.zeros(len(names))
    for name, value in anchors.items():
        theta[:, names.index(name)] = value
        side[names.index(name)] = value
    items = len(calls.items)
    tally = np.stack(
        [np.bincount(calls.item_of, (vote == code).sum(axis=1), items) for code in (1, 2, 3)], 1
    )
    share = tally / tally.sum(axis=1, keepdims=True)
    first, second = 2 * share[:, 0] - 1, 2 * (share[:, 0] + share[:, 1]) - 1
    second = np.maximum(second, first if calls.binary else first + 1e-3)
    slope = np.sign(np.round(_scores(calls) @ np.sign(side), 9))
    item = np.stack([slope, first, second], axis=1)
    cuts = [first[calls.item_of, None], second[calls.item_of, None]]
    low = np.select([vote == 2, vote == 3], cuts, -np.inf)
    high = np.select([vote == 1, vote == 2], cuts, np.inf)
    chance = ndtr(low) + seed.random(vote.shape) * (ndtr(high) - ndtr(low))
    latent = np.clip(ndtri(chance), -LATENT_BOUND, LATENT_BOUND)
    spread = np.tile(np.diag(FIRST_SPREAD), (items, 1, 1))

    def single(values: np.ndarray) -> jnp.ndarray:
        return jnp.asarray(values, jnp.float32)

    return State(
        theta=single(theta * present),
        theta_mean=single(theta * present),
        latent=single(np.where(vote > 0, latent, 0)),
        item=single(item),
        item_mean=single(item),
        item_cov=single(spread),
        log_step=single(np.full(items, np.log(1.2))),
    )
