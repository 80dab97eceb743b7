"""What an equilibrium means for each country, every measure under its own name.

`real_income` holds value added and tariff revenue but not the deficit: with a fixed deficit a
country in autarky would otherwise seem to gain. All are fractions of the base (0.01 = +1 %).
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Float

from detente.models import trade_hat as hat
from detente.models.arrays import Array
from detente.models.trade import TradeSolution
from detente.models.trade_hat import TradeBase, TradeChange


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TradeMeasures:
    """Outcomes by country (fractions of base) and flows net of tariffs (world value added = 1).

    Attributes
    ----------
    country : measures of the vocabulary by name, each [c]
    goods : new goods flows, origin by destination
    """

    country: dict[str, Float[Array, " c"]]
    goods: Float[Array, "o d"]


def flow_new(solution: TradeSolution) -> Float[Array, "s o d"]:
    """Flows net of tariffs in the new equilibrium."""
    return solution.net * solution.power[:, :, None] * solution.demand[:, None, :]


def flow_base(base: TradeBase) -> Float[Array, "s o d"]:
    """Flows net of tariffs in the base."""
    return base.share / base.tariff * base.expenditure[:, None, :]


def final_price_hat(base: TradeBase, solution: TradeSolution) -> Float[Array, " c"]:
    """Change in the price of final spending: Caliendo and Parro (2015), equation (3)."""
    weight = base.final_share.T
    # Sectors bought for production alone have no weight, and may have any price.
    return jnp.exp(
        jnp.sum(jnp.where(weight > 0, weight * jnp.log(solution.price_hat), 0.0), axis=0)
    )


@dataclass(frozen=True)
class _Sums:
    """Sums of flows by sector, so that the flows themselves are read once.

    Attributes
    ----------
    sold, bought : [s, c] by origin and by destination
    home : [s, c] domestic flows
    """

    sold: Float[Array, "s c"]
    bought: Float[Array, "s c"]
    home: Float[Array, "s c"]


def _sums_old(flow: Float[Array, "s c c"]) -> _Sums:
    one = jnp.ones_like(flow[:, 0])
    return _Sums(
        hat.sales(flow, one, one), hat.price_sum(flow, one), jnp.diagonal(flow, axis1=1, axis2=2)
    )


def _sums_new(found: TradeSolution) -> _Sums:
    home = jnp.diagonal(found.net, axis1=1, axis2=2)
    return _Sums(
        hat.sales(found.net, found.power, found.demand),
        hat.price_sum(found.net, found.power) * found.demand,
        home * found.power * found.demand,
    )


def _relative(after: Float[Array, " c"], before: Float[Array, " c"]) -> Float[Array, " c"]:
    return jnp.where(before > 0, after / jnp.where(before > 0, before, 1.0) - 1, 0.0)


def first_order(
    base: TradeBase,
    change: TradeChange,
    solution: TradeSolution,
    old: Float[Array, "s o d"],
) -> dict[str, Float[Array, " c"]]:
    """Terms of trade, volume of trade and technical gain: Caliendo and Parro (2015), eq. (16).

    Changes are relative changes (hat minus one), as in the published tables: a flow that ends
    then counts as minus its whole base value, where a log would have no limit. The technical
    term is minus the rise of iceberg costs on base imports. `old` are the base flows.
    """
    income = hat.base_income(base) + base.deficit
    cost = solution.cost_hat - 1
    dearer = old * change.open * (jnp.exp(change.log_cost) - 1)

    def total(flow: Float[Array, "s o d"], weight: Float[Array, "s o"]) -> Float[Array, " d"]:
        # A product of matrices; a plain sum would compute the flows anew for every column.
        return jnp.sum(hat.price_sum(flow, weight), axis=0)

    one = jnp.ones_like(cost)
    exported = jnp.sum(hat.sales(old, one, one) * cost, axis=0)
    imported = total(old, cost)
    duty = base.tariff - 1
    levied = jnp.sum(hat.price_sum(duty * solution.net, solution.power) * solution.demand, axis=0)
    volume = levied - total(duty * old, 1 + cost) - total(duty * dearer, one)
    return {
        "terms_of_trade": (exported - imported) / income,
        "volume_of_trade": volume / income,
        "technical": -total(dearer, one) / income,
    }


def measures(
    base: TradeBase, change: TradeChange, solution: TradeSolution, goods: Float[Array, " s"]
) -> TradeMeasures:
    """Return every trade outcome of the vocabulary.

    Parameters
    ----------
    base, change, solution
        The economy, what was done to it, and where it settled.
    goods
        [s] 1 for goods sectors, 0 for services.
    """
    price = final_price_hat(base, solution)
    income0 = hat.base_income(base)
    old = flow_base(base)
    was, now = _sums_old(old), _sums_new(solution)

    def exports(sums: _Sums, weight: Float[Array, " s"]) -> Float[Array, " c"]:
        return weight @ (sums.sold - sums.home)

    def imports(sums: _Sums, weight: Float[Array, " s"]) -> Float[Array, " c"]:
        return weight @ (sums.bought - sums.home)

    def trade(sums: _Sums, weight: Float[Array, " s"]) -> Float[Array, " c"]:
        return exports(sums, weight) + imports(sums, weight)

    def openness(share: Float[Array, "s c c"], bought: Float[Array, "s c"]) -> Float[Array, " c"]:
        at_home = jnp.sum(jnp.diagonal(share, axis1=1, axis2=2) * bought, axis=0)
        return 1 - at_home / jnp.sum(bought, axis=0)

    every = jnp.ones_like(goods)
    parts = first_order(base, change, solution, old)
    spending0, spending = income0 + base.deficit, solution.income + solution.deficit
    country = {
        "real_wage": solution.wage_hat / price - 1,
        "real_income": solution.income / income0 / price - 1,
        "real_spending": spending / spending0 / price - 1,
        **parts,
        "first_order": sum(parts.values()),
        "price_index": price - 1,
        "wage": solution.wage_hat - 1,
        "exports": _relative(exports(now, every), exports(was, every)),
        "imports": _relative(imports(now, every), imports(was, every)),
        "trade": _relative(trade(now, every), trade(was, every)),
        "goods_trade": _relative(trade(now, goods), trade(was, goods)),
        "openness": _relative(
            openness(solution.share, solution.expenditure), openness(base.share, base.expenditure)
        ),
        "tariff_revenue": (solution.revenue - (income0 - base.value_added)) / income0,
    }
    return TradeMeasures(
        country=country, goods=jnp.sum(goods[:, None, None] * flow_new(solution), axis=0)
    )
