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
from exporter.core.sink import Observation, Recalled, Skip
from exporter.core.target import Check
from exporter.results.history import Earlier
from exporter.store import rows
from exporter.store.history_query import read_past
from exporter.store.housekeeping import ON_DISK, Room
from exporter.store.ledger_mirror import ENTRY, Books, Entry, Reservation, ledger_row, utc_day
from exporter.store.report_query import StoreUnreadableError, Window, read_window, window
from exporter.store.storage import Backing
from exporter.store.writer import GATHER, Job, Work, Writer

RETENTION = 7 * 86_400.0

Result = TypeVar("Result")


def uncounted(many: int = 1) -> None:
    """For where nobody counts stores that were set aside, or runs that were lost."""


class Store:
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
        failed: Callable[[], None] = uncounted,
        lost: Callable[[int], None] = uncounted,
        day_of: Callable[[float], float] = utc_day,
        room: Room = ON_DISK,
        gather: float = GATHER,
    ) -> None:
        self._clock = clock
        self.retention = retention
        self.charge_of: Callable[[Check], int | None] = lambda _: None
        self._names: dict[str, tuple[object, ...]] = {}
        self._opened_at = clock.wall()
        self._backing = Backing(
            folder, clock, log, books=Books(day_of), names=self._names, failed=failed, lost=lost, room=room
        )
        self.remembered = self._backing.remembered
        self._ids = itertools.count(self.remembered.next_id)
        self._writer = Writer(self._backing, clock, gather)

    @property
    def durable(self) -> bool:
        """Whether what is written outlives this process."""
        return self._backing.durable

    def serves_at(self, url: str) -> None:
        """Leave word for other commands where this exporter serves."""
        self._backing.serves_at(url)

    async def reserve(self, check: Check, amount: int, at: float, *, demand: bool = False) -> int:
        """Enter an amount (nano-dollars) into the ledger; returns its number once that is committed."""
        reserved = Entry(at, check.target.provider.name, amount, demand)
        reservation = Reservation(next(self._ids), check.id, reserved)
        entered = partial(Books.reserve, reservation=reservation)
        if not self.durable:  # nothing to wait for
            self._writer.put(Job(ENTRY, ledger_row(reservation), entered=entered))
            return reservation.number
        waits = asyncio.get_running_loop().create_future()
        self._writer.put(Job(ENTRY, ledger_row(reservation), waits, ahead=True, entered=entered))
        await waits
        return reservation.number

    def settle(self, number: int, amount: int) -> None:
        """What an entry came to in the end."""
        entered = partial(Books.settle, number=number, amount=amount)
        self._writer.put(Job(rows.SETTLED, (number, amount), entered=entered))

    async def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `work` reads, on the writer's thread after all that was put before."""
        results: list[Result] = []

        def collect(connection: sqlite3.Connection) -> None:
            results[:] = [work(connection)]

        await self._done(collect)
        return results[0]

    async def window(self, since: float, until: float) -> Window:
        """What the runs of a window came to; beside the writer where that can be, so that nothing waits for it."""
        await self._done(lambda _: None)
        directory = self._backing.directory
        if directory is not None and self.durable:
            # A file that cannot be read is the writer's to see to: it answers from what there is then.
            with contextlib.suppress(FileNotFoundError, StoreUnreadableError):
                return await asyncio.to_thread(read_window, directory.folder, since, until)
        return await self.read(window(since, until))

    async def past(self) -> Mapping[str, Earlier]:
        """What checks did before this process, by id; nothing is known in memory."""
        directory = self._backing.directory
        if directory is None or not self.durable:
            return {}
        return await asyncio.to_thread(read_past, directory.folder, self._opened_at)

    def tidy(self) -> None:
        """Let go what is too old; call it about once a minute."""
        self._backing.tidy(self._clock.wall(), self.retention)

    async def close(self) -> None:
        """Write what is left, and let another process have the folder."""
        await asyncio.to_thread(self._writer.stop)

    def declare(self, check: Check) -> None:
        self._names[check.id] = rows.name(check)
        self._writer.put(Job(rows.NAME, self._names[check.id]))

    def forget(self, check: Check) -> None:
        """What it did stays for the report; its state goes."""
        self._names.pop(check.id, None)
        self._writer.put(Job(rows.FORGOTTEN, (check.id,)))

    def recalled(self, check: Check, known: Recalled, model_health: bool | None) -> None:
        """It was read here."""

    def started(self, check: Check) -> None:
        """The ledger knows what costs; the rest is told when it ends."""

    def observed(self, seen: Observation) -> None:
        self._writer.put(Job(rows.RUN, rows.run(seen.check, seen.outcome)))
        self._writer.put(Job(rows.STATE, rows.state(seen, self.charge_of(seen.check))))

    def skipped(self, check: Check, why: Skip) -> None:
        """What did not run left nothing behind."""

    def expired(self, check: Check, health: Health, model_health: bool | None) -> None:  # noqa: ARG002  (a Sink is told)
        self._writer.put(Job(rows.EXPIRED, rows.expired(check, health)))

    async def _done(self, work: Work) -> None:
        """After all that was put before."""
        waits = asyncio.get_running_loop().create_future()
        self._writer.put(Job(work, waits=waits))
        await waits
