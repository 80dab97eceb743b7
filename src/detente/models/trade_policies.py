"""Export taxes, quotas, pooled compensation and immobile labour, as terms of the trade model.

Every function states one equation and is called where the plain model's own term stands; a change
without these policies, and a state without their unknowns, never reaches them.

A wedge between what a buyer pays and what a producer gets is a tariff factor where the destination
keeps it, and an export factor e where the origin does: the buyer's price is c d e tau, the value at
the border is before tau, the producer's receipts are before e and tau.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from detente.models.arrays import Array, jnp
from detente.models.trade_border import Border
from detente.models.trade_hat import Access, TradeBase, TradeChange

# Below this a flow counts as nothing: its log must stay finite.
NOTHING = 1e-290


def with_quota(
    reach: Access,
    change: TradeChange,
    theta: Float[Array, " s"],
    log_rent: Float[Array, "s m"] | None,
) -> Access:
    """Return access when quotas raise the buyers' prices by the factor exp(log_rent).

    The tariff that is equivalent to an import quota has its rate: Bhagwati (1965).
    """
    border = change.border
    if border is None or log_rent is None or border.slot is None or border.seller is None:
        return reach
    # In logs, since a tie may be named twice: what fills up a list of quotas names one with none.
    paid = -theta[:, None] * log_rent
    net, sold = paid - (1 - border.seller) * log_rent, paid - log_rent

    def dearer(table: Array | None, at: tuple, log_factor: Array) -> Array | None:
        if table is None:
            return None
        return table * jnp.exp(jnp.zeros_like(table).at[at].add(log_factor))

    if _is_full(reach, change):
        origin, destination = change.origin[border.slot], change.destination[border.slot]
        at, by_destination = (slice(None), origin, destination), (slice(None), destination, origin)
        return replace(
            reach,
            rest=dearer(reach.rest, by_destination, paid),
            rest_net=dearer(reach.rest_net, at, net),
            rest_kept=dearer(reach.rest_kept, by_destination, net),
            rest_sold=dearer(reach.rest_sold, at, sold),
        )
    at = (slice(None), border.slot)
    return replace(
        reach,
        tied=dearer(reach.tied, at, paid),
        tied_net=dearer(reach.tied_net, at, net),
        tied_sold=dearer(reach.tied_sold, at, sold),
    )


def _is_full(reach: Access, change: TradeChange) -> bool:
    """Say whether every pair is a tie, so that access is one full table."""
    return reach.origin.shape[0] < change.origin.shape[0]


def _on_ties(reach: Access, change: TradeChange) -> tuple[Array, Array]:
    """Return access net of tariffs, and net of export taxes too, on the ties."""
    rest_sold, tied_sold = reach.rest_sold, reach.tied_sold
    if _is_full(reach, change):
        at = (slice(None), change.origin, change.destination)
        return reach.rest_net[at], reach.rest_net[at] if rest_sold is None else rest_sold[at]
    return reach.tied_net, reach.tied_net if tied_sold is None else tied_sold


def next_rent(
    log_rent: Float[Array, "s m"],
    reach: Access,
    change: TradeChange,
    base: TradeBase,
    theta: Float[Array, " s"],
    power: Float[Array, "s o"],
    demand: Float[Array, "s d"],
) -> Float[Array, "s m"]:
    """Return the next log rent of quotas: it rises while the flow exceeds the quota, else falls.

    The fixed point is the complementarity of a quota: rent >= 1, flow <= quota, and one of the two
    holds with equality. `power` and `demand` as in `trade_hat.sales`.
    """
    border = change.border
    assert border is not None and border.slot is not None
    assert border.by_value is not None and border.log_limit is not None
    origin, destination = change.origin[border.slot], change.destination[border.slot]
    at = (slice(None), origin, destination)
    before = base.share[at] / base.tariff[at] * base.expenditure[:, destination]
    pulled = power[:, origin] * demand[:, destination]
    net, sold = (part[:, border.slot] * pulled for part in _on_ties(reach, change))
    log_cost = -jnp.log(power[:, origin]) / theta[:, None]
    value = jnp.log(jnp.maximum(net, NOTHING))
    units = jnp.log(jnp.maximum(sold, NOTHING)) - log_cost
    log_flow = jnp.where(border.by_value > 0, value, units)
    excess = log_flow - jnp.log(jnp.maximum(before, NOTHING)) - border.log_limit
    excess = jnp.where(before > 0, excess, -1.0)
    return jnp.maximum(log_rent + excess / (1 + theta[:, None]), 0.0)


def export_duty(
    reach: Access,
    change: TradeChange,
    power: Float[Array, "s o"],
    demand: Float[Array, "s d"],
) -> Float[Array, "s o"]:
    """Return what origins keep of the value at the border: export taxes and rents of quotas."""
    net, sold = _on_ties(reach, change)
    kept = (net - sold) * power[:, change.origin] * demand[:, change.destination]
    return jnp.zeros_like(power).at[:, change.origin].add(kept)


def export_factor(reach: Access, change: TradeChange) -> Float[Array, "s k"]:
    """Return value at the border over receipts of the producer, on the ties."""
    net, sold = _on_ties(reach, change)
    return jnp.where(sold > 0, net / jnp.where(sold > 0, sold, 1.0), 1.0)


def compensation(
    pool: Float[Array, " c"],
    income: Float[Array, " c"],
    first: Float[Array, " c"],
    price: Float[Array, " c"],
) -> Float[Array, " c"]:
    """Return the transfers that give every member of a pool the same change of real income.

    With transfers T that add to zero, (income + T) / (price * first) is one number g for all
    members, hence T = g * price * first - income and g = sum(income) / sum(price * first). The
    transfers of Chowdhry, Hinz, Kamin and Wanner (2024) within a coalition share this aim.
    """
    wanted = pool * price * first
    shared = jnp.sum(pool * income) / jnp.maximum(jnp.sum(wanted), NOTHING)
    return jnp.where(pool > 0, shared * wanted - income, 0.0)


def sector_value_added(base: TradeBase, sold: Float[Array, "s c"]) -> Float[Array, "s c"]:
    """Return value added by sector: what immobile labour of a sector earns."""
    return base.value_added_share.T * sold


def next_premium(
    premium: Float[Array, "s c"],
    needed: Float[Array, "s c"],
    first: Float[Array, "s c"],
    theta: Float[Array, " s"],
    base: TradeBase,
) -> Float[Array, "s c"]:
    """Return the next log of each sector's wage over the country's, when labour cannot move.

    Labour of a sector is what it was, so that its wage follows the sector's value added: the
    specific factors of Jones (1971). Weighted by base value added the relative wages of a country
    add to one, so that the country's wage is the mean, and mobile labour is premium = 0.

    Parameters
    ----------
    premium
        Log of the sector's wage over the country's.
    needed, first
        Value added of the sector, asked for now and in the base.
    theta, base
        Elasticities and the economy.
    """
    known = first > 0
    weight = first / jnp.sum(first, axis=0, keepdims=True)
    paid = weight * jnp.exp(premium)
    asked = needed / jnp.maximum(jnp.sum(needed, axis=0, keepdims=True), NOTHING)
    gap = jnp.log(jnp.clip(asked / jnp.where(known, paid, 1.0), 1e-3, 1e3))
    moved = premium + jnp.where(known, gap, 0.0) * premium_pace(theta, base)
    mean = jnp.log(jnp.sum(weight * jnp.exp(moved), axis=0, keepdims=True))
    # Where no labour is, any wage would do, and derivatives would have no one answer.
    return jnp.where(known, moved - mean, 0.0)


def premium_pace(theta: Float[Array, " s"], base: TradeBase) -> Float[Array, "s c"]:
    """Return the share of its gap by which a sector's relative wage moves in one step."""
    # A dearer wage lowers sales by up to theta times its share of cost, all else as it is.
    return 1 / (1 + theta[:, None] * jnp.abs(base.value_added_share.T))


def quota_start(border: Border | None, sectors: int) -> Float[Array, "s m"] | None:
    """Return the log rents where the search begins: none."""
    if border is None or border.slot is None:
        return None
    return np.zeros((sectors, border.slot.shape[0]))


def final_price(base: TradeBase, log_price: Float[Array, "s c"]) -> Float[Array, " c"]:
    """Return the change in the price of final spending; unbought sectors have no weight."""
    weight = base.final_share.T
    return jnp.exp(jnp.sum(jnp.where(weight > 0, weight * log_price, 0.0), axis=0))


def dearer_by_export_tax(
    base: TradeBase,
    change: TradeChange,
    reach: Access,
    cost: Float[Array, "s o"],
    net: Float[Array, "s o d"],
) -> Float[Array, "s k"]:
    """Return the rise of the value of base flows that export factors bring, on the ties.

    `cost` is cost_hat, `net` share over tariff of the base. It is a gain of the origin's terms of
    trade and a loss of the destination's.
    """
    at = (slice(None), change.origin, change.destination)
    flow = net[at] * base.expenditure[:, change.destination]
    rise = flow * cost[:, change.origin] * (export_factor(reach, change) - 1)
    return jnp.where(change.open > 0, rise, 0.0)
