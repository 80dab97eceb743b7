"""Run scenarios over an ensemble of draws, and weigh the claims they carry."""

import dataclasses
import logging
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits

from detente.counts import whole
from detente.ensemble import ensemble_for
from detente.errors import ConvergenceError, DataError, ScenarioError, nearest
from detente.files.earlier import keep_others
from detente.files.outcomes import (
    WRITTEN,
    begin_outcome,
    close_outcome,
    load_outcome,
    save_outcome,
    save_tables,
    write_batch,
)
from detente.files.whole import read_json
from detente.files.worlds import as_world, check_deficits
from detente.models.trade_hat import DEFICIT_RULES
from detente.outcome import Outcome
from detente.runs import assemble, secure_check
from detente.runs.batches import Progress, Task, solve_batches
from detente.runs.edited import actors_of, distinct_worlds, senders
from detente.runs.engine import Engine
from detente.runs.job import Job
from detente.runs.plan import Asked, gather, listed, names, threads, variants
from detente.runs.politics import models_of, standing_of, strategic_of
from detente.runs.secure import parameters_of
from detente.runs.solved import Solved
from detente.runs.weigh import weigh_claims
from detente.standing import Standing
from detente.strategic import Strategic
from detente.world import World

log = logging.getLogger("detente")
KEEP = ("auto", "actors", "flows")
HORIZONS = ("short", "long")


class RunInterruptedError(KeyboardInterrupt):
    """A run was interrupted; `outcome` holds the finished batches, or is None."""

    def __init__(self, outcome: Outcome | None, done: int, total: int):
        super().__init__(f"interrupted after {done} of {total} draws")
        self.outcome, self.done, self.total = outcome, done, total


def run(
    world: World | str | Path,
    scenario: Asked | Iterable[Asked],
    models: Iterable[str] | None = None,
    draws: int = 200,
    seed: int = 1,
    deficits: str | None = None,
    horizon: str | None = None,
    keep: str = "auto",
    watch: Iterable[str] = (),
    alone: bool = True,
    alongside: bool = True,
    out: Path | str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    respond: bool = False,
    replace: bool = False,
) -> Outcome:
    """Run one or several scenarios; the same draws serve all of them.

    Parameters
    ----------
    world
        A World, a name, or the path of a `.dworld` file. One edited in Python is checked.
    scenario
        A Scenario, a preset's name, a path, or a list of these.
    models
        Names of the models to run; all when None. `alignment` and `blocs` give positions and
        camps, `security` risk, spending and arsenals; `trade` is always solved.
    draws
        Number of draws of the uncertain parameters; 0 gives the point estimate at their medians.
    seed
        Seed of the draws; draw n does not depend on how many are made.
    deficits
        fixed, world_share, own_share or zero; when None the scenario's own rule, else fixed.
    horizon
        `long`, or `short`: labour stays in its sector and elasticities are those of the first
        year; when None the scenario's own, else long.
    keep
        "actors": goods trade of the countries named in the edits with every partner;
        "flows": also all flows by sector (their median over draws); "auto": flows for a point
        estimate, else actors.
    watch
        More countries to keep the trade of.
    alone
        Also run each label of edits by itself, so that a change can be put down to it.
    alongside
        Also run the scenarios that a scenario names to be run beside it.
    out
        Folder for the outcome. Finished batches are written there while the run goes on; a
        rerun of the same job takes them up. An earlier outcome of the same scenarios in the same
        world is replaced; a folder that holds anything else under the names used is refused.
    workers
        Threads, 1 or more; all cores when None.
    progress
        Called with draws done and draws in all.
    respond
        Let third states respond with their positions in votes, five sessions on. Off by default:
        the estimate does not beat naive forecasts throughout, and the brief calls it
        prior-driven where it does not.
    replace
        Replace the outcome of other scenarios, or of another world, in the folder `out`.

    Returns
    -------
    Outcome
        With claims weighed. Draws without equilibrium are listed in `outcome.draws` by reason.

    Raises
    ------
    ScenarioError
        If a scenario, a name or an option is wrong.
    PlaceError
        If the folder holds what shall be kept, or cannot be written.
    ConvergenceError
        If no draw of the first scenario reached an equilibrium; the reason is named.
    RunInterruptedError
        On Ctrl-C; its `outcome` holds the finished batches.

    Examples
    --------
    >>> import detente as dt
    >>> outcome = dt.run("campos2019", "russia-autarky", draws=0)
    >>> outcome.table("real_income", country="RUS")["median"].round(1).item() < 0
    True
    """
    workers, draws, seed = threads(workers), whole(draws, "draws"), whole(seed, "seed")
    job = _plan(
        world, scenario, models, draws, seed, deficits, keep, watch, alone, alongside, horizon
    )
    if respond:
        job = _responding(job)
    if "security" in job.manifest["models"]:
        secure_check.check(job.world, job.scenarios, (row.world(job.world) for row in job.rows))
    if out is not None:
        keep_others(out, job.manifest, WRITTEN, replace)
    started = time.perf_counter()
    results = _resume(job, out)
    if out is not None and not results:
        begin_outcome(job.label({}, {}), out)
    todo = [n for n in job.parameters.index if n not in results]

    def finished(batch: list[int], found: list[list[Solved]]) -> None:
        part = dict(zip(batch, found, strict=True))
        results.update(part)
        if out is not None:
            one = job.label(part, job.manifest)
            write_batch(out, batch[0], one.data, one.ok, one.pairs, one.draws)

    stop = threading.Event()
    # Draws keep the cores busy; products of matrices must not wait for threads of their own.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(1) as aside:
        try:
            # Positions, camps and risks are found while the trade model is searched.
            standing = aside.submit(standing_of, job, seed, workers, stop.is_set)
            strategic = aside.submit(strategic_of, job, seed, workers, stop.is_set)
            if draws and todo:
                job.task.engine.warm()
            stopped = solve_batches(job.task, todo, finished, workers, progress)
            found = (None, None) if stopped else (standing.result(), strategic.result())
        except BaseException:
            stop.set()  # the pool is left only when its work has ended
            raise
        if stopped:
            stop.set()
            partial = None
            if results:
                partial = _finish(job, results, started, out, workers, found, True)
            raise RunInterruptedError(partial, len(results), len(job.parameters))
        return _finish(job, results, started, out, workers, found)


def _responding(job: Job) -> Job:
    """Return the job with third states responding; it says so in its manifest."""
    if "alignment" not in job.manifest["models"]:
        raise ScenarioError(
            "respond needs positions: the world lacks their layers (as ideal_point), or `models` "
            "leaves out alignment and blocs"
        )
    return dataclasses.replace(job, manifest=job.manifest | {"respond": True})


def plan(
    world: World | str,
    scenario: Asked,
    deficits: str | None = None,
    horizon: str | None = None,
) -> Job:
    """Return a scenario planned for its point estimate, and not yet solved.

    Parameters
    ----------
    world, scenario, deficits, horizon
        As in `run`.
    """
    return _plan(world, scenario, None, 0, 1, deficits, "actors", (), False, False, horizon)


def _plan(
    world, asked, models, draws, seed, deficits, keep, watch, alone, alongside, horizon=None
) -> Job:
    place, models, watch = as_world(world), names(models), names(watch) or ()
    check_deficits(place)
    # What answers a tariff depends on the world, and is an edit like others from here on.
    wanted = listed(asked)
    scenarios = [one.answered(place) for one in gather(wanted, alongside)]
    _options(models, keep)
    rule = deficits or next((s.deficits for s in scenarios if s.deficits), None) or "fixed"
    run_of = horizon or next((s.horizon for s in scenarios if s.horizon), None) or "long"
    for what, word, words in (("deficit rule", rule, DEFICIT_RULES), ("horizon", run_of, HORIZONS)):
        if word not in words:
            raise ScenarioError(
                f"unknown {what} '{word}'{nearest(word, words)}; "
                f"{what.split()[-1]}s: {', '.join(words)}"
            )
    rows = variants(scenarios, alone)
    edited, numbers = distinct_worlds(place, rows)
    ensemble = ensemble_for(place, senders(place, edited), run_of)
    actors = actors_of(place, scenarios, watch)
    engine = Engine(place, edited, ensemble, rule, run_of, actors)
    parameters = ensemble.draw(draws, seed)
    flows = keep == "flows" or (keep == "auto" and draws == 0)
    kept = [flows and row.kind == "full" for row in rows]
    task = Task(engine, numbers, parameters, kept, point=draws == 0)
    settled = engine.settle(ensemble.medians())
    if isinstance(settled, Solved):
        raise ConvergenceError(f"{settled.reason}; try deficits='fixed'")
    manifest = assemble.make_manifest(
        place,
        scenarios,
        ensemble,
        seed=seed,
        draws=draws,
        deficits=rule,
        **({"horizon": run_of} if run_of != "long" else {}),
        keep="flows" if flows else "actors",
        runs=[row.label for row in rows],
    )
    manifest["asked"] = [one.name for one in scenarios[: len(wanted)]]
    manifest["alongside"] = alongside
    manifest["models"] = models_of(place, models)
    if "security" in manifest["models"]:
        manifest["capability"] = "cinc" if place.has("cinc") else "gdp_product"
    facts = assemble.base_facts(place, settled)
    return Job(place, scenarios, rows, ensemble, parameters, task, facts, actors, manifest)


def _options(models, keep: str) -> None:
    for name in models or ():
        if name not in assemble.MODELS:
            raise ScenarioError(
                f"unknown model '{name}'{nearest(name, assemble.MODELS)}; "
                f"models: {', '.join(assemble.MODELS)}"
            )
    if keep not in KEEP:
        raise ScenarioError(f"unknown keep '{keep}'{nearest(keep, KEEP)}; one of {', '.join(KEEP)}")


def _resume(job: Job, out: Path | str | None) -> dict[int, list[Solved]]:
    """Return results of an interrupted run of the same job, if its folder holds any."""
    if out is None or not (Path(out) / "manifest.json").is_file():
        return {}
    try:
        stated = read_json(Path(out) / "manifest.json")
        same = stated.get("job") == job.manifest["job"] and stated.get("interrupted", True)
        if not same or "flows" in job.manifest["keep"]:
            return {}
        old = load_outcome(out, job.world)
    except DataError as error:
        log.info("starting afresh: %s", error)
        return {}
    return _unlabel(job, old)


def _unlabel(job: Job, old: Outcome) -> dict[int, list[Solved]]:
    """Turn a stored outcome back into results by draw."""
    table = old.draws.set_index(["scenario", "draw"]).sort_index()
    results: dict[int, list[Solved]] = {}
    for n, draw in enumerate(old.data["draw"].values):
        found = []
        for k, row in enumerate(job.rows):
            line: Any = table.loc[(row.label, draw)]
            if not line["converged"]:
                found.append(
                    Solved(str(line["reason"]), float(line["residual"]), int(line["steps"]))
                )
                continue
            traded = (old.pairs[name].values[k, n] for name in ("exports", "imports"))
            country = {str(name): old.data[name].values[k, n] for name in old.data.data_vars}
            found.append(Solved("", float(line["residual"]), int(line["steps"]), country, *traded))
        results[int(draw)] = found
    log.info("resuming: %d draws were finished before", len(results))
    return results


def _finish(
    job: Job,
    results,
    started: float,
    out,
    workers: int | None,
    politics: tuple[Standing | None, Strategic | None],
    interrupted: bool = False,
) -> Outcome:
    manifest = job.manifest | {
        "interrupted": interrupted,
        "seconds": round(time.perf_counter() - started, 2),
        "finished_draws": len(results),
    }
    standing, strategic = politics
    if strategic is not None:
        manifest["priors"] = [*manifest["priors"], *parameters_of(strategic)]
    outcome = dataclasses.replace(
        job.label(results, manifest), standing=standing, strategic=strategic
    )
    manifest["failed_draws"] = {
        label: outcome.failed(label) for label in outcome.scenarios if outcome.failed(label)
    }
    if not outcome.ok.values[0].any():
        reasons = "; ".join(outcome.reasons(outcome.main))
        if out is not None:
            save_outcome(dataclasses.replace(outcome, manifest=manifest), out)
        raise ConvergenceError(f"no draw of '{outcome.main}' reached an equilibrium: {reasons}")
    with ThreadPoolExecutor(1, thread_name_prefix="detente-tables") as pool:
        # The large tables hang on no claim, and are written while claims are weighed.
        written = pool.submit(save_tables, outcome, out) if out is not None else None
        weighed = [] if interrupted else weigh_claims(job, outcome, workers)
        if written is not None:
            written.result()
    outcome = dataclasses.replace(outcome, claims=weighed, manifest=manifest)
    if out is not None:
        close_outcome(outcome, out)
    return outcome


def slopes(
    world: World | str,
    scenario: Asked,
    variable: str = "real_income",
    deficits: str | None = None,
    horizon: str | None = None,
) -> pd.DataFrame:
    """Return derivatives of every country's outcome with respect to each uncertain parameter.

    Parameters
    ----------
    world, scenario, deficits, horizon
        As in `run`.
    variable
        An outcome of one country.

    Returns
    -------
    DataFrame
        iso3 by parameter: change of the outcome (fraction of base) per unit of the parameter,
        at the medians, by the implicit function theorem.

    Examples
    --------
    >>> import detente as dt
    >>> table = dt.slopes("campos2019", "russia-autarky", "real_wage")
    >>> bool(table.loc["RUS", "trade_elasticity[total]"] > 0)
    True
    """
    if variable not in assemble.variables():
        raise ScenarioError(
            f"unknown outcome '{variable}'{nearest(variable, assemble.variables())}"
        )
    job = plan(world, scenario, deficits, horizon)
    found = job.task.engine.slopes(job.task.numbers[0], job.ensemble.medians(), variable)
    return pd.DataFrame(found, index=pd.Index(job.world.countries, name="iso3"))
