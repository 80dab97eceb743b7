"""Advanced Guide to Trade Policy Analysis: chapter 1 gravity estimates, chapter 2 NAFTA.

Yotov, Piermartini, Monteiro and Larch (2016), UNCTAD and WTO: 69 countries, manufacturing, every
fourth year 1986-2006. Chapter 1 is estimated anew; chapter 2 takes away the agreements among CAN,
MEX and USA from the fitted trade of 1994 and solves the general equilibrium.

The guide states growth *through* NAFTA (base over counterfactual, less one) and values exports at
the import price index of Germany. Its iteration stops after three rounds, short of an equilibrium:
`gravity_guide_steps` takes the same rounds and gives its numbers to rounding (one of 0.33 is
0.335), while our equilibrium differs by up to 0.8 points of exports:
docs/explanation/references.md.
"""

import math
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.estimate.ppml import add_border_years, ordinary, poisson, require_pyfixest
from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.errors import MissingDataError
from detente.own_world import world_from_tables
from detente.references.gravity_guide_steps import as_published
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line, left_out

GROUP = "Advanced Guide"
SOURCE = "Yotov et al. (2016) Advanced Guide to Trade Policy Analysis"
YEARS = range(1986, 2007, 4)
NAFTA = ("CAN", "MEX", "USA")
SIGMA = 7.0
NUMERAIRE = "DEU"
GRAVITY = ("log_dist", "cntg", "lang", "clny")
# Chapter 1: tables 1 (application 1) and 3 (application 3). Rounded to three places.
PUBLISHED: dict[str, dict[str, float]] = {
    "OLS": dict(zip(GRAVITY, (-1.216, 0.223, 0.661, 0.670), strict=True)),
    "PPML": dict(zip(GRAVITY, (-0.841, 0.437, 0.247, -0.222), strict=True)),
    "OLS with agreements": {"rta": -0.004},
    "PPML with agreements": {"rta": 0.191},
    "domestic sales": {"rta": 0.409},
    "pair effects": {"rta": 0.557},
    "with lead": {"rta": 0.520, "rta_lead4": 0.077},
    "with lags": {"rta": 0.291, "rta_lag4": 0.414, "rta_lag8": 0.169, "rta_lag12": 0.119},
    "with lags and borders": {
        "rta": 0.116,
        "rta_lag4": 0.288,
        "rta_lag8": 0.069,
        "rta_lag12": 0.002,
        "border_1986": -0.706,
        "border_2002": -0.141,
    },
}
EXPORTS = dict(zip(NAFTA, (37.5, 43.5, 14.9), strict=True))
REAL_GDP = dict(zip(NAFTA, (3.40, 3.81, 0.33), strict=True))


def panel(raw: Path) -> pd.DataFrame:
    """Return the panel of every fourth year with keys of fixed effects.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    table = read_table(raw, "agtpa/agtpa_1986_2006_69.parquet")
    table = table[table["year"].isin(YEARS)].reset_index(drop=True)
    exporter, importer, year = table["exporter"], table["importer"], table["year"].astype(str)
    domestic = (exporter == importer).to_numpy()
    first = np.where(exporter < importer, exporter, importer)
    second = np.where(exporter < importer, importer, exporter)
    distance = np.log(table["dist"].clip(lower=1e-12))
    table = table.assign(
        log_dist=distance,
        exporter_year=exporter + year,
        importer_year=importer + year,
        pair=pd.Series(first, index=table.index) + second,
        tie=table["pair_id"],
        home=np.where(domestic, exporter, ""),
        domestic=domestic,
        border_year=np.where(domestic, 0, table["year"]),
    )
    # At home gravity variables have no meaning of their own: home effects take their place.
    abroad = {f"{name}_abroad": np.where(domestic, 0.0, table[name]) for name in GRAVITY}
    return table.assign(**abroad)


def chapter_one(raw: Path) -> dict[str, dict[str, float]]:
    """Estimate the columns of chapter 1 and return their coefficients.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Raises
    ------
    MissingDataError
        If pyfixest or the raw table is not at hand.
    """
    full, _ = add_border_years(panel(raw))
    abroad = full[~full["domestic"]].reset_index(drop=True)
    traded = abroad[abroad["trade"] > 0].assign(log_trade=lambda t: np.log(t["trade"]))
    both = "exporter_year + importer_year"
    right = " + ".join(GRAVITY)
    outside = " + ".join(f"{name}_abroad" for name in GRAVITY)
    lags = "rta + rta_lag4 + rta_lag8 + rta_lag12"
    borders = " + ".join(f"border_{year}" for year in YEARS if year < max(YEARS))
    pairs = f"{both} + pair"
    fits = {
        "OLS": ordinary(traded, "log_trade", right, both),
        "PPML": poisson(abroad, "trade", right, both),
        "OLS with agreements": ordinary(traded, "log_trade", f"{right} + rta", both),
        "PPML with agreements": poisson(abroad, "trade", f"{right} + rta", both),
        "domestic sales": poisson(full, "trade", f"{outside} + rta", f"{both} + home"),
        "pair effects": poisson(full, "trade", "rta", pairs),
        "with lead": poisson(full, "trade", "rta + rta_lead4", pairs),
        "with lags": poisson(full, "trade", lags, pairs),
        "with lags and borders": poisson(full, "trade", f"{lags} + {borders}", pairs),
    }
    return {
        name: dict(zip(fitted.names, map(float, fitted.beta), strict=True))
        for name, fitted in fits.items()
    }


def fitted_trade(raw: Path, year: int = 1994) -> tuple[pd.DataFrame, float]:
    """Return the trade of a year as the gravity model of chapter 2 fits it, and its effect.

    Exporter-year, importer-year and symmetric pair effects and one coefficient of agreements.

    Parameters
    ----------
    raw
        Folder of raw tables.
    year
        Of the panel.

    Returns
    -------
    tuple
        origin, destination, value (million USD); coefficient of agreements in log points.
    """
    pyfixest = require_pyfixest()
    table = panel(raw)
    with warnings.catch_warnings():
        # Pairs that never traded are dropped, with a warning.
        warnings.simplefilter("ignore")
        model = pyfixest.fepois(
            "trade ~ rta | exporter_year + importer_year + pair",
            data=table,
            vcov="iid",
            store_data=True,
        )
    used = model._data.index
    value = pd.Series(np.asarray(model.predict(type="response"), dtype=float), index=used)
    # Pairs that never traded have no fitted trade: zero.
    table = table.assign(value=value.reindex(table.index).fillna(0.0))
    flows = table.loc[table["year"] == year, ["exporter", "importer", "value"]]
    names = {"exporter": "origin", "importer": "destination"}
    return flows.rename(columns=names).reset_index(drop=True), float(model._beta_hat[0])


def nafta(raw: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Return the growth of exports and of real GDP through NAFTA, in per cent, as in chapter 2.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    return _equilibrium(*fitted_trade(raw))


def nafta_as_published(raw: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Return the same by the iteration of the guide, stopped where its program stops.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    return _rounds(*fitted_trade(raw))


def _rounds(flows: pd.DataFrame, effect: float) -> tuple[dict[str, float], dict[str, float]]:
    table = flows.pivot(index="origin", columns="destination", values="value")
    names = list(table.index)
    inside = np.isin(names, NAFTA)
    cut = np.outer(inside, inside) & ~np.eye(len(names), dtype=bool)
    found = as_published(
        table[names].to_numpy(),
        np.where(cut, math.exp(-effect), 1.0),
        SIGMA,
        names.index(NUMERAIRE),
    )
    place = {code: names.index(code) for code in NAFTA}
    return (
        {code: float(100 * found.exports[at]) for code, at in place.items()},
        {code: float(100 * found.real_gdp[at]) for code, at in place.items()},
    )


def _equilibrium(flows: pd.DataFrame, effect: float) -> tuple[dict[str, float], dict[str, float]]:
    theta = SIGMA - 1
    world = world_from_tables(flows, trade_elasticity=theta, name="agtpa-1994")
    inside = {"origin": list(NAFTA), "destination": list(NAFTA)}
    edit = Edit(layer="trade_cost", where=inside, set=math.exp(effect / theta))
    outcome = run(
        world, Scenario(name="no-nafta", edits=(edit,)), models=["trade"], draws=0,
        deficits="own_share",
    )  # fmt: skip

    def hat(variable: str) -> pd.Series:
        table = outcome.table(variable).set_index("iso3")["median"]
        return 1 + table / 100

    exports = hat("exports") / hat("price_index")[NUMERAIRE]
    gdp = hat("real_wage")
    return (
        {code: float(100 * (1 / exports[code] - 1)) for code in NAFTA},
        {code: float(100 * (1 / gdp[code] - 1)) for code in NAFTA},
    )


def lines(raw: Path | None = None) -> Iterator[Line]:
    """Yield the coefficients of chapter 1 and the effects of NAFTA of chapter 2."""
    folder = raw_folder(raw)
    try:
        require_pyfixest()
    except MissingDataError as error:
        yield left_out(GROUP, SOURCE, str(error), extra="estimate")
        return
    found = chapter_one(folder)
    for column, published in PUBLISHED.items():
        for name, theirs in published.items():
            mine = found[column][name]
            yield Line(GROUP, f"1: {column}, {name}", SOURCE, "log points", mine, theirs, 5.5e-4)
    fitted = fitted_trade(folder)
    ways = (
        ("in its three rounds", _rounds(*fitted), 0.055, 0.0055),
        ("in equilibrium", _equilibrium(*fitted), 0.85, 0.045),
    )
    for way, (exports, gdp), near, near_gdp in ways:
        for code in NAFTA:
            what = f"2: exports of {code} through NAFTA, {way}"
            yield Line(GROUP, what, SOURCE, "%", exports[code], EXPORTS[code], near)
            what = f"2: real GDP of {code} through NAFTA, {way}"
            yield Line(GROUP, what, SOURCE, "%", gdp[code], REAL_GDP[code], near_gdp)
