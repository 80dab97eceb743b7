"""The estimate of military spending: exact effects, less bias, no look-ahead, what is shipped."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detente.data.estimate import milex, milex_threat
from detente.data.estimate.milex_fit import (
    NAMES,
    TERMS,
    anderson_hsiao,
    bootstrap,
    design,
    fit,
    long_run,
    within,
)
from detente.data.estimate.milex_panel import FIRST, LAST, Panel, read_panel
from detente.data.estimate.milex_priors import ANCHORS, mixed, pool, priors
from detente.data.estimate.milex_scores import (
    CANDIDATES,
    DRIFT,
    WALK,
    fitted,
    forecast,
    forecast_errors,
    origins,
)
from detente.security.spending_record import (
    draw_spending,
    flag,
    read_record,
    scores,
    spending_priors,
)

RAW = Path(os.environ.get("DETENTE_RAW", Path(__file__).parents[3] / "shared" / "data"))
needs_raw = pytest.mark.skipif(
    not (RAW / "milex_sipri_owid").is_dir(),
    reason="raw tables absent (set DETENTE_RAW): milex_sipri_owid, mids and those of the ties",
)


def simulated(lag=0.9, years=40, states=60, seed=0, output=0.8) -> Panel:
    """Return a panel made by the equation, unbalanced, with ties that change nothing."""
    random = np.random.default_rng(seed)
    span, size = (years, states), (years, states, states)
    gdp = (
        10 + np.cumsum(0.03 + 0.05 * random.normal(size=span), axis=0) + random.normal(size=states)
    )
    own, common = random.normal(size=states), 0.05 * random.normal(size=years)
    spending = np.zeros(span)
    spending[0] = own + output * gdp[0]
    for t in range(1, years):
        target = own + output * gdp[t]
        shock = common[t] + 0.15 * random.normal(size=states)
        spending[t] = lag * spending[t - 1] + (1 - lag) * target + shock
    spending[: years // 2, : states // 3] = np.nan
    pacts = np.broadcast_to(random.random((states, states)) < 0.1, size)
    return Panel(
        years=np.arange(FIRST, FIRST + years),
        countries=tuple(f"C{n}" for n in range(states)),
        spending=spending,
        output=gdp,
        democracy=random.random(span),
        nato=np.zeros(span, dtype=bool),
        latent=np.full(span, np.nan),
        rivals=np.zeros(size, dtype=bool),
        pacts=pacts | pacts.transpose(0, 2, 1),
        threat=10 * random.random(span),
    )


def test_effects_are_taken_out_exactly():
    rows = design(simulated(states=12, years=15))
    weight = np.random.default_rng(1).integers(1, 4, len(rows.now)).astype(float)
    dummies = np.column_stack(
        [rows.state[:, None] == np.arange(12), rows.year[:, None] == np.arange(1, 15)]
    ).astype(float)
    root = np.sqrt(weight)[:, None]
    solved = np.linalg.lstsq(root * dummies, root[:, 0] * rows.now, rcond=None)[0]
    found = within(rows.now[:, None], rows.state, rows.common, weight)[:, 0]
    assert found == pytest.approx(rows.now - dummies @ solved, abs=1e-9)


def test_the_jackknife_takes_out_most_of_the_bias_of_the_lag():
    """Nickell: about (1 + 0.9) / T below; here T is 20 to 39."""
    errors = {"within": [], "jackknife": []}
    for seed in range(8):
        rows = design(simulated(seed=seed))
        for name, found in errors.items():
            found.append(fit(rows, estimator=name)[0] - 0.9)
    assert -0.12 < np.mean(errors["within"]) < -0.03
    assert abs(np.mean(errors["jackknife"])) < abs(np.mean(errors["within"])) / 3


def test_known_coefficients_are_found_again():
    rows = design(simulated(years=76, states=120))
    found, drawn = fit(rows), bootstrap(rows, 30, 1)
    truth = np.zeros(len(NAMES))
    truth[:2] = 0.9, 0.08
    assert (abs(found - truth) < 4 * drawn.std(axis=0) + 1e-9).all()
    assert long_run(found)[1] == pytest.approx(0.8, abs=0.2)
    assert anderson_hsiao(rows) == pytest.approx(0.9, abs=0.2)
    # A static equation sees a slow adjustment half done, and understates where it ends.
    static = fit(rows, lag=0.0)
    assert static[0] == 0 and 0.2 < static[1] < 0.8


def test_a_state_is_explained_by_what_others_spent_the_year_before():
    panel = simulated()
    later = panel.spending.copy()
    later[-1] += 3.0
    one, two = design(panel), design(replace(panel, spending=later))
    assert (one.terms == two.terms).all() and (one.before == two.before).all()


def scrambled(panel: Panel, year: int) -> Panel:
    """Return the panel with everything after a year replaced."""
    random = np.random.default_rng(9)
    stop, parts = panel.row(year) + 1, {}
    for name in ("spending", "output", "democracy", "threat", "latent"):
        values = getattr(panel, name).copy()
        values[stop:] = random.normal(size=values[stop:].shape)
        parts[name] = values
    for name in ("nato", "rivals", "pacts"):
        values = getattr(panel, name).copy()
        values[stop:] = ~values[stop:]
        parts[name] = values
    return replace(panel, **parts)


@pytest.mark.parametrize("candidate", list(CANDIDATES))
@pytest.mark.parametrize("horizon", [1, 5])
def test_no_forecast_looks_ahead(candidate, horizon):
    panel, target = simulated(), FIRST + 35
    origin = target - horizon
    other = scrambled(panel, origin)
    found = []
    for one in (panel, other):
        [(year, known)] = origins(one, lambda _, p=one: p.threat, horizon, target, target)
        assert (
            year == target
            and known.years[-1] == origin
            and len(known.spending) == origin - FIRST + 1
        )
        assert design(known).year.max() == panel.row(origin)
        found.append(forecast(known, fitted(known, candidate), horizon))
    assert (found[0] == found[1]).all()


def test_the_threat_of_an_origin_is_asked_for_by_its_year():
    panel, asked = simulated(), []

    def threat(origin):
        asked.append(origin)
        return panel.threat

    forecast_errors(panel, threat, WALK, 5, FIRST + 30, FIRST + 32)
    assert asked == [FIRST + 25, FIRST + 26, FIRST + 27]


def test_naive_rules_are_what_they_say():
    panel = simulated()
    t, last = panel.row(FIRST + 39), FIRST + 39
    walk = forecast_errors(panel, lambda _: panel.threat, WALK, 1, last, last)
    assert walk.squared[0] == pytest.approx((panel.spending[t] - panel.spending[t - 1]) ** 2)
    drift = forecast_errors(panel, lambda _: panel.threat, DRIFT, 5, last, last)
    growth = np.nanmedian(np.diff(panel.spending[t - 15 : t - 4], axis=0))
    assert drift.squared[0] == pytest.approx(
        (panel.spending[t] - panel.spending[t - 5] - 5 * growth) ** 2
    )


def test_a_short_history_is_forecast_by_the_walk():
    panel = simulated()
    spending = panel.spending.copy()
    spending[:-5, 0] = np.nan
    known = replace(panel, spending=spending)
    found = forecast(known, fitted(known, "within_all"), 3)
    assert found[0] == spending[-1, 0] and (found[1:] != spending[-1, 1:]).all()


def test_the_equation_forecasts_a_world_made_by_it():
    panel = simulated(lag=0.7, years=60)
    span = (5, FIRST + 40, FIRST + 59)
    ours = forecast_errors(panel, lambda _: panel.threat, "jackknife_output", *span)
    walk = forecast_errors(panel, lambda _: panel.threat, WALK, *span)
    assert ours.rmse < walk.rmse and ours.count == walk.count


def test_the_logit_finds_known_coefficients_and_keeps_to_its_years():
    random = np.random.default_rng(3)
    truth = np.array([-3.0, 1.0])
    years = np.arange(1950, 1970)
    features = [np.column_stack([np.ones(800), random.normal(size=800)]) for _ in years]
    fatal = [(random.random(800) < 1 / (1 + np.exp(-x @ truth))).astype(float) for x in features]
    place = [np.arange(800) for _ in years]
    pairs = milex_threat.Pairs(("A",), years, place, place, features, fatal)
    assert milex_threat.fit(pairs) == pytest.approx(truth, abs=0.15)
    later = [y if n < 10 else 1 - y for n, y in enumerate(fatal)]
    early = milex_threat.fit(pairs, 1959)
    assert (milex_threat.fit(replace(pairs, fatal=later), 1959) == early).all()


def test_pools_and_mixtures_are_no_narrower_than_they_may():
    assert pool([1.0], [0.5]) == (1.0, 0.5)
    middle, spread = pool([0.0, 1.0, 5.0], [0.1, 0.1, 50.0])
    assert middle == pytest.approx(0.5, abs=1e-3) and spread > 0.5
    assert mixed((0.3, 0.2), None) == (0.3, 0.2)
    fits = {"a": {"threat": {"value": 0.0, "se": 0.01}}}
    row = priors(fits, {"threat": ["a"]})["threat"]
    assert row["location"] == pytest.approx(0.01) and row["scale"] > 0.01
    assert row["lower"] == 0.0 and row["upper"] is None


def test_what_is_shipped_follows_from_the_fits():
    record = read_record()
    made = milex.rounded(priors(record["fits"], milex.USED))
    for name, row in record["priors"].items():
        assert row["location"] == pytest.approx(made[name]["location"], rel=1e-4), name
        assert row["scale"] == pytest.approx(made[name]["scale"], rel=1e-4), name
    assert record["fits"]["jackknife"]["n"] > 7000
    text = json.dumps(record)
    assert len(text) < 60_000  # fits and scores alone, no panel


def test_estimates_are_comparable_with_published_sizes():
    """Output .91-1.04, threat about 2 per cent a point, rivals .024-.029, lag .76-.91."""
    fits, found = read_record()["fits"], spending_priors()
    assert 0.6 < fits["static"]["output"]["value"] < 1.1
    assert 0.005 < fits["static"]["threat"]["value"] < 0.03
    assert 0.76 < 1 - fits["within"]["adjustment"]["value"] < 0.91
    assert fits["jackknife"]["adjustment"]["value"] < fits["within"]["adjustment"]["value"]
    assert 0.0 < fits["static"]["rivals"]["value"] < 0.05
    assert fits["static"]["nato_allies"]["value"] < 0 < fits["static"]["allies"]["value"]
    for name, anchor in ANCHORS.items():
        prior = found[name]
        assert abs(prior.location - anchor.mean) < 2 * prior.scale, name


def test_draws_keep_their_bounds():
    drawn = draw_spending(np.arange(2000), 5)
    assert (drawn["threat"] >= 0).all() and (drawn["output"] >= 0).all()
    assert drawn["adjustment"].min() >= 0.02 and drawn["adjustment"].max() <= 0.5
    assert (drawn["nato_allies"] < 0).mean() > 0.7
    point = draw_spending(np.arange(2), 5, point=True)
    assert point["threat"][0] == point["threat"][1] == spending_priors()["threat"].median


def test_scores_name_the_winner_at_both_horizons():
    table = list(scores())
    assert {row.baseline_name for row in table} == {"random walk", "output alone"}
    for row in table:
        walk = row.baseline_name == "random walk"
        ours, other = ("the equation", "the random walk") if walk else ("all terms", "output alone")
        assert f"{ours if row.ours < row.baseline else other} is smaller" in row.note
        assert row.better == "lower" and row.unit == "log points"
    assert {"1 year ahead" in row.name for row in table} == {True, False}
    assert any(row.ours > row.baseline for row in table), "fits that lose are shown too"
    assert all("90 per cent" in row.note for row in table if row.name.startswith("RMSE"))
    assert len({row.name for row in table}) == len(table)


def test_the_flag_follows_the_rule():
    rows = [row for row in read_record()["scores"] if row["candidate"] == "pooled_all"]
    assert sorted(row["horizon"] for row in rows) == [1, 5]
    earned = all(row["verdict_output_alone"] == "beats" for row in rows)
    assert flag() == ("" if earned else "prior-driven")


@needs_raw
def test_the_panel_is_the_one_described():
    panel = read_panel(RAW)
    assert panel.years[0] == FIRST and panel.years[-1] == LAST
    at = panel.countries.index
    dollars = np.exp(panel.spending[panel.row(2025)])
    # the ranking of 2025 as the source states it, billion USD at prices of 2024
    for code, billion in {"USA": 929, "CHN": 335, "RUS": 158, "DEU": 107}.items():
        assert dollars[at(code)] == pytest.approx(billion * 1000, rel=0.01)
    assert panel.nato[panel.row(2025)].sum() == 32 and panel.nato[panel.row(1950)].sum() == 12
    assert panel.rivals[panel.row(2010), at("IND"), at("PAK")]
    assert not panel.pacts[panel.row(1990), at("USA"), at("RUS")]
    rows = design(panel)
    assert len(rows.now) == read_record()["fits"]["within"]["n"]
    found = fit(rows, estimator="within")
    # the threat is zero in this panel, so its coefficient is too and the rest barely moves
    assert found[1 + TERMS.index("threat")] == 0
    assert 1 - found[0] == pytest.approx(
        read_record()["fits"]["within"]["adjustment"]["value"], abs=0.005
    )


@needs_raw
def test_features_of_pairs_do_not_know_later_disputes(monkeypatch):
    whole = milex_threat.read_pairs(RAW)
    monkeypatch.setattr(milex_threat, "LAST_DISPUTES", 1990)
    early = milex_threat.read_pairs(RAW)
    assert early.years[-1] == 1991 and whole.years[-1] == 2015
    for n in (0, 20, len(early.years) - 1):
        assert (early.features[n] == whole.features[n]).all()
    assert len(early.fatal[-1]) == 0
