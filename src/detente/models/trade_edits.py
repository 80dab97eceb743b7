"""From the layers of policies at borders to arrays: what `trade_world.policy` reads beside its own.

Layers that no edit has made are never built: a world without these policies costs nothing.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from detente.errors import ScenarioError, WorldError
from detente.models.arrays import Array, jnp, namespace
from detente.models.trade_border import Border
from detente.world import IMPLIED, World

LAYERS = (
    "export_tax",
    "price_cap",
    "quota",
    "quota_value",
    "rent_keeper",
    "embargo",
    "sanction_secondary",
    "compensation",
)
# Layers that state something relative to a base in which there is none of it.
FRESH = ("export_tax", "price_cap", "quota", "quota_value", "embargo", "compensation")
NO_QUOTA = IMPLIED["quota"]
# Quotas that do not exist stand at a multiple of the base that no flow reaches.
UNBOUND = 1e12
# Numbers of ties with quotas are rounded up to powers of two from here.
FEWEST_QUOTAS = 16


@dataclass(frozen=True)
class BorderEdits:
    """What edits say about borders, as full tables; None where no edit says anything.

    Attributes
    ----------
    sectors : how many there are
    tax, cap : [s, o, d] export tax rate; share of the price kept from the producer
    units, value : [s, o, d] quota relative to the base
    seller : [s, o, d] 1 where the seller keeps the rent
    cut : [s, o, d] share of the flow that an embargo cuts
    pool : [c] 1 for members of a pool of compensation
    """

    sectors: int
    tax: np.ndarray | None
    cap: np.ndarray | None
    units: np.ndarray | None
    value: np.ndarray | None
    seller: np.ndarray | None
    cut: np.ndarray | None
    pool: np.ndarray | None

    def import_factor(self, at: tuple) -> np.ndarray | float:
        """Return the factor on the tariff factor of some ties: caps that buyers keep."""
        if self.cap is None:
            return 1.0
        kept = self.cap[at] if self.seller is None else self.cap[at] * (1 - self.seller[at])
        return 1 / (1 - kept)

    def open(self, at: tuple) -> np.ndarray | float:
        """Return 0 on ties where an embargo is complete, else 1."""
        return 1.0 if self.cut is None else (self.cut[at] < 1).astype(float)

    @property
    def moved(self) -> np.ndarray | bool:
        """Pairs [origin, destination] that these edits touch."""
        idle = ((self.tax, 0), (self.cap, 0), (self.cut, 0), (self.units, NO_QUOTA),
                (self.value, NO_QUOTA))  # fmt: skip
        found = [(layer != none).any(axis=0) for layer, none in idle if layer is not None]
        return np.logical_or.reduce(found) if found else False

    def log_flow(self, origin: np.ndarray, destination: np.ndarray) -> np.ndarray | None:
        """Return the log [s, k] of what embargoes leave; complete ones are bans instead."""
        if self.cut is None:
            return None
        cut = self.cut[:, origin, destination]
        return np.log1p(-np.where(cut < 1, cut, 0.0))

    def border(self, origin: np.ndarray, destination: np.ndarray) -> Border | None:
        """Return export taxes, quotas and the pool on some ties; None where there are none."""
        log_export = np.zeros((self.sectors, len(origin)))
        at = (slice(None), origin, destination)
        if self.tax is not None:
            log_export = log_export + np.log1p(self.tax[at])
        if self.cap is not None and self.seller is not None:
            log_export = log_export - np.log1p(-self.cap[at] * self.seller[at])
        quotas = self._quotas(at)
        if not log_export.any() and not quotas and self.pool is None:
            return None
        return Border(log_export, **quotas, pool=self.pool)

    def _quotas(self, at: tuple) -> dict[str, np.ndarray]:
        """Return the quotas on some ties, with ties that have none filled up to a round number."""
        none = np.full((self.sectors, len(at[1])), NO_QUOTA)
        units = none if self.units is None else self.units[at]
        value = none if self.value is None else self.value[at]
        slot = np.flatnonzero(((units < NO_QUOTA) | (value < NO_QUOTA)).any(axis=0))
        if not len(slot):
            return {}
        limit = np.minimum(units, value)
        seller = np.zeros_like(limit) if self.seller is None else self.seller[at]
        count = len(slot)
        room = max(FEWEST_QUOTAS, 1 << (count - 1).bit_length())
        # What fills up names the first tie once more, and sets no quota there.
        slot = np.concatenate([slot, np.zeros(room - count, dtype=slot.dtype)])
        limit = np.where(limit < NO_QUOTA, limit, UNBOUND)[:, slot]
        limit[:, count:] = UNBOUND
        return {
            "slot": slot.astype(np.int32),
            "log_limit": np.log(limit),
            "by_value": (value < NO_QUOTA).astype(float)[:, slot],
            "seller": seller[:, slot],
        }


def read(world: World, edited: World) -> BorderEdits:
    """Return what the edits of a world say about its borders.

    Parameters
    ----------
    world, edited
        Same countries and sectors.

    Raises
    ------
    WorldError
        If the base itself carries such an edit.
    ScenarioError
        If a cell has quotas on units and on value.
    """
    for name in FRESH:
        if name in world.layers and (world.values(name) != IMPLIED[name]).any():
            raise WorldError(
                f"world '{world.name}' already carries edits of the layer '{name}', which is "
                "relative to a base without them: start from the world they were made in, and "
                "put all edits into one scenario"
            )
    table = {name: _edited(edited, name) for name in LAYERS}
    units, value = table["quota"], table["quota_value"]
    if units is not None and value is not None:
        both = np.argwhere((units < NO_QUOTA) & (value < NO_QUOTA))
        if len(both):
            s, o, d = both[0]
            names = world.countries
            raise ScenarioError(
                f"{world.sectors[s]} from {names[o]} to {names[d]} has a quota on units and one "
                "on value; state one of quota and quota_value"
            )
    return BorderEdits(
        sectors=len(world.sectors),
        tax=table["export_tax"],
        cap=table["price_cap"],
        units=units,
        value=value,
        seller=table["rent_keeper"],
        cut=table["embargo"],
        pool=table["compensation"],
    )


def check(world: World, edited: World) -> None:
    """Raise if what the edits of a whole scenario say about borders can never be solved.

    One edit by itself may make a pool of one, which the others of its scenario make a pool of
    several: this is about all edits together.

    Parameters
    ----------
    world, edited
        Same countries and sectors.

    Raises
    ------
    WorldError
        If the base itself carries such an edit.
    ScenarioError
        If a cell has two quotas, or a pool of compensation has one member.
    """
    if (pool := read(world, edited).pool) is not None and (reason := _lonely(world, pool)):
        raise ScenarioError(reason)


def _lonely(world: World, pool: np.ndarray) -> str | None:
    members = np.flatnonzero(pool)
    if len(members) > 1:
        return None
    return (
        f"a pool of compensation with {world.countries[members[0]]} alone pays nothing: name "
        "two countries at least in the layer compensation"
    )


def _edited(world: World, name: str) -> np.ndarray | None:
    """Return a layer, sector first, or None where no cell of it is edited."""
    if name not in world.layers or not (world.values(name) != IMPLIED[name]).any():
        return None
    values = world.values(name).astype(float)
    return np.ascontiguousarray(values.transpose(2, 0, 1)) if values.ndim == 3 else values


def differs(world: World, edited: World, layer: str) -> np.ndarray | bool:
    """Return the pairs [origin, destination] on which a layer of two worlds differs."""
    if layer not in world.layers and layer not in edited.layers:
        return False
    one, other = world.values(layer), edited.values(layer)
    # A layer that no edit touched is the same array.
    if one is other:
        return False
    pairs = np.zeros(one.shape[0] * one.shape[1], dtype=bool)
    pairs[np.flatnonzero(one != other) // one.shape[2]] = True
    return pairs.reshape(one.shape[:2])


def on_ties(world: World, layer: str, origin: np.ndarray, destination: np.ndarray) -> np.ndarray:
    """Return a layer of trade on some ties, sector first: [s, k]."""
    if layer not in world.layers:
        return np.full((len(world.sectors), len(origin)), float(IMPLIED[layer]))
    return world.values(layer)[origin, destination].T


def secondary(world: World, own: np.ndarray) -> np.ndarray:
    """Return the levels [origin, destination] that others make third states keep.

    `own` are the third states' own sanctions, for the shape.
    """
    layer = _edited(world, "sanction_secondary")
    return np.zeros_like(own) if layer is None else layer


def reordered(border: Border | None, idle: np.ndarray, order: np.ndarray) -> Border | None:
    """Return a border after idle ties [s, k] were put behind its own, and all were sorted."""
    if border is None:
        return None
    log_export = np.concatenate([np.asarray(border.log_export), idle], axis=1)[:, order]
    slot = None if border.slot is None else np.argsort(order)[np.asarray(border.slot)]
    slot = None if slot is None else slot.astype(np.int32)
    return replace(border, log_export=log_export, slot=slot)


def part_of(border: Border | None, part: Float[Array, ""]) -> Border | None:
    """Return a share of export taxes and quotas, in logs; a pool has no part."""
    if border is None:
        return None
    limit = None if border.log_limit is None else jnp.asarray(border.log_limit) * part
    return replace(border, log_export=part * border.log_export, log_limit=limit)


def beyond_tariffs(
    agreed: Float[Array, "*lane k"],
    log_tariff: Float[Array, "s k"],
    theta: Float[Array, "*lane s"],
) -> Float[Array, "*lane s k"]:
    """Return what an agreement does to flows besides the change of tariffs that stands beside it.

    The estimated effect of an agreement contains its tariff cuts: the regression holds no tariffs.
    Where a scenario also states tariffs, these do their own part, -theta log(1 + t) at given
    prices, and costs do the rest of the effect; tariffs that do more than all of it, or the
    opposite, leave the rest at nothing or the effect whole.

    Parameters
    ----------
    agreed
        Effect of the agreement, log points of flow.
    log_tariff
        Change of the log tariff factor.
    theta
        Trade elasticities.
    """
    by_tariffs = -theta[..., None] * log_tariff
    xp, agreed = namespace(agreed, by_tariffs), agreed[..., None, :]
    return agreed - xp.clip(by_tariffs, xp.minimum(agreed, 0.0), xp.maximum(agreed, 0.0))


def divided_pool(world: World, border: Border | None, zone: np.ndarray) -> str | None:
    """Say which members of a pool no trade ties to the others, or return None."""
    if border is None or border.pool is None:
        return None
    pool = np.asarray(border.pool)
    if reason := _lonely(world, pool):
        return reason
    members = np.flatnonzero(pool)
    odd = members[zone[members] != zone[members[0]]]
    if not len(odd):
        return None
    names = ", ".join(world.countries[c] for c in odd[:5])
    return (
        f"no equilibrium: {names} cannot trade with {world.countries[members[0]]}, so that no "
        "compensation can be paid between them; take it out of the layer compensation"
    )
