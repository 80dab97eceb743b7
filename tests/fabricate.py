"""A made-up Outcome with the shape of a real one, whose every answer is known by formula."""

import dataclasses

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import norm

from detente.outcome import Outcome

EU = [
    "AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST",
    "FIN", "FRA", "GRC", "HRV", "HUN", "IRL", "ITA", "LTU", "LUX",
    "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "SWE",
]  # fmt: skip
NAMES = {
    "ARM": "Armenia", "AUS": "Australia", "AUT": "Austria", "BEL": "Belgium", "BGR": "Bulgaria",
    "BLR": "Belarus", "BRA": "Brazil", "CAN": "Canada", "CHN": "China", "CYP": "Cyprus",
    "CZE": "Czechia", "DEU": "Germany", "DNK": "Denmark", "EGY": "Egypt", "ESP": "Spain",
    "EST": "Estonia", "FIN": "Finland", "FRA": "France", "GBR": "United Kingdom", "GEO": "Georgia",
    "GRC": "Greece", "HRV": "Croatia", "HUN": "Hungary", "IDN": "Indonesia", "IND": "India",
    "IRL": "Ireland", "ITA": "Italy", "JPN": "Japan", "KAZ": "Kazakhstan", "KOR": "South Korea",
    "LTU": "Lithuania", "LUX": "Luxembourg", "LVA": "Latvia", "MEX": "Mexico", "MLT": "Malta",
    "NGA": "Nigeria", "NLD": "Netherlands", "NOR": "Norway", "POL": "Poland", "PRT": "Portugal",
    "ROU": "Romania", "RUS": "Russia", "SAU": "Saudi Arabia", "SVK": "Slovakia", "SVN": "Slovenia",
    "SWE": "Sweden", "TUR": "Türkiye", "TWN": "Taiwan", "UKR": "Ukraine", "USA": "United States",
    "ZAF": "South Africa",
}  # fmt: skip
GROUPS = {
    "EU": tuple(EU),
    "USMCA": ("CAN", "MEX", "USA"),
    "NATO": (*sorted({*EU, "CAN", "GBR", "NOR", "TUR", "USA"} - {"AUT", "CYP", "IRL", "MLT"}),),
    "NEIGHBOURS": ("ARM", "BLR", "GEO", "KAZ"),
}
NAME = "us-russia-realignment"
RETALIATION = "us-russia-realignment-retaliation"
LIFT, RIFT = "lift-sanctions", "tariffs-on-allies"
ACTORS = ("CAN", "MEX", "RUS", "USA")
# Central values: the fabricated answers are linear in the standardised parameters.
CENTRAL = {
    "trade_elasticity[energy_mining]": 8.0,
    "trade_elasticity[vehicles]": 5.0,
    "trade_elasticity[machinery]": 6.0,
    "sanction_effect_broad_exports": -1.87,
    "sanction_effect_broad_imports": -1.32,
    "sanction_persistence": 0.3,
}
SPREAD = {name: 0.2 * abs(value) for name, value in CENTRAL.items()}
RUNS = (
    (NAME, NAME, "full", f"{LIFT} + {RIFT}"),
    (RETALIATION, RETALIATION, "full", f"{LIFT} + {RIFT} + retaliation"),
    (f"{NAME} / {LIFT}", NAME, "alone", LIFT),
    (f"{NAME} / {RIFT}", NAME, "alone", RIFT),
)


def parameters(draws: int, seed: int = 1) -> pd.DataFrame:
    """Draws of the parameters; none gives the central values as draw 0."""
    rng = np.random.default_rng(seed)
    table = {
        name: CENTRAL[name] + SPREAD[name] * rng.standard_normal(draws) if draws else [value]
        for name, value in CENTRAL.items()
    }
    return pd.DataFrame(table, index=pd.RangeIndex(max(draws, 1), name="draw"))


def quantile(name: str, q: float) -> float:
    """The prior that `parameters` draws from."""
    return float(norm.ppf(q, CENTRAL[name], SPREAD[name]))


def standard(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Parameters less their central value, in units of their spread."""
    return {
        name: ((table[name] - CENTRAL[name]) / SPREAD[name]).to_numpy() for name in table.columns
    }


def income(label: str, code: str, table: pd.DataFrame) -> np.ndarray:
    """[draw] made-up change of real income, as a fraction."""
    z = standard(table)
    lift = (LIFT in label or "/" not in label) * 1e-2
    rift = (RIFT in label or "/" not in label) * 1e-2
    hit = 1.8 if label == RETALIATION else 1.0
    size = (sum(ord(letter) for letter in code) % 17 - 8) / 8  # -1 ... 1, fixed by the code
    pull = {"RUS": 0.20, "USA": 0.008}.get(code, 0.01 * size)
    push = {"CAN": -0.5, "MEX": -0.9, "USA": 0.03, "CHN": 0.06}.get(code, 0.05 * size - 0.02)
    lifted = pull * (1 - 0.3 * z["sanction_effect_broad_imports"] + 0.1 * z["sanction_persistence"])
    turned = push * hit - 0.03 * abs(push) * z["trade_elasticity[vehicles]"]
    turned = turned + (0.05 * z["trade_elasticity[energy_mining]"] if code == "USA" else 0.0)
    return lift * lifted + rift * turned


def fabricate(draws: int = 60, fail: tuple[int, ...] = (), seed: int = 1) -> Outcome:
    """An outcome of two full scenarios and two edits alone, with the draws in `fail` failed."""
    table = parameters(draws, seed)
    return outcome_of([run[0] for run in RUNS], table, draws, fail)


def outcome_of(
    labels: list[str], table: pd.DataFrame, draws: int, fail: tuple[int, ...] = ()
) -> Outcome:
    """The made-up answers for these scenario labels and parameters."""
    codes, count = sorted(NAMES), len(table)
    real = np.stack([[income(s, c, table) for c in codes] for s in labels]).transpose(0, 2, 1)
    ok = np.ones((len(labels), count), dtype=bool)
    ok[0, [n for n in fail if n < count]] = False
    real[~ok] = np.nan
    dims, coords = ("scenario", "draw", "country"), {"scenario": labels, "draw": list(range(count))}
    shapes = {"real_income": 1.0, "real_wage": 0.8, "real_spending": 0.9, "exports": 4.0,
              "imports": 5.0, "goods_trade": 4.5, "terms_of_trade": 0.7}  # fmt: skip
    data = xr.Dataset(
        {name: (dims, factor * real) for name, factor in shapes.items()},
        coords={**coords, "country": codes},
    )
    size = np.array([1e4 * (1 + sum(map(ord, code)) % 23) for code in codes])
    base = xr.Dataset(
        {name: ("country", share * size) for name, share in
         {"value_added": 1.0, "income": 1.02, "spending": 1.05, "exports": 0.25, "imports": 0.3,
          "goods_trade": 0.4}.items()}, coords={"country": codes},
    )  # fmt: skip
    draws_table = pd.DataFrame(
        [
            {"scenario": s, "draw": n, "converged": bool(ok[k, n]),
             "residual": 3e-12 if ok[k, n] else 2e-3, "steps": 11 if ok[k, n] else 400,
             "reason": "" if ok[k, n] else "no equilibrium within 400 steps"}
            for k, s in enumerate(labels) for n in range(count)
        ]
    )  # fmt: skip
    rows = [run for run in RUNS if run[0] in labels]
    known = [run[0] for run in rows]
    rows += [(s, s.split(" / ")[0], "claim", s.split(" / ")[-1]) for s in labels if s not in known]
    return Outcome(
        data=data,
        ok=xr.DataArray(ok, dims=("scenario", "draw"), coords=coords),
        base=base,
        pairs=_pairs(labels, codes, table, ok),
        draws=draws_table,
        parameters=table,
        runs=pd.DataFrame(rows, columns=["scenario", "parent", "kind", "label"]),
        manifest=_manifest(draws, fail),
        groups=GROUPS,
        country_names=NAMES,
    )


def _pairs(labels: list[str], codes: list[str], table: pd.DataFrame, ok: np.ndarray) -> xr.Dataset:
    before = np.array(
        [[0.0 if a == c else 100.0 + 10 * (i + j) for j, c in enumerate(codes)]
         for i, a in enumerate(ACTORS)]
    )  # fmt: skip
    z = standard(table)
    after = np.empty((len(labels), len(table), len(ACTORS), len(codes)))
    for k, label in enumerate(labels):
        for i, a in enumerate(ACTORS):
            for j, c in enumerate(codes):
                near = {a, c} == {"USA", "RUS"} and (LIFT in label or "/" not in label)
                kin = {a, c} < {"USA", "CAN", "MEX"} and (RIFT in label or "/" not in label)
                log = np.zeros(len(table))
                if near:
                    log = 1.8 - 0.2 * z["sanction_effect_broad_exports"]
                elif kin:
                    log = -0.55 - 0.1 * z["trade_elasticity[vehicles]"]
                after[k, :, i, j] = before[i, j] * np.exp(log)
    after[~ok] = np.nan
    full = ("scenario", "draw", "actor", "country")
    coords = {"scenario": labels, "draw": list(range(len(table))), "actor": list(ACTORS),
              "country": codes}  # fmt: skip
    return xr.Dataset(
        {"exports": (full, after), "imports": (full, 1.0 * after),
         "exports_base": (full[2:], before), "imports_base": (full[2:], 1.0 * before)},
        coords=coords,
    )  # fmt: skip


def _manifest(draws: int, fail: tuple[int, ...]) -> dict:
    why = "What if Washington settles with Moscow and turns away from its allies?"
    sentences = [
        {"label": LIFT, "text": "Trade sanction of USA on RUS: set to none; broad becomes none.",
         "layer": "sanction_trade"},
        {"label": RIFT, "text": "Tariff of USA on goods from @EU (27), CAN and MEX: add 25 points; "
                                "1.9 % on average becomes 26.9 % on average.",
         "layer": "tariff_rate"},
    ]  # fmt: skip
    page = {"title": "A settlement with Russia, a turn from the allies", "why": why,
            "sources": ["https://example.org/essay"], "digest": "0" * 64,
            "labels": [LIFT, RIFT], "sentences": sentences,
            "layers": ["alliance_reliability", "sanction_trade", "tariff_rate"],
            "groups": ["@EU", "@USMCA"], "edited_groups": ["@EU"]}  # fmt: skip
    answer = "Tariff of @EU (27), CAN and MEX on goods from USA: add 25 points."
    more = {
        **page,
        "title": "The same, with retaliation",
        "labels": [LIFT, RIFT, "retaliation"],
        "sentences": [*sentences, {"label": "retaliation", "text": answer, "layer": "tariff_rate"}],
    }
    return {
        "world": {"name": "world2023", "year": 2023, "digest": "f" * 64},
        "scenarios": {NAME: {"name": NAME, **page}, RETALIATION: {"name": RETALIATION, **more}},
        "draws": draws,
        "seed": 1,
        "deficits": "fixed",
        "models": ["trade"],
        "versions": {"detente": "0.1.0", "numpy": np.__version__},
        "time": "2025-01-01T00:00:00Z",
        "failed_draws": {NAME: len(fail)},
        "command": f"detente run {NAME} --draws {draws} --seed 1",
    }


def with_imbalance(outcome: Outcome, code: str, share: float, change: float) -> Outcome:
    """The same, where the deficit of one country is a share of income, and its income moves."""
    at = outcome.countries.index(code)
    spending, real = outcome.base["spending"].copy(), outcome.data["real_income"].copy()
    spending[at] = (1 + share) * outcome.base["income"].values[at]
    real[0, :, at] = np.where(outcome.ok.values[0], change, np.nan)
    return dataclasses.replace(
        outcome,
        base=outcome.base.assign(spending=spending),
        data=outcome.data.assign(real_income=real),
    )
