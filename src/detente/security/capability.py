"""Capability of states and coalitions, from numbers that may be embedded.

Two open indices, both as shares of the world's total over the countries of a world:

    gdp_product   GDP x GDP per head = GDP^2 / population      Beckley (2018), Int. Security 43:2
    surplus       max(GDP - 3 USD x 365 x population, 0)       Anders, Fariss & Markowitz (2020),
                                                               ISQ 64:392, surplus domestic product

GDP is at market prices, so that states with low prices weigh less than at purchasing power; the
poverty line of `surplus` is stated there in 2011 international dollars, and is applied to current
ones. Warheads are no part of any index: they do not add up with output. The composite index of the
Correlates of War comes with the user's own copy (`detente.security.read_nmc`), or as a layer of a
world that was made with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.errors import ScenarioError, WorldError, nearest
from detente.security.capability_layer import LAYER, carried, own_index
from detente.world import World

# Subsistence per person and year, USD: three dollars a day.
SUBSISTENCE = 3.0 * 365.0
# Distance at which a state's weight falls to 1/e; an assumption, not an estimate.
DISTANCE_SCALE_KM = 5000.0
MILLION = 1e6


def gdp_product(gdp: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Return GDP times GDP per head (Beckley 2018).

    Parameters
    ----------
    gdp, population
        Any unit, [..., country].

    Examples
    --------
    >>> gdp_product(np.array([4.0, 4.0]), np.array([1.0, 4.0])).tolist()
    [16.0, 4.0]
    """
    return np.asarray(gdp, dtype=float) ** 2 / population


def surplus_product(gdp: np.ndarray, population: np.ndarray) -> np.ndarray:
    """Return GDP above subsistence (Anders, Fariss & Markowitz 2020, eq. 1).

    Parameters
    ----------
    gdp
        USD, [..., country].
    population
        Persons.

    Examples
    --------
    >>> surplus_product(np.array([2190.0, 500.0]), np.array([1.0, 1.0])).tolist()
    [1095.0, 0.0]
    """
    return np.maximum(np.asarray(gdp, dtype=float) - SUBSISTENCE * population, 0.0)


KINDS: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "gdp_product": gdp_product,
    "surplus": surplus_product,
}


def capability(world: World, kind: str | None = None) -> np.ndarray:
    """Return each country's share of the world's capability, [country]; they add to one.

    Parameters
    ----------
    world
        Carries gdp (million USD) and population.
    kind
        `gdp_product`, `surplus`, or `cinc` where the world carries it; by default `cinc` where it
        does, else `gdp_product`.

    Raises
    ------
    ScenarioError
        If the kind is unknown.
    WorldError
        If a layer is missing, or no country has both numbers.

    Notes
    -----
    A country without GDP or population has the share zero where its population is unknown, else
    the GDP per head of the poorest known country times its population: no source says more, and
    its share is small under either index.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> share = capability(world)
    >>> world.countries[int(share.argmax())], round(float(share.sum()), 9)
    ('USA', 1.0)
    """
    own = [LAYER] if carried(world) else []
    chosen = kind or [*own, "gdp_product"][0]
    if chosen not in (*KINDS, *own):
        missing = (
            f"; world '{world.name}' carries no {LAYER}: `detente data add nmc PATH --world "
            f"{world.name}` makes one that does"
            if chosen == LAYER
            else ""
        )
        raise ScenarioError(
            f"no capability index '{chosen}'{nearest(chosen, KINDS)}; there are: "
            f"{', '.join((*KINDS, *own))}{missing}"
        )
    if chosen == LAYER:
        return own_index(world) / own_index(world).sum()
    gdp = np.asarray(world.values("gdp"), dtype=float) * MILLION
    population = np.asarray(world.values("population"), dtype=float)
    size = np.where(population > 0, population, np.nan)
    head = gdp / size
    if not np.isfinite(head).any():
        raise WorldError(f"world '{world.name}': no country has both gdp and population")
    gdp = np.where(np.isfinite(head), gdp, float(np.nanmin(head)) * size)
    index = np.nan_to_num(KINDS[chosen](gdp, size))
    return index / index.sum()


@dataclass(frozen=True)
class Coalition:
    """What a group of states brings to bear.

    Attributes
    ----------
    members : codes
    share : capability of each, share of the world
    discount : exp(-distance / scale) of each, one without a target
    reliability : chance that each takes part
    """

    members: tuple[str, ...]
    share: np.ndarray
    discount: np.ndarray
    reliability: np.ndarray

    @property
    def total(self) -> float:
        """Expected capability at the target: sum of share x discount x reliability."""
        return float(np.sum(self.share * self.discount * self.reliability))


def coalition(
    world: World,
    members: Sequence[str],
    target: str | None = None,
    reliability: Mapping[str, float] | None = None,
    distance_scale_km: float = DISTANCE_SCALE_KM,
    kind: str | None = None,
    index: np.ndarray | None = None,
) -> Coalition:
    """Return the capability of a coalition, discounted by distance and reliability.

    Parameters
    ----------
    world
        Carries gdp and population, and distance_min if a target is named.
    members
        Codes or groups (`@NATO`); each counts once.
    target
        Where the capability is to act; no discount if absent.
    reliability
        Chance that a member takes part, by code; one where none is given.
    distance_scale_km
        Kilometres at which a member's weight falls to 1/e: a declared assumption.
    kind
        Index, as in `capability`.
    index
        Shares [country] in its place, such as CINC of the user's own copy.

    Raises
    ------
    ScenarioError
        If a member or target is no country of the world, a reliability is outside 0-1 or names no
        member, or the scale is not positive.

    Notes
    -----
    A distance that no source states gives no discount other than that of half the Earth's
    circumference, so that an unknown is never an advantage.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("world2023")
    >>> near = coalition(world, ["USA", "CAN"], target="MEX")
    >>> far = coalition(world, ["USA", "CAN"], target="MEX", reliability={"CAN": 0.5})
    >>> far.total < near.total
    True
    """
    if not distance_scale_km > 0:
        raise ScenarioError(f"distance_scale_km is {distance_scale_km}; it must be positive")
    codes: list[str] = []
    for name in members:
        codes += world.members(name) if name.startswith("@") else [_country(world, name)]
    codes = list(dict.fromkeys(codes))
    given = dict(reliability or {})
    for code, chance in given.items():
        if code not in codes:
            raise ScenarioError(
                f"reliability names '{code}', which is no member{nearest(code, codes)}"
            )
        if not 0 <= chance <= 1:
            raise ScenarioError(f"reliability of {code} is {chance}; it lies between 0 and 1")
    place = [world.countries.index(code) for code in codes]
    shares = capability(world, kind) if index is None else np.asarray(index, dtype=float)
    discount = np.ones(len(codes))
    if target is not None:
        far = np.asarray(world.values("distance_min"), dtype=float)
        column = far[place, world.countries.index(_country(world, target))]
        discount = np.exp(-np.nan_to_num(column, nan=20015.0) / distance_scale_km)
    chance = np.array([given.get(code, 1.0) for code in codes])
    return Coalition(tuple(codes), shares[place], discount, chance)


def _country(world: World, code: str) -> str:
    if code not in world.countries:
        raise ScenarioError(
            f"'{code}' is no country of world '{world.name}'{nearest(code, world.countries)}"
        )
    return code
