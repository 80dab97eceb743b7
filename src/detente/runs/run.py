"""Run scenarios over an ensemble of draws, and weigh the claims they carry."""

import contextlib
import dataclasses
import logging
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from detente.counts import whole, yes_or_no
from detente.ensemble import ensemble_for
from detente.errors import ConvergenceError, ScenarioError, nearest
from detente.files.busy import alone_in
from detente.files.earlier import keep_others
from detente.files.outcomes import (
    WRITTEN,
    begin_outcome,
    close_outcome,
    save_outcome,
    save_tables,
    write_batch,
)
from detente.files.worlds import as_world, check_deficits
from detente.models import trade_edits
from detente.models.trade_hat import DEFICIT_RULES
from detente.outcome import Outcome
from detente.runs import assemble, secure_check
from detente.runs.assemble import Sheet
from detente.runs.batches import Progress, Task, hands_for, solve_batches
from detente.runs.crew import Crew
from detente.runs.edited import actors_of, distinct_worlds, senders
from detente.runs.engine import Engine
from detente.runs.job import Job
from detente.runs.plan import Asked, gather, listed, names, threads, variants
from detente.runs.politics import models_of, standing_of, strategic_of
from detente.runs.resume import resume
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
        Threads, or processes in a long run, that work side by side; as many as cores when None.
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
    choices = {"alone": alone, "alongside": alongside, "respond": respond, "replace": replace}
    for name, value in choices.items():
        yes_or_no(value, name)
    if not isinstance(out, str | os.PathLike | None):
        raise ScenarioError(f"out must be the path of a folder, or None, not {out!r}")
    if progress is not None and not callable(progress):
        raise ScenarioError(f"progress must be a function of two counts, or None, not {progress!r}")
    job = _plan(
        world, scenario, models, draws, seed, deficits, keep, watch, alone, alongside, horizon
    )
    if respond:
        job = _responding(job)
    if "security" in job.manifest["models"]:
        secure_check.check(job.world, job.scenarios, (row.world(job.world) for row in job.rows))
    if out is not None:
        keep_others(out, job.manifest, WRITTEN, replace)
        out = Path(out).absolute()  # whoever calls may move to another folder meanwhile
    with contextlib.nullcontext() if out is None else alone_in(out):
        return _solved(job, out, workers, progress)


def _solved(job: Job, out: Path | None, workers: int | None, progress: Progress | None) -> Outcome:
    """Solve a run that is planned, from where an interrupted one ended, and weigh its claims."""
    started = time.perf_counter()
    sheet = job.sheet(job.parameters.index.tolist())
    for draw, found in resume(job, out).items():
        sheet.put(draw, found)
    if out is not None and not sheet.filled:
        begin_outcome(job.label({}, {}), out)
    known = set(sheet.filled)
    todo = [draw for draw in sheet.draws if draw not in known]

    def finished(batch: list[int], found: list[list[Solved]]) -> None:
        for draw, solved in zip(batch, found, strict=True):
            sheet.put(draw, solved)
        if out is not None:
            one = job.outcome(sheet, batch)
            write_batch(out, batch[0], one.data, one.ok, one.pairs, one.draws)

    hands, apart = hands_for(job.task, todo, workers)
    log.info(
        "%s (digest %s): %d scenarios on the axis, %d to solve apart, in %d draws; %d %s",
        job.world.name, job.manifest["world"]["digest"][:12], len(job.rows),
        len(set(job.task.numbers)), len(todo), hands, "processes" if apart else "threads",
    )  # fmt: skip
    # Draws keep the cores busy; products of matrices must not wait for threads of their own.
    with threadpool_limits(1, "blas"), Crew(hands, apart) as crew:
        crew.tell(job=job)
        # Positions, camps and risks are found while the trade model is searched.
        beside = [
            crew.submit(one, job.manifest["seed"], ceil(hands / 2))
            for one in (strategic_of, standing_of)
        ]
        if not job.task.point:  # also where only claims are left to weigh
            job.task.engine.warm()
        crew.tell(task=job.task)
        stopped = solve_batches(crew, job.task, todo, finished, progress)
        log.info("%d draws solved after %.1f s", len(sheet.filled), time.perf_counter() - started)
        found = None if stopped else [one.result() for one in beside]
        if found is not None:
            return _finish(job, sheet, started, out, crew, *found)
    partial = _finish(job, sheet, started, out) if sheet.filled else None
    raise RunInterruptedError(partial, len(sheet.filled), len(sheet.draws))


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
    for row in rows[: len(scenarios)]:
        trade_edits.check(place, row.world(place))
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


def _finish(
    job: Job,
    sheet: Sheet,
    started: float,
    out,
    crew: Crew | None = None,
    strategic: Strategic | None = None,
    standing: Standing | None = None,
) -> Outcome:
    """Return the outcome, and write it; a run without a crew was interrupted."""
    manifest = job.manifest | {
        "interrupted": crew is None,
        "seconds": round(time.perf_counter() - started, 2),
        "finished_draws": len(sheet.filled),
    }
    if strategic is not None:
        manifest["priors"] = [*manifest["priors"], *parameters_of(strategic)]
    outcome = dataclasses.replace(
        job.outcome(sheet, sheet.filled, manifest), standing=standing, strategic=strategic
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
        weighed = [] if crew is None else weigh_claims(job, outcome, crew)
        log.info("%d claims weighed after %.1f s", len(weighed), time.perf_counter() - started)
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
