"""Services trade by pair, scaled so that the whole balance meets reported exports and imports."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.balance import ras
from detente.data.recipes import factbook, services, wdi, wiod_pairs
from detente.data.sectors import GOODS, SECTORS

# World services trade of 2023 over the mean of 2016-2019.
GROWTH = 1.24
# Largest factor between a country's services in the pair table and in the balance of payments.
LEVEL_LIMIT = 2.0
BALANCE_LIMIT = 2.0
# What is left of services between sides of complete sanctions, and bounds for the broad ones,
# where goods trade 2023 over 2019 gives the factor.
COMPLETE_LEFT = 0.1
BROAD_BOUNDS = (0.05, 1.0)


def balance_targets(
    raw: Path, countries: list[str], gdp: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return exports and imports of goods and services of each country.

    World Bank shares in GDP come first, the Factbook's totals second (2023, else latest from 2017).

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    gdp
        [country] million USD.

    Returns
    -------
    tuple
        Exports and imports [country] million USD, NaN where neither source has them.
    """
    sides = []
    for side in ("exports", "imports"):
        share = wdi.indicator(raw, f"{side}_gs_pct_gdp", oldest=2021).reindex(countries)
        bank = share.to_numpy(dtype=float) / 100 * gdp
        book = factbook.variable(raw, f"{side}_gs").reindex(countries).to_numpy(dtype=float) / 1e6
        sides.append(np.where(np.isnan(bank), book, bank))
    return sides[0], sides[1]


def gravity(
    flow: np.ndarray, known: np.ndarray, covariates: list[np.ndarray], steps: int = 100
) -> np.ndarray:
    """Fit a Poisson regression to the known cells and predict all cells.

    Parameters
    ----------
    flow
        [origin, destination] values, used where known.
    known
        bool [origin, destination].
    covariates
        Arrays [origin, destination]; a constant is added.
    steps
        Most Newton steps; the fit ends when no coefficient moves by 1e-10.

    Returns
    -------
    numpy.ndarray
        [origin, destination] predicted values.

    Source
    ------
    Santos Silva and Tenreyro (2006), Review of Economics and Statistics 88, 641-658.
    """
    stack = np.stack([np.ones(flow.shape), *covariates], axis=-1)
    x, y = stack[known], flow[known]
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.mean())
    centre = x.mean(axis=0)
    centre[0] = 0.0
    for _ in range(steps):
        mu = np.exp(np.clip((x - centre) @ beta, -30, 30))
        weighted = (x - centre) * mu[:, None]
        move = np.linalg.solve((x - centre).T @ weighted, (x - centre).T @ (y - mu))
        beta = beta + np.clip(move, -2, 2)
        if np.abs(move).max() < 1e-10:
            break
    return np.exp(np.clip((stack - centre) @ beta, -30, 30))


def pair_services(
    raw: Path,
    countries: list[str],
    gdp: np.ndarray,
    geography: tuple[np.ndarray, np.ndarray, np.ndarray],
    sanctioned: tuple[np.ndarray, np.ndarray],
    goods_change: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return services trade by pair before balancing.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    gdp
        [country] million USD.
    geography
        Distance, border, language, each [origin, destination].
    sanctioned
        Broad-or-complete and complete pairs, bool [origin, destination].
    goods_change
        [origin, destination] goods trade of 2023 over 2019, NaN where not known.

    Returns
    -------
    tuple of numpy.ndarray
        [origin, destination] million USD of 2023; bool where OECD members report the pair.
    """
    table = services.service_pairs(raw)
    place = {code: i for i, code in enumerate(countries)}
    table = table[table["origin"].isin(place) & table["destination"].isin(place)]
    flow = np.zeros((len(countries), len(countries)))
    known = np.zeros(flow.shape, dtype=bool)
    o = table["origin"].map(place).to_numpy(dtype=int)
    d = table["destination"].map(place).to_numpy(dtype=int)
    flow[o, d], known[o, d] = table["value"], True
    np.fill_diagonal(known, False)
    distance, border, language = geography
    logs = np.log(gdp)
    fitted = gravity(
        flow,
        known,
        [logs[:, None] + 0 * flow, logs[None, :] + 0 * flow, np.log(distance), border, language],
    )
    broad, complete = sanctioned
    # Gravity knows nothing of sanctions: it fills none of their pairs.
    flow = np.where(known, flow, np.where(broad, 0.0, fitted)) * GROWTH
    left = np.clip(np.where(np.isnan(goods_change), BROAD_BOUNDS[0], goods_change), *BROAD_BOUNDS)
    flow = np.where(complete, flow * COMPLETE_LEFT, np.where(broad, flow * left, flow))
    np.fill_diagonal(flow, 0.0)
    return flow, known


def balanced_services(
    flow: np.ndarray,
    frozen: np.ndarray,
    goods: np.ndarray,
    targets: tuple[np.ndarray, np.ndarray],
    gdp: np.ndarray,
    cap: float,
    countries: list[str],
    note: Callable[[str, str, float, str], None],
) -> np.ndarray:
    """Scale services by pair so that goods and services together meet the reported balance.

    Levels move at most twofold towards the balance of payments, then exports and imports move in
    opposite directions, again at most twofold, until the balance fits.

    Parameters
    ----------
    flow
        [origin, destination] services, million USD.
    frozen
        bool [origin, destination] cells that keep their value (sanctioned pairs).
    goods
        [origin, destination] goods, million USD.
    targets
        Exports and imports of goods and services [country]; NaN where not known.
    gdp
        [country] million USD.
    cap
        Largest deficit or surplus aimed at, as a share of GDP.
    countries
        Ordered ISO3 list.
    note
        Called with country, step, value in million USD and a note.

    Returns
    -------
    numpy.ndarray
        [origin, destination] services, million USD.
    """
    sold, bought = flow.sum(axis=1), flow.sum(axis=0)
    goods_out, goods_in = goods.sum(axis=1), goods.sum(axis=0)
    has = ~np.isnan(targets[0]) & ~np.isnan(targets[1])
    # The world's balances add to zero: the error is shared by the size of trade.
    wanted = np.clip(np.where(has, targets[1] - targets[0], 0.0), -cap * gdp, cap * gdp)
    size = np.where(has, targets[1] + targets[0], 0.0)
    wanted = wanted - wanted.sum() * size / size.sum()
    level = []
    for have, gross, part in ((sold, targets[0], goods_out), (bought, targets[1], goods_in)):
        rest = np.where(has, gross - part, have)
        rest = np.clip(rest, have / LEVEL_LIMIT, have * LEVEL_LIMIT)
        # Services alone cannot exceed all exports or imports that a country reports.
        level.append(np.where(has, np.minimum(rest, gross), rest))
    out, into = level
    gap = wanted - (goods_in - goods_out)
    # into * k - out / k = gap
    k = (gap + np.sqrt(gap**2 + 4 * into * out)) / np.maximum(2 * into, 1e-300)
    k = np.where(has, np.clip(k, 1 / BALANCE_LIMIT, BALANCE_LIMIT), 1.0)
    out, into = out / k, into * k
    into = into * out.sum() / into.sum()
    fixed = np.where(frozen, flow, 0.0)
    loose = np.where(frozen, 0.0, flow)
    rows = np.where(loose.sum(axis=1) > 0, np.maximum(out - fixed.sum(axis=1), 1e-6), 0.0)
    columns = np.where(loose.sum(axis=0) > 0, np.maximum(into - fixed.sum(axis=0), 1e-6), 0.0)
    columns = columns * rows.sum() / columns.sum()
    fit = ras(loose, rows, columns, tolerance=1e-10, labels=(countries, countries))
    result = fit.flow + fixed
    balance = (goods_in + result.sum(axis=0)) - (goods_out + result.sum(axis=1))
    for c in np.flatnonzero(has & (np.abs(balance - wanted) > 0.02 * gdp)):
        note(
            countries[c],
            "balance missed after services",
            balance[c] - wanted[c],
            f"target {wanted[c] / gdp[c]:+.1%} of GDP, reached {balance[c] / gdp[c]:+.1%}",
        )
    return result


def transport_share(raw: Path, countries: list[str]) -> np.ndarray:
    """Return the share of transport in each exporter's services (2011; the mean elsewhere).

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    numpy.ndarray
        [origin] share 0-1.
    """
    codes, past = wiod_pairs.pair_sectors(raw)
    total = past[:, :, len(GOODS) :].sum(axis=1)
    share = total[:, SECTORS.index("transport_services") - len(GOODS)] / total.sum(axis=1)
    mean = total[:, 0].sum() / total.sum()
    return pd.Series(share, index=codes).reindex(countries).fillna(mean).to_numpy(dtype=float)
