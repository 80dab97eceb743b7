"""Similarity of portfolios: against loops over dyads, textbook numbers and published ones."""

import time
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau
from threadpoolctl import threadpool_limits

from detente.alignment.similarity import alliance_levels, similarity
from detente.errors import MissingDataError, WorldError
from detente.references.signed_networks import alliances_2000

CASES = [
    *product(("S", "kappa", "pi"), ("linear", "squared", "nominal")),
    ("tau_b", "linear"),
]


def loop(x, y, weight, scale, measure, distance):
    """One dyad, written from the definitions."""
    both = ~(np.isnan(x) | np.isnan(y))
    x, y, w = x[both], y[both], weight[both]
    if w.sum() == 0:
        return np.nan
    if measure == "tau_b":
        return kendalltau(x, y).statistic if len(x) else np.nan
    far = {
        "linear": lambda a, b: abs(a - b),
        "squared": lambda a, b: (a - b) ** 2,
        "nominal": lambda a, b: float(a != b),
    }[distance]
    top = max(far(a, b) for a in scale for b in scale)
    apart = sum(wk * far(a, b) for wk, a, b in zip(w, x, y, strict=True)) / w.sum()
    if measure == "S":
        return 1 - 2 * apart / top if top else np.nan
    px = {a: w[x == a].sum() / w.sum() for a in scale}
    py = {a: w[y == a].sum() / w.sum() for a in scale}
    if measure == "pi":
        px = py = {a: (px[a] + py[a]) / 2 for a in scale}
    chance = sum(far(a, b) * px[a] * py[b] for a in scale for b in scale)
    return 1 - apart / chance if chance > 1e-12 else np.nan


def table(rng, actors=7, partners=9, missing=0.2, levels=4):
    values = rng.integers(0, levels, (actors, partners)).astype(float)
    values[rng.random(values.shape) < missing] = np.nan
    names = [f"A{k}" for k in range(actors)]
    return pd.DataFrame(values, index=names, columns=[f"P{k}" for k in range(partners)])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("measure", "distance"), CASES)
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_all_dyads_at_once_equal_a_loop(measure, distance, missing):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        given = table(rng, missing=missing)
        weights = None
        if measure != "tau_b" and seed % 2:
            weights = pd.Series(rng.random(9) * (rng.random(9) > 0.2), index=given.columns)
        found = similarity(given, measure, distance, weights, levels=range(4))
        w = np.ones(9) if weights is None else weights.to_numpy()
        for i, j in product(range(7), repeat=2):
            x, y = given.to_numpy()[i], given.to_numpy()[j]
            wanted = loop(x, y, w, range(4), measure, distance)
            assert found.iloc[i, j] == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize(("measure", "distance"), CASES)
def test_symmetric_one_with_oneself_and_blind_to_order(measure, distance):
    given = table(np.random.default_rng(3), missing=0.1)
    found = similarity(given, measure, distance)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    np.testing.assert_allclose(np.diag(found), 1)
    mixed = given.sample(frac=1, random_state=1).sample(frac=1, random_state=2, axis=1)
    again = similarity(mixed, measure, distance).loc[found.index, found.columns]
    pd.testing.assert_frame_equal(again, found)


def test_textbook_kappa_and_pi():
    """Cohen (1960): 50 proposals, readers agree on 20 yes and 15 no; kappa 0.4."""
    one = [1] * 20 + [1] * 5 + [0] * 10 + [0] * 15
    two = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    given = pd.DataFrame([one, two], index=["R", "Q"])
    assert similarity(given, "kappa", "nominal").loc["R", "Q"] == pytest.approx(0.4)
    expected = (55 / 100) ** 2 + (45 / 100) ** 2  # common shares: Scott
    wanted = (0.7 - expected) / (1 - expected)
    assert similarity(given, "pi", "nominal").loc["R", "Q"] == pytest.approx(wanted)


def test_undefined_stays_undefined():
    same = pd.DataFrame({"P": [0, 0, 3], "Q": [0, 0, 0]}, index=["A", "B", "C"])
    for measure in ("kappa", "pi", "tau_b"):
        found = similarity(same, measure, levels=range(4))
        assert np.isnan(found.loc["A", "B"]) and np.isnan(found.loc["A", "A"])
    assert similarity(same, "S", levels=range(4)).loc["A", "B"] == 1
    constant = similarity(same * 0, "S")
    assert constant.isna().all().all()  # one category has no range


def test_too_few_common_entries_are_undefined():
    cells = {"P": [1.0, np.nan], "Q": [np.nan, 2.0], "R": [1.0, 3.0]}
    given = pd.DataFrame(cells, index=["A", "B"])
    for measure, _ in CASES:
        assert np.isnan(similarity(given, measure, least=2).loc["A", "B"])
    assert similarity(given, "S", levels=(1, 2, 3)).loc["A", "B"] == -1
    assert np.isnan(similarity(given.drop(columns="R"), "S").loc["A", "B"])


def test_weights_of_one_change_nothing_and_a_weight_of_two_is_two_partners():
    given = table(np.random.default_rng(5), missing=0.0)
    doubled = pd.concat([given, given[["P0"]].rename(columns={"P0": "again"})], axis=1)
    weights = pd.Series(1.0, index=given.columns)
    for measure in ("S", "kappa", "pi"):
        plain = similarity(given, measure)
        pd.testing.assert_frame_equal(similarity(given, measure, weights=weights), plain)
        twice = similarity(given, measure, weights=weights + (weights.index == "P0"))
        pd.testing.assert_frame_equal(twice, similarity(doubled, measure))


@pytest.fixture(scope="module")
def alliances(raw) -> pd.DataFrame:
    try:
        return alliances_2000(raw)
    except MissingDataError as error:
        pytest.skip(f"alliance portfolios of 2000 not compared: {error}")


@pytest.mark.parametrize(
    ("measure", "distance", "korea", "subcontinent"),
    [("S", "linear", 0.95, 0.94), ("kappa", "squared", 0.29, 0.26)],
)
def test_published_figures(alliances, measure, distance, korea, subcontinent):
    """S sees near identity between the two Koreas and between India and Pakistan."""
    found = similarity(alliances, measure, distance)
    assert found.loc["PRK", "KOR"] == pytest.approx(korea, abs=0.005)
    assert found.loc["IND", "PAK"] == pytest.approx(subcontinent, abs=0.005)


def test_all_dyads_of_a_year_take_less_time_than_a_hundred_of_them_one_by_one(alliances):
    one, every = alliances.iloc[:2], []
    # Threads of a product wait for one another where other programs hold a core.
    with threadpool_limits(1, "blas"):
        for _ in range(5):
            for table in (one, alliances):
                start = time.perf_counter()
                similarity(table)
                every.append(time.perf_counter() - start)
    # There are 18,145; both times are of the same minute, whatever else the machine does.
    assert min(every[1::2]) < 100 * min(every[::2])


def test_levels_of_bit_masks():
    mask = np.array([[0, 3, 63], [16, 0, 48], [4, 8, 0]])
    assert alliance_levels(mask).tolist() == [[3, 3, 3], [1, 3, 1], [2, 2, 3]]
    assert np.diag(alliance_levels(mask, own=0)).tolist() == [0, 0, 0]


GOOD = pd.DataFrame({"P": [1, 2], "Q": [3, 1]}, index=["A", "B"])


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (GOOD, {"measure": "kapa"}, "did you mean kappa"),
        (GOOD, {"distance": "square"}, "did you mean squared"),
        (GOOD.assign(Q=[1.5, 1]), {}, "A, Q: .*1.5.* no whole-number"),
        (GOOD.astype(object).assign(Q=["yes", 1]), {}, "no number"),
        (GOOD.assign(Q=[9, 1]), {"levels": (1, 2, 3)}, "A, Q: .*not among levels"),
        (GOOD.rename(index={"B": "A"}), {}, "actor 'A' twice"),
        (GOOD.rename(columns={"Q": "P"}), {}, "partner 'P' twice"),
        (GOOD * np.nan, {}, "all missing"),
        (GOOD.iloc[:0], {}, "DataFrame"),
        (GOOD, {"weights": pd.Series({"P": 1.0})}, "lack the partner 'Q'"),
        (GOOD, {"weights": pd.Series({"P": 1.0, "Q": -1.0})}, "weight of 'Q' is -1"),
        (GOOD, {"weights": pd.Series({"P": 1.0, "Q": np.nan})}, "weight of 'Q' is nan"),
        (GOOD, {"measure": "tau_b", "weights": pd.Series({"P": 1.0, "Q": 1.0})}, "no weights"),
        (pd.DataFrame([range(20)]), {}, "20 categories"),
    ],
)
def test_bad_portfolios_are_named(given, options, message):
    with pytest.raises(WorldError, match=message):
        similarity(given, **options)
