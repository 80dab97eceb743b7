"""What a run computes beside trade: positions and camps, and the strategic balance."""

from collections.abc import Iterable

from detente.runs import assemble
from detente.runs.desk import Desk
from detente.runs.plan import axis_label
from detente.runs.secure import can_secure, secure
from detente.runs.stand import can_stand, stand
from detente.runs.weigh import readouts_of
from detente.standing import BY_CAMP, Standing
from detente.strategic import VARIABLES as OF_SECURITY
from detente.strategic import Strategic
from detente.world import World


def models_of(place: World, asked: Iterable[str] | None) -> list[str]:
    """Return the models that run: those asked for that the world has the layers of."""
    wanted = set(assemble.MODELS if asked is None else asked)
    able = {"trade"}
    if wanted & {"alignment", "blocs"} and can_stand(place):
        able |= {"alignment", "blocs"}
    if "security" in wanted and can_secure(place):
        able.add("security")
    return [name for name in assemble.MODELS if name in able]


def standing_of(desk: Desk, seed: int, workers: int) -> Standing | None:
    """Return positions and camps, where they are asked for and the world carries them.

    Parameters
    ----------
    desk
        With the job.
    seed
        Of the draws.
    workers
        Threads.
    """
    job = desk.job
    if "blocs" not in job.manifest["models"]:
        return None
    draws = [int(n) for n in job.parameters.index]
    point = job.task.point
    claims = [(s, c) for s in job.scenarios for c in s.claims if c.variable in BY_CAMP]
    named = [code for _, claim in claims for code in claim.where.get("country", ())]
    anchors = [code for code in named if not code.startswith("@")]
    labels = [axis_label(scenario, claim.edits) for scenario, claim in claims]
    respond = bool(job.manifest.get("respond"))
    return stand(
        job.world, job.rows, anchors, draws, seed, point, workers, labels, desk.stopped, respond
    )


def strategic_of(desk: Desk, seed: int, workers: int) -> Strategic | None:
    """Return risk, spending and arsenals, where they are asked for and the world carries them.

    Parameters
    ----------
    desk, seed, workers
        As in `standing_of`.
    """
    job = desk.job
    if "security" not in job.manifest["models"]:
        return None
    asked = [
        readout
        for scenario in job.scenarios
        for claim in scenario.claims
        if claim.variable in OF_SECURITY
        for readout in readouts_of(job.world, claim)
    ]
    draws = [int(n) for n in job.parameters.index]
    return secure(job.world, job.rows, asked, draws, seed, job.task.point, workers, desk.stopped)
