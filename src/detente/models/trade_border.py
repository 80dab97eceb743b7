"""What a scenario does at borders beyond tariffs, costs and bans; see `trade_policies`.

Apart from `trade_hat`, so that a change that has none of it carries nothing of it, and is solved
by the program that knows nothing of it.
"""

from jaxtyping import Float, Int

from detente.models.arrays import Array, record


@record
class Border:
    """Export taxes, quotas and a pool of compensation.

    Attributes
    ----------
    log_export : log of 1 + export tax on each tie; the revenue is income of the origin
    slot : which ties may have a quota; None where no tie has
    log_limit : log of the quota over the base; large where there is none
    by_value : 1 where the quota counts value at the border, 0 where it counts units shipped
    seller : 1 where the origin keeps the rent of the quota, 0 where the destination does
    pool : 1 for the countries that share the change of their incomes; None where none do
    """

    log_export: Float[Array, "s k"]
    slot: Int[Array, " m"] | None = None
    log_limit: Float[Array, "s m"] | None = None
    by_value: Float[Array, "s m"] | None = None
    seller: Float[Array, "s m"] | None = None
    pool: Float[Array, " c"] | None = None
