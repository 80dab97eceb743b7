"""How third states' positions move after a scenario, where the user asks for it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from detente.alignment.response import HORIZON, respond_world, response_model
from detente.standing import Responded
from detente.world import World


def moves(
    world: World, edited: Sequence[World], draws: np.ndarray, seed: int, point: bool
) -> tuple[np.ndarray, Responded]:
    """Return [world, draw, country] moves of third states, and what licenses them.

    States whose position the scenario sets stay where it puts them. Trade is that of the base:
    the estimated pull of trading partners is too uncertain to be told from none.

    Parameters
    ----------
    world
        The base.
    edited
        Every distinct world; those equal to the base have no moves.
    draws
        Numbers of the draws; draw n does not depend on how many there are.
    seed
        Of the draws.
    point
        Whether coefficients stand at their estimates.
    """
    model = response_model()
    if point:
        model = replace(model, covariance=np.zeros_like(model.covariance))
    found = np.zeros((len(edited), len(draws), len(world.countries)))
    for number, one in enumerate(edited):
        if number == 0:
            continue
        answer = respond_world(world, one, int(draws.max()) + 1, seed, HORIZON, model=model)
        held = np.isin(answer.countries, answer.actors)
        last = np.where(held, 0.0, answer.change[draws, -1])
        places = [world.countries.index(code) for code in answer.countries]
        found[number][:, places] = last
    scores = tuple(score.sentence() for score in model.scored)
    return found, Responded(HORIZON, model.flag, scores)
