"""Policies and draws in the shapes that one compiled program can serve."""

from detente.models import trade_world
from detente.models.arrays import jax
from detente.models.trade_hat import TradeBase
from detente.models.trade_world import TradePolicy

# Scenarios that change more than this share of all pairs are stated as one full table.
FULL = 1 / 8
# Numbers of ties are rounded up to powers of two from here.
FEWEST_TIES = 64


def program_of(policy: TradePolicy) -> tuple:
    """Return what decides which compiled program solves a policy."""
    leaves, kind = jax.tree.flatten(policy)
    return (kind, *(leaf.shape for leaf in leaves))


def alike(base: TradeBase, policies: list[TradePolicy]) -> list[TradePolicy]:
    """Return the policies with as many ties each as one compiled program can serve."""
    pairs = base.share.shape[1] * base.share.shape[2]
    counts = [len(policy.origin) for policy in policies]
    few = [count for count in counts if count <= FULL * pairs]
    # Powers of two, so that runs in one process share compiled programs.
    room = max(FEWEST_TIES, 1 << (max(few, default=1) - 1).bit_length())
    if room > FULL * pairs:
        room = pairs
    return [
        trade_world.filled(policy, base, room if count <= FULL * pairs else pairs)
        for policy, count in zip(policies, counts, strict=True)
    ]
