"""What an equilibrium means for each country, every measure under its own name.

`real_income` holds value added and tariff revenue but not the deficit: with a fixed deficit a
country in autarky would otherwise seem to gain. All are fractions of the base (0.01 = +1 %).
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from detente.models import trade_hat as hat
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
    return solution.share / solution.tariff * solution.expenditure[:, None, :]


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


def _off_diagonal(count: int) -> Float[Array, "o d"]:
    return 1 - jnp.eye(count)


def first_order(
    base: TradeBase, change: TradeChange, solution: TradeSolution
) -> dict[str, Float[Array, " c"]]:
    """Terms of trade, volume of trade and technical gain: Caliendo and Parro (2015), eq. (16).

    Changes are relative changes (hat minus one), as in the published tables: a flow that ends
    then counts as minus its whole base value, where a log would have no limit. The technical
    term is minus the rise of iceberg costs on base imports.
    """
    flow = flow_base(base)
    income = hat.base_income(base) + base.deficit
    cost = solution.cost_hat - 1
    iceberg = jnp.exp(change.log_cost) - 1
    exported = jnp.sum(jnp.sum(flow, axis=2) * cost, axis=0)
    imported = jnp.einsum("sod,so->d", flow, cost)
    growth = flow_new(solution) - flow
    duty = base.tariff - 1
    volume = jnp.sum(duty * (growth - flow * (cost[:, :, None] + iceberg)), axis=(0, 1))
    return {
        "terms_of_trade": (exported - imported) / income,
        "volume_of_trade": volume / income,
        "technical": -jnp.sum(flow * iceberg * change.open, axis=(0, 1)) / income,
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
    abroad = _off_diagonal(base.value_added.shape[0])
    old, new = flow_base(base), flow_new(solution)
    goods_old = jnp.einsum("s,sod->od", goods, old)
    goods_new = jnp.einsum("s,sod->od", goods, new)
    all_old, all_new = jnp.sum(old, axis=0) * abroad, jnp.sum(new, axis=0) * abroad
    revenue0 = income0 - base.value_added

    def relative(after, before):
        return jnp.where(before > 0, after / jnp.where(before > 0, before, 1.0) - 1, 0.0)

    def both_ways(matrix):
        return jnp.sum(matrix * abroad, axis=0) + jnp.sum(matrix * abroad, axis=1)

    spent0, spent = jnp.sum(base.expenditure, axis=0), jnp.sum(solution.expenditure, axis=0)
    gross0 = jnp.einsum("sod,sd,od->d", base.share, base.expenditure, abroad) / spent0
    gross = jnp.einsum("sod,sd,od->d", solution.share, solution.expenditure, abroad) / spent
    parts = first_order(base, change, solution)
    country = {
        "real_wage": solution.wage_hat / price - 1,
        "real_income": solution.income / income0 / price - 1,
        "real_spending": (solution.income + solution.deficit) / (income0 + base.deficit) / price
        - 1,
        **parts,
        "first_order": sum(parts.values()),
        "price_index": price - 1,
        "wage": solution.wage_hat - 1,
        "exports": relative(jnp.sum(all_new, axis=1), jnp.sum(all_old, axis=1)),
        "imports": relative(jnp.sum(all_new, axis=0), jnp.sum(all_old, axis=0)),
        "trade": relative(both_ways(all_new), both_ways(all_old)),
        "goods_trade": relative(both_ways(goods_new), both_ways(goods_old)),
        "openness": relative(gross, gross0),
        "tariff_revenue": (solution.revenue - revenue0) / income0,
    }
    return TradeMeasures(country=country, goods=goods_new)
