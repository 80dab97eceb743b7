"""A World checks itself, names what is wrong, and knows itself by a digest."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest
import xarray as xr

import detente as dt
from detente.errors import WorldError
from detente.files.worlds import embedded_worlds, load_world
from detente.vocabulary import terms
from detente.world import accounts_of, make_world
from economies import COUNTRIES, SECTORS, economy

WORLD = economy(closed=False, groups={"USMCA": ("CAN", "MEX", "USA")})


def changed(layer, cell, value):
    values = WORLD.values(layer).astype(float).copy()
    values[cell] = value
    return WORLD.replace(**{layer: values})


@pytest.mark.parametrize(
    ("layer", "cell", "value", "message"),
    [
        ("flow", (0, 1, 0), -1.0, r"flow must be at least 0.*-1 at origin CAN, destination MEX"),
        ("flow", (0, 1, 0), np.nan, r"flow has missing values at origin CAN, destination MEX"),
        ("flow", (0, 1, 0), np.inf, r"flow must be a finite number, not inf at origin CAN"),
        ("tariff_rate", (2, 3, 1), -1.0, r"tariff_rate must be greater than -1.*sector metals"),
        ("trade_elasticity", (1,), 0.0, r"trade_elasticity must be greater than 0.*metals"),
        ("sanction_trade", (3, 2), 7.0, r"sanction_trade must be at most 3.*origin USA"),
    ],
)
def test_bad_values_are_named_with_their_cell(layer, cell, value, message):
    with pytest.raises(WorldError, match=f"world 'small': .*{message}"):
        changed(layer, cell, value)
    # A world made otherwise is checked where it is used, and says the same.
    values = WORLD.values(layer).astype(float).copy()
    values[cell] = value
    layers = WORLD.layers.assign({layer: (WORLD.layers[layer].dims, values)})
    with pytest.raises(WorldError, match=f"world 'small': .*{message}"):
        dataclasses.replace(WORLD, layers=layers).check()


def test_a_layer_holds_numbers_and_keeps_what_is_unknown():
    with pytest.raises(WorldError, match="layer trade_elasticity holds no numbers"):
        WORLD.replace(trade_elasticity=np.array(["high", "low"]))
    unknown = WORLD.replace(warheads=np.array([np.nan, 0.0, 5.0, np.nan]))
    assert np.isnan(unknown.values("warheads")).sum() == 2
    with pytest.raises(WorldError, match=r"warheads must be at least 0.*-1 at country MEX"):
        WORLD.replace(warheads=np.array([np.nan, -1.0, 5.0, np.nan]))


def test_axes_that_disagree_are_named():
    layers = WORLD.layers.assign_coords(destination=["CAN", "MEX", "USA", "RUS"])
    with pytest.raises(WorldError, match="must carry one list in one order"):
        dataclasses.replace(WORLD, layers=layers).check()


def test_a_label_may_occur_once():
    double = ["CAN", "MEX", "MEX", "USA"]
    dims = ("country", "origin", "destination")
    layers = WORLD.layers.assign_coords(dict.fromkeys(dims, double))
    with pytest.raises(WorldError, match="'MEX' occurs twice"):
        dataclasses.replace(WORLD, layers=layers).check()


def test_accounts_are_checked_too():
    share = np.full_like(WORLD.values("input_share"), 0.6)
    with pytest.raises(WorldError, match="add to more than one"):
        WORLD.replace(input_share=share).check()


def test_a_missing_layer_and_an_unknown_group_get_the_nearest_name():
    with pytest.raises(WorldError, match=r"no layer 'tarif_rate'; did you mean tariff_rate\?"):
        WORLD.values("tarif_rate")
    with pytest.raises(WorldError, match=r"unknown group '@USMAC'.*did you mean @USMCA\?"):
        WORLD.members("@USMAC")
    assert WORLD.members("@WORLD") == tuple(COUNTRIES)


def test_implied_layers_are_neutral():
    assert np.all(WORLD.values("trade_cost") == 1)
    assert np.all(WORLD.values("export_ban") == 0)
    assert WORLD.values("trade_cost").shape == (4, 4, 2)


def test_replace_leaves_the_world_as_it_was():
    before = WORLD.digest
    other = WORLD.replace(tariff_rate=2 * WORLD.values("tariff_rate"))
    assert WORLD.digest == before != other.digest


# ---- digest


def test_the_digest_is_the_same_for_equal_worlds_whatever_the_order_of_layers():
    again = economy(closed=False, groups={"USMCA": ("CAN", "MEX", "USA")})
    names = [str(name) for name in again.layers.data_vars]
    turned = dataclasses.replace(again, layers=again.layers[names[::-1]])
    assert WORLD.digest == again.digest == turned.digest


@pytest.mark.parametrize("layer", ["flow", "tariff_rate", "input_share", "trade_elasticity"])
def test_the_digest_tells_the_smallest_change(layer):
    values = WORLD.values(layer)
    cell = (0,) * values.ndim
    moved = values.copy()
    moved[cell] = np.nextafter(values[cell], np.inf)
    assert WORLD.replace(**{layer: moved}).digest != WORLD.digest


def test_the_digest_tells_labels():
    other = make_world(
        "small",
        2023,
        {name: WORLD.values(name) for name in ("flow", "tariff_rate", "input_share")},
        COUNTRIES,
        ["food", "ores"],
    )
    same = make_world(
        "small",
        2023,
        {name: WORLD.values(name) for name in ("flow", "tariff_rate", "input_share")},
        COUNTRIES,
        SECTORS,
    )
    assert other.digest != same.digest


# ---- the worlds that ship


@pytest.mark.parametrize("name", embedded_worlds())
def test_embedded_worlds_have_known_layers_with_units(name):
    world = load_world(name)
    assert world.name == name
    known = terms("layer")
    for layer in map(str, world.layers.data_vars):
        base = layer.removesuffix("_status")
        assert base in known or layer in known, layer
        if layer in known:
            assert isinstance(world.layers[layer], xr.DataArray)
            assert tuple(world.layers[layer].dims) == known[layer].dims, layer
            assert known[layer].unit, layer


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            {"trade_elasticty": np.ones(2)},
            r"unknown layer 'trade_elasticty'; did you mean trade_el",
        ),
        (
            {"trade_elasticity": 4.0},
            r"trade_elasticity is \[sector\] \[2\].*; these values are \[\]",
        ),
        ({"trade_elasticity": np.ones(3)}, r"these values are \[3\]"),
    ],
)
def test_layers_put_in_place_must_be_layers_of_the_right_shape(layers, message):
    with pytest.raises(WorldError, match=message):
        economy().replace(**layers)


def abroad(world):
    return 1 - np.eye(len(world.countries))[:, :, None]


def test_what_was_derived_from_a_world_cannot_go_stale():
    world = dt.load_world("campos2019")
    given = world.values("tariff_rate").copy()
    edited = world.replace(tariff_rate=given)
    given += 1.0
    assert edited == world
    for values in (world.values("flow"), edited.values("tariff_rate")):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0.0
    for back in (pickle.loads(pickle.dumps(world)), copy.deepcopy(world)):
        assert back == world and hash(back) == hash(world)
        assert not back.values("flow").flags.writeable
    before = accounts_of(edited).deficit
    edited.layers["flow"] = (
        edited.layers["flow"] * np.linspace(1, 2, len(edited.countries))[:, None, None]
    )
    assert not np.allclose(accounts_of(edited).deficit, before)


def test_worlds_are_equal_when_their_values_are():
    world = dt.load_world("campos2019")
    dearer = world.replace(tariff_rate=world.values("tariff_rate") + 0.05 * abroad(world))
    assert world == dt.load_world("campos2019") != dearer
    assert world != "campos2019"
    assert len(repr(world)) < 100 and "made in Python" in repr(dearer)


def test_an_edited_world_is_the_same_after_it_was_saved(tmp_path):
    world = dt.load_world("campos2019")
    edited = world.replace(tariff_rate=world.values("tariff_rate") + 0.05 * abroad(world))
    back = dt.load_world(dt.save_world(edited, tmp_path / "edited.dworld"))
    assert back == edited and back.digest == edited.digest
    other = world.replace(flow=world.values("flow") * (1 + abroad(world)))
    with pytest.raises(dt.DetenteError, match="with_deficit"):
        dt.save_world(other, tmp_path / "other.dworld")


def test_an_outcome_is_not_read_with_another_world(tmp_path):
    world = dt.load_world("campos2019")
    outcome = dt.run(world, "russia-autarky", draws=0, out=tmp_path / "out")
    assert dt.load_outcome(tmp_path / "out", world).world is world
    assert dt.load_outcome(tmp_path / "out", "campos2019").world == world
    assert outcome == outcome != dt.load_outcome(tmp_path / "out")
    other = world.replace(tariff_rate=world.values("tariff_rate") + 0.05 * abroad(world))
    with pytest.raises(dt.DetenteError, match="not on this 'campos2019'"):
        dt.load_outcome(tmp_path / "out", other)
    with pytest.raises(dt.DetenteError, match="not on this 'campos2019'"):
        dt.write_brief(outcome, world=other)


def test_what_is_no_world_outcome_or_name_is_refused_in_words(tmp_path):
    outcome = dt.run("campos2019", "russia-autarky", draws=0)
    for call in (
        lambda: dt.save_world(None, tmp_path / "w.dworld"),
        lambda: dt.load_scenario("russia-autarky").apply("campos2019"),
        lambda: dt.write_brief(None),
        lambda: outcome.table(["real_income"]),
        lambda: dt.load_world(3),
        lambda: dt.write_brief(outcome, world=3),
        lambda: dt.run("campos2019", "russia-autarky", draws=0, out=3),
        lambda: dt.run("campos2019", "russia-autarky", draws=0, progress=3),
        lambda: dt.run("campos2019", "russia-autarky", draws=0, watch=3),
        lambda: dt.run("campos2019", "russia-autarky", draws=0, models=3),
        lambda: outcome.table(scenario=[]),
    ):
        with pytest.raises(dt.DetenteError):
            call()


def test_values_of_any_type_of_number_are_the_same_world():
    world = dt.load_world("campos2019")
    none = np.zeros_like(world.values("tariff_rate"))
    for kind in (int, np.uint8, bool, np.float32, object):
        given = world.replace(tariff_rate=none.astype(kind))
        assert given == world and not given.values("tariff_rate").flags.writeable
        dearer = dt.Edit(
            layer="tariff_rate", where={"origin": "CHN", "destination": "USA"}, add=0.25
        )
        edited = dt.Scenario(name="dearer", why="?", edits=[dearer]).apply(given)
        assert edited.values("tariff_rate").sum() == 0.25
    for kind in (str, complex):
        with pytest.raises(WorldError, match="holds no numbers"):
            world.replace(tariff_rate=none.astype(kind))


def test_values_with_labels_are_taken_by_them():
    world = dt.load_world("world2023")
    held, pairs = world.layers["gdp"].to_series(), world.layers["sanction_trade"]
    assert world.replace(gdp=held.sort_values()) == world
    assert world.replace(gdp=held.sort_values().reset_index(drop=True)) != world  # by place
    assert world.replace(gdp=world.layers["gdp"].sortby("country", ascending=False)) == world
    assert world.replace(sanction_trade=pairs.transpose("destination", "origin")) == world
    table = pairs.to_pandas().sample(frac=1, axis=1, random_state=1)
    assert world.replace(sanction_trade=table) == world
    for odd in (held.rename({"USA": "USB"}), held.rename({"USA": "CAN"})):
        with pytest.raises(WorldError, match="labels of these values"):
            world.replace(gdp=odd)
    with pytest.raises(WorldError, match="has the dimensions origin, destination"):
        world.replace(sanction_trade=pairs.rename(origin="sender"))
