"""One draw as the trade model reads it, and what the model says of it by the names of a draw."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from detente.ensemble import LEVEL, SHORT_RUN, Ensemble
from detente.models.trade_world import TradeParameters
from detente.world import World

BY_SENDER = ("sanction_effect_broad_exports", "sanction_effect_broad_imports")
EFFECTS = (
    "sanction_effect_partial",
    "sanction_effect_complete",
    "sanction_persistence",
    "agreement_effect",
)
Row = dict[str, float]


def parameters(world: World, ensemble: Ensemble, row: Row, short: bool) -> TradeParameters:
    """Return one draw as arrays.

    Parameters
    ----------
    world, ensemble
        Whose countries and elasticities they are.
    row
        The draw, by name.
    short
        Whether elasticities are those of the first year.
    """
    return TradeParameters(
        theta=ensemble.theta(row) * (row[SHORT_RUN] if short else 1.0),
        **{name: np.asarray(float(row[name])) for name in EFFECTS},
        **{name: by_sender(world.countries, row, name) for name in BY_SENDER},
    )


def by_sender(countries: Sequence[str], row: Mapping[str, float], name: str) -> np.ndarray:
    """Return [country]: each sender's own effect where a draw has one, else the common one."""
    effect = np.full(len(countries), float(row[name]))
    for key in row:
        if key.startswith(f"{name}["):
            code = key[len(name) + 1 : -1]
            if code in countries:
                effect[countries.index(code)] = float(row[key])
    return effect


def slopes_by_name(
    found: Mapping[str, Float[np.ndarray, "c ..."]],
    world: World,
    ensemble: Ensemble,
    row: Row,
    short: bool,
) -> dict[str, Float[np.ndarray, " c"]]:
    """Return slopes with respect to what a draw names, from slopes with respect to its arrays.

    Parameters
    ----------
    found
        Derivatives by field of `TradeParameters`.
    world, ensemble, row, short
        As in `parameters`.
    """
    table = {name: np.asarray(found[name]) for name in EFFECTS}
    theta = np.asarray(found["theta"])
    for name in BY_SENDER:
        slopes = np.asarray(found[name])
        own = [f"{name}[{code}]" in row for code in world.countries]
        table[name] = slopes[:, ~np.array(own)].sum(axis=1)
        for place in np.flatnonzero(own):
            table[f"{name}[{world.countries[place]}]"] = slopes[:, place]
    if short:
        theta = theta * row[SHORT_RUN]
        table[SHORT_RUN] = theta @ ensemble.theta(row) / row[SHORT_RUN]
    table[LEVEL] = theta @ ensemble.theta(row) / row[LEVEL]
    for place, sector in enumerate(world.sectors):
        table[f"trade_elasticity[{sector}]"] = theta[:, place] * row[LEVEL]
    return table
