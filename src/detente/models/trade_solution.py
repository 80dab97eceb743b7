"""An equilibrium of the trade model, and the certificate that it is one.

The certificate reads the equations of Caliendo and Parro (2015) at the state where a search ended,
whichever search that was.
"""

from jaxtyping import Float

from detente.models import trade_hat as hat
from detente.models import trade_policies as policies
from detente.models import trade_supply as supplies
from detente.models.arrays import Array, constant, jnp, namespace, record
from detente.models.equilibrium import Certificate
from detente.models.trade_hat import TradeBase, TradeState
from detente.models.trade_tables import by_destination

# What a certificate allows: the largest relative gap in any equation.
CERTIFIED = 1e-10
# Expenditure that a ban drives to zero stops here: its log has no limit.
FLOOR = 1e-30


@record
class TradeSolution:
    """An equilibrium: new prices, shares and levels (units of base world value added).

    New flows net of tariffs are access over tariff times `power` of the origin times `demand` of
    the destination: sums of flows are products of matrices that need no table of the flows.
    `sold` is such a sum, and so is `total_net` times `demand`: what is spent without tariffs.
    `duty` is what origins levy on exports, `transfer` what a pool pays; None where there is none.
    """

    certificate: Certificate
    state: TradeState
    wage_hat: Float[Array, "*lane c"]
    value_added: Float[Array, "*lane c"]
    price_hat: Float[Array, "*lane s d"]
    cost_hat: Float[Array, "*lane s o"]
    expenditure: Float[Array, "*lane s d"]
    reach: hat.Access
    power: Float[Array, "*lane s o"]
    demand: Float[Array, "*lane s d"]
    sold: Float[Array, "*lane s o"]
    total_net: Float[Array, "*lane s d"]
    income: Float[Array, "*lane c"]
    revenue: Float[Array, "*lane c"]
    deficit: Float[Array, "*lane c"]
    duty: Float[Array, "*lane s o"] | None = None
    transfer: Float[Array, "*lane c"] | None = None

    @property
    def share(self) -> Float[Array, "s o d"]:
        """Expenditure share of each destination on each origin."""
        total = jnp.where(self.expenditure > 0, self.expenditure / self.demand, 1.0)
        rest = by_destination(self.reach.rest)
        reach = hat.in_full(rest, self.reach.tied, self.reach)
        return reach * (self.power[:, :, None] / total[:, None, :])


def certify(
    search: Certificate,
    base: TradeBase,
    solution: TradeSolution,
    sold: Float[Array, "s c"],
    premium: Float[Array, "*lane s c"] | None = None,
) -> Certificate:
    """Count all that does not hold into the residual, whatever the search says of itself.

    Labour markets clear, prices are what costs imply, spending is what sales and income imply.

    Parameters
    ----------
    search
        What the search says of itself.
    base, solution
        The economy, and what a state implies in it.
    sold
        Sales in the base, net of tariffs.
    premium
        Log wage of each sector over the country's, where labour cannot change its sector.
    """
    xp = namespace(solution.power)
    clearing = xp.max(xp.abs(market_clearing(base, solution)), axis=-1)
    clearing = xp.maximum(clearing, xp.max(xp.abs(_inconsistency(base, solution)), axis=(-2, -1)))
    if premium is not None:
        first = policies.sector_value_added(base, sold)
        paid = first * jnp.exp(premium)
        paid = paid * (solution.value_added / base.value_added)[None]
        needed = policies.sector_value_added(base, solution.sold)
        gap = jnp.where(first > 0, needed / jnp.where(first > 0, paid, 1.0) - 1, 0.0)
        clearing = jnp.maximum(clearing, jnp.max(jnp.abs(gap)))
    residual = constant(xp.maximum(search.residual, clearing))
    return Certificate(residual <= CERTIFIED, residual, search.steps)


def _inconsistency(base: TradeBase, solution: TradeSolution) -> Float[Array, "*lane s d"]:
    """Return the larger gap, in logs, of each price and each spending from what implies it."""
    xp = namespace(solution.power)
    state, live = solution.state, base.expenditure > 0
    price = xp.log(solution.price_hat) - state.log_price
    kept = solution.sold
    if base.supply is not None:
        demand = supplies.kept(base.supply, solution.demand)
        kept = hat.sales(solution.reach, solution.power, demand)
    spent = solution.income + solution.deficit
    wanted = hat.total_expenditure(kept, spent, base.input_share, base.final_share)
    wanted = xp.maximum(wanted / xp.where(live, base.expenditure, 1.0), FLOOR)
    spending = xp.where(live, xp.log(wanted) - state.log_spending, 0.0)
    return xp.maximum(xp.abs(xp.where(live, price, 0.0)), xp.abs(spending))


def market_clearing(base: TradeBase, solution: TradeSolution) -> Float[Array, "*lane c"]:
    """Excess demand for each country's value added, relative to it.

    Walras' law: weighted by value added the entries add to zero at any prices at which
    expenditure is consistent.
    """
    sold = solution.sold
    if base.supply is not None:
        demand = supplies.kept(base.supply, solution.demand)
        sold = hat.sales(solution.reach, solution.power, demand)
    earned = namespace(sold).sum(base.value_added_share.T * sold, axis=-2)
    earned = earned + supplies.selling(base.supply, solution.total_net, solution.demand)
    return earned / solution.value_added - 1
