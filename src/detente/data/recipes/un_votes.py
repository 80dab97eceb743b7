"""Agreement of pairs in General Assembly votes (unga_votes, 2021-2023 and 2025)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

from detente.data.recipes.tables import described, pair_grid, read_table

SOURCE = "unga_votes"
POOLED = (2021, 2022, 2023)
NEW_AGENDA = 2025
NOTES = {
    "un_agreement": "Same vote 1, adjacent 0.5, opposite 0; years weighted by common votes.",
    "un_kappa": "The agreement corrected for chance; years weighted by common votes.",
    "un_agreement_2025": "Recorded votes from February to December 2025. The agenda differs from "
    "before: the United States voted no 174 times in 192, so levels mix agenda and preference.",
}


def _pooled(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Average a yearly score over years, weighted by the votes that both cast."""
    known = table.dropna(subset=[column])
    weighted = known.assign(total=known[column].astype(float) * known.n_common)
    sums = weighted.groupby(["iso3_a", "iso3_b"])[["total", "n_common"]].sum().reset_index()
    return sums.assign(**{column: sums.total / sums.n_common})


def un_agreement(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return how often pairs of countries voted alike.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list; pairs with fewer than five common votes are not known (NaN).

    Returns
    -------
    xarray.Dataset
        un_agreement, un_kappa (2021-2023 pooled), un_agreement_2025 [origin, destination],
        symmetric, 1 on the diagonal.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> un_agreement(raw, ["RUS", "USA"]).un_agreement.shape  # doctest: +SKIP
    (2, 2)
    """
    table = read_table(raw, "unga_votes/agreement_dyad_year.parquet")
    recent = table[table.year.isin(POOLED)]
    latest = table[table.year == NEW_AGENDA]
    parts = {
        "un_agreement": (_pooled(recent, "agree"), "agree", "2021-2023"),
        "un_kappa": (_pooled(recent, "kappa_w"), "kappa_w", "2021-2023"),
        "un_agreement_2025": (latest, "agree", str(NEW_AGENDA)),
    }
    layers = {}
    for name, (rows, column, vintage) in parts.items():
        grid = pair_grid(
            rows, ("iso3_a", "iso3_b"), column, countries, diagonal=1.0, symmetric=True
        )
        # A country without a single vote agrees with nobody, itself included.
        silent = grid.isnull().sum("destination").values == len(countries) - 1
        grid.values[silent, silent] = float("nan")
        layers[name] = described(grid, SOURCE, vintage, NOTES[name])
    return xr.Dataset(layers)
