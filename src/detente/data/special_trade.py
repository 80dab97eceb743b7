"""Trade that the accounts cannot take as recorded: transit to Russia, ship registers, entrepots."""

from collections.abc import Callable

import numpy as np

from detente.data import reexports
from detente.data.recipes.icio import VALUE_ADDED_FLOOR
from detente.data.sectors import GOODS

# Neighbours whose partners record far more sales to them than they import themselves: the rest
# crosses the customs union to Russia and no side records that leg.
TRANSIT_TO_RUSSIA = ("ARM", "GEO", "KGZ")
TRANSIT_GOODS = (
    "textiles",
    "chemicals",
    "metals",
    "machinery",
    "vehicles",
    "other_manufacturing",
)
# Of the goods that go into a transit country, at most this share leaves again.
TRANSIT_SHARE = 0.8
# Destinations of Hong Kong's re-exports (2023, rounded shares of its own statistics).
RE_EXPORTS = {
    "HKG": {
        "CHN": 0.56, "USA": 0.065, "IND": 0.04, "TWN": 0.03, "VNM": 0.026, "ARE": 0.026,
        "JPN": 0.02, "NLD": 0.017, "SGP": 0.016, "DEU": 0.016, "THA": 0.016, "KOR": 0.015,
    }
}  # fmt: skip
# Goods trade above this multiple of all exports or imports in the balance of payments is not the
# country's own: ships registered there, free ports, warehouses.
EXCESS = 1.5


def add_entrepot(
    goods: np.ndarray,
    exports_reported: np.ndarray,
    services_sold: np.ndarray,
    countries: list[str],
    locked: np.ndarray,
    note: Callable[[str, str, float, str], None],
) -> None:
    """Add the re-exports of an entrepot that statistics by origin leave out, in place.

    Goods that pass through Hong Kong are recorded as imports there but, on the way out, under the
    country of origin: its imports are four times its exports. The missing leg is what it reports
    to sell beyond services and recorded goods. The closure then turns it into direct trade between
    origins and destinations (domestic sales where both are the same).

    Parameters
    ----------
    goods
        [origin, destination, goods sector] million USD; changed in place.
    exports_reported, services_sold
        [country] million USD.
    countries
        Ordered ISO3 list.
    locked
        bool [origin, destination] pairs that keep their value.
    note
        Called with country, step, value in million USD and a note.
    """
    for code, shares in RE_EXPORTS.items():
        c = countries.index(code)
        into, out = goods[:, c].sum(axis=0), goods[c].sum(axis=0)
        amount = exports_reported[c] - services_sold[c] - out.sum()
        spare = np.maximum(into - out, 0.0)
        amount = min(amount, TRANSIT_SHARE * spare.sum())
        weight = np.where(locked[c], 0.0, goods[c].sum(axis=1))
        named = [countries.index(partner) for partner in shares]
        weight[named] = 0.0
        weight *= (1 - sum(shares.values())) / weight.sum()
        weight[named] = list(shares.values())
        goods[c] += amount * weight[:, None] * (spare / spare.sum())[None, :]
        note(
            code, "unrecorded re-exports made a flow", amount, "reported exports beyond those known"
        )


def add_transit(
    goods: np.ndarray,
    imports_reported: np.ndarray,
    countries: list[str],
    note: Callable[[str, str, float, str], None],
) -> np.ndarray:
    """Add the unrecorded flow of goods through neighbours to Russia, in place.

    Its size is what partners record as sales to the country beyond all the imports that the country
    has in its balance of payments.

    Parameters
    ----------
    goods
        [origin, destination, goods sector] million USD; changed in place.
    imports_reported
        [country] imports of goods and services, million USD.
    countries
        Ordered ISO3 list.
    note
        Called with country, step, value in million USD and a note.

    Returns
    -------
    numpy.ndarray
        [country, goods sector] transit, million USD.
    """
    transit = np.zeros((len(countries), len(GOODS)))
    russia = countries.index("RUS")
    wanted = [GOODS.index(name) for name in TRANSIT_GOODS]
    for code in TRANSIT_TO_RUSSIA:
        c = countries.index(code)
        excess = goods[:, c].sum() - imports_reported[c]
        source = goods[:, c, wanted].sum(axis=0) - goods[russia, c, wanted]
        amount = min(excess, TRANSIT_SHARE * source.sum())
        if not amount > 0:
            continue
        transit[c, wanted] = amount * source / source.sum()
        goods[c, russia] += transit[c]
        note(code, "unrecorded transit to RUS made a flow", amount, "imports beyond those reported")
    return transit


def transit_inputs(inputs: np.ndarray, goods: np.ndarray, transit: np.ndarray) -> np.ndarray:
    """Let transit pass through output: goods in, the same goods out, little value added.

    The column of a transit sector is the mean of the country's own and of pure passage (its own
    sector as input, value added at the floor), weighted by transit and the other exports plus half
    the other imports, a stand-in for own output.

    Parameters
    ----------
    inputs
        [country, supplying_sector, using_sector].
    goods
        [origin, destination, goods sector] million USD, with the transit.
    transit
        [country, goods sector] million USD.

    Returns
    -------
    numpy.ndarray
        The new input shares.
    """
    out = inputs.copy()
    exports, imports = goods.sum(axis=1), goods.sum(axis=0)
    for c, s in np.argwhere(transit > 0):
        own = exports[c, s] - transit[c, s] + 0.5 * max(imports[c, s] - transit[c, s], 0.0)
        weight = transit[c, s] / (transit[c, s] + own)
        passage = np.zeros(inputs.shape[1])
        passage[s] = 1.0 - VALUE_ADDED_FLOOR
        out[c, :, s] = (1 - weight) * inputs[c, :, s] + weight * passage
    return out


def limit_goods(
    goods: np.ndarray,
    reported: tuple[np.ndarray, np.ndarray],
    countries: list[str],
    locked: np.ndarray,
    closed: np.ndarray,
    note: Callable[[str, str, float, str], None],
) -> None:
    """Give away goods trade far beyond what the country itself reports, in place.

    Parameters
    ----------
    goods
        [origin, destination, goods sector] million USD; changed in place.
    reported
        Exports and imports of goods and services [country]; NaN where not known.
    countries
        Ordered ISO3 list.
    locked
        bool [origin, destination] pairs that keep their value.
    closed
        bool [country] that take nothing from others.
    note
        Called with country, step, value in million USD and a note.
    """
    sides = (
        ("imports", reported[1], 0, reexports.reassign_imports),
        ("exports", reported[0], 1, reexports.reassign_exports),
    )
    for name, limit, axis, move in sides:
        for c, code in enumerate(countries):
            by_sector = (goods[:, c] if axis == 0 else goods[c]).sum(axis=0)
            if code in TRANSIT_TO_RUSSIA or code in RE_EXPORTS:
                continue
            if np.isnan(limit[c]) or by_sector.sum() <= EXCESS * limit[c]:
                continue
            excess = by_sector * (1 - EXCESS * limit[c] / by_sector.sum())
            # What leaves again (HKG, SGP) is dealt with as re-exports, not here.
            moved = move(goods, c, excess, locked, closed).sum()
            note(code, f"goods {name} beyond 1.5 x all reported {name} given away", moved, "")
