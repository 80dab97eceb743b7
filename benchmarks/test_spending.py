"""Speed of the path of military spending: 200 draws of world2023 over ten years."""

import time

import numpy as np

from detente.files.worlds import load_world
from detente.security import spending_path

PATH = 1.0  # seconds of CPU for 200 draws x 197 states x 10 years, checks and table included
DRAWS = 200


def test_two_hundred_draws_over_ten_years():
    world = load_world("world2023")
    # Speed does not depend on the levels: two per cent of output, whatever the world holds.
    world = world.replace(military_spending=0.02 * world.values("gdp"))
    cut = world.values("military_spending").copy()
    cut[world.countries.index("USA")] *= 0.8
    threat = np.full((DRAWS, len(world.countries)), 10.0)
    times = []
    for _ in range(5):
        start = time.process_time()
        spending_path(world, world.replace(military_spending=cut), threat, threat + 1).table()
        times.append(time.process_time() - start)
    print(f"\nmedian {np.median(times):.3f} s, best {min(times):.3f} s")
    assert np.median(times) <= PATH
