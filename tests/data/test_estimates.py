"""The shipped priors follow from the shipped estimates, and the quick fits give them again."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from detente.data.estimate import elasticities, gravity_agreements, gravity_broad, priors, tables
from detente.data.estimate.ppml import require_pyfixest
from detente.errors import MissingDataError

RAW = Path(os.environ.get("DETENTE_RAW", Path(__file__).parents[3] / "shared" / "data"))
needs_pyfixest = pytest.mark.skipif(
    importlib.util.find_spec("pyfixest") is None,
    reason="pyfixest is not installed: pip install 'detente[estimate]'",
)


def needs_raw(*names: str) -> pytest.MarkDecorator:
    missing = [name for name in names if not (RAW / name).is_file()]
    return pytest.mark.skipif(
        bool(missing), reason=f"raw tables absent (set DETENTE_RAW): {', '.join(missing)}"
    )


@pytest.fixture(scope="module")
def estimates() -> pd.DataFrame:
    return tables.read_table(tables.ESTIMATES)


@pytest.fixture(scope="module")
def parameters() -> pd.DataFrame:
    return tables.read_table(tables.PARAMETERS)


@pytest.fixture(scope="module")
def cells() -> pd.DataFrame:
    return tables.read_table(elasticities.CELLS)


@pytest.fixture(scope="module")
def concordance() -> pd.DataFrame:
    return pd.read_csv(
        elasticities.CONCORDANCE, dtype={"source_sector": str}, keep_default_na=False
    )


def row(parameters: pd.DataFrame, name: str) -> pd.Series:
    found = parameters[parameters["name"] == name]
    assert len(found) == 1
    return found.iloc[0]


def test_concordance_weights_sum_to_one(concordance):
    total = concordance.groupby(["source", "source_sector"])["weight"].sum()
    assert np.allclose(total, 1.0, atol=1e-4)
    assert concordance["source"].nunique() == 8


def test_concordance_knows_every_target_sector(concordance):
    assert set(concordance["sector12"]) == set(elasticities.SECTORS["world12"])
    assert set(concordance["sector35"]) == set(elasticities.SECTORS["wiod35"])


@needs_raw("elasticities/trade_elasticities.csv")
def test_every_published_sector_is_mapped_and_gives_the_shipped_cells(concordance, cells):
    values = elasticities.read_values(RAW)
    published = set(zip(values["source"], values["sector"], strict=True))
    mapped = set(zip(concordance["source"], concordance["source_sector"], strict=True))
    assert published == mapped
    again = elasticities.tamed_cells(values, concordance)
    pd.testing.assert_series_equal(
        again["theta"].reset_index(drop=True), cells["theta"], rtol=1e-5, check_names=False
    )


def test_unmapped_sector_is_named(concordance):
    values = pd.DataFrame({"source": ["Ossa 2014"], "sector": ["unheard"], "theta": [2.0]})
    with pytest.raises(ValueError, match="unheard"):
        elasticities.tamed_cells(values, concordance)


def test_taming_moves_petroleum_and_tiny_values_to_the_bounds(concordance):
    values = pd.DataFrame(
        {"source": ["Caliendo-Parro 2015"] * 2, "sector": ["Petroleum", "Auto"]}
    ).assign(theta=[64.85, 0.37])
    tamed = elasticities.tamed_cells(values, concordance).set_index("sector")["theta"]
    assert tamed["c8"] == pytest.approx(20.0)
    assert tamed["vehicles"] == pytest.approx(1.0)


def test_parameters_follow_from_the_shipped_tables(parameters, estimates, cells):
    again = priors.parameters(estimates, cells)
    assert list(again["name"]) == list(parameters["name"])
    assert list(again["sector"]) == list(parameters["sector"])
    for column in ("location", "scale", "lower", "upper", "loading_level", "n_obs"):
        ours = pd.to_numeric(again[column]).to_numpy(dtype=float)
        assert np.allclose(
            ours, parameters[column].to_numpy(dtype=float), rtol=1e-5, equal_nan=True
        )


def test_every_elasticity_sector_has_a_prior_within_bounds(parameters):
    theta = parameters[parameters["name"] == "trade_elasticity"]
    for world_sectors, sectors in elasticities.SECTORS.items():
        assert list(theta.loc[theta["world_sectors"] == world_sectors, "sector"]) == list(sectors)
    assert list(theta.loc[theta["world_sectors"] == "one", "sector"]) == ["total"]
    assert theta["location"].between(theta["lower"] * 1.5, theta["upper"] / 1.5).all()
    assert (theta["scale"] > 0).all()
    assert theta["loading_level"].nunique() == 1


def test_effects_have_the_signs_and_order_that_the_evidence_supports(parameters):
    partial = row(parameters, "sanction_effect_partial")["location"]
    complete = row(parameters, "sanction_effect_complete")["location"]
    assert complete < partial < 0
    for side in ("exports", "imports"):
        assert row(parameters, f"sanction_effect_broad_{side}")["location"] < partial
    assert 0 < row(parameters, "sanction_persistence")["location"] < 1
    assert 0.26 <= row(parameters, "agreement_effect")["location"] <= 0.48


def test_placebos_lie_far_from_the_effect(estimates):
    for side in ("exports", "imports"):
        effect = priors.pick(estimates, "broad_observed", f"broad_{side}")["coefficient"]
        lowest = priors.pick(estimates, "broad_placebo", f"placebo_{side}_lowest")["coefficient"]
        assert effect < lowest
    lead = priors.pick(estimates, "agreement_lead", "rta_lead4")
    assert abs(lead["coefficient"]) < 2 * lead["se"]


def test_effects_between_senders_are_recovered():
    rng = np.random.default_rng(1)
    truth = rng.normal(-2.0, 1.0, 400)
    mean, error, between = gravity_broad.random_effects(
        truth + rng.normal(0.0, 0.5, 400), np.full(400, 0.25)
    )
    assert mean == pytest.approx(-2.0, abs=4 * error)
    assert between == pytest.approx(1.0, abs=0.1)


def test_year_effects_solve_the_poisson_conditions():
    rng = np.random.default_rng(2)
    flow = rng.lognormal(size=(2, 4, 5))
    used = np.ones_like(flow, dtype=bool)
    used[:, 0, 1] = False
    exporter, importer = gravity_broad.year_effects(flow, used)
    growth = np.exp(exporter[:, :, None] + importer[:, None, :])
    pair = np.sum(flow * used, axis=0) / np.sum(growth * used, axis=0).clip(min=1e-300)
    fitted = growth * pair * used
    for axis in (0, 1, 2):
        assert np.allclose(fitted.sum(axis=axis), (flow * used).sum(axis=axis), rtol=1e-7)


@needs_pyfixest
@needs_raw("agtpa/agtpa_1986_2006_69.parquet")
def test_agreements_again(estimates):
    for spec in ("agreement_guide", "agreement_border"):
        again = gravity_agreements.estimate(RAW, spec).iloc[0]
        shipped = priors.pick(estimates, spec, "rta")
        assert again["coefficient"] == pytest.approx(shipped["coefficient"], abs=1e-3)
        assert again["se"] == pytest.approx(shipped["se"], abs=1e-3)


@needs_pyfixest
@needs_raw(
    "campos2019/trade_2019_151.parquet",
    "baci2023/trade_2023_patched.parquet",
    "sanctions_handcoded/sanction_dyad_year.parquet",
)
def test_broad_sanctions_again(estimates):
    again = gravity_broad.estimate(RAW, "broad_observed").set_index("term")
    for term in gravity_broad.TERMS:
        shipped = priors.pick(estimates, "broad_observed", term)
        assert again.loc[term, "coefficient"] == pytest.approx(shipped["coefficient"], abs=1e-3)
        assert again.loc[term, "se"] == pytest.approx(shipped["se"], abs=1e-3)


def test_published_agreement_coefficient(estimates):
    # Yotov, Piermartini, Monteiro & Larch (2016), chapter 1, application 3: 0.557.
    shipped = priors.pick(estimates, "agreement_guide", "rta")
    assert shipped["coefficient"] == pytest.approx(0.557, abs=5e-4)


def test_missing_raw_table_says_which_and_how(tmp_path):
    with pytest.raises(MissingDataError, match=r"agtpa.*--raw DIR"):
        gravity_agreements.panel(tmp_path)


def test_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyfixest", None)
    with pytest.raises(MissingDataError, match=r"pip install 'detente\[estimate\]'"):
        require_pyfixest()


@needs_raw("elasticities/trade_elasticities.csv")
def test_script_runs_by_itself(tmp_path):
    command = [sys.executable, "-m", elasticities.SCRIPT, "--raw", str(RAW), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / elasticities.CELLS.name).read_bytes() == elasticities.CELLS.read_bytes()


def test_page_prints_the_shipped_numbers(estimates, parameters):
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "estimates.md").read_text()
    seen = set()
    for line in page.splitlines():
        spec = re.search(r"^\|.*`(\w+)`", line)
        if not spec:
            continue
        name = spec.group(1)
        seen.add(name)
        found = estimates[estimates["spec"] == name]
        known = found[["coefficient", "se"]].to_numpy(dtype=float).ravel()
        if name in set(parameters["name"]):
            known = row(parameters, name)[["location", "scale"]].to_numpy(dtype=float)
        for number in re.findall(r"-?\d+\.\d+", line.replace(spec.group(0), "")):
            half = 0.501 * 10.0 ** -len(number.partition(".")[2])
            assert np.nanmin(np.abs(known - float(number))) <= half, (name, number)
    not_tabulated = {"sanctions_gsdb_direction", "sanctions_gsdb_lead"}
    assert seen >= set(estimates["spec"]) - not_tabulated
    common = {name for name in parameters["name"] if "[" not in name}
    assert seen >= common - {"trade_elasticity"}


def test_a_senders_prior_lies_between_its_own_estimate_and_the_mean(estimates, parameters):
    for term in ("broad_exports", "broad_imports"):
        mean = float(priors.pick(estimates, "broad_senders", f"{term}_mean")["coefficient"])
        own = priors.pick(estimates, "broad_senders", f"{term}:USA")
        found = row(parameters, f"sanction_effect_{term}[USA]")
        low, high = sorted((mean, float(own["coefficient"])))
        assert low <= float(found["location"]) <= high
        assert float(found["scale"]) < float(own["se"])
