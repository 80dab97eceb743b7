"""Small worlds for tests of security: states on a line, pacts as asked."""

import numpy as np

from detente.world import World, make_world

CODES = ("USA", "DEU", "EST", "RUS", "CHN", "TWN")


def small(pacts, countries=CODES, reliability=None, gdp=None, members=()) -> World:
    """Return a world with the pacts given as pairs of guarantor and protected state."""
    count = len(countries)
    place = {code: number for number, code in enumerate(countries)}
    pact = np.zeros((count, count), dtype=np.uint8)
    for giver, taker in pacts:
        pact[place[giver], place[taker]] = 1
    stated = np.where(pact > 0, 1.0, np.nan)
    for (giver, taker), value in (reliability or {}).items():
        stated[place[giver], place[taker]] = value
    size = gdp or {code: 1e6 * (1 + CODES.index(code)) for code in countries}
    where = np.array([800.0 * CODES.index(code) for code in countries])
    far = np.abs(where[:, None] - where[None, :])
    arrays = {
        "gdp": np.array([size[code] for code in countries]),
        "population": np.full(count, 5e7),
        "distance_capital": far,
        "distance_min": far,
        "defence_pact": pact,
        "alliance_reliability": stated,
    }
    return make_world("small", 2023, arrays, list(countries), ["all"])


def onset(world: World, draws=1, seed=0, level=0.05) -> np.ndarray:
    """Return made-up probabilities of onset, [draw, country, country]."""
    count = len(world.countries)
    # By code, so that a world in another order has the same probability for the same pair.
    rank = np.argsort(np.argsort(world.countries))
    found = np.random.default_rng(seed).uniform(0.001, level, (draws, count, count))
    found = np.triu(found, 1)
    found = found + np.swapaxes(found, 1, 2)
    return found[:, rank][:, :, rank]
