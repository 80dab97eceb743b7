"""Extended deterrence before and after a scenario, and which part each assumption contributes."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from detente.security.challenge import Challenge, Pair
from detente.security.deterrence import challenge_risk
from detente.security.reliability import bound
from detente.world import World

# Challenger and protected state of the pairs most written about, by region.
PAIRS: dict[str, tuple[Pair, ...]] = {
    "Eastern Europe": (
        ("RUS", "EST"), ("RUS", "LVA"), ("RUS", "LTU"), ("RUS", "POL"), ("RUS", "FIN"),
        ("RUS", "UKR"),
    ),
    "East Asia": (("CHN", "TWN"), ("CHN", "JPN"), ("CHN", "PHL"), ("PRK", "KOR"), ("PRK", "JPN")),
    "Middle East": (("IRN", "SAU"), ("IRN", "ISR"), ("IRN", "KWT"), ("IRN", "QAT")),
}  # fmt: skip
PARTS = ("onset", "treaties", "reputation", "contagion")
# One code, a group of the world as @NAME, or codes.
Side = str | Sequence[str]


def known_pairs(
    world: World, pairs: Iterable[tuple[Side, Side]] | None = None
) -> list[tuple[Side, Side]]:
    """Return the pairs (of `PAIRS` if none are given) whose states are both in a world.

    Examples
    --------
    >>> import detente as dt
    >>> known_pairs(dt.load_world("world2023"))[0]
    ('RUS', 'EST')
    """
    if pairs is not None:
        return list(pairs)
    have = set(world.countries)
    return [pair for listed in PAIRS.values() for pair in listed if set(pair) <= have]


def steps(
    world: World,
    edited: World,
    onset: np.ndarray,
    draws: int | Sequence[int],
    seed: int,
    point: bool = False,
    onset_after: np.ndarray | None = None,
) -> Iterator[tuple[str, Challenge]]:
    """Yield the risks before, and after with one assumption more at each step.

    Parameters
    ----------
    world, edited
        Before and after the scenario's edits, with the same countries.
    onset, onset_after
        Onset without third parties before and after; the same when `onset_after` is None.
    draws, seed, point
        As in `detente.security.deterrence.challenge_risk`; all steps share the draws.

    Yields
    ------
    tuple
        `before`; `onset`: the change of onset alone, where `onset_after` is given; `treaties`: and
        the edits of promises; `reputation`: and what they do to the
        guarantor's other promises; `contagion`: and to its co-guarantors' promises. Each holds
        all pairs of all draws: keep what is needed of one before asking for the next.
    """
    common = {"draws": draws, "seed": seed, "point": point, "base": world}
    yield "before", challenge_risk(world, onset, **common)
    if onset_after is not None:
        yield "onset", challenge_risk(world, onset_after, **common)
    last = onset if onset_after is None else onset_after
    for name in PARTS[1:]:
        parts = {"reputation": name != "treaties", "contagion": name == "contagion"}
        yield name, challenge_risk(edited, last, **parts, **common)


def extended_deterrence(
    world: World,
    edited: World,
    onset: np.ndarray,
    draws: int | Sequence[int],
    seed: int,
    pairs: Iterable[tuple[Side, Side]] | None = None,
    onset_after: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return the change of risk of every pair of challengers and protected states.

    Parameters
    ----------
    world, edited, onset, onset_after, draws, seed
        As in `steps`.
    pairs
        Challengers and targets, each a code, an @GROUP or codes; the pairs of `PAIRS` when None.

    Returns
    -------
    DataFrame
        One row a pair: expected number of challenges a year before and after, in hundredths
        (medians; of two states the probability in per cent), its change in per cent (median, p05,
        p95), the share of draws in which it rises, what onset, treaties, reputation and contagion
        add to it (means over draws, which add up to `mean_change_pct`), and how many states
        guarantee a target by treaty in the base.

    Raises
    ------
    WorldError
        If a country is unknown or the worlds differ in their countries.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> flat = np.full((1, 197, 197), 0.01) * (1 - np.eye(197))
    >>> table = extended_deterrence(world, world, flat, 3, seed=1, pairs=[("RUS", "EST")])
    >>> table["change_pct"].tolist()
    [0.0]
    """
    chosen = [
        (_codes(world, one), _codes(world, other)) for one, other in known_pairs(world, pairs)
    ]
    found = {
        name: [risks.region(targets, challengers) for challengers, targets in chosen]
        for name, risks in steps(world, edited, onset, draws, seed, onset_after=onset_after)
    }
    found.setdefault("onset", found["before"])
    pact, rows = bound(world), []
    for place, (challengers, targets) in enumerate(chosen):
        before = found["before"][place]
        relative = [_relative(found[name][place], before) for name in PARTS]
        low, middle, high = np.quantile(relative[-1], [0.05, 0.5, 0.95])
        parts = np.diff([0.0, *(float(values.mean()) for values in relative)])
        columns = [world.countries.index(code) for code in targets]
        rows.append({
            "challenger": "+".join(challengers),
            "target": "+".join(targets),
            "risk_before_pct": 100 * float(np.median(before)),
            "risk_after_pct": 100 * float(np.median(found["contagion"][place])),
            "change_pct": middle, "change_pct_p05": low, "change_pct_p95": high,
            "share_rises": float((relative[-1] > 0).mean()),
            "mean_change_pct": float(relative[-1].mean()),
            **{f"{name}_pct": part for name, part in zip(PARTS, parts, strict=True)},
            "guarantors": int(pact[:, columns].any(axis=1).sum()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _codes(world: World, side: Side) -> tuple[str, ...]:
    if isinstance(side, str):
        return tuple(world.members(side)) if side.startswith("@") else (side,)
    return tuple(dict.fromkeys(side))


def _relative(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the change in per cent; where there was no risk and is none, there is no change."""
    gap = after - before
    return 100 * np.divide(gap, before, out=np.zeros_like(gap), where=before > 0)
