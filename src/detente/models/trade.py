"""Trade in general equilibrium: one scenario, one draw; `run` lifts it to many.

Caliendo and Parro (2015) with input-output links, tariffs with revenue, iceberg costs, bans and
four deficit rules. One sector or no inputs are the same code: Armington and Eaton-Kortum models
are what remains when `input_share` is zero.
"""

from dataclasses import replace

from jaxtyping import Float, Int

from detente.models import trade_hat as hat
from detente.models import trade_policies as policies
from detente.models import trade_supply as supplies
from detente.models.arrays import Array, jnp, namespace, record, set_at
from detente.models.equilibrium import Certificate, fixed_point
from detente.models.trade_aids import Aids, search_aids
from detente.models.trade_hat import TradeBase, TradeChange, TradeState
from detente.models.trade_solution import FLOOR, TradeSolution, certify
from detente.models.trade_start import at_base
from detente.models.trade_tables import Tables

# The search stops well below the bound that the certificate states.
TOLERANCE = 3e-11
# Where a map contracts well, an error of so many times that is left to one more step, which no
# other judges: what it ends with is for `trade_solution.certify` to say.
LAST = 8.0


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


@record
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


def wage_pace(
    base: TradeBase, theta: Float[Array, "*lane s"], aids: Aids
) -> Float[Array, "*lane c"]:
    """Return the divisor of each wage's step, see `hat.wage_exposure`."""
    slope = namespace(theta, aids.exposure).sum(theta[..., None] * aids.exposure, axis=-2)
    return 1 / (1 + 2 * slope + base.supply_elasticity)


def prepare(
    base: TradeBase,
    change: TradeChange,
    theta: Float[Array, "*lane s"],
    aids: Aids,
    rest: Tables | None = None,
) -> Fixed:
    """Return what stays the same from step to step; `rest` is as of `hat.access`."""
    return Fixed(
        reach=hat.access(base, change, theta, aids.tables, rest),
        theta=theta,
        deficit=change.deficit,
        zone=change.zone,
        pace=wage_pace(base, theta, aids),
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
    log_wage: Float[Array, "*lane c"],
    log_price: Float[Array, "*lane s c"],
    base: TradeBase,
    fixed: Fixed,
) -> tuple[Float[Array, "*lane s c"], Float[Array, "*lane s c"], Float[Array, "*lane s c"]]:
    """Return cost to the power -theta, the price sum and the implied log price."""
    log_cost = hat.cost_hat(log_wage, log_price, base.value_added_share, base.input_share)
    if fixed.premium is not None:
        log_cost = log_cost + base.value_added_share.T * fixed.premium
    labour = None if fixed.at is None else fixed.at.log_labour
    if base.supply is not None and labour is not None:
        gain = base.supply.scale * labour
        log_cost = log_cost - base.value_added_share.T * gain[None, :]
    xp = namespace(log_cost, fixed.theta)
    power = xp.exp(-fixed.theta[..., None] * log_cost)
    total = hat.price_sum(fixed.reach, power)
    # Cells that nobody buys have no price; they keep their base price.
    total = xp.where(base.expenditure > 0, total, 1.0)
    implied = -xp.log(total) / fixed.theta[..., None]
    if base.supply is not None and fixed.at is not None:
        implied = implied + supplies.dearer(base.supply, fixed.at.log_spending, log_wage)
    return power, total, implied


def _incomes(
    power: Float[Array, "*lane s c"],
    total: Float[Array, "*lane s c"],
    bought: Float[Array, "*lane s c"],
    base: TradeBase,
    fixed: Fixed,
    rule: str,
    earned: Float[Array, "*lane c"],
) -> tuple[Array, Array, Array, Array]:
    """Return the price sum net of tariffs, revenue, income without and deficit under the rule."""
    net = hat.price_sum_net(fixed.reach, power)
    xp = namespace(bought, net)
    revenue = xp.sum(bought * xp.where(base.expenditure > 0, 1 - net / total, 0.0), axis=-2)
    if fixed.change is not None:
        duty = policies.export_duty(fixed.reach, fixed.change, power, bought / total)
        revenue = revenue + jnp.sum(duty, axis=0)
    income = earned + revenue
    deficit = hat.deficit_new(rule, fixed.deficit, fixed.zone, fixed.aids.income, income)
    transfer = _transfer(total, base, fixed, income)
    return net, revenue, income, deficit if transfer is None else deficit + transfer


def _transfer(
    total: Float[Array, "*lane s c"], base: TradeBase, fixed: Fixed, income: Float[Array, "*lane c"]
) -> Float[Array, "*lane c"] | None:
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
    rise = fixed.pace * excess if aids.newton is None else aids.newton.rise(excess)
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
    xp = namespace(state.log_wage)
    wage_hat = xp.exp(state.log_wage)
    power, total, log_price = _prices(state.log_wage, state.log_price, base, fixed)
    bought = base.expenditure * xp.exp(state.log_spending)
    earned = hat.value_added(state.log_wage, log_price, base, state.log_labour)
    net, revenue, income, deficit = _incomes(power, total, bought, base, fixed, rule, earned)
    demand = bought / total
    found = TradeSolution(
        certificate=certificate,
        state=state,
        wage_hat=wage_hat,
        value_added=earned,
        price_hat=xp.exp(log_price),
        cost_hat=power ** (-1 / fixed.theta[..., None]),
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
    return replace(
        found, certificate=certify(certificate, base, found, fixed.aids.sold, fixed.premium)
    )


def rebase(base: TradeBase, change: TradeChange, solution: TradeSolution) -> TradeBase:
    """Return the economy that a solution describes, as the base of a next change."""
    return TradeBase(
        share=solution.share,
        tariff=set_at(base.tariff, (change.origin, change.destination), change.tariff),
        input_share=base.input_share,
        value_added_share=base.value_added_share,
        final_share=base.final_share,
        value_added=solution.value_added,
        deficit=solution.deficit,
        expenditure=solution.expenditure,
        supply_elasticity=base.supply_elasticity,
        supply=base.supply,
    )
