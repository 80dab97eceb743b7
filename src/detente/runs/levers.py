"""Tariffs as levers: outcomes of all countries, and one country's slope in each of many rates.

Compiled once for a base, its ties and a number of levers; every further rate is a call. Slopes come
from one row of the adjoint equations (see `models.trade_linear`), so that a hundred levers cost no
more than one.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jax.flatten_util import ravel_pytree

from detente.ensemble import ensemble_for
from detente.errors import ConvergenceError
from detente.models import trade, trade_measures, trade_world
from detente.models.arrays import jax, jnp
from detente.models.equilibrium import Certificate, fixed_points
from detente.runs import lift
from detente.runs.engine import Engine
from detente.runs.lift import double_precision
from detente.runs.programs import FEWEST_TIES, FULL
from detente.runs.solved import Solved
from detente.world import World

# Bound on the residual of the adjoint equations, whose right sides are of order one.
EXACT = 1e-11
FEWEST_LEVERS = 4


def _moved(rates, change, lever):
    """Return the change with the rates of the levers in the place of its own."""
    # Levers are numbered from 1; 0 leaves a cell as it is.
    new = jnp.concatenate([jnp.zeros(1), rates])[lever] + 1
    tariff = jnp.where(lever > 0, new, change.tariff)
    return replace(change, tariff=tariff, log_tariff=jnp.log(tariff / change.tariff_before))


@partial(jax.jit, static_argnames=("rule", "variable"), compiler_options=lift._options())
def _solve(rates, base, change, lever, theta, start, aids, goods, rule: str, variable: str):
    """Return the outcome [c], its certificate and the state."""
    moved = _moved(rates, change, lever)
    found = trade.solve(base, moved, theta, rule, start=start, aids=aids)
    measured = trade_measures.measures(base, moved, found, goods, aids).country[variable]
    return measured, found.certificate, found.state


@partial(jax.jit, static_argnames=("rule", "variable"), compiler_options=lift._options())
def _slopes(
    rates, base, change, lever, theta, state, aids, goods, player, rule: str, variable: str
):
    """Return the slopes [lever] of one country's outcome where a search has settled."""
    place, restore = ravel_pytree(state)
    settled = Certificate(jnp.asarray(True), jnp.asarray(0.0), jnp.asarray(0))

    def step(z, rates):
        fixed = trade.prepare(base, _moved(rates, change, lever), theta, aids)
        return ravel_pytree(trade.step(restore(z), base, fixed, rule))[0]

    def outcome(z, rates):
        moved = _moved(rates, change, lever)
        fixed = trade.prepare(base, moved, theta, aids)
        found = trade.unfold(restore(z), settled, base, fixed, rule)
        return trade_measures.measures(base, moved, found, goods, aids).country[variable][player]

    _, back = jax.vjp(lambda z: step(z, rates), place)
    right, direct = jax.grad(outcome, argnums=(0, 1))(place, rates)
    rows, found = fixed_points(lambda rows: (back(rows[0])[0] + right)[None], right[None], EXACT)
    _, towards = jax.vjp(lambda some: step(place, some), rates)
    return direct + towards(rows[0])[0], found.converged[0], found.residual[0]


@dataclass(frozen=True)
class Point:
    """What some rates lead to.

    Attributes
    ----------
    value : [country] the outcome, as a fraction of the base
    residual : of the certificate
    slope : [lever] derivative of one country's outcome with respect to each rate, where asked for
    """

    value: np.ndarray
    residual: float
    slope: np.ndarray | None = None


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
        room = _room(int(stated.sum()), stated.size)
        policy = trade_world.filled(plain, trade_world.prepare(world), room, touched)
        lever = np.zeros(policy.tariff.shape, dtype=np.int32)
        for number, mask in enumerate(masks, start=1):
            lever[mask[policy.origin, policy.destination].T] = number
        given = engine.parameters(row)
        with double_precision():
            policy = jax.device_put(policy)
            self._fixed = {
                "base": jax.device_put(base),
                "change": trade_world.resolve(policy, given),
                "lever": jnp.asarray(lever),
                "theta": jnp.asarray(given.theta),
                "aids": lift.search_aids(base),
                "goods": jnp.asarray(policy.goods),
            }
            self._start = trade.at_base(base, policy.border, engine.short)
        self._options = {"rule": rule, "variable": variable}
        self.world, self.masks, self.calls = world, masks, 0
        self.rates = np.array([_mean_rate(edited, mask) for mask in masks])

    def at(self, rates: np.ndarray, player: int | None = None) -> Point:
        """Return outcomes at some rates, one a lever, and a country's slopes when it is named.

        Raises
        ------
        ConvergenceError
            If no equilibrium is certified there, or the adjoint equations are not solved.
        """
        with double_precision():
            asked = self._padded(rates)
            value, found, state = self._search(asked, self._fixed)
            if not bool(found.converged):
                raise ConvergenceError(
                    f"no equilibrium was certified at {_shown(rates)} (residual "
                    f"{float(found.residual):.1e}); narrow the bounds"
                )
            # Rates that are tried next lie near these.
            self._start = state
            value, residual = np.asarray(value), float(found.residual)
            if player is None:
                return Point(value, residual)
            slope, exact, missed = _slopes(
                asked, state=state, player=player, **self._fixed, **self._options
            )
            if not bool(exact):
                raise ConvergenceError(
                    f"the slopes at {_shown(rates)} were not found (residual {float(missed):.1e})"
                )
            return Point(value, residual, np.asarray(slope)[: len(rates)])

    def at_rest(self) -> np.ndarray:
        """Return the outcome [country] with no rate moved: as the edited world has it.

        Raises
        ------
        ConvergenceError
            If no equilibrium is certified there.
        """
        with double_precision():
            still = self._fixed | {"lever": jnp.zeros_like(self._fixed["lever"])}
            value, found, _ = self._search(self._padded(self.rates), still)
            if not bool(found.converged):
                raise ConvergenceError(
                    "no equilibrium was certified before any rate is moved (residual "
                    f"{float(found.residual):.1e})"
                )
            return np.asarray(value)

    def _padded(self, rates: np.ndarray):
        # Levers without cells, so that few numbers of levers have programs of their own.
        room = max(FEWEST_LEVERS, _power_of_two(len(rates)))
        return jnp.zeros(room).at[: len(rates)].set(jnp.asarray(rates, dtype=float))

    def _search(self, rates, fixed):
        self.calls += 1
        return _solve(rates, start=self._start, **fixed, **self._options)


def _room(ties: int, pairs: int) -> int:
    """Return how many ties a program states: few numbers of them, so that it serves again."""
    room = max(FEWEST_TIES, _power_of_two(ties))
    return pairs if room > FULL * pairs else room


def _power_of_two(count: int) -> int:
    return 1 << (count - 1).bit_length()


def _shown(rates: np.ndarray) -> str:
    first = ", ".join(f"{100 * rate:.1f} %" for rate in rates[:5])
    return f"tariffs of {first}" + (f" and {len(rates) - 5} more" if len(rates) > 5 else "")


def _mean_rate(world: World, mask: np.ndarray) -> float:
    """Return the trade-weighted mean tariff rate of some cells."""
    if not mask.any():
        return 0.0
    weight = world.values("flow")[mask]
    weight = weight if weight.sum() > 0 else np.ones_like(weight)
    return float((world.values("tariff_rate")[mask] * weight).sum() / weight.sum())
