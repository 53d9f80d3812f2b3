"""The interpreter's own housekeeping, kept out of the way of what is measured: garbage collection, turns of threads.

The figures behind the numbers stand in docs/decisions/0030-speed.md.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 700, 5, 1000
"""New containers before the young ones are looked through, and how often before the older ones, and all, are.

By default 700, 10 and 10. More at a time would hold the loop longer at a time; all of it is what takes tens of
milliseconds, and is left to an hour in which it pays.
"""

TURN, USUAL_TURN = 0.0005, 0.005
"""Seconds after which a thread that computes lets another go on: while a configuration is read, and as it always is.

The event loop waits for such a turn several times in each of its rounds. At all times the short turn would cost a fifth
more for each run: the threads that write and compress would have one in the midst of everything.
"""


def tune_gc() -> None:
    """Set the collector's thresholds for a process that does nothing but serve and probe."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def freeze_heap() -> None:
    """Run gc.collect(), then gc.freeze(): what is alive after a reload stays alive for long.

    Takes as long as there is to look through since the last time, which after a reload is what it changed.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def shorter_switch_interval() -> Iterator[None]:
    """Let the event loop go on ten times as soon while threads compute."""
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(USUAL_TURN)
