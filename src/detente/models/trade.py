"""Trade in general equilibrium: one scenario, one draw; `run` lifts it to many.

Caliendo and Parro (2015) with input-output links, tariffs with revenue, iceberg costs, bans and
four deficit rules. One sector or no inputs are the same code: Armington and Eaton-Kortum models
are what remains when `input_share` is zero.
"""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from detente.models import trade_hat as hat
from detente.models.equilibrium import Certificate, fixed_point
from detente.models.trade_hat import TradeBase, TradeChange, TradeState

# The search stops well below the bound that the certificate states.
TOLERANCE = 1e-11
CERTIFIED = 1e-10
# Expenditure that a ban drives to zero stops here: its log has no limit.
FLOOR = 1e-30


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TradeSolution:
    """An equilibrium: new prices, shares and levels (units of base world value added)."""

    certificate: Certificate
    wage_hat: Float[Array, " c"]
    value_added: Float[Array, " c"]
    price_hat: Float[Array, "s d"]
    cost_hat: Float[Array, "s o"]
    expenditure: Float[Array, "s d"]
    share: Float[Array, "s o d"]
    tariff: Float[Array, "s o d"]
    income: Float[Array, " c"]
    revenue: Float[Array, " c"]
    deficit: Float[Array, " c"]


def solve(
    base: TradeBase,
    change: TradeChange,
    theta: Float[Array, " s"],
    rule: str = "fixed",
    tolerance: float = TOLERANCE,
) -> TradeSolution:
    """Solve for the equilibrium after a change.

    Parameters
    ----------
    base, change
        See `trade_hat`.
    theta
        [s] trade elasticities.
    rule
        Deficit rule: fixed, world_share, own_share or zero.
    tolerance
        Bound on the relative change that one more step makes.

    Returns
    -------
    The solution with its certificate; a search that fails says so there.

    Notes
    -----
    Numeraire: world value added. Source: Caliendo and Parro (2015), equations (10) to (14).
    """
    reach = hat.access(base, change, theta)
    net = reach / change.tariff
    pace = 1 / (1 + 2 * hat.wage_slope(base, theta) + base.supply_elasticity)

    def step(state: TradeState) -> TradeState:
        return _step(state, base, change, theta, rule, (reach, net, pace))

    start = TradeState(
        jnp.zeros_like(base.value_added),
        jnp.zeros_like(base.expenditure),
        jnp.zeros_like(base.expenditure),
    )
    state, certificate = fixed_point(step, start, tolerance)
    return _unfold(state, certificate, base, change, theta, rule, (reach, net))


def _prices(log_wage, log_price, base, theta, reach):
    """Return cost to the power -theta, the price sum and the implied log price."""
    power = jnp.exp(
        -theta[:, None]
        * hat.cost_hat(log_wage, log_price, base.value_added_share, base.input_share)
    )
    total = hat.price_sum(reach, power)
    # Cells that nobody buys have no price; they keep their base price.
    total = jnp.where(base.expenditure > 0, total, 1.0)
    return power, total, -jnp.log(total) / theta[:, None]


def _incomes(power, total, bought, base, change, rule, net, earned):
    """Return revenue, income without and deficit under the rule."""
    kept = jnp.einsum("sod,so->sd", net, power) / total
    revenue = jnp.sum(bought * jnp.where(base.expenditure > 0, 1 - kept, 0.0), axis=0)
    income = earned + revenue
    return revenue, income, hat.deficit_new(rule, base, change, income)


def _step(state, base, change, theta, rule, parts):
    reach, net, pace = parts
    # Two price passes a step halve the number of steps: prices lag behind wages otherwise.
    _, _, log_price = _prices(state.log_wage, state.log_price, base, theta, reach)
    power, total, log_price = _prices(state.log_wage, log_price, base, theta, reach)
    earned = hat.value_added(state.log_wage, log_price, base)
    bought = base.expenditure * jnp.exp(state.log_spending)
    sold = hat.sales(net, power, bought / total)
    _, income, deficit = _incomes(power, total, bought, base, change, rule, net, earned)
    wanted = hat.total_expenditure(sold, income + deficit, base.input_share, base.final_share)
    bought_hat = wanted / jnp.where(base.expenditure > 0, base.expenditure, 1.0)
    log_spending = jnp.where(base.expenditure > 0, jnp.log(jnp.maximum(bought_hat, FLOOR)), 0.0)
    implied = jnp.sum(base.value_added_share * sold.T, axis=1)
    ratio = jnp.log(jnp.clip(implied / earned, 1e-3, 1e3))
    log_wage = state.log_wage + pace * ratio
    world = jnp.sum(hat.value_added(log_wage, log_price, base))
    log_wage = log_wage - jnp.log(world / jnp.sum(base.value_added))
    return TradeState(log_wage, log_price, log_spending)


def _unfold(state, certificate, base, change, theta, rule, parts):
    reach, net = parts
    wage_hat = jnp.exp(state.log_wage)
    power, total, log_price = _prices(state.log_wage, state.log_price, base, theta, reach)
    bought = base.expenditure * jnp.exp(state.log_spending)
    earned = hat.value_added(state.log_wage, log_price, base)
    revenue, income, deficit = _incomes(power, total, bought, base, change, rule, net, earned)
    found = TradeSolution(
        certificate=certificate,
        wage_hat=wage_hat,
        value_added=earned,
        price_hat=jnp.exp(log_price),
        cost_hat=power ** (-1 / theta[:, None]),
        expenditure=bought,
        share=reach * power[:, :, None] / total[:, None, :],
        tariff=change.tariff,
        income=income,
        revenue=revenue,
        deficit=deficit,
    )
    return replace(found, certificate=_certify(certificate, base, found))


def _certify(search, base, solution):
    """Count the markets that do not clear into the residual, and judge by the sum of both."""
    clearing = jnp.max(jnp.abs(market_clearing(base, solution)))
    residual = jax.lax.stop_gradient(jnp.maximum(search.residual, clearing))
    return Certificate(residual <= CERTIFIED, residual, search.steps)


def rebase(base: TradeBase, solution: TradeSolution) -> TradeBase:
    """Return the economy that a solution describes, as the base of a next change."""
    return TradeBase(
        share=solution.share,
        tariff=solution.tariff,
        input_share=base.input_share,
        value_added_share=base.value_added_share,
        final_share=base.final_share,
        value_added=solution.value_added,
        deficit=solution.deficit,
        expenditure=solution.expenditure,
        supply_elasticity=base.supply_elasticity,
    )


def market_clearing(base: TradeBase, solution: TradeSolution) -> Float[Array, " c"]:
    """Excess demand for each country's value added, relative to it.

    Walras' law: weighted by value added the entries add to zero at any prices at which
    expenditure is consistent.
    """
    flow = solution.share / solution.tariff * solution.expenditure[:, None, :]
    earned = jnp.sum(base.value_added_share.T * jnp.sum(flow, axis=2), axis=0)
    return earned / solution.value_added - 1
