"""Economies that the goods table leaves out: Taiwan, and stubs of North Korea and Cuba."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.recipes import factbook, wiod_pairs, wto
from detente.data.sectors import GOODS

OUTSIDE = ("CUB", "PRK", "TWN")
# Imports are recorded with freight and insurance; the goods table is free on board.
FREIGHT = 0.95
# Pairs under complete sanctions are never estimated; what is known to be traded is written here
# (million USD, 2023, orders of magnitude: food and medicine that the United States licenses for
# Cuba; Taiwan's purchases of Russian fuels and what it still sells).
KNOWN_PAIRS = {
    ("USA", "CUB"): 340.0,
    ("CUB", "USA"): 5.0,
    ("RUS", "TWN"): 3500.0,
    ("TWN", "RUS"): 800.0,
}
# United Nations measures reach every pair of North Korea; nearly all it trades is with China, and
# reports of other partners are mostly slips of the country code.
ONLY_PARTNER = {"PRK": "CHN"}


def pair_totals(
    raw: Path,
    countries: list[str],
    goods: np.ndarray,
    distance: np.ndarray,
    forbidden: np.ndarray,
    note: Callable[[str, str, float, str], None],
) -> np.ndarray:
    """Fill goods totals of the economies outside the goods table.

    The total is the merchandise total of the country; the five largest partners have the shares
    that the Factbook reports; the rest follows the pattern of 2011 where known (Taiwan), else
    partners' trade over distance to the power 0.8. Nothing is estimated on sanctioned pairs; of the
    trade of North Korea only the part with China is kept.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    goods
        [origin, destination] million USD with empty rows and columns for these economies.
    distance
        [origin, destination] km.
    forbidden
        bool [origin, destination] sanctioned pairs.
    note
        Called with country, step, value in million USD and a note.

    Returns
    -------
    numpy.ndarray
        [origin, destination] million USD.
    """
    out = goods.copy()
    known, pattern = wiod_pairs.pair_sectors(raw)
    past = pattern[:, :, : len(GOODS)].sum(axis=2)
    for code in OUTSIDE:
        c = countries.index(code)
        for flow in ("export", "import"):
            total = wto.goods_total(raw, code, flow) * (1.0 if flow == "export" else FREIGHT)
            weight = goods.sum(axis=0 if flow == "export" else 1)
            prior = weight * distance[c] ** -0.8
            if code in known:
                k = known.index(code)
                row = past[k] if flow == "export" else past[:, k]
                seen = pd.Series(row, index=known).reindex(countries).to_numpy(dtype=float)
                level = np.nansum(seen) / prior[~np.isnan(seen)].sum()
                prior = np.where(np.isnan(seen), prior * level, seen)
            closed = forbidden[c].copy()
            closed[c] = True
            values = _spread(raw, countries, code, flow, total, prior, closed)
            for (o, d), amount in KNOWN_PAIRS.items():
                own, partner = (o, d) if flow == "export" else (d, o)
                if own == code and partner in countries:
                    values[countries.index(partner)] = amount
            if flow == "export":
                out[c] = values
            else:
                out[:, c] = values
            note(code, f"goods {flow}s outside the goods table", values.sum(), "imputed")
    return out


def _spread(
    raw: Path,
    countries: list[str],
    code: str,
    flow: str,
    total: float,
    prior: np.ndarray,
    closed: np.ndarray,
) -> np.ndarray:
    pinned = factbook.top_partners(raw, code, flow)
    if code in ONLY_PARTNER:
        partner = ONLY_PARTNER[code]
        alone = np.zeros(len(countries))
        alone[countries.index(partner)] = total * pinned[partner]
        return alone
    fixed = np.full(len(countries), np.nan)
    for label, share in pinned.items():
        partner = str(label)
        if partner in countries and not closed[countries.index(partner)]:
            fixed[countries.index(partner)] = share
    rest = 1.0 - np.nansum(fixed)
    free = np.isnan(fixed) & ~closed
    share = np.where(free, prior, 0.0)
    # No other partner may be larger than the smallest of the five largest.
    ceiling = float(np.nanmin(fixed))
    for _ in range(20):
        share *= rest / share.sum()
        share = np.minimum(share, ceiling)
    return total * np.where(np.isnan(fixed), share, fixed)


def product_mix(raw: Path, code: str, flow: str, world: np.ndarray) -> np.ndarray:
    """Return the shares of the 15 product groups; the world's mix where none is reported.

    Parameters
    ----------
    raw
        Folder of raw tables.
    code, flow
        Economy, "export" or "import".
    world
        [product] world mix.
    """
    table = wto.country_products(raw)
    if (code, flow) not in table.index:
        return world / world.sum()
    values = table.loc[(code, flow), wto.PRODUCTS].to_numpy(dtype=float)
    return values / values.sum()
