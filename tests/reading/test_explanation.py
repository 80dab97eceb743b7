"""Drivers of any interval, and the page that explains one number."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import detente as dt
from detente.cli.app import app
from detente.errors import ScenarioError
from detente.files.outcomes import save_outcome
from detente.reading.equations import EQUATIONS
from detente.runs import assemble
from economies import economy, scenario, tariff
from fabricate import LIFT, NAME, RIFT, fabricate


@pytest.fixture(scope="module")
def outcome():
    return fabricate(60)


def test_shares_add_up_to_what_is_explained(outcome):
    found = dt.reading.drivers(outcome, smallest=0)
    for _, rows in found.groupby("iso3"):
        assert rows["share"].sum() == pytest.approx(rows["r2"].iloc[0])
        assert rows["share"].is_monotonic_decreasing
    assert set(found["iso3"]) == set(outcome.countries)
    # Parameters that explain hardly anything are no drivers, unless asked for.
    named = dt.reading.drivers(outcome)
    assert named["share"].min() >= 0.01 > found["share"].min()
    assert len(named) == (found["share"] >= 0.01).sum()


def test_the_parameter_that_moves_the_answer_leads(outcome):
    found = dt.reading.drivers(outcome, "real_income", "RUS")
    assert found["parameter"].iloc[0] == "sanction_effect_broad_imports"
    assert found["share"].iloc[0] == pytest.approx(0.9, abs=0.05)  # 0.3^2 / (0.3^2 + 0.1^2)


def test_a_total_is_that_of_the_group(outcome):
    found = dt.reading.drivers(outcome, "real_income", "@USMCA", total=True)
    assert set(found["iso3"]) == {"@USMCA"}
    member = dt.reading.drivers(outcome, "real_income", "@USMCA")
    assert set(member["iso3"]) == {"CAN", "MEX", "USA"}


def test_few_draws_have_no_shares_and_say_so():
    found = dt.reading.drivers(fabricate(4), "real_income", "RUS")
    assert found["share"].isna().all()
    assert "too few" in found["note"].item()


def test_every_outcome_of_a_country_has_an_equation():
    assert set(assemble.variables()) <= set(EQUATIONS)


def test_a_page_states_the_number_of_the_table_and_adds_up(outcome):
    page = dt.reading.explain(outcome, "MEX", "real_income_pct")
    row = outcome.table("real_income", "MEX", NAME).iloc[0]
    for key in ("median", "p05", "p95", "share_positive"):
        assert page.value[key] == pytest.approx(row[key])
    assert [one["label"] for one in page.alone] == [LIFT, RIFT, "interaction"]
    assert abs(page.alone[-1]["median"]) < 1e-12  # made-up answers add up
    assert page.definition.startswith("Income of residents")
    assert page.draws == 60


def test_a_page_of_a_run_names_layers_priors_digests_and_edits():
    world = economy(3, closed=False)
    asked = scenario(tariff("MEX", "USA", 0.3) | {"label": "a"}, tariff("CAN", "USA", 0.1))
    page = dt.reading.explain(dt.run(world, asked, draws=16, seed=1), "MEX", "real_income")
    assert page.digest == world.digest
    assert len(page.job) == 64
    assert {"flow", "tariff_rate", "trade_elasticity"} <= {one["layer"] for one in page.layers}
    assert len(page.edits) == 2
    assert page.settings["largest_residual"] <= 1e-10
    assert sum(one["share"] for one in page.drivers) <= 1
    assert all(one["source"] for one in page.drivers)
    point = dt.reading.explain(dt.run(world, asked, draws=0), "MEX", "real_wage")
    assert point.value["p05"] is None
    assert point.drivers == []
    assert "no variance" in point.drivers_note
    assert json.loads(point.to_json()) == json.loads(json.dumps(point.to_dict()))


def test_a_page_of_an_embedded_world_names_its_sources():
    outcome = dt.run("campos2019", "russia-autarky", draws=0, alone=False)
    page = dt.reading.explain(outcome, "RUS")
    flow = next(one for one in page.layers if one["layer"] == "flow")
    assert flow["vintage"] == "2019"
    assert flow["sources"][0]["key"] == "campos2019"
    notes = {one["layer"]: one["note"] for one in page.layers}
    assert notes["deficit"].startswith("follows from flow")
    assert notes["export_ban"].startswith("no part of the base")


def test_idle_parameters_are_no_drivers():
    """One country's answer hangs on three parameters; six are drawn, forty times."""
    page = dt.reading.explain(fabricate(40), "CAN")
    assert {one["parameter"] for one in page.drivers} <= {
        "trade_elasticity[vehicles]",
        "sanction_effect_broad_imports",
        "sanction_persistence",
    }


def test_an_edit_alone_is_explained_too(outcome):
    label = f"{NAME} / {RIFT}"
    page = dt.reading.explain(outcome, "CAN", scenario=label)
    assert page.scenario == label
    assert page.alone == []
    np.testing.assert_allclose(
        page.value["median"], outcome.table("real_income", "CAN", label)["median"].item()
    )


def test_the_command_prints_the_page(outcome, tmp_path):
    folder = str(save_outcome(outcome, tmp_path / "o"))
    words = ["explain", folder, "--country", "MEX", "--variable", "real_income"]
    text = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert "Mexico (MEX): real_income" in text
    assert "equation" in text
    page = json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)
    assert page["iso3"] == "MEX"
    assert page["drivers"]


def test_unknown_names_are_refused_with_the_nearest(outcome):
    with pytest.raises(ScenarioError, match="MEX"):
        dt.reading.explain(outcome, "MXE")
    with pytest.raises(ScenarioError, match="real_wage"):
        dt.reading.explain(outcome, "MEX", "real_wages")


def test_a_page_shows_itself_in_a_notebook(outcome):
    page = dt.reading.explain(outcome, "RUS")
    shown = page._repr_html_()
    assert shown.startswith("<table>") and page.name in shown and "p95: " in shown
    assert shown.count("<tr>") == len(page.to_dict())
    with pytest.raises(
        dt.DetenteError, match=r"'@EU' is a group.*group_change\('real_income', '@EU'\)"
    ):
        dt.reading.explain(outcome, "@EU")
