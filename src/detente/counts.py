"""Counts and choices that a user gives (draws, seeds, threads, years), and cores to use."""

import operator
import os

from detente.errors import ScenarioError


def whole(value: object, name: str, least: int = 0, otherwise: str = "") -> int:
    """Return a whole number as an int; NumPy's are whole numbers too, truth values are none.

    Parameters
    ----------
    value
        What the user gave.
    name
        What it counts, for the message.
    least
        The smallest that is allowed.
    otherwise
        What else may be given, for the message: ", or None for all cores".

    Raises
    ------
    ScenarioError
        If it is no whole number, or too small.

    Examples
    --------
    >>> import numpy as np
    >>> whole(np.int64(3), "draws")
    3
    >>> whole(2.0, "draws")
    Traceback (most recent call last):
    detente.errors.ScenarioError: draws must be a whole number of 0 or more, not 2.0
    """
    try:
        number = least - 1 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if number < least:
        raise ScenarioError(
            f"{name} must be a whole number of {least} or more{otherwise}, not {value!r}"
        )
    return number


def yes_or_no(value: object, name: str) -> None:
    """Refuse what is no truth value: the word "no" would count as one that is true.

    Parameters
    ----------
    value
        What the user gave.
    name
        Of the option, for the message.

    Raises
    ------
    ScenarioError
        Unless it is True or False.

    Examples
    --------
    >>> yes_or_no("no", "alone")
    Traceback (most recent call last):
    detente.errors.ScenarioError: alone must be True or False, not 'no'
    """
    if not isinstance(value, bool):
        raise ScenarioError(f"{name} must be True or False, not {value!r}")


def cores() -> int:
    """Return how many cores this process may use, which can be fewer than the machine has.

    Examples
    --------
    >>> cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
