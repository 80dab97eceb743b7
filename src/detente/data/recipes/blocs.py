"""Organisations, alliances and groups of countries (blocs_handcoded, end of 2025)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from detente.data.recipes.tables import described, flags, pair_grid, read_table

SOURCE = "blocs_handcoded"
DATE = "2025-12-31"
YEAR = 2025

# Bits of the alliance mask: duties of the origin and, mirrored, of the destination.
DEFEND, DEFENDED, CONSULT, CONSULTED, PEACE, PEACE_BACK = 1, 2, 4, 8, 16, 32
# Organisations whose text holds a duty to consult or not to attack but none to defend.
SOFT_DUTIES = {
    "SCO": CONSULT | CONSULTED | PEACE | PEACE_BACK,
    "FPDA": CONSULT | CONSULTED,
    "ASEAN": PEACE | PEACE_BACK,
}
NOTES = {
    "alliance": "Bits: 1 origin is bound to defend destination, 2 destination to defend origin, "
    "4 and 8 the same for a duty to consult, 16 and 32 for a duty not to attack. Pacts signed "
    "but not in force at the end of 2025 are left out.",
    "defence_pact": "Bit 1 of the layer alliance. Pacts signed but not in force at the end of "
    "2025 are left out.",
    "eu_42_7": "Both are members of the European Union; kept apart from defence_pact because "
    "Austria, Ireland and Malta reserve their neutrality.",
    "alliance_reliability": "1 where a defence pact is in force, which is the text of the treaty "
    "and no judgement on how likely it is to be kept; not known elsewhere.",
}
# Names under which the scenarios know an organisation, where the source has another.
GROUP_NAMES = {"NAFTA_USMCA": "USMCA"}


def members(raw: Path) -> pd.DataFrame:
    """Return the full members of every organisation at the end of 2025.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.DataFrame
        Columns org, iso3, confidence; candidates, partners and suspended members left out.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> (members(raw).org == "NATO").sum()  # doctest: +SKIP
    32
    """
    table = read_table(raw, "blocs_handcoded/membership.parquet")
    running = (table.start <= DATE) & (table.end.isna() | (table.end > DATE))
    now = table[running & (table.status == "member")]
    return now[["org", "iso3", "confidence"]].sort_values(["org", "iso3"], ignore_index=True)


def groups(raw: Path, countries: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the organisations as named groups of the countries of a world.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list; members outside it are left out (Liechtenstein, Palestine, ...).

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> len(groups(raw, ["CAN", "MEX", "USA"])["USMCA"])  # doctest: +SKIP
    3
    """
    inside = set(countries)
    found = {}
    for org, rows in members(raw).groupby("org"):
        name = GROUP_NAMES.get(str(org), str(org))
        found[name] = tuple(sorted(set(rows.iso3) & inside))
    return {name: listed for name, listed in found.items() if listed}


def membership(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return who is a full member of which organisation.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    xarray.Dataset
        membership [country, organisation], 0 or 1.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> int(membership(raw, ["CAN"]).membership.sel(organisation="NATO"))  # doctest: +SKIP
    1
    """
    by_group = groups(raw, countries)
    names = sorted(by_group)
    data = np.zeros((len(countries), len(names)), dtype=np.uint8)
    for column, name in enumerate(names):
        data[[list(countries).index(iso3) for iso3 in by_group[name]], column] = 1
    grid = xr.DataArray(
        data,
        dims=["country", "organisation"],
        coords={"country": list(countries), "organisation": names},
    )
    note = (
        "Full members only: candidates, partners, invited, frozen or suspended members count 0, "
        "except that Armenia, which froze its part in the CSTO, is still a member by law. "
        "US_MNNA is a legal designation by the United States and no organisation."
    )
    return xr.Dataset({"membership": described(grid, SOURCE, DATE, note)})


def _directed(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Write each undirected row twice, so that the mask speaks of the origin first."""
    there = table.rename(columns={"iso3_a": "origin", "iso3_b": "destination"})
    back = table.rename(columns={"iso3_b": "origin", "iso3_a": "destination"})
    mirrored = back[column].map(_mirror)
    return pd.concat([there, back.assign(**{column: mirrored})], ignore_index=True)


def _mirror(mask: int) -> int:
    return ((mask & 0b010101) << 1) | ((mask & 0b101010) >> 1)


def _soft_pacts(raw: Path) -> pd.DataFrame:
    """Return pair masks of duties to consult or not to attack, at the end of 2025."""
    pacts = read_table(raw, "blocs_handcoded/bilateral_pacts.parquet")
    running = (pacts.in_force <= DATE) & (pacts.end.isna() | (pacts.end > DATE))
    pacts = pacts[running & (pacts.obligation != "defense")]
    rows = []
    for pact in pacts.itertuples():
        mask = CONSULT if pact.direction == "a>b" else CONSULT | CONSULTED
        if pact.obligation == "nonagg_consult":
            mask |= PEACE | PEACE_BACK
        rows.append((pact.iso3_a, pact.iso3_b, mask))
    everyone = members(raw)
    for org, mask in SOFT_DUTIES.items():
        listed = sorted(everyone[everyone.org == org].iso3)
        rows += [(a, b, mask) for i, a in enumerate(listed) for b in listed[i + 1 :]]
    return pd.DataFrame(rows, columns=["iso3_a", "iso3_b", "mask"])


def _add_soft_duties(mask: np.ndarray, soft: pd.DataFrame, countries: Sequence[str]) -> None:
    """Set the bits of directed soft duties in a mask [origin, destination]."""
    place = {iso3: index for index, iso3 in enumerate(countries)}
    soft = soft[soft.origin.isin(place) & soft.destination.isin(place)]
    rows = soft.origin.map(place.__getitem__).to_numpy(dtype=int)
    columns = soft.destination.map(place.__getitem__).to_numpy(dtype=int)
    # Unbuffered, because a pair can owe duties under several pacts.
    np.bitwise_or.at(mask, (rows, columns), soft["mask"].to_numpy(dtype=np.uint8))


def alliances(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return treaty duties between countries at the end of 2025.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    xarray.Dataset
        alliance (bit mask), defence_pact, eu_42_7, alliance_reliability [origin, destination];
        a pact that protects one side only stands in the guarantor's row alone.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> pacts = alliances(raw, ["JPN", "USA"]).defence_pact  # doctest: +SKIP
    >>> pacts.sel(origin="USA", destination="JPN").item()  # doctest: +SKIP
    1
    """
    table = read_table(raw, "blocs_handcoded/defence_dyad_year.parquet")
    table = table[table.year == YEAR]
    both = _directed(table, "defense")
    keys = ("origin", "destination")
    mask = pair_grid(both, keys, "defense", countries, fill=0).values.astype(np.uint8)
    _add_soft_duties(mask, _directed(_soft_pacts(raw), "mask"), countries)
    article = pair_grid(both, keys, "eu_42_7", countries, fill=0)
    grid = article.copy(data=mask)
    pact = (mask & DEFEND).astype(np.uint8)
    reliability = np.where(pact == 1, 1.0, np.nan)
    layers = {
        "alliance": grid,
        "defence_pact": grid.copy(data=pact),
        "eu_42_7": flags(article),
        "alliance_reliability": grid.copy(data=reliability),
    }
    return xr.Dataset(
        {name: described(layer, SOURCE, DATE, NOTES[name]) for name, layer in layers.items()}
    )
