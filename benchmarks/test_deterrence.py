"""Speed of challenge risks: bounds in CPU seconds, on the embedded world.

`python -m benchmarks.test_deterrence` prints what was measured.
"""

import time

import numpy as np

from detente.files.worlds import load_world
from detente.security import challenge_risk

DRAWS, BOUND = 200, 2.0
BATCH, BATCH_BOUND = 10, 0.2  # what a run works on at once


def cpu_seconds(draws: int, rounds: int = 3) -> list[float]:
    """Return CPU seconds of all pairs of states in so many draws, sorted.

    CPU time, since this is judged against a bound and other work shares the cores.
    """
    world = load_world("world2023")
    count = len(world.countries)
    onset = np.full((1, count, count), 0.01) * (1 - np.eye(count))
    times = []
    for _ in range(rounds):
        start = time.process_time()
        challenge_risk(world, onset, draws, seed=1)
        times.append(time.process_time() - start)
    return sorted(times)


def test_all_pairs_of_the_world_in_two_hundred_draws():
    assert cpu_seconds(DRAWS)[0] <= BOUND


def test_a_batch_of_draws_is_not_dearer_by_its_size():
    assert cpu_seconds(BATCH)[0] <= BATCH_BOUND


if __name__ == "__main__":
    for number in (BATCH, DRAWS):
        print(f"{number} draws: {cpu_seconds(number)} s")
