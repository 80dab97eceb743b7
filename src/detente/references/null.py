"""The null scenario: a world in which nothing is changed must not change."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from detente.files.worlds import load_world
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line

BOUND = 1e-12
WORLDS = ("world2023", "wiod2011", "campos2019")


def lines(_raw: Path | None = None) -> Iterator[Line]:
    """Yield the largest change of any outcome of any country, for each embedded world."""
    nothing = Scenario(name="null", edits=(Edit(layer="trade_cost", multiply=1.0),))
    for name in WORLDS:
        outcome = run(load_world(name), nothing, draws=0)
        for variable in ("real_income", "real_wage", "trade", "first_order"):
            largest = float(np.abs(outcome.data[variable].values).max())
            yield Line(
                "null scenario",
                f"{name}: largest {variable} change",
                "identity",
                "hat - 1",
                largest,
                0.0,
                BOUND,
            )
