"""Tables of all pairs of countries in the orders in which sums over pairs run along rows.

A sum over origins reads a table by destination, and a sum over destinations one by origin. To turn
a table takes as long as several steps of a search, so that it is done once for each base.
"""

import numpy as np
from jaxtyping import Float, Int

from detente.models.arrays import Array, is_jax, namespace, record, set_at


@record
class Tables:
    """Shares of the base in the orders in which sums over pairs run along rows.

    Attributes
    ----------
    net : share / tariff;  share_to, net_to : share, and the former, by destination
    """

    net: Float[Array, "s o d"]
    share_to: Float[Array, "s d o"]
    net_to: Float[Array, "s d o"]


def tables_of(share: Float[Array, "s o d"], tariff: Float[Array, "s o d"]) -> Tables:
    """Return the shares of a base in every order that is read.

    Parameters
    ----------
    share, tariff
        See `trade_hat.TradeBase`.
    """
    net = share / tariff
    to = (by_destination(table) for table in (share, net))
    return Tables(net, *(one if is_jax(one) else np.ascontiguousarray(one) for one in to))


def without(tables: Tables, origin: Int[Array, " k"], destination: Int[Array, " k"]) -> Tables:
    """Return tables in which the pairs that a scenario changes are zero: they stand apart."""
    turned = destination, origin
    return Tables(
        net=set_at(tables.net, (origin, destination), 0.0),
        share_to=set_at(tables.share_to, turned, 0.0),
        net_to=set_at(tables.net_to, turned, 0.0),
    )


def by_destination(table: Float[Array, "*every s o d"]) -> Float[Array, "*every s d o"]:
    """Return a table with the axes of origins and destinations exchanged."""
    return namespace(table).swapaxes(table, -1, -2)
