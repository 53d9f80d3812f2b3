"""The store: the ledger's entries, the state of each check, and the outcomes of the last days.

A file that is damaged, full or read-only never stops the watch: it is set aside, said once, counted, and memory takes
its place until the next start.
"""

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from structlog.typing import FilteringBoundLogger

from exporter.clock import Clock
from exporter.health import Health, grade
from exporter.history import Earlier
from exporter.metrics.samples import taken
from exporter.outcome import Outcome
from exporter.sink import Observation, Recalled, Skip
from exporter.store import kept_outcome
from exporter.store.directory import Directory
from exporter.store.housekeeping import MOST_IN_MEMORY, MOST_OUTCOMES, tidy
from exporter.store.past import read_past
from exporter.store.remembered import Remembered, remembered, written_health
from exporter.store.tables import GRADES, DamagedError, NewerError, connect
from exporter.store.writer import Job, Work, Writer, statement
from exporter.target import Check

RETENTION = 7 * 86_400.0

_NAME = """
    INSERT INTO names (check_id, provider, model, probe, alias) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET alias = excluded.alias
    """

_STATE = """
    INSERT INTO states (check_id, health, started, charge, last, succeeded) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET health = excluded.health, started = excluded.started, charge = excluded.charge,
    last = excluded.last, succeeded = COALESCE(excluded.succeeded, succeeded)
    """

Result = TypeVar("Result")


def uncounted() -> None:
    """For where nobody counts stores that were set aside."""


class Store:
    """Remembers in `folder`, or only in memory (None). A `Sink`, to be made and used on the event loop.

    `charge_of` tells what a run of a check is charged on average (nano-dollars), to be remembered with its state.
    `durable` is whether what is written outlives this process. Raises UsageError where another process writes to the
    folder.
    """

    def __init__(
        self,
        folder: Path | None,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        retention: float = RETENTION,
        failed: Callable[[], None] = uncounted,
    ) -> None:
        self._clock = clock
        self._log = log
        self._counted = failed
        self.retention = retention
        self.charge_of: Callable[[Check], int | None] = lambda _: None
        self._names: dict[str, tuple[str, ...]] = {}
        self._opened_at = clock.wall()
        self._directory = self._take(folder)
        self.durable = self._directory is not None
        connection, self.remembered = self._open()
        self._ids = itertools.count(self.remembered.next_id)
        self._writer = Writer(connection, self._replaced, clock)

    def serves_at(self, url: str) -> None:
        """Leave word for other commands where this exporter serves."""
        if self._directory is not None:
            self._directory.serves_at(url)

    async def reserve(self, check: Check, amount: int, at: float, *, demand: bool = False) -> int:
        """Enter an amount (nano-dollars) into the ledger; returns its number once that is committed."""
        number = next(self._ids)
        values = (number, at, check.id, check.target.provider.name, int(demand), amount)
        sql = "INSERT INTO ledger (id, at, check_id, provider, demand, reserved) VALUES (?, ?, ?, ?, ?, ?)"
        await self._committed(statement(sql, values))
        return number

    def settle(self, number: int, amount: int) -> None:
        """What an entry came to in the end."""
        self._put("UPDATE ledger SET settled = ? WHERE id = ?", (amount, number))

    async def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `work` reads, on the writer's thread after all that was put before."""
        results: list[Result] = []

        def collect(connection: sqlite3.Connection) -> None:
            results[:] = [work(connection)]

        await self._committed(collect)
        return results[0]

    async def past(self) -> Mapping[str, Earlier]:
        """What checks did before this process, by id; nothing is known in memory."""
        if self._directory is None or not self.durable:
            return {}
        return await asyncio.to_thread(read_past, self._directory.folder, self._opened_at)

    def tidy(self) -> None:
        """Let go what is too old; call it about once a minute."""
        now, retention = self._clock.wall(), self.retention
        most = MOST_OUTCOMES if self.durable else MOST_IN_MEMORY
        self._writer.put(Job(lambda connection: tidy(connection, now, retention, most)))

    async def close(self) -> None:
        """Write what is left, and let another process have the folder."""
        await asyncio.to_thread(self._writer.stop)
        if self._directory is not None:
            self._directory.close()

    def declare(self, check: Check) -> None:
        target = check.target
        alias = target.alias or target.model
        self._names[check.id] = (check.id, target.provider.name, target.model, check.probe, alias)
        self._put(_NAME, self._names[check.id])

    def forget(self, check: Check) -> None:
        """What it did stays for the report; its state goes."""
        self._names.pop(check.id, None)
        self._put("DELETE FROM states WHERE check_id = ?", (check.id,))

    def recalled(self, check: Check, known: Recalled, model_health: bool | None) -> None:
        """It was read here."""

    def started(self, check: Check) -> None:
        """The ledger knows what costs; the rest is told when it ends."""

    def observed(self, seen: Observation) -> None:
        self._put(*_outcome_row(seen.check, seen.outcome))
        self._put_state(seen.check, seen.after, seen.outcome)

    def skipped(self, check: Check, why: Skip) -> None:
        """What did not run left nothing behind."""

    def expired(self, check: Check, health: Health, model_health: bool | None) -> None:  # noqa: ARG002  (a Sink is told)
        self._put("UPDATE states SET health = ? WHERE check_id = ?", (written_health(health), check.id))

    def _put_state(self, check: Check, health: Health, outcome: Outcome) -> None:
        succeeded = outcome.started_at + outcome.timing.duration if outcome.ok else None
        last = kept_outcome.written(outcome)
        self._put(
            _STATE, (check.id, written_health(health), outcome.started_at, self.charge_of(check), last, succeeded)
        )

    async def _committed(self, work: Work) -> None:
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()

        def done() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_resolve, committed)

        self._writer.put(Job(work, done))
        await committed

    def _put(self, sql: str, values: tuple[object, ...]) -> None:
        self._writer.put(Job(statement(sql, values)))

    def _take(self, folder: Path | None) -> Directory | None:
        if folder is None:
            return None
        try:
            return Directory(folder)
        except OSError as error:
            self._say(f"the state directory {folder} cannot be used ({error.strerror})", None)
            return None

    def _open(self) -> tuple[sqlite3.Connection, Remembered]:
        if self._directory is None:
            return connect(None), Remembered()
        try:
            connection = connect(self._directory.database)
            return connection, remembered(connection)
        except (DamagedError, NewerError, sqlite3.Error, OSError) as error:
            return self._begun_anew(error), Remembered()

    def _begun_anew(self, error: Exception) -> sqlite3.Connection:
        """A new file where the old one could be set aside, else memory."""
        assert self._directory is not None
        if isinstance(error, DamagedError) and (aside := self._directory.set_aside(self._clock.wall())):
            self._say(f"the store was damaged ({error}) and is now {aside}; a new one was begun", error)
            try:
                return connect(self._directory.database)
            except (sqlite3.Error, OSError, DamagedError):
                pass
        else:
            why = "it was written by a later version" if isinstance(error, NewerError) else str(error)
            self._say(f"the store {self._directory.database} cannot be used: {why}", error)
        return self._memory()

    def _replaced(self, error: Exception) -> sqlite3.Connection:
        """Called on the writer's thread when the file fails while in use."""
        where = self._directory.database if self._directory is not None else "in memory"
        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        aside = self._directory.set_aside(self._clock.wall()) if damaged and self._directory is not None else None
        kept = f" and is now {aside}" if aside is not None else ""
        self._say(f"the store {where} failed ({error}){kept}", error)
        return self._memory()

    def _memory(self) -> sqlite3.Connection:
        self.durable = False
        connection = connect(None)
        connection.executemany(_NAME, list(self._names.values()))
        return connection

    def _say(self, what: str, error: Exception | None) -> None:
        self._counted()
        self._log.error(
            f"{what}; monitoring goes on, and what is not written is kept in memory only",
            error=type(error).__name__ if error is not None else None,
        )


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _outcome_row(check: Check, outcome: Outcome) -> tuple[str, tuple[object, ...]]:
    """What report and history need of a run. A latency is kept only where the histograms count it: so both agree."""
    figures = dict(taken(outcome))
    latency = figures.get("ai_api_request_duration_seconds")
    tokens = outcome.tokens
    values = (
        outcome.started_at,
        outcome.reason.value,
        latency,
        figures.get("ai_api_time_to_first_token_seconds"),
        tokens.input if tokens else 0,
        tokens.output if tokens else 0,
        outcome.cost_nano_usd,
        GRADES.index(grade(check, outcome)),
        outcome.timing.duration if latency is None else None,
        outcome.whose if outcome.fault is not None else None,
    )
    sql = """
        INSERT INTO outcomes (at, name, reason, latency, first_token, input, output, cost, grade, duration, fault)
        SELECT ?, key, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM names WHERE check_id = ?
        """
    return sql, (*values, check.id)
