"""The composite index of national capability, from the user's own copy of the tables.

National Material Capabilities (Singer, Bremer & Stuckey 1972; version 7.0) may not be embedded. It
ends in 2022 and is carried forward in logs without drift: over three years the root mean square
change of log CINC was 0.09 (states above 0.005, 1995-2022), so the standard deviation grows with
the square root of the years. Where military spending moved far more than that, the deviation is
what the change of one of the six components would do if its share equalled the mean of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from detente.errors import DataError, MissingDataError
from detente.files.worlds import worlds_folder

COLUMNS = ("iso3", "year", "cinc")
# Name of the table that `detente data add nmc` keeps beside the user's own worlds.
OWN_TABLE = "nmc.csv"
SD_THREE_YEARS = 0.09
COMPONENTS = 6
# Military spending in constant prices, 2025 over 2021 (SIPRI, April 2026).
SPENDING_GROWTH = {"RUS": 2.3, "UKR": 11.6, "POL": 2.2, "ISR": 1.9}
# World sums of the published index: 1.00-1.05.
LARGEST_SUM = 1.1


@dataclass(frozen=True)
class Cinc:
    """CINC of one year, carried forward.

    Attributes
    ----------
    countries : codes
    share : index, [country]; NaN where the table has no such state
    sd_log : standard deviation of log share, [country]
    year, last : year asked for and last year of the table
    """

    countries: tuple[str, ...]
    share: np.ndarray
    sd_log: np.ndarray
    year: int
    last: int

    def draw(self, draws: int, seed: int) -> np.ndarray:
        """Return [draw, country]; draw n does not depend on how many there are."""
        shocks = np.stack([
            np.random.default_rng([seed, number]).standard_normal(len(self.share))
            for number in range(draws)
        ])  # fmt: skip
        return self.share * np.exp(self.sd_log * shocks)


def read_nmc(table: pd.DataFrame | Path | str | None, countries: Sequence[str], year: int) -> Cinc:
    """Read CINC for the countries of a world and carry it to a year.

    Parameters
    ----------
    table
        Rows of iso3, year, cinc, or the path of a Parquet or CSV file of them; None for the
        table that `detente data add nmc` has kept.
    countries
        Ordered codes.
    year
        Year to carry to.

    Raises
    ------
    MissingDataError
        If the file is absent.
    DataError
        If columns are missing, a value lies outside 0-1, the shares of the year add to far more
        than one, or the year lies before the table.

    Examples
    --------
    >>> rows = pd.DataFrame({"iso3": ["USA", "CHN"], "year": 2022, "cinc": [0.12, 0.23]})
    >>> found = read_nmc(rows, ["USA", "CHN", "FRA"], 2025)
    >>> found.share.tolist(), round(float(found.sd_log[0]), 2)
    ([0.12, 0.23, nan], 0.09)
    """
    rows = _rows(worlds_folder() / OWN_TABLE if table is None else table)
    last = int(rows["year"].max())
    if year < int(rows["year"].min()):
        raise DataError(f"the capabilities begin in {rows['year'].min()}, after {year}")
    chosen = rows[rows["year"] == min(year, last)].groupby("iso3")["cinc"].max()
    if chosen.sum() > LARGEST_SUM:
        raise DataError(
            f"shares of {min(year, last)} add to {chosen.sum():.2f}: cinc is a share of the world"
        )
    ahead = max(year - last, 0)
    spread = np.full(len(countries), SD_THREE_YEARS * np.sqrt(ahead / 3))
    for place, code in enumerate(countries):
        if ahead and code in SPENDING_GROWTH:
            jump = np.log1p((SPENDING_GROWTH[code] - 1) / COMPONENTS)
            spread[place] = max(spread[place], jump)
    share = chosen.reindex(list(countries)).to_numpy(dtype=float)
    return Cinc(tuple(countries), share, spread, year, last)


def _rows(table: pd.DataFrame | Path | str) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        path = Path(table)
        if not path.is_file():
            raise MissingDataError(
                f"no capabilities at {path}; get National Material Capabilities from the "
                "Correlates of War project and name the file, or keep it with `detente data add "
                "nmc PATH`"
            )
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
        else:
            # NA would otherwise read Namibia's code as missing.
            table = pd.read_csv(path, keep_default_na=False, na_values={"cinc": [""]})
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise DataError(
            f"capabilities need the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}"
        )
    rows = table[list(COLUMNS)].dropna()
    wrong = rows[(rows["cinc"] < 0) | (rows["cinc"] > 1)]
    if len(wrong) or rows.empty:
        where = f"{wrong.iloc[0].to_dict()}" if len(wrong) else "no rows"
        raise DataError(f"cinc must be a share between 0 and 1: {where}")
    return rows
