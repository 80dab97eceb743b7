"""The risk of disputes in a world: shapes, draws, signs of edits, refusals."""

import numpy as np
import pytest

import detente as dt
from detente.errors import ScenarioError, WorldError
from detente.security.dispute_record import dispute_model
from detente.security.dispute_terms import TERMS
from detente.security.disputes import KINDS, LAYERS, dispute_hazards, world_terms


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


@pytest.fixture(scope="module")
def base(world):
    return dispute_hazards(world, draws=8, seed=3)


def place(world, *codes):
    return [world.countries.index(code) for code in codes]


@pytest.mark.parametrize("kind", KINDS)
def test_chances_are_symmetric_and_within_bounds(base, kind):
    grid = getattr(base, kind)
    assert grid.shape == (8, 197, 197)
    assert np.isfinite(grid).all() and grid.min() >= 0 and grid.max() < 1
    np.testing.assert_allclose(grid, grid.transpose(0, 2, 1), rtol=1e-12)
    assert (np.diagonal(grid, axis1=1, axis2=2) == 0).all()


def test_stages_are_nested(base):
    assert (base.war <= base.fatal).all() and (base.fatal <= base.onset).all()


def test_a_draw_does_not_depend_on_their_number(world, base):
    fewer = dispute_hazards(world, draws=3, seed=3)
    np.testing.assert_allclose(fewer.onset, base.onset[:3], rtol=1e-12)
    assert (dispute_hazards(world, draws=3, seed=4).onset != fewer.onset).any()


def test_territories_that_are_no_states_have_no_disputes(world, base):
    assert "GRL" in base.not_states and "GRC" not in base.not_states
    assert base.onset[:, place(world, "GRL")[0]].max() == 0


def test_the_mean_over_draws_is_near_the_estimate(world):
    many = dispute_hazards(world, draws=100, seed=1)
    point = dispute_hazards(world, point=True)
    everyone = np.ones((197, 197), dtype=bool)
    ratio = many.expected(everyone).mean() / point.expected(everyone)[0]
    assert 0.8 < ratio < 1.35


def test_expected_counts_add_up(world, base):
    one, two = np.zeros((2, 197, 197), dtype=bool)
    usa, rus, chn = place(world, "USA", "RUS", "CHN")
    one[usa, rus] = two[rus, chn] = True
    both = base.expected(one | two)
    np.testing.assert_allclose(both, base.expected(one) + base.expected(two))
    np.testing.assert_allclose(base.expected(one | one.T), base.onset[:, usa, rus])


def test_table_is_sorted_and_restricted(base):
    table = base.table("war", countries=["EST"], top=5)
    assert len(table) == 5 and table["median"].is_monotonic_decreasing
    assert ((table["iso3_a"] == "EST") | (table["iso3_b"] == "EST")).all()
    assert (table["p05"] <= table["median"]).all() and (table["median"] <= table["p95"]).all()


def edits(world):
    """Yield a term, layers after an edit between USA and RUS, and the change of the term."""
    usa, rus = place(world, "USA", "RUS")
    position = world.values("ideal_point").copy()
    position[rus] = position[usa]
    yield "position_gap", {"ideal_point": position}, -1
    pact = world.values("defence_pact").copy()
    pact[usa, rus] = 1
    yield "defence_pact", {"defence_pact": pact}, 1
    lifted = {name: world.values(name).copy() for name in ("sanction_trade", "sanction_financial")}
    for grid in lifted.values():
        grid[usa, rus] = grid[rus, usa] = 0
    yield "sanction", lifted, -1
    member = world.values("membership").copy()
    member[usa, [str(name) for name in world.layers["organisation"].values].index("SCO")] = 1
    yield "joint_organisations", {"membership": member}, 1
    arms = world.values("warheads").copy()
    arms[usa] = 0
    yield "both_nuclear", {"warheads": arms}, -1


@pytest.mark.parametrize("number", range(5))
def test_an_edit_moves_the_pair_with_the_estimated_sign(world, number):
    term, layers, change = list(edits(world))[number]
    usa, rus = place(world, "USA", "RUS")
    edited = world.replace(**layers)
    before = dispute_hazards(world, point=True).onset[0, usa, rus]
    after = dispute_hazards(edited, point=True).onset[0, usa, rus]
    assert np.sign(after - before) == np.sign(change * dispute_model().of(term))
    far, away = place(world, "BOL", "NPL")
    if term != "joint_organisations":
        ratio = dispute_hazards(edited, point=True).onset[0, far, away]
        assert ratio == pytest.approx(dispute_hazards(world, point=True).onset[0, far, away])


def test_unknown_covariates_never_reach_the_result(world):
    blank = np.full(197, np.nan)
    emptied = world.replace(polyarchy=blank, ideal_point=blank)
    assert np.isfinite(dispute_hazards(emptied, draws=2).onset).all()
    terms = world_terms(world, np.ones(197, dtype=bool))
    assert tuple(terms) == TERMS


def test_a_world_without_the_layers_is_refused():
    with pytest.raises(WorldError, match="has no layer"):
        dispute_hazards(dt.load_world("campos2019"), draws=1)
    assert "distance_min" in LAYERS


def test_unknown_names_are_refused(base):
    with pytest.raises(ScenarioError, match="did you mean war"):
        base.table("wars")
    with pytest.raises(ScenarioError, match="no country"):
        base.table(countries=["XXX"])
    with pytest.raises(ScenarioError, match="shape"):
        base.expected(np.ones((3, 3), dtype=bool))
