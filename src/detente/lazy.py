"""Packages and modules that load on first use, so that importing what names them costs nothing."""

import importlib
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any


def load_on_use(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return what a package takes as its `__getattr__`, `__dir__` and `__all__`.

    A name goes before the file of the same name: importing `security/contest.py` does not hide the
    function `contest` of the package.

    Parameters
    ----------
    package
        `__name__` of the package, which is being imported.
    homes
        The module of the package, by the name that it defines.

    Examples
    --------
    >>> import detente.security
    >>> "contest" in dir(detente.security)
    True
    """

    class Room(ModuleType):
        def __setattr__(self, name: str, value: Any) -> None:
            if name not in homes or not isinstance(value, ModuleType):
                super().__setattr__(name, value)

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)

    names = sorted(homes)
    sys.modules[package].__class__ = Room
    return get, lambda: names, names


class LoadedOnUse:
    """A module that is imported when something of it is first asked for.

    Parameters
    ----------
    name
        Of the module.
    before
        Called each time before something of it is handed out.

    Examples
    --------
    >>> LoadedOnUse("math").gcd(4, 6)
    2
    """

    def __init__(self, name: str, before: Callable[[], None] | None = None) -> None:
        self._name, self._before = name, before

    def __getattr__(self, name: str) -> Any:
        module = importlib.import_module(self._name)
        if self._before is not None:
            self._before()
        return getattr(module, name)
