"""Goods trade of 2023 by pair and sector: product groups split, known patterns put in, fitted."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from detente.data import known_cases, outside_baci
from detente.data.balance import ipf
from detente.data.recipes import hs4, wiod_pairs, wto
from detente.data.sectors import GOODS

# Sectors in which pairs trade both ways in a pattern that two-sided totals cannot show.
TWO_WAY = ("machinery", "vehicles")
# The pattern of 2011 may move a cell by this factor at most.
PATTERN_LIMIT = 3.0
FIT_STEPS = 150


def goods_by_sector(
    raw: Path,
    countries: list[str],
    totals: np.ndarray,
    note: Callable[[str, str, float, str], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Return goods trade by pair and sector with exact pair totals.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    totals
        [origin, destination] million USD.
    note
        Called with country, step, value in million USD and a note.

    Returns
    -------
    tuple of numpy.ndarray
        [origin, destination, goods sector] million USD; bool [origin, destination] where the
        product mix of a side is itself imputed or a known case replaces the estimate.
    """
    products, imputed = _product_cube(raw, countries, totals)
    split = hs4.sector_split(raw, countries, wto.PRODUCTS)
    russia = countries.index("RUS")
    split[russia, wto.PRODUCTS.index("unspecified")] = [
        known_cases.RUSSIA_UNSPECIFIED.get(name, 0.0) for name in GOODS
    ]
    base = np.stack([products[o] @ split[o] for o in range(len(countries))])
    base = _to_totals(base, totals)
    exports, imports = base.sum(axis=1), base.sum(axis=0)

    seed = known_cases.damp_banned_energy(base * _pattern(raw, countries, base), countries)
    known, fixed = known_cases.apply_pair_mix(base, countries)
    known = known * fixed[:, :, None]
    open_totals = np.where(fixed, 0.0, totals)
    seed = np.where(fixed[:, :, None], 0.0, seed)
    fit = ipf(
        seed,
        [
            ((0, 2), np.maximum(exports - known.sum(axis=1), 0.0)),
            ((1, 2), np.maximum(imports - known.sum(axis=0), 0.0)),
            ((0, 1), open_totals),
        ],
        tolerance=1e-5,
        steps=FIT_STEPS,
    )
    goods = fit.flow + known
    gap = np.abs(goods.sum(axis=1) - exports).sum(axis=1) / 2
    for c in np.flatnonzero(gap > 100):
        value = float(gap[c])
        note(countries[c], "export mix given up in the fit", value, "pair totals hold exactly")
    for o, d in np.argwhere(fixed):
        value = float(totals[o, d])
        note(countries[o], f"known product mix to {countries[d]}", value, "by hand")
    return goods, imputed | fixed


def _to_totals(cube: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Scale each pair to its total; a pair without a mix takes the exporter's."""
    have = cube.sum(axis=2)
    mix = cube.sum(axis=1)
    mix = mix / np.maximum(mix.sum(axis=1, keepdims=True), 1e-300)
    cube = np.where((have > 0)[:, :, None], cube, mix[:, None, :])
    have = cube.sum(axis=2)
    return cube * np.divide(totals, have, out=np.zeros_like(totals), where=have > 0)[:, :, None]


def _product_cube(
    raw: Path, countries: list[str], totals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    table = wto.pair_products(raw)
    place = {code: i for i, code in enumerate(countries)}
    product = {name: i for i, name in enumerate(wto.PRODUCTS)}
    cube = np.zeros((len(countries), len(countries), len(product)))
    imputed = np.zeros(totals.shape, dtype=bool)
    o = table["origin"].map(place).to_numpy(dtype=int)
    d = table["destination"].map(place).to_numpy(dtype=int)
    cube[o, d, table["product"].map(product).to_numpy(dtype=int)] = table["value"]
    either = table["exporter_mix_imputed"] | table["importer_mix_imputed"]
    imputed[o, d] = either.to_numpy(dtype=bool)
    world = cube.sum(axis=(0, 1)) / cube.sum()
    export_mix = cube.sum(axis=1)
    import_mix = cube.sum(axis=0)
    export_mix = export_mix / np.maximum(export_mix.sum(axis=1, keepdims=True), 1e-300)
    import_mix = import_mix / np.maximum(import_mix.sum(axis=1, keepdims=True), 1e-300)
    for code in outside_baci.OUTSIDE:
        c = place[code]
        export_mix[c] = outside_baci.product_mix(raw, code, "export", world)
        import_mix[c] = outside_baci.product_mix(raw, code, "import", world)
    for code in outside_baci.OUTSIDE:
        c = place[code]
        # Outer product of the two mixes, fitted to the own mix and the partners' totals.
        for seller, buyer, own in (
            (c, slice(None), export_mix[c]),
            (slice(None), c, import_mix[c]),
        ):
            pairs = totals[seller, buyer]
            seed = np.where(pairs[:, None] > 0, export_mix[seller] * import_mix[buyer] / world, 0.0)
            fit = ipf(seed, [((1,), own * pairs.sum()), ((0,), pairs)], tolerance=1e-9, steps=200)
            cube[seller, buyer] = fit.flow
            imputed[seller, buyer] = True
    return cube, imputed


def _pattern(raw: Path, countries: list[str], base: np.ndarray) -> np.ndarray:
    """Return how much more a pair of 2011 traded in a sector than two-sided totals imply."""
    codes, past = wiod_pairs.pair_sectors(raw)
    past = past[:, :, : len(GOODS)]
    implied = ipf(
        np.where(past.sum(axis=2, keepdims=True) > 0, 1.0, 0.0) * np.ones(past.shape),
        [
            ((0, 2), past.sum(axis=1)),
            ((1, 2), past.sum(axis=0)),
            ((0, 1), past.sum(axis=2)),
        ],
        tolerance=1e-4,
        steps=100,
    ).flow
    # Cells below 20 million USD of 2011 are rounding noise of the source.
    ratio = np.where(implied > 20, (past + 5) / (implied + 5), 1.0)
    ratio = np.clip(ratio, 1 / PATTERN_LIMIT, PATTERN_LIMIT)
    out = np.ones(base.shape)
    rows = [i for i, code in enumerate(codes) if code in countries and code != "RUS"]
    where = [countries.index(codes[i]) for i in rows]
    for name in TWO_WAY:
        s = GOODS.index(name)
        out[np.ix_(where, where, [s])] = ratio[np.ix_(rows, rows, [s])]
    return out
