"""The yearly risk of a militarised dispute between any two countries of a world.

    P(onset) = logistic(constant + b' terms + c_state (log r_i + log r_j) + c_pair log r_ij)
    P(fatal) = P(onset) P(deaths | onset),   P(war) = P(fatal) P(war | deaths)

The terms are read from the layers of the world, so that a scenario's edits move them; relative
risks r come from the disputes of the past (`detente.data.estimate.disputes_history`) and do not
change with a scenario. Whether third states deter is not in here.

Valid for one year near the world's date, for states as they are. The coefficients are associations
over 1946-2010, not effects of a policy; their scores out of time stand in `detente backtest
security`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.errors import ScenarioError, WorldError, nearest
from detente.security.dispute_draws import DisputeDraws, draw_disputes, point_draw
from detente.security.dispute_record import DisputeModel, dispute_model
from detente.security.dispute_terms import (
    NOT_ORGANISATIONS,
    TERMS,
    dispute_terms,
    fill_states,
    position_gaps,
)
from detente.world import World

KINDS = ("onset", "fatal", "war")
LAYERS = (
    "distance_min",
    "land_border",
    "gdp",
    "polyarchy",
    "defence_pact",
    "ideal_point",
    "membership",
    "sanction_trade",
    "sanction_financial",
    "warheads",
)


@dataclass(frozen=True)
class Hazards:
    """Chances of a year, [draw, country, country], symmetric with a zero diagonal.

    Attributes
    ----------
    countries : codes
    onset : a dispute begins
    fatal : one begins in which someone is killed
    war : one begins that reaches the level of war
    terms : what the estimates read of every pair, [term, country, country]
    not_states : countries that the list of states does not hold; their chances are zero
    history : what was drawn, and where it belongs in this world; None where not kept
    """

    countries: tuple[str, ...]
    onset: np.ndarray
    fatal: np.ndarray
    war: np.ndarray
    terms: np.ndarray
    not_states: tuple[str, ...] = ()
    history: "History | None" = None

    def table(
        self, kind: str = "onset", countries: Sequence[str] | None = None, top: int | None = None
    ) -> pd.DataFrame:
        """Return one row a pair, the largest median first.

        Parameters
        ----------
        kind
            `onset`, `fatal` or `war`.
        countries
            Only pairs of which one side is among these.
        top
            Only the first rows.

        Raises
        ------
        ScenarioError
            If the kind or a country is unknown.

        Returns
        -------
        pandas.DataFrame
            iso3_a, iso3_b, kind, median, p05, p95: chances of a year.
        """
        a, b = np.triu_indices(len(self.countries), 1)
        if countries is not None:
            chosen = np.zeros(len(self.countries), dtype=bool)
            for code in countries:
                chosen[_place(code, self.countries)] = True
            a, b = (side[chosen[a] | chosen[b]] for side in (a, b))
        values = self._of(kind)[:, a, b]
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
        codes = np.array(self.countries)
        table = pd.DataFrame({
            "iso3_a": codes[a], "iso3_b": codes[b], "kind": kind,
            "median": middle, "p05": low, "p95": high,
        })  # fmt: skip
        order = table.sort_values(["median", "iso3_a", "iso3_b"], ascending=[False, True, True])
        return order.head(len(order) if top is None else top).reset_index(drop=True)

    def expected(self, pairs: np.ndarray, kind: str = "onset") -> np.ndarray:
        """Return the expected number of a year over a set of pairs, [draw].

        Parameters
        ----------
        pairs
            True for pairs that count, [country, country]; either order will do.
        kind
            `onset`, `fatal` or `war`.

        Raises
        ------
        ScenarioError
            If the mask has another shape.
        """
        count = len(self.countries)
        mask = np.asarray(pairs, dtype=bool)
        if mask.shape != (count, count):
            raise ScenarioError(f"the pairs are of shape {mask.shape}, not ({count}, {count})")
        a, b = np.nonzero(np.triu(mask | mask.T, 1))
        return self._of(kind)[:, a, b].sum(axis=1)

    def _of(self, kind: str) -> np.ndarray:
        if kind not in KINDS:
            raise ScenarioError(f"no kind '{kind}'{nearest(kind, KINDS)}: {', '.join(KINDS)}")
        return getattr(self, kind)


def dispute_hazards(
    world: World,
    draws: int | Sequence[int] = 200,
    seed: int = 1,
    point: bool = False,
    model: DisputeModel | None = None,
    near: Hazards | None = None,
    share: np.ndarray | None = None,
    terms: np.ndarray | None = None,
) -> Hazards:
    """Return the yearly chances of onset, deaths and war for every pair of countries.

    Parameters
    ----------
    world
        Carries the layers of LAYERS; an edited world gives the chances after the edits.
    draws, seed
        How many draws of coefficients, level and histories, or their numbers; and the seed. Draw n
        does not depend on how many there are, nor on the world.
    point
        One draw, the estimates themselves.
    model
        The estimates, if absent.
    near
        Chances of another world of the same countries, by the same estimates in the same draws:
        pairs whose traits are the same in both are taken from there.
    share
        How far the log odds of the other pairs move from those of `near` to those of the traits,
        [draw]; all the way when None.
    terms
        What `pair_terms` gives for this world, where it is known already.

    Raises
    ------
    WorldError
        If a layer is missing.

    Notes
    -----
    A state without a polyarchy score has the median one, a pair without known positions the median
    gap; a state without GDP counts as the smallest known. A code that is not in the list of states
    (dependent territories, rest of the world) has no disputes of its own: its chances are zero.

    Examples
    --------
    >>> import detente as dt
    >>> found = dispute_hazards(dt.load_world("world2023"), draws=3)
    >>> found.onset.shape, bool((found.war <= found.fatal).all())
    ((3, 197, 197), True)
    """
    estimates = model or dispute_model()
    if near is not None and near.history is not None:
        history = near.history
    else:
        drawn = point_draw(estimates) if point else draw_disputes(estimates, draws, seed)
        history = History(drawn, *_places(world, estimates))
    states = np.array([code in estimates.states for code in world.countries])
    terms = pair_terms(world, estimates) if terms is None else terms
    wanted = np.outer(states, states) & ~np.eye(len(states), dtype=bool)
    if near is not None:
        wanted &= (terms != near.terms).any(axis=0)
    even = np.array_equal(terms, np.swapaxes(terms, 1, 2))
    a, b = np.nonzero(np.triu(wanted) if even else wanted)
    count = len(history.drawn.onset)
    if near is None:
        grids = {kind: np.zeros((count, *wanted.shape)) for kind in KINDS}
    else:
        grids = {kind: near._of(kind).copy() for kind in KINDS}
    sides = [np.ravel_multi_index(side, wanted.shape) for side in ((a, b), (b, a))]
    for row, found in enumerate(history.chances(terms, (a, b))):
        for kind, chances in zip(KINDS, found, strict=True):
            flat = grids[kind][row].reshape(-1)
            if share is not None:
                chances = _between(flat[sides[0]], chances, share[row])
            for side in sides if even else sides[:1]:
                flat[side] = chances
    missing = tuple(np.array(world.countries)[~states].tolist())
    return Hazards(
        tuple(world.countries), **grids, terms=terms, not_states=missing, history=history
    )


def _between(first: np.ndarray, last: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return chances whose log odds lie a share of the way from the first to the last."""
    odds = first / (1 - first) * (last / (1 - last) * (1 - first) / first) ** share
    return np.where(first == last, first, odds / (1 + odds))


def pair_terms(world: World, model: DisputeModel | None = None) -> np.ndarray:
    """Return what the estimates read of every pair, [term, country, country], the constant first.

    Parameters
    ----------
    world, model
        As in `dispute_hazards`.

    Raises
    ------
    WorldError
        If a layer is missing, or no country has a GDP.

    Examples
    --------
    >>> import detente as dt
    >>> pair_terms(dt.load_world("world2023")).shape == (1 + len(TERMS), 197, 197)
    True
    """
    known = (model or dispute_model()).states
    states = np.array([code in known for code in world.countries])
    ones = np.ones((len(states), len(states)))
    return np.stack([ones, *world_terms(world, states).values()])


def world_terms(world: World, states: np.ndarray) -> dict[str, np.ndarray]:
    """Return the terms of every pair of a world, [country, country], finite.

    Parameters
    ----------
    world
        Carries the layers of LAYERS.
    states
        Which countries are states; medians are theirs.

    Raises
    ------
    WorldError
        If a layer is missing, or no country has a GDP.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> found = world_terms(world, np.ones(197, dtype=bool))
    >>> tuple(found) == TERMS, bool(all(np.isfinite(grid).all() for grid in found.values()))
    (True, True)
    """
    layer = {name: np.asarray(world.values(name), dtype=float) for name in LAYERS}
    output = layer["gdp"]
    if not (np.isfinite(output) & (output > 0)).any():
        raise WorldError(f"world '{world.name}': no country has a gdp")
    output = np.where(output > 0, output, np.nanmin(np.where(output > 0, output, np.nan)))
    distance = layer["distance_min"]
    distance = np.where(np.isfinite(distance), distance, np.nanmedian(distance))
    pact = np.nan_to_num(layer["defence_pact"]) > 0
    hard = (np.nan_to_num(layer["sanction_trade"]) > 0) | (
        np.nan_to_num(layer["sanction_financial"]) > 0
    )
    names = [str(name) for name in world.layers["organisation"].values]
    counted = [place for place, name in enumerate(names) if name not in NOT_ORGANISATIONS]
    inside = np.nan_to_num(layer["membership"])[:, counted]
    armed = (np.nan_to_num(layer["warheads"]) > 0).astype(float)
    found = dispute_terms(
        border=np.nan_to_num(layer["land_border"]),
        distance_km=distance,
        output=_sides(output / output.sum()),
        polyarchy=_sides(fill_states(layer["polyarchy"], states)),
        pact=(pact | pact.T).astype(float),
        position_gap=position_gaps(layer["ideal_point"], states),
        joint=inside @ inside.T,
        sanction=(hard | hard.T).astype(float),
        nuclear=_sides(armed),
    )
    return {name: found[name] for name in TERMS}


def _sides(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one, other = np.broadcast_arrays(values[:, None], values[None, :])
    return one, other


@dataclass(frozen=True)
class History:
    """What was drawn, and which of its entries belong to the states and pairs of a world.

    Attributes
    ----------
    drawn : coefficients and relative risks
    state, pair : places in `drawn`, [country] and [country, country]; -1 for none
    """

    drawn: DisputeDraws
    state: np.ndarray
    pair: np.ndarray

    def chances(
        self, terms: np.ndarray, ends: tuple[np.ndarray, np.ndarray]
    ) -> Iterator[list[np.ndarray]]:
        """Yield, draw by draw, the chances of each of KINDS, [pair].

        Parameters
        ----------
        terms
            [term, country, country]
        ends
            Places of the states of every pair.
        """
        a, b = ends
        columns, lines = terms[:, a, b], (self.drawn.onset, *self.drawn.stages.values())
        # Not as a product of matrices, which rounds a draw by how many stand beside it.
        indices = [np.einsum("dt,tp->dp", line[:, :-2], columns) for line in lines]
        # A last column of zeros serves whoever is not in the estimates.
        states, among = (
            np.pad(table, ((0, 0), (0, 1))) for table in (self.drawn.states, self.drawn.pairs)
        )
        one, other, both = self.state[a], self.state[b], self.pair[a, b]
        for row in range(len(states)):  # one draw at a time stays in the cache
            on_states, on_pair = states[row][one] + states[row][other], among[row][both]
            product, found = 1.0, []
            for line, index in zip(lines, indices, strict=True):
                logit = index[row] + (line[row, -2] * on_states + line[row, -1] * on_pair)
                product = product / (1.0 + np.exp(-logit))
                found.append(product)
            yield found


def _places(world: World, model: DisputeModel) -> tuple[np.ndarray, np.ndarray]:
    """Return where a world's states and pairs stand in the estimates, as in `History`."""
    known = {code: number for number, code in enumerate(model.states)}
    state = np.array([known.get(code, -1) for code in world.countries])
    place = {code: number for number, code in enumerate(world.countries)}
    pair = np.full((len(place), len(place)), -1)
    for number, (one, other, *_) in enumerate(model.pairs):
        if one in place and other in place:
            pair[place[one], place[other]] = pair[place[other], place[one]] = number
    return state, pair


def _place(code: str, countries: Sequence[str]) -> int:
    if code not in countries:
        raise ScenarioError(f"'{code}' is no country of this world{nearest(code, countries)}")
    return list(countries).index(code)
