"""Every number of a brief can be recomputed from the outcome."""

import dataclasses
import json

import numpy as np
import pytest
from weighing import weighed

from detente.alignment.response_record import response_model
from detente.brief import Brief, numbers, sentences, words, write_brief
from fabricate import NAME, RETALIATION, fabricate, with_imbalance


def figures(part):
    if isinstance(part, dict):
        if {"median", "variable", "who"} <= set(part):
            yield part
        for value in part.values():
            yield from figures(value)
    elif isinstance(part, list):
        for value in part:
            yield from figures(value)


def test_every_figure_is_in_the_outcome(outcome, page):
    found = list(figures(page))
    assert len(found) > 100
    for figure in found:
        values = 100 * outcome.group_change(figure["variable"], figure["who"], figure["scenario"])
        assert figure["median"] == pytest.approx(np.median(values), abs=1e-12)
        assert figure["p95"] == pytest.approx(np.quantile(values, 0.95), abs=1e-12)
        assert figure["draws"] == len(values)


def test_claims_keep_their_variant_and_what_is_not_modelled_its_name(page):
    ids = [claim["id"] for claim in page["claims"]]
    assert ids == ["1a", "1b", "11a", "11c"]
    variants = {claim["id"]: len(claim["variants"]) for claim in page["claims"]}
    assert variants == {"1a": 0, "1b": 0, "11a": 1, "11c": 1}
    assert [claim["id"] for claim in page["not_modelled"]] == ["2", "12"]


def test_a_variant_names_only_its_own_edits(page):
    second = page["scenarios"][1]
    assert [edit["label"] for edit in second["own"]] == ["retaliation"]
    assert second["shared_note"].startswith("The 2 edits of")


def test_failed_draws_and_the_largest_residual_are_stated(page):
    facts = page["certificate"]
    assert facts["failed"][0]["count"] == 2
    assert facts["failed"][0]["scenario"] == NAME
    assert facts["largest_residual"] == 3e-12


def test_limits_name_the_layers_that_no_model_reads(page):
    assert any("alliance reliability" in limit for limit in page["limits"])


def test_countries_that_act_come_with_groups_and_world(page):
    rows = page["headline"]["scenarios"][0]["rows"]
    assert {row["name"] for row in rows} >= {"Russia", "United States", "EU (27)", "World"}
    assert {s["name"] for s in page["headline"]["scenarios"]} == {NAME, RETALIATION}


def test_the_content_is_json_and_stays_the_same(outcome, brief, tmp_path):
    again = json.loads(brief.to_json(tmp_path / "brief.json"))
    assert again == brief.page == brief.to_dict()
    assert Brief(again).to_html() == write_brief(outcome).to_html()
    assert (tmp_path / "brief.json").is_file()


def test_words_take_no_side(brief):
    text = brief.to_markdown().lower()
    for word in ("unfortunately", "clearly", "obviously", "disaster", "success", "betray", "enemy"):
        assert word not in text


def test_a_point_estimate_claims_no_certainty():
    page = write_brief(weighed(fabricate(draws=0))).page
    assert {claim["verdict"] for claim in page["claims"]} == {"point estimate only"}
    assert all(figure["p05"] is None for figure in figures(page))
    html = Brief(page).to_html()
    assert "A point estimate gives no verdict" in html and "share of draws" not in html
    count = len(page["claims"])
    assert f"{count} claims stand with a number and without a verdict" in " ".join(page["lead"])
    assert not any(claim["lines"]["thresholds"] for claim in page["claims"])


def test_a_scenario_without_solution_leaves_the_others():
    page = write_brief(weighed(fabricate(draws=3, fail=(0, 1, 2)))).page
    assert [s["name"] for s in page["headline"]["scenarios"]] == [RETALIATION]
    assert "no equilibrium" in {claim["verdict"] for claim in page["claims"]}
    text = Brief(page).to_html()
    assert "no equilibrium within 400 steps" in text


def test_no_solution_at_all_is_still_a_brief():
    outcome = fabricate(draws=3)
    nothing = outcome.ok.copy(data=np.zeros_like(outcome.ok.values))
    draws = outcome.draws.assign(converged=False, reason="RUS has no supplier of food")
    page = write_brief(dataclasses.replace(outcome, ok=nothing, draws=draws)).page
    assert page["headline"]["scenarios"] == []
    assert "RUS has no supplier of food" in Brief(page).to_html()


def test_one_scenario_without_claims_or_pages(outcome):
    bare = dataclasses.replace(outcome, claims=[], manifest={"draws": 60})
    page = write_brief(bare).page
    assert page["claims"] == []
    for text in (Brief(page).to_html(), Brief(page).to_markdown()):
        assert "Certificate" in text


def test_countries_that_claims_name_have_rows_and_the_world_one(outcome):
    one = next(claim for claim in outcome.claims if claim.get("variable") == "real_income")
    more = [
        {**one, "id": name, "where": {"country": code}}
        for name, code in (("x", "BRA"), ("y", "@WORLD"))
    ]
    pages = {
        name: page | {"groups": [*page["groups"], "@WORLD"]}
        for name, page in outcome.manifest["scenarios"].items()
    }
    named = dataclasses.replace(
        outcome, claims=[*outcome.claims, *more], manifest=outcome.manifest | {"scenarios": pages}
    )
    rows = [row["who"] for row in write_brief(named).page["headline"]["scenarios"][0]["rows"]]
    assert "BRA" in rows and rows.count("@WORLD") == 1 and rows[-1] == "@WORLD"


def test_the_horizon_is_said_wherever_adjustment_is(outcome):
    short = dataclasses.replace(outcome, manifest=outcome.manifest | {"horizon": "short"})
    for page, said, other in (
        (write_brief(short).page, "a year on", "full adjustment"),
        (write_brief(outcome).page, "full adjustment", "a year on"),
    ):
        assert said in page["caveats"][-1] and other not in page["caveats"][-1]
    assert "a year on" in " ".join(write_brief(short).page["limits"])
    assert "Horizon: short" in write_brief(short).to_markdown()


def test_draws_are_counted_once():
    claim = {"draws": 8, "failed_draws": 0, "note": "only 8 draws"}
    assert sentences._draws(claim) == "only 8 draws"
    assert sentences._draws(claim | {"failed_draws": 2}) == "only 8 draws; 2 failed"
    assert sentences._draws(claim | {"note": "a note"}) == "8 draws; a note"


def test_compensated_income_stands_where_incomes_are_pooled(outcome):
    data = outcome.data.assign(compensated_income=outcome.data["real_income"])
    pooled = {
        name: page | {"layers": [*page["layers"], "compensation"]}
        for name, page in outcome.manifest["scenarios"].items()
    }
    whole = dataclasses.replace(outcome, data=data)
    names = [one["name"] for one in write_brief(whole).page["headline"]["variables"]]
    assert "compensated_income" not in names
    whole = dataclasses.replace(whole, manifest=outcome.manifest | {"scenarios": pooled})
    names = [one["name"] for one in write_brief(whole).page["headline"]["variables"]]
    assert names[-1] == "compensated_income"


def test_edits_that_do_nothing_are_named_together():
    nothing = {"median": 0.0, "p05": 0.0, "p95": 0.0}
    some = {"median": -46.0, "p05": -73.0, "p95": -14.0}
    parts = [("a", some), ("b", nothing), ("c", nothing), ("interaction", nothing)]
    claim = {"unit": "%", "due_to": [{"label": label, **one} for label, one in parts]}
    assert sentences._due_to(claim) == f"a {numbers.full(some)}; b, c and interaction 0."
    # What is small is not nothing, and keeps its interval.
    small = [{"label": "d", "median": 1e-4, "p05": 0.0, "p95": 2e-4}]
    assert sentences._due_to(claim | {"due_to": [*claim["due_to"], *small]}).startswith("a \u2212")


def test_points_and_places_are_written_as_in_a_sentence():
    claim = {"unit": "points", "threshold": 1.0, "verdict": "holds"}
    claim |= {"share_beyond": 1.0, "verdict_half": "holds", "verdict_double": "undecided"}
    said = sentences._thresholds(claim).replace("\u00a0", " ")
    assert said == "at 1 point holds; at half (0.5 points) holds; at double (2 points) undecided."
    for name, inside in (
        ("United States", "the United States"),
        ("Marshall Islands", "the Marshall Islands"),
        ("Russia", "Russia"),
        ("Congo", "Congo"),
        ("Eastern Europe (13)", "Eastern Europe (13)"),
        ("Neighbours of Russia (18)", "the neighbours of Russia (18)"),
        ("World", "the world"),
    ):
        assert words.inside(name) == inside


def test_the_scores_of_the_response_are_counted_not_listed():
    text = " ".join(sentences.standing_limits(False))
    model = response_model()
    beaten = sum(score.verdict_random_walk == "beats" for score in model.scored)
    assert f"Of {len(model.scored)} tests" in text and f"a random walk in {beaten} " in text
    assert "session(s)" not in text and "votes_20" not in text


def test_income_that_stands_on_a_large_deficit_is_a_caveat(outcome):
    strained = with_imbalance(outcome, "NOR", 1.22, 43.88)
    brief = write_brief(strained)
    said = "Norway: real income +4,388 %: its deficit in the base is 122 % of its income"
    assert said in brief.page["caveats"][0]
    assert said in brief.to_markdown() and said in brief.to_html()
