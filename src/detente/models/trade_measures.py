"""What an equilibrium means for each country, every measure under its own name.

`real_income` holds value added and tariff revenue but not the deficit: with a fixed deficit a
country in autarky would otherwise seem to gain. All are fractions of the base (0.01 = +1 %).
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Float, Int

from detente.models import trade_hat as hat
from detente.models import trade_policies as policies
from detente.models.arrays import Array
from detente.models.trade import Aids, TradeSolution
from detente.models.trade_hat import TradeBase, TradeChange


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TradeMeasures:
    """Outcomes by country (fractions of base) and flows net of tariffs (world value added = 1).

    Attributes
    ----------
    country : measures of the vocabulary by name, each [c]
    sold, bought : new goods flows of the actors, by origin and destination: see `goods_traded`
    """

    country: dict[str, Float[Array, "*lane c"]]
    sold: Float[Array, "*lane a d"]
    bought: Float[Array, "*lane o a"]


def goods_traded(
    solution: TradeSolution, goods: Float[Array, " s"], actors: Int[Array, " a"]
) -> tuple[Float[Array, "a d"], Float[Array, "o a"]]:
    """New flows of goods that some countries sell to every other, and that they buy.

    A table of every pair and draw would cost more than all other measures together.
    """
    reach, power, demand = solution.reach, solution.power * goods[:, None], solution.demand
    net = reach.rest_net
    sold = jnp.einsum("sad,sa,sd->ad", net[:, actors], power[:, actors], demand)
    bought = jnp.einsum("soa,so,sa->oa", net[:, :, actors], power, demand[:, actors])
    tied = reach.tied_net * power[:, reach.origin] * demand[:, reach.destination]
    tied = jnp.sum(tied, axis=0)
    # Ties of other countries have no row here, and are dropped.
    row = jnp.full(power.shape[1], len(actors)).at[actors].set(jnp.arange(len(actors)))
    sold = sold.at[row[reach.origin], reach.destination].add(tied, mode="drop")
    bought = bought.at[reach.origin, row[reach.destination]].add(tied, mode="drop")
    return sold, bought


def final_price_hat(base: TradeBase, solution: TradeSolution) -> Float[Array, " c"]:
    """Change in the price of final spending: Caliendo and Parro (2015), equation (3)."""
    weight = base.final_share.T
    # Sectors bought for production alone have no weight, and may have any price.
    return jnp.exp(
        jnp.sum(jnp.where(weight > 0, weight * jnp.log(solution.price_hat), 0.0), axis=0)
    )


def _relative(after: Float[Array, " c"], before: Float[Array, " c"]) -> Float[Array, " c"]:
    return jnp.where(before > 0, after / jnp.where(before > 0, before, 1.0) - 1, 0.0)


def first_order(
    base: TradeBase, change: TradeChange, solution: TradeSolution, aids: Aids
) -> dict[str, Float[Array, " c"]]:
    """Terms of trade, volume of trade and technical gain: Caliendo and Parro (2015), eq. (16).

    Changes are relative changes (hat minus one), as in the published tables: a flow that ends
    then counts as minus its whole base value, where a log would have no limit. The technical
    term is minus the rise of iceberg costs on base imports.
    """
    income = aids.income + base.deficit
    cost = solution.cost_hat - 1
    origin, destination = change.origin, change.destination
    dearer = change.open * (jnp.exp(change.log_cost) - 1) * base.expenditure[:, destination]
    dearer = dearer * aids.net[:, origin, destination]

    def to(values: Float[Array, "s k"]) -> Float[Array, " d"]:
        """Add up values on ties by destination."""
        return jnp.zeros_like(income).at[destination].add(jnp.sum(values, axis=0))

    # With base flow X share / tau, sums over origins are products of two tables: of share and of
    # share over tau. Their difference is the duty.
    bought = base.expenditure
    dearer_net = jnp.einsum("sod,so->sd", aids.net, cost)
    dearer_gross = jnp.einsum("sod,so->sd", base.share, 1 + cost)
    exported = jnp.sum(aids.sold * cost, axis=0)
    imported = jnp.sum(bought * dearer_net, axis=0)
    duty = jnp.sum(bought * (dearer_gross - aids.kept - dearer_net), axis=0)
    levied = _at_old_rates(base, change, solution)
    volume = levied - duty - to((change.tariff_before - 1) * dearer)
    if change.border is not None:
        # What an origin adds at its border is paid by the destination, and taxed there.
        added = policies.dearer_by_export_tax(
            base, change, solution.reach, solution.cost_hat, aids.net
        )
        exported = exported.at[origin].add(jnp.sum(added, axis=0))
        imported = imported + to(added)
        volume = volume - to((change.tariff_before - 1) * added)
    return {
        "terms_of_trade": (exported - imported) / income,
        "volume_of_trade": volume / income,
        "technical": -to(dearer) / income,
    }


def _at_old_rates(base: TradeBase, change: TradeChange, found: TradeSolution) -> Float[Array, " d"]:
    """Revenue that the new flows would bring at the tariffs of the base."""
    reach = found.reach
    if change.origin.shape[0] > reach.origin.shape[0]:  # every pair is a tie: one full table
        duty = jnp.einsum("sod,so->sd", (base.tariff - 1) * reach.rest_net, found.power)
        return jnp.sum(duty * found.demand, axis=0)
    # Off the ties rates are as before, so that share less share over tariff is the duty.
    gross = jnp.einsum("sdo,so->sd", reach.rest, found.power)
    tied = change.tariff_before * reach.tied_net * found.power[:, change.origin]
    gross = gross + hat.sum_to_destination(reach, tied)
    return jnp.sum((gross - found.total_net) * found.demand, axis=0)


def measures(
    base: TradeBase,
    change: TradeChange,
    solution: TradeSolution,
    goods: Float[Array, " s"],
    aids: Aids,
    actors: Int[Array, " a"] | None = None,
) -> TradeMeasures:
    """Return every trade outcome of the vocabulary.

    Parameters
    ----------
    base, change, solution
        The economy, what was done to it, and where it settled.
    goods
        [s] 1 for goods sectors, 0 for services.
    aids
        From `trade.search_aids` of the base.
    actors
        Countries whose flows of goods are returned; none when None.
    """
    price = final_price_hat(base, solution)
    income0, every = aids.income, jnp.ones_like(goods)
    own, reach = jnp.diagonal(base.share, axis1=1, axis2=2), solution.reach
    home0 = jnp.diagonal(aids.net, axis1=1, axis2=2) * base.expenditure
    home = hat.at_home(reach.rest_net, reach.tied_net, reach)
    exported0, imported0 = aids.sold - home0, aids.kept * base.expenditure - home0
    # Ordered so that what a ban ends is zero to the last bit.
    exported = solution.sold - solution.power * (home * solution.demand)
    exported = exported if solution.duty is None else exported + solution.duty
    transfer = jnp.zeros_like(income0) if solution.transfer is None else solution.transfer
    imported = (solution.total_net - home * solution.power) * solution.demand

    def change_of(now: Float[Array, "s c"], was: Float[Array, "s c"], weight: Array = every):
        return _relative(weight @ now, weight @ was)

    def openness(at_home: Float[Array, "s c"], bought: Float[Array, "s c"]) -> Float[Array, " c"]:
        return 1 - jnp.sum(at_home, axis=0) / jnp.sum(bought, axis=0)

    parts = first_order(base, change, solution, aids)
    spending0, spending = income0 + base.deficit, solution.income + solution.deficit
    country = {
        "real_wage": solution.wage_hat / price - 1,
        "real_income": solution.income / income0 / price - 1,
        "real_spending": spending / spending0 / price - 1,
        **parts,
        "first_order": sum(parts.values()),
        "price_index": price - 1,
        "wage": solution.wage_hat - 1,
        "exports": change_of(exported, exported0),
        "imports": change_of(imported, imported0),
        "trade": change_of(exported + imported, exported0 + imported0),
        "goods_trade": change_of(exported + imported, exported0 + imported0, goods),
        "openness": _relative(
            openness(
                hat.at_home(reach.rest, reach.tied, reach) * solution.power * solution.demand,
                solution.expenditure,
            ),
            openness(own * base.expenditure, base.expenditure),
        ),
        "tariff_revenue": (solution.revenue - (income0 - base.value_added)) / income0,
        "transfer": transfer / income0,
        "compensated_income": (solution.income + transfer) / income0 / price - 1,
    }
    some = jnp.zeros(0, dtype=int) if actors is None else actors
    sold, bought = goods_traded(solution, goods, some)
    return TradeMeasures(country=country, sold=sold, bought=bought)
