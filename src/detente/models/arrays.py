"""What a function of arrays takes: NumPy arrays or JAX arrays, one economy or several draws.

Functions that say `*lane` take any number of axes for draws before those that they name. With JAX
arrays they can be compiled and differentiated; with NumPy arrays they give the same at once,
without waiting for a compiler.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Array = jax.Array | np.ndarray
# Products of matrices work on columns in blocks, and round a lone column otherwise: in whole blocks
# of so many no draw depends on the number or the place of others.
BLOCK = 16


def namespace(*arrays: Any) -> Any:
    """Return the functions that serve some arrays: those of JAX where any is of JAX, else NumPy."""
    return jnp if any(isinstance(array, jax.Array) for array in arrays) else np


def constant(array: Array) -> Array:
    """Return an array as something that derivatives do not look into."""
    return jax.lax.stop_gradient(array) if isinstance(array, jax.Array) else array


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
    if namespace(table, values) is jnp:
        return jnp.einsum(f"...{first},...{second}->...{result}", table, values)
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
    wide = _wide(into, values, len(places))
    if isinstance(wide, jax.Array):
        return wide.at[at].add(values)
    out = wide.copy(order="K")
    np.add.at(out, at, values)
    return out


def set_at(into: Array, places: tuple, values: Array | float) -> Array:
    """Return an array with values in places of its last axes; arguments as of `add_at`."""
    at = (..., *places)
    wide = _wide(into, values, len(places))
    if isinstance(wide, jax.Array):
        return wide.at[at].set(values)
    out = wide.copy(order="K")
    out[at] = values
    return out


def _wide(into: Array, values: Array | float, last: int) -> Array:
    """Return an array with the axes for draws that values have too."""
    draws = np.shape(values)[: max(np.ndim(values) - 1 - (into.ndim - last), 0)]
    return namespace(into, values).broadcast_to(into, draws + into.shape)
