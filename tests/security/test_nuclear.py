"""Second strikes of pairs: properties that any sound model has, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

import detente as dt
import strategies
from detente.errors import WorldError
from detente.security import NEW_START, drawdown, reductions, second_strike
from detente.security.arsenals import CUTS
from detente.security.first_strike import POSTURES
from detente.security.nuclear_pair import Choices
from detente.security.nuclear_readings import readings
from detente.security.nuclear_verdict import hinge

SIDES = ["USA", "RUS", "CHN"]
PAIRS = [("USA", "RUS"), ("RUS", "USA"), ("USA", "CHN"), ("CHN", "USA")]
REQUIRED = (1, 10, 100)
SLACK = 1e-5


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


def edited(world, layer, **values):
    """Return the world with new values of a country layer."""
    cells = np.array(world.values(layer), dtype=float)
    for code, value in values.items():
        cells[world.countries.index(code)] = value
    return world.replace(**{layer: cells})


def stock(world, code):
    return float(world.values("warheads")[world.countries.index(code)])


def strikes(world, **more):
    return second_strike(world, **({"draws": 40, "states": SIDES} | more))


@pytest.fixture(scope="module")
def base(world):
    return strikes(world)


def all_reach(found, attacker, victim):
    return np.stack([found.pair(attacker, victim).reach[posture] for posture in POSTURES])


@pytest.mark.parametrize("cut", ["proportional", "download"])
@pytest.mark.parametrize("factor", [0.3, 0.9, 1.5])
def test_more_warheads_of_the_victim_never_lower_its_answer(world, cut, factor):
    rules = Choices(cut=cut)
    base, other = (
        strikes(w, choices=rules)
        for w in (world, edited(world, "warheads", RUS=factor * stock(world, "RUS")))
    )
    fewer, more = (other, base) if factor < 1 else (base, other)
    assert np.all(all_reach(more, "USA", "RUS") >= all_reach(fewer, "USA", "RUS") - SLACK)


@pytest.mark.parametrize("factor", [0.3, 0.9, 1.5])
def test_more_warheads_of_the_attacker_never_raise_the_answer(world, base, factor):
    other = strikes(edited(world, "warheads", USA=factor * stock(world, "USA")))
    fewer, more = (other, base) if factor < 1 else (base, other)
    for victim in ("RUS", "CHN"):
        assert np.all(all_reach(more, "USA", victim) <= all_reach(fewer, "USA", victim) + SLACK)


@pytest.mark.parametrize("defence", [0.1, 0.5, 1.0])
def test_missile_defence_never_raises_the_answer(world, base, defence):
    defended = strikes(edited(world, "missile_defence", USA=defence))
    for victim in ("RUS", "CHN"):
        assert np.all(all_reach(defended, "USA", victim) <= all_reach(base, "USA", victim) + SLACK)
    # What reaches others is untouched.
    assert np.array_equal(all_reach(defended, "RUS", "USA"), all_reach(base, "RUS", "USA"))
    if defence == 1.0:
        assert np.all(defended.second_strike("USA", "RUS", 1) < SLACK)


def test_a_defence_that_runs_out_stops_small_answers_and_not_large_ones(world, base):
    defended = edited(world, "missile_defence", USA=0.9)
    none, few, many = (
        strikes(defended, choices=Choices(engaged={"USA": number})) for number in (0, 20, 9000)
    )
    every = strikes(defended)
    for victim in ("RUS", "CHN"):
        reach = [all_reach(found, "USA", victim) for found in (base, none, few, many, every)]
        assert np.allclose(reach[0], reach[1], atol=SLACK)
        assert np.all(reach[2] <= reach[1] + SLACK) and np.all(reach[3] <= reach[2] + SLACK)
        assert np.allclose(reach[3], reach[4], atol=SLACK)
    lost = {
        victim: np.median(base.second_strike("USA", victim) - few.second_strike("USA", victim))
        for victim in ("RUS", "CHN")
    }
    assert lost["CHN"] > 5 * lost["RUS"]
    left = few.pair("USA", "RUS").struck["surprise"]
    assert np.all(left >= base.pair("USA", "RUS").struck["surprise"] - 20 - SLACK)


def test_de_alerting_the_attacker_never_lowers_the_answer_to_surprise(world, base):
    calm = strikes(edited(world, "alert_share", USA=0.1, RUS=0.1))
    for attacker, victim in PAIRS:
        here, there = (found.pair(attacker, victim).reach for found in (calm, base))
        assert np.all(here["surprise"] >= there["surprise"] - SLACK)
        assert np.allclose(here["generated"], there["generated"]), "a crisis undoes it"


def test_launching_under_attack_never_lowers_the_answer_and_hangs_on_alert(world, base):
    warned = strikes(world, choices=Choices(warning=0.8))
    assert np.all(all_reach(warned, "USA", "RUS") >= all_reach(base, "USA", "RUS") - SLACK)
    calm = strikes(edited(world, "alert_share", RUS=0.0), choices=Choices(warning=0.8))
    assert np.allclose(
        calm.pair("USA", "RUS").struck["surprise"], base.pair("USA", "RUS").struck["surprise"]
    )


def test_uploads_help_the_side_that_makes_them(world, base):
    mine = strikes(world, choices=Choices(upload={"RUS": 1.0}))
    assert np.all(
        mine.pair("USA", "RUS").struck["surprise"] >= base.pair("USA", "RUS").struck["surprise"]
    )
    both = strikes(world, choices=Choices(upload=1.0))
    bound = strikes(world, choices=Choices(upload=1.0, treaty=NEW_START))
    assert both.pair("USA", "RUS").unstruck["generated"].mean() > (
        bound.pair("USA", "RUS").unstruck["generated"].mean()
    )


def test_two_attackers_together_leave_less_than_either(world, base):
    joined = strikes(world, choices=Choices(together=(("USA", "RUS"),)))
    both = joined.pair("USA+RUS", "CHN").struck["generated"]
    assert np.all(both <= joined.pair("USA", "CHN").struck["generated"] + 1e-9)
    assert np.all(both <= joined.pair("RUS", "CHN").struck["generated"] + 1e-9)
    assert ("USA+RUS", "USA") not in joined.pairs


def test_no_arsenal_means_no_index_and_says_so(world):
    gone = strikes(edited(world, "warheads", CHN=0.0))
    pair = gone.pair("USA", "CHN")
    assert pair.status == "no arsenal"
    assert np.isnan(gone.second_strike("USA", "CHN")).all()
    assert np.isnan(gone.index("USA", "CHN")).all()
    assert np.isnan(gone.first_strike_advantage("USA", "CHN")).all()
    row = gone.table().query("attacker == 'USA' and victim == 'CHN'").iloc[0]
    assert row["status"] == "no arsenal" and np.isnan(row["median"])
    with pytest.raises(WorldError, match="have no stability index"):
        reductions(gone, gone, parties=("USA", "CHN"))
    with pytest.raises(WorldError, match="an arsenal is gone"):
        reductions(strikes(world), gone)


def test_out_of_reach_is_not_zero(world):
    found = second_strike(world, draws=5, states=["USA", "PAK", "IND"])
    assert found.pair("USA", "PAK").status == "out of reach"
    assert found.pair("IND", "PAK").status == "defined"


def test_classes_of_both_sides_add_up(world, base):
    for attacker, victim in PAIRS:
        pair = base.pair(attacker, victim)
        for posture in POSTURES:
            assert np.all(pair.struck[posture] <= pair.unstruck[posture] + 1e-9)
            assert np.all(pair.unstruck[posture] <= stock(world, victim))
            assert np.all((pair.reach[posture] >= 0) & (pair.reach[posture] <= 1))
            assert np.all(np.diff(pair.reach[posture], axis=-1) <= SLACK), "R* rises"


def test_the_index_is_the_weaker_side_and_the_advantage_a_share(base):
    one, other = base.second_strike("USA", "RUS", 100), base.second_strike("RUS", "USA", 100)
    assert np.array_equal(base.index("USA", "RUS", 100), np.minimum(one, other))
    advantage = base.first_strike_advantage("USA", "RUS")
    assert np.all((advantage >= 0) & (advantage <= 1))
    assert base.advantage_difference("USA", "RUS") == pytest.approx(
        -base.advantage_difference("RUS", "USA")
    )
    table = base.table().set_index(["attacker", "victim", "posture", "required"])
    keys = [("USA", "RUS", "surprise", 10), ("RUS", "USA", "surprise", 10)]
    assert table.loc[keys, "difference"].sum() == pytest.approx(0)
    assert table.loc[keys, "index"].nunique() == 1


def test_draws_do_not_depend_on_their_number_or_on_other_states(world, base):
    few = second_strike(world, draws=7, states=["USA", "RUS"])
    assert np.allclose(few.second_strike("USA", "RUS"), base.second_strike("USA", "RUS")[:7])


def test_independent_losses_make_an_empty_answer_look_impossible(world, base):
    apart, together = (
        strikes(world, parameters=base.draws.fixed("common", share)) for share in (0.0, 1.0)
    )
    for victim in ("RUS", "CHN"):
        here, there = (found.second_strike("USA", victim, 1) for found in (apart, together))
        assert np.all(here >= there - SLACK)
        assert here.mean() > 0.99 > there.mean()
        mean = [found.pair("USA", victim).struck["surprise"] for found in (apart, together)]
        assert np.allclose(*mean)
    with pytest.raises(WorldError, match="no uncertain number 'comon'; did you mean common"):
        base.draws.fixed("comon", 0.5)


def test_a_point_estimate_is_one_draw_of_medians(world):
    found = second_strike(world, point=True, states=["USA", "RUS"])
    assert found.second_strike("USA", "RUS").shape == (1,)


def test_change_compares_draw_by_draw(world, base):
    cut = dt.load_scenario("us-russia-arms-reductions").apply(world)
    after = strikes(cut)
    table = base.change(after)
    assert len(table) == len(base.table())
    row = table.query("attacker == 'USA' and victim == 'RUS' and required == 100").iloc[0]
    assert row["posture"] == "surprise" and row["median"] < 0 and row["share_lower"] > 0.9
    with pytest.raises(WorldError, match="other draws"):
        base.change(strikes(cut, draws=39))
    with pytest.raises(WorldError, match="another degree"):
        base.change(strikes(cut, choices=Choices(shared=0.1)))


def test_the_verdict_on_reductions_hangs_on_what_is_asked(world):
    cut = dt.load_scenario("us-russia-arms-reductions").apply(world)
    before, after = (strikes(w, draws=100) for w in (world, cut))
    ten, hundred = (reductions(before, after, number) for number in (10, 100))
    assert ten.verdict == "holds"
    assert hundred.verdict == "contradicted"
    stored = strikes(cut, draws=100, choices=Choices(cut="reserve"))
    assert reductions(before, stored, 100).verdict == "holds"
    assert ten.table["party"].iloc[0] and len(ten.table) == 3
    assert hundred.share <= hundred.parties_share
    assert np.array_equal(hundred.change <= 0, np.ones(100, bool))
    with pytest.raises(WorldError, match="margin"):
        reductions(before, after, margin=-0.1)


def test_a_verdict_names_what_it_hangs_on(world):
    cut = dt.load_scenario("us-russia-arms-reductions").apply(world)
    found = hinge(world, cut, ["USA", "RUS"], required=100, draws=150)
    assert found.pair == ("USA", "RUS")
    assert found.shares.shares[0][0] == "hidden[RUS submarine]"
    assert found.flip is not None and found.flip.value > 1.0


def test_both_readings_are_reported_and_what_separates_them(world):
    both = readings(world, "USA", "CHN", required=10)
    chances = both.table.set_index("reading")["at_least_10"]
    assert chances["exposed"] < chances["middle"] < chances["elusive"]
    assert both.skill is not None and 0.5 < both.skill < 1
    assert both.flips["parameter"].iloc[0] == "command[CHN]"
    with pytest.raises(WorldError, match="no second strike"):
        readings(world, "USA", "PAK")


def test_the_drawdown_falls_and_its_band_holds_the_mean(world):
    curve = drawdown(world, "USA", "RUS", draws=100)
    assert np.all(np.diff(curve["mean"]) <= 1e-9)
    assert np.all(curve["p05"] <= curve["mean"]) and np.all(curve["mean"] <= curve["p95"])
    assert np.all(curve["used"] <= curve["arms"] + 1e-9)
    with pytest.raises(WorldError, match="0 or more"):
        drawdown(world, "USA", "RUS", arms=[-5])
    with pytest.raises(WorldError, match="can reach"):
        drawdown(world, "USA", "PAK")
    with pytest.raises(WorldError, match="no arsenal of DEU"):
        drawdown(world, "USA", "DEU")
    with pytest.raises(WorldError, match="cannot strike itself"):
        drawdown(world, "USA", "USA")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"states": ["USA", "DEU"]}, "no class table of the arsenal of 'DEU'"),
        ({"required": (0,)}, "must be 1 or more"),
        ({"required": ()}, "must be 1 or more"),
        ({"draws": -1}, "0 or more"),
        ({"choices": Choices(engaged={"USA": -1})}, "whole number of at least 0"),
        ({"choices": Choices(engaged={"DEU": 1})}, "'DEU'"),
        ({"choices": Choices(warning=2.0)}, "from 0 to 1"),
        ({"choices": Choices(cut="halve")}, "unknown rule 'halve'"),
        ({"choices": Choices(together=(("USA", "DEU"),))}, "'DEU'"),
    ],
)
def test_what_cannot_be_asked_is_refused(world, more, message):
    with pytest.raises(dt.DetenteError, match=message):
        strikes(world, **more)


def test_questions_of_a_result_are_checked(base):
    with pytest.raises(WorldError, match="no pair of attacker USA and victim GBR"):
        base.pair("USA", "GBR")
    with pytest.raises(WorldError, match="was not asked for"):
        base.second_strike("USA", "RUS", 7)
    with pytest.raises(WorldError, match="unknown posture"):
        base.second_strike("USA", "RUS", 10, "asleep")


def test_a_small_world_is_enough_and_says_what_it_lacks():
    small = strategies.named_world()
    with pytest.raises(WorldError, match="no layer 'distance_capital'"):
        second_strike(small, point=True)
    apart = 8000.0 * (1 - np.eye(len(small.countries)))
    found = second_strike(small.replace(distance_capital=apart), draws=5)
    assert found.pair("USA", "RUS").status == "defined"
    assert found.pair("USA", "IND").status == "no arsenal"
    assert set(found.unmodelled) == {"CAN", "DEU", "MEX", "NOR"}
    joined = second_strike(
        small.replace(distance_capital=apart), draws=5, choices=Choices(together=(("USA", "ISR"),))
    )
    assert joined.pair("USA+ISR", "RUS").status == "defined"


def test_a_world_without_warheads_or_with_unknown_ones_is_refused(world):
    with pytest.raises(WorldError, match="no layer 'warheads'"):
        second_strike(dt.load_world("campos2019"), point=True)
    unknown = edited(world, "warheads", RUS=np.nan)
    with pytest.raises(WorldError, match="warheads of RUS must be a number"):
        second_strike(unknown, point=True)


@pytest.mark.slow
def test_the_page_states_the_verdicts(world):
    page = Path(__file__).parents[2] / "docs" / "explanation" / "nuclear-stability.md"
    rows = [line.split("|")[1:-1] for line in page.read_text("utf-8").splitlines() if "|" in line]
    stated = {cells[0].strip(): [cell.split() for cell in cells[1:]] for cells in rows if cells}
    cut = dt.load_scenario("us-russia-arms-reductions").apply(world)
    before = second_strike(world)
    for rule in CUTS:
        after = second_strike(cut, choices=Choices(cut=rule))
        cells = [(posture, number) for posture in POSTURES for number in REQUIRED]
        for (posture, number), (word, share) in zip(cells, stated[rule], strict=True):
            found = reductions(before, after, number, posture)
            assert found.verdict == word, (rule, posture, number)
            assert found.share == pytest.approx(float(share), abs=0.006)
