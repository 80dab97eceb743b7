"""Drift of allies: how far a state's allies stand from it before and after a scenario.

Two parts are kept apart. The direct part is arithmetic: the scenario moves named states, and the
distances follow. The response of the others is an estimate, and enters the headline only where
its scores license it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.alignment.response import HORIZON, Response, respond_world
from detente.alignment.response_record import Score
from detente.errors import ScenarioError, nearest
from detente.world import World


@dataclass(frozen=True)
class Drift:
    """Change of the mean distance between a state and its allies, in units of position.

    Attributes
    ----------
    state : the named state
    allies : its allies before the scenario that have a position
    distance : [draw] mean distance before
    direct : [draw] change by the scenario's own moves
    with_response : [draw] change after the last session, the response of third states included
    horizon : sessions ahead
    by_ally : [draw, ally] change of each distance, the response included
    scored, default_on, flag : as in `Response`
    """

    state: str
    allies: tuple[str, ...]
    distance: np.ndarray
    direct: np.ndarray
    with_response: np.ndarray
    horizon: int
    by_ally: np.ndarray
    scored: tuple[Score, ...]
    default_on: bool
    flag: str

    @property
    def headline(self) -> np.ndarray:
        """The change to be judged: with the response only where the scores license it."""
        return self.with_response if self.default_on else self.direct

    def table(self) -> pd.DataFrame:
        """Return one row a measure: median, p05, p95, share of draws above zero, flag."""
        parts = {
            "mean distance before": (self.distance, ""),
            "change, direct": (self.direct, ""),
            f"change with response, {self.horizon} sessions": (self.with_response, self.flag),
        }
        rows = [
            (name, *np.quantile(values, [0.5, 0.05, 0.95]), float((values > 0).mean()), flag)
            for name, (values, flag) in parts.items()
        ]
        columns = ["measure", "median", "p05", "p95", "share_positive", "flag"]
        table = pd.DataFrame(rows, columns=columns)
        table.insert(0, "state", self.state)
        return table


def drift(
    world: World,
    edited: World,
    state: str,
    allies: Sequence[str] = (),
    draws: int = 200,
    seed: int = 1,
    horizon: int = HORIZON,
    trade_after: np.ndarray | None = None,
    response: Response | None = None,
) -> Drift:
    """Return how the distance between a state and its allies changes with a scenario.

    Parameters
    ----------
    world, edited
        Before and after the scenario's edits.
    state
        The named state.
    allies
        Who counts as its allies; those with a defence pact in `world`, either way, if absent.
    draws, seed
        Draws of positions and coefficients.
    horizon
        Sessions ahead.
    trade_after
        As in `respond_world`.
    response
        A response already computed for these two worlds with as many draws; saves its time.

    Raises
    ------
    ScenarioError
        If the state is unknown or has no position, or no ally has one.

    Notes
    -----
    Positions are drawn from independent normals with the published spread, the same draw before
    and after: the joint posterior is not published, so that intervals of the level of a distance
    are approximate. Those of its change hardly depend on it.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> found = drift(world, world, "USA", draws=20)
    >>> len(found.allies) > 40, float(abs(found.direct).max())
    (True, 0.0)
    """
    found = response or respond_world(world, edited, draws, seed, horizon, trade_after=trade_after)
    listed = _allies(world, state, allies)
    codes = {code: place for place, code in enumerate(found.countries)}
    if state not in codes:
        raise ScenarioError(f"'{state}' has no position in world '{world.name}'")
    named = tuple(code for code in listed if code in codes)
    if not named:
        raise ScenarioError(
            f"no ally of {state} has a position in world '{world.name}'; name allies=[...]"
        )
    places, own = [codes[code] for code in named], codes[state]
    present = [world.countries.index(code) for code in found.countries]
    mean = np.asarray(world.values("ideal_point"), dtype=float)[present]
    spread = np.nan_to_num(np.asarray(world.values("ideal_point_sd"), dtype=float)[present])
    random = np.random.default_rng([seed, len(found.change)])
    before = mean + spread * random.standard_normal((len(found.change), len(mean)))

    def distances(moved: np.ndarray) -> np.ndarray:
        at = before + moved
        return np.abs(at[:, places] - at[:, [own]])

    base = distances(np.zeros_like(mean))
    with_response = distances(found.change[:, -1]) - base
    return Drift(
        state=state,
        allies=named,
        distance=base.mean(axis=1),
        direct=(distances(found.direct) - base).mean(axis=1),
        with_response=with_response.mean(axis=1),
        horizon=found.change.shape[1],
        by_ally=with_response,
        scored=found.scored,
        default_on=found.default_on,
        flag=found.flag,
    )


def _allies(world: World, state: str, allies: Sequence[str]) -> tuple[str, ...]:
    for code in (state, *allies):
        if code not in world.countries:
            raise ScenarioError(f"'{code}' is not a country{nearest(code, world.countries)}")
    if allies:
        return tuple(dict.fromkeys(code for code in allies if code != state))
    pact = np.asarray(world.values("defence_pact")) > 0
    place = world.countries.index(state)
    tied = pact[place] | pact[:, place]
    return tuple(code for code, is_tied in zip(world.countries, tied, strict=True) if is_tied)
