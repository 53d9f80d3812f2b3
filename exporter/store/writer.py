"""The one thread that writes. What waits is written together: one commit for many, and one call to those who wait.

It shares the interpreter's lock with the event loop, so it does little Python: rows are made by those who put them, and
go to SQLite in a few statements. It wakes only for rows with a waiter; all else is gathered for a second.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from exporter.core.clock import Clock
from exporter.store.ledger_mirror import LedgerMirror
from exporter.store.tables import Row, Statement

GATHER = 0.02
"""Seconds between two commits at least: what comes meanwhile shares the next. Each takes the interpreter's lock."""

PAUSE = 1.0
"""Seconds that a row without a waiter may stay unwritten."""

TOGETHER = 1000
"""Jobs that are committed together at most, so that the first of a crowd need not wait for the last."""

Work = Callable[[sqlite3.Connection], object]
"""Does something with the connection after all that was put before; may be done again on another if the first fails."""


@dataclass(frozen=True, slots=True)
class Job:
    """A row for a statement, or some work. `waits` is called after it is committed.

    With `ahead` it does not wait for what was put before. `entered` enters into the books what was committed.
    """

    what: Statement | Work
    row: Row = ()
    waiter: asyncio.Future[None] | None = None
    ahead: bool = False
    entered: Callable[[LedgerMirror], None] | None = None


class JobSink(Protocol):
    """Who has the connection; called on the writer's thread, one call at a time. Must not fail."""

    def write(self, batch: Sequence[Job]) -> None:
        """Commit all of them together."""

    def clean_slice(self) -> bool:
        """Do a slice of what else is to be done; whether there is more."""

    def close(self) -> None:
        """Nothing comes any more."""


class Writer:
    """Hands jobs to the keeper in their order, on a thread of its own; those that may go ahead first."""

    def __init__(self, keeper: JobSink, clock: Clock, gather: float = GATHER) -> None:
        self._keeper = keeper
        self._clock = clock
        self._gather = gather
        self._ahead: deque[Job] = deque()
        self._jobs: deque[Job] = deque()
        self._wake = threading.Event()
        self._all = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Write it soon, or at once if a caller waits for it."""
        (self._ahead if job.ahead else self._jobs).append(job)
        if job.waiter is not None:
            if not job.ahead:
                self._all = True
            self._wake.set()

    def stop(self) -> None:
        """Write what is left and close. Blocks until that is done."""
        self._ending.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        more, written_ns = False, self._clock.monotonic_ns()
        while not self._ending.is_set():
            woken = self._wake.wait(0 if more else PAUSE)
            self._wake.clear()
            self._write(self._ahead)
            late = self._clock.monotonic_ns() - written_ns >= PAUSE * 1e9
            if self._all or late or not (woken or more) or len(self._jobs) >= TOGETHER:
                self._all, written_ns = False, self._clock.monotonic_ns()
                self._write(self._jobs)
            more = self._keeper.clean_slice()
            self._ending.wait(self._gather)
        for jobs in (self._ahead, self._jobs):
            while jobs:
                self._write(jobs)
        self._keeper.close()

    def _write(self, jobs: deque[Job]) -> None:
        batch = [jobs.popleft() for _ in range(min(TOGETHER, len(jobs)))]
        if not batch:
            return
        self._keeper.write(batch)
        _wake_waiting([job.waiter for job in batch if job.waiter is not None])
        if jobs and len(batch) == TOGETHER:
            if jobs is self._jobs:
                self._all = True
            self._wake.set()


def _wake_waiting(waiting: Sequence[asyncio.Future[None]]) -> None:
    """Wake the loop once for all of them."""
    if waiting:
        with contextlib.suppress(RuntimeError):  # the loop is closed, so nothing waits any more
            waiting[0].get_loop().call_soon_threadsafe(_resolve, waiting)


def _resolve(waiting: Sequence[asyncio.Future[None]]) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(None)
