"""Services trade by pair as OECD members report it (mean of 2016-2019)."""

from pathlib import Path

import pandas as pd

from detente.data.recipes.tables import read_table

SOURCE = "oecd_services"
YEARS = (2016, 2019)


def service_pairs(raw: Path) -> pd.DataFrame:
    """Return services trade by pair, mean of the reports of both sides.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    pandas.DataFrame
        Columns origin, destination (codes of the source, groups included), value (million USD a
        year, mean over 2016-2019 and over reports of exporter and importer), reports (1 or 2).

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    table = read_table(raw, "oecd_services/services_total_2000_2019.parquet")
    table = table[table["year"].between(*YEARS) & (table["value_musd"] >= 0)]
    exports = table[table["flow"] == "exports"].rename(
        columns={"reporter": "origin", "partner": "destination"}
    )
    imports = table[table["flow"] == "imports"].rename(
        columns={"partner": "origin", "reporter": "destination"}
    )
    keys = ["origin", "destination"]
    means = [
        side.astype({"origin": str, "destination": str}).groupby(keys)["value_musd"].mean()
        for side in (exports, imports)
    ]
    both = pd.concat(means, axis=1, keys=["exporter", "importer"])
    return (
        pd.DataFrame({"value": both.mean(axis=1), "reports": both.notna().sum(axis=1)})
        .reset_index()
        .sort_values(keys, ignore_index=True)
    )
