"""Effect of broad sanctions: Russia's trade with its sanctioners, 2019 against 2023.

Databases code the measures of 2022 as "partial", the same word as for a ban on one product, so the
panels of the past cannot tell their size. Two years, three-way fixed effects, each direction apart.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from detente.data.estimate.ppml import fit, three_way_keys
from detente.data.estimate.tables import (
    ESTIMATE_COLUMNS,
    arguments,
    raw_table,
    run_main,
    write_table,
)
from detente.errors import ConvergenceError

SCRIPT = "detente.data.estimate.gravity_broad"
TARGET = "RUS"
TERMS = ["broad_exports", "broad_imports"]
SPECS = ("broad_patched", "broad_observed", "broad_usa", "broad_senders", "broad_placebo")
PLACEBO_TARGETS = 40
# At war with the target: its trade did not end through sanctions.
BELLIGERENTS = {"UKR"}
# Belarus is under the same measures; the others lost or gained trade by the war itself.
NOT_PLACEBO = ("RUS", "BLR", "UKR")
SIZE_BINS = 8


def flows(raw: Path, observed_only: bool = False) -> pd.DataFrame:
    """Return cross-border goods trade of 2019 and 2023 among common countries, zeros filled.

    Parameters
    ----------
    raw
        Folder of raw tables.
    observed_only
        Leave out pairs whose 2023 value was imputed from a growth rate: for Russia that rate is
        itself the fall in trade with sanctioners.

    Returns
    -------
    pandas.DataFrame
        exporter, importer, year, trade (million USD) and the keys of the fixed effects.
    """
    old = pd.read_parquet(raw_table(raw, "campos2019/trade_2019_151.parquet"))
    new = pd.read_parquet(raw_table(raw, "baci2023/trade_2023_patched.parquet"))
    both = sorted(set(old["exporter"]) & set(old["importer"]) & set(new["exporter"]))
    cells = pd.MultiIndex.from_product([both, both], names=["exporter", "importer"])
    parts = []
    for year, table in ((2019, old), (2023, new)):
        value = table.set_index(["exporter", "importer"])["value_kusd"].reindex(cells).fillna(0.0)
        parts.append((value / 1000.0).rename("trade").reset_index().assign(year=year))
    panel = pd.concat(parts, ignore_index=True)
    panel = panel[panel["exporter"] != panel["importer"]]
    if observed_only:
        imputed = pd.MultiIndex.from_frame(new.loc[new["imputed"], ["exporter", "importer"]])
        panel = panel[~pd.MultiIndex.from_frame(panel[["exporter", "importer"]]).isin(imputed)]
    return three_way_keys(panel.reset_index(drop=True))


def sanctioners(raw: Path) -> list[str]:
    """Return the hand-coded states with a trade sanction on Russia in 2023, Ukraine included."""
    table = pd.read_parquet(raw_table(raw, "sanctions_handcoded/sanction_dyad_year.parquet"))
    active = (table["target"] == TARGET) & (table["year"] == 2023) & (table["trade"] >= 1)
    return sorted(set(table.loc[active, "sender"]) - {"UN"})


def add_terms(panel: pd.DataFrame, senders: list[str], target: str, prefix: str) -> pd.DataFrame:
    """Add two dummies for 2023: the target's exports to the senders, and its imports from them."""
    late = panel["year"] == 2023
    exports = late & (panel["exporter"] == target) & panel["importer"].isin(senders)
    imports = late & (panel["importer"] == target) & panel["exporter"].isin(senders)
    return panel.assign(
        **{f"{prefix}_exports": exports.astype(float), f"{prefix}_imports": imports.astype(float)}
    )


def year_effects(trade: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the exporter-year and importer-year effects of the Poisson model, in logs.

    The first-order conditions of Poisson pseudo-likelihood with fixed effects only say that fitted
    and actual sums agree for each effect (Fally 2015), so matching the sums in turn solves it.

    Parameters
    ----------
    trade
        Flows, year x exporter x importer.
    used
        True where a flow enters the fit; same shape.

    Returns
    -------
    tuple of numpy.ndarray
        Effects year x exporter and year x importer; minus infinity where a sum is zero.

    Examples
    --------
    >>> flow = np.array([[[1.0, 2.0], [2.0, 4.0]], [[2.0, 4.0], [4.0, 8.0]]])
    >>> out, into = year_effects(flow, np.ones_like(flow, dtype=bool))
    >>> np.allclose((out[1] - out[0]) + (into[1] - into[0]), np.log(2))
    True
    """
    flow = np.where(used, trade, 0.0)
    exporter = np.ones(flow.shape[:2])
    importer = np.ones((flow.shape[0], flow.shape[2]))
    pair = flow.sum(axis=0)

    def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
        return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)

    for _ in range(20_000):
        before = exporter
        weight = used * importer[:, None, :] * pair[None]
        exporter = ratio(flow.sum(axis=2), weight.sum(axis=2))
        weight = used * exporter[:, :, None] * pair[None]
        importer = ratio(flow.sum(axis=1), weight.sum(axis=1))
        weight = used * exporter[:, :, None] * importer[:, None, :]
        pair = ratio(flow.sum(axis=0), weight.sum(axis=0))
        if np.max(np.abs(exporter - before)) < 1e-10 * np.max(exporter):
            with np.errstate(divide="ignore"):
                return np.log(exporter), np.log(importer)
    raise ConvergenceError("matching the sums of the two-year panel did not settle")


def sender_effects(panel: pd.DataFrame, senders: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the log change of Russia's trade with each sender, net of the fixed effects.

    Russian flows with senders are left out of the fit, which gives the exporter-year and
    importer-year effects that would have ruled them; the rest of their log change is the effect.

    Returns
    -------
    tuple of pandas.DataFrame
        The senders' changes (sender, term, effect, size) and the changes of all other pairs that
        have a sender on one side (effect, size), which show how much pairs change anyway; size is
        the geometric mean of both years in million USD.
    """
    wide = panel.pivot(index=["exporter", "importer"], columns="year", values="trade")
    names = sorted(set(panel["exporter"]))
    full = wide.reindex(pd.MultiIndex.from_product([names, names], names=wide.index.names))
    trade = full[[2019, 2023]].to_numpy().T.reshape(2, len(names), len(names))
    sender = np.isin(names, senders)
    target = np.asarray(names) == TARGET
    treated = np.outer(target, sender) | np.outer(sender, target)
    used = ~np.isnan(trade) & ~treated[None]
    exporter, importer = year_effects(np.nan_to_num(trade), used)
    common = np.add.outer(exporter[1] - exporter[0], importer[1] - importer[0])
    table = full.assign(common=common.ravel()).reset_index()
    table = table[(table[2019] > 0) & (table[2023] > 0)]
    table = table.assign(
        effect=np.log(table[2023] / table[2019]) - table["common"],
        size=np.sqrt(table[2023] * table[2019]),
    )
    out = table["importer"].isin(senders) & (table["exporter"] == TARGET)
    into = table["exporter"].isin(senders) & (table["importer"] == TARGET)
    own = pd.concat(
        [
            table[out].assign(term="broad_exports", sender=table["importer"]),
            table[into].assign(term="broad_imports", sender=table["exporter"]),
        ]
    )
    one_side = table["importer"].isin(senders) ^ table["exporter"].isin(senders)
    return own[["sender", "term", "effect", "size"]], table.loc[
        ~out & ~into & one_side, ["effect", "size"]
    ]


def random_effects(effect: np.ndarray, variance: np.ndarray) -> tuple[float, float, float]:
    """Return mean, its standard error and the sd between units (DerSimonian and Laird 1986).

    Parameters
    ----------
    effect
        One estimate per unit.
    variance
        Its sampling variance.

    Examples
    --------
    >>> random_effects(np.array([-1.0, -2.0]), np.array([0.1, 0.1]))[0]
    -1.5
    """
    weight = 1.0 / variance
    fixed = np.sum(weight * effect) / weight.sum()
    excess = np.sum(weight * (effect - fixed) ** 2) - (len(effect) - 1)
    between = max(0.0, excess / (weight.sum() - np.sum(weight**2) / weight.sum()))
    weight = 1.0 / (variance + between)
    mean = np.sum(weight * effect) / weight.sum()
    return float(mean), float(weight.sum() ** -0.5), float(np.sqrt(between))


def heterogeneity(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return per-sender rows, and mean and sd between senders for each direction.

    The ordinary variance of a pair's log change is taken from other pairs of the same size class
    (median absolute deviation), so that small noisy pairs do not pass for differing sanctions.
    """
    edges = np.quantile(other["size"], np.linspace(0, 1, SIZE_BINS + 1))[1:-1]
    bins = pd.Series(np.digitize(other["size"], edges), index=other.index)
    noise = other["effect"].groupby(bins).agg(lambda x: 1.4826 * np.median(np.abs(x - x.median())))
    rows = []
    for term, part in own.groupby("term"):
        sd = noise.reindex(np.digitize(part["size"], edges)).to_numpy()
        mean, se, between = random_effects(part["effect"].to_numpy(), sd**2)
        rows += [(f"{term}_mean", mean, se), (f"{term}_between_sd", between, np.nan)]
        rows += [
            (f"{term}:{sender}", value, error)
            for sender, value, error in zip(part["sender"], part["effect"], sd, strict=True)
        ]
    return pd.DataFrame(rows, columns=["term", "coefficient", "se"])


def placebo(panel: pd.DataFrame, senders: list[str], labels: dict[str, str]) -> pd.DataFrame:
    """Pretend that each of 40 other countries was the target; return mean and sd of the effects."""
    outside = panel[~panel["exporter"].isin([*senders, *NOT_PLACEBO])]
    size = outside[outside["importer"].isin(senders)].groupby("exporter")["trade"].sum()
    rows = []
    for target in size.nlargest(PLACEBO_TARGETS).index:
        trial = add_terms(panel, senders, target, "placebo")
        terms = ["placebo_exports", "placebo_imports"]
        rows.append(fit(trial, "trade", terms, labels, nuisance=tuple(TERMS)))
    table = pd.concat(rows)
    grouped = table.groupby("term")["coefficient"]
    result = pd.DataFrame({"coefficient": grouped.mean(), "se": grouped.std()}).reset_index()
    extreme = table.groupby("term")["coefficient"].min()
    lowest = pd.DataFrame({"term": extreme.index + "_lowest", "coefficient": extreme.to_numpy()})
    result = pd.concat([result, lowest.assign(se=np.nan)])
    shared = {c: table[c].iloc[0] for c in ("n", "clusters", "outcome", "fixed_effects")}
    return result.assign(**shared, **labels, seconds=table["seconds"].sum() / len(terms))


def estimate(raw: Path, spec: str) -> pd.DataFrame:
    """Fit one specification.

    Parameters
    ----------
    raw
        Folder of raw tables.
    spec
        One of SPECS: all pairs and senders; without imputed pairs and Ukraine; and so, too, with
        the USA apart, with each sender by itself, and with placebo targets.
    """
    panel = flows(raw, observed_only=spec != "broad_patched")
    senders = [s for s in sanctioners(raw) if s in set(panel["exporter"])]
    if spec != "broad_patched":
        senders = sorted(set(senders) - BELLIGERENTS)
    panel = add_terms(panel, senders, TARGET, "broad")
    kind = "" if spec == "broad_patched" else ", imputed pairs and Ukraine left out"
    sample = f"campos2019 and baci2023, {len(senders)} sanctioners{kind}"
    labels = {"spec": spec, "script": SCRIPT, "sample": sample}
    if spec == "broad_senders":
        own, other = sender_effects(panel, senders)
        constant = {"n": len(own), "clusters": np.nan, "outcome": "log change", "seconds": np.nan}
        rows = heterogeneity(own, other)
        return rows.assign(**constant, **labels, fixed_effects="as above")[list(ESTIMATE_COLUMNS)]
    if spec == "broad_placebo":
        return placebo(panel, senders, labels)[list(ESTIMATE_COLUMNS)]
    if spec == "broad_usa":
        panel = add_terms(panel, ["USA"], TARGET, "usa")
        for side in ("exports", "imports"):
            panel[f"broad_{side}"] -= panel[f"usa_{side}"]
        return fit(panel, "trade", [*TERMS, "usa_exports", "usa_imports"], labels)
    return fit(panel, "trade", TERMS, labels)


def main() -> None:
    """Write one CSV per specification to the out folder."""
    options = arguments(__doc__, SPECS)
    for spec in options.spec:
        write_table(estimate(options.raw, spec), options.out / f"{spec}.csv")


if __name__ == "__main__":
    run_main(main)
