"""Do reductions leave second-strike stability as it was? A verdict by shares of draws.

The rule is fixed before any run: in a draw, reductions *keep* stability when no stability index of
the two parties, nor of a third arsenal with one of them, falls by more than the margin.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from detente.errors import WorldError
from detente.flips import Flip, find_flip
from detente.security.exchange_priors import ExchangeDraws, exchange_draws, ranges
from detente.security.first_strike import Posture
from detente.security.nuclear import Stability, second_strike
from detente.security.nuclear_pair import Choices
from detente.security.nuclear_table import same_draws
from detente.sensitivity import VarianceShares, variance_shares
from detente.verdict import CONTRADICTED, HOLDS, REQUIRED_SHARE, UNDECIDED
from detente.world import World

# Practical margin: a fall of an index (a probability) of this much or less is no weakening.
MARGIN = 0.01
PARTIES = ("USA", "RUS")
# Parameters that are tried for a value that flips the verdict.
CANDIDATES = 8


@dataclass(frozen=True)
class Reductions:
    """Whether reductions keep stability.

    Attributes
    ----------
    verdict : `holds` when at least 90 per cent of the draws keep it, `contradicted` when at most
        10 per cent do, else `undecided`
    share : share of draws that keep it for the parties and all third arsenals
    parties_share : for the two parties alone
    table : one row a pair of states: share of draws that keep its index, its change
    required, posture, margin : what was asked
    change : [draw] change of the index of the pair that loses most
    """

    verdict: str
    share: float
    parties_share: float
    table: pd.DataFrame = field(repr=False)
    required: int
    posture: str
    margin: float
    change: np.ndarray = field(repr=False)


def reductions(
    before: Stability,
    after: Stability,
    required: int = 10,
    posture: Posture = "surprise",
    margin: float = MARGIN,
    parties: tuple[str, str] = PARTIES,
) -> Reductions:
    """Return the verdict on reductions between two worlds, over the same draws.

    Parameters
    ----------
    before, after
        Second strikes in the base world and in the world with reduced arsenals.
    required, posture
        Which index; see `Stability.index`.
    margin
        Largest fall that counts as none, as a probability.
    parties
        The two states that reduce.

    Raises
    ------
    WorldError
        If the two results cannot be compared, or a pair has no index before or after.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> same = second_strike(world, draws=20, states=["USA", "RUS", "CHN"])
    >>> reductions(same, same).verdict
    'holds'
    """
    same_draws(before, after)
    if margin < 0:
        raise WorldError(f"the margin must be 0 or more, not {margin:g}")
    rows, kept, changes = [], [], []
    for one, other in _pairs(before, parties):
        old, new = (each.index(one, other, required, posture) for each in (before, after))
        if not np.isfinite(old).all():
            continue
        if not np.isfinite(new).all():
            raise WorldError(
                f"after the change {one} and {other} have no stability index: an arsenal is gone, "
                "so that the question has no answer"
            )
        change = new - old
        keeps = change >= -margin
        kept.append(keeps)
        changes.append(change)
        low, middle, high = np.quantile(change, [0.05, 0.5, 0.95])
        rows.append(
            {
                "one": one,
                "other": other,
                "party": {one, other} == set(parties),
                "share_kept": float(keeps.mean()),
                "median": float(middle),
                "p05": float(low),
                "p95": float(high),
            }
        )
    if not rows or not rows[0]["party"]:
        raise WorldError(f"{' and '.join(parties)} have no stability index in the base world")
    share = float(np.all(kept, axis=0).mean())
    word = HOLDS if share >= REQUIRED_SHARE else UNDECIDED
    word = CONTRADICTED if share <= 1 - REQUIRED_SHARE else word
    return Reductions(
        word,
        share,
        float(kept[0].mean()),
        pd.DataFrame(rows),
        required,
        posture,
        margin,
        np.min(changes, axis=0),
    )


def _pairs(found: Stability, parties: tuple[str, str]) -> list[tuple[str, str]]:
    victims = dict.fromkeys(victim for _, victim in found.pairs)
    thirds = [name for name in victims if name not in parties]
    pairs = [parties, *((party, third) for third in thirds for party in parties)]
    return [pair for pair in pairs if pair in found.pairs and pair[::-1] in found.pairs]


@dataclass(frozen=True)
class Hinge:
    """What a verdict on reductions hangs on.

    Attributes
    ----------
    pair : the two states whose index loses most
    shares : shares of the variance of the change, by uncertain number of the two
    flip : the nearest value of one number, all others at their medians, that turns a fall by more
        than the margin into none, or the reverse; None when no single number does
    """

    pair: tuple[str, str]
    shares: VarianceShares
    flip: Flip | None


def hinge(
    before: World,
    after: World,
    states: Sequence[str],
    required: int = 10,
    posture: Posture = "surprise",
    margin: float = MARGIN,
    choices: tuple[Choices, Choices] | None = None,
    draws: int = 200,
    seed: int = 1,
) -> Hinge:
    """Return which uncertain number decides the verdict, and the value that would flip it.

    Parameters
    ----------
    before, after
        Base world, and world with reduced arsenals.
    states
        The parties first, then third arsenals.
    required, posture, margin
        As in `reductions`.
    choices
        Rules before and after.
    draws, seed
        Of the regression.

    Raises
    ------
    WorldError
        As `reductions`, and if there are not two states.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> hinge(world, world, ["USA", "RUS"], draws=60).flip is None
    True
    """
    if len(states) < 2:
        raise WorldError(f"give the two parties, and third arsenals after them, not {states}")
    rules = choices or (Choices(), Choices())
    parties = (states[0], states[1])

    def weighed(parameters: ExchangeDraws) -> Reductions:
        old, new = (
            second_strike(world, required=[required], states=states, choices=rule,
                          parameters=parameters)
            for world, rule in zip((before, after), rules, strict=True)
        )  # fmt: skip
        return reductions(old, new, required, posture, margin, parties)

    drawn = exchange_draws(draws, seed, rules[0].shared)
    found = weighed(drawn)
    worst = found.table.iloc[int(np.argmin(found.table["median"].to_numpy()))]
    pair = (str(worst["one"]), str(worst["other"]))
    # Numbers of other states move with these through common causes, and would borrow their share.
    wanted = [name for name in drawn.values if _concerns(name, pair)]
    shares = variance_shares(drawn.table()[wanted], found.change)
    middle = exchange_draws(0, seed)
    priors = ranges()
    names = [name for name, _ in shares.shares[:CANDIDATES]]
    flip = find_flip(
        lambda name, value: float(weighed(middle.fixed(name, value)).change[0]),
        lambda name, quantile: float(priors[name].quantile(quantile)),
        names,
        "falls",
        margin,
    )
    return Hinge(pair, shares, flip)


def _concerns(name: str, states: Sequence[str]) -> bool:
    inside = name.partition("[")[2].rstrip("]")
    if not inside:
        return name != "interception"
    return inside.split(" ")[0] in states or name.startswith("kill_found")
