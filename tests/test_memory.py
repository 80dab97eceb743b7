"""Memory that is freed is kept where the C library can be told so."""

import ctypes
import platform
import subprocess
import sys

import pytest

from detente import memory

COUNTED = """
import resource
import numpy as np
from detente import memory

memory.keep_freed()
np.ones(2_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    np.ones(2_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is of the GNU C library")
def test_tables_take_up_the_memory_of_those_before():
    done = subprocess.run([sys.executable, "-c", COUNTED], capture_output=True, check=True)
    # Taken anew, each table of 16 MB would be thousands of pages.
    assert int(done.stdout) < 1000


def test_a_c_library_without_switches_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.keep_freed()
