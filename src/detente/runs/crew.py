"""Hands that work through the calls of a run side by side: threads, or processes of their own.

Threads share one interpreter, which only one of them holds at a time, and hand it over thousands of
times a second. Processes share nothing, but take seconds to load: long runs have them.
"""

import contextlib
import logging
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from detente.runs.desk import Desk

log = logging.getLogger("detente")
# What a process of its own runs; the first thing that it reads is where modules are found.
BOOT = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from detente.runs.hand import serve; serve()"
)
Call = Callable[..., Any]


class Crew:
    """Hands that work side by side, each with a desk of its own or all at one.

    Parameters
    ----------
    hands
        How many, 1 or more.
    apart
        Whether all but one are processes of their own. Calls and what they are told must then
        be such that `pickle` can send them.
    """

    def __init__(self, hands: int, apart: bool = False) -> None:
        self._stop = threading.Event()
        self._desk = Desk(stopped=self._stop.is_set)
        self._told: list[bytes] = []
        self._others = _processes(hands - 1 if apart else 0)
        self._free: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        for one in [*self._others, *[None] * (hands - len(self._others))]:
            self._free.put(one)
        self._mine = threading.local()
        self._pool = ThreadPoolExecutor(hands, "detente", self._sit)

    def tell(self, **things: Any) -> None:
        """Lay something on every desk, for the calls that are submitted from now on.

        Parameters
        ----------
        **things
            By the field of `Desk`.
        """
        for name, value in things.items():
            setattr(self._desk, name, value)
        if self._others:
            self._told.append(pickle.dumps(things, pickle.HIGHEST_PROTOCOL))

    def submit(self, call: Call, *given: Any) -> Future:
        """Have the next free hand call a function with its desk and with what is given.

        Parameters
        ----------
        call
            A function of a module.
        *given
            What it takes behind the desk.
        """
        return self._pool.submit(self._do, len(self._told), call, given)

    def stop(self) -> None:
        """Begin no call any more, and ask those that go on to end: `Desk.stopped`."""
        self._stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.stop()
        if self._stop.is_set():
            for one in self._others:
                one.end()
        self._pool.shutdown()
        for one in self._others:
            one.close()

    def _sit(self) -> None:
        self._mine.hand = self._free.get_nowait()

    def _do(self, told: int, call: Call, given: tuple) -> Any:
        hand = self._mine.hand
        if hand is None:
            return call(self._desk, *given)
        answer = hand.ask(self._told[:told], call, given)
        if answer is None:
            if self._stop.is_set():
                return None
            # A process may be ended from without, most often where memory runs out.
            self._mine.hand = None
            log.warning("%s; its work is done in this process", hand.ended())
            return call(self._desk, *given)
        found, error = answer
        if error is not None:
            raise error
        return found


@contextlib.contextmanager
def ahead(count: int) -> Iterator[None]:
    """Start processes for a crew to come; those that none has taken end when this is left.

    They load what they need while this process loads and plans.

    Parameters
    ----------
    count
        How many.
    """
    _AHEAD.extend(_started(count))
    try:
        yield
    finally:
        while _AHEAD:
            left = _AHEAD.pop()
            left.end()
            left.close()


def _processes(count: int) -> "list[_Process]":
    """Return processes, those first that were started ahead."""
    found = [_AHEAD.pop() for _ in range(min(count, len(_AHEAD)))]
    return found + _started(count - len(found))


def _started(count: int) -> "list[_Process]":
    found: list[_Process] = []
    try:
        for _ in range(count):
            found.append(_Process())
    except OSError as error:
        log.warning("no process of its own can be started (%s); threads do the work", error)
    return found


_AHEAD: "list[_Process]" = []


class _Process:
    """A process that does one call after the other."""

    def __init__(self) -> None:
        # Ctrl-C reaches the first process alone, which says when the others end.
        self._process = subprocess.Popen(
            [sys.executable, "-c", BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._seen = 0
        with contextlib.suppress(OSError):  # `ask` finds out if it has ended
            # Sent at once: it loads from here on, long before the first call.
            self._process.stdin.write(pickle.dumps(sys.path))  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]

    def ask(self, told: list[bytes], call: Call, given: tuple) -> tuple[Any, Any] | None:
        """Return what a call gives there and what it raises; None if the process has ended.

        Parameters
        ----------
        told
            All that every desk was told so far.
        call, given
            See `Crew.submit`.
        """
        there, back = self._process.stdin, self._process.stdout
        assert there is not None
        assert back is not None
        message = pickle.dumps((call, given), pickle.HIGHEST_PROTOCOL)
        try:
            for part in told[self._seen :]:
                there.write(part)
            self._seen = max(self._seen, len(told))
            there.write(message)
            there.flush()
            return pickle.load(back)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None

    def ended(self) -> str:
        """Say that the process has ended, and how."""
        return f"a process that helped has ended (exit code {self._process.wait()})"

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def close(self) -> None:
        """Let the process end after what it does, and wait for it."""
        self._process.communicate()
