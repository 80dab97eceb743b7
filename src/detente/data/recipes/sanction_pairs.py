"""Pairs whose trade was under sanctions in 2023 (compiled by hand)."""

from pathlib import Path

import numpy as np

from detente.data.recipes.tables import read_table

SOURCE = "sanctions_handcoded"
# Since 2022 the measures on these targets cut most trade although each is coded "partial".
BROAD_TARGETS = ("RUS", "BLR")
COMPLETE = 2


def sanctioned(raw: Path, countries: list[str], year: int = 2023) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs under broad or complete trade sanctions.

    A pair counts in both directions whichever side is the sender. Measures of the United Nations
    on North Korea reach all its pairs.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.
    year
        Year of the measures.

    Returns
    -------
    tuple of numpy.ndarray
        bool [origin, destination]: broad or complete; complete only.

    Raises
    ------
    MissingDataError
        The raw table is not at hand.
    """
    table = read_table(
        raw,
        "sanctions_handcoded/sanction_dyad_year.parquet",
        ["sender", "target", "year", "trade"],
    )
    table = table[(table["year"] == year) & (table["trade"] >= 1)]
    place = {code: i for i, code in enumerate(countries)}
    count = len(countries)
    broad, complete = np.zeros((count, count), bool), np.zeros((count, count), bool)
    for sender, target, level in zip(table["sender"], table["target"], table["trade"], strict=True):
        if target not in place or (sender not in place and sender != "UN"):
            continue
        if sender == "UN" and target != "PRK":
            continue
        # What is left of trade with the broad targets is measured, so no coded level replaces it.
        is_broad = target in BROAD_TARGETS or sender in BROAD_TARGETS
        is_complete = level >= COMPLETE and not is_broad
        if is_complete or is_broad:
            o, d = slice(None) if sender == "UN" else place[sender], place[target]
            broad[o, d] = broad[d, o] = True
            if is_complete:
                complete[o, d] = complete[d, o] = True
    np.fill_diagonal(broad, False)
    np.fill_diagonal(complete, False)
    return broad, complete
