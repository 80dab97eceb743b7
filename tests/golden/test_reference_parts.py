"""Parts of the references that have answers of their own."""

from itertools import islice

import numpy as np
import pandas as pd
import pytest

from detente.data.estimate.ppml import poisson
from detente.data.paths import raw_folder
from detente.errors import MissingDataError
from detente.own_world import world_from_tables
from detente.references import campos, gains, gravity_guide, liberation_day
from detente.references.gravity_guide_steps import as_published, rounds


def test_the_guides_effect_of_agreements_with_pair_effects():
    pytest.importorskip("pyfixest")
    try:
        table = gravity_guide.panel(raw_folder(None))
    except MissingDataError as error:
        pytest.skip(f"no raw table: {error}")
    assert len(table) == 69 * 69 * 6
    fitted = poisson(table, "trade", "rta", "exporter_year + importer_year + pair")
    assert fitted.beta[0] == pytest.approx(0.557, abs=5.5e-4)


@pytest.mark.parametrize("s", [1.2, 2.0, 4.5])
def test_selection_follows_from_the_shape_of_productivity(s):
    shape = 1 / liberation_day.SCALE
    selling = np.array([(shape - s) / (shape * (1 + s))])
    expected = 1 / s - 1 / shape
    assert liberation_day.selection(selling)[0] == pytest.approx(expected, rel=1e-12)


def test_published_cases_are_among_the_cases():
    assert set(liberation_day.PUBLISHED) < set(liberation_day.CASES)


FLOW = np.array([[80.0, 12.0, 9.0], [7.0, 60.0, 6.0], [10.0, 4.0, 90.0]])


def test_equations_solved_apart_leave_an_unchanged_world_alone():
    hat = campos.solved_apart(FLOW, np.ones((3, 3)), 4.0, 1.0)
    np.testing.assert_allclose(hat, 1.0, atol=1e-11)


def test_equations_solved_apart_know_autarky():
    cost = np.where(np.eye(3) > 0, 1.0, np.inf)
    hat = campos.solved_apart(FLOW, cost, 4.0, 1.0)
    home = np.diag(FLOW) / FLOW.sum(axis=0)
    np.testing.assert_allclose(hat, home**0.25, rtol=1e-9)


def test_gains_from_trade_equal_the_closed_form():
    codes, theta = ["AAA", "BBB", "CCC"], {"g": 3.0, "h": 6.0}
    parts = []
    for sector, scale in (("g", FLOW), ("h", FLOW.T * 1.5)):
        wide = pd.DataFrame(scale, index=codes, columns=codes).rename_axis("origin").reset_index()
        parts.append(wide.melt("origin", var_name="destination").assign(sector=sector))
    elasticity = pd.DataFrame({"sector": list(theta), "value": list(theta.values())})
    world = world_from_tables(pd.concat(parts), trade_elasticity=elasticity)
    flow = world.values("flow")
    bought = flow.sum(axis=0)
    weight, home = bought / bought.sum(axis=1, keepdims=True), np.einsum("ccs->cs", flow) / bought
    closed = 100 * (1 - np.prod(home ** (weight / np.array(list(theta.values()))), axis=1))
    np.testing.assert_allclose(gains.gains(world).reindex(codes), closed, rtol=1e-7)


def test_the_rounds_of_the_guide_stop_early_and_a_change_of_nothing_changes_nothing():
    flow = np.array([[80.0, 10.0, 4.0], [12.0, 90.0, 6.0], [3.0, 5.0, 70.0]])
    still = as_published(flow, np.ones((3, 3)), 7.0, 2)
    np.testing.assert_allclose(still.exports, 0, atol=1e-10)
    np.testing.assert_allclose(still.real_gdp, 0, atol=1e-10)
    # Two countries trade half as much at given sizes: through the agreement both export more.
    change = np.ones((3, 3))
    change[0, 1] = change[1, 0] = 0.5
    found = as_published(flow, change, 7.0, 2)
    assert (found.exports[:2] > 0.1).all() and (found.real_gdp[:2] > 0).all()
    later = [one for one, _ in islice(rounds(flow, change, 7.0, 2), 40)]
    assert np.abs(found.exports - later[-1].exports).max() > 1e-4
