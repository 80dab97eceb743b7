"""Roll-call tables that cannot be used say where, what, and how to mend it."""

import numpy as np
import pandas as pd
import pytest

from detente.alignment import fit_ideal_points
from detente.alignment.ideal_points_result import labelled
from detente.alignment.ideal_points_table import roll_calls
from detente.errors import DataError, MissingDataError


def table(**changes):
    votes = pd.DataFrame(
        [
            (v, t, f"i{t}{i}", 1 + 2 * ((i + ord(v)) % 2))
            for v in "ABC"
            for t in (1, 2)
            for i in (0, 1)
        ],
        columns=["voter", "period", "item", "vote"],
    )
    return votes.assign(**changes)


def changed(row, column, value):
    votes = table().astype({column: object})
    votes.loc[row, column] = value
    return votes


BAD = {
    "no table": ([1, 2], r"list.*DataFrame with columns voter, period, item, vote"),
    "misspelt": (table().rename(columns={"voter": "voters"}), r"no column voter.*voters"),
    "no period": (table().drop(columns="period"), r"no column period.*votes\['period'\] = 0"),
    "unknown column": (table(wieght=1), r"unknown column wieght.*keep votes"),
    "doubled column": (
        pd.concat([table(), table()["vote"]], axis=1),
        r"column vote occurs more than once",
    ),
    "empty": (table().iloc[:0], r"no row.*one row for each vote"),
    "missing vote": (changed(4, "vote", np.nan), r"row 4: no vote.*Leave out"),
    "blank voter": (changed(2, "voter", "  "), r"row 2: no voter"),
    "missing voter": (changed(2, "voter", None), r"row 2: no voter"),
    "absent code": (changed(7, "vote", 8), r"row 7: vote 8 .*1 yes, 2 abstain, 3 no"),
    "word": (changed(1, "vote", "yes"), r"row 1: vote 'yes' is not a code"),
    "number as text": (changed(1, "vote", "1"), r"row 1: vote '1' is not a code"),
    "half": (changed(1, "vote", 1.5), r"row 1: vote 1\.5"),
    "mixed codes": (changed(3, "vote", 0), r"row 3: vote 0 beside votes 2 or 3"),
    "doubled": (
        pd.concat([table(), table().iloc[[5]]], ignore_index=True),
        r"rows 5, 12: B votes more than once on item i10 in period 1|rows 5, 12: B votes more",
    ),
    "one voter": (
        pd.DataFrame({"voter": "A", "period": [1, 2], "item": "x", "vote": [1, 3]}),
        r"one voter only \(A\)",
    ),
    "two voters": (table().query("voter != 'C'"), r"two voters only \(A, B\).*three or more"),
    "unanimous": (table(vote=1), r"every item is unanimous"),
    "mixed names": (changed(0, "voter", 7), r"column voter mixes int and str"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_tables(name):
    votes, message = BAD[name]
    with pytest.raises(DataError, match=message):
        fit_ideal_points(votes)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"anchors": {"Aa": 1}}, r"anchor Aa is not among the 3 voters; did you mean A\?"),
        ({"anchors": {"A": 0}}, r"anchor A has position 0"),
        ({"anchors": {"A": 2, "B": 1}}, r"all anchors \(A, B\) are positive.*other sign"),
        ({"anchors": {"A": -2, "B": -1}}, r"all anchors \(A, B\) are negative"),
        ({"anchors": ["A", "B", "C"]}, r"3 anchors without positions"),
        ({"draws": 0}, r"draws is 0: give 2 or more"),
        ({"warmup": 1.5}, r"warmup is 1\.5: give a whole number"),
        (
            {"method": "joints"},
            r"'joints' is not one of auto, published, corrected, joint; did you mean joint",
        ),
        ({"bridge": pd.DataFrame({"a": [1], "b": [2]})}, r"bridge has columns a, b"),
        ({"bridge": [("x", "y")]}, r"names no item of the table"),
        ({"bridge": [("i10", "i20"), ("i20", "i10")]}, r"round in a circle"),
        ({"bridge": "i10"}, r"neither a table"),
        (
            {"bridge": pd.DataFrame({"earlier": ["i10", None], "later": ["i20", "i21"]})},
            r"bridge, row 1: an item is missing",
        ),
    ],
)
def test_bad_settings(given, message):
    with pytest.raises(DataError, match=message):
        fit_ideal_points(table(), **given)


def unfitted(votes):
    calls = roll_calls(votes)
    shapes = (1, 2, 6), (1, 2, len(calls.items), 3)
    return labelled(calls, *map(np.zeros, shapes), {}, {"method": "none", "seconds": 0.0})


def test_questions_that_have_no_answer():
    found = unfitted(table())
    with pytest.raises(DataError, match=r"no voter Aa; did you mean A\?"):
        found.position("Aa", 1)
    with pytest.raises(DataError, match=r"no position of A in period 9.*from 1 to 2"):
        found.position("A", 9)
    with pytest.raises(DataError, match=r"too few for diagnostics"):
        found.diagnostics()


def test_missing_raw_tables_are_named(tmp_path):
    from detente.alignment import un_bridge, un_votes

    with pytest.raises(MissingDataError, match="unga_votes"):
        un_votes(tmp_path)
    with pytest.raises(MissingDataError, match="unga_bridging"):
        un_bridge(tmp_path)
