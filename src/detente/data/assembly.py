"""The economic tables of 2023 before their accounts are closed: trade, inputs, tariffs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data import closure, known_cases, outside_baci, services_trade, special_trade
from detente.data.goods import goods_by_sector
from detente.data.recipes import (
    agreements,
    baci,
    factbook,
    geodist,
    macro,
    sanction_pairs,
    tariffs,
    wdi,
)
from detente.data.recipes.tables import read_table, significant
from detente.data.sectors import GOODS, SECTORS
from detente.data.technology import country_technology

# Pairs of the founding question keep their totals: no step may move trade to or from them.
FOUNDING = (("RUS", "USA"), ("CAN", "USA"), ("MEX", "USA"), ("RUS", "DEU"), ("RUS", "CHN"))
# Countries that never receive re-assigned trade: entrepots, ship registers, stubs.
CLOSED = ("HKG", "SGP", "MHL", "LBR", "BMU", "BRB", "PAN", "MAC", "PRK", "CUB")


@dataclass
class Log:
    """Rows of the build log, and a line of progress for whoever listens."""

    say: Callable[[str], None] | None = None
    rows: list[tuple[str, str, float, str]] = field(default_factory=list)

    def note(self, country: str, step: str, value: float, text: str) -> None:
        """Record what a step did to a country (value in million USD)."""
        self.rows.append((country, step, float(f"{value:.6g}"), text))

    def tell(self, text: str) -> None:
        """Report progress."""
        if self.say is not None:
            self.say(text)

    def table(self) -> pd.DataFrame:
        """Return the log: country, step, value_musd, note."""
        return pd.DataFrame(self.rows, columns=["country", "step", "value_musd", "note"])


@dataclass
class Build:
    """What the steps share; `flow` is changed in place.

    Attributes
    ----------
    countries : ordered ISO3 list
    gdp : [country] million USD, the value added that the accounts must meet
    flow, start : [origin, destination, sector] cross-border trade, now and as the sources have it
    imputed : bool [origin, destination, sector]
    inputs : [country, supplying_sector, using_sector]
    final_share : [country, sector] reported shares of final use
    farm_share : [country] share of agriculture in value added, NaN where not known
    tariff, tariff_status : [origin, destination, sector]
    locked : bool [origin, destination] pairs that keep their value
    closed : bool [country] that receive no re-assigned trade
    """

    countries: list[str]
    gdp: np.ndarray
    flow: np.ndarray
    start: np.ndarray
    imputed: np.ndarray
    inputs: np.ndarray
    final_share: np.ndarray
    farm_share: np.ndarray
    tariff: np.ndarray
    tariff_status: np.ndarray
    locked: np.ndarray
    closed: np.ndarray
    log: Log


def assemble(raw: Path, log: Log) -> Build:
    """Read, split and scale trade, inputs and tariffs of every country.

    Parameters
    ----------
    raw
        Folder of raw tables.
    log
        Receives what each step did.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.
    """
    countries = sorted([*baci.gdp(raw).index, *outside_baci.OUTSIDE])
    gdp = macro.gdp(raw, countries)["gdp"].to_numpy()
    geography = geodist.pair_geography(raw, countries)
    broad, complete = sanction_pairs.sanctioned(raw, countries)
    locked = _locked(countries, broad)
    closed = np.array([code in CLOSED for code in countries])
    log.tell("goods by sector")
    totals, imputed = _goods_totals(raw, countries, log)
    totals = outside_baci.pair_totals(raw, countries, totals, geography[0], broad, log.note)
    goods, mix_imputed = goods_by_sector(raw, countries, totals, log.note)
    start = goods.copy()
    log.tell("services")
    services, reported = services_trade.pair_services(
        raw,
        countries,
        gdp,
        geography,
        (broad, complete),
        _change_since_2019(raw, countries, totals),
    )
    targets = services_trade.balance_targets(raw, countries, gdp)
    special_trade.add_entrepot(goods, targets[0], services.sum(axis=1), countries, locked, log.note)
    transit = special_trade.add_transit(goods, targets[1], countries, log.note)
    special_trade.limit_goods(goods, targets, countries, locked, closed, log.note)
    services = services_trade.balanced_services(
        services, broad, goods.sum(axis=2), targets, gdp, closure.DEFICIT_CAP, countries, log.note
    )
    transport = services_trade.transport_share(raw, countries)[:, None]
    by_kind = np.stack([services * transport, services * (1 - transport)], axis=2)
    stub = np.array([code in outside_baci.OUTSIDE for code in countries])
    imputed = imputed | mix_imputed | stub[:, None] | stub[None, :]
    log.tell("technology and tariffs")
    inputs, final = country_technology(raw, countries, gdp, goods.sum(axis=1), log.note)
    tariff, tariff_status = _tariffs(raw, countries, goods, log)
    return Build(
        countries=countries,
        gdp=gdp,
        flow=np.concatenate([goods, by_kind], axis=2),
        start=np.concatenate([start, by_kind], axis=2),
        imputed=np.concatenate(
            [
                np.repeat(imputed[:, :, None], len(GOODS), axis=2),
                np.repeat(~reported[:, :, None], len(SECTORS) - len(GOODS), axis=2),
            ],
            axis=2,
        ),
        inputs=special_trade.transit_inputs(inputs, goods, transit),
        final_share=final,
        farm_share=_farm_share(raw, countries),
        tariff=significant(tariff),
        tariff_status=tariff_status,
        locked=locked,
        closed=closed,
        log=log,
    )


def _locked(countries: list[str], broad: np.ndarray) -> np.ndarray:
    locked = broad.copy()
    for a, b in FOUNDING:
        i, j = countries.index(a), countries.index(b)
        locked[i, j] = locked[j, i] = True
    return locked


def _farm_share(raw: Path, countries: list[str]) -> np.ndarray:
    bank = wdi.indicator(raw, "va_agri_pct_gdp", oldest=2019).reindex(countries) / 100
    book = factbook.variable(raw, "va_agriculture", oldest=2015).reindex(countries) / 100
    return bank.fillna(book).to_numpy(dtype=float)


def _tariffs(
    raw: Path, countries: list[str], goods: np.ndarray, log: Log
) -> tuple[np.ndarray, np.ndarray]:
    members = read_table(raw, "agreements/members.csv", ["agreement", "iso3"])
    union = sorted(members.loc[members["agreement"] == "EU", "iso3"])
    free = agreements.free_trade(raw, countries)
    rate, status, missing = tariffs.tariff_rates(raw, countries, union, free, goods)
    for code in missing:
        log.note(code, "mean tariff imputed", 0.0, "median of the other countries")
    return rate, status


def _goods_totals(raw: Path, countries: list[str], log: Log) -> tuple[np.ndarray, np.ndarray]:
    table = baci.goods_pairs(raw)
    place = {code: i for i, code in enumerate(countries)}
    o = table["origin"].map(place).to_numpy(dtype=int)
    d = table["destination"].map(place).to_numpy(dtype=int)
    value = np.zeros((len(countries), len(countries)))
    patched = np.zeros(value.shape, dtype=bool)
    value[o, d], patched[o, d] = table["value"], table["imputed"]
    for origin, destination in known_cases.ENDED_PAIRS:
        a, b = place[origin], place[destination]
        log.note(origin, f"imputed trade with {destination} dropped", value[a, b], "ended in 2022")
        value[a, b] = 0.0
    return value, patched


def _change_since_2019(raw: Path, countries: list[str], totals: np.ndarray) -> np.ndarray:
    table = read_table(raw, "campos2019/trade_2019_151.parquet")
    place = {code: i for i, code in enumerate(countries)}
    table = table[table["exporter"].isin(place) & table["importer"].isin(place)]
    old = np.full(totals.shape, np.nan)
    o = table["exporter"].map(place).to_numpy(dtype=int)
    d = table["importer"].map(place).to_numpy(dtype=int)
    old[o, d] = table["value_kusd"] / 1e3
    return np.divide(totals, old, out=np.full(totals.shape, np.nan), where=old > 1)
