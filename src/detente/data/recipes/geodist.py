"""Distance, common border and language by pair (CEPII GeoDist)."""

from pathlib import Path

import numpy as np

from detente.data.recipes.tables import read_table

SOURCE = "geodist"
# States the source lacks take the distances of the neighbour they are nearest to.
STAND_INS = {"SXM": "KNA", "CUW": "ABW", "MNE": "SRB", "SSD": "SDN"}


def pair_geography(raw: Path, countries: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return distance, common border and common official language.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    tuple of numpy.ndarray
        Each [origin, destination]: km between main cities, at least 50 km between different
        states; 0 or 1; 0 or 1.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    table = read_table(
        raw,
        "geodist/dist_cepii.parquet",
        ["iso_o", "iso_d", "dist", "contig", "comlang_off"],
    )
    names = [STAND_INS.get(code, code) for code in countries]
    grids = []
    for column in ("dist", "contig", "comlang_off"):
        wide = table.pivot(index="iso_o", columns="iso_d", values=column)
        grids.append(wide.reindex(index=names, columns=names).to_numpy(dtype=float))
    distance, border, language = grids
    return np.maximum(distance, 50.0), border, language
