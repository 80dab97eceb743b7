"""The only home of `jit`: compiled programs that serve every scenario and draw of one shape.

Draws of a scenario are solved side by side, in lanes: see `models.lanes`.
"""

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from detente.errors import WorldError
from detente.models import lanes, trade, trade_hat, trade_measures, trade_policies, trade_world
from detente.models.arrays import jax, jnp
from detente.models.trade_hat import TradeBase
from detente.models.trade_world import TradeParameters
from detente.runs.solved import Lanes


@contextlib.contextmanager
def double_precision() -> Iterator[None]:
    """Compute in float64 within the block; no global option is set."""
    with jax.enable_x64(True):
        yield


@functools.cache
def _options() -> dict[str, bool] | None:
    """Return options that compile this program faster, and to faster code, where they are known.

    Measurements: docs/explanation/speed.md, "Compilation". Options differ from version to version
    of XLA; one that does not know this one gets none.
    """
    options = {"xla_cpu_use_fusion_emitters": False}
    try:
        jax.jit(lambda x: x, compiler_options=options).lower(0.0).compile()
    except (RuntimeError, ValueError, TypeError):
        return None
    return options


def solve(base, policy, given, start, aids, actors, rule: str) -> Lanes:
    """Solve one scenario for the draws of all lanes, and measure what follows.

    What comes back are arrays of NumPy.
    """
    made = program(base, policy, given, start, aids, actors, rule)
    found, country = jax.tree.map(np.asarray, made)
    by_name = dict(zip(sorted(trade_measures.outcomes()), country, strict=True))
    return replace(found, measured=replace(found.measured, country=by_name))


@partial(jax.jit, static_argnames=("rule",), compiler_options=_options())
def program(base, policy, given, start, aids, actors, rule: str):
    """Return what `solve` does, with outcomes by country in one table, sorted by their names.

    To fetch each by itself takes as long as a small world takes to be solved.
    """
    change = jax.vmap(trade_world.resolve, (None, 0), lanes.CHANGE_AXES)(policy, given)
    found = lanes.solve(base, change, given.theta, rule, aids, start)
    full = found.reach.rest.ndim > base.share.ndim
    axes = (None, lanes.CHANGE_AXES, lanes.solution_axes(full), None, None, None)
    measured = jax.vmap(trade_measures.measures, axes)(
        base, change, found, policy.goods, aids, actors
    )
    country = jnp.stack([measured.country[name] for name in sorted(measured.country)])
    measured = replace(measured, country={})
    return Lanes(found.certificate, found.state, measured, found.power, found.demand), country


@jax.jit
def flows(base, policy, given, power, demand, state):
    """Flows of one lane, from what `solve` returned of it."""
    change = trade_world.resolve(policy, given)
    reach = trade_hat.access(base, change, given.theta)
    reach = trade_policies.with_quota(reach, change, given.theta, state.log_rent)
    return trade_hat.flow(reach, power, demand)


@partial(jax.jit, static_argnames=("rule",))
def approach(base, policy, given, start, aids, part, rule: str):
    """Solve for a share of a scenario, in one draw."""
    change = trade_world.part_of(trade_world.resolve(policy, given), base, part)
    found = trade.solve(base, change, given.theta, rule, start=start, aids=aids)
    return found.certificate, found.state


def held(tree: Any) -> Any:
    """Return records of arrays as arrays of JAX, so that no call copies them anew."""
    return jax.device_put(tree)


def search_aids(base: TradeBase) -> trade.Aids:
    """Return what a search reads of the base alone, without compiling anything."""
    return jax.device_put(trade.search_aids(jax.tree.map(np.asarray, base)))


@partial(jax.jit, static_argnames=("rule",))
def settle(base, theta, rule: str):
    """Solve for the equilibrium that a base itself implies under a deficit rule."""
    nothing = trade_world.unchanged(base)
    found = trade.solve(base, nothing, theta, rule)
    return found.certificate, trade.rebase(base, nothing, found)


@partial(jax.jit, static_argnames=("rule", "variable"))
def slopes(base, policy, given, start, aids, rule: str, variable: str):
    """Return derivatives of an outcome by country with respect to every parameter.

    Under the rule `zero` the base is that of the world, which is balanced anew for the parameters.
    """

    def value(parameters):
        drawn = TradeParameters(**parameters)
        first, known = base, aids
        if rule == "zero":
            # Each draw has a base of its own, which moves with the elasticities.
            nothing = trade_world.unchanged(base)
            balanced = trade.solve(base, nothing, drawn.theta, rule, aids=aids)
            first = trade.rebase(base, nothing, balanced)
            known = trade.search_aids(first)
        change = trade_world.resolve(policy, drawn)
        found = trade.solve(first, change, drawn.theta, rule, start=start, aids=known)
        return trade_measures.measures(first, change, found, policy.goods, known).country[variable]

    # A mapping, since what is differentiated is rebuilt around things that are no arrays.
    return jax.jacfwd(value)(vars(given))


def settle_tables(
    flow: np.ndarray,
    tariff: np.ndarray,
    input_share: np.ndarray,
    final_use: np.ndarray,
    value_added: np.ndarray,
    deficit: np.ndarray,
    theta: np.ndarray,
) -> np.ndarray:
    """Return the flows of the equilibrium that tables which do not add up imply.

    Parameters
    ----------
    flow, tariff
        [origin, destination, sector].
    input_share
        [country, supplying sector, using sector].
    final_use
        [country, sector] of which only the shares are used.
    value_added, deficit
        [country] in the unit of the flows; the deficits add to zero.
    theta
        [sector].

    Raises
    ------
    WorldError
        If no equilibrium is found.
    """
    bought = (flow * (1 + tariff)).sum(axis=0)
    scale = float(value_added.sum())
    base = TradeBase(
        share=trade_world.sector_first(flow * (1 + tariff) / np.where(bought > 0, bought, 1.0)),
        tariff=trade_world.sector_first(1 + tariff),
        input_share=input_share,
        value_added_share=1 - input_share.sum(axis=1),
        final_share=final_use / final_use.sum(axis=1, keepdims=True),
        value_added=value_added / scale,
        deficit=deficit / scale,
        expenditure=np.ascontiguousarray(bought.T) / scale,
        supply_elasticity=np.zeros(len(value_added)),
    )
    with double_precision():
        base = jax.device_put(base)
        certificate, settled = settle(base, jnp.asarray(theta), "fixed")
        if not bool(certificate.converged):
            raise WorldError(
                "no equilibrium is near these tables (residual "
                f"{float(certificate.residual):.1e}); mend the largest imbalances first"
            )
        found = settled.share / settled.tariff * settled.expenditure[:, None, :]
        return np.asarray(found).transpose(1, 2, 0) * scale
