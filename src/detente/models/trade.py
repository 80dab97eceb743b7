"""Trade in general equilibrium: one scenario, one draw; `run` lifts it to many.

Caliendo and Parro (2015) with input-output links, tariffs with revenue, iceberg costs, bans and
four deficit rules. One sector or no inputs are the same code: Armington and Eaton-Kortum models
are what remains when `input_share` is zero.
"""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jaxtyping import Float

from detente.models import trade_hat as hat
from detente.models.arrays import Array
from detente.models.equilibrium import Certificate, fixed_point
from detente.models.trade_hat import TradeBase, TradeChange, TradeState

# The search stops well below the bound that the certificate states.
TOLERANCE = 3e-11
CERTIFIED = 1e-10
# Expenditure that a ban drives to zero stops here: its log has no limit.
FLOOR = 1e-30


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TradeSolution:
    """An equilibrium: new prices, shares and levels (units of base world value added).

    New flows net of tariffs are net * power * demand, [s, o, d] times [s, o] times [s, d]: sums
    of flows are products of matrices that need no array of the flows.
    """

    certificate: Certificate
    state: TradeState
    wage_hat: Float[Array, " c"]
    value_added: Float[Array, " c"]
    price_hat: Float[Array, "s d"]
    cost_hat: Float[Array, "s o"]
    expenditure: Float[Array, "s d"]
    share: Float[Array, "s o d"]
    tariff: Float[Array, "s o d"]
    net: Float[Array, "s o d"]
    power: Float[Array, "s o"]
    demand: Float[Array, "s d"]
    income: Float[Array, " c"]
    revenue: Float[Array, " c"]
    deficit: Float[Array, " c"]


def solve(
    base: TradeBase,
    change: TradeChange,
    theta: Float[Array, " s"],
    rule: str = "fixed",
    tolerance: float = TOLERANCE,
    start: TradeState | None = None,
    aids: "Aids | None" = None,
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
    start
        Where the search begins; the base itself when None. It saves steps, and moves the result
        by no more than the tolerance.
    aids
        From `search_aids`, when many changes of one base are solved.

    Returns
    -------
    The solution with its certificate; a search that fails says so there.

    Notes
    -----
    Numeraire: world value added. Source: Caliendo and Parro (2015), equations (10) to (14).
    """
    reach = hat.access(base, change, theta)
    if aids is None:
        aids = search_aids(base)
    slope = jnp.sum(theta[:, None] * aids.exposure, axis=0)
    fixed = Fixed(
        reach=reach,
        net=reach / change.tariff,
        pace=1 / (1 + 2 * slope + base.supply_elasticity),
        price_loop=aids.price_loop,
        spending_loop=aids.spending_loop,
    )

    def step(state: TradeState) -> TradeState:
        return _step(state, base, change, theta, rule, fixed)

    first = at_base(base) if start is None else start
    # Wages move by a fraction of what markets ask for; the error counts all of it.
    one = jnp.ones_like(base.expenditure)
    weights = TradeState(log_wage=1 / fixed.pace, log_price=one, log_spending=one)
    state, certificate = fixed_point(step, first, tolerance, weights=weights)
    return _unfold(state, certificate, base, change, theta, rule, fixed)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Aids:
    """What speeds the search up and depends on the base alone.

    Attributes
    ----------
    price_loop, spending_loop : domestic input-output multipliers, see `hat.loop`
    exposure : see `hat.wage_exposure`
    """

    price_loop: Float[Array, "c s r"]
    spending_loop: Float[Array, "c r s"]
    exposure: Float[Array, "s c"]


def search_aids(base: TradeBase) -> Aids:
    """Return what speeds the search up; it has no influence on where the search ends."""
    return Aids(
        price_loop=hat.loop(hat.price_coupling(base)),
        spending_loop=hat.loop(hat.spending_coupling(base)),
        exposure=hat.wage_exposure(base),
    )


def at_base(base: TradeBase) -> TradeState:
    """Return the state of the base: nothing has changed."""
    return TradeState(
        jnp.zeros_like(base.value_added),
        jnp.zeros_like(base.expenditure),
        jnp.zeros_like(base.expenditure),
    )


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Fixed:
    """What stays the same from step to step.

    Attributes
    ----------
    reach, net : access, and access over the new tariff factor
    pace : divisor of the wage's step, see `hat.wage_exposure`
    price_loop, spending_loop : domestic input-output multipliers, see `hat.loop`
    """

    reach: Float[Array, "s o d"]
    net: Float[Array, "s o d"]
    pace: Float[Array, " c"]
    price_loop: Float[Array, "c s r"]
    spending_loop: Float[Array, "c r s"]


def _prices(
    log_wage: Float[Array, " c"],
    log_price: Float[Array, "s c"],
    base: TradeBase,
    theta: Float[Array, " s"],
    reach: Float[Array, "s c c"],
) -> tuple[Float[Array, "s c"], Float[Array, "s c"], Float[Array, "s c"]]:
    """Return cost to the power -theta, the price sum and the implied log price."""
    log_cost = hat.cost_hat(log_wage, log_price, base.value_added_share, base.input_share)
    power = jnp.exp(-theta[:, None] * log_cost)
    total = hat.price_sum(reach, power)
    # Cells that nobody buys have no price; they keep their base price.
    total = jnp.where(base.expenditure > 0, total, 1.0)
    return power, total, -jnp.log(total) / theta[:, None]


def _incomes(
    power: Float[Array, "s c"],
    total: Float[Array, "s c"],
    bought: Float[Array, "s c"],
    base: TradeBase,
    change: TradeChange,
    rule: str,
    net: Float[Array, "s c c"],
    earned: Float[Array, " c"],
) -> tuple[Float[Array, " c"], Float[Array, " c"], Float[Array, " c"]]:
    """Return revenue, income without and deficit under the rule."""
    kept = hat.price_sum(net, power) / total
    revenue = jnp.sum(bought * jnp.where(base.expenditure > 0, 1 - kept, 0.0), axis=0)
    income = earned + revenue
    return revenue, income, hat.deficit_new(rule, base, change, income)


def _step(
    state: TradeState,
    base: TradeBase,
    change: TradeChange,
    theta: Float[Array, " s"],
    rule: str,
    fixed: Fixed,
) -> TradeState:
    """Move prices, spending and wages towards what they imply for one another.

    Gaps of prices and of spending are multiplied by the domestic input-output loop, which is
    regular: the fixed point is the same, and half the steps reach it.
    """
    log_price = state.log_price
    # Two price passes a step halve the number of steps: prices lag behind wages otherwise.
    for _ in range(2):
        power, total, implied = _prices(state.log_wage, log_price, base, theta, fixed.reach)
        gap = implied - log_price
        log_price = log_price + jnp.einsum("csr,rc->sc", fixed.price_loop, gap)
    earned = hat.value_added(state.log_wage, log_price, base)
    bought = base.expenditure * jnp.exp(state.log_spending)
    sold = hat.sales(fixed.net, power, bought / total)
    _, income, deficit = _incomes(power, total, bought, base, change, rule, fixed.net, earned)
    wanted = hat.total_expenditure(sold, income + deficit, base.input_share, base.final_share)
    wanted_hat = wanted / jnp.where(base.expenditure > 0, base.expenditure, 1.0)
    wanted_hat = jnp.where(base.expenditure > 0, jnp.maximum(wanted_hat, FLOOR), 1.0)
    gap = jnp.log(wanted_hat) - state.log_spending
    log_spending = state.log_spending + jnp.einsum("crs,sc->rc", fixed.spending_loop, gap)
    # Sales at home follow the new spending at once; sales abroad in the next step.
    at_home = jnp.diagonal(fixed.net, axis1=1, axis2=2) * power / total
    sold = sold + at_home * (base.expenditure * jnp.exp(log_spending) - bought)
    needed = jnp.sum(base.value_added_share * sold.T, axis=1)
    ratio = jnp.log(jnp.clip(needed / earned, 1e-3, 1e3))
    log_wage = state.log_wage + fixed.pace * ratio
    world = jnp.sum(hat.value_added(log_wage, log_price, base))
    log_wage = log_wage - jnp.log(world / jnp.sum(base.value_added))
    return TradeState(log_wage, log_price, log_spending)


def _unfold(
    state: TradeState,
    certificate: Certificate,
    base: TradeBase,
    change: TradeChange,
    theta: Float[Array, " s"],
    rule: str,
    fixed: Fixed,
) -> TradeSolution:
    """Return everything that a state implies, with the certificate of the whole."""
    wage_hat = jnp.exp(state.log_wage)
    power, total, log_price = _prices(state.log_wage, state.log_price, base, theta, fixed.reach)
    bought = base.expenditure * jnp.exp(state.log_spending)
    earned = hat.value_added(state.log_wage, log_price, base)
    revenue, income, deficit = _incomes(power, total, bought, base, change, rule, fixed.net, earned)
    found = TradeSolution(
        certificate=certificate,
        state=state,
        wage_hat=wage_hat,
        value_added=earned,
        price_hat=jnp.exp(log_price),
        cost_hat=power ** (-1 / theta[:, None]),
        expenditure=bought,
        share=fixed.reach * (power[:, :, None] / total[:, None, :]),
        tariff=change.tariff,
        net=fixed.net,
        power=power,
        demand=bought / total,
        income=income,
        revenue=revenue,
        deficit=deficit,
    )
    return replace(found, certificate=_certify(certificate, base, found))


def _certify(search: Certificate, base: TradeBase, solution: TradeSolution) -> Certificate:
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
    sold = hat.sales(solution.net, solution.power, solution.demand)
    earned = jnp.sum(base.value_added_share.T * sold, axis=0)
    return earned / solution.value_added - 1
