"""Explain one read-out of the strategic balance: what it is, what moves it, what it rests on."""

from dataclasses import dataclass
from typing import Any

from detente.errors import ScenarioError
from detente.outcome import Countries, Outcome
from detente.reading import explanation as pages
from detente.reading.equations import READOUTS
from detente.readouts import LEVEL_UNITS, called, chosen, known, none_of
from detente.runs.balance_reads import LAYERS
from detente.sensitivity import named, variance_shares
from detente.strategic import OF_ARSENALS, OF_STATES, Readout, moved
from detente.vocabulary import terms

# Layers behind some kinds of read-outs; behind the others stand all that security reads.
OF_EXCHANGE = ("warheads", "alert_share", "missile_defence")
OF_SPENDING = ("military_spending", "spending_commitment")


@dataclass(frozen=True)
class ReadoutExplanation(pages.Page):
    """One read-out, as plain data: everything needed to judge and to repeat it.

    Attributes
    ----------
    variable, origin, destination, name, scenario
        Which read-out it is; sides are codes.
    definition, level_unit, unit, equation, equation_source, see
        What it is, by which equation, and where its letters are explained. Levels are in
        level_unit, changes in unit.
    before, after, change
        median, p05, p95 (None without draws); the change also share_positive.
    alone
        The change under each label of edits by itself, and what is left for their interaction.
    drivers
        Shares of the variance of the change by parameter, with median, interval, unit and source
        of each prior; `drivers_r2`, `drivers_note` as in `Explanation`.
    assumptions
        What the number rests on beside estimates.
    layers
        The layers of the world that it is computed from, with sources.
    draws, seed, world, job, versions
        What was run.
    edits
        The scenario's edits as sentences.
    """

    variable: str
    origin: list[str]
    destination: list[str]
    name: str
    scenario: str
    definition: str
    level_unit: str
    unit: str
    equation: str
    equation_source: str
    see: str
    before: dict[str, float | None]
    after: dict[str, float | None]
    change: dict[str, float | None]
    alone: list[dict[str, Any]]
    drivers: list[dict[str, Any]]
    drivers_r2: float | None
    drivers_note: str
    assumptions: list[str]
    layers: list[dict[str, Any]]
    draws: int
    seed: int | None
    world: dict[str, Any]
    job: str
    versions: dict[str, str]
    edits: list[str]


def explain_readout(
    outcome: Outcome,
    variable: str,
    country: Countries | None = None,
    origin: Countries | None = None,
    destination: Countries | None = None,
    scenario: str | None = None,
) -> ReadoutExplanation:
    """Explain one number of the strategic balance.

    Parameters
    ----------
    outcome
        From `run` or `load_outcome`.
    variable
        `challenge_risk`, `military_outlays`, `second_strike` and the like.
    country
        The set of states, for a read-out of one set: a code, a "@GROUP" or a list.
    origin, destination
        The two sides, for a read-out of two.
    scenario
        Label on the scenario axis; the main scenario when None.

    Raises
    ------
    ScenarioError
        If a name is unknown, the read-out was not kept, or several fit.

    Examples
    --------
    >>> page = explain_readout(  # doctest: +SKIP
    ...     outcome, "challenge_risk", origin="RUS", destination="EST")
    """
    label, name = outcome.scenario_label(scenario), known(variable)
    if not name:
        one = outcome.variable_name(variable)
        raise ScenarioError(
            f"{one} is not of the strategic balance: "
            f'dt.reading.explain(outcome, "USA", "{one}") explains a number of one country'
        )
    if outcome.strategic is None:
        raise ScenarioError(none_of(name))
    one = _one(outcome, name, country, origin, destination)
    found = outcome.strategic
    place, point = found.readouts.index(one), outcome.is_point
    before, after = (found.levels[n, place] for n in (0, found.worlds[label]))
    parent = pages.parent_of(outcome, label)
    what, equation, manifest = terms("outcome")[name], READOUTS[name], outcome.manifest
    shares, r2, note = _drivers(outcome, one, 100 * moved(name, before, after))
    return ReadoutExplanation(
        variable=name,
        origin=list(one.origin),
        destination=list(one.destination),
        name=called(one, outcome.groups, outcome.country_names),
        scenario=label,
        definition=what.description,
        level_unit=LEVEL_UNITS[name],
        unit=what.unit,
        equation=equation.text,
        equation_source=equation.source,
        see=equation.anchor,
        before=_levels(before, point),
        after=_levels(after, point),
        change=pages.interval(100 * moved(name, before, after), point),
        alone=_alone(outcome, one, label),
        drivers=shares,
        drivers_r2=r2,
        drivers_note=note,
        assumptions=list(found.assumptions),
        layers=pages.layers_of(outcome.world, _layers(name)),
        draws=0 if point else len(found.draws),
        seed=manifest.get("seed"),
        world=dict(manifest.get("world", {})),
        job=str(manifest.get("job", "")),
        versions=dict(manifest.get("versions", {})),
        edits=pages.sentences_of(manifest, parent, pages.labels_of(outcome, label)),
    )


def _one(
    outcome: Outcome,
    name: str,
    country: Countries | None,
    origin: Countries | None,
    destination: Countries | None,
) -> Readout:
    """Return the one read-out that is asked for; a set named as a whole goes before its parts."""
    assert outcome.strategic is not None
    asked = (country, origin, destination)
    sides = [None if words is None else outcome.members(words) for words in asked]
    fitting = chosen(outcome.strategic, name, outcome.groups, *sides)
    whole = {tuple(sorted(codes)) for codes in sides if codes is not None}
    exact = [one for one in fitting if {one.origin, one.destination} - {()} == whole]
    fitting = exact or fitting
    if len(fitting) > 1:
        named = "; ".join(called(one, outcome.groups) for one in fitting[:8])
        raise ScenarioError(
            f"several read-outs of {name} fit: {named}; name one by country, or by origin and "
            "destination"
        )
    return fitting[0]


def _levels(values: Any, point: bool) -> dict[str, float | None]:
    found = pages.interval(values, point)
    return {key: found[key] for key in ("median", "p05", "p95")}


def _layers(name: str) -> list[str]:
    if name in OF_ARSENALS:
        return list(OF_EXCHANGE)
    others = (*OF_EXCHANGE[1:], *(() if name in OF_STATES else OF_SPENDING))
    return [layer for layer in LAYERS if layer not in others]


def _alone(outcome: Outcome, one: Readout, label: str) -> list[dict[str, Any]]:
    """Return the change under each label of edits alone, and their interaction."""
    assert outcome.strategic is not None
    found, place = outcome.strategic, outcome.strategic.readouts.index(one)
    runs = outcome.runs[outcome.runs["parent"] == pages.parent_of(outcome, label)]
    single = runs[runs["kind"] == "alone"]
    known_runs = dict(zip(map(str, single["label"]), map(str, single["scenario"]), strict=True))
    labels = pages.labels_of(outcome, label)
    if len(labels) < 2 or any(key not in known_runs for key in labels):
        return []

    def change(scenario: str) -> Any:
        levels = (found.levels[n, place] for n in (0, found.worlds[scenario]))
        return 100 * moved(one.variable, *levels)

    left, rows = change(label), []
    for key in labels:
        values = change(known_runs[key])
        left = left - values
        rows.append({"label": key, **pages.interval(values, outcome.is_point)})
    return [*rows, {"label": "interaction", **pages.interval(left, outcome.is_point)}]


def _drivers(
    outcome: Outcome, one: Readout, values: Any
) -> tuple[list[dict[str, Any]], float | None, str]:
    if outcome.is_point:
        return [], None, "a point estimate has no variance to explain"
    assert outcome.strategic is not None
    where = {"origin": one.origin, "destination": one.destination}
    shares = variance_shares(outcome.strategic.drawn_of(one.variable, where), values)
    found = named(shares, pages.smallest_share(len(values)))
    rows = [pages.driver(outcome, name, share) for name, share in found.shares]
    return rows, found.r2, found.note
