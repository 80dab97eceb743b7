"""What a function of arrays takes: NumPy arrays at the doors, JAX arrays inside."""

from typing import Any

import jax
import numpy as np

Array = jax.Array | np.ndarray


def namespace(array: Array) -> Any:
    """Return the functions that serve an array: those of NumPy or of JAX."""
    return array.__array_namespace__()


def constant(array: Array) -> Array:
    """Return an array as something that derivatives do not look into."""
    return jax.lax.stop_gradient(array) if isinstance(array, jax.Array) else array
