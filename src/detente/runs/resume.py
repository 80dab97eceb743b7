"""Results of an interrupted run of the same job, read from its folder."""

import logging
from pathlib import Path

from detente.errors import DataError
from detente.files.outcomes import load_outcome
from detente.files.reopened import reopen_outcome
from detente.files.whole import read_json
from detente.outcome import Outcome
from detente.runs.job import Job
from detente.runs.solved import Solved

log = logging.getLogger("detente")


def resume(job: Job, out: Path | str | None) -> dict[int, list[Solved]]:
    """Return results of an interrupted run of the same job by draw, if its folder holds any.

    Parameters
    ----------
    job
        The run to come.
    out
        Its folder; what is there is laid out as batches again.
    """
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
    reopen_outcome(old, out)
    results = _unlabel(job, old)
    log.info("resuming: %d draws were finished before", len(results))
    return results


def _unlabel(job: Job, old: Outcome) -> dict[int, list[Solved]]:
    """Turn a stored outcome back into results by draw."""
    columns = old.draws.set_index(["scenario", "draw"])[
        ["converged", "reason", "residual", "steps"]
    ]
    said = {key: line for key, *line in columns.itertuples(name=None)}
    tables = {str(name): old.data[name].values for name in old.data.data_vars}
    sold, bought = (old.pairs[name].values for name in ("exports", "imports"))
    places = [old.scenarios.index(row.label) for row in job.rows]
    results: dict[int, list[Solved]] = {}
    for n, draw in enumerate(old.data["draw"].values.tolist()):
        found = results[draw] = []
        for row, k in zip(job.rows, places, strict=True):
            converged, reason, residual, steps = said[row.label, draw]
            country = {name: table[k, n] for name, table in tables.items()} if converged else None
            traded = (sold[k, n], bought[k, n]) if converged else (None, None)
            why = "" if converged else str(reason)
            found.append(Solved(why, float(residual), int(steps), country, *traded))
    return results
