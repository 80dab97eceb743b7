"""Small economies with everything in them: tariffs, inputs, deficits; and how to solve them."""

from functools import partial

import jax
import numpy as np
import pandas as pd

from detente.models import trade, trade_measures, trade_world
from detente.models.trade_hat import TradeBase, TradeChange
from detente.models.trade_world import TradeParameters
from detente.own_world import world_from_tables
from detente.scenario import Scenario
from detente.world import World, make_world

COUNTRIES = ["CAN", "MEX", "RUS", "USA"]
SECTORS = ["food", "metals"]
THETA = np.array([4.0, 6.0])
TIES = 8


def economy(
    seed: int = 0,
    countries: list[str] = COUNTRIES,
    sectors: list[str] = SECTORS,
    inputs: bool = True,
    tariffs: bool = True,
    closed: bool = True,
    **more,
) -> World:
    """Make a world of uneven countries; without `inputs` and `tariffs` it is an Armington model.

    With `closed` false the deficits are whatever the random flows make them; else each country
    sells abroad, over all sectors, what it buys there.
    """
    rng = np.random.default_rng(seed)
    c, s = len(countries), len(sectors)
    abroad = 1.0 - np.eye(c)
    flow = rng.uniform(1.0, 6.0, (c, c, s)) * rng.uniform(0.5, 3.0, (c, 1, s))
    if closed:
        # Pairs trade one value in both directions: no deficits, whatever the sectors.
        total = flow.sum(axis=2)
        flow *= ((total + total.T) / 2 / total)[:, :, None]
    flow *= abroad[:, :, None]
    flow += np.eye(c)[:, :, None] * rng.uniform(40.0, 80.0, (c, s))[:, None, :]
    share = rng.uniform(0.05, 0.25, (c, s, s)) if inputs else np.zeros((c, s, s))
    rate = rng.uniform(0.0, 0.2, (c, c, s)) * abroad[:, :, None]
    arrays = {
        "flow": flow,
        "tariff_rate": rate if tariffs else np.zeros_like(flow),
        "input_share": share,
        "trade_elasticity": np.resize(THETA, s),
        "sanction_trade": np.zeros((c, c), np.uint8),
        "trade_agreement": np.zeros((c, c), np.uint8),
        "alliance_reliability": np.ones((c, c)),
    }
    return make_world("small", 2023, arrays, countries, sectors, **more)


def scenario(*edits: dict, name: str = "x", **more) -> Scenario:
    """Make a scenario of some edits."""
    return Scenario(name=name, why="a test", edits=list(edits), **more)


def tariff(origin: str, destination: str, points: float) -> dict:
    """Return an edit that adds points to a tariff."""
    where = {"origin": origin, "destination": destination}
    return {"layer": "tariff_rate", "where": where, "add": points}


def given(theta: np.ndarray, count: int) -> TradeParameters:
    """Return parameters with made-up effects of sanctions and agreements."""
    effects = {
        "sanction_effect_partial": -0.2,
        "sanction_effect_broad_exports": np.full(count, -1.5),
        "sanction_effect_broad_imports": np.full(count, -1.0),
        "sanction_effect_complete": -2.5,
        "sanction_persistence": 0.25,
        "agreement_effect": 0.4,
    }
    return TradeParameters(
        theta=jax.numpy.asarray(theta),
        **{name: jax.numpy.asarray(value) for name, value in effects.items()},
    )


def parts(world: World, *edits: dict, theta: np.ndarray | None = None):
    """Return base, change and elasticities of a world under some edits."""
    edited = scenario(*edits).apply(world) if edits else world
    elastic = jax.numpy.asarray(world.values("trade_elasticity") if theta is None else theta)
    base = jax.device_put(trade_world.prepare(world))
    policy = trade_world.policy(world, edited)
    # Few numbers of ties, so that tests share compiled programs: most of their time is compilation.
    pairs = len(world.countries) ** 2
    few = len(policy.origin) <= TIES < pairs
    policy = jax.device_put(trade_world.filled(policy, base, TIES if few else pairs))
    return base, trade_world.resolve(policy, given(elastic, len(world.countries))), elastic


def table(change: TradeChange, name: str, count: int = 4) -> np.ndarray:
    """Return an array of a change, stated by tie, as a table [sector, origin, destination]."""
    values = np.asarray(getattr(change, name))
    full = np.zeros((values.shape[0], count, count))
    full[:, np.asarray(change.origin), np.asarray(change.destination)] = values
    return full


solve = partial(jax.jit, static_argnames=("rule",))(trade.solve)
measure = jax.jit(
    lambda base, change, found, goods: trade_measures.measures(
        base, change, found, goods, trade.search_aids(base), np.arange(base.share.shape[1])
    )
)


def full_change(base: TradeBase, log_cost, tariff=None, is_open=None) -> TradeChange:
    """Return a change that states every pair, from tables [sector, origin, destination]."""
    sectors, origins, destinations = base.share.shape
    origin, destination = np.divmod(np.arange(origins * destinations), destinations)
    new = base.tariff if tariff is None else tariff
    is_open = jax.numpy.ones_like(base.share) if is_open is None else is_open

    def flat(table):
        return jax.numpy.reshape(jax.numpy.asarray(table), (sectors, origins * destinations))

    return TradeChange(
        origin=jax.numpy.asarray(origin),
        destination=jax.numpy.asarray(destination),
        log_cost=flat(log_cost),
        log_tariff=flat(jax.numpy.log(new / base.tariff)),
        tariff=flat(new),
        open=flat(is_open),
        deficit=base.deficit,
        zone=jax.numpy.zeros(destinations, dtype=int),
    )


def country_measures(base: TradeBase, change: TradeChange, solution) -> dict[str, np.ndarray]:
    """Return every measure by country, all sectors being goods."""
    goods = jax.numpy.ones(base.share.shape[0])
    found = measure(base, change, solution, goods).country
    return {name: np.asarray(value) for name, value in found.items()}


def three(theta: float = 4.0) -> World:
    """Make a world of three countries and two sectors, in which C sells no y abroad."""
    own, rows = {"A": 60.0, "B": 50.0, "C": 70.0}, []
    for o in own:
        for d in own:
            rows.append((o, d, "x", own[o] if o == d else 8.0))
            if o == d or o != "C":
                rows.append((o, d, "y", own[o] if o == d else 5.0))
    table = pd.DataFrame(rows, columns=["origin", "destination", "sector", "value"])
    return world_from_tables(table, trade_elasticity=theta, name="abc")
