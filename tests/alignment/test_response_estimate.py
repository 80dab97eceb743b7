"""The estimate: known coefficients are found again, and a random walk is not beaten."""

import os
from pathlib import Path

import numpy as np
import pytest

from detente.alignment.response_record import read_record
from detente.alignment.response_terms import Ties, exposures, row_weights, smoothed
from detente.data.estimate import alignment_response, alignment_response_checks
from detente.data.estimate.alignment_response_fit import bootstrap, design, moments, rolling, solve
from detente.data.estimate.alignment_response_panel import Panel, read_panel, smooth
from detente.data.estimate.alignment_response_scores import (
    Errors,
    advantage,
    autoregression_errors,
    forecast_errors,
    ratio_interval,
    verdict,
)

RAW = Path(os.environ.get("DETENTE_RAW", Path(__file__).parents[3] / "shared" / "data"))
needs_raw = pytest.mark.skipif(
    not (RAW / "unga_ideal").is_dir(),
    reason="raw tables absent (set DETENTE_RAW): unga_ideal and those of the ties",
)
TERMS = ("own_move", "allies_gap", "allies_move")
TRUTH = np.array([-0.2, 0.15, 0.3])


def simulated(truth, noise=0.0, years=60, states=40, seed=0, terms=TERMS) -> Panel:
    """Return a panel made by the equation, with a common shock each session and entries."""
    random = np.random.default_rng(seed)
    strength = (random.random((states, states)) < 0.2).astype(float)
    ties = Ties({"allies": row_weights(np.maximum(strength, strength.T))})
    now = random.normal(size=states)
    change, level, found = np.zeros(states), now.copy(), [now]
    for _ in range(years - 1):
        parts = exposures(now, change - change.mean(), level, ties, terms)
        change = np.asarray(truth) @ parts + random.normal(0, 0.15, states) + random.normal(0, 0.3)
        now = now + change
        level = smoothed(level, now)
        found.append(now)
    position = np.array(found) + noise * random.standard_normal((years, states))
    position[: years // 3, : states // 4] = np.nan
    present = np.isfinite(position)
    weights = [Ties({"allies": row_weights(ties.weights["allies"], p)}) for p in present]
    spread = np.full_like(position, max(noise, 1e-9))
    codes = tuple(f"C{place}" for place in range(states))
    first = 2024 - years + 1
    return Panel(np.arange(first, 2025), codes, position, spread, smooth(position), tuple(weights))


def fit(panel: Panel, terms=TERMS) -> np.ndarray:
    squares, products = moments(design(panel, terms))
    return solve(squares.sum(axis=0), products.sum(axis=0))


def test_known_coefficients_are_found_again():
    panel = simulated(TRUTH, years=120)
    error = bootstrap(design(panel, TERMS), len(panel.countries), 60, 1).std(axis=0)
    assert (abs(fit(panel) - TRUTH) < 4 * error).all()
    assert (error < 0.1).all()


def test_noise_alone_looks_like_convergence_and_the_correction_removes_it():
    """The state's own error sits in the gap and, with the same sign, in the next change."""
    panel = simulated([0.0], noise=0.2, years=100, terms=("allies_gap",))
    naive = fit(panel, ("allies_gap",))[0]
    found = alignment_response_checks.corrected(panel, ["allies_gap"])["allies_gap"]
    lagged = alignment_response_checks.instrumented(panel, ["allies_gap"])["allies_gap"]
    assert naive > 0.01
    assert abs(found["coefficient"]) < naive / 2
    assert abs(lagged["coefficient"]) < naive / 2
    seen = alignment_response_checks.noise(panel)
    assert seen["implied_noise_sd"] == pytest.approx(0.2, rel=0.15)


def test_effects_of_states_are_taken_out():
    panel = simulated(TRUTH, years=120)
    random = np.random.default_rng(1)
    fixed = random.normal(0, 0.02, len(panel.countries))
    drifting = panel.position + np.outer(np.arange(120), fixed)
    other = Panel(
        panel.years, panel.countries, drifting, panel.spread, smooth(drifting), panel.ties
    )
    found = alignment_response_checks.within_states(other, ("allies_gap",))["allies_gap"]
    assert found["coefficient"] > 0 and found["se"] > 0


def test_a_forecast_knows_nothing_of_the_future():
    panel = simulated(TRUTH)
    later = panel.position.copy()
    later[41:] = 9.0
    changed = Panel(panel.years, panel.countries, later, panel.spread, smooth(later), panel.ties)
    first, second = (rolling(design(p, TERMS)) for p in (panel, changed))
    np.testing.assert_array_equal(first[:41], second[:41])
    assert not np.allclose(first[41], second[41])
    span = (1, int(panel.years[30]), int(panel.years[40]))
    one, two = (forecast_errors(p, TERMS, *span) for p in (panel, changed))
    np.testing.assert_array_equal(one.squared, two.squared)


def test_a_strong_response_beats_the_random_walk_and_none_does_not():
    span = (1, 1990, 2024)
    strong = simulated(TRUTH)
    model, walk = (forecast_errors(strong, terms, *span) for terms in (TERMS, ()))
    assert verdict(advantage(model, walk)) == "beats" and model.rmse < walk.rmse
    assert ratio_interval(model, walk, 200, 1)[1] < 1
    still = simulated([0.0, 0.0, 0.0])
    model, walk = (forecast_errors(still, terms, *span) for terms in (TERMS, ()))
    assert verdict(advantage(model, walk)) == "does not beat"
    assert ratio_interval(model, walk, 200, 1)[1] > 1


def test_the_random_walk_and_its_test():
    panel = simulated(TRUTH)
    walk = forecast_errors(panel, (), 2, 1990, 2024)
    moves = panel.position[-33:] - panel.position[-35:-2]
    assert walk.rmse == pytest.approx(np.sqrt(np.nanmean(moves**2)))
    assert walk.count == np.isfinite(moves).sum()
    assert advantage(walk, walk) == {"statistic": 0.0, "p": 1.0}
    worse = Errors(walk.squared + 0.1 + 0.01 * np.arange(33)[:, None], 2)
    assert advantage(worse, walk)["p"] > 0.99


def test_an_autoregression_of_a_stationary_series_beats_the_walk():
    random = np.random.default_rng(3)
    position = np.zeros((60, 30))
    for t in range(1, 60):
        position[t] = 0.5 * position[t - 1] + random.normal(size=30)
    nothing = tuple(Ties() for _ in range(60))
    panel = Panel(
        np.arange(1965, 2025), tuple(map(str, range(30))), position, position, position, nothing
    )
    span = (1, 1990, 2024)
    assert autoregression_errors(panel, *span).rmse < forecast_errors(panel, (), *span).rmse


def test_disagreement_of_specifications_widens_the_covariance():
    fitted = {
        "terms": ["own_level", "allies_gap"],
        "coefficient": [0.1, 0.02],
        "covariance": [[1e-4, 0.0], [0.0, 1e-4]],
    }
    others = {
        name: {"allies_gap": {"coefficient": 0.01 * place}}
        for place, name in enumerate(alignment_response.SPECIFICATIONS)
    }
    wide = np.array(alignment_response.widened(fitted, others)["covariance"])
    assert wide[0, 0] == 1e-4 and wide[1, 1] > 2e-4


@needs_raw
def test_shipped_scores_are_found_again():
    record = read_record()
    panel = read_panel(RAW, "votes_2025")
    terms = alignment_response.CANDIDATES[record["model"]]
    squares, products = moments(design(panel, terms))
    again = solve(squares.sum(axis=0), products.sum(axis=0))
    np.testing.assert_allclose(again, record["coefficients"]["coefficient"], rtol=1e-4)
    shipped = {row["horizon"]: row for row in record["scores"]["votes_2025"]}
    for horizon in (1, 5):
        for name, known in (("rmse_model", terms), ("rmse_random_walk", ())):
            errors = forecast_errors(panel, known, horizon, 1990, 2024)
            assert errors.rmse == pytest.approx(shipped[horizon][name], rel=1e-4)
    assert record["default_on"] == all(record["beats"].values())
