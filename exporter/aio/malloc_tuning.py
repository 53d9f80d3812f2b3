"""Give memory back to the machine: settings of the C library's allocator, for a process that lives for months.

By default glibc raises the size from which a block has a mapping of its own each time a large one is freed, up to
32 MiB. After one answer of some megabytes such blocks come from the heap, where a small neighbour that lives on keeps
them from being given back. It also makes up to eight heaps for each core, one per thread.
Source: mallopt(3), malloc_trim(3). Other C libraries have none of this, and nothing is set there.
"""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Parameters of mallopt, as in glibc's malloc.h."""

OWN_MAPPING = 256 * 1024
"""Bytes from which a block has a mapping of its own, which is given back when the block is freed."""

ARENAS = 2
"""Heaps at most: one for the event loop, one for the threads beside it."""


def tune_malloc(library: object | None = None) -> bool:
    """Fix the allocator's thresholds; return whether the C library (by default this process's) has them."""
    mallopt = getattr(library or ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((M_MMAP_THRESHOLD, OWN_MAPPING), (M_TRIM_THRESHOLD, OWN_MAPPING), (M_ARENA_MAX, ARENAS))
    return all(mallopt(parameter, value) for parameter, value in settings)


def trim_heap() -> None:
    """Give back the free pages of all heaps. Takes milliseconds, so it is for moments such as a reload."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
