"""Values of a layer as a user gives them: in the order of its labels, as numbers, and fixed."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from detente.errors import WorldError


def aligned(
    name: str, values: Any, dims: Sequence[str], labels: Mapping[str, Sequence[str]]
) -> Any:
    """Return values in the order of a layer's axes, where they carry labels of their own.

    Parameters
    ----------
    name
        Of the layer.
    values
        A labelled array, series or table; anything else is taken in the order in which it stands,
        and so is a series or table that numbers its rows.
    dims
        Of the layer.
    labels
        Of each dimension, in order.

    Raises
    ------
    WorldError
        If dimensions or labels are others than the layer's.

    Examples
    --------
    >>> given, labels = pd.Series({"B": 2.0, "A": 1.0}), {"country": ["A", "B"]}
    >>> aligned("gdp", given, ["country"], labels).tolist()
    [1.0, 2.0]
    """
    if isinstance(values, xr.DataArray):
        if set(values.dims) != set(dims):
            raise WorldError(
                f"layer {name} has the dimensions {', '.join(dims)}; these values have "
                f"{', '.join(map(str, values.dims))}"
            )
        values = values.transpose(*dims)
        for dim in set(dims) & set(values.coords):
            values = values.sel({dim: _same(name, dim, values[dim].values.tolist(), labels[dim])})
        return values.values
    if isinstance(values, pd.Series | pd.DataFrame) and values.ndim == len(dims):
        array = values.to_numpy()
        for axis, (dim, index) in enumerate(zip(dims, values.axes, strict=True)):
            if not isinstance(index, pd.RangeIndex):
                wanted = _same(name, dim, index.tolist(), labels[dim])
                order = index.get_indexer(pd.Index(wanted))
                array = np.take(array, order, axis=axis)
        return array
    return values


def _same(name: str, dim: str, given: list[Any], wanted: Sequence[str]) -> list[str]:
    if len(given) != len(wanted) or set(given) != set(wanted):
        odd = sorted(map(str, set(given) ^ set(wanted)))[:5]
        raise WorldError(
            f"layer {name}: the labels of these values are not those of {dim} in this world; they "
            f"disagree at {', '.join(odd) or 'one that occurs twice'}. Name each once, or pass "
            "a plain array in the world's order"
        )
    return list(wanted)


def numbers(name: str, values: Any, whole: bool) -> np.ndarray:
    """Return values as an array of numbers: edits of whole numbers would be cut off else.

    Parameters
    ----------
    name
        Of the layer.
    values
        What the user gave.
    whole
        Whether the layer holds whole numbers, which then may stay.

    Raises
    ------
    WorldError
        If they are no real numbers.
    """
    array = np.asarray(values)
    if whole and array.dtype.kind in "iu":
        return array
    if array.dtype.kind == "O":
        with contextlib.suppress(TypeError, ValueError):  # said below
            array = array.astype(float)
    if array.dtype.kind not in "biuf":
        raise WorldError(
            f"layer {name} holds no numbers, but an array of {array.dtype}; pass real numbers"
        )
    return array.astype(float, copy=False)


def fixed(values: np.ndarray) -> np.ndarray:
    """Return an array that cannot be written to: itself if it is such a one, else a copy."""
    if values.flags.writeable:
        values = values.copy()
        values.flags.writeable = False
    return values


def frozen(layers: xr.Dataset) -> xr.Dataset:
    """Return layers whose arrays cannot be written to.

    Parameters
    ----------
    layers
        Left as they are.
    """
    loose = {
        name: (layer.dims, fixed(layer.values), layer.attrs)
        for name, layer in layers.variables.items()
        if name not in layers.coords and layer.values.flags.writeable
    }
    return layers.assign(loose) if loose else layers
