"""What the search for an equilibrium reads of the base alone, computed once for many changes."""

from jaxtyping import Float

from detente.models import trade_hat as hat
from detente.models.arrays import Array, jnp, namespace, record
from detente.models.trade_hat import TradeBase
from detente.models.trade_tables import Tables, tables_of


@record
class WageStep:
    """How wages meet excess demand for labour together, and the rest moves along, in one draw.

    Attributes
    ----------
    wages : moves of log wages per unit of log excess demand
    own : moves of log prices, then of log spending, per unit of the country's own log wage
    left, right : the same for the wages of others, as a product of two thin tables; the rows of
        `left` are those of `own`, one after the other
    """

    wages: Float[Array, "*lane c c"]
    own: Float[Array, "*lane c n"]
    left: Float[Array, "*lane m k"]
    right: Float[Array, "*lane k c"]

    def rise(self, excess: Float[Array, " c"]) -> Float[Array, " c"]:
        """Return how log wages move that meet these log excess demands for labour."""
        return (self.wages @ self._small(excess)).astype(excess.dtype)

    def follow(self, wage: Float[Array, " c"]) -> tuple[Float[Array, "s c"], Float[Array, "s c"]]:
        """Return how prices and spending move along with log wages."""
        small = self._small(wage)
        move = (self.left @ (self.right @ small)).reshape(self.own.shape) + self.own * small[
            :, None
        ]
        price, spending = jnp.split(move.astype(wage.dtype), 2, axis=1)
        return price.T, spending.T

    def _small(self, moves: Float[Array, " c"]) -> Float[Array, " c"]:
        """Return moves in the precision of the tables, which would be widened in each step else.

        Seven digits of a move are enough: where the search ends there is none left.
        """
        return moves.astype(self.wages.dtype)


@record
class Aids:
    """What depends on the base alone, and is computed once for many changes of it.

    Attributes
    ----------
    tables : shares of the base, see `trade_tables.Tables`
    kept : [s, d] part of a unit spent that is not tariff;  sold : [s, o] sales net of tariffs
    income : income in the base
    price_loop, spending_loop : domestic input-output multipliers, see `hat.loop`
    exposure : see `hat.wage_exposure`
    newton : see `WageStep` and `trade_response`; where None each wage follows the demand for its
        own labour
    """

    tables: Tables
    kept: Float[Array, "s d"]
    sold: Float[Array, "s o"]
    income: Float[Array, " c"]
    price_loop: Float[Array, "c s r"]
    spending_loop: Float[Array, "c r s"]
    exposure: Float[Array, "s c"]
    newton: WageStep | None = None

    @property
    def net(self) -> Float[Array, "s o d"]:
        """Share / tariff."""
        return self.tables.net


def search_aids(base: TradeBase) -> Aids:
    """Return what depends on the base alone; the loops do not move where the search ends."""
    xp = namespace(base.share)
    tables = tables_of(base.share, base.tariff)
    net = tables.net
    kept = xp.sum(net, axis=1)
    duty = base.expenditure * xp.where(base.expenditure > 0, 1 - kept, 0.0)
    return Aids(
        tables=tables,
        kept=kept,
        sold=xp.einsum("sod,sd->so", net, base.expenditure),
        income=base.value_added + xp.sum(duty, axis=0),
        price_loop=hat.loop(hat.price_coupling(base)),
        spending_loop=hat.loop(hat.spending_coupling(base)),
        exposure=hat.wage_exposure(base),
    )
