"""A group that votes as one in the General Assembly: what it passes, blocks and decides.

One state one vote. A decision needs more yes than no (simple majority), or at least twice as many
yes as no (two thirds of the members present and voting, Article 18 of the Charter for important
questions). Who abstains or stays away does not count as voting.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np
from scipy.special import betainc, betaln, gammaln

from detente.errors import ScenarioError, nearest

SEATS = 193
RULES = ("simple_majority", "two_thirds")
# What is supposed of the other members: the probability of yes among those who vote.
COIN: float = 0.5
UNIFORM = (1.0, 1.0)


@dataclass(frozen=True)
class AssemblyPower:
    """What a bloc of members can do under one rule.

    Attributes
    ----------
    rule : `simple_majority` or `two_thirds`
    members, seats : votes of the bloc and of all
    needed : votes that pass a motion when every member votes
    passes_alone, blocks_alone : whether the bloc does so against all others voting
    needed_to_pass : further yes votes the bloc must win when every member votes
    needed_to_block : further no votes it must win when every member votes
    banzhaf : probability to decide when the others toss fair coins and all vote
    shapley : probability to decide when the others' chance of yes is uniform on 0-1 and all vote
    coleman_prevent, coleman_initiate : shares of winning (losing) line-ups that the bloc turns
    prevails_for, prevails_against : probability that the Assembly does what the bloc votes, when
        it votes yes and when it votes no, under the stated model of the others
    model : that model, in words
    """

    rule: str
    members: int
    seats: int
    needed: int
    passes_alone: bool
    blocks_alone: bool
    needed_to_pass: int
    needed_to_block: int
    banzhaf: float
    shapley: float
    coleman_prevent: float
    coleman_initiate: float
    prevails_for: float
    prevails_against: float
    model: str


def assembly_power(
    members: int,
    rule: str = "simple_majority",
    seats: int = SEATS,
    yes: float | tuple[float, float] = COIN,
    silent: float = 0.0,
) -> AssemblyPower:
    """Return the power of a bloc that casts its votes as one.

    Parameters
    ----------
    members
        Votes of the bloc, 1 ... seats.
    rule
        `simple_majority` or `two_thirds`, of the members present and voting.
    seats
        Members of the Assembly.
    yes
        Chance that another member says yes if it votes: a number (votes are independent), or the
        two parameters of a Beta distribution from which one common chance is drawn for each
        motion, (1, 1) being uniform. A common chance makes the others move together.
    silent
        Chance that another member abstains or stays away, independently of all else.

    Raises
    ------
    ScenarioError
        If the rule is unknown or a number is out of range.

    Notes
    -----
    `banzhaf`, `shapley` and Coleman's two take everybody as voting and do not depend on `yes` and
    `silent`; `prevails_for` and `prevails_against` do. That a bloc votes as one is an assumption.

    Examples
    --------
    >>> power = assembly_power(65, "two_thirds")
    >>> power.blocks_alone, power.passes_alone
    (True, False)
    """
    if rule not in RULES:
        raise ScenarioError(f"no rule '{rule}'{nearest(rule, list(RULES))}: {', '.join(RULES)}")
    if not 1 <= members <= seats:
        raise ScenarioError(f"a bloc of {members} does not fit into {seats} seats; give 1-{seats}")
    if not 0 <= silent < 1:
        raise ScenarioError(f"silent={silent} is no share below 1")
    others, quota = seats - members, needed(rule, seats)
    passes_with, passes_without = passing(members, others, rule, yes, silent)
    swing, shapley, chance = bloc_power(members, others, quota)
    return AssemblyPower(
        rule=rule,
        members=members,
        seats=seats,
        needed=quota,
        passes_alone=members >= quota,
        blocks_alone=others < quota,
        needed_to_pass=max(quota - members, 0),
        needed_to_block=max(others - quota + 1, 0),
        banzhaf=swing,
        shapley=shapley,
        coleman_prevent=swing / (2 * chance),
        coleman_initiate=swing / (2 * (1 - chance)),
        prevails_for=passes_with,
        prevails_against=1.0 - passes_without,
        model=_words(yes, silent),
    )


def needed(rule: str, voting: int) -> int:
    """Return the yes votes that a decision needs when so many vote yes or no.

    Examples
    --------
    >>> needed("simple_majority", 193), needed("two_thirds", 193)
    (97, 129)
    """
    return voting // 2 + 1 if rule == "simple_majority" else max(ceil(2 * voting / 3), 1)


def bloc_power(members: int, others: int, quota: int) -> tuple[float, float, float]:
    """Return Banzhaf and Shapley-Shubik power of one bloc among single votes, in closed form.

    The bloc decides when the others' yes votes k lie in quota - members ... quota - 1: under fair
    coins k is binomial, and in a random order k is uniform on 0 ... others.

    Parameters
    ----------
    members, others
        Votes of the bloc, number of single votes.
    quota
        Yes votes that win.

    Returns
    -------
    swing, shapley, passing
        Probability to decide under coins; Shapley-Shubik index of the bloc; probability that
        coins (the bloc's among them) pass a motion.

    Examples
    --------
    >>> swing, shapley, passing = bloc_power(2, 2, 3)
    >>> swing, round(shapley, 3), passing
    (0.75, 0.667, 0.375)
    """
    low, high = max(quota - members, 0), min(quota - 1, others)
    swing = _heads(others, high) - _heads(others, low - 1)
    shapley = max(high - low + 1, 0) / (others + 1)
    # At least k heads are as likely as at most (others - k).
    passing = (_heads(others, others - quota + members) + _heads(others, others - quota)) / 2
    return swing, shapley, passing


def _heads(coins: int, most: int) -> float:
    """Return the probability that fair coins show so many heads at most."""
    if most < 0:
        return 0.0
    return 1.0 if most >= coins else float(betainc(coins - most, most + 1, 0.5))


def passing(
    members: int,
    others: int,
    rule: str,
    yes: float | tuple[float, float],
    silent: float,
) -> tuple[float, float]:
    """Return the probability that a motion passes with the bloc voting yes, and voting no.

    Parameters
    ----------
    members, others
        Votes of the bloc, number of single votes.
    rule, yes, silent
        As in `assembly_power`.

    Examples
    --------
    >>> passing(1, 2, "simple_majority", 0.5, 0.0)
    (0.75, 0.25)
    """
    size = np.arange(others + 1)
    voting = np.exp(_log_binomial(others, size, 1.0 - silent))
    share = _support(members + others, yes)[: others + 1, : others + 1]
    quota = _quotas(rule, members + others)[members:, None]
    with_yes = voting @ np.where(size >= quota - members, share, 0.0).sum(axis=1)
    without = voting @ np.where(size >= quota, share, 0.0).sum(axis=1)
    return min(float(with_yes), 1.0), min(float(without), 1.0)


@cache
def _quotas(rule: str, most: int) -> np.ndarray:
    """Return [voting] the yes votes that a decision needs, for every number that votes."""
    return np.array([needed(rule, voting) for voting in range(most + 1)])


@cache
def _support(most: int, yes: float | tuple[float, float]) -> np.ndarray:
    """Return [voting, yes] the probability of so many yes votes, for every number that votes."""
    share = np.zeros((most + 1, most + 1))
    for size in range(most + 1):
        share[size, : size + 1] = np.exp(_log_support(size, np.arange(size + 1), yes))
    return share


def _log_choose(total: int, count: np.ndarray) -> np.ndarray:
    return gammaln(total + 1) - gammaln(count + 1) - gammaln(total - count + 1)


def _log_binomial(total: int, count: np.ndarray, chance: float) -> np.ndarray:
    if chance in (0.0, 1.0):
        return np.where(count == (total if chance else 0), 0.0, -np.inf)
    return _log_choose(total, count) + count * np.log(chance) + (total - count) * np.log1p(-chance)


def _log_support(total: int, count: np.ndarray, yes: float | tuple[float, float]) -> np.ndarray:
    """Return the log probability of so many yes votes among those who vote."""
    if isinstance(yes, tuple):
        first, second = yes
        if len(yes) != 2 or min(first, second) <= 0:
            raise ScenarioError(f"yes={yes} must be two positive parameters of a Beta distribution")
        return (
            _log_choose(total, count)
            + betaln(count + first, total - count + second)
            - betaln(first, second)
        )
    if not 0 <= yes <= 1:
        raise ScenarioError(f"yes={yes} is no probability; give 0-1 or two Beta parameters")
    return _log_binomial(total, count, float(yes))


def _words(yes: float | tuple[float, float], silent: float) -> str:
    if isinstance(yes, tuple):
        chance = (
            f"one common chance of yes for each motion, drawn from Beta({yes[0]:.3g}, {yes[1]:.3g})"
        )
    else:
        chance = f"each votes yes with chance {yes:.3g}, independently"
    return f"others: {chance}; each abstains or is absent with chance {silent:.3g}"
