"""Arsenals by class: they add up to the world's warheads, and cuts follow the declared rule."""

import numpy as np
import pytest

import detente as dt
from detente.errors import DataError, WorldError
from detente.security import NEW_START, forces
from detente.security.arsenals import (
    AGREEMENT,
    CLASSES,
    CUTS,
    arsenal_rows,
    base_force,
    nuclear_states,
    scaled,
    uploaded,
    without_table,
)
from detente.security.exchange_priors import Range, beta_from, exchange_draws, ranges
from detente.security.treaties import capped, counted


@pytest.fixture(scope="module")
def world():
    return dt.load_world("world2023")


def test_the_table_knows_every_state_that_holds_warheads(world):
    held = {c for c, n in zip(world.countries, world.values("warheads"), strict=True) if n > 0}
    assert held == set(nuclear_states())
    assert without_table(world) == ()


@pytest.mark.parametrize("state", nuclear_states())
def test_classes_add_up_to_the_layer(world, state):
    stock = float(world.values("warheads")[world.countries.index(state)])
    assert base_force(state).total == pytest.approx(stock, rel=AGREEMENT)
    assert forces(world)[state].total == pytest.approx(stock)


def test_rows_are_sane_and_say_where_they_come_from():
    for row in arsenal_rows():
        assert row["class"] in CLASSES
        assert row["confidence"] in ("high", "medium", "low")
        assert len(row["source"]) > 15 and row["checked"]
    for state in nuclear_states():
        force = base_force(state)
        assert np.all(force.deployed <= force.warheads)
        assert np.all(force.deployed <= force.capacity)
        for share in ("ready", "ready_generated", "hidden", "hidden_generated"):
            assert np.all((getattr(force, share) >= 0) & (getattr(force, share) <= 1))
        assert np.all(force.hidden <= force.hidden_generated)
        assert np.all(force.ready <= force.ready_generated)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 2 / 3, 1.0, 1.7])
def test_every_rule_keeps_the_sum(cut, share):
    usa = base_force("USA")
    after = scaled(usa, share * usa.total, cut)
    assert after.total == pytest.approx(share * usa.total, abs=1e-9)
    assert np.all(after.deployed <= after.warheads + 1e-9)
    if share == 1.0:
        assert np.allclose(after.deployed, usa.deployed)
        assert np.allclose(after.units, usa.units)


def test_what_the_rules_spare():
    usa = base_force("USA")
    third = {cut: scaled(usa, usa.total * 2 / 3, cut) for cut in CUTS}
    assert np.allclose(third["download"].units, usa.units)
    assert np.allclose(third["proportional"].units, usa.units * 2 / 3)
    assert np.allclose(third["reserve"].deployed, usa.deployed)
    boats = usa.of_class("submarine")
    assert np.allclose(third["survivable"].warheads[boats], usa.warheads[boats])
    assert third["survivable"].warheads[usa.of_class("other")] == 0


def test_uploads_need_room_and_warheads_but_no_launchers():
    usa = base_force("USA")
    full = uploaded(usa, 1.0)
    assert np.allclose(full.units, usa.units)
    assert np.all(full.deployed <= np.minimum(full.capacity, full.warheads))
    assert full.deployed.sum() > 1.5 * usa.deployed.sum()
    china = base_force("CHN")
    assert uploaded(china, 1.0).deployed.sum() <= china.total


def test_new_start_binds_its_parties_alone():
    for state in NEW_START.parties:
        full = uploaded(base_force(state), 1.0)
        assert counted(full)["warheads"] > NEW_START.warheads
        assert counted(capped(full, NEW_START))["warheads"] == pytest.approx(NEW_START.warheads)
        assert counted(base_force(state))["launchers"] <= NEW_START.launchers
    china = uploaded(base_force("CHN"), 1.0)
    assert capped(china, NEW_START) is china


def test_what_cannot_be_is_refused(world):
    with pytest.raises(WorldError, match="at least 0, not -1"):
        scaled(base_force("USA"), -1.0)
    with pytest.raises(WorldError, match="must be a number"):
        scaled(base_force("USA"), float("nan"))
    with pytest.raises(WorldError, match="did you mean reserve"):
        scaled(base_force("USA"), 100.0, "reserv")
    with pytest.raises(WorldError, match="no class table of the arsenal of 'DEU'"):
        base_force("DEU")
    with pytest.raises(WorldError, match="from 0 to 1, not 2"):
        forces(world, upload=2.0)
    with pytest.raises(WorldError, match="'DEU'"):
        forces(world, upload={"DEU": 0.5})


def test_a_world_may_hold_warheads_that_no_table_knows(world):
    held = world.values("warheads").copy()
    held[world.countries.index("KOR")] = 20.0
    assert without_table(world.replace(warheads=held)) == ("KOR",)


@pytest.mark.parametrize("name", ranges())
def test_priors_have_the_quantiles_of_their_table(name):
    prior = ranges()[name]
    assert prior.quantile(0.05) == pytest.approx(prior.low, rel=1e-4)
    assert prior.quantile(0.95) == pytest.approx(prior.high, rel=1e-4)
    assert prior.source


def test_a_range_that_is_none_is_refused():
    with pytest.raises(DataError, match="0 < low < high < 1"):
        beta_from(0.5, 0.5)
    assert Range("x", "lognormal", 1.0, 4.0, "", "").quantile(0.5) == pytest.approx(2.0)


def test_a_draw_is_the_same_however_many_there_are():
    few, many = exchange_draws(3, 7), exchange_draws(50, 7)
    for name in few.values:
        assert np.array_equal(few.of(name), many.of(name)[:3])
    assert not np.array_equal(few.of("common"), exchange_draws(3, 8).of("common"))


def test_numbers_with_one_cause_move_together():
    drawn = exchange_draws(800, 1, shared=0.6)
    apart = exchange_draws(800, 1, shared=0.0)
    pair = "found[RUS submarine]", "found[CHN submarine]"
    assert np.corrcoef(*(drawn.of(name) for name in pair))[0, 1] > 0.4
    assert abs(np.corrcoef(*(apart.of(name) for name in pair))[0, 1]) < 0.12
    with pytest.raises(dt.DetenteError, match="from 0 to 1"):
        exchange_draws(1, 1, shared=1.5)
