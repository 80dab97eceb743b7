"""From the results of draws to an Outcome: labelled arrays, tables and the manifest."""

import datetime
import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from detente.ensemble import LEVEL, SHORT_RUN, Ensemble, Prior
from detente.files.outcomes import scenario_page
from detente.models import trade_world
from detente.models.trade_hat import TradeBase
from detente.models.trade_measures import outcomes
from detente.outcome import Outcome
from detente.runs.engine import Engine
from detente.runs.plan import Variant
from detente.runs.solved import Solved
from detente.scenario import Scenario
from detente.world import World

MODELS = ("trade", "alignment", "blocs", "security")


def variables() -> list[str]:
    """Return the outcome variables of one country, in the vocabulary's order."""
    return list(outcomes())


def base_values(world: World, base: TradeBase) -> xr.Dataset:
    """Return base levels by country, in the unit of the world's flows.

    Parameters
    ----------
    world
        For labels and scale.
    base
        The base economy (re-solved when deficits are set to zero).
    """
    scale = float(trade_world.totals(world).value_added.sum())
    spent = np.asarray(base.expenditure)[:, None, :] * scale
    flow = np.asarray(base.share) / np.asarray(base.tariff) * spent
    count = len(world.countries)
    abroad = 1 - np.eye(count)
    total = flow.sum(axis=0) * abroad
    goods = np.einsum("s,sod->od", trade_world.goods_sectors(world), flow) * abroad
    duty = (np.asarray(base.share) * spent - flow).sum(axis=(0, 1))
    income = np.asarray(base.value_added) * scale + duty
    columns = {
        "value_added": np.asarray(base.value_added) * scale,
        "income": income,
        "spending": income + np.asarray(base.deficit) * scale,
        "exports": total.sum(axis=1),
        "imports": total.sum(axis=0),
        "goods_trade": goods.sum(axis=0) + goods.sum(axis=1),
    }
    return xr.Dataset(
        {name: ("country", values) for name, values in columns.items()},
        coords={"country": world.countries},
    )


def base_flows(world: World, base: TradeBase) -> np.ndarray:
    """Return base flows [origin, destination, sector] in the unit of the world's flows."""
    scale = float(trade_world.totals(world).value_added.sum())
    flow = np.asarray(base.share) / np.asarray(base.tariff)
    return (flow * np.asarray(base.expenditure)[:, None, :]).transpose(1, 2, 0) * scale


@dataclass(frozen=True)
class BaseFacts:
    """What outcomes state of the base economy, computed once for a run.

    Attributes
    ----------
    base : the base economy (re-solved when deficits are set to zero)
    values : levels by country
    goods : goods flows [origin, destination], in the unit of the world's flows
    """

    base: TradeBase
    values: xr.Dataset
    goods: np.ndarray


def base_facts(world: World, base: TradeBase) -> BaseFacts:
    """Return what outcomes state of a base economy."""
    weight = trade_world.goods_sectors(world)
    goods = np.einsum("s,ods->od", weight, base_flows(world, base))
    return BaseFacts(base, base_values(world, base), goods)


class Sheet:
    """Results of draws, laid out row by row of the scenario axis as they come in.

    To lay out all of them at the end would take a quarter of a second in which nothing else goes
    on: two hundred draws of a run are 130 MB.

    Parameters
    ----------
    rows
        How many rows the scenario axis has.
    draws
        Numbers of the draws to come, in order.
    actors, countries
        How many countries keep their trade with every partner, and how many there are.
    """

    def __init__(self, rows: int, draws: Sequence[int], actors: int, countries: int) -> None:
        self.draws, self._places = list(draws), {draw: n for n, draw in enumerate(draws)}
        shape = rows, len(self.draws)
        self.ok = np.zeros(shape, dtype=bool)
        self.data = {name: np.zeros((*shape, countries)) for name in variables()}
        self.sold, self.bought = (np.zeros((*shape, actors, countries)) for _ in range(2))
        self._solved: dict[int, Sequence[Solved]] = {}

    @property
    def filled(self) -> list[int]:
        """Numbers of the draws whose results are in, in order."""
        return [draw for draw in self.draws if draw in self._solved]

    def put(self, draw: int, solved: Sequence[Solved]) -> None:
        """Enter what was found in one draw, one result a row of the axis."""
        self._solved[draw], n = solved, self._places[draw]
        for k, found in enumerate(solved):
            self.ok[k, n] = not found.reason
            if found.country is None or found.sold is None:
                continue
            for name, table in self.data.items():
                table[k, n] = found.country[name]
            self.sold[k, n], self.bought[k, n] = found.sold, found.bought

    def part(self, draws: Sequence[int]) -> slice | list[int]:
        """Return where some draws stand, as a slice where they are neighbours."""
        places = [self._places[draw] for draw in draws]
        first = places[0] if places else 0
        together = places == list(range(first, first + len(places)))
        return slice(first, first + len(places)) if together else places

    def solved(self, draws: Sequence[int]) -> list[Sequence[Solved]]:
        """Return what was found in some draws."""
        return [self._solved[draw] for draw in draws]


def outcome_of(
    sheet: Sheet,
    draws: Sequence[int],
    rows: Sequence[Variant],
    engine: Engine,
    facts: BaseFacts,
    actors: list[str],
    parameters: pd.DataFrame,
    runs: pd.DataFrame,
    manifest: dict[str, Any],
) -> Outcome:
    """Label the results of some draws.

    Parameters
    ----------
    sheet, draws
        Results, and the draws of it that are wanted.
    rows, runs
        The rows of the scenario axis.
    engine, facts
        Solved with this, from this base.
    actors
        Countries whose goods trade with every partner is recorded.
    parameters, manifest
        As in `Outcome`.
    """
    world, part = engine.world, sheet.part(draws)
    labels, codes = [row.label for row in rows], world.countries
    places = [codes.index(actor) for actor in actors]
    coords = {"scenario": labels, "draw": list(draws), "country": codes}
    dims = ("scenario", "draw", "actor", "country")
    pairs = xr.Dataset(
        {
            "exports": (dims, sheet.sold[:, part]),
            "imports": (dims, sheet.bought[:, part]),
            "exports_base": (dims[2:], facts.goods[places]),
            "imports_base": (dims[2:], facts.goods[:, places].T),
        },
        coords=coords | {"actor": actors},
    )
    data = {name: (("scenario", "draw", "country"), v[:, part]) for name, v in sheet.data.items()}
    solved = sheet.solved(draws)
    return Outcome(
        data=xr.Dataset(data, coords),
        ok=xr.DataArray(
            sheet.ok[:, part],
            dims=("scenario", "draw"),
            coords={k: coords[k] for k in ("scenario", "draw")},
        ),
        base=facts.values,
        pairs=pairs,
        draws=_certificates(labels, draws, solved),
        parameters=parameters,
        runs=runs,
        manifest=manifest,
        world=world,
        kept_flows=_flows(solved, labels, world, facts.base),
    )


def _certificates(
    labels: list[str], draws: Sequence[int], solved: Sequence[Sequence[Solved]]
) -> pd.DataFrame:
    """Return the table `Outcome.draws`."""
    table = [
        (label, draw, not found.reason, found.residual, found.steps, found.reason)
        for draw, every in zip(draws, solved, strict=True)
        for label, found in zip(labels, every, strict=True)
    ]
    columns = ["scenario", "draw", "converged", "residual", "steps", "reason"]
    return pd.DataFrame(table, columns=columns)


def _flows(
    solved: Sequence[Sequence[Solved]], labels: list[str], world: World, base: TradeBase
) -> xr.Dataset | None:
    """Return the median over draws of the flows of each scenario that kept them."""
    kept = {}
    for k, label in enumerate(labels):
        every = (found[k].flows for found in solved)
        stack = [flows for flows in every if flows is not None]
        if stack:
            kept[label] = np.median(np.stack(stack), axis=0) if len(stack) > 1 else stack[0]
    if not kept:
        return None
    dims = ("origin", "destination", "sector")
    return xr.Dataset(
        {
            "base": (dims, base_flows(world, base)),
            "new": (("scenario", *dims), np.stack(list(kept.values()))),
        },
        coords={
            "scenario": list(kept),
            "origin": world.countries,
            "destination": world.countries,
            "sector": world.sectors,
        },
    )


def _effective(prior: Prior, ensemble: Ensemble) -> dict[str, float]:
    """Return 5 and 95 per cent of the elasticity that is used: a sector's own times the level.

    In the short run, times the ratio of the first year too. All are lognormal, so that the product
    is, with the squares of their spreads added.
    """
    if LEVEL not in ensemble.priors or not prior.name.startswith("trade_elasticity["):
        return {}
    factors = [ensemble.priors[name] for name in (LEVEL, SHORT_RUN) if name in ensemble.priors]
    centre = prior.location * float(np.prod([factor.location for factor in factors]))
    spread = float(np.sqrt(sum(one.scale**2 for one in (prior, *factors))))
    # Bounds hold before the ratio of the first year is taken.
    ratio = ensemble.priors[SHORT_RUN].location if SHORT_RUN in ensemble.priors else 1.0
    lower, upper = ratio * prior.lower, ratio * prior.upper
    product = Prior(prior.name, "lognormal", centre, spread, lower, upper)
    return {f"effective_p{100 * q:02.0f}": float(product.quantile(q)) for q in (0.05, 0.95)}


def make_manifest(
    world: World,
    scenarios: Sequence[Scenario],
    ensemble: Ensemble,
    **facts: Any,
) -> dict[str, Any]:
    """Return what is needed to repeat a run: worlds, scenarios, priors, seed, versions.

    Parameters
    ----------
    world, scenarios, ensemble
        What was run.
    facts
        seed, draws, deficits, and whatever else belongs in the manifest.
    """
    pages = {scenario.name: scenario_page(scenario, world) for scenario in scenarios}
    priors = [
        {
            "name": prior.name,
            "distribution": prior.distribution,
            "median": prior.median,
            "p05": float(prior.quantile(0.05)),
            "p95": float(prior.quantile(0.95)),
            "unit": prior.unit,
            "source": prior.source,
            "note": prior.note,
            **_effective(prior, ensemble),
        }
        for prior in ensemble.priors.values()
    ]
    versions = {name: metadata.version(name) for name in ("jax", "numpy", "xarray", "pandas")}
    page: dict[str, Any] = {
        "world": {
            "name": world.name,
            "year": world.year,
            "digest": world.digest,
            "countries": len(world.countries),
            "sectors": len(world.sectors),
        },
        "scenarios": pages,
        "models": list(MODELS),
        **facts,
        "priors": priors,
        "versions": {"detente": metadata.version("detente"), "python": platform.python_version()}
        | versions,
    }
    # The job is everything that decides the numbers: a rerun with the same job resumes.
    decides = page | {"scenarios": {name: _decides(one) for name, one in pages.items()}}
    text = json.dumps(decides, sort_keys=True, default=str)
    page["job"] = hashlib.sha256(text.encode()).hexdigest()
    page["world"]["read_from"] = world.read_from
    page["created"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return page


def _decides(page: dict[str, Any]) -> dict[str, Any]:
    """Return the page of a scenario without what decides no number: the name of its file."""
    return {key: value for key, value in page.items() if key != "read_from"}
