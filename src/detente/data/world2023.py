"""The economic layers of the embedded world: 197 countries, 12 sectors, the year 2023.

The steps are explained, with what is observed and what is imputed, in
docs/explanation/world2023.md. Nothing here draws random numbers; values are rounded to six
significant digits at the end, so that a rebuild is the same byte for byte.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from detente.accounts import accounts
from detente.data import closure, outside_baci, reexports, services_trade, special_trade
from detente.data.goods import goods_by_sector
from detente.data.recipes import agreements, baci, factbook, geodist, sanction_pairs, tariffs, wdi
from detente.data.recipes.tables import read_table, significant
from detente.data.sectors import GOODS, SECTORS
from detente.data.technology import country_technology
from detente.errors import DataError

OBSERVED, IMPUTED, MOVED = 1, 2, 3
# Pairs of the founding question keep their totals: no step may move trade to or from them.
FOUNDING = (("RUS", "USA"), ("CAN", "USA"), ("MEX", "USA"), ("RUS", "DEU"), ("RUS", "CHN"))
ROUNDS = 40
FREE_ROUNDS = 2
# Customers that never receive re-assigned imports: entrepots, ship registers, stubs.
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
    """What the steps share; `flow` is changed in place."""

    countries: list[str]
    gdp: np.ndarray
    flow: np.ndarray
    start: np.ndarray
    imputed: np.ndarray
    inputs: np.ndarray
    final_share: np.ndarray
    farm_share: np.ndarray
    tariff: np.ndarray
    locked: np.ndarray
    log: Log


def gdp_targets(raw: Path) -> pd.Series:
    """Return the value added that the accounts of each country meet.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.Series
        Million USD of 2023, index iso3 (sorted: the country list of the world).

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    return pd.concat([baci.gdp(raw), pd.Series(outside_baci.GDP)]).sort_index()


def economic_layers(
    raw: Path, log: Callable[[str], None] | None = None
) -> tuple[xr.Dataset, pd.DataFrame]:
    """Build flows, input shares and base tariffs of 2023 with their status.

    Parameters
    ----------
    raw
        Folder of raw tables, one folder a source.
    log
        Called with a line of progress.

    Returns
    -------
    tuple
        Dataset with flow (million USD, net of tariffs, domestic sales on the diagonal),
        input_share, tariff_rate, flow_status and tariff_rate_status (0 absent, 1 observed,
        2 imputed, 3 moved), value_moved and value_imputed; and the build log.

    Raises
    ------
    MissingDataError
        A raw table is not at hand.
    DataError
        The accounts of a country cannot be closed.
    """
    raw = Path(raw)
    build, tariff_status = _assemble(raw, Log(log))
    _cap_deficits(build)
    final = _close_all(build)
    dataset = _layers(build, final, tariff_status)
    return dataset, build.log.table()


def _assemble(raw: Path, log: Log) -> tuple[Build, np.ndarray]:
    gdp_series = gdp_targets(raw)
    countries = [str(code) for code in gdp_series.index]
    gdp = gdp_series.to_numpy(dtype=float)
    geography = geodist.pair_geography(raw, countries)
    broad, complete = sanction_pairs.sanctioned(raw, countries)
    totals, patched = _goods_totals(raw, countries)
    totals = outside_baci.pair_totals(raw, countries, totals, geography[0], broad, log.note)
    log.tell("goods by sector")
    goods, mix_imputed = goods_by_sector(raw, countries, totals, log.note)
    targets = services_trade.balance_targets(raw, countries, gdp)
    locked = _locked(countries, broad)
    goods_start = goods.copy()
    log.tell("services")
    services, reported = services_trade.pair_services(
        raw, countries, gdp, geography, (broad, complete), _change_since_2019(raw, countries, totals)
    )
    special_trade.add_entrepot(
        goods, targets[0], services.sum(axis=1), countries, locked, log.note
    )
    transit = special_trade.add_transit(goods, targets[1], countries, log.note)
    special_trade.limit_goods(goods, targets[:2], countries, locked, _closed(countries), log.note)
    totals = goods.sum(axis=2)
    services = services_trade.balanced_services(
        services, broad, totals, targets[:2], gdp, closure.DEFICIT_CAP, countries, log.note
    )
    transport = services_trade.transport_share(raw, countries)[:, None]
    flow = np.concatenate(
        [goods, (services * transport)[:, :, None], (services * (1 - transport))[:, :, None]], axis=2
    )
    stub = np.array([code in outside_baci.GDP for code in countries])
    goods_imputed = patched | mix_imputed | stub[:, None] | stub[None, :]
    imputed = np.repeat(goods_imputed[:, :, None], len(SECTORS), axis=2)
    imputed[:, :, len(GOODS) :] = ~reported[:, :, None]
    log.tell("technology and tariffs")
    inputs, final_share, _ = country_technology(raw, countries, gdp, goods.sum(axis=1), log.note)
    members = read_table(raw, "agreements/members.csv", ["agreement", "iso3"])
    union = sorted(members.loc[members["agreement"] == "EU", "iso3"])
    free = agreements.free_trade(raw, countries)
    tariff, status, missing = tariffs.tariff_rates(raw, countries, union, free, goods)
    for code in missing:
        log.note(code, "mean tariff imputed", 0.0, "median of the other countries")
    inputs = special_trade.transit_inputs(inputs, goods, transit)
    tariff = significant(tariff)
    start = flow.copy()
    start[:, :, : len(GOODS)] = goods_start
    farm = wdi.indicator(raw, "va_agri_pct_gdp", oldest=2019).reindex(countries) / 100
    book = factbook.variable(raw, "va_agriculture", oldest=2015).reindex(countries) / 100
    build = Build(
        countries=countries,
        gdp=gdp,
        flow=flow,
        start=start,
        imputed=imputed,
        inputs=inputs,
        final_share=final_share,
        farm_share=farm.fillna(book).to_numpy(dtype=float),
        tariff=tariff,
        locked=locked,
        log=log,
    )
    return build, status


def _locked(countries: list[str], broad: np.ndarray) -> np.ndarray:
    locked = broad.copy()
    for a, b in FOUNDING:
        i, j = countries.index(a), countries.index(b)
        locked[i, j] = locked[j, i] = True
    return locked


def _closed(countries: list[str]) -> np.ndarray:
    return np.array([code in CLOSED for code in countries])


def _goods_totals(raw: Path, countries: list[str]) -> tuple[np.ndarray, np.ndarray]:
    table = baci.goods_pairs(raw)
    place = {code: i for i, code in enumerate(countries)}
    o = table["origin"].map(place).to_numpy(dtype=int)
    d = table["destination"].map(place).to_numpy(dtype=int)
    value = np.zeros((len(countries), len(countries)))
    patched = np.zeros(value.shape, dtype=bool)
    value[o, d], patched[o, d] = table["value"], table["imputed"]
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


def _balance(flow: np.ndarray) -> np.ndarray:
    """Imports less exports by country."""
    return flow.sum(axis=(0, 2)) - flow.sum(axis=(1, 2))


def _cap_deficits(build: Build) -> None:
    """Bring deficits and surpluses beyond a quarter of GDP to it, in place."""
    closed = _closed(build.countries)
    taken = np.zeros(len(build.countries))
    for _ in range(12):
        excess = np.abs(_balance(build.flow)) - closure.DEFICIT_CAP * build.gdp
        over = np.flatnonzero(excess > 1e-6 * build.gdp)
        if not len(over):
            break
        for c in over:
            gap = float(_balance(build.flow)[c])
            amount = abs(gap) - closure.DEFICIT_CAP * build.gdp[c]
            if amount <= 0:
                continue
            side = build.flow[:, c] if gap > 0 else build.flow[c]
            lock = build.locked[:, c] if gap > 0 else build.locked[c]
            by_sector = (side * ~lock[:, None]).sum(axis=0)
            share = min(amount / by_sector.sum(), 0.9)
            move = reexports.reassign_imports if gap > 0 else reexports.reassign_exports
            taken[c] += move(build.flow, c, share * by_sector, build.locked, closed).sum()
    for c in np.flatnonzero(taken > 0):
        build.log.note(
            build.countries[c],
            "deficit or surplus brought to a quarter of GDP",
            taken[c],
            "trade given to other partners of the same pairs",
        )


def _books(build: Build, c: int, limit: np.ndarray) -> closure.Books:
    g = build.gdp[c]
    into, out = build.flow[:, c], build.flow[c]
    free_in, free_out = ~build.locked[:, c, None], ~build.locked[c, :, None]
    imports = into.sum(axis=0)
    movable_in, movable_out = (into * free_in).sum(axis=0), (out * free_out).sum(axis=0)
    duty = (into * build.tariff[:, c]).sum(axis=0) / np.maximum(imports, 1e-300)
    room = np.minimum(movable_in, movable_out)
    return closure.Books(
        inputs=build.inputs[c],
        final_share=build.final_share[c],
        exports=out.sum(axis=0) / g,
        imports=imports / g,
        farm_share=build.farm_share[c],
        duty=duty,
        movable_imports=movable_in / g,
        movable_exports=movable_out / g,
        reexport_limit=np.minimum(room * closure.MOVABLE, limit) / g,
    )


def _close_all(build: Build) -> np.ndarray:
    """Repair trade round by round until every country closes; return output [country, sector]."""
    count = len(build.countries)
    closed = _closed(build.countries)
    limit = np.full((count, len(SECTORS)), 1e12)
    for number in range(1, ROUNDS + 1):
        output = np.zeros((count, len(SECTORS)))
        moving, moved = 0, np.zeros(3)
        for c in range(count):
            found = _closed_books(build, c, limit[c], number > FREE_ROUNDS)
            if found is None:
                raise DataError(f"the accounts of {build.countries[c]} cannot be closed")
            output[c] = found.output * build.gdp[c]
            if found.moves > 1e-7:
                moving += 1
                moved += _move(build, c, found, limit[c], closed)
        build.log.note("", f"closure round {number}", moved.sum(), f"{moving} countries moved trade")
        build.log.tell(f"closure round {number}: {moving} countries, {moved.round()} million USD")
        if not moving:
            return output
    raise DataError(f"trade is not repaired after {ROUNDS} rounds")


def _closed_books(
    build: Build, c: int, limit: np.ndarray, settled: bool
) -> closure.Closed | None:
    """Close a country with the mildest means that suffice.

    In the first rounds giving up re-exports competes with bending final use; later (settled) the
    trade of a country stays as it is whenever final use alone can close its accounts.
    """
    found = None
    if settled:
        found = closure.close(_books(build, c, 0.0 * limit), cut_trade=False)
    if found is None:
        found = closure.close(_books(build, c, limit), cut_trade=False)
    return found or closure.close(_books(build, c, limit), cut_trade=True)


def _move(
    build: Build, c: int, found: closure.Closed, limit: np.ndarray, closed: np.ndarray
) -> np.ndarray:
    scale, done = build.gdp[c], np.zeros(3)
    for s in np.flatnonzero(found.reexports > 1e-9):
        asked = float(found.reexports[s] * scale)
        got = reexports.redirect(build.flow, c, asked, int(s), build.locked)
        done[0] += got
        if got < 0.99 * asked:
            limit[s] = 0.0
    done[1] = reexports.reassign_imports(
        build.flow, c, found.imports_cut * scale, build.locked, closed
    ).sum()
    done[2] = reexports.reassign_exports(
        build.flow, c, found.exports_cut * scale, build.locked, closed
    ).sum()
    names = ("re-exports turned into direct trade", "imports given away", "exports given away")
    for name, value in zip(names, done, strict=True):
        if value > 0:
            build.log.note(build.countries[c], name, value, "closure")
    return done


def _layers(
    build: Build, output: np.ndarray, tariff_status: np.ndarray
) -> xr.Dataset:
    start = build.start
    codes, sectors = build.countries, list(SECTORS)
    exports = build.flow.sum(axis=1)
    flow = build.flow.copy()
    same = np.arange(len(codes))
    flow[same, same] = output - exports
    flow = significant(flow)
    inputs = significant(build.inputs)
    changed = np.abs(build.flow - start)
    status = np.where(build.imputed, IMPUTED, OBSERVED)
    status = np.where((changed > 0.01 * start) & ((status == OBSERVED) | (start == 0)), MOVED, status)
    status = np.where(flow > 0, status, 0)
    status[same, same] = IMPUTED
    trade = start.sum(axis=(1, 2)) + start.sum(axis=(0, 2))
    moved = (changed.sum(axis=(1, 2)) + changed.sum(axis=(0, 2))) / trade
    cross = build.flow * (status == IMPUTED)
    now = build.flow.sum(axis=(1, 2)) + build.flow.sum(axis=(0, 2))
    imputed = (cross.sum(axis=(1, 2)) + cross.sum(axis=(0, 2))) / now
    books = accounts(flow, build.tariff, inputs)
    for c, code in enumerate(codes):
        gap = books.value_added[c] - build.gdp[c]
        build.log.note(code, "value added less GDP", gap, f"{gap / build.gdp[c]:.2e} of GDP")
    if (books.final_use <= 0).any():
        c, s = np.argwhere(books.final_use <= 0)[0]
        raise DataError(f"final use of {codes[c]} in {sectors[s]} is not positive after rounding")
    pair = ("origin", "destination", "sector")
    return xr.Dataset(
        {
            "flow": (pair, flow),
            "input_share": (("country", "supplying_sector", "using_sector"), inputs),
            "tariff_rate": (pair, build.tariff),
            "flow_status": (pair, status.astype(np.uint8)),
            "tariff_rate_status": (pair, tariff_status.astype(np.uint8)),
            "value_moved": (("country",), significant(moved)),
            "value_imputed": (("country",), significant(imputed)),
        },
        coords={
            "country": codes,
            "origin": codes,
            "destination": codes,
            "sector": sectors,
            "supplying_sector": sectors,
            "using_sector": sectors,
        },
    )
