"""The doors of the trade model: from a World and its edited copy to plain arrays, with checks."""

from dataclasses import replace
from functools import partial

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse.csgraph import connected_components

from detente.accounts import Accounts
from detente.models import trade_edits
from detente.models.arrays import Array, jnp, namespace, record
from detente.models.trade_border import Border
from detente.models.trade_hat import TradeBase, TradeChange
from detente.models.trade_supply import SUPPLY_LAYERS, Supply
from detente.world import World, accounts_of

# Layers whose edits this model turns into prices and flows.
LAYERS = (
    "tariff_rate",
    "trade_cost",
    "export_ban",
    "deficit",
    "sanction_trade",
    "trade_agreement",
    *trade_edits.LAYERS,
)
LEVELS = ("sent_base", "sent_new", "met_base", "met_new")


@record
class TradePolicy:
    """What a scenario changes, before the uncertain effects are known.

    Attributes
    ----------
    origin, destination, log_cost, log_tariff, tariff, open, deficit, zone
        As in `TradeChange`.
    sent_base, sent_new : level of the origin's sanctions on the destination, 0 to 3
    met_base, met_new : level of the destination's sanctions on the origin
    agreement : 1 where an agreement enters, -1 where it ends
    goods : 1 for sectors that sanctions and agreements act on
    border : as in `TradeChange`
    log_flow : log of the part of a flow that an embargo leaves at given prices; None without one
    """

    origin: Int[Array, " k"]
    destination: Int[Array, " k"]
    log_cost: Float[Array, "s k"]
    log_tariff: Float[Array, "s k"]
    tariff: Float[Array, "s k"]
    open: Float[Array, "s k"]
    deficit: Float[Array, " c"]
    zone: Int[Array, " c"]
    sent_base: Int[Array, " k"]
    sent_new: Int[Array, " k"]
    met_base: Int[Array, " k"]
    met_new: Int[Array, " k"]
    agreement: Float[Array, " k"]
    goods: Float[Array, " s"]
    border: Border | None = None
    log_flow: Float[Array, "s k"] | None = None


@record
class TradeParameters:
    """One draw of what is uncertain; effects in log points of flow.

    Broad sanctions have an effect for each sender: its own where that was observed.
    """

    theta: Float[Array, "*lane s"]
    sanction_effect_partial: Float[Array, "*lane"]
    sanction_effect_broad_exports: Float[Array, "*lane c"]
    sanction_effect_broad_imports: Float[Array, "*lane c"]
    sanction_effect_complete: Float[Array, "*lane"]
    sanction_persistence: Float[Array, "*lane"]
    agreement_effect: Float[Array, "*lane"]


def sector_first(array: np.ndarray) -> np.ndarray:
    """Turn [origin, destination, sector] into [sector, origin, destination]."""
    return np.ascontiguousarray(array.transpose(2, 0, 1))


def totals(world: World) -> Accounts:
    """Return the accounts of a world."""
    return accounts_of(world)


def prepare(world: World) -> TradeBase:
    """Return the base economy of a world in shares.

    Parameters
    ----------
    world
        With flow, tariff_rate and input_share.

    Raises
    ------
    WorldError
        If a layer is missing or the accounts do not close.
    """
    flow, tariff = world.values("flow"), world.values("tariff_rate")
    sums = totals(world)
    sums.check(world.countries, world.sectors)
    world_value_added = sums.value_added.sum()
    bought = np.where(sums.expenditure > 0, sums.expenditure, 1.0)
    final = np.maximum(sums.final_use, 0.0)
    return TradeBase(
        share=sector_first(flow * (1 + tariff) / bought[None]),
        tariff=sector_first(1 + tariff),
        input_share=world.values("input_share"),
        value_added_share=sums.value_added_share,
        final_share=final / final.sum(axis=1, keepdims=True),
        value_added=sums.value_added / world_value_added,
        deficit=sums.deficit / world_value_added,
        expenditure=np.ascontiguousarray(sums.expenditure.T) / world_value_added,
        supply_elasticity=supply_elasticity(world),
        supply=supply_switches(world),
    )


def supply_elasticity(world: World) -> np.ndarray:
    """Return [country] elasticity of labour supply; zero where the world states none."""
    if world.has("supply_elasticity"):
        return world.values("supply_elasticity")
    return np.zeros(len(world.countries))


def supply_switches(world: World) -> Supply | None:
    """Return scale, selling costs, selection and relief; None where the world states none."""
    if not any(world.has(name) for name in SUPPLY_LAYERS):
        return None
    none = np.zeros(len(world.countries))
    return Supply(*(world.values(name) if world.has(name) else none for name in SUPPLY_LAYERS))


def goods_sectors(world: World) -> np.ndarray:
    """Return [sector] 1 for goods; every sector when the world does not tell them apart."""
    goods = world.sector_groups.get("goods")
    if goods is None:
        return np.ones(len(world.sectors))
    return np.array([float(sector in goods) for sector in world.sectors])


def policy(world: World, edited: World) -> TradePolicy:
    """Return what the edits change, from a world and its edited copy.

    Parameters
    ----------
    world, edited
        Same countries and sectors.
    """
    world_value_added = totals(world).value_added.sum()
    sanction, sanction_new = sanction_levels(world), sanction_levels(edited)
    agreement = _pair(edited, "trade_agreement") - _pair(world, "trade_agreement")
    more = trade_edits.read(world, edited)
    moved = (sanction != sanction_new) | (sanction != sanction_new).T | (agreement != 0)
    moved |= trade_edits.differs(world, edited, "tariff_rate") | trade_edits.differs(
        world, edited, "trade_cost"
    )
    tied = world.values("flow").sum(axis=2) > 0
    # A ban of what is not traded changes nothing.
    moved |= (trade_edits.differs(world, edited, "export_ban") & tied) | more.moved
    origin, destination = (one.astype(np.int32) for one in np.nonzero(moved))
    at = (slice(None), origin, destination)
    on_ties = partial(trade_edits.on_ties, origin=origin, destination=destination)
    tariff = (1 + on_ties(edited, "tariff_rate")) * more.import_factor(at)
    is_open = (1.0 - on_ties(edited, "export_ban")) * more.open(at)
    tied[origin, destination] = ((on_ties(world, "flow") * is_open) > 0).any(axis=0)
    cost, cost_before = (np.log(on_ties(one, "trade_cost")) for one in (edited, world))
    return TradePolicy(
        origin=origin,
        destination=destination,
        log_cost=cost - cost_before,
        log_tariff=np.log(tariff / (1 + on_ties(world, "tariff_rate"))),
        tariff=tariff,
        open=is_open,
        deficit=edited.values("deficit") / world_value_added,
        zone=zones(tied),
        sent_base=sanction[origin, destination],
        sent_new=sanction_new[origin, destination],
        met_base=sanction[destination, origin],
        met_new=sanction_new[destination, origin],
        agreement=agreement[origin, destination],
        goods=goods_sectors(world),
        border=more.border(origin, destination),
        log_flow=more.log_flow(origin, destination),
    )


def _pair(world: World, layer: str) -> np.ndarray:
    """Return a layer of pairs; zero where the world has none."""
    if not world.has(layer):
        return np.zeros((len(world.countries), len(world.countries)))
    # Codes are stored as bytes, whose differences would wrap around below zero.
    return np.nan_to_num(world.values(layer).astype(float))


def sanction_levels(world: World) -> np.ndarray:
    """Return the level of each sender's sanction: its own, or one that others made it keep."""
    own = _pair(world, "sanction_trade")
    return np.maximum(own, trade_edits.secondary(world, own)).astype(np.int32)


def filled(
    change: TradePolicy, base: TradeBase, ties: int, first: np.ndarray | None = None
) -> TradePolicy:
    """Return the policy with ties added that it leaves as they are.

    Policies that state equally many ties share one compiled program.

    Parameters
    ----------
    change, base
        From `policy` and `prepare`.
    ties
        How many to state in all.
    first
        [origin, destination] True for pairs that are to be among them, where it matters which.
    """
    sectors, origins, destinations = base.share.shape
    stated = np.zeros((origins, destinations), dtype=bool)
    stated[change.origin, change.destination] = True
    wanted = ~stated if first is None else ~stated & first
    more = np.argwhere(wanted)
    if first is not None:
        more = np.concatenate([more, np.argwhere(~stated & ~first)])
    more = more[: ties - len(change.origin)].astype(np.int32)
    origin = np.concatenate([change.origin, more[:, 0]])
    destination = np.concatenate([change.destination, more[:, 1]])
    # In the order of the table: neighbours in memory are read and written together.
    order = np.lexsort((destination, origin))

    def wide(stated: Array, idle: np.ndarray) -> np.ndarray:
        return np.concatenate([stated, idle], axis=-1)[..., order]

    none = np.zeros((sectors, len(more)))
    level = np.zeros(len(more), dtype=np.int32)
    return replace(
        change,
        origin=origin[order],
        destination=destination[order],
        log_cost=wide(change.log_cost, none),
        log_tariff=wide(change.log_tariff, none),
        tariff=wide(change.tariff, np.asarray(base.tariff)[:, more[:, 0], more[:, 1]]),
        open=wide(change.open, none + 1),
        **{name: wide(getattr(change, name), level) for name in LEVELS},
        agreement=wide(change.agreement, none[0]),
        border=trade_edits.reordered(change.border, none, order),
        log_flow=None if change.log_flow is None else wide(change.log_flow, none),
    )


def is_idle(base: TradeBase, change: TradePolicy) -> bool:
    """Say whether a policy changes nothing that this model reads."""
    same = [
        not np.any(change.log_cost),
        not np.any(change.log_tariff),
        bool(np.all(change.open)),
        np.array_equal(change.deficit, base.deficit),
        np.array_equal(change.sent_new, change.sent_base),
        np.array_equal(change.met_new, change.met_base),
        not np.any(change.agreement),
        change.border is None and change.log_flow is None,
    ]
    return all(same)


def zones(tied: np.ndarray) -> np.ndarray:
    """Number the sets of countries that any trade ties together; `tied` is [o, d]."""
    return connected_components(tied, directed=False)[1].astype(np.int32)


def resolve(change: TradePolicy, given: TradeParameters) -> TradeChange:
    """Turn sanctions and agreements into iceberg costs for one draw.

    A flow effect b (log points) is the cost change exp(-b / theta), sector by sector. A sanction
    of a sender on a target acts on both directions: the sender's exports are the target's
    imports. Where sanctions stand in both directions the stronger effect holds. Of an effect
    that is lifted the share `sanction_persistence` stays (first four years).
    """
    xp = namespace(given.theta, change.log_cost)
    partial_effect = given.sanction_effect_partial[..., None]
    complete, stays = (
        one[..., None] for one in (given.sanction_effect_complete, given.sanction_persistence)
    )

    def by_level(level, broad):
        effects = [partial_effect, broad, complete]
        return xp.select([level == one for one in (1, 2, 3)], effects, 0.0)

    def effect(sent, met):
        # Flow o to d: o's sanction on d limits what d imports, d's sanction on o what o exports.
        bought = by_level(sent, given.sanction_effect_broad_imports[..., change.origin])
        sold = by_level(met, given.sanction_effect_broad_exports[..., change.destination])
        return xp.minimum(bought, sold)

    shift = effect(change.sent_new, change.met_new) - effect(change.sent_base, change.met_base)
    shift = xp.where(shift > 0, (1 - stays) * shift, shift)
    agreed = given.agreement_effect[..., None] * change.agreement
    beyond = trade_edits.beyond_tariffs(agreed, change.log_tariff, given.theta)
    shift = shift[..., None, :] + beyond
    theta = given.theta[..., None]
    log_cost = change.log_cost - change.goods[:, None] / theta * shift
    if change.log_flow is not None:
        log_cost = log_cost - change.log_flow / theta
    return TradeChange(
        origin=change.origin,
        destination=change.destination,
        log_cost=log_cost,
        log_tariff=change.log_tariff,
        tariff=change.tariff,
        open=change.open,
        deficit=change.deficit,
        zone=change.zone,
        border=change.border,
    )


def unchanged(base: TradeBase) -> TradeChange:
    """Return the change that changes nothing, and states no tie."""
    none = jnp.zeros((base.share.shape[0], 0))
    return TradeChange(
        origin=jnp.zeros(0, dtype=jnp.int32),
        destination=jnp.zeros(0, dtype=jnp.int32),
        log_cost=none,
        log_tariff=none,
        tariff=none,
        open=none,
        deficit=base.deficit,
        zone=jnp.zeros(base.value_added.shape, dtype=jnp.int32),
    )


def part_of(change: TradeChange, base: TradeBase, part: Float[Array, ""]) -> TradeChange:
    """Return a share of a change: costs and tariff factors in logs, deficits in levels.

    Bans have no part: they hold in full.
    """
    log_tariff = part * change.log_tariff
    return TradeChange(
        origin=change.origin,
        destination=change.destination,
        log_cost=part * change.log_cost,
        log_tariff=log_tariff,
        tariff=change.tariff_before * namespace(log_tariff).exp(log_tariff),
        open=change.open,
        deficit=base.deficit + part * (change.deficit - base.deficit),
        zone=change.zone,
        border=trade_edits.part_of(change.border, part),
    )
