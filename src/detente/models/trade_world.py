"""The doors of the trade model: from a World and its edited copy to plain arrays, with checks."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int
from scipy.sparse.csgraph import connected_components

from detente.accounts import Accounts, accounts
from detente.models.arrays import Array
from detente.models.trade_hat import TradeBase, TradeChange
from detente.world import World

# Layers whose edits this model turns into prices and flows.
LAYERS = (
    "tariff_rate",
    "trade_cost",
    "export_ban",
    "deficit",
    "sanction_trade",
    "trade_agreement",
)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TradePolicy:
    """What a scenario changes, before the uncertain effects are known.

    Attributes
    ----------
    log_cost, tariff, open, deficit, zone : as in `TradeChange`
    sanction_base, sanction_new : level of the sender (origin) on the target, 0 to 3
    agreement : 1 where an agreement enters, -1 where it ends
    goods : 1 for sectors that sanctions and agreements act on
    """

    log_cost: Float[Array, "s o d"]
    tariff: Float[Array, "s o d"]
    open: Float[Array, "s o d"]
    deficit: Float[Array, " c"]
    zone: Int[Array, " c"]
    sanction_base: Int[Array, "o d"]
    sanction_new: Int[Array, "o d"]
    agreement: Float[Array, "o d"]
    goods: Float[Array, " s"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TradeParameters:
    """One draw of what is uncertain; effects in log points of flow.

    Broad sanctions have an effect for each sender: its own where that was observed.
    """

    theta: Float[Array, " s"]
    sanction_effect_partial: Float[Array, ""]
    sanction_effect_broad_exports: Float[Array, " c"]
    sanction_effect_broad_imports: Float[Array, " c"]
    sanction_effect_complete: Float[Array, ""]
    sanction_persistence: Float[Array, ""]
    agreement_effect: Float[Array, ""]


def sector_first(array: np.ndarray) -> np.ndarray:
    """Turn [origin, destination, sector] into [sector, origin, destination]."""
    return np.ascontiguousarray(array.transpose(2, 0, 1))


def totals(world: World) -> Accounts:
    """Return the accounts of a world."""
    return accounts(world.values("flow"), world.values("tariff_rate"), world.values("input_share"))


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
    )


def supply_elasticity(world: World) -> np.ndarray:
    """Return [country] elasticity of labour supply; zero where the world states none."""
    if world.has("supply_elasticity"):
        return world.values("supply_elasticity")
    return np.zeros(len(world.countries))


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
    is_open = 1.0 - sector_first(edited.values("export_ban"))
    count = len(world.countries)
    cost = np.log(edited.values("trade_cost")) - np.log(world.values("trade_cost"))
    zero = np.zeros((count, count))

    def pair(one: World, layer: str) -> np.ndarray:
        # Codes are stored as bytes, whose differences would wrap around below zero.
        return np.nan_to_num(one.values(layer).astype(float)) if one.has(layer) else zero

    flow = sector_first(world.values("flow"))
    return TradePolicy(
        log_cost=sector_first(cost),
        tariff=sector_first(1 + edited.values("tariff_rate")),
        open=is_open,
        deficit=edited.values("deficit") / world_value_added,
        zone=zones(flow * is_open),
        sanction_base=pair(world, "sanction_trade").astype(np.int32),
        sanction_new=pair(edited, "sanction_trade").astype(np.int32),
        agreement=pair(edited, "trade_agreement") - pair(world, "trade_agreement"),
        goods=goods_sectors(world),
    )


def is_idle(base: TradeBase, change: TradePolicy) -> bool:
    """Say whether a policy changes nothing that this model reads."""
    same = [
        not np.any(change.log_cost),
        np.array_equal(change.tariff, base.tariff),
        bool(np.all(change.open)),
        np.array_equal(change.deficit, base.deficit),
        np.array_equal(change.sanction_new, change.sanction_base),
        not np.any(change.agreement),
    ]
    return all(same)


def zones(flow: np.ndarray) -> np.ndarray:
    """Number the sets of countries that any trade ties together; `flow` is [s, o, d]."""
    tied = flow.sum(axis=0) > 0
    return connected_components(tied, directed=False)[1].astype(np.int32)


def obstacle(world: World, base: TradeBase, change: TradePolicy, rule: str) -> str | None:
    """Say by name why a scenario can have no equilibrium, or return None.

    Parameters
    ----------
    world
        For the names.
    base, change
        From `prepare` and `policy`.
    rule
        Deficit rule.
    """
    reach = (np.asarray(base.share) * np.asarray(change.open)).sum(axis=1)
    cut = (np.asarray(base.expenditure) > 0) & (reach <= 0)
    if cut.any():
        names = [f"{world.countries[d]} {world.sectors[s]}" for s, d in np.argwhere(cut)]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        return (
            f"no supplier is left for {', '.join(names[:5])}{more}: bans cut every origin of a "
            "sector the country buys; leave one origin open or raise trade_cost instead"
        )
    if rule in ("fixed", "world_share"):
        return _stranded(world, base, change)
    return None


def _stranded(world: World, base: TradeBase, change: TradePolicy) -> str | None:
    """Name a set of countries that cannot pay for, or be paid, the deficit they keep."""
    zone, deficit = np.asarray(change.zone), np.asarray(change.deficit)
    scale = np.asarray(base.value_added)
    for number in range(zone.max() + 1):
        inside = zone == number
        if abs(deficit[inside].sum()) > 1e-9 * scale[inside].sum():
            names = [world.countries[i] for i in np.flatnonzero(inside)]
            if len(names) > len(zone) // 2:
                continue  # the rest of the world is named by the smaller sets
            value = deficit[inside].sum() * totals(world).value_added.sum()
            word = "deficit" if value > 0 else "surplus"
            return (
                f"no equilibrium: {', '.join(names[:5])} cannot trade with the rest of the world "
                f"but would keep a {word} of {abs(value):.4g}; set the layer deficit of each to 0, "
                "or run with deficits='zero' or 'own_share'"
            )
    return None


def resolve(change: TradePolicy, given: TradeParameters) -> TradeChange:
    """Turn sanctions and agreements into iceberg costs for one draw.

    A flow effect b (log points) is the cost change exp(-b / theta), sector by sector. A sanction
    of a sender on a target acts on both directions: the sender's exports are the target's
    imports. Where sanctions stand in both directions the stronger effect holds. Of an effect
    that is lifted the share `sanction_persistence` stays (first four years).
    """
    sender = jnp.arange(change.sanction_new.shape[0])

    def by_level(broad):
        """Return effects [level, sender]."""
        same = jnp.ones_like(broad)
        return jnp.stack(
            [
                jnp.zeros_like(broad),
                given.sanction_effect_partial * same,
                broad,
                given.sanction_effect_complete * same,
            ]
        )

    imports = by_level(given.sanction_effect_broad_imports)
    exports = by_level(given.sanction_effect_broad_exports)

    def effect(level):
        # Flow o to d: o's sanction on d limits what d imports, d's sanction on o what o exports.
        bought = imports[level, sender[:, None]]
        sold = exports[level, sender[:, None]].T
        return jnp.minimum(bought, sold)

    shift = effect(change.sanction_new) - effect(change.sanction_base)
    shift = jnp.where(shift > 0, (1 - given.sanction_persistence) * shift, shift)
    shift = shift + given.agreement_effect * change.agreement
    per_sector = (change.goods / given.theta)[:, None, None] * shift[None]
    return TradeChange(
        log_cost=change.log_cost - per_sector,
        tariff=change.tariff,
        open=change.open,
        deficit=change.deficit,
        zone=change.zone,
    )


def relaxed(change: TradePolicy, base: TradeBase) -> TradePolicy:
    """Return the policy that changes nothing: used to re-solve a base without deficits."""
    return TradePolicy(
        log_cost=jnp.zeros_like(change.log_cost),
        tariff=base.tariff,
        open=jnp.ones_like(change.open),
        deficit=base.deficit,
        zone=jnp.zeros_like(change.zone),
        sanction_base=change.sanction_base,
        sanction_new=change.sanction_base,
        agreement=jnp.zeros_like(change.agreement),
        goods=change.goods,
    )


def unchanged(base: TradeBase) -> TradeChange:
    """Return the change that changes nothing."""
    return TradeChange(
        log_cost=jnp.zeros_like(base.share),
        tariff=base.tariff,
        open=jnp.ones_like(base.share),
        deficit=base.deficit,
        zone=jnp.zeros(base.value_added.shape, dtype=int),
    )


def part_of(change: TradeChange, base: TradeBase, part: Float[Array, ""]) -> TradeChange:
    """Return a share of a change: costs and tariff factors in logs, deficits in levels.

    Bans have no part: they hold in full.
    """
    tariff = base.tariff * jnp.exp(part * jnp.log(change.tariff / base.tariff))
    return TradeChange(
        log_cost=part * change.log_cost,
        tariff=tariff,
        open=change.open,
        deficit=base.deficit + part * (change.deficit - base.deficit),
        zone=change.zone,
    )
