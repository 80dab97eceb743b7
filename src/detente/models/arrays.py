"""What a function of arrays takes: NumPy arrays at the doors, JAX arrays inside."""

import jax
import numpy as np

Array = jax.Array | np.ndarray
