"""One step of the search for equilibria as products of matrices, many draws side by side.

The equations are those of `trade.step`, one for one. Here they are written for arrays whose last
axis is the draw, so that a sum over origins is one product of a base table with as many columns
as there are draws, and powers are taken of long rows. A test holds the two steps against each
other.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from detente.models.trade_board import Board
from detente.models.trade_response import Newton
from detente.models.trade_solution import FLOOR

Table = np.ndarray
# Bytes of a line of the cache.
LINE = 64


@dataclass(frozen=True)
class Draws:
    """What differs from draw to draw; the draw is the last axis.

    Attributes
    ----------
    theta : [1, s, l] trade elasticities, and `per_theta` one over them; both with minus signs
    to : access on the ties in the order of their destinations
    to_net : the same over the new tariff, for the sectors with tariffs
    of_net : access over the new tariff in the order of the origins
    own_net : the same on ties of a country with itself
    pace : divisor of the wage's step
    deficit, zone : of the scenario
    """

    theta: Float[Table, "1 s l"]
    per_theta: Float[Table, "1 s l"]
    to: Float[Table, "k s l"]
    to_net: Float[Table, "k t l"]
    of_net: Float[Table, "k s l"]
    own_net: Float[Table, "h s l"]
    pace: Float[Table, "c l"]
    deficit: Float[Table, "c 1"]
    zone: Int[Table, " c"]

    def only(self, lanes: Bool[Table, " l"]) -> "Draws":
        """Return some of the draws."""
        by_lane = ("theta", "per_theta", "to", "to_net", "of_net", "own_net", "pace")
        kept = {name: np.ascontiguousarray(getattr(self, name)[..., lanes]) for name in by_lane}
        return replace(self, **kept)


def draws_of(
    board: Board,
    theta: Float[Table, "l s"],
    tied: Float[Table, "l s k"],
    tied_net: Float[Table, "l s k"],
    pace: Float[Table, "l c"],
    deficit: Float[Table, " c"],
    zone: Int[Table, " c"],
) -> Draws:
    """Lay out what `trade.prepare` made of several draws; see `trade.Fixed`."""
    access, net = (np.transpose(table, (2, 1, 0)) for table in (tied, tied_net))
    minus = -np.ascontiguousarray(theta.T)[None]
    return Draws(
        theta=minus,
        per_theta=1 / minus,
        to=np.ascontiguousarray(access[board.by_destination.order]),
        to_net=np.ascontiguousarray(net[board.by_destination.order][:, board.taxed]),
        of_net=np.ascontiguousarray(net[board.by_origin.order]),
        own_net=np.ascontiguousarray(net[board.own]),
        pace=np.ascontiguousarray(pace.T),
        deficit=deficit[:, None],
        zone=zone,
    )


class Map:
    """The map whose fixed point is the equilibrium: see `trade.step`.

    A state is [c, 1 + 2 s, l]: of each country the log wage, log prices and log spending. It
    travels as [m, l].

    Parameters
    ----------
    board, draws
        The scenario, and the draws it is solved for.
    rule
        Deficit rule; `zero` gives every draw a base of its own, and is left to `lanes`.
    newton
        How wages meet excess demand for labour together, and how the rest moves along. Without
        it each wage follows the demand for its own labour.
    """

    def __init__(self, board: Board, draws: Draws, rule: str, newton: Newton | None = None):
        self.board, self.draws, self.rule, self.newton = board, draws, rule, newton
        self.countries, self.sectors = board.bought.shape
        self.lanes, self.kind = draws.theta.shape[2], board.rest.dtype
        self.bought = board.bought[:, :, None]
        self.home = np.repeat(board.at_home[:, :, None], self.lanes, axis=2)
        self.home[board.origin[board.own]] += draws.own_net
        shape = (self.countries, self.sectors, self.lanes)
        # Room that every step uses anew: fresh memory for each costs more than the sums.
        self._cost, self._power, self._total, self._gap = (self._room(shape) for _ in range(4))
        self._bought, self._demand, self._net = (self._room(shape) for _ in range(3))
        self._sold = self._room((self.countries, self.sectors + 1, self.lanes))
        self._pushed = self._room((self.countries, 2 * self.sectors, self.lanes))

    def only(self, lanes: Bool[Table, " l"]) -> "Map":
        """Return the map of some of the draws."""
        newton = None if self.newton is None else self.newton.only(lanes)
        return type(self)(self.board, self.draws.only(lanes), self.rule, newton)

    def _room(self, shape: tuple[int, ...]) -> Table:
        """Return memory that begins with a line of the cache: sums across lines take twice."""
        room = np.empty(math.prod(shape) + LINE, self.kind)
        first = -room.ctypes.data % LINE // room.itemsize
        return room[first : first + math.prod(shape)].reshape(shape)

    def split(self, state: Float[Table, "m l"]) -> tuple[Table, Table, Table]:
        """Return log wages [c, l], log prices and log spending [c, s, l] as views of a state."""
        by_country = self.by_country(state)
        first = 1 + self.sectors
        return by_country[:, 0], by_country[:, 1:first], by_country[:, first:]

    def by_country(self, state: Float[Table, "m l"]) -> Float[Table, "c n l"]:
        """Return a state country by country."""
        return state.reshape(self.countries, 1 + 2 * self.sectors, self.lanes)

    def weights(self) -> Float[Table, "m l"]:
        """Return the factors of a step in the error that is bounded."""
        weights = np.ones((self.countries * (1 + 2 * self.sectors), self.lanes), self.kind)
        self.split(weights)[0][:] = 1 / self.draws.pace
        return weights

    def __call__(self, state: Float[Table, "m l"]) -> Float[Table, "m l"]:
        """Move prices, spending and wages towards what they imply for one another."""
        board, draws, sectors = self.board, self.draws, self.sectors
        wage, _, spending = self.split(state)
        moved = np.empty_like(state)
        new_wage, new_price, new_spending = self.split(moved)

        power, total = self.pass_prices(state, new_price)

        earned = self.earned(wage, new_price)
        bought = np.exp(spending, out=self._bought)
        bought *= self.bought
        demand = np.divide(bought, total, out=self._demand)
        sold = sum_by_sector(board.rest_net, demand, self._sold[:, :sectors])
        board.by_origin.add(sold, draws.of_net, demand)
        sold *= power
        income = earned + self.revenue(power, bought, demand)
        np.add(income, self.deficit(income), out=self._sold[:, sectors])

        wanted = np.matmul(board.wanted, self._sold, out=self._net)
        np.maximum(wanted, FLOOR, out=wanted)
        np.log(wanted, out=wanted)
        wanted[board.idle] = 0.0
        wanted -= spending
        rise = np.matmul(board.spending_loop, wanted, out=self._gap)
        np.add(spending, rise, out=new_spending)

        # Sales at home follow the new spending at once; sales abroad in the next step.
        more = np.expm1(rise, out=rise)
        more *= demand
        more *= power
        more *= self.home
        sold += more
        needed = np.matmul(board.value_added_share, sold)[:, 0]
        excess = np.log(np.clip(needed / earned, 1e-3, 1e3))
        np.add(wage, self.response(excess), out=new_wage)
        world = self.earned(new_wage, new_price).sum(axis=0)
        new_wage -= np.log(world / board.value_added.sum())
        if self.newton is not None:
            self.newton.follow(new_wage - wage, self.by_country(moved)[:, 1:], self._pushed)
        return moved

    def pass_prices(self, state: Float[Table, "m l"], new: Table) -> tuple[Table, Table]:
        """Move prices twice towards what they imply; return powers and price sums of the last."""
        board, sectors, price = self.board, self.sectors, self.split(state)[1]
        cost = np.matmul(board.cost, self.by_country(state)[:, : 1 + sectors], out=self._cost)
        gap = self.prices(cost, price)[2]
        pushed = np.matmul(board.moves, gap, out=self._pushed)
        np.add(price, pushed[:, :sectors], out=new)
        cost += pushed[:, sectors:]
        power, total, gap = self.prices(cost, new)
        new += np.matmul(board.moves[:, :sectors], gap, out=self._cost)
        return power, total

    def response(self, excess: Float[Table, "c l"]) -> Float[Table, "c l"]:
        """Return how log wages move that meet these log excess demands for labour."""
        return self.draws.pace * excess if self.newton is None else self.newton.rise(excess)

    def prices(self, cost: Table, price: Table) -> tuple[Table, Table, Table]:
        """Return cost to the power -theta, the price sum, and the gap of the log price."""
        board = self.board
        power = np.multiply(cost, self.draws.theta, out=self._power)
        np.exp(power, out=power)
        total = sum_by_sector(board.rest, power, self._total)
        board.by_destination.add(total, self.draws.to, power)
        total[board.idle] = 1.0
        gap = np.log(total, out=self._gap)
        gap *= self.draws.per_theta
        gap -= price
        return power, total, gap

    def revenue(self, power: Table, bought: Table, demand: Table) -> Float[Table, "c l"]:
        """Return what tariffs raise: spending less what origins receive of it."""
        taxed = self.board.taxed
        received = np.einsum("csl,csl->cl", self.net(power), demand[:, taxed])
        return bought[:, taxed].sum(axis=1) - received

    def net(self, power: Table) -> Table:
        """Return, of the taxed sectors, what origins receive per unit of the price sum."""
        board = self.board
        net = self._net[:, : len(board.rest_kept)]
        if len(board.rest_kept):
            sum_by_sector(board.rest_kept, power[:, board.taxed], net)
            board.by_destination.add(net, self.draws.to_net, power[:, board.taxed])
        return net

    def earned(self, wage: Table, price: Table) -> Float[Table, "c l"]:
        """Return value added: see `trade_hat.value_added`."""
        return self.board.value_added[:, None] * np.exp(self.rise(wage, price))

    def rise(self, wage: Table, price: Table) -> Float[Table, "c l"]:
        """Return the log change of value added: of the wage, and of labour at that wage."""
        board = self.board
        if not board.supply_elasticity.any():
            return wage
        final = np.matmul(board.final_share, price)[:, 0]
        return wage + board.supply_elasticity[:, None] * (wage - final)

    def deficit(self, income: Float[Table, "c l"]) -> Table:
        """Return the deficits that incomes imply."""
        return deficits(self.rule, income, self.draws, self.board.income[:, None])


def deficits(
    rule: str, income: Float[Table, "c l"], draws: Draws, first: Float[Table, "c 1"]
) -> Table:
    """Return the deficits under a rule: see `trade_hat.deficit_new`.

    Parameters
    ----------
    rule, income
        The rule, and incomes without deficits.
    draws
        Hold deficits and zones of the scenario.
    first
        Income in the base.
    """
    deficit, zone = draws.deficit, draws.zone
    if rule == "world_share":
        return deficit * (income.sum(axis=0) / first.sum())
    if rule == "own_share":
        wish = income * (1 + deficit / first)
        earned, wished = np.zeros_like(income), np.zeros_like(income)
        np.add.at(earned, zone, income)
        np.add.at(wished, zone, wish)
        scale = earned / np.where(wished > 0, wished, 1.0)
        return wish * scale[zone] - income
    if rule == "fixed":
        return deficit
    raise ValueError(f"the search knows no deficit rule '{rule}'")


def sum_by_sector(
    table: Float[Table, "s a b"], values: Float[Table, "b s l"], out: Float[Table, "a s l"]
) -> Float[Table, "a s l"]:
    """Return the sum over b, sector by sector."""
    np.matmul(table, values.swapaxes(0, 1), out=out.swapaxes(0, 1))
    return out
