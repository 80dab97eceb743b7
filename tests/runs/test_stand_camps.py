"""Camps over draws: what is carried from world to world saves time and changes nothing."""

import numpy as np
import pandas as pd
import pytest

import detente as dt
from detente.blocs import TieNet, partition, signed_ties, tie_rule
from detente.runs import stand_camps, stand_draws
from detente.runs.plan import gather, variants
from detente.runs.stand import polarization, stand
from detente.runs.stand_points import standing_at
from economies import scenario

WORLD = dt.load_world("world2023")
EDITED = dt.Scenario(
    name="x",
    why="a test",
    edits=[
        dt.Edit(layer="ideal_point", where={"country": "USA"}, add=-1.0),
        dt.Edit(
            layer="sanction_trade",
            where={"origin": "USA", "destination": "RUS"},
            set=0,
        ),
    ],
).apply(WORLD)
ANCHORS = ["USA", "CHN", "RUS"]
SEED = 3


@pytest.fixture(scope="module")
def places():
    return {0: stand_camps.place_of(WORLD), 1: stand_camps.place_of(EDITED)}


@pytest.fixture(scope="module")
def drawn():
    ids = np.arange(4)
    centre = np.stack([one.values("ideal_point").astype(float) for one in (WORLD, EDITED)])
    spread = np.nan_to_num(WORLD.values("ideal_point_sd").astype(float))
    errors = stand_draws.position_errors(WORLD.countries, ids, SEED)
    weights = stand_draws.weights_of(stand_draws.rules(ids, SEED)).to_numpy()
    streams = [lambda n=n: stand_draws.sanction_stream(n, SEED) for n in range(4)]
    return stand_camps.Drawn(weights, centre[:, None] + errors * spread, centre, streams)


def test_ties_of_a_draw_are_those_of_its_rule(places, drawn):
    for number, world in enumerate((WORLD, EDITED)):
        for draw in range(2):
            rule = stand_draws.rules(np.arange(4), SEED)[draw]
            points = pd.Series(drawn.position[number, draw], list(world.countries))
            rng = stand_draws.sanction_stream(draw, SEED)
            alone = signed_ties(world, rule, rng, points)
            pd.testing.assert_frame_equal(drawn.graph(number, places[number], draw).table(), alone)


def test_draws_of_one_net_are_those_of_a_net_for_each(places):
    """Weights, positions and sanctions drawn by a rule with ranges; none leaves a trace."""
    for seed in (1, 2, 1):
        kept = places[0].ties.graph(np.random.default_rng(seed)).table()
        fresh = signed_ties(WORLD, rng=np.random.default_rng(seed))
        pd.testing.assert_frame_equal(kept, fresh)
    pd.testing.assert_frame_equal(places[0].ties.graph().table(), signed_ties(WORLD))


def test_given_weights_take_the_place_of_those_drawn_and_move_nothing_else():
    net, rule = TieNet(WORLD), tie_rule()
    twice = 2 * rule["weight"].to_numpy(dtype=float)
    one, two = (dict(net.parts(np.random.default_rng(4), weights=w)) for w in (twice / 2, twice))
    for layer, part in one.items():
        np.testing.assert_allclose(two[layer], 2 * part)


def test_started_or_not_and_together_or_alone_camps_are_the_same(places, drawn):
    start = stand_camps.central(places[0])
    both = stand_camps.camps_of(places, ANCHORS, drawn, 2, start=start)
    assert both is not None
    for number, place in places.items():
        alone = stand_camps.camps_of({number: place}, ANCHORS, drawn, 1)
        assert alone is not None and alone[number].unproved == both[number].unproved == 0
        assert alone[number].optima == both[number].optima
        np.testing.assert_allclose(
            alone[number].frustration, both[number].frustration, rtol=0, atol=1e-12
        )
        np.testing.assert_array_equal(alone[number].together, both[number].together)
        np.testing.assert_array_equal(alone[number].cohesion, both[number].cohesion)


def test_every_draw_is_proved_by_cycles_that_can_be_checked(places, drawn):
    start = stand_camps.central(places[0])
    for draw in range(4):
        ties = drawn.graph(1, places[1], draw).table()
        found = partition(ties, 2, actors=WORLD.countries, start=start)
        rows = found.certificate()
        sign = ties.set_index(["a", "b"])["sign"].to_dict()
        left = ties.set_index(["a", "b"])["weight"].to_dict()
        for share, text in zip(rows["share"], rows["ties"], strict=True):
            steps = [tie.replace("-", " ").replace("|", " ").split() for tie in text.split(", ")]
            negatives = sum(sign[a, b] < 0 for a, b in steps)
            touched = pd.Series([end for step in steps for end in step]).value_counts()
            assert negatives % 2 == 1 and (touched == 2).all()
            for a, b in steps:
                left[a, b] -= share
        assert min(left.values()) > -1e-9
        assert rows["share"].sum() == pytest.approx(found.optimum, abs=1e-8)
        assert found.frustrated_ties()["weight"].sum() == pytest.approx(found.optimum)


def test_points_from_worlds_laid_out_before_are_those_laid_out_anew(places):
    move = {"layer": "ideal_point", "where": {"country": "USA"}, "add": -1.0, "label": "move"}
    rows = variants(gather(scenario(move, name="x"), True), True)
    held = stand(WORLD, rows, (), range(1), 1, True, workers=1)
    assert held is not None
    given = {"tie_weight[troops]": 1.5}
    edited = next(row for row in rows if row.label == "x").world(WORLD)
    laid = places[0], stand_camps.place_of(edited)
    start = stand_camps.central(places[0])
    anew = standing_at(WORLD, edited, held, "x", given)
    kept = standing_at(WORLD, edited, held, "x", given, start, laid)
    for number, camps in anew.camps.items():
        np.testing.assert_array_equal(kept.camps[number].together, camps.together)
        np.testing.assert_allclose(
            kept.camps[number].frustration, camps.frustration, rtol=0, atol=1e-12
        )


def test_polarization_of_equal_worlds_is_that_of_each():
    rng = np.random.default_rng(0)
    base, output = rng.standard_normal((3, 9)), rng.random(9)
    base[:, 4] = np.nan
    moved = base + 0.5 * np.arange(9)
    together = polarization(np.stack([base, moved, base, moved]), output)
    np.testing.assert_array_equal(together[0], together[2])
    np.testing.assert_array_equal(together[1], together[3])
    for one, value in ((base, together[0]), (moved, together[1])):
        np.testing.assert_array_equal(polarization(one[None], output)[0], value)
