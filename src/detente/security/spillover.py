"""How a discount of one promise may reach others: two couplings, both assumed, both optional.

Reputation: a guarantor that discounts some promises is believed less on its others (disputed: see
`detente.security.deterrence_prior.Drivers`). Contagion: co-guarantors of a state rely on a leading
one. Both act on losses against a base alone; without a base nothing has been lost.
"""

import numpy as np

from detente.errors import WorldError
from detente.world import World

# Guarantors with a public commitment short of a treaty. By law the designation creates no duty to
# defend (22 U.S.C. 2321k); Taiwan is treated as though designated (Public Law 107-228, sec. 1206).
DESIGNATIONS = {"USA": "US_MNNA"}
AS_DESIGNATED = (("USA", "TWN"),)


def informal(world: World, pact: np.ndarray) -> np.ndarray:
    """Return public commitments without a duty to defend, where no pact stands.

    Parameters
    ----------
    world
        Its layer `membership` is read for designations, where it has one.
    pact
        Who is bound to defend whom, bool [guarantor, protected], before or after a scenario: a
        state that leaves a pact does not fall back on a designation in the same moment.

    Returns
    -------
    numpy.ndarray
        1 or 0, [guarantor, protected].

    Examples
    --------
    >>> import detente as dt
    >>> from detente.security.reliability import bound
    >>> world = dt.load_world("world2023")
    >>> found = informal(world, bound(world))
    >>> [world.countries[place] for place in np.flatnonzero(found[world.countries.index("USA")])]
    ... # doctest: +ELLIPSIS
    ['BHR', 'EGY', 'ISR', 'JOR', 'KEN', ... 'TWN']
    """
    place = {code: number for number, code in enumerate(world.countries)}
    found = np.zeros(pact.shape)
    if "membership" in world.layers:
        bodies = [str(name) for name in world.layers["organisation"].values]
        table = np.asarray(world.values("membership"), dtype=float)
        for giver, body in DESIGNATIONS.items():
            if giver in place and body in bodies:
                found[place[giver]] = table[:, bodies.index(body)] > 0
    for giver, taker in AS_DESIGNATED:
        if giver in place and taker in place:
            found[place[giver], place[taker]] = 1.0
    np.fill_diagonal(found, 0.0)
    return np.where(pact, 0.0, found)


def losses(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return what share of each promise of the base is lost, 0-1; gains do not count.

    Examples
    --------
    >>> losses(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 0.25], [1.0, 0.0]])).tolist()
    [[0.0, 0.75], [0.0, 0.0]]
    """
    lost = np.clip(before - after, 0.0, None)
    return np.divide(lost, before, out=np.zeros_like(lost), where=before > 0)


def discount_elsewhere(lost: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the mean loss of a guarantor's other promises, [guarantor, protected].

    Parameters
    ----------
    lost
        As from `losses`.
    before
        Treaty promises of the base, [guarantor, protected].

    Notes
    -----
    The mean over the promises of the base to all but the state in the column; every promise counts
    once, whatever the size of the state. A guarantor with no other promise has lost none.

    Examples
    --------
    >>> base = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> discount_elsewhere(losses(base, base * 0.5 * (np.arange(3) == 1)), base)[0].tolist()
    [0.75, 1.0, 0.5]
    """
    held = (before > 0).astype(float)
    count = held.sum(axis=1, keepdims=True) - held
    total = lost.sum(axis=1, keepdims=True) - lost
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)


def check_base(world: World, base: World) -> None:
    """Raise if two worlds do not hold the same countries in one order.

    Raises
    ------
    WorldError
        Naming a country that only one of them holds.
    """
    if world.countries != base.countries:
        odd = sorted(set(world.countries) ^ set(base.countries))[:3]
        raise WorldError(
            f"worlds '{base.name}' and '{world.name}' must hold the same countries in one order; "
            f"they differ at {', '.join(odd) or 'their order'}"
        )
