"""From estimates to priors: which specifications a prior rests on, and how they are combined.

One rule for all: the specifications of a pool count alike, the location is their mean, and the
variance is the mean of their squared standard errors plus the variance between them. They share
data, so that agreement between them earns no precision, and disagreement costs it.
"""

import math
from dataclasses import dataclass

import pandas as pd

from detente.data.estimate.elasticities import parameter_rows
from detente.data.estimate.tables import PARAMETER_COLUMNS
from detente.errors import DataError

FLOW = "log points of flow"


@dataclass(frozen=True)
class Pool:
    """The specifications behind one prior.

    Attributes
    ----------
    rows
        (spec, term) of estimates.csv.
    spread
        (spec, term) of a standard deviation between units that a draw must have as well.
    """

    name: str
    rows: tuple[tuple[str, str], ...]
    distribution: str
    lower: float | None
    upper: float | None
    unit: str
    source: str
    note: str
    spread: tuple[str, str] | None = None


def _four(term: str) -> tuple[tuple[str, str], ...]:
    lists = ("gsdb", "gsdb_domestic", "handcoded", "handcoded_domestic")
    return tuple((f"sanctions_{name}", term) for name in lists)


POOLS = (
    Pool(
        "sanction_effect_partial",
        _four("partial"),
        "truncated_normal",
        None,
        0.0,
        FLOW,
        "GSDB release 4; hand-coded list",
        "two lists, with and without domestic sales; never for the measures on Russia since 2022",
    ),
    Pool(
        "sanction_effect_broad_exports",
        (("broad_observed", "broad_exports"),),
        "truncated_normal",
        None,
        0.0,
        FLOW,
        "campos2019; baci2023; hand-coded list",
        "the target's exports to the sender; the scale is for one sender and holds the spread "
        "between senders",
        ("broad_senders", "broad_exports_between_sd"),
    ),
    Pool(
        "sanction_effect_broad_imports",
        (("broad_observed", "broad_imports"),),
        "truncated_normal",
        None,
        0.0,
        FLOW,
        "campos2019; baci2023; hand-coded list",
        "the target's imports from the sender; the scale is for one sender and holds the spread "
        "between senders",
        ("broad_senders", "broad_imports_between_sd"),
    ),
    Pool(
        "sanction_effect_complete",
        _four("complete"),
        "truncated_normal",
        None,
        0.0,
        FLOW,
        "GSDB release 4; hand-coded list",
        "two lists, with and without domestic sales; mostly in force for decades",
    ),
    Pool(
        "sanction_persistence",
        (("lifting_gsdb", "persistence_1_4"), ("lifting_handcoded", "persistence_1_4")),
        "truncated_normal",
        0.0,
        1.0,
        "share",
        "GSDB release 4; hand-coded list",
        "from complete sanctions, years 1-4 after their end; assumed alike for broad ones",
    ),
    Pool(
        "agreement_effect",
        (("agreement_border", "rta"), ("agreement_lags", "rta_total")),
        "normal",
        None,
        None,
        FLOW,
        "agtpa",
        "manufacturing; contains the tariff cuts of agreements",
    ),
)


def pick(estimates: pd.DataFrame, spec: str, term: str) -> pd.Series:
    """Return one row of the estimates.

    Raises
    ------
    DataError
        If there is not exactly one.
    """
    found = estimates[(estimates["spec"] == spec) & (estimates["term"] == term)]
    if len(found) != 1:
        raise DataError(f"estimates.csv has {len(found)} rows for {spec} {term}; one is needed")
    return found.iloc[0]


def combine(coefficients: list[float], errors: list[float], between: float) -> tuple[float, float]:
    """Return location and scale of a prior that counts the specifications alike.

    Parameters
    ----------
    coefficients, errors
        Estimates and standard errors.
    between
        Standard deviation between units, 0 if none.

    Examples
    --------
    >>> location, scale = combine([-1.0, -2.0], [0.3, 0.4], 0.0)
    >>> location, round(scale, 3)
    (-1.5, 0.612)
    """
    count = len(coefficients)
    mean = sum(coefficients) / count
    within = sum(e**2 for e in errors) / count
    across = sum((c - mean) ** 2 for c in coefficients) / count
    return mean, math.sqrt(within + across + between**2)


def pooled_row(estimates: pd.DataFrame, pool: Pool) -> dict[str, object]:
    """Return the row of parameters.csv that a pool gives."""
    rows = [pick(estimates, spec, term) for spec, term in pool.rows]
    between = float(pick(estimates, *pool.spread)["coefficient"]) if pool.spread else 0.0
    location, scale = combine(
        [float(r["coefficient"]) for r in rows], [float(r["se"]) for r in rows], between
    )
    samples = dict.fromkeys(str(r["sample"]) for r in rows)
    return {
        "name": pool.name,
        "world_sectors": "any",
        "sector": "",
        "distribution": pool.distribution,
        "location": round(location, 4),
        "scale": round(scale, 4),
        "lower": pool.lower,
        "upper": pool.upper,
        "unit": pool.unit,
        "loading_level": None,
        "source": pool.source,
        "sample": "; ".join(samples),
        "n_obs": max(int(r["n"]) for r in rows),
        "script": "; ".join(dict.fromkeys(str(r["script"]) for r in rows)),
        "note": pool.note + "; from " + ", ".join(f"{s} {t}" for s, t in pool.rows),
    }


def sender_rows(estimates: pd.DataFrame) -> list[dict[str, object]]:
    """Return one row a sender whose own change of trade after broad sanctions was observed.

    The sender's own estimate is drawn towards the mean of all senders by its imprecision
    (empirical Bayes: precisions add, the prior is the mean and spread between senders).
    """
    rows = []
    for term in ("broad_exports", "broad_imports"):
        mean = float(pick(estimates, "broad_senders", f"{term}_mean")["coefficient"])
        between = float(pick(estimates, "broad_senders", f"{term}_between_sd")["coefficient"])
        own = estimates[
            (estimates["spec"] == "broad_senders") & estimates["term"].str.startswith(f"{term}:")
        ]
        for _, row in own.iterrows():
            sender, error = str(row["term"]).split(":")[1], float(row["se"])
            precision = 1 / error**2 + 1 / between**2
            location = (float(row["coefficient"]) / error**2 + mean / between**2) / precision
            rows.append({
                "name": f"sanction_effect_{term}[{sender}]",
                "world_sectors": "any",
                "sector": "",
                "distribution": "truncated_normal",
                "location": round(location, 4),
                "scale": round(math.sqrt(1 / precision), 4),
                "lower": None,
                "upper": 0.0,
                "unit": FLOW,
                "loading_level": None,
                "source": "campos2019; baci2023; hand-coded list",
                "sample": str(row["sample"]),
                "n_obs": int(row["n"]),
                "script": str(row["script"]),
                "note": f"{sender}'s own change 2019-2023, drawn towards the mean of all senders; "
                        f"from broad_senders {row['term']}",
            })  # fmt: skip
    return rows


def published_rows() -> list[dict[str, object]]:
    """Return the rows that a paper states and no script here estimates.

    Boehm, Levchenko and Pandalai-Nayar (2023): 0.76 a year after a change of tariffs, about 2 after
    seven to ten years. The scale makes 5 to 95 per cent of the ratio the range of their long-run
    estimates, 1.75 to 2.25.
    """
    return [
        {
            "name": "short_run_ratio",
            "world_sectors": "any",
            "sector": "",
            "distribution": "lognormal",
            "location": 0.38,
            "scale": 0.076,
            "lower": None,
            "upper": None,
            "unit": "share of the long-run elasticity",
            "loading_level": None,
            "source": "Boehm, Levchenko & Pandalai-Nayar 2023: 0.76 after a year, about 2 in the "
            "long run",
            "sample": "as published",
            "n_obs": 1,
            "script": "",
            "note": "only where the horizon is short; 5 to 95 per cent is the range of their "
            "long-run estimates, 1.75 to 2.25",
        }
    ]


def parameters(estimates: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the whole of parameters.csv.

    Parameters
    ----------
    estimates
        Table of all fits.
    cells
        Elasticity by source and sector (`elasticity_cells.csv`).
    """
    pooled = pd.DataFrame(
        [pooled_row(estimates, pool) for pool in POOLS] + sender_rows(estimates) + published_rows()
    )
    table = pd.concat([parameter_rows(cells).astype(object), pooled.astype(object)])
    table["n_obs"] = table["n_obs"].astype(int)
    return table[list(PARAMETER_COLUMNS)]
