"""Trade of 2011 by pair in the sectors of the embedded world (wiod2013)."""

from pathlib import Path

import numpy as np

from detente.data.recipes.tables import read_table
from detente.data.sectors import SECTORS

SOURCE = "wiod2013"
SECTOR_OF = {
    "c1": "agriculture", "c2": "energy_mining", "c3": "food", "c4": "textiles", "c5": "textiles",
    "c6": "other_manufacturing", "c7": "other_manufacturing", "c8": "other_manufacturing",
    "c9": "chemicals", "c10": "chemicals", "c11": "metals", "c12": "metals",
    "c13": "machinery", "c14": "machinery", "c15": "vehicles", "c16": "other_manufacturing",
    "c23": "transport_services", "c24": "transport_services", "c25": "transport_services",
    "c26": "transport_services",
}  # fmt: skip
# Margins of wholesale and retail trade are no services trade in the balance of payments.
MARGINS = ("c19", "c20", "c21")


def pair_sectors(raw: Path) -> tuple[list[str], np.ndarray]:
    """Return cross-border trade of 2011 by pair and sector.

    Mining is not divided: all of it stands in the row of energy_mining.

    Parameters
    ----------
    raw
        Folder of raw tables.

    Returns
    -------
    tuple
        Ordered ISO3 list of the 40 economies, and [origin, destination, sector] in million USD.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    table = read_table(raw, "wiod2013/flows.parquet")
    table = table[table["year"] == 2011].astype({"exporter": str, "importer": str, "sector": str})
    table = table[
        (table["exporter"] != "ROW") & (table["importer"] != "ROW")
        & (table["exporter"] != table["importer"]) & ~table["sector"].isin(MARGINS)
    ]  # fmt: skip
    countries = sorted(set(table["exporter"]))
    place = {code: i for i, code in enumerate(countries)}
    sector = table["sector"].map(lambda c: SECTORS.index(SECTOR_OF.get(str(c), "other_services")))
    flow = np.zeros((len(countries), len(countries), len(SECTORS)))
    np.add.at(
        flow,
        (
            table["exporter"].map(place).to_numpy(dtype=int),
            table["importer"].map(place).to_numpy(dtype=int),
            sector.to_numpy(dtype=int),
        ),
        (table["intermediate_musd"] + table["final_musd"]).to_numpy(dtype=float),
    )
    return countries, flow
