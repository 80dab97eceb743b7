"""Effect of trade agreements on flows, with domestic sales, border-year effects and lags.

Data and design: Yotov, Piermartini, Monteiro & Larch (2016), An Advanced Guide to Trade Policy
Analysis, chapter 1; manufacturing, 69 countries, every fourth year 1986-2006.
"""

from pathlib import Path

import pandas as pd

from detente.data.estimate.ppml import add_border_years, fit, three_way_keys
from detente.data.estimate.tables import arguments, raw_table, run_main, write_table

SCRIPT = "detente.data.estimate.gravity_agreements"
YEARS = (1986, 1990, 1994, 1998, 2002, 2006)
LAGS = ["rta", "rta_lag4", "rta_lag8", "rta_lag12"]
SPECS = (
    "agreement_guide",
    "agreement_international",
    "agreement_domestic",
    "agreement_border",
    "agreement_lead",
    "agreement_lags",
)


def panel(raw: Path) -> pd.DataFrame:
    """Read the manufacturing panel, domestic sales included, every fourth year."""
    table = pd.read_parquet(raw_table(raw, "agtpa/agtpa_1986_2006_69.parquet"))
    return three_way_keys(table[table["year"].isin(YEARS)].reset_index(drop=True))


def estimate(raw: Path, spec: str) -> pd.DataFrame:
    """Fit one specification.

    Parameters
    ----------
    raw
        Folder of raw tables.
    spec
        One of SPECS: as published, with undirected pair effects; cross-border flows only; with
        domestic sales; with border-year effects; with a four-year lead as placebo; with lags of
        4, 8 and 12 years and their sum.
    """
    flows = panel(raw)
    labels = {"spec": spec, "script": SCRIPT, "sample": "agtpa 1986-2006 every 4th year"}
    if spec == "agreement_guide":
        undirected = "exporter_year + importer_year + tie"
        return fit(flows, "trade", ["rta"], labels, fixed_effects=undirected)
    if spec == "agreement_international":
        abroad = flows[flows["exporter"] != flows["importer"]].reset_index(drop=True)
        return fit(abroad, "trade", ["rta"], labels)
    if spec == "agreement_domestic":
        return fit(flows, "trade", ["rta"], labels)
    flows, border = add_border_years(flows)
    terms = {
        "agreement_border": ["rta"],
        "agreement_lead": ["rta", "rta_lead4"],
        "agreement_lags": LAGS,
    }[spec]
    sums = {"rta_total": LAGS} if spec == "agreement_lags" else None
    return fit(flows, "trade", terms, labels, nuisance=tuple(border), sums=sums)


def main() -> None:
    """Write one CSV per specification to the out folder."""
    options = arguments(__doc__, SPECS)
    for spec in options.spec:
        write_table(estimate(options.raw, spec), options.out / f"{spec}.csv")


if __name__ == "__main__":
    run_main(main)
