"""How an economy responds to its wages, to first order: what a Newton step of wages needs.

When wages move by dw (in logs), prices settle at P dw whatever the trade elasticities are, and
spending at Y0 dw, plus Y_g dw in proportion to the elasticities of each group of sectors. So is the
demand for labour: its excess over what there is moves by E0 dw plus E_g dw likewise. With the
elasticities of each group raised by a factor q_g, wages that clear markets to first order are
-(E0 + sum of q_g E_g)^-1 times the log excess demand, and prices and spending are moved along with
them.

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
# separates the base from where scenarios settle; the parts that elasticities scale need less.
SETTLED, SETTLED_PER, MOST_PASSES = 1e-4, 3e-3, 60


@dataclass(frozen=True)
class Response:
    """Changes per unit of each log wage, at the base, in single precision.

    Attributes
    ----------
    excess, excess_per : log demand for labour over what there is: without substitution, and what
        substitution in each group of sectors adds at the base elasticities
    price : log prices
    spending, spending_per : log spending, likewise
    weight : weights of elasticities in the factor of each group, which is 1 for those of the base
    share : of each group in the factor of all
    """

    excess: Float[Table, "c w"]
    excess_per: Float[Table, "g c w"]
    price: Float[Table, "c s w"]
    spending: Float[Table, "c s w"]
    spending_per: Float[Table, "g c s w"]
    weight: Float[Table, "g s"]
    share: Float[Table, " g"]

    def is_finite(self) -> bool:
        """Say whether the base has a response."""
        return all(np.isfinite(table).all() for table in vars(self).values())

    def slope(self, factors: Float[Table, " g"]) -> Float[Table, "c w"]:
        """Return the change of log excess demand per unit of each log wage."""
        return self.excess + np.tensordot(factors.astype(np.float32), self.excess_per, axes=1)

    def wages(self, factors: Float[Table, " g"]) -> Float[Table, "c c"]:
        """Return how log wages move per unit of log excess demand.

        Raises
        ------
        numpy.linalg.LinAlgError
            If some excess demand hangs on no wage.
        """
        return -np.linalg.inv(self.slope(factors).astype(float))

    def newton(self) -> "Newton":
        """Return the Newton steps of no draw yet; see `Newton.of`.

        Raises
        ------
        numpy.linalg.LinAlgError
            As of `wages`.
        """
        groups, countries = len(self.weight), len(self.price)
        wages = [self.wages(np.full(groups, scale)) for scale in NODES]
        moves = np.concatenate([
            np.concatenate([self.price, self.spending], axis=1)[None],
            np.concatenate([np.zeros_like(self.spending_per), self.spending_per], axis=2),
        ])  # fmt: skip
        place = np.arange(countries)
        own = moves[:, place, :, place].transpose(1, 0, 2).copy()
        moves[:, place, :, place] = 0.0
        wide = moves.transpose(1, 2, 0, 3).reshape(-1, (1 + groups) * countries)
        left, right = _low_rank(wide)
        return Newton(
            wages=np.concatenate(wages, axis=1).astype(np.float32),
            slope=np.concatenate([self.excess, *self.excess_per], axis=1),
            moves=own, own=own[0][:, :, None][..., :0], left=left, right=right, weight=self.weight,
            share=self.share,
            factors=np.zeros((1 + groups, 0), np.float32),
            mix=np.zeros((len(NODES), 0), np.float32),
        )  # fmt: skip


def _low_rank(table: Float[Table, "m q"]) -> tuple[Float[Table, "m k"], Float[Table, "k q"]]:
    """Return two thin tables whose product is nearly a table: its range, found by random probes."""
    probes = np.random.default_rng(1).standard_normal((table.shape[1], 2 * RANK))
    seen = table @ probes.astype(np.float32)
    # A second look brings out what is large.
    seen = table @ (table.T @ np.linalg.qr(seen)[0])
    basis = np.linalg.qr(seen)[0]
    values, vectors = np.linalg.eigh((basis.T @ table) @ (basis.T @ table).T)
    left = basis @ vectors[:, np.argsort(-values)[:RANK]]
    return left, left.T @ table


def _nodes(count: int) -> Float[Table, " n"]:
    """Return Chebyshev's nodes of the logs of factors."""
    middle, half = np.log(LEAST * MOST) / 2, np.log(MOST / LEAST) / 2
    return np.exp(middle + half * np.cos(np.pi * (np.arange(count) + 0.5) / count))


# Factors of elasticities between which responses are known, and where they are computed: with
# four nodes the step between them misses by at most 4 per cent.
LEAST, MOST = 0.2, 5.0
NODES = _nodes(4)
# Part of an excess that the first move may leave for a second one to meet.
LEFT = 0.7
# What other countries' wages do to prices and spending is known through so many combinations.
RANK = 32


@dataclass(frozen=True)
class Newton:
    """Newton steps of the wages of several draws.

    Attributes
    ----------
    wages : moves of log wages per unit of log excess demand, side by side for each node
    slope : changes of log excess demand per unit of log wage, side by side: without substitution,
        and by group
    moves : moves of log prices and log spending per unit of the country's own log wage: without
        substitution, and by group;  own : the same in each draw
    left, right : the same for the wages of others, as a product of two thin tables
    weight, share : see `Response`
    factors : 1, and how many times the base elasticities those of each draw are
    mix : weights of the nodes in each draw
    """

    wages: Float[Table, "c p"]
    slope: Float[Table, "c q"]
    moves: Float[Table, "h c n"]
    own: Float[Table, "c n l"]
    left: Float[Table, "m k"]
    right: Float[Table, "k q"]
    weight: Float[Table, "g s"]
    share: Float[Table, " g"]
    factors: Float[Table, "h l"]
    mix: Float[Table, "j l"]

    def at(self, theta: Float[Table, "l s"]) -> "Newton":
        """Return the steps of draws with these elasticities."""
        return self.of(np.clip(self.weight @ theta.T, LEAST, MOST))

    def of(self, factors: Float[Table, "g l"]) -> "Newton":
        """Return the steps of draws whose groups have so many times the base elasticities."""
        scale = np.clip(self.share @ factors, LEAST, MOST)
        apart = np.log(scale) - np.log(NODES)[:, None]
        mix = np.stack([
            np.prod(np.delete(apart, k, 0) / np.delete(np.log(NODES[k] / NODES), k)[:, None], 0)
            for k in range(len(NODES))
        ])  # fmt: skip
        whole = np.concatenate([np.ones_like(factors[:1]), factors]).astype(np.float32)
        own = np.einsum("hcn,hl->cnl", self.moves, whole, optimize=True)
        return replace(self, factors=whole, own=own, mix=mix.astype(np.float32))

    def step(self) -> WageStep:
        """Return the step of the only draw."""
        countries = len(self.wages)
        first = np.tensordot(self.wages.reshape(countries, len(NODES), -1), self.mix[:, 0], (1, 0))
        factors = self.factors[:, 0]
        slope = np.tensordot(self.slope.reshape(countries, len(factors), -1), factors, (1, 0))
        right = np.tensordot(self.right.reshape(len(self.right), len(factors), -1), factors, (1, 0))
        left = np.eye(countries, dtype=np.float32) + slope @ first
        twice = np.linalg.norm(left, 2) <= LEFT
        wages = first + first @ left if twice else first
        return WageStep(wages, self.own[:, :, 0], self.left, right)

    def only(self, lanes: Bool[Table, " l"]) -> "Newton":
        """Return the steps of some of the draws."""
        own = np.ascontiguousarray(self.own[..., lanes])
        return replace(self, own=own, factors=self.factors[:, lanes], mix=self.mix[:, lanes])

    def rise(self, excess: Float[Table, "c l"]) -> Float[Table, "c l"]:
        """Return how wages move that meet these excess demands."""
        small = excess.astype(np.float32)
        first = self._first(small)
        # The nodes know one factor for all groups; what that leaves is met once more. Where it
        # leaves most, a second use could take the first one back, and excess would go unseen.
        left = small + self.slope @ self._by_group(first)
        most = np.einsum("cl,cl->l", left, left) > LEFT**2 * np.einsum("cl,cl->l", small, small)
        left[:, most] = 0.0
        return first + self._first(left)

    def follow(
        self, wage: Float[Table, "c l"], state: Float[Table, "c n l"], room: Float[Table, "c n l"]
    ) -> None:
        """Move prices and spending, where they are, along with wages.

        Parameters
        ----------
        wage
            Moves of log wages.
        state
            Log prices and log spending, which are added to.
        room
            To work in: fresh memory costs more than the sums.
        """
        small = wage.astype(np.float32)
        others = self.right @ self._by_group(small)
        np.matmul(self.left, others, out=room.reshape(len(self.left), -1))
        state += room
        state += np.multiply(self.own, small[:, None], out=room)

    def _first(self, excess: Float[Table, "c l"]) -> Float[Table, "c l"]:
        mixed = self.mix[:, None] * excess
        return self.wages @ mixed.reshape(self.wages.shape[1], -1)

    def _by_group(self, wage: Float[Table, "c l"]) -> Float[Table, "q l"]:
        each = self.factors[:, None] * wage
        return each.reshape(-1, wage.shape[1])


def response(
    board: Board,
    theta: Float[Table, " s"],
    deficit: Float[Table, " c"],
    rule: str,
    groups: Bool[Table, "g s"] | None = None,
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
    groups
        Sectors whose elasticities are raised together; all of them when None.
    """
    groups = np.ones((1, len(theta)), bool) if groups is None else groups
    with np.errstate(all="ignore"):  # a response that is no number is not used
        return _Passes(board, theta, deficit, rule).response(groups)


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

    def response(self, groups: Bool[Table, "g s"]) -> Response:
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
        spending, excess = self._settled(none, income, SETTLED)
        each = []
        for group in groups:
            theta = np.where(group[:, None], self.theta, 0.0).astype(np.float32)
            each.append(self._settled(theta * goes, (theta * pays).sum(axis=1), SETTLED_PER))
        spending_per, excess_per = (np.stack(parts) for parts in zip(*each, strict=True))
        # Excess demand knows relative wages only; the level is what the numeraire says.
        level = board.value_added / board.value_added.sum()
        excess = excess - earned - level[None, :]
        return Response(excess, excess_per, price, spending, spending_per, *self._weights(groups))

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

    def _settled(self, sold: Table, income: Table, bound: float) -> tuple[Table, Table]:
        """Return where spending settles when sales and income change, and the demand for labour."""
        board, spending = self.board, np.zeros_like(sold)
        for _ in range(MOST_PASSES):
            now = sold + self._sold(spending)
            duty = (self.bought * (1 - self.kept) * spending).sum(axis=1)
            wanted = np.concatenate([now, self._spent(income + duty)[:, None]], axis=1)
            gap = np.matmul(board.wanted, wanted) - spending
            gap[board.idle] = 0.0
            spending += np.matmul(board.spending_loop, gap)
            if np.abs(gap).max() < bound:
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

    def _weights(self, groups: Bool[Table, "g s"]) -> tuple[Table, Table]:
        """Return weights that give 1 for the base elasticities of each group, and of all groups."""
        board = self.board
        crossing = self._sales().sum(axis=0) - (board.at_home * board.bought).sum(axis=0)
        weight = groups * np.maximum(crossing, np.finfo(np.float32).tiny)
        sized = weight @ self.theta
        return weight / sized, sized[:, 0] / sized.sum()
