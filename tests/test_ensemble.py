"""Draws: seeded, prefix-stable, independent of one another, within their bounds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.counts import whole
from detente.ensemble import LEVEL, Prior, ensemble_for, parameter_rows
from detente.errors import ScenarioError, WorldError
from detente.files.worlds import load_world
from detente.vocabulary import term
from economies import economy

WORLD = economy()
OWN = ensemble_for(WORLD)
SHIPPED = ensemble_for(load_world("world2023"))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 10_000))
def test_a_draw_does_not_depend_on_how_many_are_made(few, more, seed):
    one, other = OWN.draw(few, seed), OWN.draw(few + more, seed)
    assert one.equals(other.iloc[:few])


def test_a_column_does_not_depend_on_the_others():
    table = SHIPPED.draw(10, 5)
    for name, prior in SHIPPED.priors.items():
        np.testing.assert_array_equal(prior.draw(10, 5), table[name])


def test_columns_are_independent_and_seeds_differ():
    table = SHIPPED.draw(4000, 1)
    spread = table.loc[:, table.std() > 0]
    ranks = spread.rank().corr().to_numpy()
    assert np.abs(ranks - np.eye(len(ranks))).max() < 0.07
    assert not SHIPPED.draw(3, 1).equals(SHIPPED.draw(3, 2))


def test_no_draws_are_the_medians():
    row = SHIPPED.draw(0, 1)
    assert len(row) == 1
    assert row.iloc[0].to_dict() == SHIPPED.medians()
    many = SHIPPED.draw(4001, 8)
    for name, prior in SHIPPED.priors.items():
        width = float(prior.quantile(0.95)) - float(prior.quantile(0.05))
        assert abs(many[name].median() - prior.median) <= 0.05 * width + 1e-12, name


@pytest.mark.parametrize("ensemble", [OWN, SHIPPED], ids=["own", "shipped"])
def test_draws_stay_within_their_bounds(ensemble):
    table = ensemble.draw(2000, 3)
    assert np.isfinite(table.to_numpy()).all()
    for name, prior in ensemble.priors.items():
        assert table[name].between(prior.lower, prior.upper).all(), name
    for _, row in table.iterrows():
        theta = ensemble.theta({str(k): float(v) for k, v in row.items()})
        assert np.all(theta > 0)
        assert np.all((theta >= ensemble.bounds[0]) & (theta <= ensemble.bounds[1]))


def test_the_level_moves_every_elasticity():
    row = OWN.medians()
    np.testing.assert_allclose(OWN.theta(row), [4.0, 6.0])
    np.testing.assert_allclose(OWN.theta(row | {LEVEL: 1.5}), [6.0, 9.0])


@pytest.mark.parametrize("name", ["world2023", "wiod2011", "campos2019"])
def test_an_elasticity_put_in_place_of_another_is_the_median_and_keeps_its_spread(name):
    world = load_world(name)
    before = ensemble_for(world)
    values = world.values("trade_elasticity").copy()
    values[0] = 25.0  # beyond the bounds of published values
    own = ensemble_for(world.replace(trade_elasticity=values))
    np.testing.assert_allclose(own.theta(own.medians()), values)
    pair = (before, own)
    rows = [one.draw(50, 1).to_dict("records") for one in pair]
    used = [np.array([one.theta(row) for row in rows[n]]) for n, one in enumerate(pair)]
    # Only the sector that was restated moves; in proportion to its level its draws do not.
    np.testing.assert_array_equal(used[0][:, 1:], used[1][:, 1:])
    first = f"trade_elasticity[{world.sectors[0]}]"
    assert own.priors[first].scale == before.priors[first].scale
    np.testing.assert_allclose(
        np.log([row[first] / 25.0 for row in rows[1]]),
        np.log([row[first] / before.priors[first].location for row in rows[0]]),
        atol=1e-12,
    )
    assert "the world's own value" in own.priors[first].source
    assert ensemble_for(world.replace(trade_elasticity=before.theta(before.medians()))) == before


@pytest.mark.parametrize("name", ["world2023", "campos2019"])
def test_no_draw_is_an_elasticity_that_no_world_may_state(name):
    world = load_world(name)
    rule = term("trade_elasticity", "layer")
    values = world.values("trade_elasticity").copy()
    values[0] = 60.0
    high = ensemble_for(world.replace(trade_elasticity=values))
    used = np.array([high.theta(row) for row in high.draw(200, 1).to_dict("records")])
    assert used.max() == rule.upper and (used[:, 0] < rule.upper).any()
    for row in used:
        assert rule.within(row.min(), row.max())
        world.replace(trade_elasticity=row)
    # The bound is far from what the embedded worlds draw.
    plain = ensemble_for(world)
    drawn = [plain.theta(row) for row in plain.draw(2000, 1).to_dict("records")]
    assert np.max(drawn) < 0.7 * rule.upper


def test_an_observed_sender_has_a_column_of_its_own_when_named():
    named = [row["name"] for row in parameter_rows() if row["name"].endswith("[USA]")]
    assert not set(named) & set(OWN.priors)
    assert set(named) <= set(ensemble_for(WORLD, ["USA"]).priors)


@pytest.mark.parametrize(
    ("prior", "median", "low", "high"),
    [
        (Prior("x", "lognormal", 4.0, 0.5), 4.0, 0.0, np.inf),
        (Prior("x", "lognormal", 4.0, 2.0, 1.0, 9.0), 4.0, 1.0, 9.0),
        (Prior("x", "normal", -1.0, 0.3), -1.0, -np.inf, np.inf),
        (Prior("x", "truncated_normal", 0.0, 1.0, -1.0, 1.0), 0.0, -1.0, 1.0),
        (Prior("x", "fixed", 2.0, 0.0), 2.0, 2.0, 2.0),
        (Prior("x", "normal", 2.0, 0.0), 2.0, 2.0, 2.0),
    ],
)
def test_quantiles(prior, median, low, high):
    assert prior.median == pytest.approx(median)
    values = prior.quantile(np.linspace(0.001, 0.999, 99))
    assert np.all(np.diff(values) >= 0)
    assert values.min() >= low
    assert values.max() <= high


def test_an_unknown_distribution_and_negative_counts_are_refused():
    with pytest.raises(WorldError, match="unknown distribution 'cauchy'"):
        Prior("x", "cauchy", 0.0, 1.0).quantile(0.5)
    with pytest.raises(ScenarioError, match="draws must be a whole number of 0 or more, not -1"):
        OWN.draw(-1, 1)
    with pytest.raises(ScenarioError, match="seed must be a whole number of 0 or more, not True"):
        OWN.draw(1, True)


def test_counts_of_numpy_are_counts():
    pd.testing.assert_frame_equal(OWN.draw(np.int64(3), np.uint8(1)), OWN.draw(3, 1))
    assert type(whole(np.int32(3), "draws")) is int
    for value in (2.0, np.float64(2), np.bool_(True), "2", None, np.array([2])):
        with pytest.raises(ScenarioError, match="workers must be a whole number of 1 or more"):
            whole(value, "workers", 1)
