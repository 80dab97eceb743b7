"""Speed of second strikes: 200 draws of all pairs of states of world2023 that hold warheads."""

import time

import numpy as np

from detente.files.worlds import load_world
from detente.security import second_strike

PAIRS = 2.0  # seconds of CPU for 200 draws of all pairs
DRAWS = 200


def test_two_hundred_draws_of_all_pairs():
    world = load_world("world2023")
    second_strike(world, draws=2)
    times = []
    for _ in range(5):
        start = time.process_time()
        second_strike(world, draws=DRAWS)
        times.append(time.process_time() - start)
    print(f"\nmedian {np.median(times):.2f} s, best {min(times):.2f} s")
    assert np.median(times) <= PAIRS
