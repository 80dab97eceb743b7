"""Collective influence, drivers, flips and response of third states in a run of the real world."""

import itertools

import numpy as np
import pandas as pd
import pytest

import detente as dt
from detente.alignment.influence import assembly_power, collective_influence
from detente.alignment.position_factors import correlated, loadings_of, position_factors
from detente.alignment.response_record import observed_assembly
from detente.blocs import draw_rule, rule_at, signed_ties, tie_rule, weight_quantile
from detente.brief import write_brief
from detente.collective import POWERS, RULES, capability
from detente.errors import ScenarioError, WorldError
from detente.influence import influence
from detente.runs.plan import gather, variants
from detente.runs.stand import stand
from detente.runs.stand_points import standing_at
from economies import scenario

WORLD = dt.load_world("world2023")
LEAVE = {"layer": "membership", "where": {"country": "USA", "organisation": "NATO"},
         "set": "none", "label": "leave"}  # fmt: skip
JOIN = {"layer": "membership", "where": {"country": "IND", "organisation": "NATO"},
        "set": "member", "label": "join"}  # fmt: skip
MOVE = {"layer": "ideal_point", "where": {"country": "USA"}, "add": -1.0, "label": "move"}
LIFT = {"layer": "sanction_trade", "where": {"origin": "USA", "destination": "RUS"},
        "set": "none", "label": "lift"}  # fmt: skip


def claim(name, variable, direction="falls", **where):
    return {"id": name, "text": "A claim.", "side": "for", "variable": variable,
            "where": where, "direction": direction}  # fmt: skip


CLAIMS = [
    claim("a", "power_to_block", country="@NATO"),
    claim("b", "capability_share", country="@NATO"),
    claim("c", "camp_power", country="CHN"),
    claim("d", "camp_output", country="CHN"),
    claim("e", "position_gap", origin="USA", destination="RUS"),
    claim("f", "frustration", "rises"),
    claim("g", "power_to_pass", country="@EU"),
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    asked = dt.Scenario(
        name="x", why="a test", edits=[LEAVE, JOIN, MOVE, LIFT], claims=CLAIMS
    )  # fmt: skip
    return dt.run(
        WORLD, asked, draws=24, alone=False, out=tmp_path_factory.mktemp("o") / "o", respond=True
    )


def standing(*edits, draws=4, **more):
    rows = variants(gather(scenario(*edits, name="x"), True), True)
    return stand(WORLD, rows, (), range(draws), 1, more.pop("point", False), workers=2, **more)


# ---- influence


def test_before_the_edits_it_is_that_of_the_world(kept):
    found = influence(kept).set_index(["holder", "measure", "rule"])
    nato = collective_influence(WORLD, "@NATO", **observed_assembly())
    held = found.loc["@NATO"]["before"]
    assert held["vote_share", ""] == pytest.approx(nato.vote_share)
    assert held["output_share", ""] == pytest.approx(nato.output_share, rel=0.03)
    for power in nato.assembly:
        for measure in ("banzhaf", "shapley", "prevails_for", "prevails_against"):
            assert held[measure, power.rule] == pytest.approx(getattr(power, measure))


def test_a_membership_that_is_edited_moves_what_the_group_holds(kept):
    found = influence(kept).set_index(["holder", "measure", "rule"])
    nato = found.loc["@NATO"]
    output = WORLD.values("gdp")
    held = capability(output, WORLD.values("population"))
    members = np.isin(WORLD.countries, WORLD.members("@NATO"))
    before = nato["before"]["capability_share", ""]
    assert before == pytest.approx(held[members].sum() / held.sum())
    members[[WORLD.countries.index("USA"), WORLD.countries.index("IND")]] = False, True
    assert nato["after"]["capability_share", ""] == pytest.approx(
        held[members].sum() / held.sum(), rel=0.02
    )
    assert nato["before"]["vote_share", ""] == nato["after"]["vote_share", ""]
    by_id = {one["id"]: one for one in kept.claims}
    # One left and one joined: as many votes, and yet the edits reach the group.
    assert by_id["a"]["median"] == 0 and "reach nothing" not in by_id["a"]["note"]
    assert by_id["g"]["median"] == 0 and "reach nothing" in by_id["g"]["note"]
    assert by_id["b"]["median"] == pytest.approx(nato["change"]["capability_share", ""])


def test_shares_of_the_two_camps_and_the_untied_add_up(kept):
    table = influence(kept)
    camps = table[(table["kind"] == "camp") & (table["measure"] == "output_share")]
    sums = camps.set_index("holder")[["before", "after"]]
    assert (sums.loc[["USA", "CHN"]].sum() <= 1 + 1e-9).all()
    with pytest.raises(ScenarioError, match="no scenario"):
        influence(kept, "y")


def test_it_is_read_back_to_the_last_bit_and_shown_everywhere(kept, tmp_path):
    from detente.files.outcomes import save_outcome

    read = dt.load_outcome(save_outcome(kept, tmp_path / "o"), WORLD)
    pd.testing.assert_frame_equal(influence(read), influence(kept))
    assert read.standing is not None and kept.standing is not None
    assert read.standing.responded == kept.standing.responded
    pd.testing.assert_frame_equal(read.standing.weights, kept.standing.weights)
    made = write_brief(read)
    section = made.page["blocs"]["influence"]
    holders = [row["holder"] for row in section["scenarios"][0]["rows"]]
    assert {"@G7", "@NATO", "@EU", "@BRICS"} <= set(holders)
    for text in (made.to_markdown(), made.to_html()):
        assert "camp of USA" in text and "share of capability" in text
        assert "prior-driven" in text and "random walk" in text
    assert "respond=True" in made.page["reproduce"]["python"]
    assert "--respond" in made.page["reproduce"]["command"]


def test_a_group_that_is_all_others_cannot_be_asked_for_a_camp():
    with pytest.raises(ScenarioError, match="needs one state, whose camp"):
        dt.Scenario(
            name="x", why="t", edits=[MOVE], claims=[claim("a", "camp_power", country="@NATO")]
        )


# ---- drivers and flips


def test_claims_on_camps_name_the_weights_they_hang_on(kept):
    by_id = {one["id"]: one for one in kept.claims}
    gap = by_id["e"]
    assert {driver["parameter"] for driver in gap["drivers"]} == {"position[USA]", "position[RUS]"}
    assert gap["drivers_r2"] > 0.5
    found = by_id["f"]
    assert found["drivers"], found["drivers_note"]
    assert all(driver["parameter"].startswith("tie_weight[") for driver in found["drivers"])
    assert found["flip"] is not None


def test_a_point_at_given_weights_is_that_of_the_changed_rule():
    found = standing(LIFT, point=True, draws=1)
    assert found is not None
    edited = scenario(LIFT, name="x").apply(WORLD)
    centre = standing_at(WORLD, edited, found, "x", {"tie_weight[troops]": 0.5})
    assert centre.level("frustration", {}) == found.level("frustration", {})
    heavy = standing_at(WORLD, edited, found, "x", {"tie_weight[sanction_trade]": 2.0})
    ties = signed_ties(WORLD, rule_at({"sanction_trade": 2.0}))
    assert heavy.camps[0].frustration[0] != found.camps[0].frustration[0]
    pd.testing.assert_frame_equal(heavy.camps[0].ties, signed_ties(WORLD))
    assert heavy.camps[0].cohesion.shape == centre.camps[0].cohesion.shape
    assert ties["weight"].sum() > signed_ties(WORLD)["weight"].sum()


def test_a_point_at_a_given_position_moves_that_state_before_and_after():
    found = standing(MOVE, point=True, draws=1)
    assert found is not None
    edited = scenario(MOVE, name="x").apply(WORLD)
    moved = standing_at(WORLD, edited, found, "x", {"position[USA]": 0.0})
    place = WORLD.countries.index("USA")
    np.testing.assert_allclose(moved.position[:, 0, place], [0.0, -1.0])
    with pytest.raises(WorldError, match="full scenarios"):
        moved.level("frustration", {})


# ---- draws


def test_drawn_weights_have_their_ranges_and_serve_every_world_alike():
    rng = np.random.default_rng(3)
    drawn = np.stack([draw_rule(rng)["weight"].to_numpy() for _ in range(800)])
    rule = tie_rule()
    for column, bound in ((0.05, "low"), (0.95, "high")):
        np.testing.assert_allclose(np.quantile(drawn, column, axis=0), rule[bound], rtol=0.16)
        for layer, value in zip(rule["layer"], rule[bound], strict=True):
            # A range that is not centred is kept in its width.
            assert weight_quantile(layer, column) == pytest.approx(value, rel=0.3)
    with pytest.raises(ScenarioError, match="no row 'troop'; did you mean troops"):
        rule_at({"troop": 1.0})


def test_errors_of_positions_are_correlated_as_estimated():
    loading = position_factors(["USA", "RUS", "FRA", "DEU", "TWN"])
    rng = np.random.default_rng(5)
    drawn = np.stack([correlated(loading, rng) for _ in range(20_000)])
    found = np.corrcoef(drawn.T)
    np.testing.assert_allclose(found, loading @ loading.T + np.diag(
        1 - (loading**2).sum(axis=1)), atol=0.03)  # fmt: skip
    np.testing.assert_allclose(drawn.std(axis=0), 1, atol=0.02)
    assert abs(found[4, :4]).max() < 0.03


def test_factors_are_found_again_from_their_correlation():
    rng = np.random.default_rng(2)
    given = rng.uniform(-0.6, 0.6, (12, 2))
    whole = given @ given.T
    np.fill_diagonal(whole, 1.0)
    found = loadings_of(whole, 2)
    np.testing.assert_allclose(
        (found @ found.T)[np.triu_indices(12, 1)], whole[np.triu_indices(12, 1)], atol=1e-3
    )


def test_a_state_that_only_the_edit_gives_a_position_has_no_change():
    found = standing({"layer": "ideal_point", "where": {"country": "TWN"}, "set": 0.5,
                      "label": "seat"}, draws=2)  # fmt: skip
    assert found is not None
    with pytest.raises(WorldError, match="known of TWN before the edits"):
        found.change("position_gap", {"origin": ["TWN"], "destination": ["USA"]}, "x")
    everyone = {"country": list(WORLD.countries)}
    assert not found.change("dispersion", everyone, "x")[1].any()
    assert not found.change("polarization", {}, "x")[1].any()


# ---- response of third states


def test_third_states_respond_only_when_asked_and_others_stay():
    still, answered = standing(MOVE, draws=3), standing(MOVE, draws=3, respond=True)
    assert still is not None and answered is not None
    assert still.responded is None and answered.responded is not None
    np.testing.assert_array_equal(still.position[0], answered.position[0])
    moved = answered.position[1] - still.position[1]
    assert not moved[:, WORLD.countries.index("USA")].any()
    assert np.nanmax(np.abs(moved)) > 1e-3
    few = standing(MOVE, draws=2, respond=True)
    assert few is not None
    np.testing.assert_allclose(few.position, answered.position[:, :2], atol=1e-12)


def test_response_is_refused_where_there_are_no_positions():
    with pytest.raises(ScenarioError, match="respond needs positions"):
        dt.run(WORLD, scenario(MOVE, name="x"), draws=0, models=["trade"], respond=True)


# ---- edits of positions that cannot be


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"where": {"country": "USA"}, "add": "much"}, "must be a number, not 'much'"),
        ({"where": {"country": "USA"}, "add": float("nan")}, "must be a finite number"),
        ({"where": {"country": "USA"}, "set": float("inf")}, "must be a finite number"),
        ({"where": {"country": "USA"}, "add": 9}, "must be at most 5 .*not 11.* at country USA"),
        ({"where": {"country": "USB"}, "add": 0.1}, "unknown country 'USB'; did you mean"),
        ({"where": {"country": "Germany"}, "add": 0.1}, "did you mean DEU"),
        ({"where": {"country": "TWN"}, "add": 0.1}, "not known at country TWN; use set"),
        ({"where": {"country": "@WORLD"}, "add": 0.1}, "not known at country ABW and 13 more"),
    ],
)
def test_impossible_positions_are_refused(edit, message):
    with pytest.raises(ScenarioError, match=message):
        scenario({"layer": "ideal_point", **edit}, name="x").apply(WORLD)


def test_no_vote_has_no_power_and_all_votes_have_all():
    found = standing(MOVE, draws=1, point=True)
    assert found is not None and found.collective is not None
    known = found.collective
    for measure in itertools.product(POWERS, RULES):
        assert known.power_of(np.array(0.0), measure) == 0
        assert known.power_of(np.array(193.0), measure) == pytest.approx(1, abs=1e-9)
    half = known.power_of(np.array([40.0, 40.5, 41.0]), ("shapley", "two_thirds"))
    assert half[1] == pytest.approx((half[0] + half[2]) / 2)
    exact = assembly_power(40, "two_thirds", **observed_assembly())
    assert half[0] == pytest.approx(exact.shapley)
