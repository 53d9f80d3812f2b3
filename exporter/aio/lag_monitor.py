"""Watches the event loop it runs on: how late it wakes up, and once a second whatever else wants a look.

A loop that is held wakes late; the excess is a lower bound of the hold. It is exported, and where the kernel gives no
receive stamps it tells the transport whether a measurement was disturbed.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from exporter.core.clock import Clock

PERIOD = 0.05
REMEMBERED_NS = 10_000_000_000


class LagMonitor:
    """Measures wake-up delays every 50 ms; `report(seconds)` gets each, `each_second()` is called once a second.

    `worst_since(ns)` is the longest delay of the last ten seconds that ended after that monotonic moment, in seconds.
    """

    def __init__(self, clock: Clock, report: Callable[[float], None], each_second: Callable[[], None]) -> None:
        self._clock = clock
        self._report = report
        self._each_second = each_second
        # Only delays that no later one exceeded, so the first of those asked for is the longest.
        self._worst: deque[tuple[int, float]] = deque()

    def worst_delay_since(self, moment_ns: int) -> float:
        return next((delay for at, delay in self._worst if at >= moment_ns), 0.0)

    def record_delay(self, at_ns: int, delay: float) -> None:
        """Remember a delay that ended now."""
        worst = self._worst
        while worst and worst[-1][1] <= delay:
            worst.pop()
        worst.append((at_ns, delay))
        while worst[0][0] < at_ns - REMEMBERED_NS:
            worst.popleft()

    async def run(self) -> None:
        """Watch until cancelled."""
        ticks = 0
        while True:
            before = self._clock.monotonic_ns()
            await asyncio.sleep(PERIOD)
            after = self._clock.monotonic_ns()
            delay = max(0.0, (after - before) / 1e9 - PERIOD)
            self.record_delay(after, delay)
            self._report(delay)
            ticks += 1
            if ticks % 20 == 0:
                self._each_second()
