"""Records that estimates wrote and the package ships: coefficients, priors and scores as JSON."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from detente.errors import DataError


@cache
def read_record(file: str, script: str) -> Mapping[str, Any]:
    """Return a record, read once.

    Parameters
    ----------
    file
        Name of the file in the package's data.
    script
        Module of `detente.data.estimate` that writes it.

    Raises
    ------
    DataError
        If the file is missing from the installation, or damaged.

    Examples
    --------
    >>> "fits" in read_record("initiators.json", "initiators")
    True
    """
    again = f"write it with `python -m detente.data.estimate.{script} --raw DIR`"
    place = resources.files("detente.data").joinpath(file)
    if not place.is_file():
        raise DataError(f"{file} is missing from the package; {again}")
    try:
        return json.loads(place.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{file} of the package is damaged ({error}); {again}") from error
