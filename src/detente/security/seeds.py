"""Random numbers of a draw: they depend on its number and on nothing else."""

from collections.abc import Sequence

import numpy as np

from detente.errors import ScenarioError

# One stream a purpose, so that what is added later leaves the others as they were.
STREAMS = {"reliability": 31, "deterrence": 32, "coalition": 33, "capability": 34}


def draw_numbers(draws: int | Sequence[int]) -> list[int]:
    """Return the numbers of the draws: 0, 1, ... for a count, else as given.

    Raises
    ------
    ScenarioError
        If there is none, or a number is negative.

    Examples
    --------
    >>> draw_numbers(3), draw_numbers([5, 2])
    ([0, 1, 2], [5, 2])
    """
    counted = isinstance(draws, int | np.integer)
    numbers = list(range(draws)) if counted else [int(n) for n in draws]
    if not numbers or min(numbers) < 0:
        raise ScenarioError(f"draws must be a count of 1 or more, or numbers from 0; got {draws!r}")
    return numbers


def generator(seed: int, number: int, stream: str) -> np.random.Generator:
    """Return the generator of one draw and purpose.

    Examples
    --------
    >>> float(generator(1, 0, "coalition").random()) < 1
    True
    """
    return np.random.default_rng([seed, number, STREAMS[stream]])
