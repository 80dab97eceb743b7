"""Switches on the side of supply: scale, selling costs paid to labour at home, relief of taxes.

Ignatenko, Lashkaripour, Macedoni and Simonovska (2025) put them beside free labour supply. They
are layers of a world; a world that has none of them is solved by the program that knows nothing
of them. Equations: docs/explanation/trade-model.md, "Supply".
"""

from jaxtyping import Float

from detente.models.arrays import Array, jnp, record

# Layers of a world that switch this on.
SUPPLY_LAYERS = ("scale_elasticity", "local_labour_share", "tariff_selection", "tax_relief")


@record
class Supply:
    """Elasticities and shares of each country; all zero is the model without them.

    Attributes
    ----------
    scale : rise of log productivity per rise of log employment
    local : share of what a country buys, net of tariffs, that pays its own labour for selling
    selection : elasticity of trade to tariffs over that to costs, less one: firms enter and leave
    relief : share of tariff revenue that lowers taxes on labour; the rest is handed out
    """

    scale: Float[Array, " c"]
    local: Float[Array, " c"]
    selection: Float[Array, " c"]
    relief: Float[Array, " c"]


def relieved(
    supply: Supply,
    now: tuple[Float[Array, " c"], Float[Array, " c"]],
    was: tuple[Float[Array, " c"], Float[Array, " c"]],
) -> Float[Array, " c"]:
    """Change of log take-home pay per unit of pay, when tariffs replace taxes on labour.

    The tax that is replaced would have raised what the tariffs raise: take-home pay per unit of
    pay rises by 1 / (1 - R / wL). Both tuples hold pay and tariff revenue.
    """

    def taken(pay: Float[Array, " c"], revenue: Float[Array, " c"]) -> Float[Array, " c"]:
        return jnp.log1p(-supply.relief * revenue / pay)

    return taken(*was) - taken(*now)


def employment(
    elasticity: Float[Array, " c"],
    log_wage: Float[Array, " c"],
    log_final: Float[Array, " c"],
    relief: Float[Array, " c"],
) -> Float[Array, " c"]:
    """Log change of employment: it follows take-home pay at final prices."""
    return elasticity * (log_wage - log_final + relief)


def dearer(
    supply: Supply, log_spending: Float[Array, "s c"], log_wage: Float[Array, " c"]
) -> Float[Array, "s c"]:
    """Change of log prices as firms enter and leave: more spending over wages, more varieties."""
    return -supply.selection[None, :] * (log_spending - log_wage[None, :])


def kept(supply: Supply | None, demand: Float[Array, "*lane s d"]) -> Float[Array, "*lane s d"]:
    """Return what is left of demand for its producers after selling costs."""
    return demand if supply is None else (1 - supply.local)[None, :] * demand


def selling(
    supply: Supply | None, total_net: Float[Array, "*lane s d"], demand: Float[Array, "*lane s d"]
) -> Float[Array, "*lane d"] | float:
    """Return what a country's labour earns by selling to the country itself."""
    return 0.0 if supply is None else supply.local * jnp.sum(total_net * demand, axis=0)
