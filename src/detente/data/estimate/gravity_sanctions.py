"""Effect of complete and partial sanctions on trade, 1950-2014: two lists, several samples.

Cross-border flows with zeros, exporter-year, importer-year and directed pair effects; the domestic
variants add sales at home and border-year effects (every fourth year), which alone can identify
measures of the United Nations.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from detente.data.estimate.panel_cow import (
    FIRST,
    LAST,
    add_domestic,
    add_sanctions,
    finished,
    in_years,
    sanction_table,
    trade_panel,
)
from detente.data.estimate.ppml import add_border_years, fit
from detente.data.estimate.tables import arguments, run_main, write_table

SCRIPT = "detente.data.estimate.gravity_sanctions"
FOURTH_YEARS = range(1962, LAST + 1, 4)
GSDB_TERMS = ["complete", "partial", "financial", "arms"]


def _long(raw: Path, source: str, fill_zeros: bool = True, composite: bool = False) -> pd.DataFrame:
    flows = trade_panel(raw, fill_zeros=fill_zeros)
    return finished(add_sanctions(flows, sanction_table(raw, source, composite)))


def _fit_long(raw: Path, source: str, terms: list[str], labels: dict[str, str]) -> pd.DataFrame:
    return fit(_long(raw, source), "trade", terms, labels)


def gsdb(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """All types, zeros filled: the main specification."""
    return _fit_long(raw, "gsdb", GSDB_TERMS, labels)


def gsdb_rows_only(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """Only rows of the trade file: most zeros are missing."""
    return fit(_long(raw, "gsdb", fill_zeros=False), "trade", GSDB_TERMS, labels)


def gsdb_since_1970(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """From 1970, without Israel and without China-USA, whose coding drives the early sample."""
    panel = _long(raw, "gsdb")
    israel = (panel["exporter"] == "ISR") | (panel["importer"] == "ISR")
    both = panel["exporter"].isin(["CHN", "USA"]) & panel["importer"].isin(["CHN", "USA"])
    kept = panel[(panel["year"] >= 1970) & ~israel & ~both].reset_index(drop=True)
    labels = labels | {"sample": "cow_trade_v4 1970-2014, without ISR and CHN-USA"}
    return fit(kept, "trade", GSDB_TERMS, labels)


def gsdb_since_1990(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """From 1990."""
    panel = _long(raw, "gsdb")
    labels = labels | {"sample": "cow_trade_v4 1990-2014"}
    return fit(panel[panel["year"] >= 1990].reset_index(drop=True), "trade", GSDB_TERMS, labels)


def gsdb_direction(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """Complete sanctions apart for the target's exports and the target's imports."""
    terms = ["complete_of_exporter", "complete_of_importer", "partial", "financial", "arms"]
    return _fit_long(raw, "gsdb", terms, labels)


def gsdb_lead(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """Placebo: not under the measure now, but within three years."""
    panel = _long(raw, "gsdb")
    for kind in ("complete", "partial"):
        panel[f"{kind}_lead"] = in_years(panel, kind, 1, 3) * (1 - panel[kind])
    panel["partial_lead"] *= 1 - panel["complete"]
    return fit(panel, "trade", [*GSDB_TERMS, "complete_lead", "partial_lead"], labels)


def handcoded(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """Hand-coded list, trade measures only."""
    return _fit_long(raw, "handcoded", ["complete", "partial"], labels)


def handcoded_composite(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """Hand-coded list, trade or financial measures, and arms."""
    panel = _long(raw, "handcoded", composite=True)
    return fit(panel, "trade", ["complete", "partial", "arms"], labels)


def _domestic(raw: Path, source: str, composite: bool, labels: dict[str, str]) -> pd.DataFrame:
    flows = add_domestic(raw, trade_panel(raw, years=FOURTH_YEARS))
    sanctions = sanction_table(raw, source, composite)
    panel, border = add_border_years(finished(add_sanctions(flows, sanctions)))
    terms = ["complete", "partial", "arms", "un_complete", "un_partial"]
    terms += [] if composite else ["financial"]
    labels = labels | {"sample": "cow_trade_v4 and wdi_macro 1962-2014 every 4th year, domestic"}
    return fit(panel, "trade", terms, labels, nuisance=tuple(border))


def gsdb_domestic(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """GSDB with domestic sales, every fourth year."""
    return _domestic(raw, "gsdb", False, labels)


def handcoded_domestic(raw: Path, labels: dict[str, str]) -> pd.DataFrame:
    """Hand-coded composite with domestic sales, every fourth year."""
    return _domestic(raw, "handcoded", True, labels)


SPECS: dict[str, Callable[[Path, dict[str, str]], pd.DataFrame]] = {
    f"sanctions_{function.__name__}": function
    for function in (
        gsdb,
        gsdb_rows_only,
        gsdb_since_1970,
        gsdb_since_1990,
        gsdb_direction,
        gsdb_lead,
        gsdb_domestic,
        handcoded,
        handcoded_composite,
        handcoded_domestic,
    )
}


def estimate(raw: Path, spec: str) -> pd.DataFrame:
    """Fit one specification of SPECS.

    Parameters
    ----------
    raw
        Folder of raw tables.
    spec
        Key of SPECS; the function of that name says what it does.
    """
    sample = f"cow_trade_v4 {FIRST}-{LAST}, zeros filled"
    if spec == "sanctions_gsdb_rows_only":
        sample = f"cow_trade_v4 {FIRST}-{LAST}, rows of the file"
    return SPECS[spec](raw, {"spec": spec, "script": SCRIPT, "sample": sample})


def main() -> None:
    """Write one CSV per specification to the out folder."""
    options = arguments(__doc__, tuple(SPECS))
    for spec in options.spec:
        write_table(estimate(options.raw, spec), options.out / f"{spec}.csv")


if __name__ == "__main__":
    run_main(main)
