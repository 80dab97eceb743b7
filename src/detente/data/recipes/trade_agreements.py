"""Trade agreements in force (agreements, end of 2025) and a check of the two hand-made lists."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pandas as pd
import xarray as xr

from detente.data.recipes import blocs
from detente.data.recipes.tables import described, flags, pair_grid, read_table

SOURCE = "agreements"
YEAR = 2025
# Clubs without trade preferences.
NO_TRADE = ("BRICS", "G7", "SCO")
# Agreements between a bloc and single countries that the list files under the country.
WITH_EU = ("EEA_nonEU", "EU_customs_union", "EU_DCFTA")
# Members of one agreement between whom it is not applied, as the notes of the list say.
NOT_APPLIED = {
    ("RUS", "UKR"),  # Russia suspended the CIS agreement towards Ukraine in 2016
    ("CAN", "GBR"),  # the accession of 2024 was not in force with Canada and Mexico
    ("GBR", "MEX"),
}
# The lists name one body differently.
SAME = {"USMCA": "NAFTA_USMCA"}


def agreement_members(raw: Path) -> dict[str, tuple[str, ...]]:
    """Return the parties of every bloc in the list of agreements.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> len(agreement_members(raw)["EU"])  # doctest: +SKIP
    27
    """
    table = read_table(raw, "agreements/members.csv")
    table = table[table.since.astype(int) <= YEAR]
    return {str(name): tuple(sorted(rows.iso3)) for name, rows in table.groupby("agreement")}


def _pairs(raw: Path) -> set[tuple[str, str]]:
    """Return the unordered pairs of countries with an agreement in force."""
    blocks = agreement_members(raw)
    found = set()
    for name, listed in blocks.items():
        if name in WITH_EU:
            found |= {(a, b) for a in listed for b in blocks["EU"]}
        elif name not in NO_TRADE:
            found |= set(combinations(listed, 2))
    # The European Economic Area joins its non-members of the Union with one another as well.
    found |= set(combinations(blocks["EEA_nonEU"], 2))
    single = read_table(raw, "agreements/bilateral_rtas.csv")
    single = single[single.since.astype(int) <= YEAR].astype(str)
    for one, other in zip(single.party_a, single.party_b, strict=True):
        for a in blocks.get(one, (one,)):
            found |= {(a, b) for b in blocks.get(other, (other,))}
    unordered = {(min(pair), max(pair)) for pair in found if pair[0] != pair[1]}
    return unordered - NOT_APPLIED


def trade_agreement(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return which pairs of countries share a trade agreement.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    xarray.Dataset
        trade_agreement [origin, destination], 0 or 1, symmetric.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> trade_agreement(raw, ["CAN", "USA"]).trade_agreement.values.tolist()  # doctest: +SKIP
    [[0, 1], [1, 0]]
    """
    rows = pd.DataFrame(sorted(_pairs(raw)), columns=["a", "b"]).assign(force=1)
    grid = flags(pair_grid(rows, ("a", "b"), "force", countries, fill=0, symmetric=True))
    note = (
        "Blocs and bilateral agreements of a hand-made list, in force at the end of 2025. The "
        "list leaves out most African, Central American and Pacific agreements and the "
        "stabilisation agreements of the European Union: 0 means not listed."
    )
    return xr.Dataset({"trade_agreement": described(grid, SOURCE, f"{YEAR}-12-31", note)})


def compare_lists(raw: Path) -> pd.DataFrame:
    """Compare the two hand-made lists of members where both name a body.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.DataFrame
        One row a body: body, members (in both), only_blocs, only_agreements.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.

    Examples
    --------
    >>> compare_lists(raw).set_index("body").loc["EU", "members"]  # doctest: +SKIP
    27
    """
    first = {name: set(rows.iso3) for name, rows in blocs.members(raw).groupby("org")}
    rows = []
    for name, listed in agreement_members(raw).items():
        other = first.get(SAME.get(name, name))
        if other is not None:
            rows.append(
                {
                    "body": name,
                    "members": len(other & set(listed)),
                    "only_blocs": " ".join(sorted(other - set(listed))),
                    "only_agreements": " ".join(sorted(set(listed) - other)),
                }
            )
    return pd.DataFrame(rows)
