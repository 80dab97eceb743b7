"""Tables of outcomes that are of no single country: of pairs, groups, camps, and of the system.

`table` also answers for outcomes of one country and of the strategic balance, as `Outcome.table`
does, so that whoever asks by name need not know which kind an outcome is of.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from detente import influence, measured
from detente.errors import ScenarioError, WorldError
from detente.outcome import Countries, Outcome
from detente.standing import BY_GROUP
from detente.strategic import VARIABLES as STRATEGIC
from detente.tidy import summary
from detente.vocabulary import terms

# More actors than these have too many pairs for one table: the sides must be named.
MOST_ACTORS = 8
SYSTEM = "the system"
Where = dict[str, Any]


def is_joint(variable: str) -> bool:
    """Say whether an outcome of the vocabulary is tabled here.

    Examples
    --------
    >>> is_joint("pair_trade_pct"), is_joint("real_income"), is_joint("dispute_risk")
    (True, False, False)
    """
    name = variable.removesuffix("_pct")
    term = terms("outcome").get(name)
    return term is not None and term.dims != ("country",) and name not in STRATEGIC


def table(
    outcome: Outcome,
    variable: str,
    country: Countries | None = None,
    scenario: Countries | None = None,
    origin: Countries | None = None,
    destination: Countries | None = None,
) -> pd.DataFrame:
    """Return a tidy table of any outcome; of no single country, one row for each it is of.

    Parameters
    ----------
    outcome
        What a run computed.
    variable
        An outcome of the vocabulary, with or without `_pct`.
    country
        Codes or @GROUPs: the groups, the states whose camp is meant, or (of `pair_trade`) the
        groups within which trade is added up. All that the outcome holds if left out.
    scenario
        A label of the scenario axis, a list, or None for every full scenario.
    origin, destination
        The two sides of a pair, codes or @GROUPs; the countries that act if left out.

    Returns
    -------
    DataFrame
        Of no single country: of (code, @GROUP, or the two sides), name, variable, measure, unit,
        scenario, median, p05, p95 (per cent), share_positive, failed_draws. Its `attrs["left_out"]`
        lists what was not asked for by name and has no number, with the reason.

    Raises
    ------
    ScenarioError
        If a name is unknown, or sides are named that the outcome is not of.
    WorldError
        If nothing that was asked for can be computed from this outcome.

    Examples
    --------
    >>> table(outcome, "pair_trade", origin="USA", destination="RUS")  # doctest: +SKIP
    """
    name = variable.removesuffix("_pct")
    if not is_joint(name):
        return outcome.table(variable, country, scenario, origin, destination)
    asked, wheres = _wheres(outcome, name, country, origin, destination)
    rows, left_out = [], []
    for label in _labels(outcome, scenario):
        for of, said, where in wheres:
            try:
                rows.append(_row(outcome, name, label, of, said, where))
            except (ScenarioError, WorldError) as error:
                if asked:
                    raise
                left_out.append((said, error))
    if not rows:
        raise left_out[0][1] if left_out else WorldError(f"this outcome holds no {name}")
    found = pd.concat(rows, ignore_index=True)
    found.attrs["left_out"] = [f"{said}: {error}" for said, error in left_out]
    return found


def _labels(outcome: Outcome, scenario: Countries | None) -> list[str]:
    if scenario is not None:
        named = [scenario] if isinstance(scenario, str) else list(scenario)
        return [outcome.scenario_label(label) for label in named]
    return [s for s in outcome.full_scenarios if len(outcome.ok_draws(s))] or [outcome.main]


def _row(outcome: Outcome, name: str, label: str, of: str, said: str, where: Where) -> pd.DataFrame:
    values = measured.change(outcome, name, where, label)
    labels = {
        "variable": name,
        "measure": "point estimate" if outcome.is_point else "change",
        "unit": terms("outcome")[name].unit,
        "scenario": label,
        "failed_draws": outcome.failed(label),
    }
    row = summary(np.asarray(values)[:, None], labels | {"name": [said]})
    row.insert(0, "of", of)
    return row


def _wheres(
    outcome: Outcome, name: str, country: Any, origin: Any, destination: Any
) -> tuple[bool, list[tuple[str, str, Where]]]:
    """Return whether they were asked for by name, and what each row is of: code, words, where."""
    dims, sides = terms("outcome")[name].dims, origin is not None or destination is not None
    if dims == ("origin", "destination"):
        if country is not None and (sides or name != "pair_trade"):
            raise ScenarioError(_two_sides(name))
        if country is not None:
            return True, [_within(outcome, word) for word in _words(country)]
        return sides, list(_pairs(outcome, name, origin, destination))
    if sides:
        kind = "of the whole system" if not dims else f"of one {dims[0]}"
        raise ScenarioError(f"{name} is {kind}: leave out --origin and --destination")
    if not dims:
        if country is not None:
            raise ScenarioError(f"{name} is of the whole system: leave out --country")
        return True, [("", SYSTEM, {})]
    words = _words(country) if country is not None else _held(outcome, name, dims)
    if not words:
        raise WorldError(_none(name))
    camp = "camp of " if dims == ("anchor",) else ""
    found = [(word, camp + _said(outcome, word), {"country": word}) for word in words]
    return country is not None, found


def _held(outcome: Outcome, name: str, dims: tuple[str, ...]) -> list[str]:
    """Return the groups or anchors that this outcome tells something of."""
    standing = outcome.standing
    if dims == ("anchor",):
        return list(standing.anchors) if standing is not None else []
    if name in ("cohesion", "dispersion"):
        return [f"@{group}" for group in standing.groups] if standing is not None else []
    if standing is not None and standing.collective is not None:
        return [f"@{group}" for group in influence.holders(outcome)]
    return [] if name in BY_GROUP else [f"@{group}" for group in outcome.groups]


def _none(name: str) -> str:
    return (
        f"this outcome holds no {name}: positions and camps were not computed (the world lacks "
        "their layers, `models` leaves them out, or the run was interrupted)"
    )


def _two_sides(name: str) -> str:
    more = ", or a group within which trade is added up, as --country @EU"
    return (
        f"{name} is of two sides: name them, as --origin USA --destination RUS (codes or @GROUPs)"
        + (more if name == "pair_trade" else "")
    )


def _within(outcome: Outcome, word: str) -> tuple[str, str, Where]:
    if len(outcome.members(word)) < 2:
        raise ScenarioError(_two_sides("pair_trade"))
    return word, f"among {_said(outcome, word)}", {"country": word}


def _pairs(
    outcome: Outcome, name: str, origin: Any, destination: Any
) -> Iterator[tuple[str, str, Where]]:
    actors = outcome.actors
    if (origin is None or destination is None) and not 1 <= len(actors) <= MOST_ACTORS:
        raise ScenarioError(
            f"{_two_sides(name)}; {len(actors)} countries act in this outcome, which is too many "
            "to show all of their pairs"
        )
    firsts = _words(origin) if origin is not None else actors
    seconds = _words(destination) if destination is not None else actors
    seen: set[frozenset[str]] = set()
    for one in firsts:
        for other in seconds:
            if one != other and frozenset((one, other)) not in seen:
                seen.add(frozenset((one, other)))
                said = f"{_said(outcome, one)} and {_said(outcome, other)}"
                yield f"{one} {other}", said, {"origin": one, "destination": other}


def _words(asked: str | Iterable[str]) -> list[str]:
    return [asked] if isinstance(asked, str) else list(asked)


def _said(outcome: Outcome, word: str) -> str:
    members = outcome.members(word)  # names what is unknown
    return f"{word} ({len(members)})" if word.startswith("@") else outcome.name(word)


def names(outcome: Outcome) -> list[str]:
    """Return every outcome that `table` can be asked for."""
    return [*outcome.variables, *_joint_names(), *STRATEGIC]


def known(outcome: Outcome) -> str:
    """Return the outcomes that can be asked for, by kind, in one line.

    Parameters
    ----------
    outcome
        What a run computed.
    """
    kinds = {
        "of a country": outcome.variables,
        "of two sides": [n for n in _joint_names() if terms("outcome")[n].dims[:1] == ("origin",)],
        "of a group": [n for n in _joint_names() if terms("outcome")[n].dims == ("group",)],
        "of the camp of a state": [
            n for n in _joint_names() if terms("outcome")[n].dims == ("anchor",)
        ],
        "of the whole system": [n for n in _joint_names() if not terms("outcome")[n].dims],
        "of risk, spending and arsenals": list(STRATEGIC),
    }
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items())


def _joint_names() -> list[str]:
    return [name for name in terms("outcome") if is_joint(name)]
