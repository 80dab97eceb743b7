"""The strategic balance of a run: nothing without an edit, signs, draws, and what is held."""

import numpy as np
import pytest

import detente as dt
from detente.runs.plan import gather, variants
from detente.runs.secure import can_secure, point_of, secure
from detente.runs.weigh import readouts_of
from detente.scenario import Claim
from detente.strategic import BY_TREATY, Readout
from economies import economy, scenario

WORLD = dt.load_world("world2023")
DISCOUNT = {
    "layer": "alliance_reliability",
    "where": {"origin": "USA", "destination": "@NATO"},
    "multiply": 0.5,
    "label": "discount",
}
TARIFF = {"layer": "tariff_rate", "where": {"origin": "MEX", "destination": "USA"}, "add": 0.2}
LIFT = [
    {"layer": layer, "where": {"origin": one, "destination": other}, "set": "none", "label": "lift"}
    for layer in ("sanction_trade", "sanction_financial")
    for one, other in (("USA", "RUS"), ("RUS", "USA"))
]
CUT = {"layer": "warheads", "where": {"country": "USA"}, "multiply": 0.5, "label": "cut"}
ESTONIA = Readout.of("challenge_risk", {"origin": ["RUS"], "destination": ["EST"]})
TAIWAN = Readout.of("challenge_risk", {"origin": ["CHN"], "destination": ["TWN"]})
QUARREL = Readout.of("dispute_risk", {"origin": ["RUS"], "destination": ["USA"]})
ASKED = [ESTONIA, TAIWAN, QUARREL]


def balance(*edits, draws=4, point=False, asked=ASKED):
    rows = variants(gather(scenario(*edits, name="x"), True), True)
    return secure(WORLD, rows, asked, range(draws), 1, point, workers=2)


def moved(found, one, scenario="x"):
    where = {"origin": list(one.origin), "destination": list(one.destination)}
    return found.change(one.variable, where, scenario)[1]


@pytest.fixture(scope="module")
def settled():
    return balance(DISCOUNT, *LIFT, CUT)


def test_an_edit_that_no_model_of_security_reads_changes_nothing():
    found = balance(TARIFF, draws=2)
    assert set(found.worlds.values()) == {0} and len(found.levels) == 1


def test_a_discounted_promise_never_lowers_the_risk_of_those_it_protects(settled):
    assert (moved(settled, ESTONIA, "x / discount") >= 0).all()
    assert (moved(settled, ESTONIA, "x / discount") > 0).any()
    assert not moved(settled, ESTONIA, "x / lift").any()


def test_without_a_treaty_only_doubt_that_spreads_moves_a_risk(settled):
    alone = Readout(BY_TREATY, TAIWAN.origin, TAIWAN.destination)
    assert not moved(settled, alone).any()
    assert (moved(settled, TAIWAN) >= 0).all()


def test_lifting_moves_the_pair_by_a_share_of_the_association(settled):
    change = moved(settled, QUARREL, "x / lift")
    share = settled.drawn["disputes.effect_share"].to_numpy()
    assert (change < 0).all()
    # The larger the share, the larger the fall of the log odds.
    where = {"origin": ["RUS"], "destination": ["USA"]}
    before, after = (settled.level("dispute_risk", where, s) for s in (None, "x / lift"))
    fall = np.log(before / (1 - before)) - np.log(after / (1 - after))
    slope = fall / share
    np.testing.assert_allclose(slope, slope[0], rtol=0.35)


def test_arsenals_move_by_warheads_alone(settled):
    where = {"origin": ["USA"], "destination": ["RUS"]}
    cut = settled.change("second_strike_100", where, "x / cut")[1]
    # Fewer arms of one side leave the other, which may be the worse placed, more to answer with.
    assert (cut != 0).all()
    assert not settled.change("second_strike_100", where, "x / lift")[1].any()


def test_a_draw_does_not_depend_on_how_many_there_are(settled):
    few = balance(DISCOUNT, *LIFT, CUT, draws=2)
    for one in (ESTONIA, TAIWAN, QUARREL):
        where = {"origin": list(one.origin), "destination": list(one.destination)}
        np.testing.assert_array_equal(
            few.level(one.variable, where, "x"), settled.level(one.variable, where, "x")[:2]
        )


def test_what_is_held_stands_at_its_value():
    row = variants(gather(scenario(DISCOUNT, *LIFT, name="x"), True), True)[0]
    known = {}

    def at(one, **held):
        names = {name.replace("__", "."): value for name, value in held.items()}
        return float(moved(point_of(WORLD, row, one, names, known), one)[0])

    assert at(ESTONIA, deterrence__pact_effect=0.0) == pytest.approx(0, abs=1e-12)
    assert at(ESTONIA, deterrence__pact_effect=-0.4) > at(ESTONIA, deterrence__pact_effect=-0.1) > 0
    assert at(QUARREL, disputes__effect_share=0.0) == pytest.approx(0, abs=1e-12)
    assert at(QUARREL, disputes__effect_share=1.0) < at(QUARREL, disputes__effect_share=0.5) < 0
    assert at(TAIWAN, deterrence__reputation_spillover=1.0) > 0 == at(TAIWAN)


def test_members_of_a_claim_are_kept_one_by_one():
    claim = Claim(
        id="7", text="It rises.", side="against", variable="challenge_risk", direction="rises",
        where={"origin": "RUS", "destination": ["EST", "POL"]}, members=True,
    )  # fmt: skip
    found = [(one.origin, one.destination) for one in readouts_of(WORLD, claim)]
    assert found == [(("RUS",), ("EST", "POL")), (("RUS",), ("EST",)), (("RUS",), ("POL",))]


def test_a_world_without_political_layers_has_no_such_part():
    assert not can_secure(economy())
    assert dt.run(economy(), scenario(TARIFF, name="x"), draws=0).strategic is None


def test_a_run_can_leave_it_out():
    outcome = dt.run(WORLD, scenario(DISCOUNT, name="x"), models=["trade"], draws=0, alone=False)
    assert outcome.strategic is None and outcome.standing is None


def test_worlds_side_by_side_have_the_levels_that_each_has_alone(settled):
    for label, edits in (("discount", [DISCOUNT]), ("lift", LIFT), ("cut", [CUT])):
        alone = balance(*edits)
        for one in settled.readouts:
            if one in alone.readouts:
                levels = (
                    found.levels[found.worlds[name], found.readouts.index(one)]
                    for found, name in ((settled, f"x / {label}"), (alone, "x"))
                )
                np.testing.assert_array_equal(*levels)


def test_financial_sanctions_alone_tell_worlds_apart():
    one = {"layer": "sanction_financial", "where": {"origin": "USA", "destination": "BRA"}}
    found = balance({**one, "set": 1, "label": "fine"}, draws=1, asked=[])
    assert len(found.levels) == 2


def test_without_a_treaty_edited_pacts_count_at_a_point_too():
    row = variants(gather(scenario(DISCOUNT, name="x"), True), True)[0]
    treaty = Readout(BY_TREATY, ESTONIA.origin, ESTONIA.destination)
    base = [point_of(WORLD, row, one, {}, {}).levels[0] for one in (ESTONIA, treaty)]
    np.testing.assert_array_equal(*base)


def test_points_that_share_what_is_known_are_those_that_do_not():
    row = variants(gather(scenario(DISCOUNT, *LIFT, name="x"), True), True)[0]
    outlays = Readout.of("military_outlays", {"country": ["POL"]})
    known = {}
    for held in (
        {}, {"spending.threat": 0.2}, {"spending.threat": 0.1}, {"disputes.effect_share": 1.0},
        {"deterrence.pact_effect": -0.4}, {},
    ):  # fmt: skip
        shared, fresh = (point_of(WORLD, row, outlays, held, one) for one in (known, {}))
        np.testing.assert_array_equal(shared.levels, fresh.levels)
