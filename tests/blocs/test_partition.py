"""Best partitions: against every partition of small networks, and against published numbers."""

import numpy as np
import pandas as pd
import pytest
from enumerate_all import optima, random_ties

from detente.blocs import partition
from detente.blocs.cycles import is_cycle
from detente.blocs.graph import read_edges
from detente.errors import ConvergenceError, MissingDataError, ScenarioError
from detente.references.signed_networks import tribes, windows


@pytest.fixture(scope="module")
def states(raw) -> list[pd.DataFrame]:
    try:
        return list(windows(raw).values())
    except MissingDataError as error:
        pytest.skip(f"windows of 1946-1999 not partitioned: {error}")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("camps", [2, 3, None])
def test_the_optimum_is_that_of_all_partitions(camps, whole):
    for seed in range(40):
        ties = random_ties(seed, whole=whole)
        graph = read_edges(ties)
        best, _ = optima(graph, camps or graph.n)
        found = partition(ties, camps)
        assert found.certified
        assert found.optimum == pytest.approx(best, abs=1e-9)
        assert found.lower_bound == pytest.approx(best, abs=1e-6)
        assert found.frustrated_ties()["weight"].sum() == pytest.approx(found.optimum)
        assert found.camps["camp"].nunique() <= (camps or graph.n)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("camps", [2, None])
def test_the_optimal_partitions_are_all_of_them_and_once_each(camps, whole):
    for seed in range(40):
        ties = random_ties(seed, whole=whole)
        result = partition(ties, camps)
        graph = result.graph
        _, wanted = optima(graph, camps or graph.n)
        listed = result.optimal_partitions(10_000)
        assert listed.complete and listed.count_exact and listed.count == len(wanted)
        assert listed.table["partition"].nunique() == len(wanted)
        found = set()
        for _, part in listed.table.groupby("partition"):
            # Camps of two pieces are not comparable with camps=2, and never joined without.
            labels = (part["camp"] + 1000 * part["piece"]).to_numpy()
            found.add(tuple(np.flatnonzero(graph.violated(labels)).tolist()))
        assert found == wanted


def test_a_limit_is_kept_and_said():
    triangle = [("A", "B", -1), ("B", "C", -1), ("A", "C", -1)]
    many = [(f"{x}{k}", f"{y}{k}", s) for k in range(9) for x, y, s in triangle]
    result = partition(pd.DataFrame(many, columns=["a", "b", "sign"]), camps=2)
    listed = result.optimal_partitions(50)
    assert result.optimum == 9
    assert listed.count == 3**9 and listed.count_exact and not listed.complete
    assert listed.table["partition"].nunique() == 50
    assert 0 < listed.ties["share"].min() <= listed.ties["share"].max() <= 1
    one = result.optimal_partitions(2)
    assert not one.complete and not one.count_exact and one.count >= 2
    with pytest.raises(ScenarioError, match="at least one"):
        result.optimal_partitions(0)


@pytest.mark.parametrize(("camps", "published"), [(2, 7), (None, 2), (3, 2)])
def test_tribes_of_new_guinea(camps, published):
    ties = tribes()
    assert len(ties) == 58 and (ties["sign"] == 1).sum() == 29
    result = partition(ties, camps)
    assert result.certified and result.optimum == result.lower_bound == published
    assert len(result.frustrated_ties()) == published


def test_the_certificate_can_be_checked_by_hand():
    result = partition(tribes(), camps=2)
    proof = result.cover.certificate
    used = np.zeros(result.graph.m)
    for cycle, share in zip(proof.cycles, proof.share, strict=True):
        assert is_cycle(result.graph, cycle, two=True)
        used[list(cycle)] += share
    assert np.all(used <= result.graph.weight + 1e-9)
    assert proof.share.sum() == pytest.approx(7)
    assert result.certificate()["share"].sum() == pytest.approx(7)


@pytest.mark.parametrize(("camps", "least", "largest"), [(2, 15, 50), (None, 11, 41)])
def test_all_windows_are_proved(states, camps, least, largest):
    found = [partition(ties, camps) for ties in states]
    assert len(found) == 51
    assert all(result.certified for result in found)
    values = [result.optimum for result in found]
    assert (min(values), max(values)) == (least, largest)


def test_the_windows_have_many_optima(states):
    counts = [partition(states[k - 1], 2).optimal_partitions() for k in (5, 21, 42)]
    assert all(found.complete for found in counts)
    assert [found.count for found in counts] == [1, 64, 80]


def test_two_camps_violate_no_less_than_any_number(states):
    for number in (1, 30):
        two, many = partition(states[number], 2), partition(states[number])
        three = partition(states[number], 3)
        assert many.optimum <= three.optimum <= two.optimum
        assert three.certified


@pytest.mark.parametrize("camps", [2, 3, None])
def test_names_and_order_do_not_matter(camps):
    ties = random_ties(3, whole=False)
    mixed = ties.sample(frac=1, random_state=1).rename(columns={"a": "b", "b": "a"})
    assert partition(mixed, camps).optimum == pytest.approx(partition(ties, camps).optimum)
    doubled = pd.concat([ties, ties.rename(columns={"a": "b", "b": "a"})])
    assert partition(doubled, camps).optimum == pytest.approx(partition(ties, camps).optimum)


@pytest.mark.parametrize("camps", [2, None])
def test_scaling_weights_scales_the_optimum(camps):
    ties = random_ties(5, whole=False)
    tenfold = ties.assign(weight=10 * ties["weight"])
    assert partition(tenfold, camps).optimum == pytest.approx(10 * partition(ties, camps).optimum)


@pytest.mark.parametrize("camps", [2, None])
def test_switching_the_camp_of_an_actor_moves_no_optimum_of_two_camps(camps):
    """Turning all signs at one actor leaves the frustration index, and not weak balance."""
    ties = tribes()
    at = (ties["a"] == "Gahuk") | (ties["b"] == "Gahuk")
    turned = ties.assign(sign=np.where(at, -ties["sign"], ties["sign"]))
    same = partition(turned, camps).optimum == partition(ties, camps).optimum
    assert same == (camps == 2)


def test_a_start_changes_nothing_but_time():
    ties = random_ties(3, whole=False)
    other = ties.assign(weight=ties["weight"] * np.linspace(0.5, 2, len(ties))).iloc[1:]
    for camps in (2, None):
        warm = partition(other, camps, start=partition(ties, camps))
        assert warm.certified and warm.optimum == pytest.approx(partition(other, camps).optimum)


def test_pieces_and_actors_without_ties():
    ties = pd.DataFrame({"a": ["A", "C", "D"], "b": ["B", "D", "E"], "sign": [1, -1, 1]})
    for camps in (2, None):
        result = partition(ties, camps, actors=["F", "A"])
        table = result.camps.set_index("actor")
        assert result.optimum == 0 and result.certified
        assert table.index.tolist() == ["A", "B", "C", "D", "E", "F"]
        assert table["piece"].tolist() == [1, 1, 2, 2, 2, 3]
        assert table.loc["D", "camp"] == table.loc["E", "camp"] != table.loc["C", "camp"]
    assert table["camp"].nunique() == 4
    assert partition(ties, 2).camps.set_index("actor").loc["D", "camp"] == 1  # the larger is 1
    assert partition(ties, 2).optimal_partitions().count == 1


def test_no_ties_at_all():
    empty = pd.DataFrame({"a": [], "b": [], "sign": []})
    for camps in (2, 3, None):
        result = partition(empty, camps, actors=["A", "B"])
        assert result.optimum == 0 and result.certified and np.isnan(result.frustration)
        assert len(result.frustrated_ties()) == 0
    assert partition(empty, 2, actors=["A", "B"]).optimal_partitions().complete


@pytest.mark.parametrize("camps", [1, 0, -2, 2.5, True, "two"])
def test_camps_must_be_a_number_of_two_or_more(camps):
    with pytest.raises(ScenarioError, match="camps is"):
        partition(tribes(), camps)


def test_alternatives_of_a_fixed_number_are_refused():
    with pytest.raises(ScenarioError, match="camps=2 and camps=None"):
        partition(tribes(), 3).optimal_partitions()


FIVE_FOES = [(a, b, -1) for k, a in enumerate("ABCDE") for b in "ABCDE"[k + 1 :]]
THREE_FOES = [(a, b, -1) for a, b in ("AB", "BC", "AC")] + [(a, "M", 1) for a in "ABC"]


@pytest.mark.parametrize(
    ("rows", "camps", "violated", "relaxed", "optima"),
    [
        (FIVE_FOES, 2, 4, 10 / 3, 10),  # an odd K5, the smallest network with a gap
        (THREE_FOES, None, 2, 1.5, 6),  # a common friend of three foes
        (THREE_FOES, 3, 2, 1.5, None),
    ],
)
def test_a_gap_of_the_linear_program_is_closed_in_whole_numbers(
    rows, camps, violated, relaxed, optima
):
    ties = pd.DataFrame(rows, columns=["a", "b", "sign"])
    whole, part = partition(ties, camps), partition(ties.assign(weight=0.7), camps)
    for result, unit in ((whole, 1.0), (part, 0.7)):
        assert result.certified and result.optimum == pytest.approx(unit * violated)
        assert result.certificate()["share"].sum() == pytest.approx(unit * relaxed)
        if optima:
            listed = result.optimal_partitions()
            assert listed.complete and listed.count == optima
    assert part.cover.whole  # a weight of 0.7 cannot be rounded up to the next whole number


def test_a_search_cut_short_says_so():
    """Many foes in few camps: without time the bound stays below, and no list is given."""
    rng = np.random.default_rng(0)
    names = [f"N{k:02d}" for k in range(30)]
    rows = [(a, b, -1) for k, a in enumerate(names) for b in names[k + 1 :]]
    ties = pd.DataFrame(rows, columns=["a", "b", "sign"]).assign(weight=rng.random(len(rows)) + 1)
    result = partition(ties, 2, seconds=0.05)
    assert not result.certified and 0 < result.lower_bound < result.optimum
    assert result.graph.cost(result.cover.camps) == pytest.approx(result.optimum)
    with pytest.raises(ConvergenceError, match="not known which partitions are optimal"):
        result.optimal_partitions()
