"""The one thread that writes. What waits is written together: one commit for many, and one call to those who wait.

The event loop only hands work over: rows are made on this thread, and it is woken only when somebody waits.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from exporter.store.books import Books

PAUSE = 1.0
"""Seconds that what nobody waits for may lie before it is written."""

BREATH = 0.02
"""Seconds between two slices of housekeeping, in which others may write."""

TOGETHER = 1000
"""Jobs that are committed together at most, so that the first of a crowd need not wait for the last."""

Work = Callable[[sqlite3.Connection], object]
"""Writes something; may be done again on another connection if the first fails."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to write. `waits` is told after it is committed, and its being there makes the job urgent.

    `entered` enters into the books what was committed.
    """

    work: Work
    waits: asyncio.Future[None] | None = None
    entered: Callable[[Books], None] | None = None


class Keeper(Protocol):
    """Who has the connection; called on the writer's thread, one call at a time. Must not fail."""

    def write(self, batch: Sequence[Job]) -> None:
        """Commit all of them together."""

    def rest(self) -> bool:
        """Do a slice of what else is to be done; whether there is more."""

    def close(self) -> None:
        """Nothing comes any more."""


class Writer:
    """Hands jobs to the keeper in their order, on a thread of its own."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._jobs: deque[Job] = deque()
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Write it soon, or at once if somebody waits for it."""
        self._jobs.append(job)
        if job.waits is not None:
            self._wake.set()

    def stop(self) -> None:
        """Write what is left and close. Blocks until that is done."""
        self._ending = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        more = False
        while not self._ending:
            self._wake.wait(BREATH if more else PAUSE)
            self._wake.clear()
            self._write()
            more = self._keeper.rest()
        while self._jobs:
            self._write()
        self._keeper.close()

    def _write(self) -> None:
        batch = [self._jobs.popleft() for _ in range(min(TOGETHER, len(self._jobs)))]
        if not batch:
            return
        self._keeper.write(batch)
        _tell([job.waits for job in batch if job.waits is not None])
        if len(batch) == TOGETHER:
            self._wake.set()


def _tell(waiting: Sequence[asyncio.Future[None]]) -> None:
    """Wake the loop once for all of them."""
    if waiting:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            waiting[0].get_loop().call_soon_threadsafe(_resolve, waiting)


def _resolve(waiting: Sequence[asyncio.Future[None]]) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(None)
