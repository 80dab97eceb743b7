"""Verdict rules, variance shares, flips and weighed claims against known functions."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente import sensitivity, verdict
from detente.claims import weigh, weigh_all
from detente.errors import ConvergenceError, ScenarioError
from detente.flips import find_flip
from detente.scenario import Claim
from fabricate import LIFT, NAME, RETALIATION, RIFT, fabricate, outcome_of, parameters, quantile

values = st.lists(
    st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 6)), min_size=1, max_size=60
).map(np.array)
thresholds = st.floats(1e-3, 50).map(lambda x: round(x, 6))
directions = st.sampled_from(["rises", "falls"])
OPPOSITE = {"rises": "falls", "falls": "rises"}


# ---- the rules


@given(values, directions, thresholds)
def test_shares_add_to_one_and_decide(draws, direction, threshold):
    found = verdict.shares(draws, direction, threshold)
    assert found.beyond + found.inside + found.opposite == pytest.approx(1.0)
    said = verdict.verdict(draws, direction, threshold)
    large = {
        verdict.HOLDS: found.beyond,
        verdict.CONTRADICTED: found.opposite,
        verdict.NEGLIGIBLE: found.inside,
    }
    if said == verdict.UNDECIDED:
        assert max(large.values()) < 0.9
    else:
        assert large[said] >= 0.9 - 1e-9


@given(values, directions, thresholds, st.floats(1, 10))
def test_a_wider_threshold_never_makes_a_claim_hold(draws, direction, threshold, factor):
    narrow = verdict.verdict(draws, direction, threshold)
    wide = verdict.verdict(draws, direction, threshold * factor)
    if wide in (verdict.HOLDS, verdict.CONTRADICTED):
        assert narrow == wide
    if narrow == verdict.NEGLIGIBLE:
        assert wide == verdict.NEGLIGIBLE


@given(values, directions, thresholds)
def test_the_opposite_claim_gets_the_mirrored_verdict(draws, direction, threshold):
    mirror = {verdict.HOLDS: verdict.CONTRADICTED, verdict.CONTRADICTED: verdict.HOLDS}
    said = verdict.verdict(draws, direction, threshold)
    other = verdict.verdict(draws, OPPOSITE[direction], threshold)
    assert other == mirror.get(said, said)


def test_nine_of_ten_is_enough_and_the_edge_lies_inside():
    nine = np.array([1.0] * 9 + [-1.0])
    assert verdict.verdict(nine, "rises", 0.5) == verdict.HOLDS
    assert verdict.verdict(np.array([1.0] * 8 + [-1.0] * 2), "rises", 0.5) == verdict.UNDECIDED
    assert verdict.verdict(np.full(5, 0.5), "rises", 0.5) == verdict.NEGLIGIBLE


# ---- shares of variance


def test_variance_shares_of_a_linear_function():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((4000, 4)), columns=list("abcd"))
    table["constant"] = 3.0
    found = sensitivity.variance_shares(table, (3 * table.a - 1 * table.b).to_numpy())
    assert [name for name, _ in found.shares[:2]] == ["a", "b"]
    assert found.r2 == pytest.approx(1.0)
    assert dict(found.shares)["a"] == pytest.approx(0.9, abs=0.02)
    assert sum(share for _, share in found.shares) == pytest.approx(found.r2)
    assert "constant" not in dict(found.shares)


def test_parameters_drawn_together_share_what_they_explain():
    rng = np.random.default_rng(1)
    common = rng.standard_normal(2000)
    table = pd.DataFrame({"a": common, "b": common})
    shares = dict(sensitivity.variance_shares(table, 2 * common).shares)
    assert shares["a"] == pytest.approx(0.5, abs=0.01)
    assert shares["b"] == pytest.approx(0.5, abs=0.01)


def test_ranks_serve_where_the_answer_is_steep():
    table = pd.DataFrame({"a": np.linspace(0, 20, 200), "b": np.tile([0.0, 1.0], 100)})
    found = sensitivity.variance_shares(table, np.exp(table["a"].to_numpy()))
    assert found.fit == "rank"
    assert found.shares[0][0] == "a"
    assert found.r2 > 0.99


@pytest.mark.parametrize(
    ("draws", "answer", "note"),
    [
        (40, lambda t: np.ones(40), "does not vary"),
        (9, lambda t: t["a"].to_numpy(), "too few"),
        (40, lambda t: np.full(40, 1e-300), "does not vary"),
    ],
)
def test_no_shares_where_there_is_nothing_to_explain(draws, answer, note):
    rng = np.random.default_rng(2)
    table = pd.DataFrame(rng.standard_normal((draws, 5)), columns=list("abcde"))
    found = sensitivity.variance_shares(table, answer(table))
    assert found.shares == ()
    assert found.r2 is None
    assert note in found.note


# ---- flips


@given(st.floats(0.05, 0.95), directions)
def test_the_flip_of_a_known_function_is_found(where, direction):
    # The answer rises from 0 to 10; it meets the threshold exactly at `where`.
    sign = 1 if direction == "rises" else -1
    flip = find_flip(lambda name, x: sign * 10 * x, lambda name, q: q, ["a"], direction, 10 * where)
    assert flip is not None
    assert flip.value == pytest.approx(where, abs=2e-3)
    assert {flip.before, flip.after} == {"beyond", "inside"}


def test_the_second_driver_is_tried_and_the_nearest_crossing_taken():
    def answer(name, x):
        return {"a": 1.0, "b": 100 * (x - 0.5) ** 2 - 2}[name]

    flip = find_flip(answer, lambda name, q: q, ["a", "b"], "rises", 1.0)
    assert flip.parameter == "b"
    assert abs(flip.value - 0.5) == pytest.approx(0.1, abs=2e-3)
    assert flip.before == "opposite"


def test_no_flip_in_range_and_no_equilibrium_on_the_way():
    assert find_flip(lambda n, x: 5.0, lambda n, q: q, ["a"], "rises", 1.0) is None

    def torn(name, x):
        if x > 0.6:
            raise ConvergenceError("no solution")
        return 5.0

    assert find_flip(torn, lambda n, q: q, ["a"], "rises", 1.0) is None


# ---- claims


def claim(**more):
    page = {"id": "1b", "text": "Russian income rises", "side": "for", "variable": "real_income",
            "where": {"country": "RUS"}, "direction": "rises", "edits": [LIFT]}  # fmt: skip
    return Claim(**(page | more))


@pytest.fixture(scope="module")
def outcome():
    return fabricate(draws=80, fail=(2,))


def solve(questions):
    tables = (pd.DataFrame(one.given, index=[0]) for one in questions)
    found = (outcome_of([one.label], t, 0) for one, t in zip(questions, tables, strict=True))
    return [(one, 0) for one in found]


def test_a_claim_is_judged_on_the_edits_it_is_about(outcome):
    page = weigh(outcome, claim(), solve=solve)
    assert page["scenario"] == f"{NAME} / {LIFT}"
    assert page["verdict"] == verdict.HOLDS
    assert page["share_beyond"] == 1.0
    assert page["drivers"][0]["parameter"] == "sanction_effect_broad_imports"
    assert page["drivers_r2"] == pytest.approx(1.0, abs=1e-6)
    # Four more are drawn and explain nothing of this: they are no drivers.
    assert len(page["drivers"]) == 2 and len(outcome.parameters.columns) == 6
    assert page["draws"] == 80
    assert page["failed_draws"] == 0
    json.dumps(page)


def test_the_flip_lies_where_the_formula_says(outcome):
    page = weigh(outcome, claim(threshold=0.2 * (1 - 0.3)), solve=solve, quantile=quantile)
    assert page["flip"]["parameter"] == "sanction_effect_broad_imports"
    assert page["flip"]["value"] == pytest.approx(-1.32 + 0.2 * 1.32, abs=1e-3)
    assert page["flip"]["before"] == "beyond"
    assert "rises above" in page["flip"]["text"]


def test_a_prior_reaches_farther_than_the_draws(outcome):
    far = weigh(outcome, claim(threshold=0.01), solve=solve, quantile=lambda name, q: 100 * q - 50)
    assert far["flip"]["parameter"] == "sanction_effect_broad_imports"
    none = weigh(outcome, claim(threshold=0.01), solve=solve)
    assert none["flip"]["parameter"] is None
    assert "Neither end" in none["flip"]["text"]


def test_due_to_adds_up(outcome):
    page = weigh(outcome, claim(edits=[], where={"country": "CAN"}, direction="falls"))
    assert [part["label"] for part in page["due_to"]] == [LIFT, RIFT, "interaction"]
    assert page["due_to"][2]["median"] == pytest.approx(0.0, abs=1e-12)
    assert page["failed_draws"] == 1
    assert page["verdict"] == verdict.HOLDS


def test_pairs_blocs_and_members(outcome):
    pair = weigh(
        outcome, claim(variable="pair_trade", where={"origin": "USA", "destination": "RUS"})
    )
    assert pair["threshold"] == 5
    assert pair["verdict"] == verdict.HOLDS
    bloc = weigh(
        outcome,
        claim(
            variable="pair_trade",
            where={"country": "@USMCA"},
            edits=[RIFT],
            direction="falls",
            members=True,
        ),
    )
    assert bloc["verdict"] == verdict.HOLDS
    assert [row["iso3"] for row in bloc["members"]] == ["CAN", "MEX", "USA"]
    group = weigh(outcome, claim(where={"country": "@NEIGHBOURS"}, members=True))
    assert group["where"] == {"country": "@NEIGHBOURS"}
    assert {row["verdict"] for row in group["members"]} <= {"negligible", "undecided", "holds"}
    assert all(row["p05"] <= row["median"] <= row["p95"] for row in group["members"])


def test_point_estimates_carry_no_verdict():
    page = weigh(fabricate(draws=0), claim(), solve=solve)
    assert page["verdict"] == page["verdict_half"] == verdict.POINT_ONLY
    assert page["share_beyond"] is None
    assert "beyond the threshold" in page["note"]
    assert page["drivers"] == []


def test_what_is_not_modelled_stands_by_name(outcome):
    page = weigh(
        outcome,
        Claim(id="2", text="It opens room for arms reductions", side="for", computed_by="security"),
    )
    assert page["verdict"] == verdict.NOT_MODELLED
    assert page["computed"] is False


def test_edits_that_were_not_run_are_refused(outcome):
    with pytest.raises(ScenarioError, match="were not run as a set"):
        weigh(outcome, claim(edits=["other"]))


def test_no_solution_is_a_verdict_of_its_own():
    outcome = fabricate(draws=4, fail=(0, 1, 2, 3))
    page = weigh(outcome, claim(edits=[]))
    assert page["verdict"] == verdict.NO_EQUILIBRIUM
    assert page["failed_draws"] == 4


def test_the_variant_is_judged_by_its_own_runs(outcome):
    page = weigh(outcome, claim(edits=[], where={"country": "MEX"}), parent=RETALIATION)
    assert page["scenario"] == RETALIATION
    assert page["verdict"] == verdict.CONTRADICTED
    # Its single edits were not run: nothing is said of what the change is due to.
    assert page["due_to"] == []


def test_claims_are_searched_side_by_side(outcome):
    rounds = []

    def counting(questions):
        rounds.append({one.claim.id for one in questions})
        return solve(questions)

    asked = [(None, claim(id="1", threshold=0.16)), (None, claim(id="2", threshold=0.15))]
    pages = weigh_all(outcome, asked, counting, quantile)
    assert all(page["flip"]["value"] for page in pages)
    assert rounds == [{"1", "2"}] * 2


def test_fabricated_draws_differ_by_seed():
    tables = [parameters(3, seed) for seed in (1, 2)]
    assert all((a != b).all() for a, b in itertools.pairwise(t.to_numpy().ravel() for t in tables))
