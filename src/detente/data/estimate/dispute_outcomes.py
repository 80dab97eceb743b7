"""Score what capabilities say about how disputes end: the proportional reduction in loss.

After Carroll & Kenkel (2019, American J. Political Science 63:577): bilateral disputes end in
victory of A, of B, or neither; classifiers on the components of national capability are scored by
ten-fold cross-validation, as 1 minus log loss over that of the outcomes' shares. The record also
holds what the year alone reaches, and a split in time, where the shares of outcomes of the later
years beat the forest: the score is not a chance of winning wars. Run as
`python -m detente.data.estimate.dispute_outcomes --raw DIR`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.data.estimate.tables import DATA, arguments, raw_table, run_main
from detente.errors import MissingDataError
from detente.files.atomic import write_text

SCRIPT = "detente.data.estimate.dispute_outcomes"
RECORD = DATA / "dispute_outcomes.json"
COMPONENTS = ("milex", "milper", "irst", "pec", "tpop", "upop")
# Codes of the outcome: victory of A or yield of B, victory of B or yield of A, stalemate. Others
# (compromise, released, unclear, joined a war) are left out.
OUTCOMES = {1: 0, 4: 0, 2: 1, 3: 1, 5: 2}
FOLDS, REPEATS, TREES, LEAF, LEAF_YEAR, SEED = 10, 3, 300, 5, 20, 1816
SPLIT = 1980
FLOOR = 1e-4  # no forecast says never


def panel(raw: Path) -> pd.DataFrame:
    """Return one row a bilateral dispute: year, outcome 0-2, and both sides' components.

    Columns end in _a for side A; `share_` are shares of the world's total that year, the rest
    are logs of 1 plus the level. What is not known counts as zero and has a flag.

    Parameters
    ----------
    raw
        Folder of raw tables.
    """
    pairs = pd.read_parquet(raw_table(raw, "mids/cow_mid5_dyad_dispute_year.parquet"))
    disputes = pd.read_parquet(raw_table(raw, "mids/cow_mid5_disputes.parquet"))
    pairs = pairs.assign(pair=1000 * pairs["ccode_a"] + pairs["ccode_b"]).sort_values("year")
    first = pairs[pairs.groupby("dispnum")["pair"].transform("nunique") == 1]
    first = first.drop_duplicates("dispnum").merge(disputes[["dispnum", "outcome"]], on="dispnum")
    first = first[first["outcome"].isin(list(OUTCOMES))]
    began = first["sidea_a"] == 1
    sides = {
        "a": np.where(began, first["ccode_a"], first["ccode_b"]),
        "b": np.where(began, first["ccode_b"], first["ccode_a"]),
    }
    table = pd.DataFrame({
        "year": first["year"].to_numpy(dtype=float),
        "outcome": first["outcome"].map(OUTCOMES).to_numpy(dtype=int),
    })  # fmt: skip
    states = pd.read_parquet(raw_table(raw, "cow_nmc_v7/nmc.parquet"))
    states = states.drop_duplicates(["ccode", "year"]).set_index(["ccode", "year"])
    levels = states[list(COMPONENTS)]
    shares = levels / levels.groupby("year").transform("sum")
    for side, codes in sides.items():
        where = pd.MultiIndex.from_arrays([codes, first["year"]])
        for name in COMPONENTS:
            level = levels[name].reindex(where).to_numpy(dtype=float)
            share = shares[name].reindex(where).to_numpy(dtype=float)
            table[f"{name}_{side}"] = np.log1p(np.nan_to_num(level))
            table[f"share_{name}_{side}"] = np.nan_to_num(share)
            table[f"unknown_{name}_{side}"] = np.isnan(level).astype(float)
        cinc = states["cinc"].reindex(where).to_numpy(dtype=float)
        table[f"cinc_{side}"] = np.nan_to_num(cinc)
    return table


def reduction(loss: float, baseline: float) -> float:
    """Return the proportional reduction in loss.

    Examples
    --------
    >>> reduction(0.4, 0.5)
    0.2
    """
    return round(1.0 - loss / baseline, 12)


def log_loss(chances: np.ndarray, outcome: np.ndarray) -> float:
    """Return the mean log loss of chances [dispute, outcome]."""
    kept = np.clip(chances, FLOOR, None)
    kept = kept / kept.sum(axis=1, keepdims=True)
    return float(-np.log(kept[np.arange(len(outcome)), outcome]).mean())


def crossed(
    x: np.ndarray, outcome: np.ndarray, model: Any, folds: int = FOLDS, repeats: int = REPEATS
) -> float:
    """Return the cross-validated log loss of a classifier of scikit-learn, mean over repeats."""
    selection = _sklearn("model_selection")
    found = []
    for repeat in range(repeats):
        cut = selection.StratifiedKFold(folds, shuffle=True, random_state=SEED + repeat)
        chances = selection.cross_val_predict(model, x, outcome, cv=cut, method="predict_proba")
        found.append(log_loss(chances, outcome))
    return float(np.mean(found))


def forest(leaf: int = LEAF, trees: int = TREES) -> Any:
    """Return an unfitted random forest."""
    return _sklearn("ensemble").RandomForestClassifier(
        trees, min_samples_leaf=leaf, random_state=SEED
    )


def _sklearn(part: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"sklearn.{part}")
    except ImportError as error:
        raise MissingDataError(
            "this estimate needs scikit-learn: pip install 'detente[estimate]'"
        ) from error


def shares_loss(train: np.ndarray, test: np.ndarray) -> float:
    """Return the log loss on test outcomes of the shares of the training outcomes."""
    shares = np.bincount(train, minlength=3) / len(train)
    return log_loss(np.broadcast_to(shares, (len(test), 3)), test)


def record(raw: Path) -> dict[str, Any]:
    """Return all scores."""
    table = panel(raw)
    outcome, year = table["outcome"].to_numpy(), table["year"].to_numpy()
    known = table.drop(columns=["outcome", "year"]).to_numpy()
    power = np.log((table["cinc_a"] + 1e-6) / (table["cinc_b"] + 1e-6)).to_numpy()[:, None]
    both = np.column_stack([known, year])
    logit = _sklearn("linear_model").LogisticRegression(C=1e6, max_iter=1000)
    base = shares_loss(outcome, outcome)
    found = {
        "components_and_year": crossed(both, outcome, forest()),
        "components": crossed(known, outcome, forest()),
        "year": crossed(year[:, None], outcome, forest(LEAF_YEAR)),
        "capability_ratio": crossed(power, outcome, logit),
    }
    late = year >= SPLIT
    model = forest().fit(both[~late], outcome[~late])
    return {
        "what": "how bilateral disputes end: victory of A, of B, or stalemate",
        "sample": f"COW MID 5.0 with NMC 7.0, {int(year.min())}-{int(year.max())}",
        "n": len(table),
        "script": SCRIPT,
        "score": f"{FOLDS}-fold cross-validated log loss, mean of {REPEATS} divisions; reduction "
        "over the outcomes' shares",
        "log_loss_shares": round(base, 5),
        "log_loss": {name: round(loss, 5) for name, loss in found.items()},
        "reduction": {name: round(reduction(loss, base), 4) for name, loss in found.items()},
        "stalemates": {
            f"before_{SPLIT}": round(float((outcome[~late] == 2).mean()), 4),
            f"from_{SPLIT}": round(float((outcome[late] == 2).mean()), 4),
        },
        "split_in_time": {
            "train_to": SPLIT - 1,
            "n_test": int(late.sum()),
            "log_loss_forest": round(log_loss(model.predict_proba(both[late]), outcome[late]), 5),
            "log_loss_shares_of_train": round(shares_loss(outcome[~late], outcome[late]), 5),
            "log_loss_shares_of_test": round(shares_loss(outcome[late], outcome[late]), 5),
        },
    }


def scores() -> Iterator[dict[str, Any]]:
    """Yield the shipped scores of what tells outcomes of disputes, cross-validated and in time."""
    found = json.loads(RECORD.read_text(encoding="utf-8"))
    common = {"group": "how disputes end", "score": "log loss", "skill_p05": None}
    common |= {"skill_p95": None}
    for name, loss in found["log_loss"].items():
        yield common | {
            "name": name,
            "sample": f"{FOLDS}-fold, bilateral disputes",
            "n": found["n"],
            "ours": loss,
            "baseline": found["log_loss_shares"],
            "baseline_name": "shares of outcomes",
            "skill": found["reduction"][name],
        }
    late = found["split_in_time"]
    yield common | {
        "name": "components_and_year, split in time",
        "sample": f"from {SPLIT}, fitted before",
        "n": late["n_test"],
        "ours": late["log_loss_forest"],
        "baseline": late["log_loss_shares_of_test"],
        "baseline_name": "shares of the later outcomes",
        "skill": reduction(late["log_loss_forest"], late["log_loss_shares_of_test"]),
    }


def main() -> None:
    """Write the record."""
    options = arguments(__doc__)
    target = DATA if options.out == Path() else options.out
    target.mkdir(parents=True, exist_ok=True)
    write_text(target / RECORD.name, json.dumps(record(options.raw), indent=1) + "\n")


if __name__ == "__main__":
    run_main(main)
