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
from detente.models import trade_policies as policies
from detente.models import trade_supply as supplies
from detente.models.arrays import Array
from detente.models.equilibrium import Certificate, fixed_point
from detente.models.trade_aids import Aids, search_aids
from detente.models.trade_hat import TradeBase, TradeChange, TradeState
from detente.models.trade_start import at_base

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
    aids: Aids | None = None,
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

    first = at_base(base, change.border) if start is None else start
    weights = step_weights(base, fixed, first)
    state, certificate = fixed_point(one_step, first, tolerance, weights=weights)
    return unfold(state, certificate, base, fixed, rule)


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
    change : the change itself where it has a `border`, else None
    premium : log wage of each sector over the country's, while a state is looked at
    at : the state that is looked at, where the base has a `supply`
    """

    reach: hat.Access
    theta: Float[Array, "*lane s"]
    deficit: Float[Array, " c"]
    zone: Int[Array, " c"]
    pace: Float[Array, "*lane c"]
    aids: Aids
    change: TradeChange | None = None
    premium: Float[Array, "*lane s c"] | None = None
    at: TradeState | None = None


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
        change=None if change.border is None else change,
    )


def step_weights(base: TradeBase, fixed: Fixed, like: TradeState) -> TradeState:
    """Return the factors of a step in the error that is bounded, for a state like this one."""
    # Wages move by a fraction of what markets ask for; the error counts all of it.
    one, rent = jnp.ones_like(base.expenditure), like.log_rent
    pace = policies.premium_pace(fixed.theta, base)
    return TradeState(
        log_wage=1 / fixed.pace,
        log_price=one,
        log_spending=one,
        log_rent=None if rent is None else jnp.ones_like(rent) * (1 + fixed.theta[:, None]),
        log_premium=None if like.log_premium is None else 1 / pace,
        log_labour=None if like.log_labour is None else jnp.ones_like(like.log_labour),
    )


def _at(state: TradeState, fixed: Fixed) -> Fixed:
    """Return what a step reads when quotas and relative wages stand as in a state."""
    if fixed.change is not None:
        reach = policies.with_quota(fixed.reach, fixed.change, fixed.theta, state.log_rent)
        fixed = replace(fixed, reach=reach)
    if state.log_labour is not None:
        fixed = replace(fixed, at=state)
    return fixed if state.log_premium is None else replace(fixed, premium=state.log_premium)


def _prices(
    log_wage: Float[Array, " c"], log_price: Float[Array, "s c"], base: TradeBase, fixed: Fixed
) -> tuple[Float[Array, "s c"], Float[Array, "s c"], Float[Array, "s c"]]:
    """Return cost to the power -theta, the price sum and the implied log price."""
    log_cost = hat.cost_hat(log_wage, log_price, base.value_added_share, base.input_share)
    if fixed.premium is not None:
        log_cost = log_cost + base.value_added_share.T * fixed.premium
    labour = None if fixed.at is None else fixed.at.log_labour
    if base.supply is not None and labour is not None:
        gain = base.supply.scale * labour
        log_cost = log_cost - base.value_added_share.T * gain[None, :]
    power = jnp.exp(-fixed.theta[:, None] * log_cost)
    total = hat.price_sum(fixed.reach, power)
    # Cells that nobody buys have no price; they keep their base price.
    total = jnp.where(base.expenditure > 0, total, 1.0)
    implied = -jnp.log(total) / fixed.theta[:, None]
    if base.supply is not None and fixed.at is not None:
        implied = implied + supplies.dearer(base.supply, fixed.at.log_spending, log_wage)
    return power, total, implied


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
    if fixed.change is not None:
        duty = policies.export_duty(fixed.reach, fixed.change, power, bought / total)
        revenue = revenue + jnp.sum(duty, axis=0)
    income = earned + revenue
    deficit = hat.deficit_new(rule, fixed.deficit, fixed.zone, fixed.aids.income, income)
    transfer = _transfer(total, base, fixed, income)
    return net, revenue, income, deficit if transfer is None else deficit + transfer


def _transfer(
    total: Float[Array, "s c"], base: TradeBase, fixed: Fixed, income: Float[Array, " c"]
) -> Float[Array, " c"] | None:
    """Return what a pool of compensation pays its members, where there is one."""
    if fixed.change is None or fixed.change.border is None or fixed.change.border.pool is None:
        return None
    price = policies.final_price(base, -jnp.log(total) / fixed.theta[:, None])
    pool = fixed.change.border.pool
    return policies.compensation(pool, income, fixed.aids.income, price)


def step(state: TradeState, base: TradeBase, fixed: Fixed, rule: str) -> TradeState:
    """Move prices, spending and wages towards what they imply for one another.

    Gaps of prices and of spending are multiplied by the domestic input-output loop, which is
    regular: the fixed point is the same, and half the steps reach it.
    """
    fixed = _at(state, fixed)
    aids, log_price = fixed.aids, state.log_price
    # Two price passes a step halve the number of steps: prices lag behind wages otherwise.
    for _ in range(2):
        power, total, implied = _prices(state.log_wage, log_price, base, fixed)
        gap = implied - log_price
        log_price = log_price + jnp.einsum("csr,rc->sc", aids.price_loop, gap)
    earned = hat.value_added(state.log_wage, log_price, base, state.log_labour)
    bought = base.expenditure * jnp.exp(state.log_spending)
    sold = hat.sales(fixed.reach, power, supplies.kept(base.supply, bought / total))
    net, revenue, income, deficit = _incomes(power, total, bought, base, fixed, rule, earned)
    wanted = hat.total_expenditure(sold, income + deficit, base.input_share, base.final_share)
    wanted_hat = wanted / jnp.where(base.expenditure > 0, base.expenditure, 1.0)
    wanted_hat = jnp.where(base.expenditure > 0, jnp.maximum(wanted_hat, FLOOR), 1.0)
    gap = jnp.log(wanted_hat) - state.log_spending
    log_spending = state.log_spending + jnp.einsum("crs,sc->rc", aids.spending_loop, gap)
    # Sales at home follow the new spending at once; sales abroad in the next step.
    reach = fixed.reach
    at_home = hat.at_home(reach.rest_net, reach.tied_net, reach) * power / total
    more = base.expenditure * jnp.exp(log_spending) - bought
    sold = sold + at_home * supplies.kept(base.supply, more)
    needed = jnp.sum(base.value_added_share * sold.T, axis=1)
    needed = needed + supplies.selling(base.supply, net / total, bought + more)
    excess = jnp.log(jnp.clip(needed / earned, 1e-3, 1e3))
    rise = fixed.pace * excess if aids.newton is None else aids.newton.wages @ excess
    log_wage = state.log_wage + rise
    world = jnp.sum(hat.value_added(log_wage, log_price, base, state.log_labour))
    log_wage = log_wage - jnp.log(world / jnp.sum(base.value_added))
    if aids.newton is not None:
        along = aids.newton.follow(log_wage - state.log_wage)
        log_price, log_spending = log_price + along[0], log_spending + along[1]
    rent, premium = _border_step(state, base, fixed, power, bought / total, sold)
    labour = None
    if base.supply is not None:
        was = base.value_added, aids.income - base.value_added
        relief = supplies.relieved(base.supply, (earned, revenue), was)
        log_final = jnp.sum(base.final_share.T * log_price, axis=0)
        labour = supplies.employment(base.supply_elasticity, state.log_wage, log_final, relief)
    return TradeState(log_wage, log_price, log_spending, rent, premium, labour)


def _border_step(
    state: TradeState,
    base: TradeBase,
    fixed: Fixed,
    power: Float[Array, "s c"],
    demand: Float[Array, "s c"],
    sold: Float[Array, "s c"],
) -> tuple[Array | None, Array | None]:
    """Return the next rents of quotas and relative wages by sector, where they are unknowns."""
    rent, premium = state.log_rent, state.log_premium
    if rent is not None and fixed.change is not None:
        rent = policies.next_rent(rent, fixed.reach, fixed.change, base, fixed.theta, power, demand)
    if premium is not None:
        needed = policies.sector_value_added(base, sold)
        first = policies.sector_value_added(base, fixed.aids.sold)
        premium = policies.next_premium(premium, needed, first, fixed.theta, base)
    return rent, premium


def unfold(
    state: TradeState, certificate: Certificate, base: TradeBase, fixed: Fixed, rule: str
) -> TradeSolution:
    """Return everything that a state implies, with the certificate of the whole."""
    fixed = _at(state, fixed)
    wage_hat = jnp.exp(state.log_wage)
    power, total, log_price = _prices(state.log_wage, state.log_price, base, fixed)
    bought = base.expenditure * jnp.exp(state.log_spending)
    earned = hat.value_added(state.log_wage, log_price, base, state.log_labour)
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
        duty=None
        if fixed.change is None
        else policies.export_duty(fixed.reach, fixed.change, power, demand),
        transfer=_transfer(total, base, fixed, income),
    )
    return replace(found, certificate=_certify(certificate, base, found, fixed))


def _certify(
    search: Certificate, base: TradeBase, solution: TradeSolution, fixed: Fixed
) -> Certificate:
    """Count all that does not hold into the residual, whatever the search says of itself.

    Labour markets clear, prices are what costs imply, spending is what sales and income imply.
    """
    clearing = jnp.max(jnp.abs(market_clearing(base, solution)))
    clearing = jnp.maximum(clearing, jnp.max(jnp.abs(_inconsistency(base, solution))))
    if fixed.premium is not None:
        first = policies.sector_value_added(base, fixed.aids.sold)
        paid = first * jnp.exp(fixed.premium)
        paid = paid * (solution.value_added / base.value_added)[None]
        needed = policies.sector_value_added(base, solution.sold)
        gap = jnp.where(first > 0, needed / jnp.where(first > 0, paid, 1.0) - 1, 0.0)
        clearing = jnp.maximum(clearing, jnp.max(jnp.abs(gap)))
    residual = jax.lax.stop_gradient(jnp.maximum(search.residual, clearing))
    return Certificate(residual <= CERTIFIED, residual, search.steps)


def _inconsistency(base: TradeBase, solution: TradeSolution) -> Float[Array, "s d"]:
    """Return the larger gap, in logs, of each price and each spending from what implies it."""
    state, live = solution.state, base.expenditure > 0
    price = jnp.log(solution.price_hat) - state.log_price
    kept = solution.sold
    if base.supply is not None:
        demand = supplies.kept(base.supply, solution.demand)
        kept = hat.sales(solution.reach, solution.power, demand)
    spent = solution.income + solution.deficit
    wanted = hat.total_expenditure(kept, spent, base.input_share, base.final_share)
    wanted = jnp.maximum(wanted / jnp.where(live, base.expenditure, 1.0), FLOOR)
    spending = jnp.where(live, jnp.log(wanted) - state.log_spending, 0.0)
    return jnp.maximum(jnp.abs(jnp.where(live, price, 0.0)), jnp.abs(spending))


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
        supply=base.supply,
    )


def market_clearing(base: TradeBase, solution: TradeSolution) -> Float[Array, " c"]:
    """Excess demand for each country's value added, relative to it.

    Walras' law: weighted by value added the entries add to zero at any prices at which
    expenditure is consistent.
    """
    sold = solution.sold
    if base.supply is not None:
        demand = supplies.kept(base.supply, solution.demand)
        sold = hat.sales(solution.reach, solution.power, demand)
    earned = jnp.sum(base.value_added_share.T * sold, axis=0)
    earned = earned + supplies.selling(base.supply, solution.total_net, solution.demand)
    return earned / solution.value_added - 1
