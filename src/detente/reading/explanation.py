"""Explain one number of an outcome: what it is, what drives it, where it comes from."""

import dataclasses
import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.errors import ScenarioError, nearest
from detente.outcome import Outcome
from detente.reading.drivers import drivers
from detente.reading.equations import EQUATIONS, LAYERS, MORE
from detente.sensitivity import SMALLEST_SHARE
from detente.source import sources
from detente.vocabulary import Term, terms
from detente.world import IMPLIED, World

# Drivers below twice what an idle parameter gets by chance (about one part in the number of draws)
# are left off the page, beside those that are too small to be named anywhere.
BEYOND_CHANCE = 2.0
DERIVED = "follows from flow, tariff_rate and input_share"
STATED = "no part of the base: stated by the edits"


@dataclass(frozen=True)
class Page:
    """What explanations have in common: they can be written as plain data."""

    def to_dict(self) -> dict[str, Any]:
        """Return the page as plain data."""
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """Return the page as JSON."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(key)}</th><td>{_cell(value)}</td></tr>"
            for key, value in self.to_dict().items()
        )
        return f"<table>{rows}</table>"


def _cell(value: Any) -> str:
    """Return plain data as HTML: a list one item a line, a mapping as name and value."""
    if isinstance(value, list):
        return "<br>".join(map(_cell, value))
    if isinstance(value, dict):
        return ", ".join(f"{html.escape(str(key))}: {_cell(one)}" for key, one in value.items())
    return html.escape(f"{value:.6g}" if isinstance(value, float) else str(value))


@dataclass(frozen=True)
class Explanation(Page):
    """One number of an outcome, as plain data: everything needed to judge and to repeat it.

    Attributes
    ----------
    iso3, name, variable, scenario
        Which number it is.
    definition, unit, equation, equation_source, see
        What it is, by which equation, and where its letters are explained.
    value
        median, p05, p95 (None without draws), share_positive, in per cent.
    alone
        The number under each label of edits by itself, and what is left for their interaction.
    drivers
        Shares of the variance by parameter, with the median, interval, unit and source of each
        prior; `drivers_note` says why there are none.
    layers
        The layers of the world that it is computed from: vintage, note, sources with licence.
    draws, failed_draws, reasons
        How many draws were made, how many of them have no equilibrium, and why.
    settings
        Rule for deficits, horizon, seed, residual of the worst draw.
    world, digest, job, versions
        What was run: name, year and digest of the world, digest of the job, versions.
    edits
        The scenario's edits as sentences.
    """

    iso3: str
    name: str
    variable: str
    scenario: str
    definition: str
    unit: str
    equation: str
    equation_source: str
    see: str
    value: dict[str, float | None]
    alone: list[dict[str, Any]]
    drivers: list[dict[str, Any]]
    drivers_r2: float | None
    drivers_note: str
    layers: list[dict[str, Any]]
    draws: int
    failed_draws: int
    reasons: dict[str, int]
    settings: dict[str, Any]
    world: dict[str, Any]
    digest: str
    job: str
    versions: dict[str, str]
    edits: list[str]


def explain(
    outcome: Outcome, country: str, variable: str = "real_income", scenario: str | None = None
) -> Explanation:
    """Explain one number of an outcome.

    Parameters
    ----------
    outcome
        From `run` or `load_outcome`.
    country
        A country code.
    variable
        An outcome of one country.
    scenario
        Label on the scenario axis; the main scenario when None.

    Raises
    ------
    ScenarioError
        If a name is unknown.
    ConvergenceError
        If no draw of the scenario solved.

    Examples
    --------
    >>> page = explain(outcome, "MEX", "real_income")  # doctest: +SKIP
    >>> page.value["median"]  # doctest: +SKIP
    """
    label, name = outcome.scenario_label(scenario), outcome.variable_name(variable)
    if country.startswith("@"):
        raise ScenarioError(
            f"'{country}' is a group, and one number is that of one country, by its code: "
            f"outcome.group_change('{variable}', '{country}') gives that of the group, and "
            f"`detente show OUTCOME --country {country}` its members"
        )
    if country not in outcome.countries:
        raise ScenarioError(
            f"unknown country '{country}'{nearest(country, outcome.countries)}; one number is that "
            "of one country, by its code"
        )
    values = 100.0 * outcome.values(name, country, label)[:, 0]
    what, equation, manifest = terms("outcome")[name], EQUATIONS[name], outcome.manifest
    shares, r2, note = _drivers(outcome, name, country, label)
    solved = outcome.draws[outcome.draws["scenario"] == label]
    solved = solved[solved["converged"].astype(bool)]
    world = dict(manifest.get("world", {}))
    parent = parent_of(outcome, label)
    return Explanation(
        iso3=country,
        name=outcome.name(country),
        variable=name,
        scenario=label,
        definition=what.description,
        unit=what.unit,
        equation=equation.text,
        equation_source=equation.source,
        see=equation.anchor,
        value=interval(values, outcome.is_point),
        alone=_alone(outcome, name, country, label),
        drivers=shares,
        drivers_r2=r2,
        drivers_note=note,
        layers=_layers(outcome.world, manifest, parent),
        draws=0 if outcome.is_point else int(outcome.data.sizes["draw"]),
        failed_draws=outcome.failed(label),
        reasons=outcome.reasons(label),
        settings={
            "deficits": manifest.get("deficits"),
            "horizon": manifest.get("horizon", "long"),
            "seed": manifest.get("seed"),
            "largest_residual": float(solved["residual"].max()),
        },
        world=world,
        digest=str(world.get("digest", "")),
        job=str(manifest.get("job", "")),
        versions=dict(manifest.get("versions", {})),
        edits=sentences_of(manifest, parent, labels_of(outcome, label)),
    )


def interval(values: np.ndarray, point: bool) -> dict[str, float | None]:
    """Return median, 5 and 95 per cent and share above zero; None where a number has no meaning."""
    if np.isnan(values).any():
        return dict.fromkeys(("median", "p05", "p95", "share_positive"))
    low, middle, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    return {
        "median": middle,
        "p05": None if point else low,
        "p95": None if point else high,
        "share_positive": None if point else float((values > 0).mean()),
    }


def parent_of(outcome: Outcome, label: str) -> str:
    """Return the full scenario that a label of the axis belongs to."""
    runs = outcome.runs.set_index("scenario")
    return str(runs.loc[label, "parent"])


def labels_of(outcome: Outcome, label: str) -> list[str]:
    """Return the labels of edits that a label of the axis holds."""
    runs = outcome.runs.set_index("scenario")
    return str(runs.loc[label, "label"]).split(" + ")


def _alone(outcome: Outcome, name: str, country: str, label: str) -> list[dict[str, Any]]:
    """Return the number under each label of a scenario's edits alone, and their interaction."""
    runs = outcome.runs[outcome.runs["parent"] == parent_of(outcome, label)]
    single = runs[runs["kind"] == "alone"]
    known = dict(zip(map(str, single["label"]), map(str, single["scenario"]), strict=True))
    labels = labels_of(outcome, label)
    if len(labels) < 2 or any(one not in known for one in labels):
        return []
    rows, ok = [], outcome.ok_draws(label)
    for one in labels:
        ok = np.intersect1d(ok, outcome.ok_draws(known[one]))
    if not len(ok):
        return []
    whole = _by_draw(outcome, name, country, label, ok)
    left = whole.copy()
    for one in labels:
        values = _by_draw(outcome, name, country, known[one], ok)
        left -= values
        rows.append({"label": one, **interval(values, outcome.is_point)})
    return [*rows, {"label": "interaction", **interval(left, outcome.is_point)}]


def _by_draw(
    outcome: Outcome, name: str, country: str, label: str, draws: np.ndarray
) -> np.ndarray:
    values = 100.0 * outcome.values(name, country, label)[:, 0]
    return values[np.isin(outcome.ok_draws(label), draws)]


def _drivers(
    outcome: Outcome, name: str, country: str, label: str
) -> tuple[list[dict[str, Any]], float | None, str]:
    if outcome.is_point:
        return [], None, "a point estimate has no variance to explain"
    smallest = smallest_share(len(outcome.ok_draws(label)))
    table = drivers(outcome, name, country, label, smallest=smallest)
    rows = [
        driver(outcome, row["parameter"], float(row["share"]))
        for row in table.to_dict("records")
        if row["parameter"]
    ]
    first = table.iloc[0]
    r2 = None if first["r2"] is None or np.isnan(float(first["r2"])) else float(first["r2"])
    return rows, r2, str(first["note"])


def smallest_share(draws: int) -> float:
    """Return the share of the variance below which a driver is left off the page."""
    return max(SMALLEST_SHARE, BEYOND_CHANCE / draws)


def driver(outcome: Outcome, name: str, share: float) -> dict[str, Any]:
    """Return a driver: its share of the variance, and its prior as the manifest states it."""
    priors = {prior["name"]: prior for prior in outcome.manifest.get("priors", [])}
    keys = ("median", "p05", "p95", "unit", "source", "note")
    prior = priors.get(name, {})
    return {"parameter": name, "share": share, **{key: prior.get(key) for key in keys}}


def sentences_of(manifest: dict[str, Any], parent: str, labels: list[str]) -> list[str]:
    """Return the edits of some labels as sentences."""
    page = manifest.get("scenarios", {}).get(parent, {})
    return [
        str(one["text"]) for one in page.get("sentences", ()) if one.get("label") in set(labels)
    ]


def _layers(world: World | None, manifest: dict[str, Any], parent: str) -> list[dict[str, Any]]:
    """Return the layers that the trade model reads here, with what is known of their sources."""
    page = manifest.get("scenarios", {}).get(parent, {})
    edited = [one.get("layer") for one in page.get("sentences", ())]
    have = set(terms("layer")) if world is None else set(map(str, world.layers.data_vars))
    names = dict.fromkeys([*LAYERS, *(name for name in MORE if name in have), *edited])
    return layers_of(world, names)


def layers_of(world: World | None, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return what is known of some layers: definition, unit, vintage, note, sources."""
    vocabulary = terms("layer")
    return [_layer(world, name, vocabulary[name]) for name in names if name in vocabulary]


def _layer(world: World | None, name: str, term: Term) -> dict[str, Any]:
    attrs = world.layers[name].attrs if world is not None and name in world.layers else {}
    listed: Any = {} if world is None else world.meta.get("layer_sources", {})
    keys = [str(attrs["source"])] if attrs.get("source") else list(listed.get(name, ()))
    known = sources()
    return {
        "layer": name,
        "definition": term.description,
        "unit": term.unit,
        "vintage": str(attrs.get("vintage", "")),
        "note": str(attrs.get("note", "")) or _made(name),
        "sources": [
            {"key": key, "title": known[key].title, "licence": known[key].licence}
            for key in keys
            if key in known
        ],
    }


def _made(name: str) -> str:
    """Return how a layer without a source of its own comes about."""
    return DERIVED if name == "deficit" else STATED if name in IMPLIED else ""
