"""Importers: published tables in their own layouts become worlds of one's own.

One reader a layout, each returning `Imported`; `make_imported` balances and builds the World;
`add_world` does all of it and keeps the World under a name.
"""

from detente.importers.add import SOURCES, add_world
from detente.importers.baci import read_baci
from detente.importers.codes import read_codes, read_concordance
from detente.importers.emerging import read_emerging
from detente.importers.icio import read_icio
from detente.importers.imported import Imported
from detente.importers.kite import read_kite
from detente.importers.make import make_imported
from detente.importers.nmc import add_capabilities, add_nmc
from detente.importers.tariffs import Tariffs, read_tariffs
from detente.importers.wiod import read_wiod

__all__ = [
    "SOURCES",
    "Imported",
    "Tariffs",
    "add_capabilities",
    "add_nmc",
    "add_world",
    "make_imported",
    "read_baci",
    "read_codes",
    "read_concordance",
    "read_emerging",
    "read_icio",
    "read_kite",
    "read_tariffs",
    "read_wiod",
]
