"""Priors of trade elasticities by sector, from eight published sources.

The sources disagree in two ways: in the level of all elasticities (method and data), and in how
sectors rank. Both spreads are kept, in logs: a draw moves all sectors together by the level, and
each sector by itself. docs/explanation/estimates.md gives the rule and its reasons.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.data import sectors
from detente.data.estimate.tables import (
    DATA,
    PARAMETER_COLUMNS,
    arguments,
    raw_table,
    read_table,
    run_main,
    write_table,
)

CONCORDANCE = DATA / "elasticity_concordance.csv"
CELLS = DATA / "elasticity_cells.csv"
SCRIPT = "detente.data.estimate.elasticities"

# Values outside are moved to the bound: below 1 a foreign good could not be replaced even in the
# long run (0.37 and 0.64 are printed with standard errors above their own size); above 20 lie only
# the two petroleum values (51, 65), which rest on a handful of tariff lines.
LOWEST, HIGHEST = 1.0, 20.0
LEVEL_FLOOR = 0.25
SCALE_FLOOR, SCALE_CEILING = 0.15, 0.60
# The pooled spread counts like this many sources in a sector's own spread.
POOLED_WEIGHT = 4
WIOD = tuple(f"c{i}" for i in range(1, 36))
SECTORS = {"world12": sectors.SECTORS, "wiod35": WIOD}
SERVICES = {"world12": sectors.SERVICES, "wiod35": WIOD[16:]}
COLUMN = {"world12": "sector12", "wiod35": "sector35"}


def tamed_cells(values: pd.DataFrame, concordance: pd.DataFrame) -> pd.DataFrame:
    """Return one elasticity per source and sector: the weighted geometric mean of tamed values.

    Parameters
    ----------
    values
        Published numbers: source, sector, theta (positive).
    concordance
        source, source_sector, sector12, sector35, weight (sums to one per source sector).

    Returns
    -------
    pandas.DataFrame
        source, world_sectors, sector, theta, n_values.

    Raises
    ------
    ValueError
        If a source sector has no row in the concordance.

    Examples
    --------
    >>> cells = read_table(CELLS)
    >>> cells.theta.between(LOWEST, HIGHEST).all().item()
    True
    """
    tamed = values.assign(log=np.log(values["theta"].clip(LOWEST, HIGHEST)))
    joined = tamed.merge(
        concordance,
        left_on=["source", "sector"],
        right_on=["source", "source_sector"],
        how="left",
        suffixes=("_of_source", ""),
    )
    lost = joined.loc[joined["weight"].isna(), ["source", "sector"]]
    if len(lost):
        raise ValueError(f"no row in {CONCORDANCE.name} for {lost.to_dict('records')}")
    pieces = []
    for world_sectors, column in COLUMN.items():
        grouped = joined.assign(part=joined["log"] * joined["weight"]).groupby(["source", column])
        mean = grouped["part"].sum() / grouped["weight"].sum()
        piece = pd.DataFrame({"theta": np.exp(mean), "n_values": grouped.size()}).reset_index()
        piece = piece.rename(columns={column: "sector"})
        order = piece["sector"].map({s: i for i, s in enumerate(SECTORS[world_sectors])})
        piece = piece.assign(order=order).sort_values(["source", "order"])
        pieces.append(piece.assign(world_sectors=world_sectors))
    return pd.concat(pieces)[["source", "world_sectors", "sector", "theta", "n_values"]]


def log_table(cells: pd.DataFrame, world_sectors: str) -> pd.DataFrame:
    """Return the log elasticities as sectors x sources, missing where a source has none."""
    own = cells[cells["world_sectors"] == world_sectors]
    table = own.pivot(index="sector", columns="source", values="theta")
    return table.reindex(list(SECTORS[world_sectors])).transform(np.log)


def source_levels(cells: pd.DataFrame) -> pd.Series:
    """Return each source's level: the median log elasticity over the goods sectors it has."""
    table = log_table(cells, "world12")
    return table.drop(index=list(SERVICES["world12"])).median(axis=0)


def level_spread(levels: pd.Series) -> float:
    """Return the standard deviation of the sources' levels, not below the floor."""
    return max(float(levels.std(ddof=1)), LEVEL_FLOOR)


def sector_priors(cells: pd.DataFrame, world_sectors: str) -> pd.DataFrame:
    """Return the log-normal prior of each sector: location, scale, n_obs.

    Parameters
    ----------
    cells
        Table from `tamed_cells`.
    world_sectors
        `world12` or `wiod35`.

    Returns
    -------
    pandas.DataFrame
        Index sector; location (median, natural units), scale (sd in logs, beyond the level),
        n_obs (sources with a value of their own).
    """
    logs = log_table(cells, world_sectors)
    levels = source_levels(cells)
    tau = level_spread(levels)
    goods = logs.drop(index=list(SERVICES[world_sectors]))
    deviation = goods - levels
    # A source without the sector says "as my other sectors": deviation zero.
    centre = deviation.fillna(0.0).median(axis=1)
    residual = deviation.sub(centre, axis=0)
    pooled = np.nanmedian(np.abs(residual)) * 1.4826
    count = residual.notna().sum(axis=1)
    variance = ((residual**2).sum(axis=1) + POOLED_WEIGHT * pooled**2) / (count + POOLED_WEIGHT)
    location = np.exp(levels.median() + centre)
    # Services face no tariffs, so their sources assume rather than measure: no level is taken off,
    # and what the level does not explain of their whole spread is the sector's own.
    services = logs.loc[list(SERVICES[world_sectors])]
    enough = services.notna().sum(axis=1) > 2
    centre = services.median(axis=1).where(enough, services.stack().median())
    own_variance = services.sub(centre, axis=0).pow(2).mean(axis=1) - tau**2
    own_variance = own_variance.where(enough, pooled**2)
    result = pd.DataFrame(
        {
            "location": pd.concat([location, centre.transform(np.exp)]),
            "scale": pd.concat([variance, own_variance.clip(lower=pooled**2)]).pow(0.5),
            "n_obs": logs.notna().sum(axis=1),
        }
    )
    result["scale"] = result["scale"].clip(SCALE_FLOOR, SCALE_CEILING)
    return result.reindex(logs.index)


def parameter_rows(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `parameters.csv` for the name `trade_elasticity`.

    Parameters
    ----------
    cells
        Table from `tamed_cells` (shipped as `elasticity_cells.csv`).
    """
    levels = source_levels(cells)
    tables = [sector_priors(cells, w).assign(world_sectors=w) for w in SECTORS]
    one = pd.DataFrame(
        {
            "location": [float(np.exp(levels.median()))],
            "scale": [SCALE_FLOOR],
            "n_obs": [len(levels)],
            "world_sectors": ["one"],
        },
        index=pd.Index(["total"], name="sector"),
    )
    rows = pd.concat([*tables, one]).reset_index(names="sector")
    assumed = rows["sector"].isin(SERVICES["world12"] + SERVICES["wiod35"])
    return rows.assign(
        name="trade_elasticity",
        distribution="lognormal",
        lower=LOWEST,
        upper=HIGHEST,
        unit="elasticity",
        loading_level=level_spread(levels),
        source="eight published sources (elasticity_cells.csv)",
        sample="values tamed to [1, 20]; see elasticity_concordance.csv",
        script=SCRIPT,
        note=np.where(assumed, "assumed in the sources, not estimated", ""),
    )[list(PARAMETER_COLUMNS)]


def read_values(raw: Path) -> pd.DataFrame:
    """Read the published elasticities; sector labels stay text."""
    path = raw_table(raw, "elasticities/trade_elasticities.csv")
    return pd.read_csv(path, dtype={"sector": str}, keep_default_na=False)


def main() -> None:
    """Write elasticity_cells.csv and the elasticity rows of parameters.csv to the out folder."""
    options = arguments(__doc__)
    concordance = pd.read_csv(CONCORDANCE, dtype={"source_sector": str}, keep_default_na=False)
    cells = tamed_cells(read_values(options.raw), concordance)
    write_table(cells, options.out / CELLS.name)
    write_table(
        parameter_rows(read_table(options.out / CELLS.name)),
        options.out / "parameters_trade_elasticity.csv",
    )


if __name__ == "__main__":
    run_main(main)
