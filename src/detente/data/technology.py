"""Input and final-demand shares for every country: own table, else the nearest countries'."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from detente.data.recipes import codes, icio, macro
from detente.data.sectors import GOODS, SECTORS

DONORS = 5
# Distance between countries: one unit is a factor e of income, another world region, or 25 points
# of the share of energy and ores in goods exports.
REGION_WEIGHT = 0.5
COMMODITY_WEIGHT = 4.0
FINAL_FLOOR = 2e-4


def country_technology(
    raw: Path,
    countries: list[str],
    gdp: np.ndarray,
    goods_exports: np.ndarray,
    note: Callable[[str, str, float, str], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Return input shares and final-demand shares of every country.

    A country without an input-output table takes the median of the five nearest by income per
    head, world region and share of energy and ores in goods exports.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    gdp
        [country] million USD.
    goods_exports
        [country, goods sector] million USD.
    note
        Called with country, step, value in million USD and a note.

    Returns
    -------
    tuple of numpy.ndarray
        input_share[country, supplying_sector, using_sector]; final_share[country, sector].
    """
    tables = icio.technology(raw)
    have = [str(code) for code in tables["country"].values]
    inputs = np.zeros((len(countries), len(SECTORS), len(SECTORS)))
    final = np.zeros((len(countries), len(SECTORS)))
    people = macro.population(raw, countries)["population"].to_numpy()
    income = np.log(gdp / people)
    region = codes.country_table(raw)["un_region"].reindex(countries).to_numpy()
    mining = goods_exports[:, [GOODS.index("energy_mining"), GOODS.index("other_mining")]].sum(
        axis=1
    ) / np.maximum(goods_exports.sum(axis=1), 1e-9)
    donors = [i for i, code in enumerate(countries) if code in have]
    imputed = np.array([code not in have for code in countries])
    source_a, source_f = tables["input_share"].values, tables["final_share"].values
    for c, code in enumerate(countries):
        if not imputed[c]:
            inputs[c], final[c] = source_a[have.index(code)], source_f[have.index(code)]
            continue
        away = (
            np.abs(income[donors] - income[c])
            + REGION_WEIGHT * (region[donors] != region[c])
            + COMMODITY_WEIGHT * np.abs(mining[donors] - mining[c])
        )
        nearest = [donors[i] for i in np.argsort(away, kind="stable")[:DONORS]]
        rows = [have.index(countries[i]) for i in nearest]
        inputs[c] = np.median(source_a[rows], axis=0)
        final[c] = np.median(source_f[rows], axis=0)
        names = ", ".join(countries[i] for i in nearest)
        note(code, "input-output table imputed", gdp[c], f"median of {names}")
    total = inputs.sum(axis=1, keepdims=True)
    inputs = inputs * np.minimum(1.0, (1 - icio.VALUE_ADDED_FLOOR) / np.maximum(total, 1e-300))
    final = np.maximum(final, FINAL_FLOOR)
    return inputs, final / final.sum(axis=1, keepdims=True)
