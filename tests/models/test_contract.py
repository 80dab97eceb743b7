"""What the trade model promises: identities that hold in every equilibrium."""

from dataclasses import replace

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

import detente as dt
from detente.models import trade, trade_hat, trade_obstacles, trade_solution, trade_world
from detente.models.trade_hat import DEFICIT_RULES
from detente.world import make_world
from economies import (
    COUNTRIES,
    SECTORS,
    country_measures,
    economy,
    parts,
    scenario,
    solve,
    table,
    tariff,
)

RULES = ("fixed", "world_share", "own_share")
SHOCK = (
    tariff("MEX", "USA", 0.25),
    {"layer": "trade_cost", "where": {"origin": "RUS", "destination": "CAN"}, "multiply": 1.4},
)


def solved(world, *edits, rule="fixed", theta=None):
    base, change, elastic = parts(world, *edits, theta=theta)
    return base, change, solve(base, change, elastic, rule=rule)


def close(one, other, tolerance=1e-9):
    np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=tolerance, atol=tolerance)


# ---- the null scenario


@pytest.mark.parametrize("rule", RULES)
def test_null_changes_nothing(rule):
    base, change, found = solved(economy(closed=False), rule=rule)
    assert bool(found.certificate.converged)
    for hats in (found.wage_hat, found.price_hat, found.cost_hat):
        close(hats, jnp.ones_like(hats), 1e-12)
    close(found.share, base.share, 1e-12)
    for name, value in country_measures(base, change, found).items():
        assert np.abs(value).max() < 1e-12, name


@pytest.mark.parametrize("name", ["campos2019", "wiod2011", "world2023"])
def test_null_changes_nothing_in_the_embedded_worlds(name):
    nothing = scenario({"layer": "tariff_rate", "where": {}, "multiply": 1.0})
    found = dt.run(name, nothing, draws=0)
    for variable in found.data.data_vars:
        assert np.abs(found.data[variable].values).max() < 1e-12, variable
    assert found.draws["residual"].max() < 1e-12
    kept = found.kept_flows
    assert kept is not None
    close(kept["new"].values[0], kept["base"].values, 1e-12)


def test_an_edit_of_a_layer_that_trade_does_not_read_changes_nothing():
    world = economy()
    edit = {"layer": "alliance_reliability", "where": {"origin": "USA"}, "multiply": 0.5}
    base, change, found = solved(world, edit)
    assert max(np.abs(v).max() for v in country_measures(base, change, found).values()) < 1e-12


# ---- accounting


@pytest.mark.parametrize("rule", RULES)
def test_markets_clear_shares_add_to_one_and_deficits_to_zero(rule):
    base, _, found = solved(economy(3, closed=False), *SHOCK, rule=rule)
    assert bool(found.certificate.converged)
    bought = np.asarray(base.expenditure) > 0
    close(np.asarray(found.share).sum(axis=1)[bought], 1.0, 1e-13)
    assert np.abs(trade_solution.market_clearing(base, found)).max() < 1e-10
    assert abs(float(found.deficit.sum())) < 1e-12
    # The numeraire: world value added stays what it was.
    close(found.value_added.sum(), 1.0, 1e-12)


def test_income_is_value_added_and_revenue_and_revenue_is_rates_times_flows():
    base, change, found = solved(economy(4, closed=False), *SHOCK)
    rate = np.asarray(trade.rebase(base, change, found).tariff)
    flow = np.asarray(found.share / rate * found.expenditure[:, None, :])
    close(flow, trade_hat.flow(found.reach, found.power, found.demand), 1e-12)
    duty = ((rate - 1) * flow).sum(axis=(0, 1))
    close(found.revenue, duty, 1e-12)
    close(found.income, found.wage_hat * parts(economy(4, closed=False))[0].value_added + duty)


def test_zero_deficits_balance_every_country_after_the_base_is_solved_anew():
    world = economy(5, closed=False)
    base, change, settled = solved(world, rule="zero")
    balanced = trade.rebase(base, change, settled)
    assert np.abs(np.asarray(balanced.deficit)).max() == 0
    again = solve(balanced, parts(world)[1], jnp.asarray([4.0, 6.0]), rule="zero")
    close(again.wage_hat, 1.0, 1e-9)
    flow = np.asarray(trade_hat.flow(settled.reach, settled.power, settled.demand)).sum(axis=0)
    close(flow.sum(axis=0), flow.sum(axis=1), 1e-9)


@pytest.mark.parametrize("rule", DEFICIT_RULES)
def test_walras_law_holds_at_any_wages(rule):
    """Expenditure that is consistent at the wages leaves excess demand that adds to zero."""
    world = economy(6, closed=False)
    base, change, theta = parts(world, *SHOCK)
    log_wage = jnp.asarray([0.1, -0.2, 0.3, -0.05])
    reach = trade_hat.access(base, change, theta)
    net = trade_hat.in_full(reach.rest_net, reach.tied_net, reach)
    first = trade.search_aids(base).income
    log_price = jnp.zeros_like(base.expenditure)
    bought = base.expenditure
    for _ in range(200):
        cost = trade_hat.cost_hat(log_wage, log_price, base.value_added_share, base.input_share)
        power = jnp.exp(-theta[:, None] * cost)
        total = trade_hat.price_sum(reach, power)
        log_price = -jnp.log(total) / theta[:, None]
    earned = trade_hat.value_added(log_wage, log_price, base)
    for _ in range(300):
        flow = net * (power[:, :, None] / total[:, None, :]) * bought[:, None, :]
        revenue = jnp.sum(bought, axis=0) - jnp.sum(flow, axis=(0, 1))
        income = earned + revenue
        deficit = trade_hat.deficit_new(rule, change.deficit, change.zone, first, income)
        sold = jnp.sum(flow, axis=2)
        bought = trade_hat.total_expenditure(
            sold, income + deficit, base.input_share, base.final_share
        )
    excess = jnp.sum(base.value_added_share.T * sold, axis=0) - earned
    assert np.abs(excess).max() > 1e-3
    assert abs(float(excess.sum())) < 1e-12


def test_the_unit_of_the_flows_changes_no_hat():
    world = economy(7, closed=False)
    large = world.replace(flow=1000 * world.values("flow"), deficit=1000 * world.values("deficit"))
    close(solved(large, *SHOCK)[2].wage_hat, solved(world, *SHOCK)[2].wage_hat, 1e-10)


# ---- labels


def permuted(world, countries, sectors):
    c = [world.countries.index(code) for code in countries]
    s = [world.sectors.index(code) for code in sectors]
    pick = {"origin": c, "destination": c, "country": c, "sector": s, "supplying_sector": s}
    arrays = {
        name: world.layers[name]
        .isel({d: pick.get(str(d), s) for d in world.layers[name].dims})
        .values
        for name in ("flow", "tariff_rate", "input_share", "trade_elasticity", "sanction_trade")
    }
    return make_world("other", 2023, arrays, list(countries), list(sectors))


@pytest.mark.parametrize("rule", RULES)
def test_relabelling_permutes_the_answer(rule):
    world = economy(8, closed=False)
    countries, sectors = ["USA", "CAN", "RUS", "MEX"], SECTORS[::-1]
    first = solved(world, *SHOCK, rule=rule)[2]
    other = solved(permuted(world, countries, sectors), *SHOCK, rule=rule)[2]
    order = [COUNTRIES.index(code) for code in countries]
    close(np.asarray(first.wage_hat)[order], other.wage_hat)
    close(np.asarray(first.price_hat)[::-1][:, order], other.price_hat)
    close(np.asarray(first.share)[::-1][:, order][:, :, order], other.share)


# ---- bans, sanctions, obstacles


def ban(origin, destination, **more):
    where = {"origin": origin, "destination": destination} | more
    return {"layer": "export_ban", "where": where, "set": 1}


def test_a_ban_gives_a_share_of_exactly_zero():
    base, change, found = solved(economy(), ban("RUS", "USA"))
    share = np.asarray(found.share)
    assert bool(found.certificate.converged)
    assert np.all(share[:, 2, 3] == 0)
    assert np.all(share[:, 3, 2] > 0)
    close(share.sum(axis=1), 1.0, 1e-13)
    values = country_measures(base, change, found)
    assert all(np.isfinite(value).all() for value in values.values())


def test_a_ban_is_the_limit_of_high_costs():
    where = {"origin": "RUS", "destination": "USA"}
    banned = solved(economy(), ban("RUS", "USA"))[2]
    costly = solved(economy(), {"layer": "trade_cost", "where": where, "multiply": 1e3})[2]
    close(banned.wage_hat, costly.wage_hat, 1e-9)


def test_a_country_cut_from_every_supplier_is_named():
    world = economy()
    edited = scenario(
        ban("@WORLD", "USA", sector="metals"),
        name="cut",
    ).apply(world)
    arrays = edited.values("export_ban").copy()
    arrays[3, 3, 1] = 1  # the home market too: no edit can do this
    policy = trade_world.policy(world, edited.replace(export_ban=arrays))
    reason = trade_obstacles.obstacle(world, trade_world.prepare(world), policy, "fixed")
    assert reason is not None
    assert "no supplier is left for USA metals" in reason


def test_autarky_with_a_kept_deficit_is_refused_by_name_and_never_a_gap():
    world = economy(closed=False)
    alone = (ban("RUS", "@WORLD"), ban("@WORLD", "RUS"))
    with pytest.raises(dt.DetenteError, match="no equilibrium: RUS cannot trade with the rest"):
        dt.run(world, scenario(*alone), draws=0)
    found = dt.run(world, scenario(*alone), draws=0, deficits="own_share")
    assert all(np.isfinite(found.data[name].values).all() for name in found.data.data_vars)
    assert float(found.data["imports"].sel(country="RUS")[0].item()) == -1


def test_a_sanction_acts_on_both_directions_and_leaves_a_trace_when_lifted():
    world = economy()
    where = {"origin": "USA", "destination": "RUS"}
    edit = {"layer": "sanction_trade", "where": where, "set": "broad"}
    _, imposed, theta = parts(world, edit)
    # The sender's exports are the target's imports, which fall by the effect on imports.
    close(table(imposed, "log_cost")[:, 3, 2], 1.0 / np.asarray(theta), 1e-13)
    close(table(imposed, "log_cost")[:, 2, 3], 1.5 / np.asarray(theta), 1e-13)
    assert np.count_nonzero(table(imposed, "log_cost")) == 4
    under = scenario(edit).apply(world)
    _, lifted, _ = parts(under, edit | {"set": "none"})
    close(table(lifted, "log_cost")[:, 3, 2], -0.75 * 1.0 / np.asarray(theta), 1e-13)


# ---- size of the numbers


def test_elasticities_of_sixty_converge():
    found = solved(economy(closed=False), *SHOCK, theta=np.array([60.0, 5.0]))[2]
    assert bool(found.certificate.converged)
    assert np.isfinite(np.asarray(found.price_hat)).all()


shocks = st.lists(
    st.tuples(
        st.sampled_from(["tariff_rate", "trade_cost", "export_ban", "sanction_trade"]),
        st.permutations(COUNTRIES),
        st.sampled_from([*SECTORS, None]),
        st.floats(-0.9, 5.0),
    ),
    min_size=1,
    max_size=6,
)


@hypothesis.given(
    shocks,
    st.integers(0, 20),
    st.sampled_from(RULES),
    st.floats(1.0, 40.0),
    st.floats(1.0, 40.0),
)
def test_large_shocks_are_certified_or_carry_a_reason(shock, seed, rule, one, two):
    world = economy(seed, closed=False)
    edits = []
    for layer, (origin, destination, *_), sector, size in shock:
        where = {"origin": origin, "destination": destination}
        if sector and layer != "sanction_trade":
            where["sector"] = sector
        value = {
            "tariff_rate": {"add": size + 0.9},
            "trade_cost": {"multiply": 1 + max(size, -0.5)},
            "export_ban": {"set": 1},
            "sanction_trade": {"set": "complete"},
        }[layer]
        edits.append({"layer": layer, "where": where} | value)
    edited = scenario(*edits).apply(world)
    base, change, theta = parts(world, *edits, theta=np.array([one, two]))
    if trade_obstacles.obstacle(world, base, trade_world.policy(world, edited), rule):
        return
    found = solve(base, change, theta, rule=rule)
    if bool(found.certificate.converged):
        assert float(found.certificate.residual) <= 1e-10
        for name, value in country_measures(base, change, found).items():
            assert np.isfinite(value).all(), name
    else:
        assert not float(found.certificate.residual) <= 1e-10


# ---- lifting and derivatives


def test_vmap_equals_a_loop():
    base, change, _ = parts(economy(), *SHOCK)
    thetas = jnp.asarray(np.random.default_rng(2).uniform(2, 9, (4, 2)))

    def point(theta):
        found = trade.solve(base, change, theta)
        return found.wage_hat, found.price_hat, found.certificate.converged

    wage_hat, price_hat, converged = jax.jit(jax.vmap(point))(thetas)
    for n in range(4):
        one = solve(base, change, thetas[n])
        close(wage_hat[n], one.wage_hat)
        close(price_hat[n], one.price_hat)
        assert bool(converged[n])


@pytest.mark.parametrize("rule", ["fixed", "own_share"])
def test_derivatives_equal_finite_differences(rule):
    base, change, theta = parts(economy(9, closed=False), *SHOCK)
    rng = np.random.default_rng(4)
    towards = (jnp.asarray(rng.normal(size=2)), jnp.asarray(rng.normal(size=change.log_cost.shape)))

    def wages(theta, log_cost):
        moved = replace(change, log_cost=log_cost)
        found = trade.solve(base, moved, theta, rule, 1e-14)
        return jnp.concatenate([found.wage_hat, found.price_hat.ravel()])

    # One program gives values and slopes.
    both = jax.jit(lambda *at: jax.jvp(wages, at, towards))
    at = (theta, change.log_cost)
    _, slope = both(*at)
    step = 1e-5
    ahead = both(*(x + step * t for x, t in zip(at, towards, strict=True)))[0]
    behind = both(*(x - step * t for x, t in zip(at, towards, strict=True)))[0]
    difference = (ahead - behind) / (2 * step)
    scale = float(np.abs(difference).max())
    np.testing.assert_allclose(slope, difference, rtol=1e-5, atol=1e-6 * scale)


def test_an_agreement_that_ends_is_the_opposite_of_one_that_begins():
    world = economy()
    where = {"origin": "USA", "destination": "CAN"}
    begin = {"layer": "trade_agreement", "where": where, "set": 1}
    _, begun, theta = parts(world, begin)
    close(table(begun, "log_cost")[:, 3, 0], -0.4 / np.asarray(theta), 1e-13)
    under = scenario(begin).apply(world)
    _, ended, _ = parts(under, begin | {"set": 0})
    close(table(ended, "log_cost"), -table(begun, "log_cost"), 1e-13)
