"""How long an event loop is held: a task that wants to wake every millisecond notes by how much it wakes late.

What a thread waits for a core is the machine's other work, not ours: Linux counts that wait, and it is left out. The
clock of select rounds waits up to whole milliseconds, so that a quiet loop shows about 0.1 ms.
"""

import asyncio
import os
from pathlib import Path
from time import perf_counter

PERIOD = 0.001
SCHEDULED = Path("/proc/thread-self/schedstat")
"""Nanoseconds on a core, nanoseconds of waiting for one, and turns, of the thread that opens it."""


def core_waits() -> float:
    """Seconds that this thread has waited for a core so far; 0 where nobody counts them."""
    return _waits(SCHEDULED.read_bytes()) if SCHEDULED.exists() else 0.0


def _waits(counted: bytes) -> float:
    return int(counted.split()[1]) / 1e9


class HoldWatch:
    """Watches the loop that `begin` is called in. Seconds since the last `begin`: `longest` hold, and `late` as it was.

    `late` is the latest wake-up with the waits for a core in it, `longest` without them.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self.late = 0.0
        self._task: asyncio.Task[None] | None = None
        self._counted = os.open(SCHEDULED, os.O_RDONLY) if SCHEDULED.exists() else None

    def begin(self) -> None:
        self.longest = self.late = 0.0
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch(), name="hold watch")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _watch(self) -> None:
        while True:
            before, waited = perf_counter(), self._waited()
            await asyncio.sleep(PERIOD)
            late = perf_counter() - before - PERIOD
            self.late = max(self.late, late)
            self.longest = max(self.longest, late - (self._waited() - waited))

    def _waited(self) -> float:
        """As `core_waits`, but the file stays open: this is asked a thousand times a second."""
        return 0.0 if self._counted is None else _waits(os.pread(self._counted, 64, 0))
