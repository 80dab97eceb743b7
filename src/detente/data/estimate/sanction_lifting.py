"""What remains of the effect after complete sanctions end: years 1-4 and 5-8.

The remaining share is the ratio of two coefficients of one fit, its standard error by the delta
method. A scenario that lifts sanctions must not restore the old trade at once.
"""

from pathlib import Path

import pandas as pd

from detente.data.estimate.panel_cow import (
    FIRST,
    LAST,
    add_sanctions,
    finished,
    in_years,
    sanction_table,
    trade_panel,
)
from detente.data.estimate.ppml import fit
from detente.data.estimate.tables import arguments, run_main, write_table

SCRIPT = "detente.data.estimate.sanction_lifting"
SPECS = ("lifting_gsdb", "lifting_gsdb_clean", "lifting_gsdb_narrow", "lifting_handcoded")


def estimate(raw: Path, spec: str) -> pd.DataFrame:
    """Fit one specification.

    Parameters
    ----------
    raw
        Folder of raw tables.
    spec
        One of SPECS: each list; GSDB counting as lifted only where no partial sanction follows
        (clean); GSDB without Israel, whose expanded coalitions stay coded as complete long after
        trade resumed, and without China-USA, where growth of another kind followed (narrow).
    """
    source = "handcoded" if spec == "lifting_handcoded" else "gsdb"
    panel = add_sanctions(trade_panel(raw), sanction_table(raw, source))
    sample = f"cow_trade_v4 {FIRST}-{LAST}, zeros filled"
    if spec == "lifting_gsdb_narrow":
        israel = (panel["exporter"] == "ISR") | (panel["importer"] == "ISR")
        both = panel["exporter"].isin(["CHN", "USA"]) & panel["importer"].isin(["CHN", "USA"])
        panel = panel[~israel & ~both]
        sample += ", without ISR and CHN-USA"
    panel = panel.reset_index(drop=True)
    over = 1 - panel["complete"]
    if spec == "lifting_gsdb_clean":
        over *= 1 - panel["partial"]
    panel["lifted_1_4"] = in_years(panel, "complete", -4, -1) * over
    panel["lifted_5_8"] = in_years(panel, "complete", -8, -5) * over * (1 - panel["lifted_1_4"])
    terms = ["complete", "lifted_1_4", "lifted_5_8", "partial"]
    ratios = {
        "persistence_1_4": ("lifted_1_4", "complete"),
        "persistence_5_8": ("lifted_5_8", "complete"),
    }
    nuisance = ("financial", "arms") if source == "gsdb" else ()
    labels = {"spec": spec, "script": SCRIPT, "sample": sample}
    return fit(finished(panel), "trade", terms, labels, nuisance=nuisance, ratios=ratios)


def main() -> None:
    """Write one CSV per specification to the out folder."""
    options = arguments(__doc__, SPECS)
    for spec in options.spec:
        write_table(estimate(options.raw, spec), options.out / f"{spec}.csv")


if __name__ == "__main__":
    run_main(main)
