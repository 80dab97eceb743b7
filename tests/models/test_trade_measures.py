"""Measures by country against loops over labelled flows."""

import numpy as np

from detente.models import trade_hat
from detente.vocabulary import terms
from economies import economy, measure, parts, solve, tariff

GOODS = np.array([1.0, 0.0])


def both():
    world = economy(2, closed=False)
    edit = {"layer": "trade_cost", "where": {"origin": "CAN"}, "multiply": 1.2}
    base, change, theta = parts(world, tariff("MEX", "USA", 0.2), edit)
    found = solve(base, change, theta)
    return world, base, change, found, measure(base, change, found, np.asarray(GOODS))


def sums(flow):
    """Loop over every cell of flow[origin, destination, sector]."""
    count = flow.shape[0]
    table = {name: np.zeros(count) for name in ("exports", "imports", "goods_trade")}
    for o in range(count):
        for d in range(count):
            if o == d:
                continue
            for s, goods in enumerate(GOODS):
                table["exports"][o] += flow[o, d, s]
                table["imports"][d] += flow[o, d, s]
                table["goods_trade"][o] += goods * flow[o, d, s]
                table["goods_trade"][d] += goods * flow[o, d, s]
    table["trade"] = table["exports"] + table["imports"]
    return table


def test_sums_of_flows():
    world, base, _, found, measured = both()
    old = world.values("flow")
    new = np.asarray(trade_hat.flow(found.reach, found.power, found.demand)).transpose(1, 2, 0)
    before, after = sums(old), sums(new)
    # Flows are in units of world value added.
    unit = old.sum() / np.asarray(base.share / base.tariff * base.expenditure[:, None, :]).sum()
    for name in before:
        expected = after[name] * unit / before[name] - 1
        np.testing.assert_allclose(measured.country[name], expected, atol=1e-12)
    np.testing.assert_allclose(measured.sold, new[:, :, 0], rtol=1e-12)
    np.testing.assert_allclose(measured.bought, new[:, :, 0], rtol=1e-12)


def test_openness_is_the_share_of_spending_on_others():
    _, base, _, found, measured = both()
    for n in range(4):
        values = []
        for share, bought in ((base.share, base.expenditure), (found.share, found.expenditure)):
            abroad = sum(
                float(share[s, o, n] * bought[s, n]) for s in range(2) for o in range(4) if o != n
            )
            values.append(abroad / float(bought[:, n].sum()))
        expected = values[1] / values[0] - 1
        np.testing.assert_allclose(measured.country["openness"][n], expected, atol=1e-12)


def test_income_and_spending_share_one_price():
    _, base, _, found, measured = both()
    price = np.prod(np.asarray(found.price_hat).T ** np.asarray(base.final_share), axis=1)
    np.testing.assert_allclose(measured.country["price_index"], price - 1, atol=1e-13)
    np.testing.assert_allclose(
        measured.country["real_wage"], np.asarray(found.wage_hat) / price - 1, atol=1e-13
    )
    first = np.asarray(base.value_added) + (
        np.asarray(base.expenditure) * (1 - (np.asarray(base.share / base.tariff)).sum(axis=1))
    ).sum(axis=0)
    np.testing.assert_allclose(
        measured.country["real_income"], np.asarray(found.income) / first / price - 1, atol=1e-13
    )


def test_every_outcome_of_the_vocabulary_is_measured_and_no_other():
    named = {name for name, term in terms("outcome").items() if term.dims == ("country",)}
    assert set(both()[-1].country) == named
