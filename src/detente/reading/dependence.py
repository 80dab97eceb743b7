"""Dependence and power in the trade of the base: who relies on whom, and how unevenly."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from detente.errors import ScenarioError
from detente.reading.asked import countries_of, world_of
from detente.world import World, accounts_of

# Largest share of a sector's supply that a coalition is taken to hold: at one the loss of
# Clayton, Maggiori and Schreger has no limit.
CAP = 0.99


def _flows(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return flows net of tariffs [origin, destination, sector], and absorption [destination]."""
    flow = world.values("flow").astype(float)
    return flow, flow.sum(axis=(0, 2))


def _theta(world: World, elasticity: np.ndarray | None) -> np.ndarray:
    theta = world.values("trade_elasticity") if elasticity is None else np.asarray(elasticity)
    if theta.shape != (len(world.sectors),) or not (theta > 0).all():
        raise ScenarioError(
            f"elasticity must hold one positive number for each of {len(world.sectors)} sectors"
        )
    return theta.astype(float)


def dependence_matrix(world: World, elasticity: np.ndarray | None = None) -> np.ndarray:
    """Return dep[i, j]: how much importer i relies on exporter j; zero of a country on itself.

    Parameters
    ----------
    world
        With flow and trade_elasticity.
    elasticity
        [sector] trade elasticities (elasticity of substitution less one); the world's when None.

    Notes
    -----
    Liu and Yang (2025): dep_ij = sum_s imports_ijs / absorption_i / (sigma_s - 1). It is the
    first-order log rise of i's prices when j's goods are lost, at given wages.
    """
    flow, absorption = _flows(world)
    lost = np.einsum("ods,s->do", flow, 1 / _theta(world, elasticity))
    np.fill_diagonal(lost, 0.0)
    return lost / np.where(absorption > 0, absorption, 1.0)[:, None]


def dependence(
    world: World | str,
    countries: str | Iterable[str] | None = None,
    elasticity: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return how much each country relies on each partner, and the asymmetry of the pair.

    Parameters
    ----------
    world
        A World, or the name of an embedded one.
    countries
        Whose dependence: a code, a "@GROUP" or a list; all when None. Partners are all others.
    elasticity
        [sector] trade elasticities; the world's when None.

    Returns
    -------
    DataFrame
        iso3, partner; `exports_gdp`: exports to the partner, per cent of value added
        (Hirschman 1945); `exports_share`, `imports_share`: the partner's part in the country's
        exports and imports, per cent; `dependence`: Liu and Yang (2025), per cent; `power`:
        dependence of the partner on the country less that of the country on the partner.

    Notes
    -----
    Levels of the base at given prices, no effects of any change. `power` changes its sign when
    country and partner are exchanged.

    Raises
    ------
    ScenarioError
        If a country is unknown or the elasticities do not fit.
    """
    place = world_of(world)
    chosen = countries_of(place, countries)
    flow, _ = _flows(place)
    trade = flow.sum(axis=2) * (1 - np.eye(len(place.countries)))
    earned = accounts_of(place).value_added
    matrix = dependence_matrix(place, elasticity)
    tables = {
        "exports_gdp": trade / earned[:, None],
        "exports_share": _shares(trade),
        "imports_share": _shares(trade.T),
        "dependence": matrix,
        "power": matrix.T - matrix,
    }
    rows = [place.countries.index(code) for code in chosen]
    others = ~np.eye(len(place.countries), dtype=bool)[rows]
    names = np.array(place.countries)
    return pd.DataFrame(
        {
            "iso3": np.repeat(chosen, others.sum(axis=1)),
            "partner": np.broadcast_to(names, others.shape)[others],
            **{name: 100.0 * table[rows][others] for name, table in tables.items()},
        }
    )


def concentration(world: World | str, countries: str | Iterable[str] | None = None) -> pd.DataFrame:
    """Return how concentrated each country's trade is over its partners.

    Parameters
    ----------
    world, countries
        As in `dependence`.

    Returns
    -------
    DataFrame
        iso3; `exports`, `imports`: Herfindahl-Hirschman index of the partners' shares, from one
        over the number of partners to 1; `top_market`, `top_supplier`; `openness`: imports, per
        cent of absorption.

    Notes
    -----
    Hirschman (1945); the index here is the sum of squares, he took its root.
    """
    place = world_of(world)
    chosen = countries_of(place, countries)
    flow, absorption = _flows(place)
    trade = flow.sum(axis=2) * (1 - np.eye(len(place.countries)))
    names = np.array(place.countries)
    table = pd.DataFrame(
        {
            "iso3": place.countries,
            "exports": (_shares(trade) ** 2).sum(axis=1),
            "imports": (_shares(trade.T) ** 2).sum(axis=1),
            "top_market": names[trade.argmax(axis=1)],
            "top_supplier": names[trade.argmax(axis=0)],
            "openness": 100.0 * trade.sum(axis=0) / np.where(absorption > 0, absorption, 1.0),
        }
    )
    return table.set_index("iso3").loc[chosen].reset_index()


def _shares(table: np.ndarray) -> np.ndarray:
    total = table.sum(axis=1, keepdims=True)
    return table / np.where(total > 0, total, 1.0)


def coalition_loss(
    world: World | str,
    coalition: str | Iterable[str],
    countries: str | Iterable[str] | None = None,
    cap: float = CAP,
    elasticity: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return what each country would lose if a coalition stopped selling to it, by sector.

    Parameters
    ----------
    world
        A World, or the name of an embedded one.
    coalition
        Countries that stop selling: a code, a "@GROUP" or a list.
    countries
        Who loses; all outside the coalition when None.
    cap
        Largest share of a sector's supply that counts, below one. A sector that is bought from
        the coalition alone would have no limit; the cap stands for what can be had otherwise
        (stocks, smuggling, substitutes), and no source gives its value.
    elasticity
        [sector] trade elasticities (elasticity of substitution less one); the world's when None.

    Returns
    -------
    DataFrame
        iso3, sector; `weight`: the sector's share in absorption, `share`: the coalition's share in
        the country's supply of it, both per cent; `loss`: rise of the price of absorption, log
        points times 100; `capped`.

    Notes
    -----
    Clayton, Maggiori and Schreger (2024): -(beta_s / (sigma_s - 1)) log(1 - omega_s). It is convex
    in the coalition's share: the last tenth of control is worth most. Wages and the prices of
    others' goods stay as they are; for all that moves, ban the flows in a scenario.

    Raises
    ------
    ScenarioError
        If a country is unknown, or `cap` is not between 0 and 1.
    """
    if not 0 < cap < 1:
        raise ScenarioError(f"cap must lie between 0 and 1, without the ends, not {cap}")
    place = world_of(world)
    members = countries_of(place, coalition)
    chosen = [code for code in countries_of(place, countries) if code not in members]
    flow, absorption = _flows(place)
    bought = flow.sum(axis=0)
    held = flow[[place.countries.index(code) for code in members]].sum(axis=0)
    share = held / np.where(bought > 0, bought, 1.0)
    weight = bought / np.where(absorption > 0, absorption, 1.0)[:, None]
    loss = -weight / _theta(place, elasticity) * np.log1p(-np.minimum(share, cap))
    rows = [place.countries.index(code) for code in chosen]
    return pd.DataFrame(
        {
            "iso3": np.repeat(chosen, len(place.sectors)),
            "sector": np.tile(place.sectors, len(chosen)),
            "weight": 100.0 * weight[rows].ravel(),
            "share": 100.0 * share[rows].ravel(),
            "loss": 100.0 * loss[rows].ravel(),
            "capped": (share[rows] > cap).ravel(),
        }
    )
