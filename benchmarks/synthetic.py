"""Worlds of any size, made of nothing: an exact base with inputs, tariffs and home bias."""

import numpy as np

from detente.world import World, make_world


def synthetic(countries: int, sectors: int, seed: int = 0, theta: float | None = None) -> World:
    """Return a world of uneven countries that trade by size and distance.

    Parameters
    ----------
    countries, sectors
        How many of each.
    seed
        Of the random numbers.
    theta
        One elasticity for all sectors; spread from 2 to 12 when None.
    """
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 1.5, countries))
    size /= size.sum()
    place = rng.uniform(0, 1, (countries, 2))
    distance = np.linalg.norm(place[:, None] - place[None], axis=2)
    pull = np.outer(size, size) * np.exp(-3 * distance)
    noise = np.exp(rng.normal(0, 1, (countries, countries, sectors)))
    # What two countries sell each other is equal, so that each sells of a sector what it buys.
    flow = pull[:, :, None] * np.sqrt(noise * noise.transpose(1, 0, 2))
    own = np.arange(countries)
    flow[own, own] = size[:, None] * rng.uniform(0.4, 0.8, (countries, sectors))
    flow *= rng.uniform(0.5, 1.5, sectors)
    bought = flow.sum(axis=0)
    use = bought / bought.sum(axis=1, keepdims=True)
    weight = use[:, :, None] * rng.uniform(0.7, 1.3, (countries, sectors, sectors))
    share = 0.45 * weight / weight.sum(axis=1, keepdims=True)
    rate = rng.uniform(0.0, 0.15, flow.shape)
    rate[own, own] = 0
    elastic = rng.uniform(2, 12, sectors) if theta is None else np.full(sectors, theta)
    arrays = {
        "flow": 1e6 * flow,
        "tariff_rate": rate,
        "input_share": share,
        "trade_elasticity": elastic,
        "sanction_trade": np.zeros((countries, countries), np.uint8),
        "trade_agreement": np.zeros((countries, countries), np.uint8),
    }
    codes = [f"C{n:03d}" for n in range(countries)]
    names = [f"s{n:03d}" for n in range(sectors)]
    return make_world(f"synthetic-{countries}x{sectors}", 2023, arrays, codes, names)
