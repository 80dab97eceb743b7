"""Membership over draws, cohesion of groups and polarization: identities, then the world."""

import numpy as np
import pandas as pd
import pytest

import detente as dt
from detente.blocs import (
    bimodality,
    cohesion,
    esteban_ray,
    membership,
    partition,
    partitions_over,
    polarization,
    signed_modularity,
    signed_ties,
)
from detente.errors import ScenarioError, WorldError


def ties(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["a", "b", "sign"])


def together(table: pd.DataFrame, actor: str, anchor: str) -> float:
    row = table[(table["actor"] == actor) & (table["anchor"] == anchor)]
    return float(row["together"].iloc[0])


BASE = [("A", "B", 1), ("C", "D", 1), ("A", "C", -1), ("B", "D", -1)]


def test_labels_of_camps_do_not_matter():
    """The same camps under other numbers in each draw are the same membership."""
    draws = [ties(*BASE), ties(*BASE, ("D", "E", 1), ("C", "F", 1)), ties(*BASE, ("B", "G", 1))]
    table = membership(partitions_over(draws, 2), ["A", "D"])
    for actor, anchor, share in (("B", "A", 1), ("C", "A", 0), ("C", "D", 1), ("D", "A", 0)):
        assert together(table, actor, anchor) == share
    assert table.loc[table["actor"] == "E", "untied"].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert together(table, "E", "D") == 1  # in the one draw that ties it


def test_an_actor_that_changes_sides_has_the_share_of_its_draws():
    draws = [ties(*BASE, ("E", "A", 1)), ties(*BASE, ("E", "C", 1)), ties(*BASE, ("E", "B", 1))]
    for camps in (2, None):
        table = membership(partitions_over(draws, camps), ["A"])
        assert together(table, "E", "A") == pytest.approx(2 / 3)
        assert (table["draws"] == 3).all() and (table["unproved"] == 0).all()


def test_optimal_partitions_of_a_draw_count_in_equal_parts():
    one = ties(*BASE, ("E", "A", 1), ("E", "C", 1))
    result = partition(one, 2)
    assert result.optimal_partitions().count == 2
    table = membership([result], ["A"])
    assert together(table, "E", "A") == 0.5 and table["optima"].iloc[0] == 2
    assert table.loc[table["actor"] == "E", "margin"].item() == 0


def test_what_no_tie_connects_is_not_placed():
    apart = ties(*BASE, ("X", "Y", -1))
    two = membership([partition(apart, 2)], ["A"])
    assert np.isnan(together(two, "X", "A"))
    assert two.set_index("actor").loc["X", "untied"] == 1
    assert together(membership([partition(apart)], ["A"]), "X", "A") == 0


def test_margins_are_costs_of_moving_one_actor():
    from itertools import product

    rng = np.random.default_rng(2)
    pairs = [(f"N{i}", f"N{j}") for i, j in product(range(7), repeat=2) if i < j]
    edges = pd.DataFrame(pairs, columns=["a", "b"])
    edges["sign"] = rng.choice([-1, 1], len(edges))
    edges["weight"] = rng.random(len(edges))
    for camps in (2, None):
        result = partition(edges, camps)
        labels = result.cover.camps
        for k, margin in enumerate(result.margins()["margin"]):
            others = {0, 1} if camps == 2 else set(labels) | {99}
            moved = [np.where(np.arange(7) == k, c, labels) for c in others - {labels[k]}]
            cost = min(result.graph.cost(m) for m in moved)
            assert margin == pytest.approx(cost - result.optimum) and margin >= -1e-12


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], ["A"]), ScenarioError, "at least one"),
        (([partition(ties(*BASE)), partition(ties(*BASE), 2)], ["A"]), ScenarioError, "differ"),
        (([partition(ties(*BASE))], []), ScenarioError, "anchors"),
        (([partition(ties(*BASE))], "A"), ScenarioError, "list"),
        (([partition(ties(*BASE))], ["Z"]), WorldError, "anchor 'Z'"),
    ],
)
def test_wrong_memberships_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        membership(*arguments)


def test_esteban_ray():
    half = np.array([1.0, 1.0])
    for alpha in (0.5, 1.0, 1.6):
        found = esteban_ray(np.array([0.0, 1.0]), half, alpha)
        assert found == pytest.approx(2 * 0.5 ** (2 + alpha))
    # Splitting a state at its own position changes nothing; spreading a camp lowers it.
    assert esteban_ray(np.array([0.0, 1, 1]), np.array([2.0, 1, 1])) == pytest.approx(0.25)
    assert esteban_ray(np.array([0.0, 0.8, 1.2]), np.array([2.0, 1, 1])) < 0.25
    assert esteban_ray(np.zeros(3), np.ones(3)) == 0
    y = np.random.default_rng(0).standard_normal(40)
    w = np.random.default_rng(1).random(40)
    assert esteban_ray(3 * y, w) == pytest.approx(3 * esteban_ray(y, w))
    # With a bandwidth: homogeneous of degree 1 - alpha when the bandwidth scales too.
    wide = esteban_ray(3 * y, w, 0.5, bandwidth=1.5)
    assert wide == pytest.approx(3**0.5 * esteban_ray(y, w, 0.5, bandwidth=0.5))
    two = np.concatenate([np.full(20, -1.0), np.full(20, 1.0)]) + 0.1 * y
    one = y / y.std() * two.std()
    assert esteban_ray(two, np.ones(40), 1, 0.3) > esteban_ray(one, np.ones(40), 1, 0.3)


@pytest.mark.parametrize(
    "arguments",
    [
        (np.zeros(2), np.ones(2), 0.0),
        (np.zeros(2), np.ones(2), 1.7),
        (np.zeros(2), np.ones(2), 1.2, 0.5),
        (np.zeros(2), np.ones(3)),
        (np.zeros(2), np.zeros(2)),
        (np.array([0.0, np.nan]), np.ones(2)),
        (np.zeros(2), np.array([1.0, -1.0])),
        (np.zeros(2), np.ones(2), 1.0, 0.0),
    ],
)
def test_wrong_polarization_is_refused(arguments):
    with pytest.raises(ScenarioError):
        esteban_ray(*arguments)


def test_bimodality_of_known_shapes():
    assert bimodality(np.array([0.0, 1.0])) == 1
    assert bimodality(np.linspace(0, 1, 10_001)) == pytest.approx(5 / 9, abs=1e-3)
    normal = np.random.default_rng(0).standard_normal(200_000)
    assert bimodality(normal) == pytest.approx(1 / 3, abs=0.01)
    assert np.isnan(bimodality(np.ones(4)))
    y = np.array([0.0, 1.0, 5.0])
    assert bimodality(y, np.array([1.0, 2.0, 1.0])) == pytest.approx(
        bimodality(np.array([0, 1, 1, 5.0]))
    )


def test_signed_modularity_by_hand():
    """Gómez et al. (2009): one camp of everything has Q = 0; so has no tie at all NaN."""
    result = partition(ties(("A", "B", 1), ("B", "C", 1), ("A", "C", 1)), 2)
    assert signed_modularity(result) == pytest.approx(0)
    split = partition(ties(("A", "B", 1), ("C", "D", 1)), None)
    assert signed_modularity(split) == pytest.approx(0.5)
    empty = pd.DataFrame({"a": [], "b": [], "sign": []})
    assert np.isnan(signed_modularity(partition(empty, 2, actors=["A", "B"])))


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


def test_cohesion_of_groups(world):
    europe = cohesion(world, "@EU", draws=20).set_index("measure")
    everybody = cohesion(world, "@WORLD", draws=20).set_index("measure")
    assert europe.loc["dispersion", "p95"] < everybody.loc["dispersion", "p05"]
    assert europe.loc["agreement", "median"] > everybody.loc["agreement", "median"]
    assert europe.loc["tie_balance", "median"] == 1 > everybody.loc["tie_balance", "p95"]
    assert (europe["p05"] <= europe["median"]).all() and (europe["median"] <= europe["p95"]).all()
    listed = cohesion(world, list(world.members("@EU")), draws=20)
    pd.testing.assert_frame_equal(listed, europe.reset_index())


def test_positions_and_ties_can_be_given(world):
    points = pd.DataFrame([[0.0, 1.0], [0.0, 3.0]], columns=["DEU", "FRA"])
    given = [ties(("DEU", "FRA", -1)), ties(("DEU", "FRA", 1))]
    found = cohesion(world, ["DEU", "FRA"], positions=points, ties=given).set_index("measure")
    assert found.loc["dispersion", "median"] == 1 and found.loc["spread", "median"] == 2
    assert found.loc["tie_balance", "median"] == 0


def test_moving_a_member_away_loosens_its_group(world):
    edit = dt.Edit(layer="ideal_point", where={"country": "HUN"}, add=-2.0)
    moved = dt.Scenario(name="s", edits=(edit,)).apply(world)
    before, after = (cohesion(w, "@EU", draws=20).set_index("measure") for w in (world, moved))
    assert after.loc["dispersion", "p05"] > before.loc["dispersion", "p95"]


def test_measures_without_their_layers_are_left_out():
    bare = dt.load_world("campos2019")
    assert cohesion(bare, ["DEU", "FRA"], draws=2).empty
    with pytest.raises(WorldError, match="has no layer 'ideal_point'"):
        polarization(bare)


def test_polarization_of_the_world(world):
    found = polarization(world, draws=20).set_index("measure")
    assert (found["p05"] <= found["median"]).all() and (found["median"] <= found["p95"]).all()
    edit = dt.Edit(layer="ideal_point", where={"country": "@G7"}, add=0.5)
    wide = polarization(dt.Scenario(name="s", edits=(edit,)).apply(world), draws=20)
    assert wide.set_index("measure").loc["dispersion", "p05"] > found.loc["dispersion", "median"]


def test_wrong_groups_are_refused(world):
    with pytest.raises(WorldError, match="unknown group"):
        cohesion(world, "@EUU")
    with pytest.raises(WorldError, match="'XYZ'"):
        cohesion(world, ["DEU", "XYZ"])
    with pytest.raises(WorldError, match="two members"):
        cohesion(world, ["DEU"])
    with pytest.raises(ScenarioError, match="draws is 0"):
        cohesion(world, "@EU", draws=0)
    with pytest.raises(ScenarioError, match="draws is 0"):
        polarization(world, draws=0)


def test_the_world_is_proved_draw_by_draw(world):
    rng = np.random.default_rng(0)
    drawn = [signed_ties(world, rng=rng) for _ in range(3)]
    for camps in (2, None):
        results = partitions_over(drawn, camps, actors=world.countries)
        assert all(result.certified for result in results)
        cold = [partition(edges, camps, actors=world.countries).optimum for edges in drawn]
        assert [r.optimum for r in results] == pytest.approx(cold, rel=1e-9)
        table = membership(results, ["USA", "CHN"])
        assert together(table, "CAN", "USA") == 1 and together(table, "CHN", "USA") == 0
