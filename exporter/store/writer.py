"""The one thread that writes. What waits is written together: one commit for many, however many wait for it."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from exporter.clock import Clock

PAUSE = 1.0
"""Seconds that what nobody waits for may lie before it is written."""

Work = Callable[[sqlite3.Connection], None]
"""Writes something; may be done again on another connection if the first fails."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to write; `done` is called after it is committed, and its being there makes the job urgent."""

    work: Work
    done: Callable[[], None] | None = None


def statement(sql: str, values: Sequence[Any]) -> Work:
    """One statement as work."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(sql, values)

    return work


class Writer:
    """Writes jobs in their order. `failed(error)` gives another connection when one fails; it must not fail."""

    def __init__(
        self, connection: sqlite3.Connection, failed: Callable[[Exception], sqlite3.Connection], clock: Clock
    ) -> None:
        self._connection = connection
        self._failed = failed
        self._clock = clock
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Write it soon, or at once if somebody waits for it."""
        self._jobs.put(job)

    def stop(self) -> None:
        """Write what is left and close. Blocks until that is done."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._gather()
            if batch:
                self._write(batch)
        self._connection.close()

    def _gather(self) -> tuple[list[Job], bool]:
        """Wait for work; then for more of it, until somebody waits or the pause is over."""
        batch: list[Job] = []
        first = self._jobs.get()
        until = self._clock.monotonic_ns() + int(PAUSE * 1e9)
        while first is not None:
            batch.append(first)
            left = 0.0 if first.done else (until - self._clock.monotonic_ns()) / 1e9
            try:
                first = self._jobs.get(timeout=left) if left > 0 else self._jobs.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _write(self, batch: Sequence[Job]) -> None:
        try:
            self._commit(batch)
        except (sqlite3.Error, OSError) as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = self._failed(error)
            with contextlib.suppress(sqlite3.Error):  # what cannot be written in memory either must not stop the rest
                self._commit(batch)
        for job in batch:
            if job.done is not None:
                job.done()

    def _commit(self, batch: Sequence[Job]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for job in batch:
                job.work(self._connection)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
