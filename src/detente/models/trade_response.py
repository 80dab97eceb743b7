"""How an economy responds to its wages, to first order: what a Newton step of wages needs.

When wages move by dw (in logs), prices settle at P dw whatever the trade elasticities are, and
spending at (Y0 + Y1) dw, of which Y1 is in proportion to the elasticities. So is the demand for
labour: its excess over what there is moves by (E0 + E1) dw. With all elasticities raised by one
factor q, wages that clear markets to first order are -(E0 + q E1)^-1 times the log excess demand,
and prices and spending are moved along with them.

All of it is taken at the base, by passes of the same products that a step is made of, from the
equations of Caliendo and Parro (2015), (10) to (14), differentiated once. It serves worlds without
returns to scale, and moves no result: a search goes on until the equations themselves hold.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from detente.models.trade_aids import WageStep
from detente.models.trade_board import Board

Table = np.ndarray
# Passes end when none moves a log by this much per unit of log wage, which is well below what
# separates the base from where scenarios settle.
SETTLED, MOST_PASSES = 1e-4, 60


@dataclass(frozen=True)
class Response:
    """Changes per unit of each log wage, at the base, in single precision.

    Attributes
    ----------
    excess, excess_per : log demand for labour over what there is: without substitution, and what
        substitution at the base elasticities adds
    price : log prices
    spending, spending_per : log spending, likewise
    weight : weights of elasticities in the scale of a draw, which is 1 for those of the base
    """

    excess: Float[Table, "c w"]
    excess_per: Float[Table, "c w"]
    price: Float[Table, "c s w"]
    spending: Float[Table, "c s w"]
    spending_per: Float[Table, "c s w"]
    weight: Float[Table, " s"]

    def is_finite(self) -> bool:
        """Say whether the base has a response."""
        return all(np.isfinite(table).all() for table in vars(self).values())

    def scale(self, theta: Float[Table, "l s"]) -> Float[Table, " l"]:
        """Return how many times the base elasticities those of some draws are."""
        return np.clip(theta @ self.weight, LEAST, MOST)

    def wages(self, scale: float) -> Float[Table, "c c"]:
        """Return how log wages move per unit of log excess demand, at one scale.

        Raises
        ------
        numpy.linalg.LinAlgError
            If some excess demand hangs on no wage.
        """
        return -np.linalg.inv((self.excess + scale * self.excess_per).astype(float))

    def newton(self) -> "Newton":
        """Return the Newton steps of no draw yet; see `Newton.of`.

        Raises
        ------
        numpy.linalg.LinAlgError
            As of `wages`.
        """
        wages = [self.wages(scale) for scale in NODES]
        one = np.concatenate([self.price, self.spending], axis=1)
        per = np.concatenate([np.zeros_like(self.price), self.spending_per], axis=1)
        place = np.arange(len(one))
        own, own_per = one[place, :, place].copy(), per[place, :, place].copy()
        one[place, :, place] = per[place, :, place] = 0.0
        left, right = _low_rank(np.concatenate([one, per], axis=2).reshape(-1, 2 * len(one)))
        none = np.zeros(0, np.float32)
        return Newton(
            np.concatenate(wages, axis=1).astype(np.float32),
            own[:, :, None], own_per[:, :, None], left, right,
            none, np.zeros((len(NODES), 0), np.float32),
        )  # fmt: skip


def _low_rank(table: Float[Table, "m q"]) -> tuple[Float[Table, "m k"], Float[Table, "k q"]]:
    """Return two thin tables whose product is nearly a table: its leading singular vectors."""
    values, vectors = np.linalg.eigh((table.T @ table).astype(float))
    right = vectors[:, np.argsort(-values)[:RANK]].T.astype(np.float32)
    return table @ right.T, right


def _nodes(count: int) -> Float[Table, " n"]:
    """Return Chebyshev's nodes of the logs of scales."""
    middle, half = np.log(LEAST * MOST) / 2, np.log(MOST / LEAST) / 2
    return np.exp(middle + half * np.cos(np.pi * (np.arange(count) + 0.5) / count))


# Scales of elasticities between which responses are known, and where they are computed: with
# four nodes the step between them misses by at most 4 per cent.
LEAST, MOST = 0.2, 5.0
NODES = _nodes(4)
# What other countries' wages do to prices and spending is known through so many combinations.
RANK = 24


@dataclass(frozen=True)
class Newton:
    """Newton steps of the wages of several draws.

    Attributes
    ----------
    wages : moves of log wages per unit of log excess demand, side by side for each node
    own, own_per : moves of log prices and log spending per unit of the country's own log wage, and
        of that times the scale of a draw
    left, right : the same for the wages of others, as a product of two thin tables
    scale : how many times the base elasticities those of each draw are
    mix : weights of the nodes in each draw
    """

    wages: Float[Table, "c p"]
    own: Float[Table, "c n 1"]
    own_per: Float[Table, "c n 1"]
    left: Float[Table, "m k"]
    right: Float[Table, "k q"]
    scale: Float[Table, " l"]
    mix: Float[Table, "j l"]

    def of(self, scale: Float[Table, " l"]) -> "Newton":
        """Return the steps of draws at these scales."""
        apart = np.log(scale) - np.log(NODES)[:, None]
        mix = np.stack([
            np.prod(np.delete(apart, k, 0) / np.delete(np.log(NODES[k] / NODES), k)[:, None], 0)
            for k in range(len(NODES))
        ])  # fmt: skip
        return replace(self, scale=scale.astype(np.float32), mix=mix.astype(np.float32))

    def step(self) -> WageStep:
        """Return the step of the only draw."""
        wages = np.einsum(
            "cnw,n->cw", self.wages.reshape(len(self.own), len(NODES), -1), self.mix[:, 0]
        )
        countries = self.right.shape[1] // 2
        right = self.right[:, :countries] + self.scale * self.right[:, countries:]
        own = (self.own + self.scale * self.own_per)[:, :, 0]
        return WageStep(wages, own, self.left, right)

    def only(self, lanes: Bool[Table, " l"]) -> "Newton":
        """Return the steps of some of the draws."""
        return replace(self, scale=self.scale[lanes], mix=self.mix[:, lanes])

    def rise(self, excess: Float[Table, "c l"]) -> Float[Table, "c l"]:
        """Return how wages move that meet these excess demands."""
        mixed = self.mix[:, None] * excess.astype(np.float32)
        return self.wages @ mixed.reshape(self.wages.shape[1], -1)

    def follow(self, wage: Float[Table, "c l"]) -> Float[Table, "c n l"]:
        """Return how prices and spending move along with wages."""
        small = wage.astype(np.float32)
        scaled = small * self.scale
        move = self.left @ (self.right @ np.concatenate([small, scaled]))
        move = move.reshape(*self.own.shape[:2], -1)
        move += self.own * small[:, None]
        move += self.own_per * scaled[:, None]
        return move


def response(
    board: Board, theta: Float[Table, " s"], deficit: Float[Table, " c"], rule: str
) -> Response:
    """Return how the base economy responds to its wages.

    Parameters
    ----------
    board
        The base, without ties.
    theta
        Elasticities that stand for all draws.
    deficit, rule
        Deficits of the base, and their rule.
    """
    with np.errstate(all="ignore"):  # a response that is no number is not used
        return _Passes(board, theta, deficit, rule).response()


class _Passes:
    """First-order changes, [country, sector, wage], by passes until they settle."""

    def __init__(self, board: Board, theta: Table, deficit: Table, rule: str):
        self.board = board.astype(np.float32)
        self.theta = theta.astype(np.float32)[:, None]
        self.countries, self.sectors = board.bought.shape
        self.deficit, self.rule = deficit.astype(np.float32)[:, None], rule
        kept = np.ones((self.countries, self.sectors), np.float32)
        kept[:, board.taxed] = board.rest_kept.sum(axis=2).T
        self.kept = np.where(board.bought > 0, kept, 1.0).astype(np.float32)[:, :, None]
        self.bought = self.board.bought[:, :, None]

    def response(self) -> Response:
        board, unit = self.board, np.eye(self.countries, dtype=np.float32)
        price = self._prices(unit)
        cost = self._cost(unit, price)
        final = np.matmul(board.final_share, price)[:, 0]
        supply = board.supply_elasticity[:, None]
        earned = unit + supply * (unit - final)
        # Substitution moves shares by -theta times what the origin's cost outruns the price by.
        goes = self._sold(price) - self._sales()[:, :, None] * cost
        pays = self.bought * (self._net(cost) - self.kept * price)
        none = np.zeros_like(price)
        income = board.value_added[:, None] * earned
        spending, excess = self._settled(none, income)
        spending_per, excess_per = self._settled(self.theta * goes, (self.theta * pays).sum(axis=1))
        # Excess demand knows relative wages only; the level is what the numeraire says.
        level = board.value_added / board.value_added.sum()
        excess = excess - earned - level[None, :]
        return Response(excess, excess_per, price, spending, spending_per, self._weight())

    def _cost(self, wage: Table, price: Table) -> Table:
        both = np.concatenate([wage[:, None], price], axis=1)
        return np.matmul(self.board.cost, both)

    def _sum(self, table: Table, values: Table) -> Table:
        return np.matmul(table, values.swapaxes(0, 1)).swapaxes(0, 1)

    def _net(self, cost: Table) -> Table:
        """Return [d, s, w] what origins receive of a unit spent, times the rise of their costs."""
        net = self._sum(self.board.rest, cost)
        net[:, self.board.taxed] = self._sum(self.board.rest_kept, cost[:, self.board.taxed])
        return net

    def _sales(self) -> Table:
        return self._sum(self.board.rest_net, self.bought)[:, :, 0]

    def _sold(self, spending: Table) -> Table:
        return self._sum(self.board.rest_net, self.bought * spending)

    def _prices(self, wage: Table) -> Table:
        price = np.zeros((self.countries, self.sectors, self.countries), np.float32)
        for _ in range(MOST_PASSES):
            gap = self._sum(self.board.rest, self._cost(wage, price)) - price
            gap[self.board.idle] = 0.0
            price += np.matmul(self.board.moves[:, : self.sectors], gap)
            if np.abs(gap).max() < SETTLED:
                break
        return price

    def _settled(self, sold: Table, income: Table) -> tuple[Table, Table]:
        """Return where spending settles when sales and income change, and the demand for labour."""
        board, spending = self.board, np.zeros_like(sold)
        for _ in range(MOST_PASSES):
            now = sold + self._sold(spending)
            duty = (self.bought * (1 - self.kept) * spending).sum(axis=1)
            wanted = np.concatenate([now, self._spent(income + duty)[:, None]], axis=1)
            gap = np.matmul(board.wanted, wanted) - spending
            gap[board.idle] = 0.0
            spending += np.matmul(board.spending_loop, gap)
            if np.abs(gap).max() < SETTLED:
                break
        now = sold + self._sold(spending)
        needed = np.matmul(board.value_added_share, now)[:, 0] / board.value_added[:, None]
        return spending, needed

    def _spent(self, income: Table) -> Table:
        """Return what final spending changes by when income does, under the deficit rule."""
        first = self.board.income[:, None]
        if self.rule == "own_share":
            # The whole world spends what it earns: what the shares leave over is spread.
            wish = income * (1 + self.deficit / first)
            left = (income.sum(axis=0) - wish.sum(axis=0)) / first.sum()
            return wish + (first + self.deficit) * left
        if self.rule == "world_share":
            return income + self.deficit * (income.sum(axis=0) / first.sum())
        return income

    def _weight(self) -> Float[Table, " s"]:
        """Return weights that give 1 for the base elasticities."""
        board = self.board
        crossing = self._sales().sum(axis=0) - (board.at_home * board.bought).sum(axis=0)
        return crossing / (crossing @ self.theta[:, 0])
