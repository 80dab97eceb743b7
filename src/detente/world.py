"""A World: countries and layers of ties of one year, every number with unit and source.

Labels live here and in `Outcome`; models see plain arrays. Nothing is changed in place:
`World.replace` returns a new World.
"""

import dataclasses
import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from detente import accounts, given
from detente.errors import WorldError, nearest
from detente.vocabulary import terms

COUNTRY_DIMS = ("country", "origin", "destination")
SECTOR_DIMS = ("sector", "supplying_sector", "using_sector")
# Layers that every world can be asked for; they are made when first edited.
IMPLIED = {
    "trade_cost": 1.0,
    "export_ban": 0.0,
    "export_tax": 0.0,
    "price_cap": 0.0,
    "quota": 1000.0,
    "quota_value": 1000.0,
    "rent_keeper": 0.0,
    "embargo": 0.0,
    "sanction_secondary": 0.0,
    "compensation": 0.0,
    "alert_share": 1.0,
    "missile_defence": 0.0,
    "arms_supply": 0.0,
}


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """Countries, sectors and layers of ties at one date.

    Arrays of layers cannot be written to: what was derived from them would no longer follow.
    Worlds are equal when labels, groups and the values of all layers are.

    Parameters
    ----------
    name
        Name of the world, as in `load_world(name)`.
    year
        Year of the economic layers; 0 when the user's tables state none.
    layers
        Dataset of labelled arrays; dims and units as in the vocabulary. Arrays that can be written
        to are copied.
    groups
        Named groups of countries, without the leading @ (`EU`, `NATO`).
    sector_groups
        Named groups of sectors (`goods`, `services`).
    country_names, sector_names
        Readable names by code.
    meta
        What the recipe recorded: sources, vintage, notes, digests.
    read_from
        What `load_world` calls it: a name, or a file without its folder; empty for a world made in
        Python, which stands nowhere.

    Examples
    --------
    >>> import detente as dt
    >>> world = dt.load_world("campos2019")
    >>> len(world.countries)
    151
    """

    name: str
    year: int
    layers: xr.Dataset
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sector_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    country_names: Mapping[str, str] = field(default_factory=dict)
    sector_names: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, object] = field(default_factory=dict)
    read_from: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", given.frozen(self.layers))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        for layer in self.layers.variables.values():
            # Arrays come back from a pickle such that they can be written to; nobody else has them.
            layer.values.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, World):
            return NotImplemented
        if self is other:
            return True
        names = [f.name for f in dataclasses.fields(self) if f.name not in ("layers", "read_from")]
        plain = all(getattr(self, name) == getattr(other, name) for name in names)
        return plain and self.digest == other.digest

    def __hash__(self) -> int:
        return hash((self.name, self.year, tuple(map(str, self.layers.variables))))

    @property
    def countries(self) -> list[str]:
        """The ordered country codes."""
        return list(self.places("country"))

    @property
    def sectors(self) -> list[str]:
        """The ordered sector codes."""
        return list(self.places("sector"))

    def places(self, dim: str) -> Mapping[str, int]:
        """Return where each label stands on the axis of a dimension, in order."""
        if dim not in self._places:
            labels = self.layers[dim].values.tolist()
            self._places[dim] = {str(label): place for place, label in enumerate(labels)}
        return self._places[dim]

    # Asked for hundreds of times a run, and slow to read from xarray.
    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        return {}

    @cached_property
    def _accounted(self) -> list[tuple[list[np.ndarray], accounts.Accounts]]:
        return []

    def _accounts(self) -> accounts.Accounts:
        """Return the accounts of the layers as they stand, derived once."""
        local = ["local_labour_share"] if self.has("local_labour_share") else []
        arrays = [self.values(name) for name in ("flow", "tariff_rate", "input_share", *local)]
        # Arrays cannot be written to, but another one can be put in a layer's place.
        for known, found in self._accounted:
            if all(one is other for one, other in zip(known, arrays, strict=True)):
                return found
        self._accounted[:] = [(arrays, accounts.accounts(*arrays))]
        return self._accounted[0][1]

    @property
    def digest(self) -> str:
        """SHA-256 over labels and values of all layers: the identity of this world."""
        total = hashlib.sha256()
        for name in sorted(str(key) for key in self.layers.variables):
            array = self.layers[name]
            total.update(name.encode())
            total.update("|".join(map(str, array.dims)).encode())
            values = array.values
            if values.dtype.kind in "OUT":
                total.update("|".join(map(str, values.ravel())).encode())
            else:
                total.update(np.ascontiguousarray(values).tobytes())
        return total.hexdigest()

    def values(self, layer: str) -> np.ndarray:
        """Return a layer as a plain array in the vocabulary's order of dims.

        Raises
        ------
        WorldError
            If this world does not carry the layer.
        """
        known = self.layers.variables.get(layer)
        if known is not None:
            return known.values
        if layer in IMPLIED:
            dims = terms("layer")[layer].dims
            return np.full([self.layers.sizes[dim] for dim in dims], IMPLIED[layer])
        have = sorted(str(name) for name in self.layers.data_vars)
        raise WorldError(
            f"world '{self.name}' has no layer '{layer}'{nearest(layer, have)}. "
            f"It has: {', '.join(have)}"
        )

    def has(self, layer: str) -> bool:
        """Say whether the layer can be read from this world."""
        return layer in self.layers or layer in IMPLIED

    def differs(self, other: "World", layer: str) -> bool:
        """Say whether a layer has other values than in another world of the same countries."""
        if not any(layer in one.layers.variables for one in (self, other)):
            return False
        new, old = self.values(layer), other.values(layer)
        # Layers that no edit touches are shared.
        return new is not old and not np.array_equal(new, old, equal_nan=True)

    def replace(self, **layers: np.ndarray) -> "World":
        """Return a new World in which the named layers have new values.

        Raises
        ------
        WorldError
            If a name is no layer of the vocabulary, or values are not of its shape or break its
            bounds. Whether the accounts close is asked by `check`, once all layers are there.
        """
        known, changed, coords = terms("layer"), {}, self.layers.coords
        for name, values in layers.items():
            if name not in known:
                raise WorldError(f"unknown layer '{name}'{nearest(name, known)}")
            dims = tuple(known[name].dims)
            labels = {dim: list(self.places(dim)) for dim in dims}
            values = given.aligned(name, values, dims, labels)
            shape = tuple(self.layers.sizes[dim] for dim in dims)
            if np.shape(values) != shape:
                raise WorldError(
                    f"layer {name} is [{', '.join(dims)}] {list(shape)} in world '{self.name}'; "
                    f"these values are {list(np.shape(values))}"
                )
            whole = name in self.layers and self.layers.variables[name].dtype.kind in "iu"
            changed[name] = (dims, given.fixed(given.numbers(name, values, whole)))
        # Layers as bare variables carry no labels that would have to be compared.
        held = {name: layer for name, layer in self.layers.variables.items() if name not in coords}
        dataset = xr.Dataset({**held, **changed}, coords, self.layers.attrs)
        made = dataclasses.replace(self, layers=dataset, read_from="")
        for name in changed:
            _check_layer(made, name)
        return made

    def members(self, group: str) -> tuple[str, ...]:
        """Return the countries of a group; `WORLD` is every country.

        Raises
        ------
        WorldError
            If the group is unknown; the message offers the nearest one.
        """
        name = group.removeprefix("@")
        if name == "WORLD":
            return tuple(self.countries)
        if name not in self.groups:
            known = ["@" + key for key in dict.fromkeys([*self.groups, "WORLD"])]
            raise WorldError(
                f"unknown group '@{name}' in world '{self.name}'{nearest('@' + name, known)}; "
                f"groups: {', '.join(known)}"
            )
        return tuple(self.groups[name])

    def check(self) -> "World":
        """Raise if labels disagree, a value breaks its bounds or the accounts do not close.

        Raises
        ------
        WorldError
            Naming the layer, the cell and the value.
        """
        _check_labels(self)
        for name in self.layers.data_vars:
            _check_layer(self, str(name))
        if {"flow", "input_share"} <= set(self.layers.data_vars):
            accounts_of(self).check(self.countries, self.sectors)
        return self

    def _size(self) -> str:
        stands = f"as read from {self.read_from}" if self.read_from else "made in Python"
        return f"{len(self.countries)} countries, {len(self.sectors)} sectors; {stands}"

    def __repr__(self) -> str:
        return f"World({self.name!r}, {self.year}: {self._size()})"

    def _repr_html_(self) -> str:
        kinds = ", ".join(sorted(str(name) for name in self.layers.data_vars))
        title = f"<b>World {html.escape(self.name)}</b> ({self.year})"
        return f"{title}: {html.escape(self._size())}<br>layers: {kinds}"


def make_world(
    name: str,
    year: int,
    arrays: Mapping[str, np.ndarray],
    countries: list[str],
    sectors: list[str],
    **more: Any,
) -> World:
    """Build a World from plain arrays in the vocabulary's order of dims; derive the deficits.

    Parameters
    ----------
    name, year
        As in `World`.
    arrays
        Layers by name; dims as in the vocabulary.
    countries, sectors
        Ordered labels.
    more
        Other fields of `World`.

    Raises
    ------
    WorldError
        If shapes, bounds or accounts disagree.
    """
    coords = dict.fromkeys(COUNTRY_DIMS, countries) | dict.fromkeys(SECTOR_DIMS, sectors)
    dataset = xr.Dataset(coords=coords)
    for key, values in arrays.items():
        dims = terms("layer")[key].dims
        dataset[key] = xr.DataArray(np.asarray(values), dims=dims)
    world = World(name, year, dataset, **more)
    return with_deficit(world).check()


def with_deficit(world: World) -> World:
    """Return the world with its deficits, which follow from flows, inputs and tariffs."""
    if "flow" not in world.layers:
        return world
    return world.replace(deficit=accounts_of(world).deficit)


def accounts_of(world: World) -> accounts.Accounts:
    """Return output, final use, value added and deficits of a world.

    Parameters
    ----------
    world
        With flow, tariff_rate and input_share.
    """
    return world._accounts()


def _check_labels(world: World) -> None:
    for dims in (COUNTRY_DIMS, SECTOR_DIMS):
        lists = [[str(v) for v in world.layers[d].values] for d in dims if d in world.layers.coords]
        for other in lists[1:]:
            if other != lists[0]:
                odd = sorted(set(other) ^ set(lists[0]))[:5]
                raise WorldError(
                    f"world '{world.name}': the axes {', '.join(dims)} must carry one list in one "
                    f"order; they disagree at {odd or 'their order'}"
                )
        labels = lists[0]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise WorldError(f"world '{world.name}': label {twice[0]!r} occurs twice")


def _check_layer(world: World, name: str) -> None:
    rule = terms("layer").get(name)
    if rule is None:
        return  # companions (`*_status`) and metadata layers carry no bounds
    try:
        values = world.layers.variables[name].values.astype(float, copy=False)
    except (TypeError, ValueError) as error:
        raise WorldError(f"world '{world.name}': layer {name} holds no numbers: {error}") from None
    # Of most layers the two ends tell that there is nothing to look for; NaN fails both.
    if values.size and rule.within(values.min(), values.max()):
        return
    known = values[~np.isnan(values)]
    if (
        name in ("flow", "input_share", "tariff_rate", "trade_elasticity")
        and np.isnan(values).any()
    ):
        raise WorldError(
            f"world '{world.name}': layer {name} has missing values at "
            f"{_where(world, name, np.isnan(values))}"
        )
    for bad in (~np.isfinite(values) & ~np.isnan(values), values < rule.lower, values > rule.upper):
        if bad.any():
            cell = np.argwhere(bad)[0]
            raise WorldError(
                f"world '{world.name}': {rule.outside(float(values[tuple(cell)]))} at "
                f"{_where(world, name, bad)}"
            )
    if rule.lower_open and known.size and known.min() <= rule.lower:
        raise WorldError(
            f"world '{world.name}': {rule.outside(float(known.min()))} at "
            f"{_where(world, name, values <= rule.lower)}"
        )


def _where(world: World, name: str, bad: np.ndarray) -> str:
    array = world.layers[name]
    cell = np.argwhere(bad)[0]
    labels = [
        f"{dim} {array[dim].values[i] if dim in array.coords else i}"
        for dim, i in zip(array.dims, cell, strict=True)
    ]
    more = int(bad.sum()) - 1
    return ", ".join(labels) + (f" and {more} more cells" if more else "")
