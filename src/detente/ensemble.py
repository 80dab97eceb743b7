"""Priors and seeded draws of what is uncertain.

Each parameter has a random stream of its own, named by the seed and the parameter: draw 7 is
the same however many draws are made, whichever scenarios run, and whatever parameters are added.
Columns of an ensemble are independent of one another; the level that all published
elasticities share is a column of its own.
"""

import csv
import functools
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from detente.counts import whole
from detente.errors import WorldError
from detente.vocabulary import term
from detente.world import World

LEVEL = "trade_elasticity_level"
SHORT_RUN = "short_run_ratio"


@dataclass(frozen=True)
class Prior:
    """One uncertain number.

    Attributes
    ----------
    name : column of the ensemble, e.g. ``trade_elasticity[vehicles]``
    distribution : lognormal, normal, truncated_normal or fixed
    location : median (lognormal) or mean
    scale : standard deviation, of the log for a lognormal
    lower, upper : bounds; a lognormal beyond them is set to the bound
    unit, source, note : where it comes from
    """

    name: str
    distribution: str
    location: float
    scale: float
    lower: float = -np.inf
    upper: float = np.inf
    unit: str = ""
    source: str = ""
    note: str = ""

    def quantile(self, probability: np.ndarray | float) -> np.ndarray:
        """Return the value at a probability.

        Examples
        --------
        >>> float(Prior("x", "lognormal", 4.0, 0.5).quantile(0.5))
        4.0
        """
        p = np.asarray(probability, dtype=float)
        if self.distribution == "fixed" or self.scale == 0:
            return np.full(p.shape, self.location)
        if self.distribution == "lognormal":
            return np.clip(self.location * np.exp(self.scale * ndtri(p)), self.lower, self.upper)
        if self.distribution == "normal":
            return self.location + self.scale * ndtri(p)
        if self.distribution == "truncated_normal":
            low, high = (ndtr((b - self.location) / self.scale) for b in (self.lower, self.upper))
            return self.location + self.scale * ndtri(low + p * (high - low))
        raise WorldError(f"prior {self.name}: unknown distribution '{self.distribution}'")

    @property
    def median(self) -> float:
        """The central value, used for point estimates."""
        return float(self.quantile(0.5))

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Return `count` values from the stream of this parameter."""
        stream = np.random.default_rng(
            np.random.SeedSequence([seed, zlib.crc32(self.name.encode())])
        )
        return self.quantile(stream.random(count))


@dataclass(frozen=True)
class Ensemble:
    """Priors of a world and the way their draws become model parameters."""

    priors: dict[str, Prior]
    sectors: list[str]

    @functools.cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper [sector] bounds of elasticities: those of the sectors' priors."""
        own = [self.priors[f"trade_elasticity[{sector}]"] for sector in self.sectors]
        return np.array([one.lower for one in own]), np.array([one.upper for one in own])

    def draw(self, count: int, seed: int) -> pd.DataFrame:
        """Return draws by row; `count` = 0 gives one row of medians (a point estimate).

        Raises
        ------
        ScenarioError
            If the number of draws or the seed is no whole number of 0 or more.
        """
        count, seed = whole(count, "draws"), whole(seed, "seed")
        if count == 0:
            columns = {name: [prior.median] for name, prior in self.priors.items()}
        else:
            columns = {name: prior.draw(count, seed) for name, prior in self.priors.items()}
        return pd.DataFrame(columns).rename_axis("draw")

    def medians(self) -> dict[str, float]:
        """Return the central value of every parameter."""
        return {name: prior.median for name, prior in self.priors.items()}

    def theta(self, row: dict[str, float]) -> np.ndarray:
        """Return [sector] elasticities: each sector's own value times the common level."""
        own = np.array([row[f"trade_elasticity[{sector}]"] for sector in self.sectors])
        return np.clip(own * row[LEVEL], *self.bounds)


@functools.cache
def parameter_rows() -> tuple[dict[str, str], ...]:
    """Return the rows of `data/parameters.csv`."""
    path = resources.files("detente") / "data" / "parameters.csv"
    return tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _number(text: str, empty: float) -> float:
    return float(text) if text else empty


def _prior(row: dict[str, str], name: str) -> Prior:
    return Prior(
        name=name,
        distribution=row["distribution"],
        location=float(row["location"]),
        scale=_number(row["scale"], 0.0),
        lower=_number(row["lower"], -np.inf),
        upper=_number(row["upper"], np.inf),
        unit=row["unit"],
        source=row["source"],
        note=row["note"],
    )


def _own(name: str, value: float, scale: float, sources: str) -> Prior:
    """Return the prior around an elasticity that a world states and no published table."""
    source = f"the world's own value; spread of {sources}"
    # Draws keep the bounds of the layer: what no world may state, no draw shall be.
    upper = term("trade_elasticity", "layer").upper
    return Prior(name, "lognormal", value, scale, 0.0, upper, unit="elasticity", source=source)


def _restated(published: Prior, value: float) -> Prior:
    """Return the published prior, or the one around another value that the world states."""
    if value == published.location:
        return published
    return _own(published.name, value, published.scale, published.source)


def ensemble_for(world: World, senders: Iterable[str] = (), horizon: str = "long") -> Ensemble:
    """Return the priors that hold for a world.

    Parameters
    ----------
    world
        An embedded world takes the sector priors of `parameters.csv`: its layer
        trade_elasticity holds their medians. A value of the layer that is not the published
        median is taken for the median instead, with the same spread of the log, and cut where
        the layer is. So are a user's own elasticities: around them stays the spread of level
        between published sources, and the median spread between sectors.
    senders
        Countries whose broad sanctions a scenario changes. Where a sender's own effect was
        observed it gets a column of its own, e.g. ``sanction_effect_broad_exports[USA]``.
    horizon
        `short` adds the ratio of elasticities in the short run to those in the long run.

    Raises
    ------
    WorldError
        If the world states no elasticity for a sector.
    """
    rows = parameter_rows()
    elastic = [row for row in rows if row["name"] == "trade_elasticity"]
    loading = float(np.median([_number(r["loading_level"], 0.0) for r in elastic]))
    priors = {
        LEVEL: Prior(
            LEVEL,
            "lognormal",
            1.0,
            loading,
            unit="factor",
            source=elastic[0]["source"],
            note="level that all elasticities of a published source share",
        )
    }
    kind = world.meta.get("elasticities")
    table = {r["sector"]: r for r in elastic if r["world_sectors"] == kind}
    published = bool(kind) and set(world.sectors) <= set(table)
    scale = float(np.median([_number(r["scale"], 0.0) for r in elastic]))
    for sector, value in zip(world.sectors, world.values("trade_elasticity"), strict=True):
        name = f"trade_elasticity[{sector}]"
        priors[name] = (
            _restated(_prior(table[sector], name), float(value))
            if published
            else _own(name, float(value), scale, "eight published sources")
        )
    wanted = set(senders)
    for row in rows:
        name, _, sender = row["name"].removesuffix("]").partition("[")
        if name == SHORT_RUN and horizon != "short":
            continue
        if name != "trade_elasticity" and (not sender or sender in wanted):
            priors[row["name"]] = _prior(row, row["name"])
    return Ensemble(priors, world.sectors)
