"""The search for an equilibrium as products of matrices, many draws side by side.

The equations are those of `trade.step`, one for one. Here they are written for arrays whose last
axis is the draw, so that a sum over origins is one product of a base table with as many columns
as there are draws, and powers are taken of long rows. Where a search ends is certified by `trade`
with its own equations, and a test holds the two steps against each other.

Scenarios with quotas or export taxes, labour that cannot change its sector, and returns to scale
have more unknowns; `lanes` searches for those.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from detente.models import mixing
from detente.models.trade import FLOOR, TOLERANCE
from detente.models.trade_board import Board, in_kind
from detente.models.trade_response import Newton

Table = np.ndarray
# Searches that end take some twenty steps, and a hundred where shocks are large.
MOST_STEPS = 300
# A search in which all wages move together either ends within these or not at all.
FEW_STEPS = 80
# A search begins in single precision, at half the cost, and leaves it at this error.
ROUGH, MOST_ROUGH_STEPS = 1e-5, 14


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
        return np.empty(shape, self.kind)

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
        wage, price, spending = self.split(state)
        moved = np.empty_like(state)
        new_wage, new_price, new_spending = self.split(moved)

        cost = np.matmul(board.cost, self.by_country(state)[:, : 1 + sectors], out=self._cost)
        power, total, gap = self._prices(cost, price)
        pushed = np.matmul(board.moves, gap, out=self._pushed)
        np.add(price, pushed[:, :sectors], out=new_price)
        cost += pushed[:, sectors:]
        power, total, gap = self._prices(cost, new_price)
        new_price += np.matmul(board.moves[:, :sectors], gap, out=self._cost)

        earned = self._earned(wage, new_price)
        bought = np.exp(spending, out=self._bought)
        bought *= self.bought
        demand = np.divide(bought, total, out=self._demand)
        sold = _sum(board.rest_net, demand, self._sold[:, :sectors])
        board.by_origin.add(sold, draws.of_net, demand)
        sold *= power
        income = earned + self._revenue(power, bought, demand)
        np.add(income, self._deficit(income), out=self._sold[:, sectors])

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
        self._wages(wage, needed / earned, new_wage)
        world = self._earned(new_wage, new_price).sum(axis=0)
        new_wage -= np.log(world / board.value_added.sum())
        if self.newton is not None:
            self.by_country(moved)[:, 1:] += self.newton.follow(new_wage - wage)
        return moved

    def _wages(self, wage: Table, needed: Float[Table, "c l"], new: Table) -> None:
        """Move wages by the demand for labour over what there is."""
        excess = np.log(np.clip(needed, 1e-3, 1e3))
        rise = self.draws.pace * excess if self.newton is None else self.newton.rise(excess)
        np.add(wage, rise, out=new)

    def _prices(self, cost: Table, price: Table) -> tuple[Table, Table, Table]:
        """Return cost to the power -theta, the price sum, and the gap of the log price."""
        board = self.board
        power = np.multiply(cost, self.draws.theta, out=self._power)
        np.exp(power, out=power)
        total = _sum(board.rest, power, self._total)
        board.by_destination.add(total, self.draws.to, power)
        total[board.idle] = 1.0
        gap = np.log(total, out=self._gap)
        gap *= self.draws.per_theta
        gap -= price
        return power, total, gap

    def _revenue(self, power: Table, bought: Table, demand: Table) -> Float[Table, "c l"]:
        """Return what tariffs raise: spending less what origins receive of it."""
        board = self.board
        if not len(board.rest_kept):
            return np.zeros((self.countries, self.lanes), self.kind)
        power, bought, demand = (table[:, board.taxed] for table in (power, bought, demand))
        net = _sum(board.rest_kept, power, self._net[:, : len(board.rest_kept)])
        board.by_destination.add(net, self.draws.to_net, power)
        return bought.sum(axis=1) - np.einsum("csl,csl->cl", net, demand)

    def _earned(self, wage: Table, price: Table) -> Float[Table, "c l"]:
        """Return value added: see `trade_hat.value_added`."""
        board = self.board
        if not board.supply_elasticity.any():
            return board.value_added[:, None] * np.exp(wage)
        final = np.matmul(board.final_share, price)[:, 0]
        rise = wage + board.supply_elasticity[:, None] * (wage - final)
        return board.value_added[:, None] * np.exp(rise)

    def _deficit(self, income: Float[Table, "c l"]) -> Table:
        """Return the deficits under the rule: see `trade_hat.deficit_new`."""
        deficit, first = self.draws.deficit, self.board.income
        if self.rule == "world_share":
            return deficit * (income.sum(axis=0) / first.sum())
        if self.rule == "own_share":
            wish = income * (1 + deficit / first[:, None])
            zone = self.draws.zone
            earned, wished = np.zeros_like(income), np.zeros_like(income)
            np.add.at(earned, zone, income)
            np.add.at(wished, zone, wish)
            scale = earned / np.where(wished > 0, wished, 1.0)
            return wish * scale[zone] - income
        if self.rule == "fixed":
            return deficit
        raise ValueError(f"the search knows no deficit rule '{self.rule}'")


def _sum(
    table: Float[Table, "s a b"], values: Float[Table, "b s l"], out: Float[Table, "a s l"]
) -> Float[Table, "a s l"]:
    """Return the sum over b, sector by sector."""
    np.matmul(table, values.swapaxes(0, 1), out=out.swapaxes(0, 1))
    return out


@dataclass(frozen=True)
class Found:
    """Where the searches ended, draw by draw: logs of wages, prices and spending.

    Attributes
    ----------
    log_wage, log_price, log_spending : as in `trade_hat.TradeState`
    error : largest relative change that one more step would make;  steps : taken
    """

    log_wage: Float[Table, "l c"]
    log_price: Float[Table, "l s c"]
    log_spending: Float[Table, "l s c"]
    error: Float[Table, " l"]
    steps: Int[Table, " l"]


def search(
    board: Board,
    draws: Draws,
    rule: str,
    start: tuple[Table, Table, Table],
    tolerance: float = TOLERANCE,
    newton: Newton | None = None,
    rough: Board | None = None,
) -> Found:
    """Search for the equilibria of one scenario in several draws.

    Parameters
    ----------
    board, draws, rule, newton
        See `Map`.
    start
        Log wages [c], log prices and log spending [s, c] where every search begins.
    tolerance
        Bound on the relative change that one more step makes.
    rough
        The board in single precision; the search then begins with it.
    """
    move = Map(board, draws, rule, newton)
    wage, price, spending = (np.asarray(part).T for part in start)
    first = np.concatenate([wage[:, None], price, spending], axis=1).reshape(-1, 1)
    first = np.repeat(first, move.lanes, axis=1)
    with np.errstate(all="ignore"):  # a search that runs away says so by its error
        steps, begin = np.zeros(move.lanes, int), first
        memory = mixing.MEMORY if newton is None else mixing.SHORT_MEMORY
        past = mixing.Past.empty(move.lanes, len(first), memory)
        if rough is not None:
            begin, steps = _roughly(
                Map(rough, in_kind(draws, np.float32), rule, newton), first, past
            )
        most = MOST_STEPS if newton is None else FEW_STEPS
        ended = mixing.fixed_points(move, begin, move.weights(), tolerance, most, past)
        state, error, steps = ended.state, ended.error, steps + ended.steps
        lost = ~(error <= tolerance)
        if newton is not None and lost.any():
            # Far from the base wages respond otherwise; short steps of each wage are safe.
            safe = Map(board, draws, rule)
            again = mixing.fixed_points(safe, first, safe.weights(), tolerance, MOST_STEPS)
            state = np.where(lost, again.state, state)
            error = np.where(lost, again.error, error)
            steps = np.where(lost, steps + again.steps, steps)
    wage, price, spending = move.split(state)
    return Found(
        np.ascontiguousarray(wage.T),
        np.ascontiguousarray(price.transpose(2, 1, 0)),
        np.ascontiguousarray(spending.transpose(2, 1, 0)),
        error,
        steps,
    )


def _roughly(move: Map, first: Table, past: mixing.Past) -> tuple[Table, Int[Table, " l"]]:
    """Search in single precision; lanes that lose their way there return to where they began."""
    begin = first.astype(move.kind)
    ended = mixing.fixed_points(move, begin, move.weights(), ROUGH, MOST_ROUGH_STEPS, past)
    state, lost = ended.state.astype(first.dtype), ~(ended.error < 1)
    state[:, lost] = first[:, lost]
    past.forget(lost)
    return state, ended.steps
