import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies
from detente.errors import ScenarioError
from detente.faults import LocatedError
from detente.scenario import Claim, Edit, Scenario

TARIFF = strategies.TARIFF


@pytest.fixture(scope="module")
def world():
    return strategies.named_world()


def scenario(*edits, **more):
    return Scenario(name="test", edits=edits, **more)


def at(world, layer, *labels):
    values = world.values(layer)
    index = [
        (world.sectors if label in world.sectors else world.countries).index(label)
        for label in labels
    ]
    return values[tuple(index)]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [({"set": 0.3}, 0.3), ({"add": 0.25}, TARIFF + 0.25), ({"multiply": 2.0}, 2 * TARIFF)],
)
def test_operations_change_the_cell_and_nothing_else(world, operation, expected):
    where = {"origin": "CHN", "destination": "USA", "sector": "food"}
    new = scenario({"layer": "tariff_rate", "where": where, **operation}).apply(world)
    assert at(new, "tariff_rate", "CHN", "USA", "food") == pytest.approx(expected)
    changed = new.values("tariff_rate") != world.values("tariff_rate")
    assert changed.sum() == 1


def test_labels_and_numbers_of_numpy_and_pandas_are_as_good_as_those_of_python():
    plain = Edit(layer="tariff_rate", where={"origin": ["CHN", "USA"]}, add=0.25)
    for labels in (np.array(["CHN", "USA"]), pd.Index(["CHN", "USA"]), {"USA", "CHN"}):
        for number in (np.float32(0.25), np.float64(0.25)):
            assert Edit(layer="tariff_rate", where={"origin": labels}, add=number) == plain
    twice = Edit(layer="tariff_rate", multiply=2)
    assert Edit(layer="tariff_rate", multiply=np.int64(2)) == twice
    assert plain.gist == "tariff_rate, origin CHN USA: add 0.25"
    table = pd.DataFrame({"origin": ["CHN"], "value": [0.1]})
    assert Edit(layer="tariff_rate", table=table).gist == "tariff_rate: set by a table of 1 row"
    for bad in (np.bool_(True), 10**400, float("inf"), np.nan):
        with pytest.raises(LocatedError, match="number"):
            Edit(layer="tariff_rate", add=bad)


def test_apply_leaves_the_world_as_it_was(world):
    digest = world.digest
    new = scenario(
        {"layer": "tariff_rate", "add": 0.1},
        {"layer": "deficit", "where": {"country": "RUS"}, "set": 0},
        {"layer": "export_ban", "where": {"origin": "RUS"}, "set": "ban"},
    ).apply(world)
    assert world.digest == digest != new.digest
    assert "export_ban" not in world.layers


def test_no_edits_change_nothing(world):
    assert scenario().apply(world) is world


def test_edits_are_made_in_order(world):
    where = {"origin": "CHN", "destination": "USA"}
    first = {"layer": "tariff_rate", "where": where, "set": 0.1}
    second = {"layer": "tariff_rate", "where": where, "multiply": 3}
    assert at(scenario(first, second).apply(world), "tariff_rate", "CHN", "USA", "food") == (
        pytest.approx(0.3)
    )
    assert at(scenario(second, first).apply(world), "tariff_rate", "CHN", "USA", "food") == 0.1


def test_groups_lists_and_omitted_dimensions(world):
    edit = {
        "layer": "tariff_rate",
        "where": {"origin": ["@EU", "CHN"], "destination": "@USMCA", "sector": ["food", "metals"]},
        "set": 1,
    }
    new = scenario(edit).apply(world).values("tariff_rate")
    assert (new == 1).sum() == 2 * 3 * 2
    everyone = scenario({"layer": "trade_cost", "where": {"origin": "@WORLD"}, "set": 2})
    assert (everyone.apply(world).values("trade_cost") == 2).sum() == 8 * 7 * 2


def test_the_diagonal_is_never_touched(world):
    new = scenario({"layer": "tariff_rate", "where": {"sector": ["food", "metals"]}, "set": 1})
    values = new.apply(world).values("tariff_rate")
    assert (values[range(8), range(8)] == 0).all()
    assert (values == 1).sum() == 8 * 7 * 2


def test_tariffs_without_a_sector_mean_goods_where_the_world_has_goods(world):
    everywhere = {"layer": "tariff_rate", "set": 1}
    assert scenario(everywhere).changes(world)[0].cells == 8 * 7
    assert (scenario(everywhere).apply(world).values("tariff_rate")[:, :, 1] != 1).all()
    assert scenario(everywhere).changes(strategies.tiny_world())[0].cells == 4 * 3 * 2


def test_symmetric_layers_change_in_both_directions(world):
    edit = {"layer": "trade_agreement", "where": {"origin": "CHN", "destination": "RUS"}}
    new = scenario(edit | {"set": "in_force"}).apply(world)
    assert at(new, "trade_agreement", "CHN", "RUS") == at(new, "trade_agreement", "RUS", "CHN") == 1
    assert new.values("trade_agreement").sum() == 2
    assert new.values("trade_agreement").dtype == np.uint8


def test_sanctions_are_directed(world):
    edit = {"layer": "sanction_trade", "where": {"origin": "USA", "destination": "RUS"}}
    new = scenario(edit | {"set": "broad"}).apply(world)
    assert at(new, "sanction_trade", "USA", "RUS") == 2
    assert at(new, "sanction_trade", "RUS", "USA") == 0


def test_words_and_codes_are_the_same(world):
    where = {"origin": "USA", "destination": "RUS"}
    made = [
        scenario({"layer": "sanction_trade", "where": where, "set": value}).apply(world)
        for value in ("complete", 3)
    ]
    assert made[0].digest == made[1].digest


def test_deficits_still_add_to_zero_and_follow_value_added(world):
    from detente.accounts import accounts

    old = world.values("deficit")
    new = scenario({"layer": "deficit", "where": {"country": ["RUS", "CHN"]}, "set": 0})
    new = new.apply(world).values("deficit")
    assert new.sum() == pytest.approx(0, abs=1e-9)
    chosen = [world.countries.index(code) for code in ("RUS", "CHN")]
    assert (new[chosen] == 0).all()
    others = np.setdiff1d(np.arange(8), chosen)
    weight = accounts(
        *(world.values(k) for k in ("flow", "tariff_rate", "input_share"))
    ).value_added
    share = (new - old)[others] / (new - old)[others].sum()
    assert share == pytest.approx(weight[others] / weight[others].sum())


def test_all_deficits_may_be_set_to_zero(world):
    assert (scenario({"layer": "deficit", "set": 0}).apply(world).values("deficit") == 0).all()


def test_an_edit_may_give_a_missing_value(world):
    where = {"country": "CAN"}
    new = scenario({"layer": "ideal_point", "where": where, "set": 1.0}).apply(world)
    assert at(new, "ideal_point", "CAN") == 1.0
    with pytest.raises(
        LocatedError, match=r"edits\[0\].add: ideal_point is not known at country CAN"
    ):
        scenario({"layer": "ideal_point", "where": where, "add": 1.0}).apply(world)


def test_a_table_is_one_edit(world):
    frame = pd.DataFrame(
        {
            "origin": ["CHN", "DEU"],
            "destination": "USA",
            "sector": ["food", "metals"],
            "add": [0.1, 0.2],
        }
    )
    made = scenario({"layer": "tariff_rate", "table": frame})
    new = made.apply(world)
    assert at(new, "tariff_rate", "CHN", "USA", "food") == pytest.approx(TARIFF + 0.1)
    assert at(new, "tariff_rate", "DEU", "USA", "metals") == pytest.approx(TARIFF + 0.2)
    assert made.changes(world)[0].cells == 2
    frame.loc[0, "add"] = 99  # the scenario keeps its own copy
    assert made.apply(world).digest == new.digest


def test_where_supplies_and_restricts_what_a_table_says(world):
    rows = [{"origin": code, "value": rate} for code, rate in (("CHN", 0.1), ("DEU", 0.2))]
    edit = {
        "layer": "tariff_rate",
        "table": rows,
        "operation": "add",
        "where": {"destination": "USA"},
    }
    assert scenario(edit).changes(world)[0].cells == 2  # goods only: the scope still holds
    edit["where"] = {"destination": "USA", "origin": "CHN"}
    new = scenario(edit).apply(world)
    assert at(new, "tariff_rate", "CHN", "USA", "food") == pytest.approx(TARIFF + 0.1)
    assert at(new, "tariff_rate", "DEU", "USA", "food") == TARIFF


def test_a_table_may_hold_words_and_mirrors_symmetric_layers(world):
    rows = [{"origin": "CHN", "destination": "RUS", "set": "in_force"}]
    new = scenario({"layer": "trade_agreement", "table": rows}).apply(world)
    assert at(new, "trade_agreement", "RUS", "CHN") == 1


def test_an_idle_row_on_the_diagonal_is_accepted(world):
    rows = [
        {"origin": "CHN", "destination": code, "add": rate}
        for code, rate in (("CHN", 0), ("USA", 1))
    ]
    assert scenario({"layer": "tariff_rate", "table": rows}).changes(world)[0].cells == 1


def test_sentences(world):
    edits = [
        {
            "layer": "tariff_rate",
            "where": {"origin": ["@EU", "CHN"], "destination": "USA"},
            "add": 0.25,
        },
        {
            "layer": "sanction_trade",
            "where": {"origin": "USA", "destination": "RUS"},
            "set": "none",
        },
        {"layer": "deficit", "where": {"country": "RUS"}, "set": 0},
    ]
    said = scenario(*edits).describe(world)
    assert said[0] == (
        "Tariff of USA on goods from @EU (1) and CHN: add 25 points; 5 % becomes 30 % (2 cells)."
    )
    assert said[1] == "Trade sanction of USA on RUS: changes nothing; 1 cell is already none."
    assert said[2].endswith("(1 cell); the other countries share the difference.")


def test_labels_and_only():
    edit = {"layer": "tariff_rate", "add": 0.1}
    made = scenario(
        edit | {"label": "a"},
        edit,
        edit | {"label": "a"},
        claims=[{"id": 1, "text": "t", "side": "for", "computed_by": "ties", "edits": ["a"]}],
    )
    assert made.edit_labels == ["a", "edit-2", "a"]
    assert made.labels == ["a", "edit-2"]
    assert len(made.only("a").edits) == 2
    assert made.only(["edit-2"]).labels == ["edit-2"]
    assert made.only("a").claims == ()
    with pytest.raises(ScenarioError, match="has the label 'b'"):
        made.only("b")


def test_actors_are_named_one_by_one():
    made = scenario(
        {
            "layer": "tariff_rate",
            "where": {"origin": ["@EU", "CAN"], "destination": "USA"},
            "add": 0.1,
        },
        {"layer": "deficit", "where": {"country": "RUS"}, "set": 0},
        claims=[
            {
                "id": 1,
                "text": "t",
                "side": "for",
                "variable": "pair_trade",
                "direction": "rises",
                "where": {"origin": "RUS", "destination": "CHN"},
            },
            {
                "id": 2,
                "text": "t",
                "side": "for",
                "variable": "real_income",
                "direction": "rises",
                "where": {"country": "IND"},
            },
        ],
    )
    assert made.named_countries() == ["CAN", "USA", "RUS", "CHN"]


def test_digest_is_of_the_meaning():
    where = {"origin": "CHN", "destination": "USA"}
    one = scenario({"layer": "tariff_rate", "where": where, "add": 0.25})
    same = scenario(Edit(layer="tariff_rate", where={k: [v] for k, v in where.items()}, add=0.25))
    other = scenario({"layer": "tariff_rate", "where": where, "add": 0.26})
    assert one.digest == same.digest and one == same and hash(one) == hash(same)
    assert one.digest != other.digest


def test_a_digest_without_quotes_is_explained():
    with pytest.raises(LocatedError, match="a digest in quotes"):
        Scenario(name="x", base=123456789012, edits=[])


def test_base_digest(world):
    assert scenario(base=world.digest[:16]).apply(world) is world
    with pytest.raises(LocatedError, match="base: this scenario is meant for a world with digest"):
        scenario(base="0" * 64).apply(world)


def test_every_fault_is_reported_at_once(world):
    with pytest.raises(LocatedError) as error:
        scenario(
            {"layer": "tariff_rate", "where": {"origin": "UK", "destination": "DE"}, "add": 0.1},
            {"layer": "troops", "where": {"origin": "USA"}, "set": 0},
            {"layer": "tariff_rate", "add": 0.1},
        ).apply(world)
    assert [fault.path for fault in error.value.faults] == [
        ("edits", 0, "where", "origin"),
        ("edits", 0, "where", "destination"),
        ("edits", 1, "layer"),
    ]


def test_parts_are_frozen_and_strict():
    edit = Edit(layer="tariff_rate", add=0.1)
    with pytest.raises(Exception, match="frozen"):
        edit.add = 0.2
    with pytest.raises(LocatedError, match="unknown key 'ad'"):
        Edit(layer="tariff_rate", ad=0.1)
    with pytest.raises(LocatedError, match=r"edits\[1\].layer: unknown layer"):
        Scenario(name="x", edits=[edit, {"layer": "x", "set": 1}])
    with pytest.raises(ScenarioError):
        Claim(id="1", text="t", side="for")


def test_half_a_character_is_refused():
    with pytest.raises(LocatedError, match="half of a character"):
        scenario({"layer": "tariff_rate", "add": 0.1, "why": "\ud800"})


def test_unread_parts_are_refused(world):
    with pytest.raises(LocatedError, match="have not been read"):
        scenario(includes=["us-russia-thaw"]).apply(world)
    with pytest.raises(LocatedError, match="has not been read"):
        scenario({"layer": "tariff_rate", "table": "x.csv"}).apply(world)


@settings(max_examples=60, deadline=None)
@given(strategies.worlds, strategies.scenarios())
def test_results_stay_in_bounds_or_are_refused(world, page):
    from detente.vocabulary import term

    made = Scenario(**page | {"edits": [{**e, "label": None} for e in page["edits"]]})
    try:
        new = made.apply(world)
    except LocatedError:
        return
    for edit in made.edits:
        rule, values = term(edit.layer, "layer"), new.values(edit.layer).astype(float)
        assert all(rule.outside(value) is None for value in np.unique(values))
    assert len(made.describe(world)) == len(made.edits)


@settings(max_examples=30, deadline=None)
@given(strategies.worlds, st.permutations(range(4)))
def test_relabelling_permutes_the_result(world, order):
    edit = {
        "layer": "tariff_rate",
        "where": {"origin": ["CAN", "RUS"], "destination": "USA"},
        "add": 0.1,
    }
    moved = world.layers.isel(country=order, origin=order, destination=order)
    import dataclasses

    other = scenario(edit).apply(dataclasses.replace(world, layers=moved)).values("tariff_rate")
    here = scenario(edit).apply(world).values("tariff_rate")
    np.testing.assert_array_equal(other, here[np.ix_(order, order)])
