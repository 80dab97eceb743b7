"""What the calls of a run read, kept by each hand from call to call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.runs.batches import Task
    from detente.runs.job import Job
    from detente.standing import Standing


@dataclass
class Desk:
    """What the calls of a run read; what it was not told yet it does not have.

    Attributes
    ----------
    stopped : asked now and then whether to give up
    job : what is run
    task : the job's, once it is warm
    standing : positions and camps that the run has found
    kept : what calls leave for those that come after them at this desk
    """

    stopped: Callable[[], bool]
    job: "Job" = field(init=False)
    task: "Task" = field(init=False)
    standing: "Standing | None" = field(init=False)
    kept: dict[str, Any] = field(default_factory=dict)
