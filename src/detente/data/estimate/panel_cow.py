"""The long panel: bilateral trade 1950-2014 with zeros, and sanctions between the two states."""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.estimate.ppml import three_way_keys
from detente.data.estimate.tables import raw_table

FIRST, LAST = 1950, 2014
SANCTIONS = {
    "gsdb": "sanctions_gsdb_r4/gsdb_dyad_year.parquet",
    "handcoded": "sanctions_handcoded/sanction_dyad_year.parquet",
}


def trade_panel(raw: Path, years: range | None = None, fill_zeros: bool = True) -> pd.DataFrame:
    """Return directed flows, zeros filled where both states report any trade that year.

    The table holds positive values only. Leaving out the zeros would hide three quarters of the
    cells under complete sanctions, the very cells that show the effect.

    Parameters
    ----------
    raw
        Folder of raw tables.
    years
        Years to keep; all from 1950 to 2014 if absent.
    fill_zeros
        False keeps only the rows of the file.

    Returns
    -------
    pandas.DataFrame
        exporter, importer, year, trade (million current USD).
    """
    table = pd.read_parquet(raw_table(raw, "cow_trade_v4/trade_dyad_year.parquet"))
    years = years or range(FIRST, LAST + 1)
    table = table[table["year"].isin(years)]
    a_imports = {"iso3_b": "exporter", "iso3_a": "importer", "imp_a_from_b": "trade"}
    b_imports = {"iso3_a": "exporter", "iso3_b": "importer", "imp_b_from_a": "trade"}
    columns = ["exporter", "importer", "year", "trade"]
    flows = pd.concat(
        [table.rename(columns=a_imports)[columns], table.rename(columns=b_imports)[columns]]
    )
    flows["trade"] = flows["trade"].fillna(0.0).clip(lower=0.0)
    if not fill_zeros:
        return flows.reset_index(drop=True)
    traded = flows[flows["trade"] > 0]
    pairs = traded[["exporter", "importer"]].drop_duplicates()
    active_out = traded[["exporter", "year"]].drop_duplicates()
    active_in = traded[["importer", "year"]].drop_duplicates()
    cells = pairs.merge(active_out, on="exporter").merge(active_in, on=["importer", "year"])
    filled = cells.merge(flows, on=["exporter", "importer", "year"], how="left")
    filled["trade"] = filled["trade"].fillna(0.0)
    return filled[columns]


def add_domestic(raw: Path, flows: pd.DataFrame) -> pd.DataFrame:
    """Add sales at home as GDP minus exports, where that is positive.

    GDP is value added and exports are gross, so the level is too small; the pair effect of the
    domestic cell takes up a factor that does not change over time.
    """
    gdp = pd.read_parquet(raw_table(raw, "wdi_macro/gdp_population_1960_2024.parquet"))
    exports = flows.groupby(["exporter", "year"], as_index=False)["trade"].sum()
    home = exports.merge(gdp, left_on=["exporter", "year"], right_on=["iso3", "year"])
    home["trade"] = home["gdp_usd"] / 1e6 - home["trade"]
    home = home[home["trade"] > 0].assign(importer=home["exporter"])
    return pd.concat([flows, home[flows.columns]], ignore_index=True)


def sanction_table(raw: Path, source: str, composite: bool = False) -> pd.DataFrame:
    """Return directed sanctions: sender, target, year and 0/1 columns complete, partial, others.

    Parameters
    ----------
    raw
        Folder of raw tables.
    source
        `gsdb` or `handcoded`.
    composite
        Count comprehensive financial sanctions as complete and partial ones as partial: in the
        hand-coded list the two kinds move together and cannot be told apart.
    """
    table = pd.read_parquet(raw_table(raw, SANCTIONS[source]))
    level = table["trade"].astype(int)
    if composite:
        level = np.maximum(level, table["financial"].astype(int))
    kinds = {
        "complete": (level == 2).astype(int),
        "partial": (level == 1).astype(int),
        "financial": (table["financial"] > 0).astype(int),
        "arms": (table["arms"] > 0).astype(int),
    }
    if composite:
        del kinds["financial"]
    return table[["sender", "target", "year"]].assign(**kinds)


def add_sanctions(flows: pd.DataFrame, sanctions: pd.DataFrame) -> pd.DataFrame:
    """Add the sanctions in force between the two states, whoever imposed them.

    Parameters
    ----------
    flows
        exporter, importer, year.
    sanctions
        Table from `sanction_table`.

    Returns
    -------
    pandas.DataFrame
        The flows with one 0/1 column per kind (the strongest counts: partial is 0 under complete),
        `complete_of_exporter` and `complete_of_importer` (the flow's exporter or importer is the
        target), and `un_complete`, `un_partial` for UN measures on either side.
    """
    kinds = [c for c in sanctions.columns if c not in ("sender", "target", "year")]
    key = ["exporter", "importer", "year"]
    of_importer = sanctions.rename(columns={"sender": "exporter", "target": "importer"})
    of_exporter = sanctions.rename(columns={"sender": "importer", "target": "exporter"})
    either = pd.concat([of_importer, of_exporter]).groupby(key, as_index=False)[kinds].max()
    panel = flows.merge(either, on=key, how="left")
    for name, table in (("importer", of_importer), ("exporter", of_exporter)):
        own = table.loc[table["complete"] == 1, key].drop_duplicates()
        panel = panel.merge(own.assign(**{f"complete_of_{name}": 1}), on=key, how="left")
    united_nations = sanctions[sanctions["sender"] == "UN"]
    measures = united_nations.groupby(["target", "year"])[["complete", "partial"]].max()
    for kind in ("complete", "partial"):
        sides = [
            pd.Series(
                measures[kind].reindex(pd.MultiIndex.from_frame(panel[[side, "year"]])).to_numpy()
            ).fillna(0)
            for side in ("exporter", "importer")
        ]
        panel[f"un_{kind}"] = np.maximum(sides[0], sides[1]) * (
            panel["exporter"] != panel["importer"]
        )
    added = [c for c in panel.columns if c not in flows.columns]
    panel[added] = panel[added].fillna(0).astype(float)
    panel["partial"] *= 1 - panel["complete"]
    return panel


def in_years(panel: pd.DataFrame, kind: str, first: int, last: int) -> np.ndarray:
    """Return 1 where the kind was in force in any of the years t + first to t + last.

    Parameters
    ----------
    panel
        Has exporter, importer, year and the 0/1 column `kind`.
    kind
        Column name.
    first, last
        Years ahead (positive) or back (negative).
    """
    on = panel.loc[panel[kind] == 1, ["exporter", "importer", "year"]]
    shifted = [on.assign(year=on["year"] - shift) for shift in range(first, last + 1)]
    hit = pd.MultiIndex.from_frame(pd.concat(shifted).drop_duplicates())
    return pd.MultiIndex.from_frame(panel[["exporter", "importer", "year"]]).isin(hit).astype(float)


def finished(panel: pd.DataFrame) -> pd.DataFrame:
    """Add the keys of the fixed effects and drop what the fit does not need."""
    return three_way_keys(panel.reset_index(drop=True))
