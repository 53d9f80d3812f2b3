"""A store to look into: with its clock, what it said and what it counted."""

import sqlite3
from pathlib import Path

import structlog
from structlog.testing import CapturingLogger

from exporter.core.outcome import Outcome
from exporter.store import Store
from exporter.store.housekeeping import ON_DISK, Room
from tests.metrics.make import STARTED, StoppedClock, answered

EVERYTHING = (0.0, 2 * STARTED)


def run(second: float = 0.0) -> Outcome:
    """A run that began so many seconds after the store."""
    return answered(started_at=STARTED + second, cost_nano_usd=5)


def spent(store: Store) -> int:
    """What was spent by all that it remembers."""
    return sum(entry.amount for entry in store.remembered.entries)


class Kept:
    """A store with a folder, a clock, and what was said and counted."""

    def __init__(self, folder: Path | None, room: Room = ON_DISK) -> None:
        self.clock = StoppedClock()
        self.logged = CapturingLogger()
        self.failures = 0
        self.lost = 0
        log = structlog.wrap_logger(self.logged, processors=[])
        self.store = Store(folder, self.clock, log, failed=self._failed, lost=self._lose, room=room, gather=0.0)

    @property
    def said(self) -> list[str]:
        """What was logged."""
        return [call.args[0] if call.args else call.kwargs["event"] for call in self.logged.calls]

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.monotonic += int(seconds * 1e9)
        self.clock.now += seconds

    async def written(self) -> None:
        """All that was put before is written, and what was then due is done."""
        for _ in range(2):
            await self.store.read(lambda _: None)

    async def requests(self) -> int:
        """Runs that the report knows of."""
        return sum(model.requests for model in (await self.store.read_window(*EVERYTHING)).models)

    async def break_off(self) -> None:
        """The file cannot be written any more, as on a disk that became read-only."""
        await self.store.read(lambda connection: connection.execute("PRAGMA query_only = ON").fetchall())

    async def spoil(self) -> None:
        """The file is damaged while it is in use: all its pages but the first are nonsense, and nothing is cached."""

        def overwrite(connection: sqlite3.Connection) -> None:
            path = connection.execute("PRAGMA database_list").fetchone()[2]
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA cache_size = 0")
            content = Path(path).read_bytes()
            with Path(path).open("r+b") as file:
                file.seek(4096)
                file.write(b"\xff" * (len(content) - 4096))
            connection.execute("BEGIN IMMEDIATE")

        await self.store.read(overwrite)

    def _failed(self) -> None:
        self.failures += 1

    def _lose(self, runs: int) -> None:
        self.lost += runs


async def spent_in(folder: Path) -> int:
    """What the next process believes was spent."""
    again = Kept(folder)
    await again.store.close()
    return spent(again.store)
