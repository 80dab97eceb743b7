"""Tables of the strategic balance: each read-out before and after, and its change.

Read-outs are of pairs, groups and single states, and have levels: a table of them has other columns
than one of trade, which has a row a country.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from detente.errors import ScenarioError
from detente.strategic import (
    DIRECTED,
    OF_ARSENALS,
    OF_PAIRS,
    OF_STATES,
    VARIABLES,
    Readout,
    Strategic,
    moved,
)
from detente.vocabulary import terms

Groups = Mapping[str, Sequence[str]]
# Unit of the level of each variable; changes are in the unit of the vocabulary.
LEVEL_UNITS = {
    **dict.fromkeys((*OF_PAIRS, *DIRECTED), "expected a year"),
    **dict.fromkeys(OF_STATES, "million USD"),
    **dict.fromkeys(OF_ARSENALS, "probability"),
}
MOST_NAMED = 12
# Columns of numbers; what has no meaning is not a number there.
NUMBERS = (
    "before", "before_p05", "before_p95", "after", "after_p05", "after_p95", "median", "p05", "p95",
    "share_positive",
)  # fmt: skip


def side(codes: Sequence[str], groups: Groups) -> str:
    """Return a set of states in the user's words: codes, or the name of the group that it is.

    Parameters
    ----------
    codes
        One side of a read-out.
    groups
        Members by name, without the @.

    Examples
    --------
    >>> side(("CAN", "MEX", "USA"), {"USMCA": ("USA", "CAN", "MEX")}), side(("EST",), {})
    ('@USMCA', 'EST')
    """
    if len(codes) > 1:
        for name, members in groups.items():
            if set(members) == set(codes):
                return f"@{name}"
    return " ".join(codes)


def called(one: Readout, groups: Groups, names: Mapping[str, str] | None = None) -> str:
    """Return what a read-out is about in a few words: "RUS towards EST", "among @USMCA".

    Parameters
    ----------
    one
        The read-out.
    groups
        Members by name.
    names
        Readable names by code; codes where there are none.
    """

    def words(codes: Sequence[str]) -> str:
        said = side(codes, groups)
        if said.startswith("@"):
            return said
        return ", ".join((names or {}).get(code, code) for code in codes)

    first = words(one.origin)
    if not one.destination:
        return f"among {first}" if one.variable in OF_PAIRS else first
    joined = " towards " if one.variable in DIRECTED else " and "
    return first + joined + words(one.destination)


def chosen(
    found: Strategic,
    variable: str,
    groups: Groups,
    country: Sequence[str] | None = None,
    origin: Sequence[str] | None = None,
    destination: Sequence[str] | None = None,
) -> list[Readout]:
    """Return the read-outs of a variable that concern the states asked for.

    Parameters
    ----------
    found
        What a run kept.
    variable
        One of `strategic.VARIABLES`.
    groups
        Members by name.
    country
        Codes: a read-out counts when one of its sides lies within them.
    origin, destination
        Codes: a read-out counts when its sides lie within these; variables without a direction
        are looked up either way round.

    Raises
    ------
    ScenarioError
        If none was kept; the message says which are, and how to have more.
    """
    kept = [one for one in found.readouts if one.variable == variable]
    asked = {"country": country, "origin": origin, "destination": destination}
    mine = [one for one in kept if _concerns(one, country, origin, destination)]
    if mine:
        return mine
    named = [
        f"{dim} {side(tuple(codes), groups)}" for dim, codes in asked.items() if codes is not None
    ]
    about = f" of {', '.join(named)}" if named else ""
    others = sorted(
        {one.variable for one in found.readouts if _concerns(one, country, origin, destination)}
    )
    hint = f"; of these states it holds {', '.join(others)}" if named and others else ""
    listed = "; ".join(called(one, groups) for one in kept[:MOST_NAMED])
    more = f" and {len(kept) - MOST_NAMED} more" if len(kept) > MOST_NAMED else ""
    raise ScenarioError(
        f"this outcome holds no {variable}{about}{hint}. "
        + (f"It holds {variable} of: {listed}{more}. " if kept else "")
        + "For more, ask in a claim of the scenario, as {variable: " + variable + ", where: "
        + _example(variable) + "}, and run again"
    )  # fmt: skip


def _example(variable: str) -> str:
    if variable in OF_STATES:
        return "{country: POL}"
    return "{origin: USA, destination: RUS}"


def _concerns(
    one: Readout,
    country: Sequence[str] | None,
    origin: Sequence[str] | None,
    destination: Sequence[str] | None,
) -> bool:
    sides = [set(one.origin), set(one.destination)] if one.destination else [set(one.origin)]
    if country is not None and not any(codes <= set(country) for codes in sides):
        return False
    wanted = [None if codes is None else set(codes) for codes in (origin, destination)]
    if wanted == [None, None]:
        return True
    if not one.destination:
        # Of a set of states: it is on both sides, or the only one.
        return all(codes is None or sides[0] <= codes for codes in wanted)
    ways = [sides] if one.variable in DIRECTED else [sides, sides[::-1]]
    return any(
        all(codes is None or have <= codes for have, codes in zip(way, wanted, strict=True))
        for way in ways
    )


class Holder(Protocol):
    """What a table of read-outs is made from: an Outcome."""

    @property
    def strategic(self) -> Strategic | None: ...  # noqa: D102
    @property
    def groups(self) -> Groups: ...  # noqa: D102
    @property
    def country_names(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def is_point(self) -> bool: ...  # noqa: D102


def table(
    outcome: Holder,
    variable: str,
    scenarios: Sequence[str],
    country: Sequence[str] | None = None,
    origin: Sequence[str] | None = None,
    destination: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return one row per scenario and read-out: before, after and change, with intervals.

    Parameters
    ----------
    outcome
        Holds the strategic balance, groups and names.
    variable
        One of `strategic.VARIABLES`, with or without `_pct`.
    scenarios
        Labels on the scenario axis.
    country, origin, destination
        As in `chosen`.

    Returns
    -------
    DataFrame
        origin, destination (codes or a @GROUP; the latter empty for sets of states), name,
        variable, measure, scenario, level_unit, before, before_p05, before_p95, after, after_p05,
        after_p95 (medians and 90 per cent intervals in level_unit), unit, median, p05, p95 (the
        change draw by draw, in per cent or points), share_positive. Empty cells where a number has
        no meaning: a balance of arsenals one side of which holds no weapon.

    Raises
    ------
    ScenarioError
        If the outcome holds no such read-out.
    """
    found, groups, variable = outcome.strategic, outcome.groups, known(variable)
    if found is None:
        raise ScenarioError(none_of(variable))
    names, point = outcome.country_names, outcome.is_point
    rows = []
    for label in scenarios:
        for one in chosen(found, variable, groups, country, origin, destination):
            place = found.readouts.index(one)
            before, after = (found.levels[n, place] for n in (0, found.worlds[label]))
            rows.append({
                "origin": side(one.origin, groups),
                "destination": side(one.destination, groups),
                "name": called(one, groups, names),
                "variable": variable,
                "measure": "point estimate" if point else "change",
                "scenario": label,
                "level_unit": LEVEL_UNITS[variable],
                **_spread(before, point, ("before", "before_p05", "before_p95")),
                **_spread(after, point, ("after", "after_p05", "after_p95")),
                "unit": terms("outcome")[variable].unit,
                **_change(before, after, variable, point),
            })  # fmt: skip
    found_rows = pd.DataFrame(rows)
    return found_rows.astype(dict.fromkeys(NUMBERS, float))


def _spread(values: np.ndarray, point: bool, names: Sequence[str]) -> dict[str, float | None]:
    middle, low, high = (float(q) for q in np.quantile(values, (0.5, 0.05, 0.95)))
    ends = (None, None) if point else (low, high)
    cells = dict(zip(names, (middle, *ends), strict=True))
    return {name: None if cell is None or np.isnan(cell) else cell for name, cell in cells.items()}


def _change(
    before: np.ndarray, after: np.ndarray, variable: str, point: bool
) -> dict[str, float | None]:
    change = 100 * moved(variable, before, after)
    share = None if point or np.isnan(change).any() else float((change > 0).mean())
    return {**_spread(change, point, ("median", "p05", "p95")), "share_positive": share}


def none_of(variable: str) -> str:
    """Return why an outcome holds no strategic balance, in words for an error."""
    return (
        f"this outcome holds no {variable}: the world lacks layers of security (as distance_min "
        "and warheads), `models` leaves out security, or the run was interrupted"
    )


def side_by_side(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the read-outs that two tables share, in one row each, and the difference of changes.

    Parameters
    ----------
    first, second
        As made by `table`, one scenario each.

    Raises
    ------
    ScenarioError
        If they share none.

    Notes
    -----
    The difference of medians is not the median of differences: draws of two outcomes need not
    be the same. It carries no interval for that reason.
    """
    keys = ["origin", "destination", "name", "variable", "level_unit", "unit"]
    left, right = (one.drop(columns="measure") for one in (first, second))
    numbers = [name for name in right.columns if name not in keys]
    both = left.merge(
        right[[*keys[:2], *numbers]], on=keys[:2], suffixes=("_first", "_second"),
        validate="one_to_one",
    )  # fmt: skip
    if both.empty:
        held = ["; ".join(map(str, one["name"][:MOST_NAMED])) for one in (first, second)]
        raise ScenarioError(
            f"the two outcomes share no read-out of {first['variable'].iloc[0]}: the first holds "
            f"{held[0]}; the second {held[1]}"
        )
    return both.assign(difference=both["median_second"] - both["median_first"])


def known(variable: str) -> str:
    """Return the name of a variable of the strategic balance, or an empty string.

    Examples
    --------
    >>> known("dispute_risk_pct"), known("real_income")
    ('dispute_risk', '')
    """
    if not isinstance(variable, str):
        raise ScenarioError(f"a variable is one name, as 'real_income', not {variable!r}")
    name = variable.removesuffix("_pct")
    return name if name in VARIABLES else ""
