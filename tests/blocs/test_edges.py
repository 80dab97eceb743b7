"""Tables of ties: every fault is named with its row, and the way to mend it."""

import numpy as np
import pandas as pd
import pytest

from detente.blocs import partition
from detente.blocs.graph import read_edges
from detente.errors import WorldError

GOOD = pd.DataFrame(
    {"a": ["X", "Y"], "b": ["Y", "Z"], "sign": [1, -1], "weight": [1.0, 2.0]}, dtype=object
)


def changed(row: int, **cells) -> pd.DataFrame:
    table = GOOD.copy()
    for name, value in cells.items():
        table.loc[row, name] = value
    return table


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        (changed(1, b="Y"), "row 1 .*joins an actor with itself"),
        (changed(1, sign=0), "row 1 .*sign other than"),
        (changed(0, sign=2), "row 0 .*sign other than"),
        (changed(0, sign="plus"), "row 0 .*sign other than"),
        (changed(0, sign=np.nan), "row 0 .*sign other than"),
        (changed(1, weight=np.nan), "row 1 .*weight that is not a number above zero"),
        (changed(1, weight=-1.0), "row 1 .*weight that is not a number above zero"),
        (changed(1, weight=0.0), "row 1 .*weight that is not a number above zero"),
        (changed(1, weight=np.inf), "row 1 .*weight that is not a number above zero"),
        (changed(0, weight="much"), "row 0 .*weight that is not a number above zero"),
        (changed(0, a=None), "row 0 .*no name in column a"),
        (changed(0, b=" "), "row 0 .*no name in column b"),
        (changed(1, a="Y", b="X"), "tie Y-X twice and differently .rows 0 and 1"),
        (changed(1, a="X", b="Y", sign=1), "twice and differently"),
        (GOOD.iloc[:0], "table of edges is empty"),
        (GOOD.drop(columns="sign"), "lack the column 'sign'; they have a, b, weight"),
        (GOOD.rename(columns={"weight": "wieght"}), "'wieght'; did you mean weight"),
        (GOOD.assign(year=2023), "unknown column 'year'"),
        ([("X", "Y", 1)], "must be a DataFrame"),
        (pd.DataFrame(), "lack the column 'a'; they have none"),
        (changed(1, weight=1e300), "row 1 .*weight above 1e.100; divide"),
        (pd.concat([GOOD, GOOD[["sign"]]], axis=1), "column 'sign' more than once"),
        (changed(0, sign=True).assign(sign=[True, False]), "row 1 .*sign other than"),
        (changed(0, a=1, b="1"), "row 0 .a=1, b='1'.*joins an actor with itself"),
    ],
)
def test_a_wrong_table_is_refused(edges, message):
    with pytest.raises(WorldError, match=message):
        partition(edges)


def test_more_wrong_rows_are_counted():
    with pytest.raises(WorldError, match="1 more rows likewise"):
        read_edges(GOOD.assign(sign=0))


def test_a_tie_stated_twice_alike_counts_once():
    twice = pd.concat([GOOD, GOOD.rename(columns={"a": "b", "b": "a"})])
    graph = read_edges(twice)
    assert graph.m == 2 and graph.weight.sum() == 3


def test_names_are_text_and_sorted():
    graph = read_edges(pd.DataFrame({"a": [3, 1], "b": [2, 2], "sign": [1.0, -1.0]}), actors=[9])
    assert graph.actors == ("1", "2", "3", "9")
    assert graph.pieces.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("actors", "message"),
    [
        ("XYZ", "actors is one text, 'XYZ'; give a list of names"),
        ([None], "actors holds None, which is no name"),
        (["X", " "], "actors holds ' ', which is no name"),
    ],
)
def test_wrong_actors_are_refused(actors, message):
    with pytest.raises(WorldError, match=message):
        partition(GOOD, 2, actors=actors)


def test_one_actor_stands_alone_and_the_isolated_by_themselves():
    alone = partition(GOOD.iloc[:0], 2, actors=["X"])
    assert (alone.optimum, alone.certified) == (0.0, True)
    assert alone.camps["actor"].tolist() == ["X"] and np.isnan(alone.frustration)
    table = partition(GOOD, None, actors=["W"]).camps
    camp = dict(zip(table["actor"], table["camp"], strict=True))
    assert camp["X"] == camp["Y"]
    assert len({camp["W"], camp["X"], camp["Z"]}) == 3


@pytest.mark.parametrize(
    "edges",
    [
        GOOD.astype({"a": "category", "b": "category"}),
        GOOD.assign(sign=["+1", "-1"]),
        GOOD.assign(sign=pd.array([1, -1], dtype="Int64")),
        GOOD.set_axis([7, 7], axis=0),
        GOOD.assign(weight=[1e-12, 1e12]),
    ],
)
def test_other_ways_of_writing_the_same_ties_give_the_same_camps(edges):
    found = partition(edges, 2)
    assert found.certified and found.optimum == 0
    camps = found.camps.set_index("actor")["camp"]
    assert camps["X"] == camps["Y"] != camps["Z"]
