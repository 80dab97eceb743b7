"""What the C library does with memory that is freed; set for whole processes of detente's own."""

import contextlib
import ctypes

# Switches of mallopt(3) in the C library of GNU.
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
# Bytes: freed at the end of memory before any is given back; of one table, up to which it is kept.
KEPT, LARGE = 1 << 30, 1 << 25


def keep_freed() -> None:
    """Have memory that is freed kept for the tables to come.

    Each batch of draws would give some 30 MB back to the system and take them anew, page by page,
    which costs a tenth of its time. Where the C library has no such switches nothing is done.

    Notes
    -----
    Memory of all threads then lies together, so that one takes up what another left. It is for
    processes that are detente's own: who uses it from Python decides for himself.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        tell = ctypes.CDLL(None).mallopt
        for switch, value in ((TRIM_THRESHOLD, KEPT), (MMAP_THRESHOLD, LARGE), (ARENA_MAX, 1)):
            tell(switch, value)
