"""Applied tariffs on goods: country means (WDI) and ten regions by sector (WITS/TRAINS, 2023)."""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.recipes.tables import read_table
from detente.data.sectors import GOODS, SECTORS

SOURCE = "tariffs_applied"
# The source's "Construction" class (building materials) lies inside metals and mineral products,
# "Paper" inside other manufacturing: both are averaged into the sector with the class beside them.
CLASSES = {
    "agriculture": ("Food",), "energy_mining": ("Energy",), "other_mining": ("Mining",),
    "food": ("Food",), "textiles": ("Textiles",), "chemicals": ("Chemical",),
    "metals": ("Metal", "Construction"), "machinery": ("Manufacture",),
    "vehicles": ("Manufacture",), "other_manufacturing": ("Manufacture", "Paper"),
}  # fmt: skip
# No estimate above this rate: the country mean divided by a small dutiable share explodes.
CEILING = 0.6
OBSERVED, IMPUTED = 1, 2
# Countries the source leaves out that levy the tariff of another by law or nearly so (the common
# external tariff of the European Union; Taiwan's mean of about two per cent is near Japan's).
SAME_TARIFF = {"LUX": "DEU", "TWN": "JPN"}


def regional_rates(raw: Path) -> pd.DataFrame:
    """Return effectively applied rates between ten regions.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.DataFrame
        Index (importer, exporter) with EUN for the European Union and ROW for the rest; one column
        a goods sector; rates (0.1 = 10 %), NaN where the pair did not trade.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    table = read_table(raw, "tariffs_applied/wits_ahs_2023_10regions_9sectors.parquet")
    wide = table.pivot(index=["importer", "exporter"], columns="sector", values="ahs_weighted_pct")
    rates = {name: wide[list(classes)].mean(axis=1) / 100 for name, classes in CLASSES.items()}
    return pd.DataFrame(rates)[list(GOODS)]


def mean_rates(raw: Path, countries: list[str], oldest: int = 2012) -> tuple[np.ndarray, list[str]]:
    """Return the import-weighted mean applied rate of each country.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    oldest
        First year accepted; the latest year counts.

    Returns
    -------
    tuple
        [country] rate; and the countries without a value, which get the median of the others.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    table = read_table(raw, "tariffs_applied/wdi_applied_weighted_mean.parquet")
    table = table[(~table["aggregate"]) & (table["year"] >= oldest)].dropna(subset=["tariff_pct"])
    latest = table.sort_values(["iso3", "year"]).groupby("iso3").tail(1).set_index("iso3")
    rate = latest["tariff_pct"].astype(float).reindex(countries) / 100
    for code, other in SAME_TARIFF.items():
        if code in rate.index:
            rate[code] = rate[other]
    missing = [code for code in countries if np.isnan(rate[code])]
    return rate.fillna(rate.median()).to_numpy(dtype=float), missing


def tariff_rates(
    raw: Path, countries: list[str], eu: list[str], free: np.ndarray, goods: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return base tariffs by pair and sector, with their status.

    Rates between two of the ten regions are the source's own. Elsewhere the rate is the country
    mean times the sector profile of the ten regions, scaled so that duties over all imports, those
    under agreements at zero included, give the country mean. Zero inside agreements and customs
    unions, on services and at home.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries, eu
        Ordered ISO3 list, members of the European Union.
    free
        bool [origin, destination] pairs that trade without duties.
    goods
        [origin, destination, goods sector] values that weight the mean, million USD.

    Returns
    -------
    tuple
        [origin, destination, sector] rate; status (0 none, 1 observed, 2 estimated); countries
        whose mean is itself imputed.

    Raises
    ------
    MissingDataError
        The raw tables are not at hand.
    """
    wits = regional_rates(raw)
    mean, missing = mean_rates(raw, countries)
    region = {code: "EUN" if code in eu else code for code in countries}
    applied = dict(zip(wits.index, wits.to_numpy(dtype=float), strict=True))
    known = set(wits.index.get_level_values(0)) - {"ROW"}
    profile = _sector_profile(wits)
    count = len(countries)
    rate = np.zeros((count, count, len(SECTORS)))
    status = np.zeros(rate.shape, dtype=np.uint8)
    status[:, :, : len(GOODS)] = IMPUTED
    for d, code in enumerate(countries):
        importer = region[code] if region[code] in known else None
        dutiable = goods[:, d, :] * ~free[:, d, None]
        base = (dutiable * profile).sum()
        scale = mean[d] * goods[:, d, :].sum() / base if base > 0 else mean[d]
        general = np.minimum(scale * profile, np.maximum(CEILING * profile / profile.max(), 0.0))
        for o, partner in enumerate(countries):
            row = general
            if importer is not None:
                exporter = region[partner] if region[partner] in known else "ROW"
                found = applied[importer, exporter] if importer != exporter else None
                if found is not None:
                    row = np.where(np.isnan(found), general, found)
                    if exporter != "ROW":
                        status[o, d, : len(GOODS)] = np.where(np.isnan(found), IMPUTED, OBSERVED)
            rate[o, d, : len(GOODS)] = np.minimum(row, CEILING)
    rate[free] = 0.0
    # Zero by treaty is a rule, not a measurement, unless the customs data say zero as well.
    status[free] = np.minimum(np.where(status[free] > 0, IMPUTED, 0), IMPUTED)
    diagonal = np.arange(count)
    rate[diagonal, diagonal] = 0.0
    status[diagonal, diagonal] = 0
    return rate, status, missing


def _sector_profile(wits: pd.DataFrame) -> np.ndarray:
    """Return the mean rate by sector over importing regions, relative to their mean."""
    levels = wits.drop(
        index=[
            (r, r)
            for r in set(wits.index.get_level_values(0))
            if (r, r) in wits.index and r != "ROW"
        ]
    )
    by_importer = levels.groupby(level=0).mean()
    relative = by_importer.div(by_importer.mean(axis=1), axis=0)
    return relative.mean(axis=0).to_numpy(dtype=float)
