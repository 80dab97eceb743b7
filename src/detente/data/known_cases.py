"""Known cases of 2023 that override estimates, each with its reason.

Mixes are rounded shares of goods value compiled by hand from customs statistics as generally
reported; they replace the estimated mix of the pair, never its total.
"""

from collections.abc import Mapping

import numpy as np

from detente.data.sectors import GOODS

# Product mix by pair: sector shares that add to one.
PAIR_MIX: Mapping[tuple[str, str], Mapping[str, float]] = {
    # Oil, coal and pipeline gas ended in 2022-23; metals, fertilisers and food are left.
    ("RUS", "DEU"): {
        "agriculture": 0.04, "energy_mining": 0.06, "other_mining": 0.03, "food": 0.09,
        "textiles": 0.005, "chemicals": 0.18, "metals": 0.42, "machinery": 0.03,
        "vehicles": 0.005, "other_manufacturing": 0.14,
    },
    # Energy is banned since March 2022; fertilisers, enriched uranium and platinum metals are left.
    ("RUS", "USA"): {
        "agriculture": 0.01, "energy_mining": 0.0, "other_mining": 0.01, "food": 0.03,
        "textiles": 0.005, "chemicals": 0.52, "metals": 0.30, "machinery": 0.035,
        "vehicles": 0.01, "other_manufacturing": 0.08,
    },
    # Medicines and medical goods, exempt from the bans, are most of what is left.
    ("USA", "RUS"): {
        "agriculture": 0.03, "energy_mining": 0.0, "other_mining": 0.0, "food": 0.08,
        "textiles": 0.02, "chemicals": 0.55, "metals": 0.02, "machinery": 0.25,
        "vehicles": 0.01, "other_manufacturing": 0.04,
    },
    # Cars and lorries rose to a fifth; machinery and electronics are a good third.
    ("CHN", "RUS"): {
        "agriculture": 0.012, "energy_mining": 0.003, "other_mining": 0.003, "food": 0.014,
        "textiles": 0.125, "chemicals": 0.125, "metals": 0.095, "machinery": 0.36,
        "vehicles": 0.205, "other_manufacturing": 0.058,
    },
    # Crude oil, pipeline gas, LNG and coal; refined products stand in other manufacturing.
    ("RUS", "CHN"): {
        "agriculture": 0.022, "energy_mining": 0.70, "other_mining": 0.03, "food": 0.028,
        "textiles": 0.001, "chemicals": 0.034, "metals": 0.075, "machinery": 0.012,
        "vehicles": 0.003, "other_manufacturing": 0.095,
    },
}  # fmt: skip
# Buyers that had ended (almost) all purchases of Russian oil, coal and gas by 2023.
NO_RUSSIAN_ENERGY = (
    "USA", "GBR", "CAN", "AUS", "NZL", "DEU", "POL", "EST", "LVA", "LTU", "FIN", "SWE", "DNK",
    "NOR", "ISL", "CHE", "IRL", "ROU", "UKR", "PRT", "MLT", "CYP",
)  # fmt: skip
ENERGY_LEFT = 0.1
# Pairs whose missing record was filled by growth since 2019 although trade had ended in 2022.
ENDED_PAIRS = (("UKR", "RUS"),)
# Where Russia's exports without declared product belong: oil and gold.
RUSSIA_UNSPECIFIED = {"energy_mining": 0.45, "other_manufacturing": 0.15, "metals": 0.4}


def apply_pair_mix(goods: np.ndarray, countries: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Replace the product mix of known pairs, keeping their totals.

    Parameters
    ----------
    goods
        [origin, destination, goods sector] million USD.
    countries
        Ordered ISO3 list.

    Returns
    -------
    tuple of numpy.ndarray
        The new values, and bool [origin, destination] of the pairs replaced.

    Raises
    ------
    ValueError
        A mix does not add to one.
    """
    out = goods.copy()
    fixed = np.zeros(goods.shape[:2], dtype=bool)
    for (origin, destination), mix in PAIR_MIX.items():
        shares = np.array([mix[name] for name in GOODS])
        if abs(shares.sum() - 1) > 1e-9:
            raise ValueError(f"mix of {origin} to {destination} adds to {shares.sum()}")
        o, d = countries.index(origin), countries.index(destination)
        out[o, d] = goods[o, d].sum() * shares
        fixed[o, d] = True
    return out, fixed


def damp_banned_energy(goods: np.ndarray, countries: list[str]) -> np.ndarray:
    """Cut Russian energy towards buyers that banned it to a tenth of the estimate.

    Parameters
    ----------
    goods
        [origin, destination, goods sector] seed of the fit, million USD; pair totals are restored
        by the fit.
    countries
        Ordered ISO3 list.

    Returns
    -------
    numpy.ndarray
        The new seed.
    """
    out = goods.copy()
    origin = countries.index("RUS")
    buyers = [countries.index(code) for code in NO_RUSSIAN_ENERGY if code in countries]
    out[origin, buyers, GOODS.index("energy_mining")] *= ENERGY_LEFT
    return out
