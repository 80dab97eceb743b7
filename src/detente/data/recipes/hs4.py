"""How product groups divide into sectors, from exports by HS heading (2017, as a mix only)."""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.recipes.tables import read_table
from detente.data.sectors import GOODS

SOURCE = "hs4_exports_2017"

# First heading, last heading, product group of the WTO table, sector. Later rows override earlier.
CONCORDANCE = (
    (101, 199, "food", "agriculture"), (201, 299, "food", "food"),
    (301, 303, "food", "agriculture"), (304, 305, "food", "food"),
    (306, 308, "food", "agriculture"), (401, 406, "food", "food"),
    (407, 410, "food", "agriculture"), (501, 699, "agri_raw", "agriculture"),
    (701, 709, "food", "agriculture"), (710, 712, "food", "food"),
    (713, 810, "food", "agriculture"), (811, 814, "food", "food"),
    (901, 1005, "food", "agriculture"), (1006, 1006, "food", "food"),
    (1007, 1008, "food", "agriculture"), (1101, 1199, "food", "food"),
    (1201, 1299, "food", "agriculture"), (1208, 1208, "food", "food"),
    (1301, 1499, "agri_raw", "agriculture"), (1501, 1799, "food", "food"),
    (1801, 1801, "food", "agriculture"), (1802, 2399, "food", "food"),
    (2401, 2401, "food", "agriculture"), (2402, 2499, "food", "food"),
    (2501, 2699, "ores_nonferrous", "other_mining"), (2523, 2523, "manuf_other", "metals"),
    (2701, 2703, "fuels", "energy_mining"), (2704, 2708, "fuels", "other_manufacturing"),
    (2709, 2709, "fuels", "energy_mining"), (2710, 2710, "fuels", "other_manufacturing"),
    (2711, 2711, "fuels", "energy_mining"), (2712, 2715, "fuels", "other_manufacturing"),
    (2716, 2716, "fuels", "energy_mining"), (2801, 2999, "chem_other", "chemicals"),
    (3001, 3099, "pharma", "chemicals"), (3101, 3921, "chem_other", "chemicals"),
    (3922, 3926, "manuf_other", "chemicals"), (4001, 4001, "agri_raw", "agriculture"),
    (4002, 4004, "agri_raw", "chemicals"), (4005, 4099, "manuf_other", "chemicals"),
    (4101, 4103, "agri_raw", "food"), (4104, 4399, "manuf_other", "textiles"),
    (4301, 4301, "agri_raw", "agriculture"), (4401, 4402, "agri_raw", "other_manufacturing"),
    (4403, 4403, "agri_raw", "agriculture"), (4404, 4407, "agri_raw", "other_manufacturing"),
    (4408, 4699, "manuf_other", "other_manufacturing"),
    (4501, 4501, "agri_raw", "agriculture"), (4701, 4799, "agri_raw", "other_manufacturing"),
    (4801, 4999, "manuf_other", "other_manufacturing"), (5001, 5003, "agri_raw", "agriculture"),
    (5004, 6099, "textiles", "textiles"), (5101, 5102, "agri_raw", "agriculture"),
    (5103, 5105, "agri_raw", "textiles"), (5201, 5201, "agri_raw", "agriculture"),
    (5202, 5203, "agri_raw", "textiles"), (5301, 5305, "agri_raw", "agriculture"),
    (5501, 5507, "agri_raw", "chemicals"), (6101, 6299, "clothing", "textiles"),
    (6301, 6308, "textiles", "textiles"), (6309, 6310, "agri_raw", "textiles"),
    (6401, 6499, "manuf_other", "textiles"), (6501, 6599, "clothing", "textiles"),
    (6601, 6799, "manuf_other", "other_manufacturing"), (6801, 7099, "manuf_other", "metals"),
    (7101, 7118, "manuf_other", "other_manufacturing"), (7102, 7102, "manuf_other", "other_mining"),
    (7106, 7107, "ores_nonferrous", "metals"), (7108, 7109, "unspecified", "metals"),
    (7110, 7112, "ores_nonferrous", "metals"), (7201, 7307, "iron_steel", "metals"),
    (7204, 7204, "ores_nonferrous", "metals"), (7308, 7399, "manuf_other", "metals"),
    (7401, 8199, "ores_nonferrous", "metals"), (7610, 7616, "manuf_other", "metals"),
    (8201, 8399, "manuf_other", "metals"), (8401, 8499, "machinery_other", "machinery"),
    (8443, 8443, "office_telecom", "machinery"), (8469, 8473, "office_telecom", "machinery"),
    (8501, 8599, "machinery_other", "machinery"), (8517, 8529, "office_telecom", "machinery"),
    (8540, 8542, "office_telecom", "machinery"), (8601, 8699, "transport_other", "vehicles"),
    (8701, 8710, "automotive", "vehicles"), (8711, 8716, "transport_other", "vehicles"),
    (8801, 8999, "transport_other", "vehicles"), (9001, 9199, "manuf_other", "machinery"),
    (9201, 9799, "manuf_other", "other_manufacturing"),
)  # fmt: skip
# Exporters the table leaves out take the pooled exports of similar neighbours.
STAND_INS = {
    "ROU": ("BGR", "HUN", "POL"),
    "SSD": ("TCD", "GNQ", "SDN"),
    "TLS": ("PNG", "VUT", "SLB"),
    "ABW": ("BHS", "BRB", "ATG"),
    "CUW": ("BHS", "BRB", "ATG"),
    "SXM": ("BHS", "BRB", "ATG"),
    "TWN": ("KOR", "JPN", "SGP"),
}
# A group worth less than this (USD) in a country's exports is too small to set its own split.
SMALL_GROUP = 2e6


def sector_split(raw: Path, exporters: list[str], products: list[str]) -> np.ndarray:
    """Return the share of each sector in each product group of an exporter.

    The part of "unspecified" that is not gold has no sector (the share adds to less than one);
    the caller spreads it over the exporter's other goods.

    Parameters
    ----------
    raw
        Folder of raw tables.
    exporters
        Ordered ISO3 list.
    products
        Ordered product groups.

    Returns
    -------
    numpy.ndarray
        [exporter, product, sector] shares over the ten goods sectors.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> sector_split(raw, ["SAU"], ["fuels"])[0, 0, 1]  # doctest: +SKIP
    0.83
    """
    table = read_table(raw, "hs4_exports_2017/exports_hs4_2017.parquet")
    heading = pd.to_numeric(table["product_code"], errors="coerce").fillna(9999).astype(int)
    group_of, sector_of = _lookup(products)
    group = group_of[np.clip(heading.to_numpy(), 0, 9999)]
    sector = sector_of[np.clip(heading.to_numpy(), 0, 9999)]
    labels = sorted(set(table["iso3"]))
    place = {code: i for i, code in enumerate(labels)}
    value = np.zeros((len(labels), len(products), len(GOODS) + 1))
    np.add.at(
        value,
        (table["iso3"].map(place).to_numpy(dtype=int), group, sector),
        table["export_value_usd"].to_numpy(dtype=float),
    )
    world = value.sum(axis=0)
    world_share = world / np.maximum(world.sum(axis=1, keepdims=True), 1e-300)
    out = np.zeros((len(exporters), len(products), len(GOODS)))
    for number, code in enumerate(exporters):
        sources = [place[c] for c in (code, *STAND_INS.get(code, ())) if c in place]
        own = value[sources[:1] if code in place else sources].sum(axis=0)
        total = own.sum(axis=1, keepdims=True)
        share = np.where(total >= SMALL_GROUP, own / np.maximum(total, 1e-300), world_share)
        out[number] = share[:, :-1]
    return out


def _lookup(products: list[str]) -> tuple[np.ndarray, np.ndarray]:
    place = {name: i for i, name in enumerate(products)}
    group = np.full(10000, place["unspecified"])
    sector = np.full(10000, len(GOODS))
    for first, last, product, name in CONCORDANCE:
        group[first : last + 1] = place[product]
        sector[first : last + 1] = GOODS.index(name)
    return group, sector
