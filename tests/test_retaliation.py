"""Answers to tariffs: the same points, points in proportion, or none."""

import numpy as np
import pytest

import detente as dt
from detente.files.scenarios import load_scenario, scenario_text
from detente.runs.run import plan
from economies import economy, scenario, tariff

WORLD = economy(closed=False, groups={"USMCA": ("CAN", "MEX", "USA")})
CAN, MEX, RUS, USA = range(4)
HIT = tariff("MEX", "USA", 0.25)
FOOD = {"layer": "tariff_rate", "add": 0.2} | {
    "where": {"origin": ["MEX", "CAN"], "destination": "USA", "sector": "food"}
}


def rise(made):
    return made.apply(WORLD).values("tariff_rate") - WORLD.values("tariff_rate")


def test_a_mirror_adds_the_same_points_sector_by_sector():
    made = rise(scenario(FOOD, retaliation={"rule": "mirror"}))
    np.testing.assert_allclose(made, made.transpose(1, 0, 2), atol=1e-15)
    np.testing.assert_allclose(made[USA, [MEX, CAN]], [[0.2, 0.0]] * 2, atol=1e-15)


def test_a_proportional_answer_is_the_mean_rise_weighted_by_trade():
    made = rise(scenario(FOOD, retaliation={"rule": "proportional"}))
    flow = WORLD.values("flow")
    for country in (CAN, MEX):
        share = flow[country, USA, 0] / flow[country, USA].sum()
        np.testing.assert_allclose(made[USA, country], 0.2 * share)
    assert np.all(made[USA, RUS] == 0)


def test_none_and_an_answer_that_is_there_already_add_nothing():
    plain = scenario(HIT)
    np.testing.assert_array_equal(rise(scenario(HIT, retaliation={"rule": "none"})), rise(plain))
    both = scenario(HIT, tariff("USA", "MEX", 0.25))
    answered = scenario(HIT, tariff("USA", "MEX", 0.25), retaliation={"rule": "mirror"})
    np.testing.assert_allclose(rise(answered), rise(both), atol=1e-15)


def test_only_those_named_answer():
    made = rise(scenario(FOOD, retaliation={"rule": "mirror", "by": "CAN"}))
    assert np.all(made[USA, MEX] == 0) and made[USA, CAN, 0] == pytest.approx(0.2)


def test_an_answer_is_an_edit_with_a_label_of_its_own():
    asked = scenario(HIT | {"label": "rise"}, retaliation={"rule": "mirror", "label": "reply"})
    assert asked.labels == ["rise", "reply"]
    whole = asked.answered(WORLD)
    assert whole.labels == asked.labels and whole.retaliation is None
    assert asked.describe(WORLD) == whole.describe(WORLD)
    assert rise(whole.only("reply"))[USA, MEX].min() == pytest.approx(0.25)
    with pytest.raises(dt.DetenteError, match="depends on the world"):
        asked.only("reply")
    job = plan(WORLD, asked)
    assert [row.label for row in job.rows] == ["x"]


def test_files_keep_the_rule(tmp_path):
    asked = scenario(HIT, retaliation={"rule": "mirror", "by": ["@USMCA"]}, horizon="short")
    file = tmp_path / "x.yaml"
    file.write_text(scenario_text(asked), encoding="utf-8")
    assert load_scenario(file) == asked
    outer = tmp_path / "outer.yaml"
    outer.write_text("name: outer\nwhy: a test\nincludes: [x.yaml]\n", encoding="utf-8")
    with pytest.raises(dt.DetenteError, match="states a rule of retaliation"):
        load_scenario(outer)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"rule": "miror"}, "did you mean mirror"),
        ({"rule": "mirror", "by": "ATLANTIS"}, "unknown country"),
        ({"rule": "mirror", "by": "RUS"}, "no edit raises a tariff on a country that would answer"),
        ({"rule": "mirror", "by": []}, "empty list"),
    ],
)
def test_what_is_wrong_is_named(rule, text):
    with pytest.raises(dt.DetenteError, match=text):
        scenario(HIT, retaliation=rule).apply(WORLD)
