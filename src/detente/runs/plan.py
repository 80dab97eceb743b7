"""Which scenarios a run solves: each in full, each edit alone, and what the claims are about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from detente.counts import whole
from detente.errors import ScenarioError
from detente.files.scenarios import load_alongside, load_scenario
from detente.scenario import Scenario
from detente.world import World

Asked = Scenario | str | Path


@dataclass(frozen=True)
class Variant:
    """One row of the scenario axis.

    Attributes
    ----------
    label : name on the axis
    parent : name of the scenario it belongs to
    kind : full, alone (one label of edits) or claim (a set of labels that a claim is about)
    edits : labels of the edits that are in it
    scenario : the edits themselves
    """

    label: str
    parent: str
    kind: str
    edits: tuple[str, ...]
    scenario: Scenario
    _applied: list[tuple[World, World]] = field(default_factory=list, repr=False, compare=False)

    def world(self, base: World) -> World:
        """Return the edited world; each model asks for it, and it is made once."""
        for known, edited in self._applied:
            if known is base:
                return edited
        self._applied.append((base, self.scenario.apply(base)))
        return self._applied[-1][1]


def gather(asked: Asked | Iterable[Asked], alongside: bool) -> list[Scenario]:
    """Return the scenarios to run, each once: those asked for and those they run beside.

    Raises
    ------
    ScenarioError
        If a name is unknown, a file is wrong, a scenario is asked for twice, or two different
        scenarios share a name.
    """
    wanted = listed(asked)
    if not wanted:
        raise ScenarioError("no scenario given: name a preset, a file, or pass a Scenario")
    found: dict[str, Scenario] = {}
    queue = [one if isinstance(one, Scenario) else load_scenario(one) for one in wanted]
    while queue:
        scenario = queue.pop(0)
        if scenario.name in found:
            if found[scenario.name].digest != scenario.digest:
                raise ScenarioError(f"two different scenarios are called '{scenario.name}'")
            if len(found) < len(wanted):
                raise ScenarioError(
                    f"the scenario '{scenario.name}' is asked for twice: once will do"
                )
            continue
        found[scenario.name] = scenario
        if alongside:
            # Files are named as seen from the file that names them.
            queue.extend(load_alongside(scenario))
    return list(found.values())


def listed(asked: Any) -> list[Asked]:
    """Return what was asked for as a list.

    Raises
    ------
    ScenarioError
        If one is neither a Scenario nor a name or path.
    """
    several = isinstance(asked, Iterable) and not isinstance(asked, Scenario | str | Path | dict)
    found: list[Any] = list(asked) if several else [asked]
    for item in found:
        if not isinstance(item, Scenario | str | Path):
            raise ScenarioError(
                "a scenario is a Scenario, the name of a preset, a path, or a list of these, not "
                f"{type(item).__name__}"
            )
    return found


def names(given: Iterable[str] | None) -> Iterable[str] | None:
    """Return names as they are, and a single one as a list: it is no list of letters.

    Raises
    ------
    ScenarioError
        If they are no names.
    """
    if not isinstance(given, Iterable | None):
        raise ScenarioError(f"names are a text or a list of texts, not {given!r}")
    return [given] if isinstance(given, str) else given


def threads(workers: int | None) -> int | None:
    """Return a number of threads, refusing one that is none.

    Raises
    ------
    ScenarioError
        Unless it is None (all cores) or a whole number of 1 or more.
    """
    return None if workers is None else whole(workers, "workers", 1, ", or None for all cores")


def axis_label(scenario: Scenario, labels: Iterable[str]) -> str:
    """Return the axis label of some of a scenario's edits; all of them are the scenario."""
    chosen = [label for label in scenario.labels if label in set(labels)]
    if len(chosen) == len(scenario.labels) or not chosen:
        return scenario.name
    return f"{scenario.name} / {' + '.join(chosen)}"


def variants(scenarios: list[Scenario], alone: bool) -> list[Variant]:
    """Return every row of the scenario axis, full scenarios first.

    Parameters
    ----------
    scenarios
        From `gather`.
    alone
        Whether each label of edits is also run by itself.
    """
    rows = [Variant(s.name, s.name, "full", tuple(s.labels), s) for s in scenarios]
    for scenario in scenarios:
        wanted: list[tuple[str, tuple[str, ...]]] = []
        if alone and len(scenario.labels) > 1:
            wanted += [("alone", (label,)) for label in scenario.labels]
        wanted += [("claim", tuple(claim.edits)) for claim in scenario.claims if claim.edits]
        for kind, labels in wanted:
            label = axis_label(scenario, labels)
            if label not in {row.label for row in rows}:
                rows.append(
                    Variant(label, scenario.name, kind, labels, scenario.only(list(labels)))
                )
    return rows


def runs_table(rows: list[Variant]) -> pd.DataFrame:
    """Return the table `Outcome.runs`."""
    return pd.DataFrame(
        {
            "scenario": [row.label for row in rows],
            "parent": [row.parent for row in rows],
            "kind": [row.kind for row in rows],
            "label": [" + ".join(row.edits) for row in rows],
        }
    )
