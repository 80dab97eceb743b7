"""Where a number comes from: title, citation, licence, vintage, digests of the files."""

import functools
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from detente.errors import DataError, nearest


@dataclass(frozen=True)
class Source:
    """One source of numbers, as pinned in `data/sources.toml`."""

    key: str
    title: str
    citation: str = ""
    licence: str = ""
    redistribution: str = ""
    attribution: str = ""
    vintage: str = ""
    files: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@functools.cache
def sources() -> dict[str, Source]:
    """Return every pinned source by key.

    Examples
    --------
    >>> sources()["baci2023"].redistribution
    'embedded'
    """
    text = (resources.files("detente") / "data" / "sources.toml").read_text(encoding="utf-8")
    known = set(Source.__dataclass_fields__) - {"key", "more"}
    return {
        key: Source(
            key=key,
            **{name: value for name, value in table.items() if name in known},
            more={name: value for name, value in table.items() if name not in known},
        )
        for key, table in tomllib.loads(text).items()
    }


def source(key: str) -> Source:
    """Return one source.

    Raises
    ------
    DataError
        If the key is unknown.
    """
    table = sources()
    if key not in table:
        raise DataError(f"unknown source '{key}'{nearest(key, table)}")
    return table[key]
