"""The equations of Caliendo and Parro (2015) in exact changes, one function an equation.

Letters: `o` origin, `d` destination, `c` country, `s` sector (using), `r` supplying sector.
Inside the solver arrays run sector first (`s o d`), since each pass is then one matrix product
a sector; at the doors they run `o d s`.
"""

from jaxtyping import Float, Int

from detente.models.arrays import (
    Array,
    add_at,
    constant,
    contract,
    jnp,
    namespace,
    record,
    set_at,
)
from detente.models.trade_border import Border
from detente.models.trade_supply import Supply
from detente.models.trade_tables import Tables, by_destination, tables_of, without

# Row sums of the domestic input-output loop are kept below this.
LARGEST_LOOP = 0.95
DEFICIT_RULES = ("fixed", "world_share", "own_share", "zero")


@record
class TradeBase:
    """The base economy in shares; levels in units of world value added.

    Attributes
    ----------
    share : expenditure share of destination d on origin o, adds to one over origins
    tariff : 1 + tariff rate
    input_share : [c, r, s] cost share of supplying sector r in sector s
    value_added_share, final_share : [c, s]
    value_added, deficit : [c];  expenditure : [s, d]
    supply_elasticity : [c] elasticity of the supply of labour with respect to the real wage
    supply : scale, selling costs, selection and relief; None where the world has none of them
    """

    share: Float[Array, "s o d"]
    tariff: Float[Array, "s o d"]
    input_share: Float[Array, "c r s"]
    value_added_share: Float[Array, "c s"]
    final_share: Float[Array, "c s"]
    value_added: Float[Array, " c"]
    deficit: Float[Array, " c"]
    expenditure: Float[Array, "s d"]
    supply_elasticity: Float[Array, " c"]
    supply: Supply | None = None


@record
class TradeChange:
    """What a scenario changes: some ties (pairs of origin and destination), and the deficits.

    Lanes, where there are any, are several draws solved side by side: see `lanes`.

    Attributes
    ----------
    origin, destination : of each tie that may change; each pair stands there once
    log_cost, log_tariff : log changes of the iceberg cost and of the tariff factor
    tariff : new 1 + tariff rate
    open : 0 where the flow is banned, else 1
    deficit : new deficit in units of world value added, before the deficit rule
    zone : number of the set of countries, tied by trade, that a country belongs to
    border : export taxes, quotas and compensation; None where there are none
    """

    origin: Int[Array, " k"]
    destination: Int[Array, " k"]
    log_cost: Float[Array, "*lane s k"]
    log_tariff: Float[Array, "s k"]
    tariff: Float[Array, "s k"]
    open: Float[Array, "s k"]
    deficit: Float[Array, " c"]
    zone: Int[Array, " c"]
    border: Border | None = None

    @property
    def tariff_before(self) -> Float[Array, "s k"]:
        """1 + tariff rate of the base on these ties."""
        return self.tariff * namespace(self.log_tariff).exp(-self.log_tariff)


@record
class Access:
    """Access of origins to destinations: base share * kappa_hat^(-theta), before costs move.

    Draws of one scenario differ on the ties it changes and nowhere else. What they share is kept
    apart, so that a sum over origins is one product of matrices for all of them.

    Attributes
    ----------
    rest : base share by destination;  rest_net : share over tariff factor;  rest_kept : the same
        by destination; all zero on the ties. Tables stand as the sums read them: a sum over
        origins runs along rows by destination
    origin, destination : of each tie
    tied, tied_net : access on the ties, and access over the new tariff factor
    rest_sold, tied_sold : over the export factor too; None where no origin taxes exports

    Lanes differ in `tied`, or in `rest` when every pair is a tie.
    """

    rest: Float[Array, "*every s d o"]
    rest_net: Float[Array, "*every s o d"]
    rest_kept: Float[Array, "*every s d o"]
    origin: Int[Array, " k"]
    destination: Int[Array, " k"]
    tied: Float[Array, "*lane s k"]
    tied_net: Float[Array, "*lane s k"]
    rest_sold: Float[Array, "*every s o d"] | None = None
    tied_sold: Float[Array, "*lane s k"] | None = None


@record
class TradeState:
    """Unknowns of the equilibrium: logs of relative wage, price and expenditure.

    With quotas also the log of their rent factor; with labour that cannot change its sector also
    the log of each sector's wage over the country's, and with a `supply` the log of employment.
    """

    log_wage: Float[Array, "*lane c"]
    log_price: Float[Array, "*lane s d"]
    log_spending: Float[Array, "*lane s d"]
    log_rent: Float[Array, "*lane s m"] | None = None
    log_premium: Float[Array, "*lane s c"] | None = None
    log_labour: Float[Array, "*lane c"] | None = None


def cost_hat(
    log_wage: Float[Array, "*lane c"],
    log_price: Float[Array, "*lane s c"],
    value_added_share: Float[Array, "c s"],
    input_share: Float[Array, "c r s"],
) -> Float[Array, "*lane s c"]:
    """Change in the log cost of an input bundle: Caliendo and Parro (2015), equation (10)."""
    inputs = contract("crs,rc->sc", input_share, log_price)
    return value_added_share.T * log_wage[..., None, :] + inputs


def value_added(
    log_wage: Float[Array, "*lane c"],
    log_price: Float[Array, "*lane s c"],
    base: TradeBase,
    log_labour: Float[Array, "*lane c"] | None = None,
) -> Float[Array, "*lane c"]:
    """Value added when labour follows the real wage: w L with L_hat = (w / P)^psi.

    With psi = 0 labour is fixed. With one sector and no inputs this is the supply elasticity of
    universal gravity: Allen, Arkolakis and Takahashi (2020); Campos et al. (2023). Where
    employment is an unknown of the search it is given.
    """
    xp = namespace(log_wage, log_price)
    if log_labour is not None:
        return base.value_added * xp.exp(log_wage + log_labour)
    log_final = xp.sum(base.final_share.T * log_price, axis=-2)
    return base.value_added * xp.exp(log_wage + base.supply_elasticity * (log_wage - log_final))


def ties(
    base: TradeBase, change: TradeChange, theta: Float[Array, "*lane s"]
) -> tuple[Float[Array, "*lane s k"], Float[Array, "*lane s k"]]:
    """Return access on the ties, and access over the new tariff factor; see `access`."""
    log_tariff = change.log_tariff
    if base.supply is not None:
        log_tariff = log_tariff * (1 + base.supply.selection[change.destination])[None, :]
    log_kappa = change.log_cost + log_tariff
    if change.border is not None:
        log_kappa = log_kappa + change.border.log_export
    share = base.share[:, change.origin, change.destination]
    xp = namespace(share, theta, log_kappa)
    tied = share * change.open * xp.exp(-theta[..., None] * log_kappa)
    return tied, tied / change.tariff


def access(
    base: TradeBase,
    change: TradeChange,
    theta: Float[Array, "*lane s"],
    tables: Tables | None = None,
    rest: Tables | None = None,
) -> Access:
    """Return share * kappa_hat^(-theta), kappa_hat = d_hat * tau_new / tau; a ban gives zero.

    Parameters
    ----------
    base, change, theta
        The economy, what is done to it, and the [sector] elasticities.
    tables
        Of the base, where they are laid out already: to turn them takes as long as three steps.
    rest
        The same without the ties of the change (`trade_tables.without`), likewise.
    """
    at = change.origin, change.destination
    tied, tied_net = ties(base, change, theta)
    tied_sold = None
    if change.border is not None:
        tied_sold = tied_net * jnp.exp(-change.border.log_export)
    if change.origin.shape[0] == base.share.shape[1] * base.share.shape[2]:
        # Every pair is a tie: one full table is shorter than a list of its cells.
        empty = namespace(base.share).zeros_like(base.share)
        full_net = set_at(empty, at, tied_net)
        return Access(
            rest=by_destination(set_at(empty, at, tied)),
            rest_net=full_net,
            rest_kept=by_destination(full_net),
            origin=change.origin[:0],
            destination=change.destination[:0],
            tied=tied[..., :0],
            tied_net=tied[..., :0],
            rest_sold=None if tied_sold is None else set_at(empty, at, tied_sold),
            tied_sold=None if tied_sold is None else tied[..., :0],
        )
    if rest is None:
        tables = tables_of(base.share, base.tariff) if tables is None else tables
        rest = without(tables, *at)
    return Access(
        rest=rest.share_to,
        rest_net=rest.net,
        rest_kept=rest.net_to,
        origin=change.origin,
        destination=change.destination,
        tied=tied,
        tied_net=tied_net,
        tied_sold=tied_sold,
    )


def sum_to_destination(
    reach: Access, values: Float[Array, "*lane s k"], total: Float[Array, "*lane s d"]
) -> Float[Array, "*lane s d"]:
    """Return a total with values on ties added by destination."""
    return add_at(total, (reach.destination,), values)


def price_sum(reach: Access, power: Float[Array, "*lane s o"]) -> Float[Array, "*lane s d"]:
    """Return the sum in the price index: Caliendo and Parro (2015), equation (11)."""
    rest = contract("sdo,so->sd", reach.rest, power)
    return sum_to_destination(reach, reach.tied * power[..., reach.origin], rest)


def price_sum_net(reach: Access, power: Float[Array, "*lane s o"]) -> Float[Array, "*lane s d"]:
    """Return the part of the price sum that is not tariff."""
    rest = contract("sdo,so->sd", reach.rest_kept, power)
    return sum_to_destination(reach, reach.tied_net * power[..., reach.origin], rest)


def sales(
    reach: Access, power: Float[Array, "*lane s o"], demand: Float[Array, "*lane s d"]
) -> Float[Array, "*lane s o"]:
    """Sales of each origin net of tariffs: the right side of equation (14).

    `demand` is expenditure over the price sum.
    """
    # Export taxes are no receipts of the producer.
    off_ties = reach.rest_net if reach.rest_sold is None else reach.rest_sold
    on_ties = reach.tied_net if reach.tied_sold is None else reach.tied_sold
    rest = contract("sod,sd->so", off_ties, demand)
    tied = on_ties * demand[..., reach.destination]
    return power * add_at(rest, (reach.origin,), tied)


def at_home(
    rest: Float[Array, "*every s c c"], tied: Float[Array, "*lane s k"], reach: Access
) -> Float[Array, "*lane s c"]:
    """Return the domestic cells of what stands apart for ties and for the rest."""
    xp = namespace(rest, tied)
    own = xp.where(reach.origin == reach.destination, tied, 0.0)
    return add_at(xp.diagonal(rest, axis1=-2, axis2=-1), (reach.destination,), own)


def in_full(
    rest: Float[Array, "*every s o d"], tied: Float[Array, "*lane s k"], reach: Access
) -> Float[Array, "*lane s o d"]:
    """Return one table of what stands apart for ties and for the rest."""
    return add_at(rest, (reach.origin, reach.destination), tied)


def flow(
    reach: Access, power: Float[Array, "*lane s o"], demand: Float[Array, "*lane s d"]
) -> Float[Array, "*lane s o d"]:
    """Flows net of tariffs; `power` and `demand` as in `sales`."""
    net = in_full(reach.rest_net, reach.tied_net, reach)
    return net * power[..., :, None] * demand[..., None, :]


def total_expenditure(
    sold: Float[Array, "*lane s c"],
    spending: Float[Array, "*lane c"],
    input_share: Float[Array, "c r s"],
    final_share: Float[Array, "c s"],
) -> Float[Array, "*lane s c"]:
    """Expenditure on each sector: Caliendo and Parro (2015), equation (13)."""
    needed = contract("crs,sc->rc", input_share, sold)
    return needed + final_share.T * spending[..., None, :]


def deficit_new(
    rule: str,
    deficit: Float[Array, " c"],
    zone: Int[Array, " c"],
    first: Float[Array, " c"],
    income: Float[Array, "*lane c"],
) -> Float[Array, "*lane c"]:
    """Return the deficits under a rule; they add to zero under each.

    `deficit` and `zone` are those of the change, `first` is income in the base, `income` now.

    fixed: constant in the numeraire (world value added). world_share: constant share of world
    income. own_share: constant ratio of spending to income, scaled so that the spending of each
    trading zone is its income (the multiplicative rule of ge_gravity). zero: none.
    """
    xp = namespace(deficit, first, income)
    if rule == "zero":
        return xp.zeros_like(income)
    if rule == "fixed":
        return xp.broadcast_to(deficit, income.shape)
    if rule == "world_share":
        return deficit * xp.sum(income, axis=-1, keepdims=True) / xp.sum(first)
    if rule == "own_share":
        wish = income * (1 + deficit / first)
        none = xp.zeros_like(wish)
        earned, wished = add_at(none, (zone,), income), add_at(none, (zone,), wish)
        scale = earned / xp.where(wished > 0, wished, 1.0)
        return wish * scale[..., zone] - income
    raise ValueError(f"unknown deficit rule '{rule}'; rules: {', '.join(DEFICIT_RULES)}")


def wage_exposure(base: TradeBase) -> Float[Array, "s c"]:
    """Exposure of a country's value added to foreign demand, sector by sector.

    Times the elasticities and added up it is, up to a constant, the elasticity of demand for the
    country's value added to its wage; the step of the wage is divided by it. A country that
    exports much of what it makes, in sectors of high elasticity, must move in smaller steps.
    """
    xp = namespace(base.share)
    flow = base.share / base.tariff * base.expenditure[:, None, :]
    sold = xp.sum(flow, axis=2)
    at_home = xp.diagonal(flow, axis1=1, axis2=2)
    abroad = xp.where(sold > 0, 1 - at_home / xp.where(sold > 0, sold, 1.0), 0.0)
    weight = base.value_added_share.T * sold / base.value_added[None, :]
    return weight * base.value_added_share.T * abroad


def price_coupling(base: TradeBase) -> Float[Array, "c s r"]:
    """Elasticity of a country's prices with respect to its own prices, through its own inputs.

    A price follows domestic costs by the domestic share of purchases, and costs follow prices
    by the input shares.
    """
    xp = namespace(base.share)
    at_home = xp.diagonal(base.share, axis1=1, axis2=2).T
    return at_home[:, :, None] * xp.swapaxes(base.input_share, 1, 2)


def spending_coupling(base: TradeBase) -> Float[Array, "c r s"]:
    """Elasticity of a country's spending by sector with respect to itself, through its inputs.

    What is spent on domestic goods of a sector is output there, and output needs inputs.
    """
    xp = namespace(base.share)
    bought = base.expenditure
    sold_at_home = xp.diagonal(base.share / base.tariff, axis1=1, axis2=2) * bought
    needed = base.input_share * sold_at_home.T[:, None, :]
    known = xp.where(bought.T > 0, 1 / xp.where(bought.T > 0, bought.T, 1.0), 0.0)
    coupling = known[:, :, None] * needed
    # In tables that do not add up input use can exceed purchases; the loop must stay bounded.
    size = xp.sum(xp.abs(coupling), axis=2, keepdims=True)
    return coupling * xp.minimum(1.0, LARGEST_LOOP / xp.maximum(size, LARGEST_LOOP))


def loop(coupling: Float[Array, "c a b"]) -> Float[Array, "c a b"]:
    """Return I + A + A^2 + ... + A^7 for each country, close to the inverse of I - A.

    It speeds the search up and has no influence on where the search ends.
    """
    xp = namespace(coupling)
    one = xp.eye(coupling.shape[1])[None]
    two = coupling @ coupling
    return constant((one + coupling) @ (one + two) @ (one + two @ two))
