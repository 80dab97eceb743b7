"""The only home of `jit`: one compiled solve for every scenario and draw of the same shape.

Draws are not lifted with `vmap`: on a CPU every draw would wait for the slowest and the data
would leave the cache. Each worker thread calls the same compiled function, draw after draw.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from detente.ensemble import LEVEL, Ensemble
from detente.errors import ConvergenceError, WorldError
from detente.models import trade, trade_measures, trade_world
from detente.models.trade_hat import TradeBase, TradeState
from detente.models.trade_world import TradeParameters, TradePolicy
from detente.world import World

# Parts of a scenario below this are not tried: the way to its equilibrium has ended.
SHORTEST = 1 / 256
BY_SENDER = ("sanction_effect_broad_exports", "sanction_effect_broad_imports")
EFFECTS = (
    "sanction_effect_partial",
    "sanction_effect_complete",
    "sanction_persistence",
    "agreement_effect",
)


@contextlib.contextmanager
def double_precision() -> Iterator[None]:
    """Compute in float64 within the block; no global option is set."""
    with jax.enable_x64(True):
        yield


def _point(
    base: TradeBase, policy: TradePolicy, given: TradeParameters, rule: str, start=None, aids=None
):
    change = trade_world.resolve(policy, given)
    solution = trade.solve(base, change, given.theta, rule, start=start, aids=aids)
    return solution, trade_measures.measures(base, change, solution, policy.goods)


@partial(jax.jit, static_argnames=("rule",))
def _solve(base, policy, given, start, aids, rule: str):
    solution, found = _point(base, policy, given, rule, start, aids)
    # Flows cost less to return always than a second compilation would.
    flows = trade_measures.flow_new(solution)
    return solution.certificate, solution.state, found.country, found.goods, flows


@partial(jax.jit, static_argnames=("rule",))
def _settle(base, policy, given, rule: str):
    nothing = trade_world.relaxed(policy, base)
    solution = trade.solve(base, trade_world.resolve(nothing, given), given.theta, rule)
    return solution.certificate, trade.rebase(base, solution)


@partial(jax.jit, static_argnames=("rule",))
def _approach(base, policy, given, start, aids, part, rule: str):
    change = trade_world.part_of(trade_world.resolve(policy, given), base, part)
    solution = trade.solve(base, change, given.theta, rule, start=start, aids=aids)
    return solution.certificate, solution.state


_search_aids = jax.jit(trade.search_aids)


@jax.jit
def _settle_change(base, change, theta):
    solution = trade.solve(base, change, theta, "fixed")
    return solution.certificate, trade.rebase(base, solution)


@partial(jax.jit, static_argnames=("rule", "variable"))
def _slopes(base, policy, given, rule: str, variable: str):
    def value(parameters):
        return _point(base, policy, TradeParameters(**parameters), rule)[1].country[variable]

    # A mapping, since what is differentiated is rebuilt around things that are no arrays.
    return jax.jacfwd(value)(vars(given))


@dataclass(frozen=True)
class Solved:
    """One scenario, one draw: plain arrays, or the reason why there are none.

    Attributes
    ----------
    reason : empty when an equilibrium was found and certified
    residual, steps : from the certificate
    country : fractions of base by variable, each [country]
    goods : new goods flows [origin, destination], in the unit of the world's flows
    flows : new flows [origin, destination, sector], when asked for
    """

    reason: str
    residual: float
    steps: int
    country: dict[str, np.ndarray] | None = None
    goods: np.ndarray | None = None
    flows: np.ndarray | None = None


class Engine:
    """The trade model of one world under one deficit rule, ready to solve.

    Parameters
    ----------
    world
        The base world.
    edited
        The edited worlds, one for each scenario.
    ensemble
        Gives elasticities from draws.
    rule
        Deficit rule.
    """

    def __init__(self, world: World, edited: list[World], ensemble: Ensemble, rule: str):
        self.world, self.ensemble, self.rule = world, ensemble, rule
        self.scale = float(trade_world.totals(world).value_added.sum())
        self._place = {code: place for place, code in enumerate(world.countries)}
        base = trade_world.prepare(world)
        policies = [trade_world.policy(world, one) for one in edited]
        self.reasons = [trade_world.obstacle(world, base, one, rule) for one in policies]
        with double_precision():
            self.base: TradeBase = jax.device_put(base)
            self.policies: list[TradePolicy] = [jax.device_put(one) for one in policies]
            self._starts = [trade.at_base(self.base)] * len(policies)
            self._aids = _search_aids(self.base)
        self._idle = [rule != "zero" and trade_world.is_idle(base, policy) for policy in policies]
        self._nothing: dict[int, Solved] = {}

    def warm(self) -> None:
        """Begin later searches where each scenario settles at the medians of the parameters.

        Draws then begin at a point that depends on nothing but the scenario, so that results do
        not depend on the order of draws or on the number of workers.
        """
        row = self.ensemble.medians()
        base = self.settle(row)
        if isinstance(base, Solved):
            return
        for number, reason in enumerate(self.reasons):
            if reason:
                continue
            with double_precision():
                certificate, state, *_ = _solve(
                    base, self.policies[number], self.parameters(row), self._starts[number],
                    self._aids, self.rule,
                )  # fmt: skip
            if bool(certificate.converged):
                self._starts[number] = state

    def parameters(self, row: dict[str, float]) -> TradeParameters:
        """Return one draw as arrays."""
        return TradeParameters(
            theta=self.ensemble.theta(row),
            **{name: np.asarray(float(row[name])) for name in EFFECTS},
            **{name: self._by_sender(row, name) for name in BY_SENDER},
        )

    def _by_sender(self, row: dict[str, float], name: str) -> np.ndarray:
        """Return [country]: each sender's own effect where a draw has one, else the common one."""
        effect = np.full(len(self._place), float(row[name]))
        for column, value in row.items():
            if column.startswith(f"{name}["):
                effect[self._place[column[len(name) + 1 : -1]]] = value
        return effect

    def settle(self, row: dict[str, float]) -> TradeBase | Solved:
        """Return the base for a draw: without deficits it must itself be solved for first."""
        if self.rule != "zero" or not self.policies:
            return self.base
        with double_precision():
            certificate, base = _settle(self.base, self.policies[0], self.parameters(row), "zero")
            if bool(certificate.converged):
                return base
            return Solved(
                "the base without deficits was not found "
                f"(residual {float(certificate.residual):.1e}, {int(certificate.steps)} steps)",
                float(certificate.residual),
                int(certificate.steps),
            )

    def solve(
        self, number: int, row: dict[str, float], base: TradeBase | Solved, flows: bool = False
    ) -> Solved:
        """Solve scenario `number` for one draw; failure is returned, never raised."""
        if isinstance(base, Solved):
            return base
        reason = self.reasons[number]
        if reason:
            return Solved(reason, np.nan, 0)
        if self._idle[number] and not flows:
            # Nothing that this model reads is changed: the base answers for every draw. It is
            # solved at the medians, so that no bit depends on which draw came first.
            if number not in self._nothing:
                medians = self.ensemble.medians()
                self._nothing[number] = self._solve_one(number, medians, base, flows)
            return self._nothing[number]
        return self._solve_one(number, row, base, flows)

    def _solve_one(
        self, number: int, row: dict[str, float], base: TradeBase, flows: bool
    ) -> Solved:
        with double_precision():
            certificate, _, country, goods, kept = _solve(
                base,
                self.policies[number],
                self.parameters(row),
                self._starts[number],
                self._aids,
                self.rule,
            )
            if not bool(certificate.converged):
                state, reached = self._follow(number, row, base)
                certificate, _, country, goods, kept = _solve(
                    base, self.policies[number], self.parameters(row), state, self._aids, self.rule
                )
            residual, steps = float(certificate.residual), int(certificate.steps)
            if not bool(certificate.converged):
                return Solved(
                    f"the search found no equilibrium (residual {residual:.1e}, bound "
                    f"{trade.CERTIFIED:.0e}); it followed the scenario to {100 * reached:.0f} % of "
                    "its size and lost it there, so none may exist beyond",
                    residual,
                    steps,
                )
            values = {name: np.asarray(value) for name, value in country.items()}
        bad = [name for name, value in values.items() if not np.isfinite(value).all()]
        if bad:
            where = self.world.countries[int(np.flatnonzero(~np.isfinite(values[bad[0]]))[0])]
            return Solved(f"{bad[0]} of {where} is not a finite number", residual, steps)
        return Solved(
            "",
            residual,
            steps,
            values,
            self._comparable(np.asarray(goods), base, self._goods) * self.scale,
            None
            if not flows
            else self._comparable(np.asarray(kept), base, self._flows).transpose(1, 2, 0)
            * self.scale,
        )

    def _follow(
        self, number: int, row: dict[str, float], base: TradeBase
    ) -> tuple[TradeState, float]:
        """Approach a scenario by parts, each begun where the last one settled.

        Large shocks lie too far from the base for one search; their equilibria are found along
        the way. Returns the last state and the share of the scenario that was reached.
        """
        state, reached, stride = trade.at_base(self.base), 0.0, 0.25
        given = self.parameters(row)
        while reached < 1 and stride > SHORTEST:
            part = min(1.0, reached + stride)
            certificate, found = _approach(
                base, self.policies[number], given, state, self._aids, jnp.asarray(part), self.rule
            )
            if bool(certificate.converged):
                state, reached, stride = found, part, 1.5 * stride
            else:
                stride = stride / 2
        return state, reached

    def _comparable(self, new: np.ndarray, base: TradeBase, of: Callable) -> np.ndarray:
        """Return new flows as changes from this draw's base, at the level of the central base.

        Without deficits each draw has a base of its own; an outcome states one.
        """
        if base is self.base:
            return new
        own, central = of(base), of(self._central())
        return np.where(own > 0, new / np.where(own > 0, own, 1.0) * central, new)

    def _central(self) -> TradeBase:
        settled = self.settle(self.ensemble.medians())
        if isinstance(settled, Solved):
            raise ConvergenceError(settled.reason)
        return settled

    @staticmethod
    def _flows(base: TradeBase) -> np.ndarray:
        share = np.asarray(base.share) / np.asarray(base.tariff)
        return share * np.asarray(base.expenditure)[:, None, :]

    def _goods(self, base: TradeBase) -> np.ndarray:
        goods = trade_world.goods_sectors(self.world)
        return np.einsum("s,sod->od", goods, self._flows(base))

    def slopes(self, number: int, row: dict[str, float], variable: str) -> dict[str, Any]:
        """Return derivatives of a country variable with respect to each parameter.

        The implicit function theorem gives them; nothing is unrolled or perturbed.

        Raises
        ------
        ConvergenceError
            If there is no equilibrium to take slopes at.
        """
        base = self.settle(row)
        point = self.solve(number, row, base)
        if point.reason or isinstance(base, Solved):
            raise ConvergenceError(f"no slopes, since there is no equilibrium: {point.reason}")
        with double_precision():
            found = _slopes(base, self.policies[number], self.parameters(row), self.rule, variable)
            table = {name: np.asarray(found[name]) for name in EFFECTS}
            theta = np.asarray(found["theta"])
            for name in BY_SENDER:
                slopes = np.asarray(found[name])
                own = [f"{name}[{code}]" in row for code in self.world.countries]
                table[name] = slopes[:, ~np.array(own)].sum(axis=1)
                for place in np.flatnonzero(own):
                    table[f"{name}[{self.world.countries[place]}]"] = slopes[:, place]
        table[LEVEL] = theta @ self.ensemble.theta(row) / row[LEVEL]
        for place, sector in enumerate(self.world.sectors):
            table[f"trade_elasticity[{sector}]"] = theta[:, place] * row[LEVEL]
        return table


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
        change = trade_world.unchanged(base)
        certificate, settled = _settle_change(base, change, jnp.asarray(theta))
        if not bool(certificate.converged):
            raise WorldError(
                "no equilibrium is near these tables (residual "
                f"{float(certificate.residual):.1e}); mend the largest imbalances first"
            )
        found = settled.share / settled.tariff * settled.expenditure[:, None, :]
        return np.asarray(found).transpose(1, 2, 0) * scale
