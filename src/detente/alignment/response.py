"""How third states may respond when named states move or ties change.

`respond` takes and gives arrays. `respond_world` reads them from two Worlds, before and after a
scenario. What is returned is the difference between two paths that differ only by the scenario, so
that what moves every state in any case (agenda, drift) is in neither. Whether the estimate
forecasts better than naive rules stands beside every result; it is off by default where it does
not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.alignment.response_record import ResponseModel, Score, response_model
from detente.alignment.response_terms import (
    DISTANCE_SCALE,
    Ties,
    likeness,
    path,
    row_weights,
)
from detente.errors import ScenarioError, WorldError, nearest
from detente.world import World

__all__ = [
    "Response",
    "ResponseModel",
    "Score",
    "Ties",
    "respond",
    "respond_world",
    "response_model",
    "ties_of_world",
]
HORIZON = 5


@dataclass(frozen=True)
class Response:
    """Change of positions over what they would be without the scenario.

    Attributes
    ----------
    countries : states with a known position
    actors : states whose position the scenario set; they do not respond
    change : [draw, session, country], in units of position
    direct : the scenario's own moves of positions, [country]
    scored : scores of the model, every release and horizon
    default_on, flag : whether the scores license the response; `prior-driven` if not
    """

    countries: tuple[str, ...]
    actors: tuple[str, ...]
    change: np.ndarray
    direct: np.ndarray
    scored: tuple[Score, ...]
    default_on: bool
    flag: str

    def table(self, session: int | None = None) -> pd.DataFrame:
        """Return one row a third state: median, p05, p95, share of draws above zero, flag.

        Parameters
        ----------
        session
            Sessions ahead, from 1; the last if absent.

        Raises
        ------
        ScenarioError
            If the session was not computed.
        """
        last = self.change.shape[1]
        ahead = last if session is None else session
        if not 1 <= ahead <= last:
            raise ScenarioError(f"session {ahead} was not computed; there are 1 to {last}")
        values = self.change[:, ahead - 1]
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
        table = pd.DataFrame({
            "iso3": self.countries, "session": ahead, "median": middle, "p05": low,
            "p95": high, "share_positive": (values > 0).mean(axis=0), "flag": self.flag,
        })  # fmt: skip
        return table[~table["iso3"].isin(self.actors)].reset_index(drop=True)


def respond(
    position: np.ndarray,
    ties: Ties,
    position_after: np.ndarray,
    ties_after: Ties,
    coefficients: np.ndarray,
    terms: Sequence[str],
    held: np.ndarray,
    horizon: int = HORIZON,
) -> np.ndarray:
    """Return the change of every state's position that the scenario brings about.

    Parameters
    ----------
    position, position_after
        Positions before and after the scenario's own moves, [country], finite.
    ties, ties_after
        Row weights by kind.
    coefficients
        One row a draw, one column a term.
    terms
        Names of the terms.
    held
        True for states whose position is set by the scenario; they stay where it puts them.
    horizon
        Sessions ahead.

    Returns
    -------
    numpy.ndarray
        [draw, session, country]; for held states their own move.

    Raises
    ------
    ScenarioError
        If shapes disagree, a position is not finite, or a state moves that is not held.

    Notes
    -----
    Both paths start from rest (no last change, smoothed position equal to the position), with ties
    as given for all sessions. Equation: `detente.alignment.response_terms`.

    Examples
    --------
    Two allies; the first moves up by one and stays, the second closes a tenth of the gap:

    >>> ties = Ties({"allies": row_weights(np.ones((2, 2)))})
    >>> before, after = np.zeros(2), np.array([1.0, 0.0])
    >>> held = np.array([True, False])
    >>> respond(before, ties, after, ties, np.array([[0.1]]), ["allies_gap"], held, 2)[0].tolist()
    [[1.0, 0.1], [1.0, 0.19]]
    """
    before, after = np.asarray(position, dtype=float), np.asarray(position_after, dtype=float)
    if before.shape != after.shape or before.shape != np.shape(held) or before.ndim != 1:
        raise ScenarioError(
            f"positions {before.shape}, {after.shape} and held {np.shape(held)} must be one row "
            "of the same countries"
        )
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        raise ScenarioError("positions must be finite; leave states out that have none")
    if (before != after)[~held].any():
        raise ScenarioError("only held states may be moved by the scenario; mark the others held")
    coefficients = np.atleast_2d(np.asarray(coefficients, dtype=float))
    still = np.zeros_like(before)
    base = path(before, still, before, ties, coefficients, terms, horizon, held=held)
    # A held state's own past does not matter to it; its move shows to the others as a move.
    new = path(after, after - before, after, ties_after, coefficients, terms, horizon, held=held)
    return new - base


def respond_world(
    world: World,
    edited: World,
    draws: int = 200,
    seed: int = 1,
    horizon: int = HORIZON,
    actors: Sequence[str] = (),
    trade_after: np.ndarray | None = None,
    model: ResponseModel | None = None,
) -> Response:
    """Return how third states may respond to a scenario.

    Parameters
    ----------
    world, edited
        Before and after the scenario's edits, with the same countries.
    draws, seed
        Draws of the coefficients.
    horizon
        Sessions (years) ahead.
    actors
        States that stay where they are put, beside those whose ideal_point was edited.
    trade_after
        Flows after the scenario [origin, destination], million USD, where a trade model was run;
        the flows of `edited` if absent.
    model
        The estimated response, if absent.

    Raises
    ------
    ScenarioError
        If the two worlds have different countries, or an actor has no position.
    WorldError
        If a layer is missing.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> found = respond_world(world, world, draws=5)
    >>> float(abs(found.change).max()), found.flag in ("", "prior-driven")
    (0.0, True)
    """
    if world.countries != edited.countries:
        raise ScenarioError("the two worlds must hold the same countries in the same order")
    model = model or response_model()
    before = np.asarray(world.values("ideal_point"), dtype=float)
    after = np.asarray(edited.values("ideal_point"), dtype=float)
    present = np.isfinite(before) & np.isfinite(after)
    codes = np.array(world.countries)
    held = (before != after) & present
    for actor in actors:
        _check_actor(actor, world, present)
        held |= codes == actor
    kinds = _kinds(model.terms)
    ties = ties_of_world(world, present, kinds)
    ties_after = ties_of_world(edited, present, kinds, trade_after)
    start = (before[present], ties, after[present], ties_after)
    change = respond(*start, model.draw(draws, seed), model.terms, held[present], horizon)
    return Response(
        countries=tuple(codes[present].tolist()),
        actors=tuple(codes[held].tolist()),
        change=change,
        direct=after[present] - before[present],
        scored=model.scored,
        default_on=model.default_on,
        flag=model.flag,
    )


def ties_of_world(
    world: World,
    present: np.ndarray,
    kinds: Sequence[str],
    trade: np.ndarray | None = None,
) -> Ties:
    """Return the row weights of the states with a position, by kind of tie.

    Parameters
    ----------
    world
        Carries defence_pact and eu_42_7 (`allies`, weighted by alliance_reliability of the partner
        where known), flow (`partners`), polyarchy (`regime`), distance_capital (`neighbours`), and
        sanction_trade and sanction_financial (`sanctions`).
    present
        True for states with a position, [country].
    kinds
        Which ties are needed.
    trade
        Flows [origin, destination] in place of the world's.

    Raises
    ------
    WorldError
        If a kind is unknown, or a layer is missing.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> there = np.isfinite(world.values("ideal_point"))
    >>> ties_of_world(world, there, ["allies"]).weights["allies"].shape
    (183, 183)
    """
    unknown = [kind for kind in kinds if kind not in _STRENGTHS]
    if unknown:
        raise WorldError(
            f"no tie '{unknown[0]}' can be read from a world{nearest(unknown[0], list(_STRENGTHS))}"
            f"; there are: {', '.join(_STRENGTHS)}"
        )
    weights = {}
    for kind in kinds:
        if kind == "partners" and trade is not None:
            strength = _both_ways(trade, len(world.countries))
        else:
            strength = _STRENGTHS[kind](world)
        weights[kind] = row_weights(strength[np.ix_(present, present)])
    return Ties(weights)


def _allies(world: World) -> np.ndarray:
    pact = np.asarray(world.values("defence_pact"), dtype=float) > 0
    pact = pact | (np.asarray(world.values("eu_42_7"), dtype=float) > 0)
    reliability = np.asarray(world.values("alliance_reliability"), dtype=float)
    # Row i: how much i can count on j. Where no reliability is stated the treaty stands as written.
    relied = np.where(np.isfinite(reliability), reliability, 1.0).T
    return (pact | pact.T) * relied


def _partners(world: World) -> np.ndarray:
    flow = np.asarray(world.values("flow"), dtype=float)
    goods = world.sector_groups.get("goods")
    if goods:
        flow = flow[:, :, [sector in goods for sector in world.sectors]]
    return _both_ways(flow.sum(axis=2), len(world.countries))


def _both_ways(flow: np.ndarray, count: int) -> np.ndarray:
    """Return trade of each pair in both directions."""
    flow = np.asarray(flow, dtype=float)
    if flow.shape != (count, count) or not np.isfinite(flow).all() or (flow < 0).any():
        raise ScenarioError(
            f"flows must be finite, >= 0 and of shape ({count}, {count}), origin by destination; "
            f"these have shape {flow.shape}"
        )
    return flow + flow.T


def _regime(world: World) -> np.ndarray:
    return likeness(np.asarray(world.values("polyarchy"), dtype=float))


def _neighbours(world: World) -> np.ndarray:
    distance = np.asarray(world.values("distance_capital"), dtype=float)
    return np.nan_to_num(np.exp(-distance / DISTANCE_SCALE))


def _sanctions(world: World) -> np.ndarray:
    trade = np.asarray(world.values("sanction_trade"), dtype=float)
    money = np.asarray(world.values("sanction_financial"), dtype=float)
    # Row i: who sanctions i. The level is not read, as it was not in the estimate.
    return ((trade > 0) | (money > 0)).T.astype(float)


_STRENGTHS = {
    "allies": _allies,
    "partners": _partners,
    "regime": _regime,
    "neighbours": _neighbours,
    "sanctions": _sanctions,
}


def _kinds(terms: Sequence[str]) -> list[str]:
    found = [term.rpartition("_")[0] for term in terms if not term.startswith("own_")]
    return list(dict.fromkeys(found))


def _check_actor(actor: str, world: World, present: np.ndarray) -> None:
    if actor not in world.countries:
        raise ScenarioError(f"actor '{actor}' is not a country{nearest(actor, world.countries)}")
    if not present[world.countries.index(actor)]:
        raise ScenarioError(f"actor '{actor}' has no position in world '{world.name}'")
