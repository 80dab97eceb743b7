"""Calls that the tests of a crew have its hands do."""

import os
import time


class OddError(Exception):
    """An error that `pickle` cannot make anew."""

    def __init__(self, one, other):
        super().__init__(f"{one} and {other}")


def process(desk):
    return os.getpid()


def told(desk, name):
    return getattr(desk, name), os.getpid()


def keep(desk, value):
    desk.kept.setdefault("seen", []).append(value)
    return os.getpid(), list(desk.kept["seen"])


def say(desk, words):
    print(words, flush=True)
    return words


def fail(desk, kind):
    raise ValueError("no such number") if kind == "plain" else OddError("one", "other")


def vanish(desk, home):
    """End the process it runs in, unless that is the one of the tests."""
    if os.getpid() != home:
        os._exit(9)
    return "done here"


def wait(desk, seconds):
    time.sleep(seconds)
    return os.getpid()
