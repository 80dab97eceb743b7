"""Trade in general equilibrium: one scenario, one draw; `run` lifts it to many.

Caliendo and Parro (2015) with input-output links, tariffs with revenue, iceberg costs, bans and
four deficit rules. One sector or no inputs are the same code: Armington and Eaton-Kortum models
are what remains when `input_share` is zero.
"""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jaxtyping import Float, Int

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

    New flows net of tariffs are access over tariff times `power` of the origin times `demand` of
    the destination: sums of flows are products of matrices that need no table of the flows.
    `sold` is such a sum, and so is `total_net` times `demand`: what is spent without tariffs.
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

    @property
    def share(self) -> Float[Array, "s o d"]:
        """Expenditure share of each destination on each origin."""
        total = jnp.where(self.expenditure > 0, self.expenditure / self.demand, 1.0)
        rest = hat.by_destination(self.reach.rest)
        reach = hat.in_full(rest, self.reach.tied, self.reach)
        return reach * (self.power[:, :, None] / total[:, None, :])


def solve(
    base: TradeBase,
    change: TradeChange,
    theta: Float[Array, " s"],
    rule: str = "fixed",
    tolerance: float = TOLERANCE,
    start: TradeState | None = None,
    aids: "Aids | None" = None,
) -> TradeSolution:
    """Solve for the equilibrium after a change; differentiable by the implicit function theorem.

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
    aids = search_aids(base) if aids is None else aids
    fixed = prepare(base, change, theta, aids)

    def one_step(state: TradeState) -> TradeState:
        return step(state, base, fixed, rule)

    first = at_base(base) if start is None else start
    state, certificate = fixed_point(one_step, first, tolerance, weights=step_weights(base, fixed))
    return unfold(state, certificate, base, fixed, rule)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Aids:
    """What depends on the base alone, and is computed once for many changes of it.

    Attributes
    ----------
    net : share / tariff
    kept : [s, d] part of a unit spent that is not tariff;  sold : [s, o] sales net of tariffs
    income : income in the base
    price_loop, spending_loop : domestic input-output multipliers, see `hat.loop`
    exposure : see `hat.wage_exposure`
    """

    net: Float[Array, "s o d"]
    kept: Float[Array, "s d"]
    sold: Float[Array, "s o"]
    income: Float[Array, " c"]
    price_loop: Float[Array, "c s r"]
    spending_loop: Float[Array, "c r s"]
    exposure: Float[Array, "s c"]


def search_aids(base: TradeBase) -> Aids:
    """Return what depends on the base alone; the loops do not move where the search ends."""
    net = base.share / base.tariff
    kept = jnp.sum(net, axis=1)
    duty = base.expenditure * jnp.where(base.expenditure > 0, 1 - kept, 0.0)
    return Aids(
        net=net,
        kept=kept,
        sold=jnp.einsum("sod,sd->so", net, base.expenditure),
        income=base.value_added + jnp.sum(duty, axis=0),
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
    reach : access
    theta : trade elasticities
    deficit, zone : of the change
    pace : divisor of the wage's step, see `hat.wage_exposure`
    aids : see `Aids`
    """

    reach: hat.Access
    theta: Float[Array, "*lane s"]
    deficit: Float[Array, " c"]
    zone: Int[Array, " c"]
    pace: Float[Array, "*lane c"]
    aids: Aids


def prepare(base: TradeBase, change: TradeChange, theta: Float[Array, " s"], aids: Aids) -> Fixed:
    """Return what stays the same from step to step."""
    slope = jnp.sum(theta[:, None] * aids.exposure, axis=0)
    return Fixed(
        reach=hat.access(base, change, theta, aids.net),
        theta=theta,
        deficit=change.deficit,
        zone=change.zone,
        pace=1 / (1 + 2 * slope + base.supply_elasticity),
        aids=aids,
    )


def step_weights(base: TradeBase, fixed: Fixed) -> TradeState:
    """Return the factors of a step in the error that is bounded."""
    # Wages move by a fraction of what markets ask for; the error counts all of it.
    one = jnp.ones_like(base.expenditure)
    return TradeState(log_wage=1 / fixed.pace, log_price=one, log_spending=one)


def _prices(
    log_wage: Float[Array, " c"], log_price: Float[Array, "s c"], base: TradeBase, fixed: Fixed
) -> tuple[Float[Array, "s c"], Float[Array, "s c"], Float[Array, "s c"]]:
    """Return cost to the power -theta, the price sum and the implied log price."""
    log_cost = hat.cost_hat(log_wage, log_price, base.value_added_share, base.input_share)
    power = jnp.exp(-fixed.theta[:, None] * log_cost)
    total = hat.price_sum(fixed.reach, power)
    # Cells that nobody buys have no price; they keep their base price.
    total = jnp.where(base.expenditure > 0, total, 1.0)
    return power, total, -jnp.log(total) / fixed.theta[:, None]


def _incomes(
    power: Float[Array, "s c"],
    total: Float[Array, "s c"],
    bought: Float[Array, "s c"],
    base: TradeBase,
    fixed: Fixed,
    rule: str,
    earned: Float[Array, " c"],
) -> tuple[Float[Array, "s c"], Float[Array, " c"], Float[Array, " c"], Float[Array, " c"]]:
    """Return the price sum net of tariffs, revenue, income without and deficit under the rule."""
    net = hat.price_sum_net(fixed.reach, power)
    revenue = jnp.sum(bought * jnp.where(base.expenditure > 0, 1 - net / total, 0.0), axis=0)
    income = earned + revenue
    deficit = hat.deficit_new(rule, fixed.deficit, fixed.zone, fixed.aids.income, income)
    return net, revenue, income, deficit


def step(state: TradeState, base: TradeBase, fixed: Fixed, rule: str) -> TradeState:
    """Move prices, spending and wages towards what they imply for one another.

    Gaps of prices and of spending are multiplied by the domestic input-output loop, which is
    regular: the fixed point is the same, and half the steps reach it.
    """
    aids, log_price = fixed.aids, state.log_price
    # Two price passes a step halve the number of steps: prices lag behind wages otherwise.
    for _ in range(2):
        power, total, implied = _prices(state.log_wage, log_price, base, fixed)
        gap = implied - log_price
        log_price = log_price + jnp.einsum("csr,rc->sc", aids.price_loop, gap)
    earned = hat.value_added(state.log_wage, log_price, base)
    bought = base.expenditure * jnp.exp(state.log_spending)
    sold = hat.sales(fixed.reach, power, bought / total)
    *_, income, deficit = _incomes(power, total, bought, base, fixed, rule, earned)
    wanted = hat.total_expenditure(sold, income + deficit, base.input_share, base.final_share)
    wanted_hat = wanted / jnp.where(base.expenditure > 0, base.expenditure, 1.0)
    wanted_hat = jnp.where(base.expenditure > 0, jnp.maximum(wanted_hat, FLOOR), 1.0)
    gap = jnp.log(wanted_hat) - state.log_spending
    log_spending = state.log_spending + jnp.einsum("crs,sc->rc", aids.spending_loop, gap)
    # Sales at home follow the new spending at once; sales abroad in the next step.
    reach = fixed.reach
    at_home = hat.at_home(reach.rest_net, reach.tied_net, reach) * power / total
    sold = sold + at_home * (base.expenditure * jnp.exp(log_spending) - bought)
    needed = jnp.sum(base.value_added_share * sold.T, axis=1)
    ratio = jnp.log(jnp.clip(needed / earned, 1e-3, 1e3))
    log_wage = state.log_wage + fixed.pace * ratio
    world = jnp.sum(hat.value_added(log_wage, log_price, base))
    log_wage = log_wage - jnp.log(world / jnp.sum(base.value_added))
    return TradeState(log_wage, log_price, log_spending)


def unfold(
    state: TradeState, certificate: Certificate, base: TradeBase, fixed: Fixed, rule: str
) -> TradeSolution:
    """Return everything that a state implies, with the certificate of the whole."""
    wage_hat = jnp.exp(state.log_wage)
    power, total, log_price = _prices(state.log_wage, state.log_price, base, fixed)
    bought = base.expenditure * jnp.exp(state.log_spending)
    earned = hat.value_added(state.log_wage, log_price, base)
    net, revenue, income, deficit = _incomes(power, total, bought, base, fixed, rule, earned)
    demand = bought / total
    found = TradeSolution(
        certificate=certificate,
        state=state,
        wage_hat=wage_hat,
        value_added=earned,
        price_hat=jnp.exp(log_price),
        cost_hat=power ** (-1 / fixed.theta[:, None]),
        expenditure=bought,
        reach=fixed.reach,
        power=power,
        demand=demand,
        sold=hat.sales(fixed.reach, power, demand),
        total_net=net,
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


def rebase(base: TradeBase, change: TradeChange, solution: TradeSolution) -> TradeBase:
    """Return the economy that a solution describes, as the base of a next change."""
    at = (slice(None), change.origin, change.destination)
    return TradeBase(
        share=solution.share,
        tariff=jnp.asarray(base.tariff).at[at].set(change.tariff),
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
    earned = jnp.sum(base.value_added_share.T * solution.sold, axis=0)
    return earned / solution.value_added - 1
