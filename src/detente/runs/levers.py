"""Tariffs as levers: outcomes of all countries and their slopes with respect to some rates.

Compiled once for a base, its ties and a number of levers; every further rate is a call.
"""

from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from detente.ensemble import ensemble_for
from detente.errors import ConvergenceError
from detente.models import trade, trade_measures, trade_world
from detente.runs.engine import Engine, Solved
from detente.runs.lift import double_precision
from detente.world import World


@partial(jax.jit, static_argnames=("rule", "variable"))
def _evaluate(rates, base, change, lever, theta, start, aids, goods, rule: str, variable: str):
    """Return the outcome [c], its certificate, and slopes [c, lever] by the implicit function."""

    def value(rates):
        # Levers are numbered from 1; 0 leaves a cell as it is.
        new = jnp.concatenate([jnp.zeros(1), rates])[lever] + 1
        tariff = jnp.where(lever > 0, new, change.tariff)
        log_tariff = jnp.log(tariff / change.tariff_before)
        moved = replace(change, tariff=tariff, log_tariff=log_tariff)
        found = trade.solve(base, moved, theta, rule, start=start, aids=aids)
        measured = trade_measures.measures(base, moved, found, goods, aids).country[variable]
        return measured, (measured, found.certificate.converged, found.certificate.residual)

    slopes, (measured, converged, residual) = jax.jacfwd(value, has_aux=True)(rates)
    return measured, slopes, converged, residual


@dataclass(frozen=True)
class Point:
    """What some rates lead to.

    Attributes
    ----------
    value : [country] the outcome, as a fraction of the base
    slope : [country, lever] its derivative with respect to each rate
    residual : of the certificate
    """

    value: np.ndarray
    slope: np.ndarray
    residual: float


class Levers:
    """Rates that some destinations levy on some origins, all else as an edited world has it.

    Parameters
    ----------
    world, edited
        The base and what stands beside the levers; the same world where nothing does.
    masks
        For each lever the cells [origin, destination, sector] that take its rate.
    variable
        An outcome of one country.
    rule, horizon
        As in `run`; the parameters are at their medians.

    Raises
    ------
    ConvergenceError
        If the edited world can have no equilibrium; the reason is named.
    """

    def __init__(
        self,
        world: World,
        edited: World,
        masks: list[np.ndarray],
        variable: str,
        rule: str,
        horizon: str,
    ):
        engine = Engine(world, [edited], ensemble_for(world, horizon=horizon), rule, horizon)
        row = engine.ensemble.medians()
        base = engine.settle(row)
        if engine.reasons[0] or isinstance(base, Solved):
            raise ConvergenceError(
                engine.reasons[0] or (base.reason if isinstance(base, Solved) else "")
            )
        touched = np.any([mask.any(axis=2) for mask in masks], axis=0)
        plain = trade_world.policy(world, edited)
        stated = touched.copy()
        stated[plain.origin, plain.destination] = True
        policy = trade_world.filled(plain, trade_world.prepare(world), int(stated.sum()), touched)
        lever = np.zeros(policy.tariff.shape, dtype=np.int32)
        for number, mask in enumerate(masks, start=1):
            lever[mask[policy.origin, policy.destination].T] = number
        given = engine.parameters(row)
        with double_precision():
            policy = jax.device_put(policy)
            self._fixed = {
                "base": base,
                "change": trade_world.resolve(policy, given),
                "lever": jnp.asarray(lever),
                "theta": jnp.asarray(given.theta),
                "start": trade.at_base(base, policy.border, engine.short),
                "aids": trade.search_aids(base),
                "goods": jnp.asarray(policy.goods),
            }
        self._options = {"rule": rule, "variable": variable}
        self.world, self.masks, self.calls = world, masks, 0
        self.rates = np.array([_mean_rate(edited, mask) for mask in masks])

    def at(self, rates: np.ndarray) -> Point:
        """Return outcomes and slopes at some rates, one a lever.

        Raises
        ------
        ConvergenceError
            If no equilibrium is certified there.
        """
        self.calls += 1
        with double_precision():
            found = _evaluate(jnp.asarray(rates, dtype=float), **self._fixed, **self._options)
            value, slope, converged, residual = (np.asarray(one) for one in found)
        if not converged:
            shown = ", ".join(f"{100 * rate:.1f} %" for rate in rates)
            raise ConvergenceError(
                f"no equilibrium was certified at tariffs of {shown} (residual {residual:.1e}); "
                "narrow the bounds"
            )
        return Point(value, slope, float(residual))


def _mean_rate(world: World, mask: np.ndarray) -> float:
    """Return the trade-weighted mean tariff rate of some cells."""
    if not mask.any():
        return 0.0
    weight = world.values("flow")[mask]
    weight = weight if weight.sum() > 0 else np.ones_like(weight)
    return float((world.values("tariff_rate")[mask] * weight).sum() / weight.sum())
