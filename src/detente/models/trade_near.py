"""The last digits of a search in single precision: steps between near states, as differences.

Near an equilibrium a state is a reference, known in double precision, and a small difference from
it. What the equations say of the reference is computed once; what they say of the difference is a
sum of small terms, each known to seven digits, so that all of it is known to seven digits of the
small. The equations are those of `trade_search.Map`, without approximation.
"""

from copy import copy
from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Bool, Float

from detente.models.trade_board import Board, in_kind
from detente.models.trade_map import Map, deficits, sum_by_sector
from detente.models.trade_solution import FLOOR

Table = np.ndarray


@dataclass(frozen=True)
class Reference:
    """What the equations say of one state of each draw; the draw is the last axis.

    Attributes
    ----------
    price_gap, spending_gap : logs of what is implied over the state
    excess, level : log demand for labour over what there is; log of world value added over its
        base
    power, per_total : costs to the power -theta, and one over the price sum
    bought, demand : spending, and the same over the price sum
    reached, home : sales by origin over `power`; sales at home
    net : of the taxed sectors, what origins receive of `demand`
    per_wanted, needed : one over the implied spending that is compared; demand for labour
    earned, income, deficit : in double precision
    """

    price_gap: Float[Table, "c s l"]
    spending_gap: Float[Table, "c s l"]
    excess: Float[Table, "c l"]
    level: Float[Table, " l"]
    power: Float[Table, "c s l"]
    per_total: Float[Table, "c s l"]
    bought: Float[Table, "c s l"]
    demand: Float[Table, "c s l"]
    reached: Float[Table, "c s l"]
    home: Float[Table, "c s l"]
    net: Float[Table, "c t l"]
    per_wanted: Float[Table, "c s l"]
    needed: Float[Table, "c l"]
    earned: Float[Table, "c l"]
    income: Float[Table, "c l"]
    deficit: Float[Table, "c l"]

    def error(self) -> Float[Table, " l"]:
        """Return the largest gap of each draw, in logs."""
        gaps = self.price_gap, self.spending_gap, self.excess[:, None]
        return np.max([np.abs(gap).max(axis=(0, 1)) for gap in gaps], axis=0)

    def only(self, lanes: Bool[Table, " l"]) -> "Reference":
        """Return some of the draws."""
        kept = {one.name: getattr(self, one.name)[..., lanes] for one in fields(self)}
        return Reference(**{name: np.ascontiguousarray(table) for name, table in kept.items()})


def reference(move: Map, state: Float[Table, "m l"]) -> Reference:
    """Return what the equations say of a state.

    Parameters
    ----------
    move
        The map, in double precision.
    state
        As `Map` takes it.
    """
    board, draws = move.board, move.draws
    wage, price, spending = move.split(state)
    cost = np.matmul(board.cost, move.by_country(state)[:, : 1 + move.sectors])
    power, total, gap = move.prices(cost, price)
    earned = move.earned(wage, price)
    bought = np.exp(spending) * move.bought
    demand = bought / total
    reached = sum_by_sector(board.rest_net, demand, np.empty_like(power))
    board.by_origin.add(reached, draws.of_net, demand)
    sold = reached * power
    net = move.net(power).copy()
    taxed = board.taxed
    revenue = bought[:, taxed].sum(axis=1) - np.einsum("csl,csl->cl", net, demand[:, taxed])
    income = earned + revenue
    deficit = move.deficit(income) + np.zeros_like(income)
    wanted = np.matmul(board.wanted, np.concatenate([sold, (income + deficit)[:, None]], axis=1))
    wanted = np.maximum(wanted, FLOOR)
    spending_gap = np.log(wanted) - spending
    spending_gap[board.idle] = 0.0
    needed = np.matmul(board.value_added_share, sold)[:, 0]
    excess = np.log(np.clip(needed / earned, 1e-3, 1e3))
    found = Reference(
        price_gap=gap, spending_gap=spending_gap, excess=excess,
        level=np.log(earned.sum(axis=0) / board.value_added.sum()),
        power=power, per_total=1 / total, bought=bought, demand=demand, reached=reached,
        home=demand * power * move.home, net=net, per_wanted=1 / wanted, needed=needed,
        earned=earned, income=income, deficit=deficit,
    )  # fmt: skip
    small = in_kind(found, np.float32)
    return replace(small, earned=earned, income=income, deficit=deficit)


class Near(Map):
    """The map of differences from a reference: its fixed point is that of `Map`, less that.

    Parameters
    ----------
    exact
        The map in double precision.
    rough
        The board in single precision.
    at
        The reference.
    """

    def __init__(self, exact: Map, rough: Board, at: Reference):
        super().__init__(rough, in_kind(exact.draws, np.float32), exact.rule, exact.newton)
        # Deficits are what is left of large sums: those are known to all digits.
        self.at, self.whole, self.first = at, exact.draws, exact.board.income[:, None]

    def only(self, lanes: Bool[Table, " l"]) -> "Near":
        """Return the map of some of the draws."""
        near = copy(self)
        newton = None if self.newton is None else self.newton.only(lanes)
        Map.__init__(near, self.board, self.draws.only(lanes), self.rule, newton)
        near.at = self.at.only(lanes)
        return near

    def __call__(self, state: Float[Table, "m l"]) -> Float[Table, "m l"]:
        """Move differences of prices, spending and wages towards what they imply."""
        board, at, sectors = self.board, self.at, self.sectors
        wage, _, spending = self.split(state)
        moved = np.empty_like(state)
        new_wage, new_price, new_spending = self.split(moved)

        power, total = self.pass_prices(state, new_price)

        bought = np.expm1(spending, out=self._bought)
        demand = np.subtract(bought, total, out=self._demand)
        total += 1
        demand /= total
        demand *= at.demand
        sold = self._more_sold(power, demand)
        earned = self.rise(wage, new_price)
        income = at.earned * np.expm1(earned) + self._more_revenue(power, bought, demand)
        self._sold[:, sectors] = income + self.deficit(at.income + income) - at.deficit

        wanted = np.matmul(board.wanted, self._sold, out=self._net)
        wanted *= at.per_wanted
        np.log1p(wanted, out=wanted)
        wanted += at.spending_gap
        wanted[board.idle] = 0.0
        wanted -= spending
        rise = np.matmul(board.spending_loop, wanted, out=self._gap)
        np.add(spending, rise, out=new_spending)

        more = np.expm1(rise, out=rise)
        more *= at.home
        sold += more
        needed = np.matmul(board.value_added_share, sold)[:, 0] / at.needed
        excess = at.excess + np.log1p(needed) - earned
        np.add(wage, self.response(excess), out=new_wage)
        world = (at.earned * np.expm1(self.rise(new_wage, new_price))).sum(axis=0)
        new_wage -= at.level + np.log1p(world / at.earned.sum(axis=0))
        if self.newton is not None:
            self.newton.follow(new_wage - wage, self.by_country(moved)[:, 1:], self._pushed)
        return moved

    def deficit(self, income: Float[Table, "c l"]) -> Table:
        """Return the deficits that incomes imply, in double precision."""
        return deficits(self.rule, income, self.whole, self.first)

    def prices(self, cost: Table, price: Table) -> tuple[Table, Table, Table]:
        """Return differences of the powers and of the price sum, the latter over the sum."""
        board, at = self.board, self.at
        power = np.multiply(cost, self.draws.theta, out=self._power)
        np.expm1(power, out=power)
        power *= at.power
        total = sum_by_sector(board.rest, power, self._total)
        board.by_destination.add(total, self.draws.to, power)
        total *= at.per_total
        gap = np.log1p(total, out=self._gap)
        gap *= self.draws.per_theta
        gap += at.price_gap
        gap -= price
        return power, total, gap

    def _more_sold(self, power: Table, demand: Table) -> Table:
        at, sold = self.at, self._sold[:, : self.sectors]
        sum_by_sector(self.board.rest_net, demand, sold)
        self.board.by_origin.add(sold, self.draws.of_net, demand)
        sold *= np.add(at.power, power, out=self._cost)
        sold += np.multiply(at.reached, power, out=self._cost)
        return sold

    def _more_revenue(self, power: Table, bought: Table, demand: Table) -> Float[Table, "c l"]:
        at, taxed = self.at, self.board.taxed
        spent = np.einsum("csl,csl->cl", at.bought[:, taxed], bought[:, taxed])
        whole = at.demand[:, taxed] + demand[:, taxed]
        received = np.einsum("csl,csl->cl", self.net(power), whole)
        received += np.einsum("csl,csl->cl", at.net, demand[:, taxed])
        return spent - received
