"""Military spending and commitments to spend (milex_open: Factbook shares, 2023; GMSD, 2019)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from detente.data.recipes import macro
from detente.data.recipes.tables import (
    country_vector,
    described,
    flags,
    read_table,
    significant,
)

SOURCE = "milex_open"
YEAR = 2023
# Shares are read from these years; nothing older is carried to 2023.
FIRST, LAST, LATENT = 2019, 2025, 2019
KNOWN, CARRIED = 1, 2
# The first year in which the Factbook holds most states; the latent series ends the year before.
BRIDGE = 2020
# A war or the fall of the government lies between the last share and 2023: it is not carried on.
NOT_CARRIED = ("AFG", "SDN", "SYR", "UKR")


def military_spending(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return military spending as a share of output times the layer gdp.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list; a country without a share is not known (NaN), not zero.

    Returns
    -------
    xarray.Dataset
        military_spending (million USD, current prices of 2023), military_spending_year (of the
        share), military_spending_status (0 not known, 1 share of 2023, 2 share of another year or
        from the latent series) and spending_commitment (0: none is imposed) [country].

    Raises
    ------
    MissingDataError
        A raw table is not at hand.

    Examples
    --------
    >>> grid = military_spending(raw, ["ISL", "POL"]).military_spending  # doctest: +SKIP
    """
    shares = _shares(raw)
    share = country_vector(shares.share, countries)
    year = country_vector(shares.year.astype(float), countries)
    status = country_vector(shares.status.astype(float), countries, fill=0.0)
    output = macro.gdp(raw, countries).gdp
    level = share.copy(data=significant((share * output).values))
    note = (
        "Share of output in the Factbook times the layer gdp. 152 shares are of 2023; 9 are of "
        "another year from 2019 on and 3 from a latent series of 2019, brought to the Factbook's "
        "level (military_spending_status 2, year in military_spending_year). Shares of "
        "Afghanistan, Sudan, Syria and Ukraine are older than a war or change of government and "
        "not used. Others are not known. Members of NATO follow its definition, others mixed ones."
    )
    nothing = country_vector(pd.Series(dtype=float), countries, fill=0.0)
    at = (SOURCE, str(YEAR))
    return xr.Dataset(
        {
            "military_spending": described(level, *at, note),
            "military_spending_year": described(year, *at, "Year of the share of output."),
            "military_spending_status": described(
                flags(status), *at,
                "0 not known, 1 share of 2023, 2 share of another year or from the latent series.",
            ),
            "spending_commitment": described(
                nothing, *at,
                "0 everywhere: no commitment is imposed. What a scenario sets is its assumption.",
            ),
        }
    )  # fmt: skip


def _shares(raw: Path) -> pd.DataFrame:
    """Return share of output (a fraction), its year and status, by ISO3."""
    book = read_table(
        raw, "milex_open/factbook_gdp_pct_2012_2024.parquet", ["iso3", "year", "milex_gdp_pct"]
    ).dropna()
    book = book[book.year.between(FIRST, LAST)]
    # The nearest year, the earlier of two.
    gap = (book.year - YEAR).abs() + 0.1 * (book.year > YEAR)
    best = book.assign(gap=gap).sort_values(["gap", "iso3"]).groupby("iso3").first()
    found = pd.DataFrame({
        "share": best.milex_gdp_pct / 100,
        "year": best.year,
        "status": np.where(best.year == YEAR, KNOWN, CARRIED),
    })  # fmt: skip
    found = found[(found.status == KNOWN) | ~found.index.isin(NOT_CARRIED)]
    latent = read_table(raw, "milex_open/gmsd_gdp_pct_1816_2019.parquet").dropna()
    latent = latent[latent.year == LATENT].set_index("iso3").milex_gdp_pct
    # The latent shares are brought to the Factbook's level by the median ratio of the two.
    first = book[book.year == BRIDGE].set_index("iso3").milex_gdp_pct
    ratio = (first / latent).replace([0.0, np.inf], np.nan).median()
    rest = latent[~latent.index.isin([*found.index, *NOT_CARRIED])]
    more = pd.DataFrame({
        "share": rest / 100 * ratio, "year": LATENT, "status": CARRIED,
    })  # fmt: skip
    return pd.concat([found, more])
