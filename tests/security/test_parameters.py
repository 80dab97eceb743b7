"""Priors of security as a manifest states them, against what is drawn."""

import numpy as np
import pytest

from detente.runs.balance import Balance
from detente.security.parameters import security_parameters
from detente.strategic import Readout

SIDES = ("USA", "RUS")


@pytest.fixture(scope="module")
def drawn():
    import detente as dt

    numbers = np.arange(400)
    readout = Readout.of("second_strike", {"origin": ["USA"], "destination": ["RUS"]})
    return Balance([dt.load_world("world2023")], numbers, 3, False).drawn([readout])


def test_every_column_that_is_drawn_has_a_row_and_no_row_is_idle(drawn):
    rows = security_parameters(SIDES)
    assert {row["name"] for row in rows} == set(drawn.columns)
    assert all(row["unit"] and row["source"] and row["distribution"] for row in rows)


def test_stated_quantiles_are_those_of_the_draws(drawn):
    for row in security_parameters(SIDES):
        ranks = [
            (drawn[row["name"]] <= row[key] + 1e-12).mean() for key in ("p05", "median", "p95")
        ]
        # Couplings are nothing in half of the draws, effects are cut off at nothing.
        slack = 0.08 if row["p05"] != row["median"] and row["p95"] != 0 else 0.5
        np.testing.assert_allclose(ranks, (0.05, 0.5, 0.95), atol=slack, err_msg=row["name"])
