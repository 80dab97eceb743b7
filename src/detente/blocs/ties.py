"""From the layers of a World to signed, weighted ties, by one published rule.

The rule is the table `tie_rule.csv`, one row a layer. A row turns its layer into a number between
0 and 1 for each pair of states, (value - from) / (to - from) cut at both ends, times its weight;
positive and negative contributions are added and what is left is the tie. The weights are
judgements: each has a range, and draws vary it. Camps depend on this rule more than on how they
are computed.
"""

import numpy as np
import pandas as pd

from detente.blocs.tie_net import TieNet
from detente.errors import WorldError
from detente.world import World


def signed_ties(
    world: World,
    rule: pd.DataFrame | None = None,
    rng: np.random.Generator | None = None,
    positions: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the signed, weighted ties of a world, ready for `partition`.

    Parameters
    ----------
    world
        Carries the layers that the rule names.
    rule
        As returned by `tie_rule`; that one without it.
    rng
        Draws one set of ties: weights of the rule from their ranges (lognormal), positions from
        their standard deviations (independently by country), hand-coded sanctions with the chance
        of their confidence (0.70, 0.90, 0.99). Without it everything is at its centre.
    positions
        Ideal points by country, in place of the world's layer and its draws (for instance one
        posterior draw).

    Returns
    -------
    DataFrame
        Columns a, b, sign, weight; pairs of states without a tie are absent.

    Raises
    ------
    WorldError
        If the rule is malformed or the world lacks one of its layers.

    Notes
    -----
    A value that no source gives makes no tie.

    Examples
    --------
    >>> import detente as dt
    >>> ties = signed_ties(dt.load_world("world2023"))
    >>> ties.query("a == 'RUS' and b == 'USA'")["sign"].item()
    -1
    """
    return TieNet(world, rule).graph(rng, _placed(world, positions)).table()


def tie_parts(world: World, rule: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what each layer contributes to each tie, at the centre of the rule.

    Parameters
    ----------
    world, rule
        As in `signed_ties`.

    Returns
    -------
    DataFrame
        Columns a, b, layer, contribution (positive or negative).
    """
    names = np.array(world.countries, dtype=object)
    tables = []
    for layer, part in TieNet(world, rule).parts():
        a, b = np.nonzero(np.triu(part != 0, 1))
        tables.append(
            pd.DataFrame({"a": names[a], "b": names[b], "layer": layer, "contribution": part[a, b]})
        )
    return pd.concat(tables, ignore_index=True)


def _placed(world: World, positions: pd.Series | None) -> np.ndarray | None:
    """Return [country] the positions that are given by name."""
    if positions is None:
        return None
    unknown = sorted(set(map(str, positions.index)) - set(world.countries))
    if unknown:
        raise WorldError(f"positions name {unknown[0]}, which world '{world.name}' lacks")
    return positions.reindex(world.countries).to_numpy(dtype=float)
