"""Where a search for an equilibrium begins when nothing better is known: at the base."""

import jax.numpy as jnp

from detente.models import trade_policies as policies
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
    return TradeState(
        jnp.zeros_like(base.value_added),
        jnp.zeros_like(base.expenditure),
        jnp.zeros_like(base.expenditure),
        log_rent=policies.quota_start(border, base.share.shape[0]),
        log_premium=jnp.zeros_like(base.expenditure) if specific else None,
        log_labour=None if base.supply is None else jnp.zeros_like(base.value_added),
    )
