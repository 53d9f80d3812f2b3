"""asyncio's own event loop, knowing since when it has not looked at its sockets.

What the kernel joined in its queue before it was read carries the stamp of its last part only. Whether that can have
happened, and how far back, is known to nobody but the loop: data that is read now came after the look before this one,
or, if this look had to wait, just now.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

from exporter.core.clock import Clock, SystemClock


class _CountingSelector(selectors.DefaultSelector):
    """asyncio's selector, noting its looks. What a first look does not find, but one that waits, came just then."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._now = clock.monotonic_ns
        self.unseen_since_ns = self._looked_ns = self._now()
        self.looks = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.looks += 1
        found = super().select(0)
        if found or timeout == 0:
            self.unseen_since_ns, self._looked_ns = self._looked_ns, self._now()
            return found
        found = super().select(timeout)
        self.unseen_since_ns = self._looked_ns = self._now()
        return found


class InstrumentedLoop(asyncio.SelectorEventLoop):
    """An event loop that can be asked how long what is read now may have waited at most."""

    def __init__(self, clock: Clock) -> None:
        self._looking = _CountingSelector(clock)
        super().__init__(self._looking)

    def poll_count(self) -> int:
        """Return how often it has polled so far: the same number twice is one round."""
        return self._looking.looks

    def last_empty_poll_ns(self) -> int:
        """Return the moment (monotonic nanoseconds) before which nothing that is read now had come."""
        return self._looking.unseen_since_ns


def run_instrumented(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run to the end on a watched loop, as asyncio.run does on a common one."""
    with asyncio.Runner(loop_factory=lambda: InstrumentedLoop(SystemClock())) as runner:
        return runner.run(work())
