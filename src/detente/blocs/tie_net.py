"""What a rule of ties makes of one World, ready for many draws.

Most rows of the rule give every draw the same shares; they are computed once. What differs from
draw to draw is the weight of each row, the positions, and which hand-coded cells stand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.blocs.graph import SignedGraph
from detente.blocs.rule import Z90, checked, default_rule
from detente.world import World

CONFIDENCE = {1: 0.70, 2: 0.90, 3: 0.99}  # chance that a cell stands: low, medium, high
LEAST = 1e-9  # contributions that cancel to less than this leave no tie


@dataclass(frozen=True)
class _Row:
    """One row of the rule in plain numbers.

    Attributes
    ----------
    share : [origin, destination] how full a tie is, 0 to 1; None where that depends on positions
    larger : whether the larger share of the two directions is still to be taken
    """

    layer: str
    sign: float
    low: float
    high: float
    weight: float
    spread: float
    discount: str
    confidence: str
    share: np.ndarray | None
    larger: bool


class TieNet:
    """The ties of one world under a rule, for any draw of what is drawn.

    Parameters
    ----------
    world
        Carries the layers that the rule names.
    rule
        As from `tie_rule`; that one without it.

    Raises
    ------
    WorldError
        If the rule is malformed or the world lacks one of its layers.

    Examples
    --------
    >>> import detente as dt
    >>> net = TieNet(dt.load_world("world2023")).net()
    >>> bool((net == net.T).all())
    True
    """

    def __init__(self, world: World, rule: pd.DataFrame | None = None):
        self._world = world
        table = checked(default_rule() if rule is None else rule, world)
        self._rows = [_row(world, row) for _, row in table.iterrows()]
        named = {row.confidence for row in self._rows if row.confidence}
        self._chance = {name: _chance(world.values(name)) for name in named}

    def parts(
        self,
        rng: np.random.Generator | None = None,
        positions: np.ndarray | None = None,
        weights: Sequence[float] | None = None,
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Yield the layer of each row and what it contributes [country, country] to the ties.

        Parameters
        ----------
        rng
            Draws one set of ties, as in `signed_ties`; without it everything is at its centre.
        positions
            [country] ideal points in place of the world's layer and its draws.
        weights
            Of each row, in place of the rule's and their draws. A random number is taken for each
            row all the same, so that what is drawn after it stays as it is.
        """
        # One draw of a confidence layer serves all rows that name it.
        stands: dict[str, np.ndarray] = {}
        for number, row in enumerate(self._rows):
            share = self._apart(row, rng, positions) if row.share is None else row.share
            if row.confidence and rng is not None:
                if row.confidence not in stands:
                    chance = self._chance[row.confidence]
                    stands[row.confidence] = rng.random(chance.shape) < chance
                share = share * stands[row.confidence]
            both = np.maximum(share, share.T) if row.larger else share
            weight = row.weight
            if rng is not None:
                weight = float(weight * np.exp(row.spread * rng.standard_normal()))
            if weights is not None:
                weight = float(weights[number])
            yield row.layer, row.sign * weight * both

    def net(
        self,
        rng: np.random.Generator | None = None,
        positions: np.ndarray | None = None,
        weights: Sequence[float] | None = None,
    ) -> np.ndarray:
        """Return [country, country] the signed weight of every tie; parameters as in `parts`."""
        total = np.zeros((len(self._world.countries),) * 2)
        for _, part in self.parts(rng, positions, weights):
            total += part
        return total

    def graph(
        self,
        rng: np.random.Generator | None = None,
        positions: np.ndarray | None = None,
        weights: Sequence[float] | None = None,
    ) -> SignedGraph:
        """Return the ties as a network of all countries; parameters as in `parts`."""
        net = self.net(rng, positions, weights)
        a, b = np.nonzero(np.triu(np.abs(net) > LEAST, 1))
        value = net[a, b]
        sign = np.sign(value).astype(np.int64)
        return SignedGraph(tuple(self._world.countries), a, b, sign, np.abs(value))

    def _apart(
        self, row: _Row, rng: np.random.Generator | None, positions: np.ndarray | None
    ) -> np.ndarray:
        """Return the share of a row that grows with the distance of positions."""
        if positions is None:
            positions = self._world.values(row.layer).astype(float)
            if rng is not None and row.discount:
                spread = np.nan_to_num(self._world.values(row.discount), nan=0.0)
                positions = positions + spread * rng.standard_normal(len(positions))
        return _cut(np.abs(positions[:, None] - positions[None, :]), row.low, row.high)


def _row(world: World, row: pd.Series) -> _Row:
    layer, measure = str(row["layer"]), str(row["measure"])
    discount, confidence = str(row["discount"]), str(row["confidence"])
    low, high = float(row["from"]), float(row["to"])
    share, larger = None, measure not in ("mean", "distance")
    if measure != "distance":
        share = _cut(_value(world, layer, measure), low, high)
        if measure == "mean":
            share = _mean_in_force(share, world.values(discount) if discount else None)
        if larger and not confidence:
            share, larger = np.maximum(share, share.T), False
    return _Row(
        layer=layer,
        sign=float(row["sign"]),
        low=low,
        high=high,
        weight=float(row["weight"]),
        spread=float(np.log(float(row["high"]) / float(row["low"])) / (2 * Z90)),
        discount=discount,
        confidence=confidence,
        share=share,
        larger=larger,
    )


def _value(world: World, layer: str, measure: str) -> np.ndarray:
    """Return [origin, destination] what a row measures."""
    if measure.startswith("status"):
        return _status(world, *measure.split()[1:])
    if measure.startswith("bits"):
        return ((world.values(layer).astype(np.int64) & int(measure.split()[1])) > 0).astype(float)
    return world.values(layer).astype(float)


def _cut(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return how full a tie is, 0 to 1; what is not known makes none."""
    share = np.clip((np.nan_to_num(value, nan=-np.inf) - low) / (high - low), 0.0, 1.0)
    np.fill_diagonal(share, 0.0)
    return share


def _status(world: World, organisation: str, state: str) -> np.ndarray:
    """Join the members of a list that one state keeps to that state."""
    value = np.zeros((len(world.countries),) * 2)
    here = world.countries.index(state)
    listed = world.layers["organisation"].values.astype(str).tolist().index(organisation)
    value[:, here] = world.values("membership")[:, listed]
    return value


def _mean_in_force(share: np.ndarray, discount: np.ndarray | None) -> np.ndarray:
    """Average a layer over the directions in which it is in force, each discounted."""
    force = (share > 0).astype(float)
    if discount is not None:
        share = share * np.nan_to_num(discount, nan=1.0)
    count = force + force.T
    return np.divide(share + share.T, count, out=np.zeros_like(share), where=count > 0)


def _chance(confidence: np.ndarray) -> np.ndarray:
    """Return the chance that each cell of a hand-coded layer stands."""
    chance = np.ones(confidence.shape)
    for code, probability in CONFIDENCE.items():
        chance[confidence == code] = probability
    return chance
