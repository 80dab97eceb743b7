"""Speed of partitions and similarity: bounds in seconds, and ratios within this process.

`python -m benchmarks.test_blocs` prints the table of `measures()`.
"""

import statistics
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.cases import seconds
from detente.alignment.similarity import alliance_levels, similarity
from detente.blocs import landscape, partition, signed_ties
from detente.files.worlds import load_world
from detente.references.signed_networks import tribes, windows

WINDOW = 2.0  # seconds for one of the 51 windows, proof included
DRAW = 0.2  # seconds of CPU for one draw of the ties of world2023, started from the draw before
SIMILARITY = 0.1  # seconds for all dyads of a year
RATIO = 50  # a loop over dyads takes at least so many times as long
DRAWS = 20


def draws(count: int = DRAWS) -> list[pd.DataFrame]:
    """Return draws of the ties of world2023."""
    world, rng = load_world("world2023"), np.random.default_rng(0)
    return [signed_ties(world, rng=rng) for _ in range(count)]


def over_draws(camps: int | None, tables: list[pd.DataFrame]) -> list[float]:
    """Return CPU seconds of each draw after the first, each started from the one before.

    CPU time, since this is judged against a bound and other work shares the cores.
    """
    before = partition(tables[0], camps)
    times = []
    for edges in tables[1:]:
        start = time.process_time()
        before = partition(edges, camps, start=before)
        times.append(time.process_time() - start)
        assert before.certified
    return times


def over_windows(raw: Path, camps: int | None) -> list[float]:
    """Return the seconds of each of the 51 windows."""
    found = [partition(ties, camps) for ties in windows(raw).values()]
    assert all(result.certified for result in found)
    return [result.seconds for result in found]


def portfolios() -> pd.DataFrame:
    """Return the alliance portfolios of world2023."""
    world = load_world("world2023")
    names = world.countries
    return pd.DataFrame(alliance_levels(world.values("alliance")), index=names, columns=names)


def loop_over_dyads(table: pd.DataFrame) -> np.ndarray:
    """Return pi with squared distances dyad by dyad, in plain NumPy."""
    values = table.to_numpy(dtype=float)
    scale = np.unique(values)
    far = (scale[:, None] - scale[None, :]) ** 2
    found = np.full((len(values), len(values)), np.nan)
    for i, j in product(range(len(values)), repeat=2):
        x, y = values[i], values[j]
        both = np.concatenate([x, y])
        share = np.array([(both == level).mean() for level in scale])
        chance = share @ far @ share
        if chance > 0:
            found[i, j] = 1 - ((x - y) ** 2).mean() / chance
    return found


def random_landscape(count: int) -> pd.DataFrame:
    """Return random propensities of so many actors."""
    pull = np.triu(np.random.default_rng(0).standard_normal((count, count)), 1)
    names = [f"N{k:02d}" for k in range(count)]
    return pd.DataFrame(pull + pull.T, names, names)


def measures(raw: Path | None = None) -> list[tuple[str, float | None, list[float]]]:
    """Return what was measured: words, bound in seconds, seconds of each round.

    Parameters
    ----------
    raw
        Folder of raw tables, for the windows of 1946-1999.
    """
    tables, table = draws(), portfolios()
    world, rng = load_world("world2023"), np.random.default_rng(1)
    rows: list[tuple[str, float | None, list[float]]] = []
    for camps, words in ((2, "two camps"), (None, "any number of camps")):
        if raw:
            what = f"best partition with proof, {words}: each of 51 windows"
            rows.append((what, WINDOW, over_windows(raw, camps)))
        what = f"best partition with proof, {words}: each draw of world2023"
        rows.append((what, DRAW, over_draws(camps, tables)))
    calls: list[tuple[str, float | None, Callable[[], object], int]] = [
        ("one draw of the ties of world2023", None, lambda: signed_ties(world, rng=rng), 5),
        ("all optimal partitions of the tribes", None, _all_optima, 5),
        (
            "all minima of a landscape of 20 actors",
            None,
            lambda: landscape(random_landscape(20)),
            2,
        ),
        ("pi of all dyads of world2023", SIMILARITY, lambda: similarity(table), 10),
        ("the same, in a loop over dyads", None, lambda: loop_over_dyads(table), 1),
    ]
    return rows + [(what, bound, seconds(call, rounds)) for what, bound, call, rounds in calls]


def _all_optima() -> object:
    return partition(tribes(), 2).optimal_partitions()


@pytest.mark.parametrize("camps", [2, None])
def test_draws_of_the_world(camps):
    times = over_draws(camps, draws())
    print(f"\nmean {statistics.mean(times):.3f} s, largest {max(times):.3f} s")
    assert statistics.median(times) <= DRAW


@pytest.mark.parametrize("camps", [2, None])
def test_windows_of_states(raw, camps):
    assert max(over_windows(raw, camps)) <= WINDOW


def test_all_dyads_of_a_year(benchmark):
    table = portfolios()
    found = benchmark(similarity, table)
    assert benchmark.stats.stats.min <= SIMILARITY
    np.testing.assert_allclose(found, loop_over_dyads(table), atol=1e-12)


def test_products_beat_a_loop():
    table = portfolios()
    slow = min(seconds(lambda: loop_over_dyads(table), 1))
    fast = min(seconds(lambda: similarity(table), 5))
    print(f"\nloop / products: {slow / fast:.0f}")
    assert slow / fast >= RATIO


def main() -> None:
    """Print the measures."""
    near = Path(__file__).resolve().parents[2] / "shared" / "data"
    for what, bound, times in measures(near if near.is_dir() else None):
        limit = "" if bound is None else f" (bound {bound:g} s)"
        middle, most = statistics.median(times), max(times)
        print(f"{what}{limit}: median {middle:.4f} s, largest {most:.4f} s")


if __name__ == "__main__":
    main()
