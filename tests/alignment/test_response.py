"""Responses of third states: identities, worlds before and after, bad input."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente as dt
from detente.alignment.response import respond, respond_world, response_model, ties_of_world
from detente.alignment.response_drift import drift
from detente.alignment.response_record import RECORD, observed_assembly, read_record
from detente.alignment.response_terms import Ties, exposures, path, row_weights
from detente.data.estimate.tables import DATA
from detente.errors import ScenarioError, WorldError

TERMS = ("own_level", "own_move", "allies_gap", "allies_move", "rivals_gap")
COUNT = 6


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


def some(seed: int) -> tuple[np.ndarray, Ties, np.ndarray]:
    random = np.random.default_rng(seed)
    ties = {k: row_weights(random.random((COUNT, COUNT)) > 0.5) for k in ("allies", "rivals")}
    return random.normal(size=COUNT), Ties(ties), random.normal(0, 0.1, size=(4, len(TERMS)))


seeds = st.integers(0, 10_000)


@given(seeds)
def test_nothing_edited_changes_nothing(seed):
    position, ties, coefficients = some(seed)
    nobody = np.zeros(COUNT, bool)
    found = respond(position, ties, position, ties, coefficients, TERMS, nobody)
    assert (found == 0).all()


@given(seeds)
def test_the_response_is_linear_in_the_move_and_held_states_stay(seed):
    position, ties, coefficients = some(seed)
    held = np.arange(COUNT) < 2
    moves = np.where(held, np.arange(1.0, COUNT + 1), 0.0)
    one = respond(position, ties, position + moves, ties, coefficients, TERMS, held)
    two = respond(position, ties, position - 2 * moves, ties, coefficients, TERMS, held)
    np.testing.assert_allclose(two, -2 * one, atol=1e-12)
    np.testing.assert_allclose(one[..., held], np.broadcast_to(moves[held], (4, 5, 2)))


@given(seeds)
def test_a_shift_of_all_positions_changes_no_response(seed):
    """Only differences matter: the zero of the scale has no meaning."""
    position, ties, coefficients = some(seed)
    after = Ties({k: np.roll(np.roll(w, 1, 0), 1, 1) for k, w in ties.weights.items()})
    nobody = np.zeros(COUNT, bool)
    here = respond(position, ties, position, after, coefficients, TERMS, nobody)
    there = respond(position + 3, ties, position + 3, after, coefficients, TERMS, nobody)
    np.testing.assert_allclose(here, there, atol=1e-10)


@given(seeds)
def test_names_of_countries_do_not_matter(seed):
    position, ties, coefficients = some(seed)
    held = np.arange(COUNT) == 1
    after = position + held
    order = np.random.default_rng(seed).permutation(COUNT)
    turned = Ties({k: w[np.ix_(order, order)] for k, w in ties.weights.items()})
    first = respond(position, ties, after, ties, coefficients, TERMS, held)
    second = respond(
        position[order], turned, after[order], turned, coefficients, TERMS, held[order]
    )
    np.testing.assert_allclose(second, first[..., order], atol=1e-12)


def test_a_draw_does_not_depend_on_the_others():
    position, ties, coefficients = some(1)
    held = np.arange(COUNT) == 0
    all_at_once = respond(position, ties, position + held, ties, coefficients, TERMS, held)
    for draw in range(4):
        alone = respond(position, ties, position + held, ties, coefficients[draw], TERMS, held)
        np.testing.assert_allclose(alone[0], all_at_once[draw], atol=1e-14)


def test_terms_by_hand():
    """Three states, other weights in each row: state 2 has one ally, state 3 none."""
    weights = np.array([[0.0, 0.75, 0.25], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    position, change = np.array([1.0, 2.0, 4.0]), np.array([0.1, 0.2, 0.4])
    ties = Ties({"allies": weights})
    terms = ["own_level", "own_move", "allies_gap", "allies_move"]
    found = exposures(position, change, np.array([0.0, 2.0, 5.0]), ties, terms)
    np.testing.assert_allclose(found[0], [-1, 0, 1])
    np.testing.assert_allclose(found[1], change)
    np.testing.assert_allclose(found[2], [0.75 * 2 + 0.25 * 4 - 1, 1 - 2, 0], atol=1e-15)
    np.testing.assert_allclose(found[3], [0.75 * 0.2 + 0.25 * 0.4, 0.1, 0], atol=1e-15)


def test_a_forecast_from_the_mean_moves_no_mean():
    position, ties, coefficients = some(5)
    everyone = np.ones(COUNT, bool)
    found = path(position, position / 9, position, ties, coefficients, TERMS, 3, centred=everyone)
    np.testing.assert_allclose(found.mean(axis=-1), position.mean(), atol=1e-12)


# ---- worlds


def moved(world: dt.World, code: str, by: float) -> dt.World:
    position = world.values("ideal_point").copy()
    position[world.countries.index(code)] += by
    return world.replace(ideal_point=position)


def test_the_record_is_the_one_the_model_shows():
    record, model = read_record(), response_model()
    assert json.loads((DATA / RECORD).read_text()) == record
    assert model.default_on == record["default_on"] == all(record["beats"].values())
    assert bool(model.flag) is not model.default_on
    assert {s.horizon for s in model.scored} >= {1, 5}
    for score in model.scored:
        if score.horizon in (1, 5) and model.default_on:
            assert score.verdict_random_walk == score.verdict_own_history == "beats"
        assert "random walk" in score.sentence()
    # The errors of the random walk that a model has to beat, in the release they were found in.
    anchors = {s.horizon: s.rmse_random_walk for s in model.scored if s.release == "votes_2020"}
    assert anchors[1] == pytest.approx(0.199, abs=5e-4)
    assert anchors[5] == pytest.approx(0.321, abs=5e-4)
    draws = model.draw(4000, 1)
    np.testing.assert_allclose(draws.mean(axis=0), model.mean, atol=0.01)
    np.testing.assert_allclose(np.cov(draws.T), model.covariance, atol=2e-3)


def test_a_moved_ally_pulls_the_third_states(world):
    found = respond_world(world, moved(world, "POL", 1.0), draws=50, horizon=3)
    assert found.actors == ("POL",)
    table = found.table(3).set_index("iso3")
    assert "POL" not in table.index and np.isfinite(table["median"]).all()
    assert table.loc["LTU", "median"] > 0 and table.loc["LTU", "p05"] < table.loc["LTU", "p95"]
    assert set(table["flag"]) == {found.flag}
    again = respond_world(world, moved(world, "POL", 1.0), draws=50, horizon=3)
    assert (again.change == found.change).all(), "the same seed gives the same answer"


def test_a_new_trade_matrix_is_read(world):
    count = len(world.countries)
    same = respond_world(world, world, draws=3, trade_after=world.values("flow")[:, :, :10].sum(2))
    assert abs(same.change).max() < 1e-12
    other = respond_world(world, world, draws=3, trade_after=np.ones((count, count)))
    assert abs(other.change).max() > 0


def test_ties_follow_edits(world):
    there = np.isfinite(world.values("ideal_point"))
    codes = [c for c, here in zip(world.countries, there, strict=True) if here]
    usa, deu = codes.index("USA"), codes.index("DEU")
    before = ties_of_world(world, there, ["allies", "sanctions"]).weights
    edited = dt.load_scenario("us-russia-realignment").apply(world)
    after = ties_of_world(edited, there, ["allies", "sanctions"]).weights
    assert after["allies"][deu, usa] < before["allies"][deu, usa], "the guarantor weighs less"
    rus = codes.index("RUS")
    assert before["sanctions"][rus, usa] > 0 == before["sanctions"][usa, codes.index("CAN")]
    for kind in before:
        total = before[kind].sum(axis=1)
        assert (np.isclose(total, 1) | (total == 0)).all()


def test_drift_of_allies(world):
    nothing = drift(world, world, "USA", draws=40)
    assert (nothing.direct == 0).all() and (nothing.with_response == 0).all()
    edited = moved(world, "USA", 0.5)
    found = drift(world, edited, "USA", draws=40)
    assert len(found.allies) == found.by_ally.shape[1] > 40
    assert np.median(found.direct) == pytest.approx(0.5, abs=0.06), "it moves away from nearly all"
    table = found.table()
    assert list(table["flag"])[:2] == ["", ""] and table["flag"].iloc[2] == found.flag
    expected = found.with_response if found.default_on else found.direct
    assert (found.headline == expected).all()
    known = respond_world(world, edited, draws=40)
    assert (drift(world, edited, "USA", response=known).with_response == found.with_response).all()


def test_observed_votes_fit_the_model_of_the_assembly():
    votes = observed_assembly()
    first, second = votes["yes"]
    assert 0.8 < first / (first + second) < 1 and 0.1 < votes["silent"] < 0.3


# ---- bad input


def test_bad_arrays():
    position, ties, coefficients = some(2)
    nobody = np.zeros(COUNT, bool)
    with pytest.raises(ScenarioError, match="mark the others held"):
        respond(position, ties, position + 1, ties, coefficients, TERMS, nobody)
    with pytest.raises(ScenarioError, match="finite"):
        respond(position * np.nan, ties, position, ties, coefficients, TERMS, nobody)
    with pytest.raises(ScenarioError, match="same countries"):
        respond(position[1:], ties, position, ties, coefficients, TERMS, nobody)
    with pytest.raises(ScenarioError, match="the ties given are: allies, rivals"):
        exposures(position, position, position, ties, ["friends_gap"])


def test_bad_worlds(world):
    with pytest.raises(ScenarioError, match="same countries"):
        respond_world(world, dt.load_world("campos2019"))
    with pytest.raises(ScenarioError, match="is not a country"):
        respond_world(world, world, actors=["UAS"], draws=2)
    with pytest.raises(ScenarioError, match="'TWN' has no position"):
        respond_world(world, world, actors=["TWN"], draws=2)
    for flow in (np.ones((3, 3)), np.full((197, 197), np.nan)):
        with pytest.raises(ScenarioError, match="origin by destination"):
            respond_world(world, world, trade_after=flow, draws=2)
    with pytest.raises(WorldError, match="there are: allies"):
        ties_of_world(world, np.isfinite(world.values("ideal_point")), ["friends"])
    with pytest.raises(ScenarioError, match="no position"):
        drift(world, world, "TWN", draws=2)
    with pytest.raises(ScenarioError, match="there are 1 to 5"):
        respond_world(world, world, draws=2).table(6)


# ---- the page


def test_the_page_prints_the_shipped_numbers():
    page = (DATA.parents[2] / "docs" / "explanation" / "alignment.md").read_text("utf-8")
    record = read_record()
    fit, checks = record["coefficients"], record["checks"]
    rows = [re.findall(r"`(\w+)`|(-?\d+\.\d+|\d+(?= \|))", line) for line in page.splitlines()]
    seen = set()
    for row in rows:
        names = [name for name, _ in row if name]
        numbers = [number for _, number in row if number]
        if not names or not numbers:
            continue
        name = names[0]
        if name in fit["terms"] and len(numbers) == 3:
            place = fit["terms"].index(name)
            known = [fit[key][place] for key in ("coefficient", "se", "between")]
        elif name in record["scores"] and len(numbers) == 6:
            found = next(s for s in record["scores"][name] if s["horizon"] == int(numbers[0]))
            keys = ("horizon", "rmse_model", "rmse_random_walk", "p_random_walk")
            known = [found[key] for key in (*keys, "rmse_own_history", "p_own_history")]
            name += numbers[0]
        elif name in checks and len(numbers) == 4:
            gaps = ("allies_gap", "regime_gap", "neighbours_gap", "sanctions_gap")
            known = [checks[name][gap]["coefficient"] for gap in gaps]
        else:
            continue
        seen.add(name)
        for number, value in zip(numbers, known, strict=True):
            half = 0.501 * 10.0 ** -len(number.partition(".")[2])
            assert abs(float(number) - value) <= half, (name, number, value)
    scored = {f"{release}{h}" for release in record["scores"] for h in (1, 3, 5, 10)}
    assert seen >= scored | set(fit["terms"]) | {"gaps_only", "from_1990", "state_effects"}
    assert checks["shuffled"]["shuffles"] == 39 and checks["shuffled"]["p"] == 1 / 40
    assert f"{fit['n']:,} state-sessions" in page
