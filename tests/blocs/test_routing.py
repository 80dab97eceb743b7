"""Proofs by routing and by the cycles of another network: none claims more than is true."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from enumerate_all import optima, partitions, random_ties

from detente.blocs import best_partition, camp_shares, membership, partition
from detente.blocs.certificate import Certificate
from detente.blocs.cycles import are_cycles, is_cycle
from detente.blocs.graph import SignedGraph, read_edges
from detente.blocs.routing import route


def network(seed: int, count: int = 7, density: float = 0.7) -> SignedGraph:
    """Return a random network of real weights; all of one count have the same actors."""
    rng = np.random.default_rng(seed)
    pairs = np.array([p for p in combinations(range(count), 2) if rng.random() < density])
    sign = rng.choice([-1, 1], len(pairs))
    names = tuple(f"N{k}" for k in range(count))
    return SignedGraph(names, pairs[:, 0], pairs[:, 1], sign, rng.random(len(pairs)) + 0.1)


def drifted(graph: SignedGraph, rng: np.random.Generator, flips: int = 1) -> SignedGraph:
    """Return the network with a few other signs and weights, and a tie less."""
    sign, weight = graph.sign.copy(), graph.weight.copy()
    sign[rng.choice(graph.m, flips, replace=False)] *= -1
    weight[rng.choice(graph.m, 4)] = rng.random(4) + 0.1
    kept = np.arange(graph.m) != rng.integers(graph.m)
    return SignedGraph(graph.actors, graph.a[kept], graph.b[kept], sign[kept], weight[kept])


def check(graph: SignedGraph, found: Certificate, best: float) -> float:
    """Check a certificate tie by tie and cycle by cycle; return the bound that it proves."""
    taken = np.zeros(graph.m)
    for cycle, share in zip(found.cycles, found.share.tolist(), strict=True):
        assert is_cycle(graph, cycle, two=True) and share > 0
        taken[list(cycle)] += share
    assert (taken <= graph.weight + 1e-12).all()
    assert found.bound(graph) == pytest.approx(found.share.sum(), abs=1e-12)
    assert found.bound(graph) <= best + 1e-9
    return found.bound(graph)


def test_no_routing_proves_more_than_the_best_of_all_partitions():
    proved = 0
    for seed in range(15):
        graph = network(seed)
        best, _ = optima(graph, 2)
        for camps in partitions(graph.n, 2):
            bound = check(graph, route(graph, camps), best)
            assert bound <= graph.cost(camps) + 1e-9
            if bound >= graph.cost(camps) - 1e-9:
                proved += 1
                assert graph.cost(camps) == pytest.approx(best)
    assert proved > 8


def test_cycles_of_another_network_prove_nothing_untrue():
    """Whatever is handed over, of whatever network, the bound is one of this network."""
    rng = np.random.default_rng(1)
    for seed in range(40):
        graph, other = network(seed), network(seed + 1)
        best, _ = optima(graph, 2)
        camps = min(partitions(graph.n, 2), key=graph.cost)
        triples = [tuple(sorted(rng.choice(graph.m, 3, replace=False))) for _ in range(20)]
        foreign = route(other, np.zeros(other.n, dtype=int)).cycles
        cycles = triples + [cycle for cycle in foreign if max(cycle) < graph.m]
        known = Certificate(cycles, rng.random(len(cycles)) * 3)
        check(graph, route(graph, camps, known), best)


def test_a_cycle_whose_sign_has_turned_is_dropped():
    ties = pd.DataFrame({"a": ["X", "Y", "X"], "b": ["Y", "Z", "Z"], "sign": [-1, -1, -1]})
    before = partition(ties, 2)
    assert before.cover.certificate.cycles == [(0, 1, 2)]
    after = partition(ties.assign(sign=[-1, -1, 1]), 2, start=before)
    assert after.certified and after.optimum == after.lower_bound == 0
    assert not after.cover.certificate.cycles


@pytest.mark.parametrize("flips", [0, 1, 3])
def test_started_from_another_network_or_from_none_the_answer_is_the_same(flips):
    rng = np.random.default_rng(flips)
    for seed in range(25):
        graph = network(seed)
        last = best_partition(graph, 2)
        for _ in range(4):
            graph = drifted(graph, rng, flips)
            last, fresh = best_partition(graph, 2, start=last), best_partition(graph, 2)
            best, wanted = optima(graph, 2)
            for result in (last, fresh):
                assert result.certified
                assert result.optimum == pytest.approx(best, abs=1e-9)
                if not result.cover.whole:
                    assert check_used(result.cover.certificate, graph, best) == pytest.approx(best)
                listed = {
                    tuple(np.flatnonzero(graph.violated(camps + 2 * graph.pieces)).tolist())
                    for camps in result.optimal_camps()
                }
                assert listed == wanted


def check_used(found: Certificate, graph: SignedGraph, best: float) -> float:
    return check(graph, found.used(), best)


def test_actors_that_come_and_go_are_told_apart_by_name():
    rng = np.random.default_rng(5)
    for seed in range(20):
        graph = network(seed, 8)
        start = best_partition(graph, 2)
        gone = graph.actors[int(rng.integers(8))]
        table = graph.table()
        left = table[(table["a"] != gone) & (table["b"] != gone)]
        fresh = pd.DataFrame({"a": ["N1"], "b": ["A0"], "sign": [1], "weight": [2.0]})
        ties = pd.concat([left, fresh], ignore_index=True)
        found = partition(ties, 2, start=start)
        assert found.certified
        assert found.optimum == pytest.approx(optima(read_edges(ties), 2)[0], abs=1e-9)


def test_whole_weights_are_sent_whole():
    rng = np.random.default_rng(2)
    for seed in range(20):
        ties = random_ties(seed)
        graph = read_edges(ties)
        cycles = route(graph, np.zeros(graph.n, dtype=int)).cycles
        known = Certificate(cycles, 2 * rng.random(len(cycles)))
        for camps in partitions(graph.n, 2):
            found = route(graph, camps, known)
            assert (found.share == np.round(found.share)).all()


def test_where_routing_gets_stuck_the_program_goes_on():
    """Weight is sent greedily and not called back: some networks need the linear program."""
    stuck = 0
    for seed in range(60):
        graph = network(seed, 8, 0.9)
        result = best_partition(graph, 2)
        routed = route(graph, result.cover.camps).bound(graph)
        stuck += routed < result.optimum - 1e-6
        assert result.certified
        assert result.optimum == pytest.approx(optima(graph, 2)[0], abs=1e-9)
    assert 0 < stuck < 60


@pytest.mark.parametrize("two", [True, False])
def test_many_sets_of_ties_are_judged_like_each_alone(two):
    rng = np.random.default_rng(0)
    graph = network(3, 9, 0.9)
    sets = [tuple(rng.integers(graph.m, size=rng.integers(1, 8)).tolist()) for _ in range(500)]
    cycles = route(graph, np.zeros(9, dtype=int)).cycles
    pairs = [(*one, *other) for one in cycles[:20] for other in cycles[:20]]
    twice = [(*cycle, *cycle) for cycle in cycles] + [(0, 0, 1, 1)]
    every = [*sets, *cycles, *pairs, *twice, ()]
    assert are_cycles(graph, every, two) == [is_cycle(graph, one, two) for one in every]


@pytest.mark.parametrize("camps", [2, 3, None])
def test_the_shares_of_one_draw_are_those_of_membership(camps):
    for seed in range(20):
        result = partition(random_ties(seed), camps, actors=["alone"])
        anchors = [result.graph.actors[0], "alone"]
        shares, count = camp_shares(result, anchors)
        table = membership([result], anchors)
        wide = table.pivot(index="anchor", columns="actor", values="together")
        wide = wide.reindex(index=anchors, columns=list(result.graph.actors))
        np.testing.assert_allclose(shares, wide.to_numpy(dtype=float), atol=1e-12)
        assert count == table["optima"].iloc[0]
