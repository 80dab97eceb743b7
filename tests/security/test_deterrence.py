"""Deterrence: identities, signs as properties, impossible input, and the embedded world."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import CODES, onset, small

import detente as dt
from detente.errors import WorldError
from detente.security import challenge_risk, extended_deterrence
from detente.security.deterrence_prior import ASSUMPTIONS, drivers
from detente.security.extended import PARTS, steps

PAIRS = list(itertools.permutations(CODES, 2))
TINY = 1e-14
pacts = st.sets(st.sampled_from(PAIRS), min_size=1, max_size=14)
seeds = st.integers(0, 99)


def shares(chosen):
    """Draw a reliability for each pact of a set."""
    return st.fixed_dictionaries({pair: st.sampled_from([0, 0.25, 0.6, 1]) for pair in chosen})


with_reliability = pacts.flatmap(lambda chosen: st.tuples(st.just(chosen), shares(chosen)))


def risk(world, seed, base=None, draws=4, **more):
    return challenge_risk(world, onset(world, seed=seed), draws, seed, base=base, **more)


# Identities


def test_without_pacts_the_two_directions_add_up_to_the_onset():
    world = small([])
    given_onset = onset(world, draws=6)
    found = challenge_risk(world, given_onset, 6, seed=1, commitments=False)
    assert found.combined == pytest.approx(given_onset, abs=1e-15)
    assert (found.protection == 0).all()


def test_the_shift_is_in_log_odds():
    world = small([("USA", "EST")])
    bare, found = risk(small([]), 3), risk(world, 3)
    both = bare.risk[:, 3, 2], found.risk[:, 3, 2]
    before, after = (np.log(values / (1 - values)) for values in both)
    assert after - before == pytest.approx(found.protection[:, 3, 2], abs=1e-12)


def test_one_overwhelming_guarantor_at_mean_reliability_has_the_whole_effect():
    rich = dict.fromkeys(CODES, 1.0) | {"USA": 1e12}
    world = small([("USA", "EST")], gdp=rich)
    found = risk(world, 1, draws=1, point=True)
    assert found.protection[0, 3, 2] == pytest.approx(-0.20, abs=1e-9)


def test_protection_is_proportional_to_reliability_with_one_guarantor():
    full = risk(small([("USA", "EST")]), 5).protection[:, 3, 2]
    half = risk(small([("USA", "EST")], reliability={("USA", "EST"): 0.5}), 5)
    assert half.protection[:, 3, 2] == pytest.approx(full / 2)


def test_draws_do_not_depend_on_their_number():
    world = small([("USA", "EST"), ("DEU", "EST")])
    many, few = risk(world, 2, draws=9), risk(world, 2, draws=[8, 1])
    assert np.array_equal(many.risk[[8, 1]], few.risk)


@given(pacts, seeds, st.permutations(range(len(CODES))))
def test_relabelling_permutes_the_answer(chosen, seed, order):
    one = risk(small(chosen), seed)
    other = risk(small(chosen, countries=[CODES[place] for place in order]), seed)
    moved = one.risk[:, list(order)][:, :, list(order)]
    assert other.risk == pytest.approx(moved, rel=1e-12)


# Signs


@given(with_reliability, seeds, st.data())
def test_raising_reliability_never_raises_the_risk_to_the_protected_state(case, seed, data):
    chosen, stated = case
    giver, taker = data.draw(st.sampled_from(sorted(chosen)))
    base = small(chosen)
    more = stated | {(giver, taker): data.draw(st.sampled_from([0.6, 1]))}
    more[giver, taker] = max(more[giver, taker], stated[giver, taker])
    target = CODES.index(taker)
    for given_base in (None, base):
        before = risk(small(chosen, reliability=stated), seed, given_base)
        after = risk(small(chosen, reliability=more), seed, given_base)
        assert (after.risk[:, :, target] <= before.risk[:, :, target] + TINY).all()
        if given_base is not None:  # nor, through the couplings, to anybody else
            assert (after.risk <= before.risk + TINY).all()


@given(with_reliability, seeds, st.data())
def test_removing_a_pact_never_lowers_the_risk_to_anyone(case, seed, data):
    chosen, stated = case
    gone = data.draw(st.sampled_from(sorted(chosen)))
    base = small(chosen, reliability=stated)
    left = {pair: value for pair, value in stated.items() if pair != gone}
    after = risk(small(chosen - {gone}, reliability=left), seed, base)
    before = risk(base, seed, base)
    assert (after.risk >= before.risk - TINY).all()


@given(pacts, seeds, st.sampled_from(PAIRS))
def test_a_new_pact_never_raises_the_risk_to_the_protected_state(chosen, seed, new):
    base = small(chosen)
    before, after = risk(base, seed, base), risk(small({*chosen, new}), seed, base)
    assert (after.risk <= before.risk + TINY).all()


@given(pacts, seeds, st.sampled_from(PAIRS))
def test_a_pact_changes_no_dyad_that_it_does_not_protect(chosen, seed, changed):
    base = small(chosen - {changed})
    other = small({*chosen, changed})
    before, after = risk(base, seed), risk(other, seed)
    keep = [place for place, code in enumerate(CODES) if code != changed[1]]
    assert np.array_equal(before.risk[:, :, keep], after.risk[:, :, keep])


@given(pacts, seeds)
def test_a_guarantor_does_not_protect_from_itself(chosen, seed):
    found = risk(small(chosen), seed, commitments=False)
    takers = {taker for _, taker in chosen}
    for giver, taker in chosen:
        if sum(pair[1] == taker for pair in chosen) == 1:
            assert (found.protection[:, CODES.index(giver), CODES.index(taker)] == 0).all()
    free = [place for place, code in enumerate(CODES) if code not in takers]
    assert (found.protection[:, :, free] == 0).all()
    assert (found.protection <= 0).all()


# Couplings


def test_spillover_and_contagion_reach_what_they_say_and_can_be_off():
    held = [("USA", "EST"), ("USA", "DEU"), ("DEU", "EST")]
    base = small(held)
    after = small(held, reliability={("USA", "EST"): 0.2})
    none = risk(after, 3, base, draws=40, reputation=False, contagion=False)
    spilled = risk(after, 3, base, draws=40, contagion=False)
    caught = risk(after, 3, base, draws=40, reputation=False)
    before = risk(base, 3, base, draws=40)
    deu, est, twn = (CODES.index(code) for code in ("DEU", "EST", "TWN"))
    assert np.array_equal(none.risk[:, :, [deu, twn]], before.risk[:, :, [deu, twn]])
    moved = spilled.risk[:, 3, deu] > none.risk[:, 3, deu]
    exists = (spilled.drivers.reputation_spillover > 0) & (spilled.drivers.pact_effect < 0)
    assert np.array_equal(moved, exists)
    assert (spilled.risk[:, 3, twn] > none.risk[:, 3, twn]).any()
    assert np.array_equal(spilled.risk[:, :, est], none.risk[:, :, est])
    assert (caught.risk[:, 3, est] > none.risk[:, 3, est]).any()
    assert np.array_equal(caught.risk[:, :, deu], none.risk[:, :, deu])


def test_half_of_the_draws_have_no_spillover_and_the_point_has_none():
    drawn = drivers(4000, seed=1)
    for values in (drawn.reputation_spillover, drawn.alliance_contagion):
        assert (values == 0).mean() == pytest.approx(0.5, abs=0.03)
    assert drivers(1, seed=1, point=True).reputation_spillover[0] == 0
    assert np.quantile(drawn.pact_effect, [0.05, 0.5]) == pytest.approx([-0.4, -0.2], abs=0.02)
    assert (drawn.pact_effect == 0).mean() == pytest.approx(0.05, abs=0.015)


def test_parts_add_up_and_steps_share_their_draws():
    base = small([("USA", "EST"), ("DEU", "EST"), ("USA", "DEU")])
    after = small(
        [("USA", "EST"), ("DEU", "EST"), ("USA", "DEU")], reliability={("USA", "EST"): 0.1}
    )
    table = extended_deterrence(
        base, after, onset(base), 50, seed=1, pairs=[("RUS", "EST"), ("CHN", "TWN")]
    )
    total = table[[f"{name}_pct" for name in PARTS]].sum(axis=1)
    assert total.to_numpy() == pytest.approx(table["mean_change_pct"].to_numpy())
    assert table["guarantors"].tolist() == [2, 0]
    assert (table["onset_pct"] == 0).all()
    assert table["treaties_pct"].iloc[0] > 0
    assert table["treaties_pct"].iloc[1] == 0 < table["reputation_pct"].iloc[1]
    same = dict(steps(base, base, onset(base), 8, seed=1))
    assert all(np.array_equal(same["before"].risk, same[name].risk) for name in PARTS[1:])


def test_a_region_and_a_change_of_onset_have_their_own_row_and_part():
    base = small([("USA", "EST"), ("USA", "DEU")])
    after = small([("USA", "EST"), ("USA", "DEU")], reliability={("USA", "EST"): 0.1})
    calm = onset(base)
    table = extended_deterrence(
        base, after, calm, 20, seed=1, pairs=[(("RUS", "CHN"), ("EST", "DEU"))],
        onset_after=calm / 2,
    )  # fmt: skip
    row = table.iloc[0]
    assert (row["challenger"], row["target"]) == ("RUS+CHN", "EST+DEU")
    assert row["onset_pct"] == pytest.approx(-50, abs=2)
    assert row["treaties_pct"] > 0
    parts = sum(row[f"{name}_pct"] for name in PARTS)
    assert parts == pytest.approx(row["mean_change_pct"])
    both = challenge_risk(base, calm, 20, seed=1)
    assert row["risk_before_pct"] == pytest.approx(
        100 * np.median(both.region(["EST", "DEU"], ["RUS", "CHN"]))
    )


def test_a_promise_void_on_paper_is_worth_no_more_than_none():
    held = [("USA", "EST"), ("DEU", "EST"), ("USA", "DEU")]
    base = small(held)
    void = risk(small(held, reliability={held[0]: 0}), 2, base, draws=20)
    gone = risk(small(held[1:]), 2, base, draws=20)
    assert void.risk == pytest.approx(gone.risk, rel=1e-12)


# Input


def test_results_carry_their_assumptions():
    found = risk(small([("USA", "EST")]), 1)
    assert found.assumptions == ASSUMPTIONS
    assert "no study estimates" in found.assumptions[0]
    assert len(found.drivers.table()) == 4


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p: p[:, :-1], "must be \\[draw, country, country\\]"),
        (lambda p: p + np.triu(np.full((6, 6), 0.01), 1), "both directions"),
        (lambda p: np.where(np.eye(6) > 0, 0.1, p), "USA with itself must be 0"),
        (lambda p: p * np.nan, "must be a probability"),
        (lambda p: p - 0.5, "must be a probability"),
        (lambda p: p + (1 - np.eye(6)), "must be a probability"),
    ],
)
def test_impossible_onset_is_refused(spoil, words):
    world = small([])
    with pytest.raises(WorldError, match=words):
        challenge_risk(world, spoil(onset(world)), 1, seed=1)


def test_worlds_of_other_countries_are_refused():
    world = small([])
    other = small([], countries=CODES[:-1])
    with pytest.raises(WorldError, match="differ at TWN"):
        challenge_risk(world, onset(world), 1, seed=1, base=other)


@pytest.mark.parametrize("layer", ["gdp", "population"])
def test_unknown_size_is_refused(layer):
    world = small([])
    values = world.values(layer).copy()
    values[4] = np.nan
    with pytest.raises(WorldError, match=f"{layer} of CHN"):
        challenge_risk(world.replace(**{layer: values}), onset(world), 1, seed=1)


def test_unknown_countries_and_empty_regions_are_refused():
    found = risk(small([]), 1)
    with pytest.raises(WorldError, match="no country 'ESTT' here; did you mean EST"):
        found.pair("RUS", "ESTT")
    with pytest.raises(WorldError, match="cannot challenge itself"):
        found.table([("RUS", "RUS")])
    with pytest.raises(WorldError, match="at least one country"):
        found.region([])


def test_a_region_adds_up_its_pairs():
    found = risk(small([("USA", "EST")]), 1)
    one = found.pair("RUS", "EST") + found.pair("CHN", "EST")
    assert found.region(["EST", "EST"], ["RUS", "CHN"]) == pytest.approx(one)
    assert found.region(CODES) == pytest.approx(found.risk.sum(axis=(1, 2)))


# The embedded world


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


@pytest.fixture(scope="module")
def table(world):
    edited = dt.load_scenario("us-russia-realignment").apply(world)
    flat = np.full((1, 197, 197), 0.01) * (1 - np.eye(197))
    return extended_deterrence(world, edited, flat, 60, seed=1).set_index(["challenger", "target"])


def test_a_discount_towards_nato_reaches_its_members_by_treaty(table):
    for target in ("EST", "LVA", "LTU", "POL", "FIN"):
        row = table.loc[("RUS", target)]
        assert row["treaties_pct"] > 0
        assert row["share_rises"] > 0.8


def test_beyond_nato_only_the_spillover_moves_anything(table):
    for pair in (("CHN", "TWN"), ("PRK", "KOR"), ("CHN", "JPN"), ("IRN", "ISR"), ("IRN", "KWT")):
        row = table.loc[pair]
        assert row["treaties_pct"] == 0 == row["change_pct"]
        assert row["mean_change_pct"] == pytest.approx(row["reputation_pct"] + row["contagion_pct"])
        assert row["reputation_pct"] > 0
    # No commitment of the discounting guarantor, not even an informal one, stands in the world.
    for pair in (("RUS", "UKR"), ("IRN", "SAU")):
        assert table.loc[pair, "share_rises"] == 0
