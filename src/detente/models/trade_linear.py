"""The trade model to first order: what every country's outcome gains from any small change.

An equilibrium is a state z with z = step(z, p). An outcome y(z, p) then changes by

    dy = (y_p + l step_p) dp,   l = l step_z + y_z,

with one row `l` for each country's outcome (the adjoint). The rows hang on the base alone: once
they are known, the first-order answer to any change is one product. Kleinman, Liu and Redding
(2024) give the same matrix in closed form for one sector, no inputs, no tariffs, no deficits.
"""

from collections.abc import Callable
from dataclasses import replace

from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from detente.models import trade, trade_measures, trade_world
from detente.models.arrays import Array, jax, jnp, record
from detente.models.equilibrium import Certificate
from detente.models.trade_aids import Aids
from detente.models.trade_hat import TradeBase, TradeChange


@record
class Frame:
    """What a linearisation is made around.

    Attributes
    ----------
    base, aids : the economy and what hangs on it alone
    theta, goods : [s] trade elasticities; 1 for goods
    """

    base: TradeBase
    aids: Aids
    theta: Float[Array, " s"]
    goods: Float[Array, " s"]


def maps(frame: Frame, rule: str, specific: bool) -> tuple[Float[Array, " m"], Callable, Callable]:
    """Return the state of the base in one row, the step and the outcomes as functions of it.

    Parameters
    ----------
    frame
        What is linearised.
    rule
        Deficit rule.
    specific
        Whether labour cannot change its sector.

    Returns
    -------
    The state [m]; `step(z, change)` [m]; `outcomes(z, change)` [c] by name, fractions of the base.
    """
    base = frame.base
    first, restore = ravel_pytree(trade.at_base(base, None, specific))

    def step(z: Float[Array, " m"], change: TradeChange) -> Float[Array, " m"]:
        fixed = trade.prepare(base, change, frame.theta, frame.aids)
        return ravel_pytree(trade.step(restore(jnp.asarray(z)), base, fixed, rule))[0]

    def outcomes(z: Float[Array, " m"], change: TradeChange) -> dict[str, Float[Array, " c"]]:
        fixed = trade.prepare(base, change, frame.theta, frame.aids)
        none = Certificate(jnp.asarray(True), jnp.asarray(0.0), jnp.asarray(0))
        found = trade.unfold(restore(jnp.asarray(z)), none, base, fixed, rule)
        return trade_measures.measures(base, change, found, frame.goods, frame.aids).country

    return first, step, outcomes


def every_pair(
    base: TradeBase, log_cost: Float[Array, "s o d"], log_tariff: Float[Array, "s o d"]
) -> TradeChange:
    """Return a change that states every pair, home included, from full tables of logs."""
    sectors, origins, destinations = base.share.shape
    origin, destination = jnp.divmod(jnp.arange(origins * destinations), destinations)

    def flat(table: Array) -> Array:
        return jnp.reshape(table, (sectors, origins * destinations))

    return TradeChange(
        origin=origin,
        destination=destination,
        log_cost=flat(log_cost),
        log_tariff=flat(log_tariff),
        tariff=flat(base.tariff * jnp.exp(log_tariff)),
        open=flat(jnp.ones_like(base.share)),
        deficit=base.deficit,
        zone=trade_world.unchanged(base).zone,
    )


def towards(change: TradeChange, base: TradeBase, part: Float[Array, ""]) -> TradeChange:
    """Return a share of a change, as `trade_world.part_of`; bans cut that share of the flow."""
    some = trade_world.part_of(change, base, part)
    zone = trade_world.unchanged(base).zone
    return replace(some, open=1 - part * (1 - change.open), zone=zone)


def slope_towards(
    frame: Frame, change: TradeChange, rule: str, specific: bool
) -> tuple[Float[Array, " m"], dict[str, Float[Array, " c"]]]:
    """Return how step and outcomes move as a change begins, the state standing where it is."""
    first, step, outcomes = maps(frame, rule, specific)

    def moved(part: Float[Array, ""]) -> tuple[Array, dict[str, Array]]:
        some = towards(change, frame.base, part)
        return step(first, some), outcomes(first, some)

    return jax.jvp(moved, (jnp.asarray(0.0),), (jnp.asarray(1.0),))[1]


def margins(table: Float[Array, "s o d"]) -> dict[str, Float[Array, "s c"]]:
    """Add up slopes by cell over partners: as an origin, as a destination, and with home."""
    home = jnp.diagonal(table, axis1=1, axis2=2)
    sold = jnp.sum(table, axis=2)
    return {"whole": sold, "sold": sold - home, "bought": jnp.sum(table, axis=1) - home}
