"""From tables as read to a World: balance where needed, then levy the tariffs."""

import dataclasses
import logging
from typing import Any

import numpy as np
import pandas as pd

from detente.accounts import accounts
from detente.balancing import balance_by_model, balance_by_ras
from detente.errors import WorldError, nearest
from detente.importers.codes import some
from detente.importers.imported import Imported
from detente.importers.tariffs import Tariffs
from detente.labels import country_codes
from detente.own_world import BALANCES, Tables, elasticities, faults
from detente.world import World, make_world

log = logging.getLogger("detente")
ELASTICITY = 4.0
# Labels of a rest of the world, which is a country like any other.
REST = frozenset({"ROW", "WLD"})
ABSENT, OBSERVED, MOVED = 0, 1, 3
# What tariffs on inputs may leave of output as value added.
VALUE_ADDED_FLOOR = 1e-3


def make_imported(
    tables: Imported,
    name: str,
    balance: str = "ras",
    trade_elasticity: float | pd.DataFrame | None = None,
    tariffs: Tariffs | None = None,
) -> World:
    """Make a World of tables that a reader returned.

    Parameters
    ----------
    tables
        From one of the readers.
    name
        Name of the world.
    balance
        "ras" or "model", used only when the tables do not add up: see `world_from_tables`.
    trade_elasticity
        One number, or sector, value; by default the file's own, else 4.
    tariffs
        From `read_tariffs`, for layouts that carry none. Flows are net of tariffs, so outputs and
        flows stay; purchases rise by the tariff, and value added falls by what is paid on inputs:
        at basic prices it held these taxes.

    Returns
    -------
    World
        `meta["balance"]` says what balancing moved, `meta["import"]` what the reader did.

    Raises
    ------
    WorldError
        If the tables cannot be balanced, or tariffs are given twice.

    Examples
    --------
    >>> flow = np.array([[[8.0], [2.0]], [[2.0], [6.0]]])
    >>> make_imported(Imported("mine", 2020, ["A", "B"], ["x"], flow), "tiny").year
    2020
    """
    if balance not in BALANCES:
        raise WorldError(
            f"unknown balance '{balance}'{nearest(balance, BALANCES)}; {', '.join(BALANCES)}"
        )
    if tariffs is not None and tables.tariff_rate is not None:
        raise WorldError(f"{tables.source} tables carry tariffs of their own; leave out --tariffs")
    theta = _theta(tables, trade_elasticity)
    given = _tables(tables)
    flow, share, report = _balanced(given, theta, balance)
    rate, known = given.tariff, np.zeros(flow.shape, dtype=bool)
    notes = [*tables.notes, *_unnamed(tables.countries)]
    if trade_elasticity is None and tables.trade_elasticity is None:
        notes.append(
            f"trade elasticity {ELASTICITY:g} in every sector, since none was given: --elasticity "
            "takes a number, or a CSV of sector and value"
        )
    if tables.tariff_rate is not None:
        known = np.ones(flow.shape, dtype=bool)
    if tariffs is not None:
        rate, known = tariffs.rate, tariffs.known
        share = _levy(flow, share, rate, tables, notes)
        notes += tariffs.notes
    page = {"source": tables.source, "moved_share": tables.moved, "notes": notes}
    world = make_world(
        name, tables.year,
        {"flow": flow, "tariff_rate": rate, "input_share": share, "trade_elasticity": theta},
        tables.countries, tables.sectors, sector_names=tables.sector_names,
        meta={"balance": report, "import": page, "elasticities": "own"},
    )  # fmt: skip
    return _with_status(world, tables, report, known)


def _unnamed(countries: list[str]) -> list[str]:
    """Return a note on labels that are no code of a country: a slip, or a region."""
    known = set(country_codes().values())
    odd = [one for one in countries if one not in known and one.upper() not in REST]
    if not odd:
        return []
    codes = "country code" if len(odd) == 1 else "country codes"
    return [f"{len(odd)} {codes} that detente has no name for: {some(odd)}"]


def _tables(tables: Imported) -> Tables:
    rate = np.zeros_like(tables.flow) if tables.tariff_rate is None else tables.tariff_rate
    return Tables(
        tables.countries, tables.sectors, tables.flow, rate, tables.input_use,
        tables.value_added, tables.final_use, None,
    )  # fmt: skip


def _theta(tables: Imported, asked: float | pd.DataFrame | None) -> np.ndarray:
    if asked is None and tables.trade_elasticity is not None:
        return tables.trade_elasticity
    return elasticities(ELASTICITY if asked is None else asked, tables.sectors)


def _balanced(given: Tables, theta: np.ndarray, balance: str):
    """Return flows, input shares and a report; tables that add up stay as they are."""
    share = given.input_share()
    if not faults(given):
        try:
            accounts(given.flow, given.tariff, share).check(given.countries, given.sectors)
            nothing: dict[str, Any] = {"method": "none", "value_moved_share": 0.0, "largest": []}
            return given.flow, share, nothing
        except WorldError as error:
            log.info("balancing, because: %s", error)
    return balance_by_ras(given) if balance == "ras" else balance_by_model(given, theta)


def _levy(flow, share, rate, tables: Imported, notes: list[str]) -> np.ndarray:
    """Return input shares with the tariffs on inputs in them."""
    net = flow.sum(axis=0)
    paid = (flow * (1 + rate)).sum(axis=0)
    dearer = np.divide(paid, net, out=np.ones_like(net), where=net > 0)
    levied = share * dearer[:, :, None]
    total = levied.sum(axis=1)
    most = np.maximum(1 - VALUE_ADDED_FLOOR, share.sum(axis=1))
    scale = np.where(total > most, most / np.where(total > 0, total, 1.0), 1.0)
    if (scale < 1).any():
        c, s = np.unravel_index(int(scale.argmin()), scale.shape)
        notes.append(
            f"tariffs on inputs would leave no value added in {int((scale < 1).sum())} cells, "
            f"most in {tables.countries[c]} {tables.sectors[s]}: their input shares were scaled "
            "down"
        )
    notes.append(f"tariffs raise {float((paid - net).sum() / net.sum()):.3%} of the value of sales")
    return levied * scale[:, None, :]


def _with_status(world: World, tables: Imported, report: dict[str, Any], known) -> World:
    flow = world.values("flow")
    status = np.where(flow > 0, OBSERVED if report["method"] == "none" else MOVED, ABSENT)
    if tables.changed is not None:
        status = np.where((flow > 0) & tables.changed, MOVED, status)
    dims = world.layers["flow"].dims
    layers = world.layers.assign(
        flow_status=(dims, status.astype(np.uint8)),
        tariff_rate_status=(dims, np.where(known, OBSERVED, ABSENT).astype(np.uint8)),
    )
    return dataclasses.replace(world, layers=layers)
