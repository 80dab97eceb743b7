"""Risk of a challenge once the pacts that protect the target are counted in.

For an onset probability p of a pair, free of third parties, and the share s of a as challenger:

    r_ab = 1 - (1 - p)^s,  r_ba = 1 - (1 - p)^(1 - s)        so 1 - (1 - r_ab)(1 - r_ba) = p
    logit r'_ab = logit r_ab + beta weight_ab                beta <= 0, see `deterrence_prior`

where weight is that of `detente.security.protection`; edits of troops and arms supply add what
`detente.security.presence` says. Levels depend on whether the estimate of p
saw protected pairs; changes between two worlds do not, since the log-odds are shifted alike.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from detente.errors import WorldError
from detente.security.challenge import Challenge
from detente.security.deterrence_prior import Drivers, drivers
from detente.security.initiators import challenger_share
from detente.security.pacts import bonds_of, pacts_of
from detente.security.seeds import draw_numbers
from detente.world import World

SAME = 1e-12


def challenge_risk(
    world: World,
    onset: np.ndarray,
    draws: int | Sequence[int],
    seed: int,
    point: bool = False,
    base: World | None = None,
    reputation: bool = True,
    contagion: bool = True,
    commitments: bool = True,
    assistance_clause: bool = False,
    held: Mapping[str, float] | None = None,
) -> Challenge:
    """Return the risk of every challenger against every target, with pacts counted in.

    Parameters
    ----------
    world
        Carries defence_pact, alliance_reliability, gdp, population, distances.
    onset
        Annual probability of a dispute of each pair without any third party, symmetric,
        [draw, country, country]; one draw serves all.
    draws
        How many, or their numbers. Draw n does not depend on how many there are.
    seed
        Of the draws; the same seed compares two worlds draw by draw.
    point
        Whether to put every driver and reliability at its centre.
    base
        The world before a scenario. What promises have lost against it may reach other promises.
    reputation, contagion
        Whether losses reach a guarantor's other promises, and its co-guarantors'.
    commitments
        Whether public commitments without a duty to defend count, as `informal_weight` of a pact.
    assistance_clause
        Whether article 42.7 of the Treaty on European Union counts as a pact.
    held
        Drivers (by field of `Drivers`), or `reliability` of every promise, that stand at a value
        of their own in all draws: used to find what would flip a conclusion.

    Raises
    ------
    WorldError
        If a layer is missing or impossible, or `onset` has another shape or values.

    Notes
    -----
    Duties to consult or not to attack shift nothing here. The layer `alliance` states no offence or
    neutrality pacts, so the effects of a challenger's own (Leeds 2003: +47 % and +57 %) do not
    enter.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> onset = np.full((1, 197, 197), 0.01) * (1 - np.eye(197))
    >>> found = challenge_risk(world, onset, draws=1, seed=1, point=True)
    >>> found.table([("RUS", "EST"), ("RUS", "UKR")])["odds_pct"].round(1).tolist()
    [-17.5, 0.0]
    """
    numbers = draw_numbers(draws)
    fixed = dict(held or {})
    trust = fixed.pop("reliability", None)
    drawn = drivers(numbers, seed, point).fixed(fixed)
    alone = unprotected(world, onset, drawn)
    first = world if base is None else base
    bonds = bonds_of(world, first, commitments, assistance_clause)
    pacts = pacts_of(world, first, drawn, numbers, seed, point, reputation, contagion, trust, bonds)
    risk = np.stack([pacts.shifted(alone, row) for row in range(len(numbers))])
    return Challenge(tuple(world.countries), risk, pacts.protection, drawn)


def unprotected(
    world: World,
    onset: np.ndarray,
    drawn: Drivers,
    near: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """Return the risk that one state challenges another, before any pact is counted in.

    Parameters
    ----------
    world
        Carries gdp.
    onset
        As in `challenge_risk`.
    drawn
        Drivers of the draws.
    near
        Other chances of disputes and what this gives for them, with the same gdp and drivers:
        pairs of the same chances are taken from there.

    Returns
    -------
    numpy.ndarray
        [draw, challenger, target]

    Raises
    ------
    WorldError
        If `onset` has another shape or values.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> onset = np.full((1, 197, 197), 0.01) * (1 - np.eye(197))
    >>> unprotected(world, onset, drivers([0], seed=1, point=True)).shape
    (1, 197, 197)
    """
    given = _onset(world, onset, len(drawn.initiator_slope))
    gdp = np.asarray(world.values("gdp"), dtype=float)
    risk = np.empty((len(drawn.initiator_slope), *given.shape[1:]))
    for row, slope in enumerate(drawn.initiator_slope):  # one draw at a time stays in the cache
        some = (
            slice(None) if near is None else given[row % len(given)] != near[0][row % len(near[0])]
        )
        if near is not None:
            risk[row] = near[1][row]
        share, quiet = challenger_share(gdp, slope)[some], np.log1p(-given[row % len(given)][some])
        risk[row][some] = -np.expm1(share * quiet)
    return risk


def _onset(world: World, onset: np.ndarray, draws: int) -> np.ndarray:
    values = np.asarray(onset, dtype=float)
    count = len(world.countries)
    if values.ndim != 3 or values.shape[0] not in (1, draws) or values.shape[1:] != (count, count):
        raise WorldError(
            f"onset must be [draw, country, country] with 1 or {draws} draws and {count} "
            f"countries; it has shape {values.shape}"
        )
    for one in values:  # one draw at a time stays in the cache
        if not (one.min() >= 0 and one.max() < 1):  # NaN is neither
            bad = np.argwhere(~((one >= 0) & (one < 1)))
            a, b = (world.countries[place] for place in bad[0])
            raise WorldError(
                f"onset of {a} and {b} is {one[tuple(bad[0])]:g}; it must be a probability below 1"
            )
        if not np.array_equal(one, one.T) and (gap := np.abs(one - one.T)).max() > SAME:
            a, b = (world.countries[place] for place in np.unravel_index(gap.argmax(), gap.shape))
            raise WorldError(
                f"onset must be the same in both directions; for {a} and {b} it is not"
            )
        if np.diagonal(one).any():
            code = world.countries[int(np.flatnonzero(np.diagonal(one))[0])]
            raise WorldError(f"onset of {code} with itself must be 0")
    return values
