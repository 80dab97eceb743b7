"""The first-order decomposition cell by cell: what each partner and sector adds to it.

Caliendo and Parro (2015), equation (16), whose sums over partners and sectors stand in
`trade_measures.first_order`. Here the terms are kept apart, so that they add up to those sums.
"""

from jaxtyping import Float

from detente.models import trade_hat as hat
from detente.models import trade_policies as policies
from detente.models.arrays import Array, jnp
from detente.models.trade_aids import Aids
from detente.models.trade_hat import TradeBase, TradeChange
from detente.models.trade_solution import TradeSolution


def first_order_cells(
    base: TradeBase, change: TradeChange, solution: TradeSolution, aids: Aids
) -> dict[str, Float[Array, "s o d"]]:
    """Return every term of the decomposition by cell, as fractions of base income.

    Parameters
    ----------
    base, change, solution, aids
        As in `trade_measures.first_order`.

    Returns
    -------
    `export_prices` counts for the origin, the others for the destination: `import_prices`,
    `volume_of_trade`, `technical`. Terms of trade are export prices and import prices together;
    what a country sells to itself stands in both and cancels.
    """
    income = aids.income + base.deficit
    at = (slice(None), change.origin, change.destination)
    flow = aids.net * base.expenditure[:, None, :]
    new = hat.flow(solution.reach, solution.power, solution.demand)
    rise = jnp.asarray(flow * (solution.cost_hat - 1)[:, :, None])
    if change.border is not None:
        rise = rise.at[at].add(
            policies.dearer_by_export_tax(base, change, solution.reach, solution.cost_hat, aids.net)
        )
    dearer = (
        jnp.zeros_like(flow).at[at].set(change.open * (jnp.exp(change.log_cost) - 1) * flow[at])
    )
    rate = jnp.asarray(base.tariff) - 1
    return {
        "export_prices": rise / income[None, :, None],
        "import_prices": -rise / income[None, None, :],
        "volume_of_trade": rate * (new - flow - rise - dearer) / income[None, None, :],
        "technical": -dearer / income[None, None, :],
    }


def by_pair(cells: dict[str, Float[Array, "s o d"]]) -> dict[str, Float[Array, "s c p"]]:
    """Return each measure by sector, country concerned and partner.

    Parameters
    ----------
    cells
        From `first_order_cells`.
    """

    def turned(table: Array) -> Array:
        return jnp.swapaxes(table, 1, 2)

    return {
        "terms_of_trade": cells["export_prices"] + turned(cells["import_prices"]),
        "volume_of_trade": turned(cells["volume_of_trade"]),
        "technical": turned(cells["technical"]),
    }
