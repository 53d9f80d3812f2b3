"""Time as an argument: nothing else in this package reads a clock, so tests can hold one in their hand."""

import time
from typing import Protocol


class Clock(Protocol):
    """What the rest of the package may know of time."""

    def monotonic_ns(self) -> int:
        """Return nanoseconds on a clock that never steps; its zero means nothing."""

    def wall(self) -> float:
        """Return Unix time in seconds (UTC); it may step when the machine's clock is set."""


class SystemClock:
    """The machine's own clocks, without a call of ours around them: they are read for every piece that arrives."""

    monotonic_ns = staticmethod(time.monotonic_ns)
    wall = staticmethod(time.time)
