"""What a function of arrays takes: NumPy arrays or JAX arrays, one economy or several draws.

Functions that say `*lane` take any number of axes for draws before those that they name. With JAX
arrays they can be compiled and differentiated; with NumPy arrays they give the same at once,
without waiting for a compiler.
"""

import sys
import threading
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

import numpy as np

from detente.lazy import LoadedOnUse

if TYPE_CHECKING:
    import jax
    import jax.numpy as jnp

    Array = jax.Array | np.ndarray
else:

    class _Arrays(type):
        def __instancecheck__(cls, array: Any) -> bool:
            return isinstance(array, np.ndarray) or is_jax(array)

    class Array(metaclass=_Arrays):
        """Arrays of NumPy and of JAX."""

    # Loading JAX takes most of a second, and what many draws need is done by NumPy.
    jax = LoadedOnUse("jax", lambda: _tell_jax())
    jnp = LoadedOnUse("jax.numpy", lambda: _tell_jax())

Kind = TypeVar("Kind", bound=type)
# Kinds of records that JAX does not know yet.
_WAITING: list[type] = []
_LOCK = threading.Lock()
# Products of matrices work on columns in blocks, and round a lone column otherwise: in whole blocks
# of so many no draw depends on the number or the place of others.
BLOCK = 16


def is_jax(array: Any) -> bool:
    """Say whether something is an array of JAX, without loading JAX."""
    return isinstance(array, getattr(sys.modules.get("jax"), "Array", ()))


def _tell_jax() -> None:
    """Let JAX know the kinds of records that were defined before it was loaded."""
    if _WAITING:
        with _LOCK:
            while _WAITING:
                sys.modules["jax"].tree_util.register_dataclass(_WAITING[-1])
                _WAITING.pop()


@dataclass_transform(frozen_default=True)
def record(kind: Kind) -> Kind:
    """Make a class a frozen dataclass whose fields are arrays, or records of them, to JAX too."""
    made = dataclass(frozen=True)(kind)
    with _LOCK:
        _WAITING.append(made)
    if hasattr(sys.modules.get("jax"), "tree_util"):
        _tell_jax()
    return made


def each(function: Any, first: Any, *more: Any) -> Any:
    """Return a tree of what a function makes of the arrays in the same place of some trees.

    Trees are records, tuples, dicts and arrays; where there is None there is none.

    Examples
    --------
    >>> each(lambda one, other: one + other, (1, {"a": 2}), (10, {"a": 20}))
    (11, {'a': 22})
    """
    if first is None:
        return None
    if is_dataclass(first):
        names = [field.name for field in fields(first)]
        parts = {name: [getattr(one, name) for one in (first, *more)] for name in names}
        return type(first)(**{name: each(function, *part) for name, part in parts.items()})
    if isinstance(first, dict):
        return {key: each(function, *(one[key] for one in (first, *more))) for key in first}
    if isinstance(first, tuple):
        return tuple(each(function, *part) for part in zip(first, *more, strict=True))
    return function(first, *more)


def namespace(*arrays: Any) -> Any:
    """Return the functions that serve some arrays: those of JAX where any is of JAX, else NumPy."""
    return sys.modules["jax"].numpy if any(map(is_jax, arrays)) else np


def constant(array: Array) -> Array:
    """Return an array as something that derivatives do not look into."""
    return jax.lax.stop_gradient(array) if is_jax(array) else array


def contract(pattern: str, table: Array, values: Array) -> Array:
    """Return the sum of products of a table and of values; the values may have axes for draws.

    Parameters
    ----------
    pattern
        As of `einsum`, without the axes for draws: one letter stands in all three parts, one is
        summed over, and one stands in the table and in the result.
    table
        Shared by all draws, or with the same axes for draws before its own three.
    values
        With axes for draws before its own two.

    Examples
    --------
    >>> import numpy as np
    >>> table, values = np.arange(24.0).reshape(2, 3, 4), np.ones((5, 2, 4))
    >>> contract("sdo,so->sd", table, values).shape
    (5, 2, 3)
    """
    first, second, result = pattern.replace("->", ",").split(",")
    if (xp := namespace(table, values)) is not np:
        return xp.einsum(f"...{first},...{second}->...{result}", table, values)
    # A table that draws share meets the values of all of them in one product of matrices.
    (summed,) = set(second) - set(result)
    (kept,) = set(result) - set(second)
    (common,) = set(second) & set(result)
    matrix = _ordered(table, first, common + kept + summed)
    column = _ordered(values, second, common + summed)
    if table.ndim > 3 or values.ndim == 2:
        product = np.matmul(matrix, column[..., None])[..., 0]
    else:
        columns = column.transpose(1, 2, 0)
        if more := -len(values) % BLOCK:
            columns = np.concatenate([columns, columns[..., -1:].repeat(more, -1)], axis=-1)
        product = np.matmul(matrix, columns)[..., : len(values)].transpose(2, 0, 1)
    return _ordered(product, common + kept, result)


def _ordered(array: Array, letters: str, wanted: str) -> Array:
    """Return an array with its last axes, named by letters, in the order that is wanted."""
    first = array.ndim - len(letters)
    return array.transpose(*range(first), *(first + letters.index(one) for one in wanted))


def add_at(into: Array, places: tuple, values: Array) -> Array:
    """Return an array with values added at places of its last axes; places may come twice.

    Parameters
    ----------
    into
        May lack the axes for draws that the values have.
    places
        Numbers on each of the last axes.
    values
        With one axis for the places.
    """
    at: Any = (..., *places)
    wide: Any = _wide(into, values, len(places))
    if is_jax(wide):
        return wide.at[at].add(values)
    out = wide.copy(order="K")
    np.add.at(out, at, values)
    return out


def set_at(into: Array, places: tuple, values: Array | float) -> Array:
    """Return an array with values in places of its last axes; arguments as of `add_at`."""
    at = (..., *places)
    wide: Any = _wide(into, values, len(places))
    if is_jax(wide):
        return wide.at[at].set(values)
    out = wide.copy(order="K")
    out[at] = values
    return out


def _wide(into: Array, values: Array | float, last: int) -> Array:
    """Return an array with the axes for draws that values have too."""
    draws = np.shape(values)[: max(np.ndim(values) - 1 - (into.ndim - last), 0)]
    return namespace(into, values).broadcast_to(into, draws + into.shape)
