"""One scenario of the trade model for several draws at once.

Draws of a scenario share the base and differ in elasticities and on a few ties. The sums over
origins, which are most of the work, then become products of one table with as many columns as
there are draws: the table is read once for all of them, where a draw by itself reads it anew.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from jaxtyping import Float

from detente.models import trade
from detente.models.arrays import Array, jax, jnp
from detente.models.equilibrium import SHORT_MEMORY, fixed_points
from detente.models.trade import Aids, Fixed
from detente.models.trade_hat import Access, TradeBase, TradeChange, TradeState
from detente.models.trade_solution import TradeSolution


def _axes(kind: type, axes: Mapping[str, Any]) -> Any:
    """Return a tree of the axes along which lanes differ, for `vmap`; None where they share.

    It holds no arrays, so that the constructor, which asks for arrays, is not called.
    """
    tree = object.__new__(kind)
    for field in fields(kind):
        object.__setattr__(tree, field.name, axes.get(field.name))
    return tree


CHANGE_AXES = _axes(TradeChange, {"log_cost": 0})


def _access_axes(full: bool) -> Any:
    rest = 0 if full else None
    tables: dict[str, Any] = dict.fromkeys(("rest", "rest_net", "rest_kept", "rest_sold"), rest)
    return _axes(Access, tables | dict.fromkeys(("tied", "tied_net", "tied_sold"), 0))


def fixed_axes(full: bool, border: bool) -> Any:
    """Return where what is fixed differs from lane to lane; `full` when every pair is a tie."""
    change = {"change": CHANGE_AXES} if border else {}
    return _axes(Fixed, {"reach": _access_axes(full), "theta": 0, "pace": 0} | change)


def solution_axes(full: bool) -> Any:
    """Return where solutions of several lanes differ; `full` when every pair is a tie."""
    every = {field.name: 0 for field in fields(TradeSolution)}
    return _axes(TradeSolution, every | {"reach": _access_axes(full)})


def solve(
    base: TradeBase,
    change: TradeChange,
    theta: Float[Array, "lane s"],
    rule: str,
    aids: Aids,
    start: TradeState,
    tolerance: float = trade.TOLERANCE,
) -> TradeSolution:
    """Solve one scenario for several draws at once; every lane keeps its own certificate.

    Parameters
    ----------
    base, rule, aids, tolerance
        As in `trade.solve`.
    change
        One change; its `log_cost` has a leading lane axis, all else is common to the lanes.
    theta
        [lane, s] trade elasticities.
    start
        Where every search begins.

    Returns
    -------
    The solutions, with a leading lane axis on everything but `reach.rest` and its like. A lane
    rests once it has converged, so that its result does not depend on its neighbours.
    """
    full = change.origin.shape[0] == base.share.shape[1] * base.share.shape[2]
    axes = fixed_axes(full, change.border is not None)
    fixed = jax.vmap(trade.prepare, (None, CHANGE_AXES, 0, None), axes)(base, change, theta, aids)
    lanes = theta.shape[0]

    def step(states: TradeState) -> TradeState:
        return jax.vmap(trade.step, (0, None, axes, None))(states, base, fixed, rule)

    first = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (lanes, *leaf.shape)), start)
    weights = jax.vmap(trade.step_weights, (None, axes, None))(base, fixed, start)
    if aids.newton is None:
        states, certificates = fixed_points(step, first, tolerance, weights=weights)
    else:
        # Where all wages move together the map contracts well: a long past is only carried along,
        # and what a last step leaves over is left to `certify`.
        bound = trade.LAST * tolerance
        states, ended = fixed_points(
            step, first, bound, weights=weights, memory=SHORT_MEMORY, onward=True
        )
        residual = jnp.where(ended.converged, 0.0, ended.residual)
        certificates = replace(ended, residual=residual)
    back = jax.vmap(trade.unfold, (0, 0, None, axes, None), solution_axes(full))
    return back(states, certificates, base, fixed, rule)
