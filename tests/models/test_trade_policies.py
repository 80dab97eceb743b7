"""Policies at borders and immobile labour: what each must equal, and what it must leave alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import detente as dt
from detente.errors import ScenarioError
from detente.models import trade, trade_edits, trade_obstacles, trade_world
from detente.models.trade_edits import LAYERS, beyond_tariffs
from detente.runs import lift
from detente.world import IMPLIED, with_deficit
from economies import country_measures, economy, given, parts, scenario, solve, table, tariff

WHERE = {"origin": "RUS", "destination": "USA"}
WORLD = economy(closed=False)
# A tax below rounding: a scenario with it has the program of one with an export tax.
EVERY = np.arange(len(WORLD.countries))
NO_TAX = {"layer": "export_tax", "where": {"origin": "MEX", "destination": "CAN"}, "set": 1e-300}


def edit(layer, value, **where):
    return {"layer": layer, "where": where or WHERE, "set": value}


def padded(world, *edits):
    """Return base, change and elasticities with eight ties, so that programs are shared."""
    theta = jnp.asarray(world.values("trade_elasticity"))
    base = trade_world.prepare(world)
    policy = trade_world.policy(world, scenario(*edits).apply(world))
    policy = jax.device_put(trade_world.filled(policy, base, 8))
    return jax.device_put(base), trade_world.resolve(policy, given(theta, 4)), theta


def solved(*edits, world=WORLD, rule="fixed", specific=False):
    base, change, theta = padded(world, *edits)
    start = trade.at_base(base, change.border, specific)
    return base, change, solve(base, change, theta, rule=rule, start=start)


def measured(*edits, **more):
    base, change, found = solved(*edits, **more)
    assert bool(found.certificate.converged)
    return country_measures(base, change, found)


def same(one, other, tolerance=1e-9, names=None):
    for name in names or one:
        np.testing.assert_allclose(one[name], other[name], atol=tolerance, err_msg=name)


def cell(array, sector):
    """Return the cell of WHERE in an array [sector, origin, destination]."""
    return float(np.asarray(array)[sector, 2, 3])


def flow(found):
    reach = found.reach
    net = np.array(reach.rest_net)
    np.add.at(net, (slice(None), reach.origin, reach.destination), np.asarray(reach.tied_net))
    return net * np.asarray(found.power)[:, :, None] * np.asarray(found.demand)[:, None, :]


# ---- a world without them


def test_a_change_without_these_policies_carries_nothing_of_them():
    plain = scenario(tariff("MEX", "USA", 0.2)).apply(WORLD)
    policy = trade_world.policy(WORLD, plain)
    assert policy.border is None and policy.log_flow is None
    assert trade.at_base(trade_world.prepare(WORLD)).log_rent is None


@pytest.mark.parametrize("layer", LAYERS)
def test_a_policy_set_to_what_the_base_has_changes_nothing(layer):
    where = {"country": "USA"} if layer == "compensation" else WHERE
    edited = scenario(edit(layer, IMPLIED[layer], **where)).apply(WORLD)
    base = trade_world.prepare(WORLD)
    assert trade_world.is_idle(base, trade_world.policy(WORLD, edited))


def test_slack_quotas_idle_pools_and_immobile_labour_leave_the_base_as_it_is():
    pool = edit("compensation", "pool", country=["USA", "CAN"])
    base, change, found = solved(edit("quota", 1.5), pool, specific=True)
    assert bool(found.certificate.converged)
    assert np.all(np.asarray(found.state.log_rent) == 0)
    for hats in (found.wage_hat, found.price_hat, jnp.exp(found.state.log_premium)):
        np.testing.assert_allclose(hats, 1.0, atol=1e-12)
    for name, value in country_measures(base, change, found).items():
        assert np.abs(value).max() < 1e-12, name


# ---- export taxes


def test_a_tax_on_all_exports_is_a_tariff_on_all_imports():
    """Lerner (1936): with balanced trade the two change no real income differently."""
    world = economy(2, tariffs=False)
    rate = 0.3
    tax = measured(edit("export_tax", rate, origin="USA"), world=world, rule="zero")
    duty = measured(
        {"layer": "tariff_rate", "where": {"destination": "USA"}, "set": rate},
        NO_TAX,
        world=world,
        rule="zero",
    )
    same(tax, duty, names=["real_income", "real_spending", "openness"])
    assert np.abs(tax["real_income"]).min() > 1e-4


def test_export_taxes_are_income_of_the_origin_and_accounts_close():
    _, _, found = solved(edit("export_tax", 0.25), tariff("MEX", "USA", 0.1))
    value = flow(found)
    duty = 0.2 * value[:, 2, 3]  # a quarter of the receipts is a fifth of the value
    np.testing.assert_allclose(np.asarray(found.duty)[:, 2], duty, rtol=1e-10)
    assert np.all(np.asarray(found.duty)[:, [0, 1, 3]] == 0)
    # Value at the border less what is bought there is the surplus.
    surplus = value.sum(axis=(0, 2)) - value.sum(axis=(0, 1))
    np.testing.assert_allclose(surplus, -np.asarray(found.deficit), atol=1e-10)
    spent = np.asarray(found.income + found.deficit)
    assert abs(spent.sum() - np.asarray(found.income).sum()) < 1e-12


def test_the_first_order_decomposition_is_the_slope_of_real_spending():
    """Small taxes: terms of trade and volume add up to what really changes."""
    small = 1e-4
    found = measured(edit("export_tax", small))
    np.testing.assert_allclose(found["first_order"], found["real_spending"], atol=2e-3 * small)


# ---- quotas and caps


@pytest.mark.parametrize("layer", ["quota", "quota_value"])
@pytest.mark.parametrize("keeper", ["buyer", "seller"])
def test_a_binding_quota_equals_the_tax_it_implies(layer, keeper):
    base, change, found = solved(edit(layer, 0.6), edit("rent_keeper", keeper))
    assert bool(found.certificate.converged)
    # The first slot is the one tie with a quota.
    rent = np.exp(np.asarray(found.state.log_rent)[:, 0])
    assert np.all(rent > 1.01)
    before = np.asarray(base.share / base.tariff * base.expenditure[:, None, :])
    for sector in range(2):
        value = cell(flow(found), sector) / cell(before, sector)
        if layer == "quota_value":
            assert value == pytest.approx(0.6, rel=1e-9)
        else:
            price = float(found.cost_hat[sector, 2]) * (rent[sector] if keeper == "seller" else 1)
            assert value / price == pytest.approx(0.6, rel=1e-9)
    taxes = []
    for sector, name in enumerate(WORLD.sectors):
        old = cell(WORLD.values("tariff_rate").transpose(2, 0, 1), sector)
        rate = (1 + old) * rent[sector] - 1 if keeper == "buyer" else rent[sector] - 1
        kind = "tariff_rate" if keeper == "buyer" else "export_tax"
        taxes.append(edit(kind, float(rate), **WHERE, sector=name))
    same(country_measures(base, change, found), measured(*taxes), 2e-9)


def test_who_keeps_the_rent_gains_it():
    buyer = measured(edit("quota", 0.6))["real_income"]
    seller = measured(edit("quota", 0.6), edit("rent_keeper", "seller"))["real_income"]
    assert seller[2] > buyer[2]
    assert seller[3] < buyer[3]


def test_a_cap_is_a_tariff_or_an_export_tax_by_who_keeps_the_rent():
    buyer, seller = edit("price_cap", 0.2), edit("rent_keeper", "seller")
    rates = [
        edit("tariff_rate", float((1 + old) / 0.8 - 1), **WHERE, sector=name)
        for name, old in zip(WORLD.sectors, WORLD.values("tariff_rate")[2, 3], strict=True)
    ]
    same(measured(buyer), measured(*rates), 1e-9)
    same(measured(buyer, seller), measured(edit("export_tax", 0.25)), 1e-9)


# ---- embargoes and secondary sanctions


def test_a_complete_embargo_is_a_ban_and_a_partial_one_has_its_size_at_given_prices():
    same(measured(edit("embargo", 1.0)), measured(edit("export_ban", 1)), 0)
    _, change, theta = parts(WORLD, edit("embargo", 0.6, **WHERE, sector="food"))
    shift = table(change, "log_cost")
    assert np.exp(-theta[0] * cell(shift, 0)) == pytest.approx(0.4)
    assert np.count_nonzero(shift) == 1


def test_leaving_an_agreement_takes_tariffs_to_the_stated_rate_and_costs_do_the_rest():
    """The effect contains tariffs, so that stating them does not count them twice."""
    both = {"origin": ["RUS", "USA"], "destination": ["RUS", "USA"]}
    agreed = WORLD.replace(trade_agreement=np.ones((4, 4), np.uint8) - np.eye(4, dtype=np.uint8))
    agreed = agreed.replace(tariff_rate=np.zeros((4, 4, 2)))
    agreed = with_deficit(agreed)
    leave = edit("trade_agreement", "none", **both)
    low, high = (edit("tariff_rate", rate, **both) for rate in (0.03, 0.5))
    _, change, found = solved(leave, low, world=agreed)
    assert bool(found.certificate.converged)
    at = (np.asarray(change.origin) == 2) & (np.asarray(change.destination) == 3)
    assert at.sum() == 1
    np.testing.assert_allclose(np.asarray(change.tariff)[:, at], 1.03)
    theta = agreed.values("trade_elasticity")
    effect = float(given(theta, 4).agreement_effect)
    flow_effect = -theta[:, None] * (change.log_cost + change.log_tariff)[:, at]
    np.testing.assert_allclose(flow_effect, -effect)
    # A tariff that does more than the whole effect stands alone, and no cost falls for it.
    same(measured(leave, high, world=agreed), measured(high, world=agreed))
    # The tariffs are paid: at the same effect on flows the destination has their revenue.
    revenue = np.asarray(found.revenue) - np.asarray(solved(leave, world=agreed)[2].revenue)
    assert (revenue[[2, 3]] > 0).all() and np.abs(revenue[:2]).max() < 1e-12


def test_an_agreement_that_begins_while_tariffs_rise_keeps_its_whole_effect():
    effect = np.array([0.4, -0.4, 0.0])
    found = beyond_tariffs(jnp.asarray(effect), jnp.log(jnp.asarray([[1.1] * 3])), jnp.ones(1) * 2)
    by = 2 * np.log(1.1)
    np.testing.assert_allclose(found[0], [0.4, -(0.4 - by), 0.0])


def test_a_secondary_sanction_raises_a_level_and_never_lowers_one():
    third = {"origin": "MEX", "destination": "RUS"}
    kept = parts(WORLD, edit("sanction_secondary", "partial", **third))[1]
    own = parts(WORLD, edit("sanction_trade", "partial", **third))[1]
    np.testing.assert_array_equal(kept.log_cost, own.log_cost)
    strong = edit("sanction_trade", "complete", **third)
    both = parts(WORLD, strong, edit("sanction_secondary", "partial", **third))[1]
    np.testing.assert_array_equal(both.log_cost, parts(WORLD, strong)[1].log_cost)


# ---- compensation


@pytest.mark.parametrize("rule", ["fixed", "own_share", "zero"])
def test_a_pool_changes_every_member_alike_and_pays_what_it_takes(rule):
    members = [0, 1, 3]
    pool = edit("compensation", "pool", country=["CAN", "MEX", "USA"])
    base, change, found = solved(edit("sanction_trade", "complete"), pool, rule=rule)
    values = country_measures(base, change, found)
    compensated = values["compensated_income"]
    assert np.ptp(compensated[members]) < 1e-12
    assert compensated[2] == values["real_income"][2]
    transfer = np.asarray(found.transfer)
    assert abs(transfer.sum()) < 1e-14 and transfer[2] == 0
    assert np.ptp(values["real_income"][members]) > 1e-3


# ---- the short run


def test_immobile_labour_earns_what_its_sector_sells():
    base, _, found = solved(edit("export_ban", 1, origin="RUS", sector="metals"), specific=True)
    assert bool(found.certificate.converged)
    aids = trade.search_aids(base)
    first = np.asarray(base.value_added_share.T * aids.sold)
    now = np.asarray(base.value_added_share.T * found.sold)
    wage = np.exp(np.asarray(found.state.log_premium)) * np.asarray(found.wage_hat)
    np.testing.assert_allclose(wage, now / first, rtol=1e-9)
    # The country's wage is the mean of its sectors'.
    np.testing.assert_allclose((first * wage).sum(0) / first.sum(0), found.wage_hat, rtol=1e-9)
    # Labour of the sector that is cut off loses more than the country on average.
    assert wage[1, 2] < 0.95 * float(found.wage_hat[2])


def test_immobile_labour_never_gains_the_world_and_one_sector_is_mobile():
    one = economy(1, sectors=["all"], closed=False)
    shock = (tariff("MEX", "USA", 0.3),)
    mobile, fixed = (measured(*shock, world=one, specific=flag) for flag in (False, True))
    same(mobile, fixed, 1e-9)


# ---- many draws, every pair, slopes


MIX = (
    edit("quota", 0.7),
    edit("export_tax", 0.1, origin="MEX", destination="CAN"),
    edit("embargo", 0.5, origin="CAN", destination="RUS"),
    tariff("MEX", "USA", 0.2),
)


@pytest.mark.parametrize("specific", [False, True])
def test_stating_every_pair_or_many_draws_changes_nothing(specific):
    base = jax.device_put(trade_world.prepare(WORLD))
    policy = trade_world.policy(WORLD, scenario(*MIX).apply(WORLD))
    aids = lift.search_aids(base)
    thetas = np.random.default_rng(3).uniform(2, 7, (2, 2))
    rows = [given(jnp.asarray(theta), 4) for theta in thetas]
    drawn = jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)
    found = {}
    for ties in (8, 16):
        wide = trade_world.filled(policy, base, ties)
        start = trade.at_base(base, wide.border, specific)
        found[ties] = lift.solve(base, wide, drawn, start, aids, EVERY, "fixed")
        assert bool(found[ties].certificate.converged.all())
        if ties == 16:
            continue  # that lanes are alone is shown once; every pair is compared with it below
        one = jax.tree.map(lambda leaf: leaf[1:], drawn)
        single = lift.solve(base, wide, one, start, aids, EVERY, "fixed")
        for name, value in single.measured.country.items():
            np.testing.assert_allclose(
                found[ties].measured.country[name][1], value[0], atol=1e-9, err_msg=name
            )
    for name, value in found[8].measured.country.items():
        np.testing.assert_allclose(found[16].measured.country[name], value, atol=1e-9, err_msg=name)
    for name in ("sold", "bought"):
        both = (getattr(found[ties].measured, name) for ties in (16, 8))
        np.testing.assert_allclose(*both, atol=1e-9)


def test_slopes_with_a_binding_quota_and_immobile_labour_equal_differences():
    base, change, theta = parts(WORLD, *MIX)
    start = trade.at_base(base, change.border, True)
    towards = jnp.asarray([0.3, -1.0])

    def wages(at):
        return trade.solve(base, change, at, tolerance=1e-13, start=start).price_hat

    # One program gives values and slopes.
    both = jax.jit(lambda at: jax.jvp(wages, (at,), (towards,)))
    _, slope = both(theta)
    step = 1e-5
    ahead, behind = (both(theta + sign * step * towards)[0] for sign in (1, -1))
    difference = (ahead - behind) / (2 * step)
    np.testing.assert_allclose(slope, difference, rtol=1e-5, atol=1e-8)


# ---- what is refused


def test_what_cannot_be_is_named():
    twice = scenario(edit("quota", 0.5), edit("quota_value", 0.5)).apply(WORLD)
    with pytest.raises(ScenarioError, match="a quota on units and one on value"):
        trade_world.policy(WORLD, twice)
    taxed = scenario(edit("export_tax", 0.5)).apply(WORLD)
    with pytest.raises(dt.DetenteError, match="already carries edits of the layer 'export_tax'"):
        trade_world.policy(taxed, taxed)
    alone = [edit("export_ban", 1, origin="RUS"), edit("export_ban", 1, destination="RUS")]
    pool = edit("compensation", "pool", country=["RUS", "USA"])
    edited = scenario(*alone, pool).apply(WORLD)
    policy = trade_world.policy(WORLD, edited)
    reason = trade_obstacles.obstacle(WORLD, trade_world.prepare(WORLD), policy, "own_share")
    assert reason is not None and "USA cannot trade with RUS" in reason
    lonely = scenario(edit("compensation", "pool", country="USA")).apply(WORLD)
    policy = trade_world.policy(WORLD, lonely)
    reason = trade_obstacles.obstacle(WORLD, trade_world.prepare(WORLD), policy, "fixed")
    assert reason is not None and "with USA alone pays nothing" in reason
    # As a part of a scenario that is a reason; a whole scenario is refused at once.
    with pytest.raises(ScenarioError, match="with USA alone pays nothing"):
        trade_edits.check(WORLD, lonely)
    trade_edits.check(WORLD, edited)
    halved = {"layer": "quota", "where": WHERE, "multiply": 0.5}
    with pytest.raises(dt.DetenteError, match=r"no quota yet at origin RUS.*use set"):
        scenario(halved).apply(WORLD)
    # After a quota was set there is one to go on from.
    both = scenario(edit("quota", 0.8), halved)
    np.testing.assert_allclose(both.apply(WORLD).values("quota")[2, 3], 0.4)
    assert "none becomes 0.8" in both.describe(WORLD)[0]
