"""Roll-call tables as users bring them: checked, bridged, and laid out for the sampler."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detente.errors import DataError, nearest

COLUMNS = ("voter", "period", "item", "vote")
ORDINAL, BINARY = (1, 2, 3), (0, 1)
CODES = "1 yes, 2 abstain, 3 no, or 0 no and 1 yes"
PAIRS = (("earlier", "later"), ("rcid1", "rcid2"))
SHOWN = 3  # rows that a message names


@dataclass(frozen=True)
class RollCalls:
    """Votes on items that divide voters, as index arrays.

    Attributes
    ----------
    voters, periods, items : labels, sorted
    voter, roll_call, vote : one entry a vote; vote 1 yes, 2 abstain, 3 no
    period_of, item_of : period and item of each roll call, periods ascending
    binary : whether votes are yes or no only
    dropped : items that divide nobody, and are left out
    bridged : roll calls that share their item with an earlier one through `bridge`
    """

    voters: np.ndarray
    periods: np.ndarray
    items: np.ndarray
    voter: np.ndarray
    roll_call: np.ndarray
    vote: np.ndarray
    period_of: np.ndarray
    item_of: np.ndarray
    binary: bool
    dropped: int
    bridged: int


def roll_calls(votes: pd.DataFrame, bridge: Any = None) -> RollCalls:
    """Check a table of votes and index it.

    Parameters
    ----------
    votes
        Columns voter, period, item, vote; one row a vote cast.
    bridge
        Pairs of items that are the same question: see `links`.

    Raises
    ------
    DataError
        The table cannot be used; the message names the row, what is wrong, and how to mend it.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"voter": ["A", "B"], "period": [1, 1], "item": ["x", "x"], "vote": [1, 3]}
    ... )
    >>> roll_calls(table).binary
    True
    """
    binary = check_votes(votes)
    table = votes.loc[:, list(COLUMNS)].reset_index(drop=True)
    known = set(table["item"])
    link = links(bridge, known)
    shared = table["item"].map(lambda item: link.get(item, item))
    kinds = table.groupby(shared)["vote"].nunique()
    divides = shared.map(kinds > 1).to_numpy(bool)
    if not divides.any():
        raise DataError(
            "every item is unanimous: no vote tells voters apart. Bring roll calls on which "
            "voters differ"
        )
    table, shared = table[divides], shared[divides]
    voter, voters = _index(table["voter"])
    if len(voters) < 2:
        raise DataError(
            f"one voter only ({voters[0]}): positions are relative. Bring votes of two or more"
        )
    period, periods = _index(table["period"])
    item, items = _index(shared)
    # A roll call is an item as it was put to the vote in one period.
    row_keys = pd.DataFrame({"period": period, "item": _index(table["item"])[0], "shared": item})
    rows = row_keys.drop_duplicates(["period", "item"]).sort_values(["period", "item"])
    rows["row"] = np.arange(len(rows))
    row = row_keys.merge(rows, on=["period", "item"], how="left")["row"].to_numpy()
    vote = table["vote"].to_numpy(int)
    if binary:
        vote = np.where(vote == 1, 1, 3)
    return RollCalls(
        voters=voters,
        periods=periods,
        items=items,
        voter=voter,
        roll_call=row,
        vote=vote.astype(np.int8),
        period_of=rows["period"].to_numpy(),
        item_of=rows["shared"].to_numpy(),
        binary=binary,
        dropped=int((kinds <= 1).sum()),
        bridged=sum(item in link for item in set(table["item"])),
    )


def check_votes(votes: pd.DataFrame) -> bool:
    """Refuse a table that cannot be read as votes; return whether it is binary.

    Parameters
    ----------
    votes
        What the user brought.

    Raises
    ------
    DataError
        With row, column, what is wrong, and how to mend it.
    """
    if not isinstance(votes, pd.DataFrame):
        raise DataError(
            f"votes is a {type(votes).__name__}, not a table: bring a pandas DataFrame with "
            f"columns {', '.join(COLUMNS)}"
        )
    _check_columns([str(column) for column in votes.columns])
    if votes.empty:
        raise DataError("the table of votes has no row: bring one row for each vote cast")
    for column in COLUMNS:
        # Of texts each is looked at once: a table has a million rows and few names.
        texts = [one for one in votes[column].unique() if isinstance(one, str)]
        blank = votes[column].isin([one for one in texts if not one.strip()])
        missing = np.flatnonzero(votes[column].isna() | blank)
        if len(missing):
            raise DataError(
                f"{_rows(votes, missing)}: no {column}. Leave out votes that were not cast "
                f"(absent, not a member), and name the {column} of all others"
            )
    binary = _check_codes(votes)
    for column in ("voter", "period", "item"):
        try:
            np.unique(votes[column].to_numpy())
        except TypeError as error:
            kinds = sorted({type(value).__name__ for value in votes[column]})
            raise DataError(
                f"column {column} mixes {' and '.join(kinds)}, which have no common order: "
                f"write them in one way, for example votes['{column}'].astype(str)"
            ) from error
    twice = votes.duplicated(["voter", "period", "item"], keep=False).to_numpy()
    if twice.any():
        first = votes.loc[twice].iloc[0]
        same = (votes[["voter", "period", "item"]] == first[["voter", "period", "item"]]).all(
            axis=1
        )
        raise DataError(
            f"{_rows(votes, np.flatnonzero(same))}: {first['voter']} votes more than once on item "
            f"{first['item']} in period {first['period']} ({int(twice.sum())} such rows in all). "
            "Keep one vote a voter and item, or give the roll calls items of their own and "
            "`bridge` them"
        )
    return binary


def _check_columns(columns: Sequence[str]) -> None:
    if len(set(columns)) < len(columns):
        twice = sorted({column for column in columns if columns.count(column) > 1})
        raise DataError(f"column {', '.join(twice)} occurs more than once: keep one")
    missing = [column for column in COLUMNS if column not in columns]
    extra = [column for column in columns if column not in COLUMNS]
    if missing:
        hints = "".join(nearest(column, extra) for column in missing[:1])
        help_ = " (a table without time has one period: votes['period'] = 0)"
        raise DataError(
            f"no column {', '.join(missing)} in the table of votes, which has "
            f"{', '.join(columns) or 'none'}{hints}{help_ if 'period' in missing else ''}. "
            f"Rename or add: columns are {', '.join(COLUMNS)}"
        )
    if extra:
        raise DataError(
            f"unknown column {', '.join(extra)} in the table of votes{nearest(extra[0], COLUMNS)}. "
            "Nothing is read from it; keep votes[['voter', 'period', 'item', 'vote']]"
        )


def _check_codes(votes: pd.DataFrame) -> bool:
    numbers = pd.to_numeric(votes["vote"], errors="coerce").to_numpy(float)
    found = set(numbers[~np.isnan(numbers)])
    text = np.array([isinstance(value, str) for value in votes["vote"]])
    known = np.isin(numbers, sorted({*ORDINAL, *BINARY})) & ~text
    if not known.all():
        wrong = np.flatnonzero(~known)
        value = votes["vote"].iloc[wrong[0]]
        raise DataError(
            f"{_rows(votes, wrong)}: vote {value!r} is not a code. Codes are numbers: {CODES}; "
            "leave out absences"
        )
    if 0 in found and found - set(BINARY):
        wrong = np.flatnonzero(numbers == 0)
        raise DataError(
            f"{_rows(votes, wrong)}: vote 0 beside votes 2 or 3. Use one set of codes in a table: "
            f"{CODES}"
        )
    return found <= set(BINARY) or found == {1, 3}


def links(bridge: Any, known: set) -> dict:
    """Return the earliest item of the same question for each later one.

    Chains are followed to their first item. An item matched with several earlier ones is
    linked to the smallest of them, as Bailey, Strezhnev and Voeten do.

    Parameters
    ----------
    bridge
        None; a mapping from later to earlier item; pairs (earlier, later); or a DataFrame with
        columns earlier and later (or rcid1 and rcid2).
    known
        Items of the table of votes. Pairs with others still carry chains.

    Raises
    ------
    DataError
        The pairs cannot be read, go round in a circle, or name no item of the table.

    Examples
    --------
    >>> links([(1, 2), (2, 3)], {1, 2, 3})
    {2: 1, 3: 1}
    """
    if bridge is None:
        return {}
    earlier: dict = {}
    for first, second in _pairs(bridge):
        earlier[second] = min(earlier.get(second, first), first)
    root: dict = {}
    for item in earlier:
        seen, at = [item], item
        while at in earlier:
            at = earlier[at]
            if at in seen:
                raise DataError(
                    f"bridge goes round in a circle at item {at}: each pair is an earlier and a "
                    "later item of the same question"
                )
            seen.append(at)
        root[item] = at
    if root and not known.intersection(root):
        raise DataError(
            f"bridge names no item of the table of votes as the later of a pair (it has "
            f"{next(iter(root))!r}, the table {next(iter(known))!r}): use the table's items"
        )
    return {item: first for item, first in root.items() if item in known}


def _pairs(bridge: Any) -> Iterable[tuple]:
    if isinstance(bridge, pd.DataFrame):
        for names in PAIRS:
            if set(names) <= set(bridge.columns):
                part = bridge.loc[:, list(names)]
                if part.isna().any(axis=None):
                    wrong = np.flatnonzero(part.isna().any(axis=1))
                    raise DataError(f"bridge, {_rows(bridge, wrong)}: an item is missing")
                return list(part.itertuples(index=False, name=None))
        raise DataError(
            f"bridge has columns {', '.join(map(str, bridge.columns))}: it needs earlier and "
            "later (or rcid1 and rcid2)"
        )
    if isinstance(bridge, Mapping):
        return [(first, second) for second, first in bridge.items()]
    if isinstance(bridge, Iterable) and not isinstance(bridge, str):
        pairs = [tuple(pair) if isinstance(pair, Sequence) else (pair,) for pair in bridge]
        if all(len(pair) == 2 for pair in pairs):
            return pairs
    raise DataError(
        "bridge is neither a table with columns earlier and later, nor a mapping from later to "
        "earlier items, nor a list of pairs (earlier, later)"
    )


def _index(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    labels, place = np.unique(values.to_numpy(), return_inverse=True)
    return place, labels


def _rows(table: pd.DataFrame, places: np.ndarray) -> str:
    """Name rows as the user's index has them."""
    shown = ", ".join(str(table.index[place]) for place in places[:SHOWN])
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return f"row{'s' if len(places) > 1 else ''} {shown}{more}"
