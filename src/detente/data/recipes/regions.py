"""Regions and major powers as named groups (state_system: UN M49 and Correlates of War)."""

from collections.abc import Sequence
from pathlib import Path

from detente.data.recipes.tables import read_table

# UN M49 sub-regions, and what usage adds to them or leaves out.
REGIONS = {
    "EAST_ASIA": ("Eastern Asia", ("TWN",), ()),
    # M49 files the Baltic states under Northern Europe.
    "EASTERN_EUROPE": ("Eastern Europe", ("EST", "LTU", "LVA"), ()),
    # M49 files Egypt under Northern Africa, Iran under Southern Asia, and the South Caucasus and
    # Cyprus under Western Asia.
    "MIDDLE_EAST": ("Western Asia", ("EGY", "IRN"), ("ARM", "AZE", "CYP", "GEO")),
}
LAST = 2016  # last year of the list of major powers


def regions(raw: Path, countries: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return regions, and the major powers, as named groups of the countries of a world.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.

    Examples
    --------
    >>> regions(raw, ["CHN", "JPN"])["EAST_ASIA"]  # doctest: +SKIP
    ('CHN', 'JPN')
    """
    inside = set(countries)
    names = read_table(raw, "state_system/iso3_names.parquet", ["iso3", "un_subregion"])
    found = {}
    for group, (subregion, more, less) in REGIONS.items():
        listed = set(names.loc[names.un_subregion == subregion, "iso3"]) | set(more)
        found[group] = tuple(sorted((listed - set(less)) & inside))
    powers = read_table(raw, "state_system/cow_majors.parquet", ["iso3", "endyear"])
    listed = set(powers.loc[powers.endyear == LAST, "iso3"])
    found["MAJOR_POWERS"] = tuple(sorted(listed & inside))
    return {group: codes for group, codes in found.items() if codes}
