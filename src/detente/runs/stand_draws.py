"""What is drawn of positions and ties, the same for every world of a run."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from detente.alignment.position_factors import correlated, position_factors
from detente.blocs import draw_rule, tie_rule, weight_quantile
from detente.errors import ScenarioError
from detente.standing import POSITION, WEIGHT
from detente.world import World


def position_errors(countries: Sequence[str], draws: np.ndarray, seed: int) -> np.ndarray:
    """Return [draw, country] standardised errors of positions, correlated between states.

    Parameters
    ----------
    countries
        Codes, in the order of the world.
    draws
        Numbers of the draws; draw n does not depend on how many there are.
    seed
        Of the draws.
    """
    loading = position_factors(countries)
    random = [np.random.default_rng([seed, int(draw)]) for draw in draws]
    return np.stack([correlated(loading, one) for one in random])


def rules(draws: np.ndarray, seed: int) -> list[pd.DataFrame]:
    """Return the rule of ties of each draw, its weights fixed at what is drawn."""
    return [draw_rule(np.random.default_rng([seed, int(draw), 2])) for draw in draws]


def weights_of(drawn: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return [draw, layer] the weights of drawn rules."""
    layers = list(tie_rule()["layer"].astype(str))
    return pd.DataFrame([rule["weight"].to_numpy() for rule in drawn], columns=layers)


def sanction_stream(draw: int, seed: int) -> np.random.Generator:
    """Return the random numbers that say which hand-coded sanctions stand in a draw."""
    return np.random.default_rng([seed, int(draw), 1])


def is_drawn(name: str) -> bool:
    """Say whether a parameter is one of positions and ties."""
    return name.partition("[")[0] in (POSITION, WEIGHT)


def quantile(world: World, name: str, probability: float) -> float:
    """Return a quantile of `position[CODE]` or `tie_weight[LAYER]`.

    Raises
    ------
    ScenarioError
        If nothing of the name is drawn.
    """
    stem, _, inside = name.removesuffix("]").partition("[")
    if stem == WEIGHT:
        return weight_quantile(inside, probability)
    if stem != POSITION or inside not in world.countries:
        raise ScenarioError(f"nothing called {name} is drawn of positions and ties")
    place = world.countries.index(inside)
    centre = float(world.values("ideal_point")[place])
    spread = float(np.nan_to_num(world.values("ideal_point_sd")[place]))
    return centre + spread * float(ndtri(probability))


def apart(given: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the given positions by code, and the given weights by layer."""
    found: dict[str, dict[str, float]] = {POSITION: {}, WEIGHT: {}}
    for name, value in given.items():
        stem, _, inside = name.removesuffix("]").partition("[")
        found[stem][inside] = float(value)
    return found[POSITION], found[WEIGHT]
