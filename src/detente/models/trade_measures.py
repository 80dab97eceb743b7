"""What an equilibrium means for each country, every measure under its own name.

`real_income` holds value added and tariff revenue but not the deficit: with a fixed deficit a
country in autarky would otherwise seem to gain. All are fractions of the base (0.01 = +1 %).
"""

import functools

import numpy as np
from jaxtyping import Float, Int

from detente.models import trade_hat as hat
from detente.models import trade_policies as policies
from detente.models.arrays import Array, add_at, contract, namespace, record, set_at
from detente.models.trade_aids import Aids
from detente.models.trade_hat import TradeBase, TradeChange
from detente.models.trade_solution import TradeSolution
from detente.vocabulary import terms


@record
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


@functools.cache
def outcomes() -> tuple[str, ...]:
    """Return the names of what `measures` gives by country, in the vocabulary's order."""
    return tuple(name for name, term in terms("outcome").items() if term.dims == ("country",))


def goods_traded(
    solution: TradeSolution, goods: Float[Array, " s"], actors: Int[Array, " a"]
) -> tuple[Float[Array, "*lane a d"], Float[Array, "*lane o a"]]:
    """New flows of goods that some countries sell to every other, and that they buy.

    A table of every pair and draw would cost more than all other measures together.
    """
    xp = namespace(solution.power)
    reach, power, demand = solution.reach, solution.power * goods[:, None], solution.demand
    net, pattern = reach.rest_net, "...sad,...sa,...sd->...ad"
    sold = xp.einsum(pattern, net[..., actors, :], power[..., actors], demand)
    bought = xp.einsum(pattern, net[..., actors], power, demand[..., actors])
    tied = reach.tied_net * power[..., reach.origin] * demand[..., reach.destination]
    tied = xp.sum(tied, axis=-2)
    # A row and a column beyond take the ties of other countries, and are dropped.
    count, countries = len(actors), power.shape[-1]
    row = set_at(xp.full(countries, count), (actors,), xp.arange(count))
    sold = xp.pad(sold, [(0, 0)] * (sold.ndim - 2) + [(0, 1), (0, 0)])
    bought = xp.pad(bought, [(0, 0)] * (bought.ndim - 2) + [(0, 0), (0, 1)])
    sold = add_at(sold, (row[reach.origin], reach.destination), tied)
    bought = add_at(bought, (reach.origin, row[reach.destination]), tied)
    return sold[..., :count, :], bought[..., :count]


def final_price_hat(base: TradeBase, solution: TradeSolution) -> Float[Array, "*lane c"]:
    """Change in the price of final spending: Caliendo and Parro (2015), equation (3)."""
    xp, weight = namespace(solution.price_hat), base.final_share.T
    # Sectors bought for production alone have no weight, and may have any price.
    rise = xp.where(weight > 0, weight * xp.log(solution.price_hat), 0.0)
    return xp.exp(xp.sum(rise, axis=-2))


def _relative(
    after: Float[Array, "*lane c"], before: Float[Array, " c"]
) -> Float[Array, "*lane c"]:
    xp = namespace(after, before)
    return xp.where(before > 0, after / xp.where(before > 0, before, 1.0) - 1, 0.0)


def first_order(
    base: TradeBase, change: TradeChange, solution: TradeSolution, aids: Aids
) -> dict[str, Float[Array, "*lane c"]]:
    """Terms of trade, volume of trade and technical gain: Caliendo and Parro (2015), eq. (16).

    Changes are relative changes (hat minus one), as in the published tables: a flow that ends
    then counts as minus its whole base value, where a log would have no limit. The technical
    term is minus the rise of iceberg costs on base imports.
    """
    xp, income = namespace(solution.power), aids.income + base.deficit
    cost = solution.cost_hat - 1
    origin, destination = change.origin, change.destination
    dearer = change.open * (xp.exp(change.log_cost) - 1) * base.expenditure[:, destination]
    dearer = dearer * aids.net[:, origin, destination]

    def to(values: Float[Array, "*lane s k"]) -> Float[Array, "*lane d"]:
        """Add up values on ties by destination."""
        return add_at(xp.zeros_like(income), (destination,), xp.sum(values, axis=-2))

    # With base flow X share / tau, sums over origins are products of two tables: of share and of
    # share over tau. Their difference is the duty.
    bought = base.expenditure
    dearer_net = contract("sdo,so->sd", aids.tables.net_to, cost)
    dearer_gross = contract("sdo,so->sd", aids.tables.share_to, 1 + cost)
    exported = xp.sum(aids.sold * cost, axis=-2)
    imported = xp.sum(bought * dearer_net, axis=-2)
    duty = xp.sum(bought * (dearer_gross - aids.kept - dearer_net), axis=-2)
    levied = _at_old_rates(base, change, solution)
    volume = levied - duty - to((change.tariff_before - 1) * dearer)
    if change.border is not None:
        # What an origin adds at its border is paid by the destination, and taxed there.
        added = policies.dearer_by_export_tax(
            base, change, solution.reach, solution.cost_hat, aids.net
        )
        exported = add_at(exported, (origin,), xp.sum(added, axis=-2))
        imported = imported + to(added)
        volume = volume - to((change.tariff_before - 1) * added)
    return {
        "terms_of_trade": (exported - imported) / income,
        "volume_of_trade": volume / income,
        "technical": -to(dearer) / income,
    }


def _at_old_rates(
    base: TradeBase, change: TradeChange, found: TradeSolution
) -> Float[Array, "*lane d"]:
    """Revenue that the new flows would bring at the tariffs of the base."""
    xp, reach = namespace(found.power), found.reach
    if change.origin.shape[0] > reach.origin.shape[0]:  # every pair is a tie: one full table
        duty = contract("sod,so->sd", (base.tariff - 1) * reach.rest_net, found.power)
        return xp.sum(duty * found.demand, axis=-2)
    # Off the ties rates are as before: there the duty is what is spent less what is received.
    duty = xp.sum(found.expenditure - found.total_net * found.demand, axis=-2)
    more = change.tariff_before * reach.tied_net - reach.tied
    more = more * found.power[..., change.origin] * found.demand[..., change.destination]
    return add_at(duty, (change.destination,), xp.sum(more, axis=-2))


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
    xp, price = namespace(solution.power), final_price_hat(base, solution)
    income0, every = aids.income, xp.ones_like(goods)
    own, reach = xp.diagonal(base.share, axis1=1, axis2=2), solution.reach
    home0 = xp.diagonal(aids.net, axis1=1, axis2=2) * base.expenditure
    home = hat.at_home(reach.rest_net, reach.tied_net, reach)
    exported0, imported0 = aids.sold - home0, aids.kept * base.expenditure - home0
    # Ordered so that what a ban ends is zero to the last bit.
    exported = solution.sold - solution.power * (home * solution.demand)
    exported = exported if solution.duty is None else exported + solution.duty
    transfer = xp.zeros_like(solution.income) if solution.transfer is None else solution.transfer
    imported = (solution.total_net - home * solution.power) * solution.demand

    def change_of(now: Float[Array, "*lane s c"], was: Float[Array, "s c"], weight: Array = every):
        now, was = (xp.sum(weight[:, None] * one, axis=-2) for one in (now, was))
        return _relative(now, was)

    def openness(
        at_home: Float[Array, "*lane s c"], bought: Float[Array, "*lane s c"]
    ) -> Float[Array, "*lane c"]:
        return 1 - xp.sum(at_home, axis=-2) / xp.sum(bought, axis=-2)

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
    some = np.zeros(0, dtype=int) if actors is None else actors
    sold, bought = goods_traded(solution, goods, some)
    return TradeMeasures(country=country, sold=sold, bought=bought)
