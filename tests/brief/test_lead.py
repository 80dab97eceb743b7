"""The headline speaks of every scenario; what no model reads is marked wherever it stands."""

import dataclasses
import json

import numpy as np
import pytest
from rich.console import Console

from detente.brief import Brief, influence, numbers, sentences, write_brief
from detente.brief.pdf import _texts
from detente.ensemble import ensemble_for
from detente.files.worlds import load_world
from detente.runs.assemble import make_manifest
from fabricate import NAME, RETALIATION


def beside(page):
    return [line for line in page["lead"] if line.startswith("Beside it")]


def test_groups_named_in_the_edits_stand_with_the_countries(page):
    assert any(line.startswith("EU (27): ") for line in page["lead"])
    assert not any(line.startswith("World") for line in page["lead"])


def test_a_variant_says_what_turns(outcome, page):
    (line,) = beside(page)
    assert "The same, with retaliation" in line
    first, other = page["headline"]["scenarios"]
    for row, new in zip(first["rows"], other["rows"], strict=True):
        one, two = row["cells"]["real_income"], new["cells"]["real_income"]
        if row["iso3"] and numbers.sign_of(one) != numbers.sign_of(two):
            assert f"{row['name']} {numbers.full(two)}" in line
    assert "Real income: " in line and "Canada" in line


def test_a_variant_names_the_claims_whose_verdict_differs(outcome):
    claims = [dict(claim) for claim in outcome.claims]
    for claim in claims:
        if claim["parent"] == RETALIATION and claim["id"] == "11c":
            claim["verdict"] = "contradicted"
    was = next(c["verdict"] for c in claims if c["id"] == "11c" and c["parent"] == NAME)
    assert was != "contradicted"
    (line,) = beside(write_brief(dataclasses.replace(outcome, claims=claims)).page)
    assert f"11c contradicted (was {was})" in line


def test_a_variant_that_changes_nothing_says_so(outcome):
    values = outcome.data.copy(deep=True)
    k, main = outcome.scenarios.index(RETALIATION), outcome.scenarios.index(NAME)
    for name in values.data_vars:
        values[name].values[k] = values[name].values[main]
    ok = outcome.ok.copy(deep=True)
    ok.values[k] = ok.values[main]
    same = dataclasses.replace(outcome, data=values, ok=ok, claims=[])
    (line,) = beside(write_brief(same).page)
    assert "No country named changes its sign" in line


def test_an_edit_that_no_model_reads_is_marked_in_every_format(outcome):
    pages = json.loads(json.dumps(outcome.manifest["scenarios"]))
    edit = {"label": "pact", "text": "Alliance reliability of USA: 0.4.",
            "layer": "alliance_reliability"}  # fmt: skip
    for page in pages.values():
        page["sentences"].append(edit)
    brief = write_brief(
        dataclasses.replace(outcome, manifest=outcome.manifest | {"scenarios": pages})
    )
    found = {e["label"]: e["note"] for e in brief.page["scenarios"][0]["edits"]}
    assert [label for label, note in found.items() if note] == ["pact"]
    console = Console(width=200, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    brief.to_terminal(console)
    pdf = json.dumps(_texts(brief.page))
    for text in (brief.to_html(), brief.to_markdown(), console.export_text(), brief.to_json(), pdf):
        assert sentences.UNREAD in text
    console.file.close()


@pytest.mark.parametrize("horizon", ["long", "short"])
def test_the_range_of_the_elasticity_that_is_used_is_shown(outcome, horizon):
    world = load_world("world2023")
    ensemble = ensemble_for(world, (), horizon)
    rows = make_manifest(world, [], ensemble, seed=1, draws=10)["priors"]
    stated = {row["name"]: row for row in rows}
    table = ensemble.draw(20_000, 1)
    own = table[[f"trade_elasticity[{sector}]" for sector in world.sectors]].to_numpy()
    used = np.clip(own * table["trade_elasticity_level"].to_numpy()[:, None], *ensemble.bounds)
    if horizon == "short":
        used *= table["short_run_ratio"].to_numpy()[:, None]
    for place, sector in enumerate(world.sectors):
        row = stated[f"trade_elasticity[{sector}]"]
        expected = np.quantile(used[:, place], (0.05, 0.95))
        assert (row["effective_p05"], row["effective_p95"]) == pytest.approx(expected, rel=0.04)
    assert "effective_p05" not in stated["trade_elasticity_level"]
    page = write_brief(dataclasses.replace(outcome, manifest=outcome.manifest | {"priors": rows}))
    row = stated["trade_elasticity[vehicles]"]
    said = numbers.between(row["effective_p05"], row["effective_p95"])
    for text in (page.to_html(), page.to_markdown(), json.dumps(_texts(page.page))):
        assert said.split(",")[0] in text and sentences.PRODUCT in text
    assert "label" not in row


def test_a_headline_of_the_variant_alone_says_why(outcome):
    ok = outcome.ok.copy(deep=True)
    ok.values[outcome.scenarios.index(NAME)] = False
    page = write_brief(dataclasses.replace(outcome, ok=ok, claims=[])).page
    assert page["lead"][0].startswith("No draw of “")
    assert Brief(page).to_html()


def test_an_interrupted_run_is_called_unfinished_first(outcome):
    half = dataclasses.replace(
        outcome, claims=[], manifest=outcome.manifest | {"interrupted": True, "draws": 600}
    )
    page = write_brief(half).page
    assert page["lead"][0].startswith("Unfinished: 60 of 600 draws are solved.")
    text, pdf = Brief(page).to_markdown(), _texts(page | {"not_modelled": []})
    assert sentences.UNWEIGHED in text and pdf["unweighed"] == sentences.UNWEIGHED
    assert pdf["sides"] == pdf["verdicts"] == []
    assert "No claim is made" not in Brief(page).to_html()


def test_a_scenario_without_claims_has_no_section_for_them(outcome):
    page = write_brief(dataclasses.replace(outcome, claims=[])).page | {"not_modelled": []}
    assert "## Claims" not in Brief(page).to_markdown()
    assert not any(_texts(page)[key] for key in ("sides", "verdicts", "unweighed"))


def test_what_is_written_as_zero_neither_rises_nor_leads(outcome):
    values = outcome.data.copy(deep=True)
    for name in values.data_vars:
        values[name].values[:] = -4e-6  # 0.0004 per cent, and 0.0006 in one draw of ten
        values[name].values[:, ::10] = -6e-6
    page = write_brief(dataclasses.replace(outcome, data=values)).page
    small = [line for line in page["lead"] if "real income" in line and "Beside" not in line]
    assert small and all("less than 0.001" in line and "falls" not in line for line in small)
    values = values * 0.1
    page = write_brief(dataclasses.replace(outcome, data=values)).page
    assert "none of them moves by 0.001" in page["ranking"]["rule"]
    assert set(page["ranking"]["countries"]) <= set(outcome.actors)


def test_no_word_of_a_scenario_is_a_tag_in_markdown(page):
    text = Brief(page | {"question": "<script>a < b</script> <!-- c"}).to_markdown()
    assert "&lt;script>a < b&lt;/script> &lt;!-- c" in text


def test_votes_of_a_camp_stand_with_the_spread_of_the_draws():
    rules = [("vote_share", ""), ("output_share", ""), ("capability_share", "")]
    rules += [("prevails_for", r) for r in ("simple_majority", "two_thirds")]
    rules += [("prevails_against", r) for r in ("simple_majority", "two_thirds")]
    rules += [("banzhaf", "two_thirds"), ("shapley", "two_thirds")]
    one = {"before": 0.5, "after": 0.5, "after_p05": 0.4, "after_p95": 0.6}
    still = {"change": 0.0, "change_p05": 0.0, "change_p95": 0.0}
    measures = [one | still | {"measure": m, "rule": r} for m, r in rules]
    rows = [{"label": "camp", "total": 190, "measures": measures}]
    (grid,) = influence.tables({"scenarios": [{"title": "s", "rows": rows}]})
    glue, share = numbers.GLUE, numbers.share(0.5)
    pair = f"{share} / {share}\n[40,{glue}60] / [40,{glue}60]"
    assert grid["rows"][0][3:] == [f"95\n[76,{glue}114]", pair, pair, pair]
