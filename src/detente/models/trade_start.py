"""Where a search for an equilibrium begins when nothing better is known: at the base."""

from detente.models import trade_policies as policies
from detente.models.arrays import namespace
from detente.models.trade_border import Border
from detente.models.trade_hat import TradeBase, TradeState


def at_base(base: TradeBase, border: Border | None = None, specific: bool = False) -> TradeState:
    """Return the state of the base: nothing has changed.

    Parameters
    ----------
    base
        The economy.
    border
        Of the change to be solved for; rents of its quotas are unknowns.
    specific
        Whether labour cannot change its sector: relative wages by sector are unknowns then.
    """
    xp = namespace(base.value_added)
    return TradeState(
        xp.zeros_like(base.value_added),
        xp.zeros_like(base.expenditure),
        xp.zeros_like(base.expenditure),
        log_rent=policies.quota_start(border, base.share.shape[0]),
        log_premium=xp.zeros_like(base.expenditure) if specific else None,
        log_labour=None if base.supply is None else xp.zeros_like(base.value_added),
    )
