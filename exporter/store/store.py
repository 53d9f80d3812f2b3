"""The store: the ledger's entries, the state of each check, and the outcomes of the last days.

A file that is damaged, full or read-only never stops the watch (see backing.py).
"""

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from structlog.typing import FilteringBoundLogger

from exporter.core.clock import Clock
from exporter.core.health_state import Health
from exporter.core.sink import Observation, Sink
from exporter.core.target import Check
from exporter.results.history import Earlier
from exporter.store import rows
from exporter.store.damage import StoreUnreadableError
from exporter.store.history_query import past, read_history
from exporter.store.housekeeping import ON_DISK, Room
from exporter.store.ledger_mirror import ENTRY, Entry, LedgerMirror, Reservation, find_utc_day, make_ledger_row
from exporter.store.report_query import Window, make_window_query, read_window
from exporter.store.storage import Storage
from exporter.store.writer import GATHER, Job, Work, Writer

RETENTION = 7 * 86_400.0

Result = TypeVar("Result")


def count_nothing(many: int = 1) -> None:
    """Default: stores that were set aside and lost runs are not counted."""


class Store(Sink):
    """Remembers in `folder`, or only in memory (None). A `Sink`, to be made and used on the event loop.

    `charge_of` tells what a run of a check is charged on average (nano-dollars), to be remembered with its state;
    `day_of` when the day of a Unix time began, by the budgets' calendar. `failed()` counts troubles, `lost(runs)`
    outcomes that are gone; `gather` is the least time between two commits, in seconds. Raises UsageError where another
    process writes to the folder.
    """

    def __init__(
        self,
        folder: Path | None,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        retention: float = RETENTION,
        failed: Callable[[], None] = count_nothing,
        lost: Callable[[int], None] = count_nothing,
        day_of: Callable[[float], float] = find_utc_day,
        room: Room = ON_DISK,
        gather: float = GATHER,
    ) -> None:
        self._clock = clock
        self.retention = retention
        self.charge_of: Callable[[Check], int | None] = lambda _: None
        self._names: dict[str, tuple[object, ...]] = {}
        self._opened_at = clock.wall()
        self._storage = Storage(
            folder, clock, log, books=LedgerMirror(day_of), names=self._names, failed=failed, lost=lost, room=room
        )
        self.remembered = self._storage.remembered
        self._ids = itertools.count(self.remembered.next_id)
        self._writer = Writer(self._storage, clock, gather)

    @property
    def is_durable(self) -> bool:
        """Whether what is written outlives this process."""
        return self._storage.durable

    def publish_url(self, url: str) -> None:
        """Leave word for other commands where this exporter serves."""
        self._storage.publish_url(url)

    async def reserve(self, check: Check, amount: int, at: float, *, demand: bool = False) -> int:
        """Enter an amount (nano-dollars) into the ledger; returns its number once that is committed."""
        reserved = Entry(at, check.target.provider.name, amount, demand)
        reservation = Reservation(next(self._ids), check.id, reserved)
        entered = partial(LedgerMirror.reserve, reservation=reservation)
        if not self.is_durable:  # nothing to wait for
            self._writer.put(Job(ENTRY, make_ledger_row(reservation), entered=entered))
            return reservation.number
        waits = asyncio.get_running_loop().create_future()
        self._writer.put(Job(ENTRY, make_ledger_row(reservation), waits, ahead=True, entered=entered))
        await waits
        return reservation.number

    def settle(self, number: int, amount: int) -> None:
        """Settle an entry at its final amount."""
        entered = partial(LedgerMirror.settle, number=number, amount=amount)
        self._writer.put(Job(rows.SETTLED, (number, amount), entered=entered))

    async def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run `work` on the writer's thread after everything that was put before, and return what it reads."""
        results: list[Result] = []

        def collect(connection: sqlite3.Connection) -> None:
            results[:] = [work(connection)]

        await self._wait_for(collect)
        return results[0]

    async def read_window(self, since: float, until: float) -> Window:
        """Read the runs of a window; beside the writer if possible, so that nothing waits for it."""
        await self._wait_for(lambda _: None)
        directory = self._storage.directory
        if directory is not None and self.is_durable:
            # A file that cannot be read is the writer's to see to: it answers from what there is then.
            with contextlib.suppress(FileNotFoundError, StoreUnreadableError):
                return await asyncio.to_thread(read_window, directory.folder, since, until)
        return await self.read(make_window_query(since, until))

    async def read_history(self) -> Mapping[str, Earlier]:
        """Read what checks did before this process, by id; memory knows nothing of that."""
        directory = self._storage.directory
        if directory is None or not self.is_durable:
            return {}
        with contextlib.suppress(FileNotFoundError, StoreUnreadableError):
            return await asyncio.to_thread(read_history, directory.folder, self._opened_at)
        return await self.read(past(self._opened_at))

    def schedule_cleanup(self) -> None:
        """Let go what is too old; call it about once a minute."""
        self._storage.schedule_cleanup(self._clock.wall(), self.retention)

    async def close(self) -> None:
        """Write what is left, and let another process have the folder."""
        await asyncio.to_thread(self._writer.stop)

    def add_check(self, check: Check) -> None:
        self._names[check.id] = rows.make_name_row(check)
        self._writer.put(Job(rows.NAME, self._names[check.id]))

    def remove_check(self, check: Check) -> None:
        """Drop the state of a check; its runs stay for the report."""
        self._names.pop(check.id, None)
        self._writer.put(Job(rows.FORGOTTEN, (check.id,)))

    def record_run(self, seen: Observation) -> None:
        self._writer.put(Job(rows.RUN, rows.make_run_row(seen.check, seen.outcome)))
        self._writer.put(Job(rows.STATE, rows.make_state_row(seen, self.charge_of(seen.check))))

    def expire_check(self, check: Check, health: Health, model_health: bool | None) -> None:  # noqa: ARG002  (a Sink is told)
        self._writer.put(Job(rows.EXPIRED, rows.make_expired_row(check, health)))

    async def _wait_for(self, work: Work) -> None:
        """After all that was put before."""
        waits = asyncio.get_running_loop().create_future()
        self._writer.put(Job(work, waiter=waits))
        await waits
