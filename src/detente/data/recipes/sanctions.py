"""Sanctions in force at the end of 2025 (sanctions_handcoded)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

from detente.data.recipes.blocs import members
from detente.data.recipes.tables import described, flags, pair_grid, read_table

SOURCE = "sanctions_handcoded"
DATE = "2025-12-31"
YEAR = 2025
PARTIAL, BROAD, COMPLETE = 1, 2, 3
CONFIDENCE = {"low": 1, "medium": 2, "high": 3}

RULE = (
    "The source's 1 (sectoral) is partial and its 2 (near-comprehensive) is complete. Every "
    "sanctioner of Russia with 1 or 2 is broad, because the measured fall of trade with Russia "
    "from 2019 to 2023 lies between the two; Ukraine and Russia stay complete on each other. "
)


def _level(row: pd.Series) -> int:
    """Return the level of one trade sanction by the rule above."""
    if row.trade_eoy == 0:
        return 0
    if row.target == "RUS" and row.sender != "UKR":
        return BROAD
    return PARTIAL if row.trade_eoy == 1 else COMPLETE


def _spell_confidence(raw: Path) -> pd.DataFrame:
    """Return the weakest confidence of the spells in force, by sender as listed and target."""
    spells = read_table(raw, "sanctions_handcoded/sanction_spells.parquet")
    running = (spells.start <= DATE) & (spells.end.isna() | (spells.end > DATE))
    spells = spells[running & (spells.scope == "state")]
    code = spells.confidence.map(CONFIDENCE)
    return spells.assign(code=code).groupby(["sender", "target"]).code.min().reset_index()


def _with_confidence(raw: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Join the confidence of the act, which may be by or against an organisation."""
    spells = _spell_confidence(raw)
    acts = zip(spells.sender, spells.target, strict=True)
    known = dict(zip(acts, spells.code.astype(int), strict=True))
    union = set(members(raw).query("org == 'EU'").iso3)
    codes = []
    for row in rows.itertuples():
        sender = row.sender if row.via == "own" else row.via
        targets = [row.target, "EU"] if row.target in union else [row.target]
        found = [known[sender, target] for target in targets if (sender, target) in known]
        codes.append(min(found))
    return rows.assign(confidence=codes)


def sanctions(raw: Path, countries: Sequence[str]) -> xr.Dataset:
    """Return sanctions by type; origin is the sender and destination the target.

    Parameters
    ----------
    raw
        Folder of raw tables.
    countries
        Ordered ISO3 list.

    Returns
    -------
    xarray.Dataset
        sanction_trade (0 none, 1 partial, 2 broad, 3 complete), sanction_financial (0-2),
        sanction_arms, sanction_travel (0-1) and sanction_confidence (0 none, 1 low, 2 medium,
        3 high), all [origin, destination].

    Raises
    ------
    MissingDataError
        The raw table is not at hand.

    Examples
    --------
    >>> grid = sanctions(raw, ["CUB", "USA"]).sanction_trade  # doctest: +SKIP
    >>> grid.sel(origin="USA", destination="CUB").item()  # doctest: +SKIP
    3
    """
    table = read_table(raw, "sanctions_handcoded/sanction_dyad_year.parquet")
    kinds = ["trade_eoy", "financial_eoy", "arms_eoy", "travel_eoy"]
    rows = table[(table.year == YEAR) & (table[kinds].max(axis=1) > 0)].copy()
    rows["level"] = rows.apply(_level, axis=1)
    rows = _with_confidence(raw, rows)
    keys = ("sender", "target")
    common = (
        "0 means that the list of main regimes names none; personal listings without a regime "
        "are not in it. Measures of the United Nations count where a member has its own act."
    )
    notes = {
        "sanction_trade": ("level", RULE + common),
        "sanction_financial": ("financial_eoy", common),
        "sanction_arms": ("arms_eoy", common),
        "sanction_travel": ("travel_eoy", common),
        "sanction_confidence": (
            "confidence",
            "Weakest confidence of the acts in force behind a pair: 1 low, 2 medium, 3 high, "
            "0 where there is no sanction.",
        ),
    }
    layers = {}
    for name, (column, note) in notes.items():
        grid = flags(pair_grid(rows, keys, column, countries, fill=0))
        layers[name] = described(grid, SOURCE, DATE, note)
    return xr.Dataset(layers)
