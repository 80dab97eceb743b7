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
