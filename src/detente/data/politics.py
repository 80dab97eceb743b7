"""The political layers of a world: ties that need no modelling, with vintage and source."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from detente.data.recipes import (
    blocs,
    geography,
    ideal_points,
    macro,
    milex,
    nuclear,
    regime,
    regions,
    sanctions,
    trade_agreements,
    troops,
    un_votes,
)
from detente.data.recipes.sanctions import BROAD
from detente.vocabulary import term

RECIPES = (
    blocs.membership,
    blocs.alliances,
    sanctions.sanctions,
    ideal_points.ideal_points,
    un_votes.un_agreement,
    nuclear.warheads,
    regime.polyarchy,
    troops.troops,
    geography.distances,
    geography.capitals,
    macro.gdp,
    macro.population,
    trade_agreements.trade_agreement,
    milex.military_spending,
)

# Groups that only the list of agreements holds.
ONLY_AGREEMENTS = ("EFTA", "MERCOSUR", "SACU")
# The fourteen other states that were republics of the Soviet Union.
SOVIET_SUCCESSORS = frozenset(
    {"ARM", "AZE", "BLR", "EST", "GEO", "KAZ", "KGZ"}
    | {"LTU", "LVA", "MDA", "TJK", "TKM", "UKR", "UZB"}
)
# Land neighbours left out of RUSSIA_NEIGHBOURS: Poland touches only the exclave of Kaliningrad,
# and North Korea reports no trade.
NOT_NEIGHBOURS = ("POL", "PRK")


def political_layers(
    raw: Path, countries: Sequence[str]
) -> tuple[xr.Dataset, dict[str, tuple[str, ...]]]:
    """Build every political layer and every named group of a world.

    Parameters
    ----------
    raw
        Folder of raw tables, one folder a source.
    countries
        Ordered ISO3 list.

    Returns
    -------
    layers
        Dataset on country, origin, destination and organisation; each layer carries unit,
        vintage, source (key of sources.toml) and note.
    groups
        Countries by group name, without the leading @.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.

    Examples
    --------
    >>> layers, groups = political_layers(raw, ["CAN", "MEX", "USA"])  # doctest: +SKIP
    >>> groups["USMCA"]  # doctest: +SKIP
    ('CAN', 'MEX', 'USA')
    """
    parts = [recipe(raw, countries) for recipe in RECIPES]
    layers = xr.merge(parts, join="exact", combine_attrs="override")
    for name in layers.data_vars:
        layers[name].attrs["unit"] = term(str(name), "layer").unit
        layers[name].encoding = {}
    return layers, country_groups(raw, countries, layers)


def country_groups(
    raw: Path, countries: Sequence[str], layers: xr.Dataset
) -> dict[str, tuple[str, ...]]:
    """Return the named groups of countries: organisations, and groups that follow from layers.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    layers
        The layers sanction_trade and land_border of the same countries.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.

    Examples
    --------
    >>> "RUSSIA_SANCTIONERS" in country_groups(raw, countries, layers)  # doctest: +SKIP
    True
    """
    inside = set(countries)
    groups = dict(blocs.groups(raw, countries))
    listed = trade_agreements.agreement_members(raw)
    for name in ONLY_AGREEMENTS:
        groups[name] = tuple(sorted(set(listed[name]) & inside))
    groups |= regions.regions(raw, countries)
    groups["WORLD"] = tuple(countries)
    if "RUS" in inside:
        groups |= _around_russia(list(countries), layers)
    return {name: groups[name] for name in sorted(groups) if groups[name]}


def _around_russia(countries: list[str], layers: xr.Dataset) -> Mapping[str, tuple[str, ...]]:
    level = layers["sanction_trade"].sel(destination="RUS").values
    border = layers["land_border"].sel(destination="RUS").values
    labels = np.array(countries)
    near = set(labels[border == 1]) | (SOVIET_SUCCESSORS & set(countries))
    return {
        "RUSSIA_SANCTIONERS": tuple(sorted(str(code) for code in labels[level >= BROAD])),
        "RUSSIA_NEIGHBOURS": tuple(sorted(str(code) for code in near - set(NOT_NEIGHBOURS))),
    }
