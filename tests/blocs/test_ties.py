"""From layers to signed ties: the published rule, its draws, and what a scenario does to it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import detente as dt
from detente.blocs import signed_ties, tie_parts, tie_rule
from detente.errors import WorldError


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


@pytest.fixture(scope="module")
def ties(world):
    return signed_ties(world)


def weight(ties: pd.DataFrame, a: str, b: str) -> float:
    row = ties[(ties["a"] == min(a, b)) & (ties["b"] == max(a, b))]
    return float((row["sign"] * row["weight"]).sum())


def edited(world, **edit):
    return dt.Scenario(name="s", edits=(dt.Edit(**edit),)).apply(world)


def test_parts_add_up_to_the_ties(world, ties):
    parts = tie_parts(world)
    assert set(parts["layer"]) <= set(tie_rule()["layer"])
    total = parts.groupby(["a", "b"])["contribution"].sum()
    total = total[total.abs() > 1e-9]
    net = (ties["sign"] * ties["weight"]).set_axis(pd.MultiIndex.from_frame(ties[["a", "b"]]))
    pd.testing.assert_series_equal(
        total.sort_index(), net.sort_index(), check_names=False, rtol=1e-12
    )


def test_cells_follow_the_rule(world, ties):
    assert (ties["a"] < ties["b"]).all() and (ties["weight"] > 0).all()
    assert set(ties["sign"]) == {1, -1}
    assert not ties.duplicated(["a", "b"]).any()
    assert weight(ties, "ESP", "POL") == pytest.approx(1.5)  # NATO 1, European Union 0.5
    assert weight(ties, "AUT", "IRL") == pytest.approx(0.5)  # European Union alone
    assert weight(ties, "CHN", "RUS") == pytest.approx(0.25)  # consultation and nonaggression
    assert weight(ties, "RUS", "UKR") == pytest.approx(-1.5)  # trade 1 and finance 0.5
    assert weight(ties, "BOL", "LSO") == 0


def test_one_way_and_troops(world):
    parts = tie_parts(world).set_index(["a", "b", "layer"])["contribution"]
    assert parts["JPN", "USA", "defence_pact"] == 1  # a guarantee that runs one way is one
    assert parts["JPN", "USA", "troops"] == 0.5
    assert parts["CUB", "USA", "troops"] == pytest.approx(0.5 * (616 - 100) / 900)
    assert ("CHN", "USA", "troops") not in parts.index  # embassy guards


def test_a_scenario_moves_the_ties(world, ties):
    doubt = edited(
        world,
        layer="alliance_reliability",
        where={"origin": "USA", "destination": "@NATO"},
        multiply=0.5,
    )
    assert weight(signed_ties(doubt), "POL", "USA") == pytest.approx(
        weight(ties, "POL", "USA") - 0.25
    )  # one of two directions counts half
    where = {"origin": "USA", "destination": "RUS"}
    eased = edited(world, layer="sanction_trade", where=where, set="none")
    before, after = weight(ties, "RUS", "USA"), weight(signed_ties(eased), "RUS", "USA")
    assert before < after < 0  # the counter-sanctions stay


def test_draws_are_seeded_and_vary_about_the_centre(world, ties):
    one = signed_ties(world, rng=np.random.default_rng(5))
    two = signed_ties(world, rng=np.random.default_rng(5))
    pd.testing.assert_frame_equal(one, two)
    rng = np.random.default_rng(0)
    drawn = [signed_ties(world, rng=rng) for _ in range(60)]
    pact = np.array([weight(table, "CAN", "USA") for table in drawn])
    low, mid, high = np.quantile(pact, [0.05, 0.5, 0.95])
    assert low < 0.75 < mid < 1.35 < high  # range 0.5 to 2 around 1
    assert len({len(table) for table in drawn}) > 1  # positions near the threshold come and go


def test_the_same_seed_compares_a_scenario_with_its_base_draw_by_draw(world):
    where = {"origin": "USA", "destination": "RUS"}
    eased = edited(world, layer="sanction_trade", where=where, set="none")
    base, new = (signed_ties(w, rng=np.random.default_rng(3)) for w in (world, eased))
    merged = base.merge(new, on=["a", "b"], how="outer", suffixes=("", "_new"))
    same = (merged["sign"] == merged["sign_new"]) & (merged["weight"] == merged["weight_new"])
    assert merged.loc[~same, ["a", "b"]].to_numpy().tolist() == [["RUS", "USA"]]


def test_given_positions_replace_the_layer(world):
    flat = pd.Series(0.0, index=world.countries)
    parts = signed_ties(world, positions=flat)
    rule = tie_rule()
    without = signed_ties(world, rule=rule[rule["layer"] != "ideal_point"])
    pd.testing.assert_frame_equal(parts, without)
    with pytest.raises(WorldError, match="positions name XYZ"):
        signed_ties(world, positions=pd.Series({"XYZ": 1.0}))


def test_unknown_values_make_no_tie(world):
    rule = tie_rule()
    parts = tie_parts(world, rule[rule["layer"] == "ideal_point"])
    assert not {"TWN", "AFG", "VEN"} & (set(parts["a"]) | set(parts["b"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer": "defense_pact"}, "no layer 'defense_pact'; did you mean defence_pact"),
        ({"measure": "median"}, "measure is 'median'"),
        ({"measure": "bits x"}, "measure is 'bits x'"),
        ({"measure": "status MNNA USA"}, "no MNNA; did you mean US_MNNA"),
        ({"measure": "status US_MNNA US"}, "no US; did you mean"),
        ({"sign": 0}, "sign is 0"),
        ({"to": 0}, "from < to"),
        ({"weight": np.nan}, "must be numbers"),
        ({"low": 3.0}, "0 < low <= weight <= high"),
        ({"weight": -1.0}, "0 < low <= weight <= high"),
    ],
)
def test_a_wrong_rule_is_refused(world, change, message):
    rule = tie_rule().iloc[:1].assign(**change)
    with pytest.raises(WorldError, match=message):
        signed_ties(world, rule)


def test_wrong_columns_of_a_rule_are_refused(world):
    with pytest.raises(WorldError, match="unknown column 'wieght'; did you mean weight"):
        signed_ties(world, tie_rule().rename(columns={"wieght": "x", "weight": "wieght"}))
    with pytest.raises(WorldError, match="column 'low' is missing"):
        signed_ties(world, tie_rule().drop(columns="low"))


def test_a_world_without_the_layers_is_refused():
    with pytest.raises(WorldError, match="has no layer"):
        signed_ties(dt.load_world("campos2019"))


def test_the_published_rule_cannot_be_changed_in_place():
    mine = tie_rule()
    mine.loc[0, "weight"] = 99.0
    assert tie_rule().loc[0, "weight"] == 1.0


def test_the_page_states_the_rule_as_it_is():
    page = Path(__file__).parents[2] / "docs" / "explanation" / "blocs.md"
    cells = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in page.read_text("utf-8").splitlines()
        if line.startswith("| `")
    ]
    stated = {row[0]: [row[1], *map(float, row[2:7])] for row in cells}
    for _, row in tie_rule().iterrows():
        numbers = [float(row[name]) for name in ("from", "to", "weight", "low", "high")]
        assert stated.pop(row["layer"]) == ["+" if row["sign"] > 0 else "-", *numbers]
    assert not stated
