"""A process of its own that does the calls of a run: what `crew` starts."""

import contextlib
import os
import pickle
import signal
import sys
import traceback
from typing import Any

from threadpoolctl import threadpool_limits

from detente import memory

# What the calls need is loaded before any comes: the limit on threads reaches what is loaded.
from detente.runs import batches, politics, weigh  # noqa: F401
from detente.runs.desk import Desk


def serve() -> None:
    """Do the calls that come in from the process that started this one, until it sends no more.

    What comes in is either a dictionary of what to lay on the desk, or a function and what it
    takes; what goes out is, for each function, what it gave and what it raised.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory.keep_freed()
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What is printed goes beside the answers, not between them; nowhere, if nobody hears.
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(2, 1)
    desk = Desk(stopped=lambda: False)
    threadpool_limits(1, "blas")
    while (message := _next(source)) is not None:
        if isinstance(message, dict):
            for name, value in message.items():
                setattr(desk, name, value)
        elif not _sent(_answer(desk, *message), sink):
            break
    os._exit(0)  # to take apart all that was loaded takes a while, and nobody needs it


def _next(source: Any) -> Any:
    try:
        return pickle.load(source)
    except (EOFError, OSError, pickle.UnpicklingError):  # also where the sender was killed
        return None


def _answer(desk: Desk, call: Any, given: tuple) -> bytes:
    try:
        return pickle.dumps((call(desk, *given), None), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        error.add_note(f"raised in a process of its own:\n{traceback.format_exc()}")
        try:
            answer = pickle.dumps((None, error), pickle.HIGHEST_PROTOCOL)
            pickle.loads(answer)
        except Exception:  # there are errors that pickle cannot make anew
            told = RuntimeError("".join(traceback.format_exception(error)))
            answer = pickle.dumps((None, told), pickle.HIGHEST_PROTOCOL)
        return answer


def _sent(answer: bytes, sink: Any) -> bool:
    """Send an answer; say whether anybody is there to read it."""
    try:
        sink.write(answer)
        sink.flush()
    except BrokenPipeError:
        return False
    return True
