"""Compiled programs that readings of a result need, beside those of `lift`."""

from functools import partial

from detente.models import trade, trade_linear, trade_parts, trade_world
from detente.models.arrays import jax, jnp
from detente.models.equilibrium import Certificate, fixed_points
from detente.models.trade_linear import Frame
from detente.runs import lift
from detente.runs.drawn import Row
from detente.runs.engine import Engine
from detente.runs.lift import double_precision
from detente.runs.solved import Solved

# Bound on the residual of the adjoint equations, whose right sides are of order one.
EXACT = 1e-12


@partial(jax.jit, static_argnames=("rule", "specific"), compiler_options=lift._options())
def adjoint(frame: Frame, picks, rule: str, specific: bool):
    """Solve the adjoint equations of some countries' outcomes, side by side.

    Parameters
    ----------
    frame
        What is linearised.
    picks
        By outcome, [lane, c] weights of the countries: so one program serves every outcome.
    rule, specific
        As in `trade_linear.maps`.

    Returns
    -------
    Rows [lane, m]; residual, steps [lane]; and the slopes with respect to log costs and log
    tariff factors, added up over partners: dicts of [lane, s, c].
    """
    first, step, outcomes = trade_linear.maps(frame, rule, specific)
    none = jnp.zeros_like(frame.base.share)

    def stated(cost, tariff):
        return trade_linear.every_pair(frame.base, cost, tariff)

    still = stated(none, none)
    _, back = jax.vjp(lambda z: step(z, still), first)
    _, back_outcome = jax.vjp(lambda z: outcomes(z, still), first)
    right = jax.vmap(lambda pick: back_outcome(pick)[0])(picks)

    def next_rows(rows):
        return jax.vmap(lambda row: back(row)[0])(rows) + right

    rows, found = fixed_points(next_rows, right, EXACT)

    def moved(cost, tariff):
        change = stated(cost, tariff)
        return step(first, change), outcomes(first, change)

    _, tables = jax.vjp(moved, none, none)

    def slopes(lane):
        row, pick = lane
        cost, tariff = tables((row, pick))
        return trade_linear.margins(cost), trade_linear.margins(tariff)

    # One lane at a time: each passes through full tables.
    return rows, found, jax.lax.map(slopes, (rows, picks))


@partial(jax.jit, static_argnames=("rule", "specific"), compiler_options=lift._options())
def begin(frame: Frame, policy, given, rule: str, specific: bool):
    """Return how step and outcomes move as a scenario begins: see `trade_linear.slope_towards`."""
    change = trade_world.resolve(policy, given)
    return trade_linear.slope_towards(frame, change, rule, specific)


@partial(jax.jit, static_argnames=("rule",), compiler_options=lift._options())
def parts(base, policy, given, state, aids, rule: str):
    """Return the first-order decomposition by pair where a scenario has settled."""
    change = trade_world.resolve(policy, given)
    fixed = trade.prepare(base, change, given.theta, aids)
    settled = Certificate(jnp.asarray(True), jnp.asarray(0.0), jnp.asarray(0))
    found = trade.unfold(state, settled, base, fixed, rule)
    return found.certificate, trade_parts.by_pair(
        trade_parts.first_order_cells(base, change, found, aids)
    )


def parts_of(engine: Engine, number: int, row: Row):
    """Return terms of trade, volume and technical gain [s, c, p] of one draw, or why not.

    Parameters
    ----------
    engine, number, row
        As in `Engine.solve`.
    """
    solved, state = engine.settled_state(number, row)
    base = engine.settle(row)
    if solved.reason or state is None or isinstance(base, Solved):
        return solved
    with double_precision():
        policy, given = engine.policies[number], engine.parameters(row)
        found, tables = parts(base, policy, given, state, lift.search_aids(base), engine.rule)
        tables = jax.device_get(tables)
    if not bool(found.converged):
        return Solved("the decomposition lost the equilibrium", float(found.residual), 0)
    return tables
