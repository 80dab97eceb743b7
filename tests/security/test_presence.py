"""Troops and arms supply: signs where an effect is held, none where it is not known."""

import numpy as np
import pytest

import detente as dt
from detente.errors import ScenarioError
from detente.runs.plan import variants
from detente.runs.secure import secure
from detente.security import challenge_risk, presence
from detente.security.deterrence_prior import drivers
from detente.strategic import Readout


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


@pytest.fixture(scope="module")
def onset():
    return np.full((1, 197, 197), 0.01) * (1 - np.eye(197))


def scenario(*edits):
    return dt.Scenario(name="x", why="?", edits=list(edits))


def edit(layer, origin, destination, value):
    return {"layer": layer, "where": {"origin": origin, "destination": destination}, "set": value}


def risks(world, onset, *edits, **held):
    edited = scenario(*edits).apply(world)
    found = (challenge_risk(w, onset, 6, 1, base=world, held=held).risk for w in (world, edited))
    return tuple(found)


def test_the_effects_are_drawn_around_none_as_wide_as_a_pact_and_move_no_other_draw():
    found = drivers(4000, seed=1)
    for name in presence.EFFECTS:
        np.testing.assert_allclose(
            np.quantile(getattr(found, name), (0.05, 0.5, 0.95)), (-0.2, 0.0, 0.2), atol=0.012
        )
    # As before the two came in: the stream of a draw is read in order.
    assert drivers(1, 1).pact_effect[0] == pytest.approx(-0.234559, abs=1e-6)


@pytest.mark.parametrize("effect", [-0.3, 0.3])
@pytest.mark.parametrize(
    "made, name, up",
    [
        (edit("arms_supply", "USA", "UKR", "begun"), "arms_effect", 1),
        (edit("arms_supply", "USA", "UKR", "ended"), "arms_effect", -1),
        (edit("troops", "USA", "UKR", 20000), "troops_effect", 1),
        (edit("troops", "USA", "DEU", 0), "troops_effect", -1),
    ],
)
def test_a_held_effect_has_its_sign_at_the_recipient_and_nowhere_else(
    world, onset, made, name, up, effect
):
    before, after = risks(world, onset, made, **{name: effect})
    target = world.countries.index(made["where"]["destination"])
    giver = world.countries.index("USA")
    rest = np.delete(np.arange(197), [target, giver])
    assert (np.sign(after - before)[:, rest, target] == np.sign(effect) * up).all()
    # Its own troops or arms do not hold the giver off, and no other target moves.
    assert (after[:, giver, target] == before[:, giver, target]).all()
    others = np.delete(np.arange(197), target)
    assert (after[:, :, others] == before[:, :, others]).all()


def test_the_withdrawal_of_35_000_has_the_whole_effect(world):
    base = scenario(edit("troops", "USA", "POL", 35000)).apply(world)
    after = scenario(edit("troops", "USA", "POL", 0)).apply(base)
    drawn = drivers(3, 1)
    found = presence.shift(after, base, drawn)
    rus, pol = (world.countries.index(code) for code in ("RUS", "POL"))
    np.testing.assert_allclose(found[:, rus, pol], -drawn.troops_effect)


def test_nothing_moves_at_the_centre_or_without_an_edit(world, onset):
    made = edit("arms_supply", "USA", "TWN", "ended")
    edited = scenario(made).apply(world)
    point = [challenge_risk(w, onset, 1, 1, point=True, base=world).risk for w in (world, edited)]
    assert (point[0] == point[1]).all()
    assert presence.shift(world, world, drivers(2, 1)) == 0.0


def test_a_run_says_that_the_effect_is_prior_driven_and_only_then(world):
    asked = [Readout.of("challenge_risk", {"origin": ["CHN"], "destination": ["TWN"]})]
    ended = scenario(edit("arms_supply", "USA", "TWN", "ended"))
    less = scenario(edit("alliance_reliability", "USA", "JPN", 0.5))
    found = [secure(world, variants([s], False), asked, range(4), 1, False) for s in (ended, less)]
    assert presence.SAID in found[0].assumptions and presence.SAID not in found[1].assumptions
    assert "deterrence.arms_effect" in found[0].drawn
    assert "deterrence.arms_effect" not in found[1].drawn
    moved = found[0].levels[1, 0] / found[0].levels[0, 0] - 1
    # More arms lower the risk where the drawn effect is negative: ending them raises it there.
    assert (np.sign(moved) == -np.sign(found[0].drawn["deterrence.arms_effect"])).all()


@pytest.mark.parametrize(
    "made, words",
    [
        (edit("arms_supply", "USA", "USA", "begun"), "no diagonal"),
        (edit("arms_supply", "USA", "UKR", "sold"), "begun"),
        (edit("arms_supply", "USA", "UKR", 2), "arms_supply"),
        (edit("arms_supply", "USA", "LIE", "begun"), "LIE"),
    ],
)
def test_impossible_edits_are_refused(world, made, words):
    with pytest.raises(ScenarioError, match=words):
        scenario(made).apply(world)


def test_warheads_without_a_table_of_classes_are_said(world):
    armed = {"layer": "warheads", "where": {"country": "DEU"}, "set": 100}
    asked = [Readout.of("dispute_risk", {"origin": ["DEU"], "destination": ["RUS"]})]
    found = secure(world, variants([scenario(armed)], False), asked, [0], 1, True)
    assert any("give to DEU no classes are known" in text for text in found.assumptions)
