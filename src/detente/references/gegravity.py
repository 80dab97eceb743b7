"""gegravity (Herman, USITC): its Canada-Japan agreement, 30 countries, 2006, run beside ours.

The package is not a dependency; where it is not installed the group is skipped by name.
"""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.data.paths import raw_folder
from detente.data.recipes.tables import read_table
from detente.own_world import world_from_tables
from detente.runs.run import run
from detente.scenario import Edit, Scenario
from detente.validate import Line
from detente.world import World

SOURCE = "gegravity, its own sample and solver run here"
SIGMA = 5.0
EFFECT = 0.4823
PAIR = ("CAN", "JPN")


@dataclass(frozen=True)
class Theirs:
    """The released package on its own sample, ready to simulate."""

    model: Any

    def simulate(self) -> pd.DataFrame:
        """Return real wages (terms of trade over prices) by country, as ratios."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model.simulate()
        return self.model.country_results


def sample(raw: Path) -> pd.DataFrame:
    """Return the package's example table."""
    return read_table(raw, "gegravity_sample/sample_2006_30.parquet")
