"""Contributions of edits: Shapley's properties on made-up games, then on scenarios."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import detente as dt
from detente.errors import ConvergenceError, ScenarioError
from detente.reading import shapley
from detente.runs import coalitions
from economies import economy, scenario, tariff

games = (
    st.integers(1, 5)
    .flatmap(lambda n: st.lists(st.floats(-10, 10), min_size=2**n - 1, max_size=2**n - 1))
    .map(lambda rest: np.array([0.0, *rest]))
)


@hypothesis.given(games)
def test_shares_add_up_to_the_whole(values):
    np.testing.assert_allclose(shapley.exact(values).sum(), values[-1], atol=1e-12)


@hypothesis.given(games)
def test_players_that_add_the_same_get_the_same(values):
    """Players 0 and 1 are made alike: sets that hold one of them are worth the same."""
    if len(values) < 4:
        return
    for bits in range(len(values)):
        if bits & 3 == 1:
            values[bits ^ 3] = values[bits]
    one, two = shapley.exact(values)[:2]
    assert abs(one - two) < 1e-12


@hypothesis.given(games)
def test_a_player_that_adds_nothing_gets_nothing_and_changes_no_share(values):
    more = np.concatenate([values, values])  # the last player adds nothing to any set
    shares = shapley.exact(more)
    assert abs(shares[-1]) < 1e-12
    np.testing.assert_allclose(shares[:-1], shapley.exact(values), atol=1e-12)


@hypothesis.given(games, games, st.floats(-3, 3))
def test_shares_are_linear_in_the_game(one, two, factor):
    if len(one) == len(two):
        both = shapley.exact(one + factor * two)
        np.testing.assert_allclose(
            both, shapley.exact(one) + factor * shapley.exact(two), atol=1e-10
        )


def test_shares_equal_the_mean_over_all_orders():
    from itertools import permutations

    values = np.random.default_rng(0).normal(size=(16, 3))
    values[0] = 0
    paths = [list(p) for p in permutations(range(4))]
    every, _ = shapley.sampled(paths, lambda bits: values[bits])
    np.testing.assert_allclose(every, shapley.exact(values), atol=1e-12)


def test_sampled_orders_add_up_and_lie_within_their_error():
    rng = np.random.default_rng(1)
    values = np.array([bin(b).count("1") ** 1.5 for b in range(2**7)]) + rng.normal(0, 0.2, 2**7)
    values[0] = 0.0
    paths = list(shapley.orders(7, 64, 3))
    shares, error = shapley.sampled(paths, lambda bits: values[bits])
    np.testing.assert_allclose(shares.sum(), values[-1], atol=1e-12)
    assert (np.abs(shares - shapley.exact(values)) < 4.5 * error).all()
    assert all(a == b[::-1] for a, b in zip(paths[0::2], paths[1::2], strict=True))


# ---- scenarios

EDITS = (
    tariff("MEX", "USA", 0.3) | {"label": "a"},
    tariff("CAN", "USA", 0.2) | {"label": "b"},
    {
        "layer": "trade_cost",
        "where": {"origin": "RUS", "destination": "CAN"},
        "multiply": 1.5,
        "label": "c",
    },
    {"layer": "alliance_reliability", "where": {"origin": "USA"}, "multiply": 0.5, "label": "d"},
)


@pytest.fixture(scope="module")
def world():
    return economy(3, closed=False)


@pytest.fixture(scope="module")
def table(world):
    return dt.reading.contributions(world, scenario(*EDITS))


def test_contributions_add_up_to_the_change(world, table):
    whole = dt.run(world, scenario(*EDITS), draws=0).table("real_income")
    total = table.groupby("iso3")["contribution"].sum()
    np.testing.assert_allclose(total[whole["iso3"]], whole["median"], atol=1e-10)
    assert (table["se"] == 0).all()


def test_an_edit_that_trade_does_not_read_contributes_nothing(table):
    idle = table[table["label"] == "d"]
    for name in ("contribution", "first", "last", "interaction"):
        assert (idle[name] == 0).all()


def test_first_and_last_are_the_label_alone_and_what_it_adds(world, table):
    alone = dt.run(world, scenario(EDITS[0]), draws=0).table("real_income")["median"]
    rest = dt.run(world, scenario(*EDITS[1:]), draws=0).table("real_income")["median"]
    full = dt.run(world, scenario(*EDITS), draws=0).table("real_income")["median"]
    mine = table[table["label"] == "a"]
    np.testing.assert_allclose(mine["first"], alone, atol=1e-10)
    np.testing.assert_allclose(mine["last"], full - rest, atol=1e-10)
    np.testing.assert_allclose(mine["interaction"], full - rest - alone, atol=1e-10)


def test_edits_that_are_alike_contribute_alike(world):
    """Two labels that each raise the same cost by the same factor are one another's mirror."""
    where = {"origin": "RUS", "destination": "CAN"}
    twins = [
        {"layer": "trade_cost", "where": where, "multiply": 1.3, "label": label} for label in "xy"
    ]
    found = dt.reading.contributions(world, scenario(*twins))
    one, two = (found[found["label"] == label]["contribution"].to_numpy() for label in "xy")
    np.testing.assert_allclose(one, two, atol=1e-11)


def test_equal_policies_are_solved_once(world):
    sets = coalitions.Coalitions(world, scenario(*EDITS))
    sets.solve(range(16))
    assert sets.solves == 7  # eight sets of a, b and c, of which none is not solved
    sets.solve(range(16))
    assert sets.solves == 7


def test_with_draws_each_draw_adds_up_and_the_mean_does(world):
    two = scenario(*EDITS[:2])
    found = dt.reading.contributions(world, two, draws=5, seed=2)
    values = dt.run(world, two, draws=5, seed=2).values("real_income", world.countries)
    total = found.groupby("iso3")["contribution"].sum()[world.countries]
    np.testing.assert_allclose(total, 100 * values.mean(axis=0), atol=1e-9)
    assert (found["p05"] <= found["contribution"]).all()
    assert (found["failed_draws"] == 0).all()


def test_sampling_agrees_with_all_sets(world, table):
    found = dt.reading.contributions(world, scenario(*EDITS), method="sampled", samples=8)
    total = found.groupby("iso3")["contribution"].sum()
    whole = table.groupby("iso3")["contribution"].sum()
    np.testing.assert_allclose(total, whole, atol=1e-12)
    gap = (found["contribution"] - table["contribution"]).abs()
    assert gap.max() < 0.05 * table["contribution"].abs().max()
    np.testing.assert_array_equal(found["interaction"], table["interaction"])


def test_a_set_without_equilibrium_is_named(world):
    cut = [
        {
            "layer": "export_ban",
            "where": {"origin": a, "destination": b},
            "set": 1,
            "label": "cut",
        }
        for a, b in [("RUS", "@WORLD"), ("@WORLD", "RUS")]
    ]
    saved = {"layer": "deficit", "where": {"country": "RUS"}, "set": 0, "label": "balance"}
    with pytest.raises(ConvergenceError, match="edits cut alone has no equilibrium"):
        dt.reading.contributions(world, scenario(*cut, saved))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"variable": "real_incom"}, "did you mean|real_income"),
        ({"countries": "MXE"}, "MEX"),
        ({"method": "all"}, "one of auto, exact, sampled"),
        ({"samples": 5}, "even number"),
        ({"draws": -1}, "whole number"),
        ({"deficits": "none"}, "deficit rule"),
    ],
)
def test_wrong_options_are_refused(world, options, words):
    with pytest.raises(ScenarioError, match=words):
        dt.reading.contributions(world, scenario(*EDITS), **options)


def test_beyond_eight_labels_orders_are_sampled_and_still_add_up(world):
    pairs = [(a, b) for a in world.countries for b in world.countries if a != b][:9]
    many = [tariff(a, b, 0.1) | {"label": f"{a}-{b}"} for a, b in pairs]
    found = dt.reading.contributions(world, scenario(*many), countries="USA", samples=4)
    whole = dt.run(world, scenario(*many), draws=0, alone=False).table("real_income", "USA")
    assert found["contribution"].sum() == pytest.approx(whole["median"].item(), abs=1e-10)
    assert (found["se"] > 0).any()
    assert (found["se"] < 0.1 * found["contribution"].abs().max()).all()
