"""What every draw of a scenario shares, laid out as the search reads it: see `trade_search`."""

from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import csr_array

from detente.models.trade_aids import Aids
from detente.models.trade_hat import TradeBase
from detente.models.trade_tables import Tables, without

Table = np.ndarray


@dataclass(frozen=True)
class Ties:
    """Pairs of countries that a scenario changes, in the order of one of their ends.

    Attributes
    ----------
    order : of the pairs, so that those with the same end are neighbours
    other : the other end of each, in that order
    ends : every end that has ties
    sums : [end, tie] 1 where a tie is of an end
    """

    order: Int[Table, " k"]
    other: Int[Table, " k"]
    ends: Int[Table, " e"]
    sums: csr_array

    def add(self, total: Float[Table, "c s l"], tied: Float[Table, "k s l"], by: Table) -> None:
        """Add to `total` at each end the sum over its ties of `tied` times `by` at the other."""
        if len(self.order):
            values = by[self.other]
            values *= tied
            # A sparse product adds whole rows, one tie after the other.
            added = self.sums @ values.reshape(len(values), -1)
            total[self.ends] += added.reshape(-1, *values.shape[1:])


def ties_by(end: Int[Table, " k"], other: Int[Table, " k"]) -> Ties:
    """Sort pairs by one of their ends."""
    order = np.argsort(end, kind="stable")
    ends, counts = np.unique(end, return_counts=True)
    begins = np.concatenate([[0], np.cumsum(counts)])
    place, one = np.arange(len(end)), np.ones(len(end), np.int8)
    return Ties(order, other[order], ends, csr_array((one, place, begins), (len(ends), len(end))))


@dataclass(frozen=True)
class Board:
    """The base economy and the pairs that a scenario changes.

    Attributes
    ----------
    rest, rest_net : base share by destination, and share over tariff factor, zero on the ties:
        see `trade_hat.Access`
    taxed : range of the sectors with a tariff somewhere;  rest_kept : share over tariff factor of
        these, by destination
    at_home : domestic cells of `rest_net`;  own : which ties are of a country with itself
    origin, by_destination, by_origin : the ties
    cost : [c, s, 1 + r] share of the wage and of each sector r in the costs of sector s
    wanted : [c, r, s + 1] spending on r, over that of the base, per unit of sales of each sector
        s and of final spending
    moves : [c, 2 s, r] what a gap of prices adds to prices and to costs, through the country's
        own inputs;  spending_loop : see `Aids`
    bought : [c, s] spending;  idle : places in [c, s] where there is none
    value_added_share : [c, 1, s]
    """

    rest: Float[Table, "s d o"]
    taxed: slice
    rest_kept: Float[Table, "t d o"]
    rest_net: Float[Table, "s o d"]
    at_home: Float[Table, "c s"]
    own: Int[Table, " h"]
    origin: Int[Table, " k"]
    by_destination: Ties
    by_origin: Ties
    cost: Float[Table, "c s p"]
    wanted: Float[Table, "c r q"]
    moves: Float[Table, "c m r"]
    spending_loop: Float[Table, "c r s"]
    bought: Float[Table, "c s"]
    idle: tuple[Int[Table, " i"], Int[Table, " i"]]
    value_added_share: Float[Table, "c 1 s"]
    final_share: Float[Table, "c 1 s"]
    value_added: Float[Table, " c"]
    income: Float[Table, " c"]
    supply_elasticity: Float[Table, " c"]

    def astype(self, kind: type) -> "Board":
        """Return the same in numbers of another kind."""
        return in_kind(self, kind)


def in_kind(record, kind: type):
    """Return a record of arrays with its real numbers in another kind."""
    with np.errstate(over="ignore"):  # what is too large leads a search astray, which says so
        real = {
            field.name: value.astype(kind)
            for field in fields(record)
            if isinstance(value := getattr(record, field.name), np.ndarray)
            and value.dtype.kind == "f"
        }
    return replace(record, **real)


def board(
    base: TradeBase,
    aids: Aids,
    origin: Table,
    destination: Table,
    tariff: Float[Table, "s k"] | None = None,
    rest: Tables | None = None,
) -> Board:
    """Lay a base economy out for the scenarios that change these pairs.

    Parameters
    ----------
    base, aids
        The economy, without a `supply`.
    origin, destination
        [k] the pairs, each once.
    tariff
        New 1 + tariff rate of each; those of the base when None.
    rest
        The tables without these pairs, where they are laid out already.
    """
    rest = without(aids.tables, origin, destination) if rest is None else rest
    share_to, net_to, net = map(np.asarray, (rest.share_to, rest.net_to, rest.net))
    return _board(base, aids, (share_to, net_to, net), origin, destination, tariff)


def full_board(
    base: TradeBase,
    aids: Aids,
    tables: tuple[Float[Table, "s d o"], Float[Table, "s d o"], Float[Table, "s o d"]],
) -> Board:
    """Lay a base economy out for one draw of a scenario that changes every pair.

    Parameters
    ----------
    base, aids
        As in `board`.
    tables
        `rest`, `rest_kept` and `rest_net` of that draw: see `trade_hat.Access`.
    """
    none = np.zeros(0, dtype=int)
    return _board(base, aids, tables, none, none, None)


def _board(
    base: TradeBase,
    aids: Aids,
    tables: tuple[Table, Table, Table],
    origin: Table,
    ends: Table,
    tariff: Table | None,
) -> Board:
    rest, kept, net = tables
    some = (rest != kept).any(axis=(1, 2))
    if tariff is not None:
        some |= (tariff != 1).any(axis=1)
    where = np.flatnonzero(some)
    taxed = slice(int(where[0]), int(where[-1]) + 1) if len(where) else slice(0, 0)
    use, loop = np.asarray(base.input_share), np.asarray(aids.price_loop)
    inputs = np.swapaxes(use, 1, 2)
    bought = np.ascontiguousarray(np.asarray(base.expenditure).T)
    value_added_share = np.asarray(base.value_added_share)
    final_share = np.asarray(base.final_share)
    idle = np.argwhere(bought <= 0)
    per = np.where(bought > 0, 1 / np.where(bought > 0, bought, 1.0), 0.0)
    wanted = np.concatenate([use, final_share[:, :, None]], axis=2) * per[:, :, None]
    return Board(
        rest=rest,
        taxed=taxed,
        rest_kept=kept[taxed],
        rest_net=net,
        at_home=np.diagonal(net, axis1=1, axis2=2).T,
        own=np.flatnonzero(origin == ends),
        origin=origin,
        by_destination=ties_by(ends, origin),
        by_origin=ties_by(origin, ends),
        cost=np.concatenate([value_added_share[:, :, None], inputs], axis=2),
        wanted=wanted,
        moves=np.concatenate([loop, inputs @ loop], axis=1),
        spending_loop=np.ascontiguousarray(np.asarray(aids.spending_loop)),
        bought=bought,
        idle=(idle[:, 0], idle[:, 1]),
        value_added_share=value_added_share[:, None, :],
        final_share=final_share[:, None, :],
        value_added=np.asarray(base.value_added),
        income=np.asarray(aids.income),
        supply_elasticity=np.asarray(base.supply_elasticity),
    )
