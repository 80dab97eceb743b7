"""The trade model of one world, ready to solve scenarios for draws; failures are named."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.ensemble import Ensemble
from detente.errors import ConvergenceError
from detente.lazy import LoadedOnUse
from detente.models import trade, trade_obstacles, trade_world
from detente.models.arrays import BLOCK, each
from detente.models.trade_hat import TradeBase, TradeState
from detente.models.trade_solution import CERTIFIED
from detente.models.trade_world import TradeParameters, TradePolicy
from detente.runs.drawn import Row, parameters, slopes_by_name
from detente.runs.lost import NEARLY, why_lost, why_no_answer
from detente.runs.programs import alike, program_of
from detente.runs.searches import Searches
from detente.runs.solved import Lanes, Solved
from detente.world import World

if TYPE_CHECKING:
    from detente.runs import lift
else:
    # What is compiled waits until a program is asked for: most runs ask for none.
    lift = LoadedOnUse("detente.runs.lift")

# Draws solved side by side: more would leave the cache, fewer would read the tables more often.
LANES = 2 * BLOCK
# The same for scenarios whose draws share no table, or that `models.lanes` searches for.
FEW_LANES = 5
# Parts of a scenario below this are not tried: the way to its equilibrium has ended.
SHORTEST = 1 / 256


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
    horizon
        `short`: labour cannot change its sector, and elasticities are scaled down; or `long`.
    actors
        Countries whose goods trade with every other is kept.
    """

    def __init__(
        self,
        world: World,
        edited: list[World],
        ensemble: Ensemble,
        rule: str,
        horizon: str = "long",
        actors: Sequence[str] = (),
    ):
        self.world, self.ensemble, self.rule = world, ensemble, rule
        self.short = horizon == "short"
        own = [world.countries.index(code) for code in actors]
        self._own = np.array(own, dtype=int)
        # Powers of two, so that runs in one process share compiled programs; nobody fills up.
        room = max(8, 1 << (max(len(own), 1) - 1).bit_length())
        self._actors = np.array([*own, *[len(world.countries)] * (room - len(own))])
        self.scale = float(trade_world.totals(world).value_added.sum())
        base = trade_world.prepare(world)
        policies = [trade_world.policy(world, one) for one in edited]
        self.reasons = [trade_obstacles.obstacle(world, base, one, rule) for one in policies]
        self._idle = [rule != "zero" and trade_world.is_idle(base, policy) for policy in policies]
        self._nothing: dict[int, Solved] = {}
        self.base, self.policies = base, alike(base, policies)
        self._starts = [self._at_base(one) for one in self.policies]
        self._aids = trade.search_aids(base)
        self._searches = Searches(base, self._aids, rule, ensemble.theta(ensemble.medians()))

    def warm(self) -> None:
        """Compile what needs it, and begin searches where each scenario settles at the medians.

        Draws then begin at a point that depends on nothing but the scenario, so that results do
        not depend on the order of draws or on the number of workers.
        """
        median = self.ensemble.medians()
        base = self.settle(median)
        numbers = [n for n, reason in enumerate(self.reasons) if not reason]
        if isinstance(base, Solved) or not numbers:
            return
        compiled = [n for n in numbers if not (self._idle[n] or self._direct(n))]
        shapes = {program_of(self.policies[n]): n for n in compiled}
        with ThreadPoolExecutor(1) as pool:
            # The programs for many draws are compiled while the medians are searched for.
            wide = [
                pool.submit(self._lanes, n, [median] * self._width(n), base)
                for n in (shapes.values() if self.rule != "zero" else ())
            ]
            if any(map(self._direct, numbers)):
                self._searches.learn()
            found = {n: self._settled(n, median, base) for n in numbers}
            for future in wide:
                future.result()
        for number, (converged, state) in found.items():
            if converged:
                self._starts[number] = state

    def _settled(self, number: int, row: Row, base: TradeBase) -> tuple[bool, TradeState]:
        """Return where a scenario settles in one draw, and whether it does."""
        if self._direct(number):
            policy, start = self.policies[number], self._starts[number]
            state, certificate = self._searches.states(number, policy, self._drawn([row]), start)
        else:
            found = self._lanes(number, [row], base)
            state, certificate = found.state, found.certificate
        return bool(certificate.converged[0]), each(lambda leaf: leaf[0], state)

    def _direct(self, number: int) -> bool:
        """Whether `models.trade_search` knows all that a scenario has."""
        plain = self.base.supply is None and not self.short and self.rule != "zero"
        return plain and self.policies[number].border is None

    def compiles(self) -> bool:
        """Whether draws of a scenario need a compiled program."""
        numbers = range(len(self.policies))
        return any(self.is_searched(n) and not self._direct(n) for n in numbers)

    def is_searched(self, number: int) -> bool:
        """Whether a scenario changes what this model reads, and may have an equilibrium."""
        return not (self.reasons[number] or self._idle[number])

    def _width(self, number: int) -> int:
        """Return how many draws of a scenario are solved side by side."""
        pairs = self.base.share.shape[1] * self.base.share.shape[2]
        shared = len(self.policies[number].origin) < pairs
        return LANES if self._direct(number) and shared else FEW_LANES

    def parameters(self, row: Row) -> TradeParameters:
        """Return one draw as arrays."""
        return parameters(self.world, self.ensemble, row, self.short)

    def _drawn(self, rows: list[Row]) -> TradeParameters:
        """Return draws as arrays with a leading axis."""
        return each(lambda *leaves: np.stack(leaves), *map(self.parameters, rows))

    def settle(self, row: Row) -> TradeBase | Solved:
        """Return the base for a draw: without deficits it must itself be solved for first."""
        if self.rule != "zero" or not self.policies:
            return self.base
        with lift.double_precision():
            theta = self.ensemble.theta(row)
            certificate, base = lift.settle(self._held[0], theta, "zero")
            if bool(certificate.converged):
                return base
            return Solved(
                "the base without deficits was not found "
                f"(residual {float(certificate.residual):.1e}, {int(certificate.steps)} steps)",
                float(certificate.residual),
                int(certificate.steps),
            )

    def solve(self, number: int, row: Row, base: TradeBase | Solved, flows: bool = False) -> Solved:
        """Solve scenario `number` for one draw; failure is returned, never raised."""
        if isinstance(base, Solved):
            return base
        return self._answer(number, [row], base, flows, alone=True)[0]

    def settled_state(self, number: int, row: Row) -> tuple[Solved, TradeState | None]:
        """Solve scenario `number` for one draw; return its result and the state behind it."""
        base, reason = self.settle(row), self.reasons[number]
        if isinstance(base, Solved):
            return base, None
        if reason:
            return Solved(reason, np.nan, 0), None
        found = self._lanes(number, [row], base, alone=True)
        if not found.certificate.converged[0]:
            state, _ = self._follow(number, row, base)
            found = self._lanes(number, [row], base, state, alone=True)
        solved = self._solved(number, row, base, found, 0, False)
        return solved, each(lambda leaf: leaf[0], found.state)

    def solve_all(
        self, number: int, rows: list[Row], bases: list[TradeBase | Solved], flows: bool = False
    ) -> list[Solved]:
        """Solve scenario `number` for several draws; failures are returned, never raised.

        Parameters
        ----------
        number
            Of the scenario.
        rows, bases
            One draw each, and what `settle` gave for it.
        flows
            Whether flows by sector are kept.
        """
        if self.rule == "zero":
            # Every draw has a base of its own, and nothing to share with the others.
            both = zip(rows, bases, strict=True)
            return [self.solve(number, row, base, flows) for row, base in both]
        found = []
        width = self._width(number)
        for first in range(0, len(rows), width):
            some = rows[first : first + width]
            if width == FEW_LANES:
                # Always as many lanes, so that one program serves, and no bit depends on the count.
                some = some + [some[-1]] * (width - len(some))
            found += self._answer(number, some, self.base, flows)
        return found[: len(rows)]

    def _answer(
        self, number: int, rows: list[Row], base: TradeBase, flows: bool, alone: bool = False
    ) -> list[Solved]:
        reason = self.reasons[number]
        if reason:
            return [Solved(reason, np.nan, 0)] * len(rows)
        if self._idle[number] and not flows:
            # Nothing is changed that this model reads: the base, at the medians, is the answer.
            if number not in self._nothing:
                median = self.ensemble.medians()
                solved = self._lanes(number, [median] * len(rows), base, alone=alone)
                self._nothing[number] = self._solved(number, median, base, solved, 0, False)
            return [self._nothing[number]] * len(rows)
        solved = self._lanes(number, rows, base, alone=alone)
        found: list[Solved] = []
        for lane, row in enumerate(rows):
            fills = lane and row is rows[lane - 1]  # it makes up the number of lanes, and no more
            one = found[-1] if fills else self._solved(number, row, base, solved, lane, flows)
            found.append(one)
        return found

    def _lanes(
        self,
        number: int,
        rows: list[Row],
        base: TradeBase,
        start: TradeState | None = None,
        alone: bool = False,
        plain: bool = False,
    ) -> Lanes:
        """Solve some draws, and measure what follows.

        A point estimate stands `alone`: one column is too short to outweigh the calls that work
        on whole arrays, and a compiled program solves it. With `plain` wages move one by one.
        """
        policy, given = self.policies[number], self._drawn(rows)
        start = start or self._starts[number]
        plain = plain or not self._direct(number)
        if not (plain or alone):
            return self._searches.solve(number, policy, given, start, self._own)
        with lift.double_precision():
            base, policy, aids = self._on_device(number, base)
            if not plain:
                aids = self._searches.aids_of(self.ensemble.theta(rows[0]), aids)
            first, last = (base, policy, given), (aids, self._actors, self.rule)
            found = lift.solve(*first, start, *last)
            if not plain and NEARLY > found.certificate.residual[0] > CERTIFIED:
                # It ended a little short of what the equations are held to: on from there.
                start = each(lambda leaf: leaf[0], found.state)
                found = lift.solve(*first, start, *last)
            return found

    def _at_base(self, policy: TradePolicy) -> TradeState:
        """Return the state of the base, with the unknowns that a policy and the horizon have."""
        return trade.at_base(self.base, policy.border, self.short)

    @cached_property
    def _held(self) -> tuple[TradeBase, list[TradePolicy], trade.Aids]:
        """What compiled programs read, kept where they read it."""
        with lift.double_precision():
            return lift.held((self.base, self.policies, self._aids))

    def _on_device(self, number: int, base: TradeBase) -> tuple[TradeBase, TradePolicy, trade.Aids]:
        held, policies, aids = self._held
        if base is not self.base:
            held, aids = base, lift.search_aids(base)
        return held, policies[number], aids

    def _solved(
        self, number: int, row: Row, base: TradeBase, found: Lanes, lane: int, flows: bool
    ) -> Solved:
        """Return the result of one lane; a search that failed is taken up along the way."""
        if not found.certificate.converged[lane]:
            state, reached = self._follow(number, row, base)
            found, lane = self._lanes(number, [row], base, state), 0
            if NEARLY > found.certificate.residual[0] > CERTIFIED:
                # So near an end wages one by one see what all together may not.
                found = self._lanes(number, [row], base, state, plain=True)
        residual = float(found.certificate.residual[lane])
        steps = int(found.certificate.steps[lane])
        values = {name: np.asarray(value[lane]) for name, value in found.measured.country.items()}
        if not found.certificate.converged[lane]:
            final = np.asarray(self._aids.income) + np.asarray(self.base.deficit)
            why = why_lost(self.world, values, final, residual, reached, self.rule)
            return Solved(why, residual, steps)
        if why := why_no_answer(self.world, values):
            return Solved(why, residual, steps)
        sold, bought = (np.asarray(f[lane]) for f in (found.measured.sold, found.measured.bought))
        own, count = self._own, len(self._own)
        sold = self._comparable(sold[:count], base, lambda one: self._goods(one)[own])
        bought = self._comparable(bought[:, :count], base, lambda one: self._goods(one)[:, own])
        kept = self._kept(number, row, base, found, lane) if flows else None
        return Solved("", residual, steps, values, sold * self.scale, bought.T * self.scale, kept)

    def _kept(self, number: int, row: Row, base: TradeBase, found: Lanes, lane: int) -> np.ndarray:
        """Return the flows of a lane, [origin, destination, sector]."""
        state = each(lambda leaf: leaf[lane], found.state)
        with lift.double_precision():
            held, policy, _ = self._on_device(number, base)
            made = self.parameters(row), found.power[lane], found.demand[lane], state
            flow = np.asarray(lift.flows(held, policy, *made))
        return self._comparable(flow, base, self._flows).transpose(1, 2, 0) * self.scale

    def _follow(self, number: int, row: Row, base: TradeBase) -> tuple[TradeState, float]:
        """Approach a scenario by parts, each begun where the last one settled.

        Large shocks lie too far from the base for one search; their equilibria are found along
        the way. Returns the last state and the share of the scenario that was reached.
        """
        reached, stride = 0.0, 0.25
        state = self._at_base(self.policies[number])
        while reached < 1 and stride > SHORTEST:
            part = min(1.0, reached + stride)
            converged, found = self._part(number, row, base, state, part)
            if converged:
                state, reached, stride = found, part, 1.5 * stride
            else:
                stride = stride / 2
        return state, reached

    def _part(
        self, number: int, row: Row, base: TradeBase, state: TradeState, part: float
    ) -> tuple[bool, TradeState]:
        """Search for the equilibrium of a share of a scenario; say whether there is one."""
        if not self._direct(number):
            base, policy, aids = self._on_device(number, base)
            made = self.parameters(row), state, aids, np.asarray(part)
            with lift.double_precision():
                certificate, found = lift.approach(base, policy, *made, self.rule)
            return bool(certificate.converged), found
        policy, given = self.policies[number], self._drawn([row])
        found, certificate = self._searches.states(number, policy, given, state, part)
        return bool(certificate.converged[0]), each(lambda leaf: leaf[0], found)

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

    def slopes(self, number: int, row: Row, variable: str) -> dict[str, Any]:
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
        with lift.double_precision():
            held, policies, aids = self._held
            policy, start = policies[number], self._at_base(policies[number])
            made = held, policy, self.parameters(row), start, aids
            found = lift.slopes(*made, self.rule, variable)
        return slopes_by_name(found, self.world, self.ensemble, row, self.short)
