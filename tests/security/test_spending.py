"""Military spending after a scenario: identities, signs, commitments, bad input."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spending_worlds import CODES, NATO, threats, tiny

import detente as dt
from detente.errors import ScenarioError, WorldError
from detente.scenario import Scenario
from detente.security.spending_dynamics import System, interaction, resting_point, richardson
from detente.security.spending_ties import SpendingTies

DRAWS = 40
BASE = threats(DRAWS)


def run(before, after, rise=BASE, **options):
    options = {"draws": len(rise)} | options
    return dt.security.spending_path(before, after, threats(len(rise)), rise, **options)


def column(code):
    return CODES.index(code)


def edited(world, layer, where, **operation):
    return Scenario(name="x", edits=[{"layer": layer, "where": where, **operation}]).apply(world)


def test_no_edit_gives_exactly_zero():
    world = tiny()
    found = run(world, world)
    assert (found.change == 0).all() and (found.long_run == 0).all()
    assert found.change.shape == (DRAWS, 10, len(CODES))
    # also where the base holds a commitment of its own
    committed = tiny(spending_commitment={"CAN": 0.02})
    again = run(committed, tiny(spending_commitment={"CAN": 0.02}))
    assert (again.change == 0).all() and (again.long_run == 0).all()


@given(
    code=st.sampled_from(CODES),
    points=st.floats(10, 100),
    seed=st.integers(0, 1000),
)
def test_a_higher_threat_never_lowers_own_spending_on_impact(code, points, seed):
    world = tiny()
    found = run(world, world, threats(5, **{code: points}), seed=seed)
    first = found.change[:, 0]
    assert (first[:, column(code)] >= 0).all()
    # the others answer to what was spent the year before
    assert (np.delete(first, column(code), axis=1) == 0).all()


def test_impact_is_the_adjustment_times_the_threat():
    world = tiny()
    found = run(world, world, threats(DRAWS, DEU=14.0))
    p = found.parameters
    assert found.change[:, 0, column("DEU")] == pytest.approx(
        (p["adjustment"] * p["threat"] * 4).to_numpy()
    )


def test_the_path_converges_to_its_long_run_value():
    world = tiny()
    after = edited(world, "military_spending", {"country": "USA"}, multiply=0.7)
    found = run(world, after, threats(DRAWS, CHN=20.0), years=1500)
    settled = np.isfinite(found.long_run).all(axis=1)
    assert settled.mean() > 0.9
    slow = found.stability()["margin"].to_numpy() > 0.015
    both = settled & slow
    assert np.abs(found.change[both, -1] - found.long_run[both]).max() < 1e-6
    gap = np.abs(found.change[both] - found.long_run[both][:, None]).max(axis=2)
    assert (gap[:, -1] < gap[:, 0]).all()


def test_labels_carry_no_meaning_but_their_order():
    order = list(reversed(CODES))
    rise = threats(DRAWS, CHN=30.0)
    one = run(tiny(), tiny(), rise).change
    other = dt.security.spending_path(
        tiny(order), tiny(order), threats(DRAWS, order), rise[:, ::-1], draws=DRAWS
    ).change
    assert other[:, :, ::-1] == pytest.approx(one, rel=1e-12, abs=1e-14)


def test_a_draw_does_not_depend_on_the_others():
    world = tiny()
    many = run(world, world, threats(DRAWS, CHN=30.0))
    some = run(world, world, threats(3, CHN=30.0), draws=[7, 0, 31])
    assert some.change == pytest.approx(many.change[[7, 0, 31]], rel=1e-12, abs=1e-15)
    assert some.numbers.tolist() == [7, 0, 31]
    assert (run(world, world, threats(3), seed=2).parameters != many.parameters[:3]).any().any()


def test_medians_are_one_point():
    world = tiny()
    found = run(world, world, threats(4, CHN=30.0), point=True)
    assert (found.change == found.change[0]).all()


@pytest.mark.parametrize("reached_in", [1, 5, 10, 12])
def test_commitments_are_met_in_the_stated_year(reached_in):
    world = tiny()
    after = edited(world, "spending_commitment", {"country": "@NATO"}, set=0.035)
    found = run(world, after, years=12, reached_in=reached_in)
    for code in NATO:
        share = found.share_of_output(code, reached_in)
        assert (share >= 0.035 - 1e-12).all()
    # Canada is far below: nothing but the commitment moves it, in equal steps of the share
    start = 28 / 2100
    steps = [float(found.share_of_output("CAN", y)[0]) for y in range(1, reached_in + 1)]
    even = start + (0.035 - start) * np.arange(1, reached_in + 1) / reached_in
    assert steps == pytest.approx(even.tolist(), rel=1e-9)
    assert found.share_of_output("CAN", 12) == pytest.approx(0.035)


def test_a_commitment_below_present_spending_cuts_nothing():
    world = tiny()
    found = run(world, edited(world, "spending_commitment", {"country": "USA"}, set=0.02))
    assert (found.change == 0).all()


def test_a_commitment_follows_output():
    world = tiny()
    after = edited(world, "spending_commitment", {"country": "CAN"}, set=0.03)
    growth = np.where(np.array(CODES) == "CAN", 0.1, 0.0)
    found = run(world, after, output_change=growth)
    assert found.share_of_output("CAN") == pytest.approx(0.03)
    assert found.change[:, -1, column("CAN")] == pytest.approx(np.log(0.03 * 2100 / 28) + 0.1)


def test_others_answer_to_a_commitment_by_their_parameters():
    world = tiny()
    after = edited(world, "spending_commitment", {"country": "RUS"}, set=0.10)
    found = run(world, after, years=3)
    p = found.parameters
    rise = 100_000 * np.exp(found.change[:, 0, column("RUS")])
    target = p["rivals"] * (np.log1p(rise) - np.log1p(100_000))
    assert found.change[:, 1, column("GBR")] == pytest.approx(p["adjustment"] * target)
    assert (found.change[:, :2, column("IND")] == 0).all()


def test_an_edited_level_is_held_and_allies_answer_by_the_parameter_of_members():
    world = tiny()
    after = edited(world, "military_spending", {"country": "USA"}, multiply=0.8)
    found = run(world, after, years=3)
    assert found.change[:, :, column("USA")] == pytest.approx(np.log(0.8))
    p = found.parameters
    allied = np.log((0.8 * 860 + 70 + 78) / (860 + 70 + 78))
    answer = p["adjustment"] * p["nato_allies"] * allied
    assert found.change[:, 1, column("CAN")] == pytest.approx(answer)


def test_a_state_that_leaves_its_allies_answers_to_those_it_keeps():
    world = tiny()
    both = ({"origin": "USA", "destination": "@NATO"}, {"origin": "@NATO", "destination": "USA"})
    after = Scenario(
        name="x", edits=[{"layer": "defence_pact", "where": w, "set": 0} for w in both]
    ).apply(world)
    found = run(world, after, years=2)
    assert (found.change[:, 0, column("USA")] == 0).all()
    p = found.parameters
    target = p["nato_allies"] * np.log((70 + 78) / (860 + 70 + 78))
    assert found.change[:, 0, column("CAN")] == pytest.approx(p["adjustment"] * target)


def test_reliability_enters_through_the_threat_alone():
    world = tiny().replace(
        alliance_reliability=np.where(tiny().values("defence_pact") > 0, 1, np.nan)
    )
    after = edited(world, "alliance_reliability", {"origin": "USA", "destination": "DEU"}, set=0.3)
    assert (run(world, after).change == 0).all()


def test_sanctions_make_rivals_and_a_pact_unmakes_them():
    world = tiny()
    ties = dt.security.spending_ties(world)
    assert (
        ties.rivals[column("RUS"), column("USA")] == ties.rivals[column("USA"), column("RUS")] == 1
    )
    assert ties.nato.sum() == len(NATO) and not ties.allies.diagonal().any()
    hazard = np.zeros((7, 7))
    hazard[column("IND"), column("RUS")] = 0.01
    more = dt.security.spending_ties(world, hazard)
    assert more.rivals.sum() == ties.rivals.sum() + 2
    allied = edited(world, "defence_pact", {"origin": "USA", "destination": "RUS"}, set=1)
    assert dt.security.spending_ties(allied).rivals[column("RUS"), column("USA")] == 0


def test_a_hazard_makes_rivals_in_both_worlds():
    world, hazard = tiny(), np.zeros((7, 7))
    hazard[column("IND"), column("RUS")] = 0.02
    assert (run(world, world, hazard=hazard).change == 0).all()
    after = edited(world, "military_spending", {"country": "IND"}, multiply=1.5)
    answer = run(world, after, years=2, hazard=hazard).change[:, 1, column("RUS")]
    p = run(world, after, years=2).parameters
    rise = np.log1p(938_000 + 120_000) - np.log1p(938_000 + 80_000)
    assert answer == pytest.approx(p["adjustment"] * p["rivals"] * rise)


def test_an_end_of_rivalry_removes_the_answer():
    world = tiny()
    after = edited(world, "sanction_arms", {"origin": "RUS", "destination": "USA"}, set=0)
    found = run(world, after, years=1)
    p = found.parameters
    target = p["rivals"] * (np.log1p(78_000) - np.log1p(938_000))
    assert found.change[:, 0, column("RUS")] == pytest.approx(p["adjustment"] * target)


def test_readings_agree_with_the_draws():
    world = tiny()
    found = run(world, world, threats(DRAWS, CHN=40.0, USA=30.0))
    table = found.table(5).set_index("iso3")
    values = 100 * np.expm1(found.change[:, 4, column("CHN")])
    assert table.loc["CHN", "median"] == pytest.approx(np.median(values))
    assert table.loc["CHN", "share_positive"] == (values > 0).mean()
    assert not table.isna().any().any()
    whole = found.group(CODES).iloc[0]
    base = found.level
    total = (np.exp(found.change[:, -1]) @ base) / base.sum() - 1
    assert whole["median"] == pytest.approx(100 * np.median(total))
    assert whole["base_musd"] == pytest.approx(base.sum())
    race = found.race(("USA", "CHN", "RUS")).set_index("iso3")
    assert race["share_before"].sum() == pytest.approx(1)
    assert race.loc["USA", "answer_to_CHN"] > 0 and race.loc["CHN", "answer_to_RUS"] == 0
    assert not race.isna().any().any()


def test_drivers_name_the_parameters_behind_a_change():
    world = tiny()
    found = run(world, world, threats(200, CHN=30.0))
    shares = dict(found.drivers(["CHN"]).shares)
    assert set(list(shares)[:2]) == {"threat", "adjustment"} and shares["threat"] > 0.3
    assert sum(shares.values()) <= 1 + 1e-9
    assert run(world, world).drivers(CODES).fit == "none"
    cut = edited(world, "military_spending", {"country": "USA"}, multiply=0.8)
    assert run(world, cut, threats(200)).drivers(["CAN"]).shares[0][0] == "nato_allies"


def test_unknown_spending_answers_and_is_not_answered():
    world = tiny(military_spending={"RUS": np.nan})
    found = run(world, world, threats(DRAWS, RUS=30.0))
    assert found.unknown == ("RUS",)
    assert (found.change[:, -1, column("RUS")] > 0).all()
    assert (found.change[:, :, column("GBR")] == 0).all()
    assert not found.table().isna().any().any()
    with pytest.raises(ScenarioError, match="no source states the military spending of RUS"):
        found.race()
    assert found.group(["RUS", "CHN"])["members"].item() == 1
    with pytest.raises(ScenarioError, match="spending of RUS"):
        found.group(["RUS"])


def pair(k: float, back: float) -> System:
    """Two rivals of equal size, by the parameters of one draw each way."""
    ties = SpendingTies(
        np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros((2, 2)), np.zeros(2, dtype=bool)
    )
    one = np.array([1.0])
    p = {"adjustment": one * back, "rivals": one * k, "allies": 0 * one, "nato_allies": 0 * one}
    return System(np.array([1e6, 1e6]), ties, ties, p)


@pytest.mark.parametrize("k", [0.5, 0.99, 1.01, 1.5])
def test_two_states_are_stable_exactly_where_richardson_says(k):
    """x' = a (k y - x), y' = a (k x - y) is stable if k k < 1; a is the adjustment."""
    system = pair(k, 0.2)
    eigenvalues, yearly = richardson(system)
    share = 1e6 / (1 + 1e6)
    assert np.sort(eigenvalues[0].real) == pytest.approx([-k * share, k * share])
    assert np.sort(yearly[0].real) == pytest.approx(
        [1 - 0.2 * (1 + k * share), 1 - 0.2 * (1 - k * share)]
    )
    assert (np.abs(yearly).max() < 1) == (k < 1)
    rest = resting_point(
        system, np.array([[0.1, 0.0]]), np.full((1, 2), -np.inf), np.full(2, np.nan)
    )
    if k < 0.9:
        solved = np.linalg.solve(np.eye(2) - interaction(system, 0), [0.1, 0.0])
        assert rest[0] == pytest.approx(solved, rel=1e-5)
    if k > 1:
        assert np.isnan(rest).all()


def test_stability_is_stated_draw_by_draw():
    found = run(tiny(), tiny())
    table = found.stability()
    assert len(table) == DRAWS and (table["stable"] == (table["margin"] > 0)).all()
    eigenvalues, _ = richardson(found.system)
    assert eigenvalues.shape == (DRAWS, len(CODES))
    assert table.equals(found.stability(scenario=False))
    for draw in range(3):
        whole = np.linalg.eigvals(interaction(found.system, draw))
        assert np.sort(np.abs(eigenvalues[draw])) == pytest.approx(np.sort(np.abs(whole)), abs=1e-9)


def test_states_that_nobody_watches_add_zeros_alone():
    """A chain: the first watches the second, and nobody the first."""
    rivals = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    ties = SpendingTies(rivals, np.zeros((3, 3)), np.zeros(3, dtype=bool))
    half, none = np.array([0.5]), np.array([0.0])
    p = {"adjustment": half, "rivals": half, "allies": none, "nato_allies": none}
    system = System(np.full(3, 1e9), ties, ties, p)
    assert np.sort(richardson(system)[0][0].real) == pytest.approx([-0.5, 0.0, 0.5])
    assert (richardson(System(np.zeros(3), ties, ties, p))[0] == 0).all()


@pytest.mark.parametrize("share", [-0.01, 3.5])
def test_a_commitment_must_be_a_share(share):
    # the vocabulary refuses it in a scenario and a world, the function in a world made otherwise
    layers = tiny().layers.assign(spending_commitment=("country", np.full(7, share)))
    with pytest.raises(ScenarioError, match=r"0\.035 is 3\.5 per cent"):
        run(tiny(), dataclasses.replace(tiny(), layers=layers))
    with pytest.raises(WorldError, match="spending_commitment must be at"):
        tiny().replace(spending_commitment=np.full(7, share))
    with pytest.raises(ScenarioError, match="spending_commitment must be at"):
        edited(tiny(), "spending_commitment", {"country": "@NATO"}, set=share)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"years": 0}, "years must be a whole number of 1 or more"),
        ({"reached_in": 0}, "reached_in must be a whole number of 1 or more"),
        ({"draws": 3}, r"it must be \(3, 7\)"),
        ({"draws": []}, "draws must be a count of 1 or more"),
        ({"draws": [0, -1]}, "whole numbers from 0"),
        ({"draws": 1.5}, "whole numbers from 0"),
        ({"output_change": np.full(7, np.nan)}, "output_change must be finite"),
        ({"hazard": np.zeros((3, 3))}, r"must be \(7, 7\)"),
        ({"hazard": np.full((7, 7), 2.0)}, "probabilities from 0 to 1"),
    ],
)
def test_bad_options_are_named(options, words):
    with pytest.raises(ScenarioError, match=words):
        run(tiny(), tiny(), **options)


def test_bad_worlds_and_threats_are_named():
    world = tiny()
    with pytest.raises(ScenarioError, match="points from 0 to 100"):
        run(world, world, threats(DRAWS, CHN=130.0))
    with pytest.raises(ScenarioError, match="finite"):
        run(world, world, threats(DRAWS, CHN=np.nan))
    with pytest.raises(ScenarioError, match="same countries"):
        run(world, tiny(list(reversed(CODES))))
    with pytest.raises(ScenarioError, match="in logs"):
        run(world, world.replace(military_spending=np.zeros(7)))
    dark = tiny(military_spending={"RUS": np.nan})
    with pytest.raises(ScenarioError, match="RUS was not known"):
        run(dark, world)
    with pytest.raises(ScenarioError, match="set for RUS"):
        run(dark, edited(dark, "spending_commitment", {"country": "RUS"}, set=0.05))
    bare = tiny()
    with pytest.raises(WorldError, match="no layer 'military_spending'"):
        run(*(2 * [type(bare)("bare", 0, bare.layers.drop_vars("military_spending"), bare.groups)]))


def test_bad_readings_are_named():
    found = run(tiny(), tiny())
    with pytest.raises(ScenarioError, match="year 11 was not computed"):
        found.table(11)
    with pytest.raises(ScenarioError, match=r"'RUZ' is not a country.*did you mean RUS"):
        found.group(["RUZ"])


def test_the_room_opens_from_the_package():
    assert "spending_path" in dir(dt.security)
    assert callable(dt.security.spending_path)
    with pytest.raises(AttributeError, match="no attribute"):
        _ = dt.security.nothing
