"""Where the store's rows are: a file in the state directory, or memory as long as that cannot be had.

A file that is damaged is set aside and a new one is begun, which goes on with what this process knows was spent. Damage
is whatever opening, reading or writing the file raises that is not the machine's trouble (see damage.py). Where the
disk is full or read-only, memory takes its place until the file can be written again; then all of it is added to the
file. Each trouble is said and counted once. Made on the event loop, used on the writer's thread afterwards.
"""

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from exporter.core.clock import Clock
from exporter.core.errors import UsageError
from exporter.store.damage import DamagedError, NewerError, damage_raised, describe, is_of_machine
from exporter.store.directory import Directory
from exporter.store.housekeeping import IN_MEMORY, ON_DISK, Room, clean_slice
from exporter.store.ledger_mirror import LedgerMirror
from exporter.store.migration import count_received_runs, count_stored_runs, move_rows
from exporter.store.opening import TROUBLES, begin_file, is_missing, open_file, read_as_it_lies, transaction
from exporter.store.rows import NAME, ORDER
from exporter.store.startup_state import StartupState, record_lost_ledger
from exporter.store.tables import Row, Statement, connect
from exporter.store.writer import Job

RETRY = 30.0
"""Seconds between two attempts to have the file again."""

_ERRORS = (*TROUBLES, DamagedError, ArithmeticError, ValueError, TypeError)
"""What writing may raise; the last three for values that no column takes, such as a number of tokens beyond reason."""


class Storage:
    """The connection of the writer, a `Keeper`. `folder` None keeps all in memory, on purpose.

    `names` are the rows of the checks there are; `failed()` counts troubles, `lost(runs)` outcomes that are gone.
    `directory` is ours as soon as it could be had; `durable` is whether what is written outlives this process. Raises
    InUseError where another process writes to the folder.
    """

    def __init__(
        self,
        folder: Path | None,
        clock: Clock,
        log: FilteringBoundLogger,
        *,
        books: LedgerMirror,
        names: Mapping[str, Row],
        failed: Callable[[], None],
        lost: Callable[[int], None],
        room: Room = ON_DISK,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._log = log
        self._books = books
        self._names = names
        self._failed = failed
        self._lost = lost
        self._room = room
        self._url = ""
        self._tidying: tuple[float, float] | None = None
        self._retry_at: int | None = None
        self._forgot_at: float | None = None
        self._set_aside_at: int | None = None
        self._told_left_out = False
        self._complete = False
        self.durable = False
        self.directory = self._take_directory()
        self._connection, self.remembered = self._open()
        self._forgot_at = self._forgot_at or self.remembered.forgot_at
        self._complete = self.durable or self.remembered.known
        books.add(self.remembered.entries)

    def publish_url(self, url: str) -> None:
        """Leave word for other commands where this exporter serves."""
        self._url = url
        if self.directory is not None:
            self.directory.publish_url(url)

    def schedule_cleanup(self, now: float, retention: float) -> None:
        """Schedule retention cleanup for when the writer is idle."""
        self._tidying = (now, retention)

    def write(self, batch: Sequence[Job]) -> None:
        try:
            self._commit(batch)
        except _ERRORS as error:
            if self.durable and _is_of_file(error, batch):
                self._replace(error)
            self._commit_one_by_one(batch)

    def clean_slice(self) -> bool:
        if self._retry_at is not None and self._clock.monotonic_ns() >= self._retry_at:
            self._return_to_file()
        if self._tidying is None:
            return False
        now, retention = self._tidying
        try:
            with damage_raised(), transaction(self._connection):
                more = clean_slice(self._connection, now, retention, self._room if self.durable else IN_MEMORY)
        except _ERRORS as error:
            more = False
            if self.durable:
                self._replace(error)
        self._tidying = (now, retention) if more else None
        return more

    def close(self) -> None:
        if self._retry_at is not None:
            self._return_to_file()
        if self._retry_at is not None and (runs := count_stored_runs(self._connection)):
            self._lost(runs)
            self._log.error("outcomes that could be kept in memory only are lost with this process", outcomes=runs)
        self._connection.close()
        if self.directory is not None:
            self.directory.close()

    def _commit(self, batch: Sequence[Job]) -> None:
        rows: defaultdict[Statement, list[Row]] = defaultdict(list)
        for job in batch:
            if isinstance(job.what, Statement):
                rows[job.what].append(job.row)
        with transaction(self._connection):
            for statement in ORDER:
                if found := rows.get(statement):
                    statement.write(self._connection, found)
            for job in batch:
                if not isinstance(job.what, Statement):
                    with damage_raised():
                        job.what(self._connection)
        for job in batch:
            if job.entered is not None:
                job.entered(self._books)

    def _commit_one_by_one(self, batch: Sequence[Job]) -> None:
        """One that cannot be written anywhere must not stop the rest."""
        try:
            self._commit(batch)
        except _ERRORS:
            for job in batch:
                try:
                    self._commit([job])
                except _ERRORS as error:
                    self._count_left_out(error)

    def _count_left_out(self, error: Exception) -> None:
        self._failed()
        if not self._told_left_out:
            self._told_left_out = True
            self._log.error("something could not be written and is left out; said once", error=describe(error))

    def _take_directory(self) -> Directory | None:
        if self._folder is None:
            return None
        try:
            return Directory(self._folder)
        except OSError as error:
            self._log_trouble(f"the state directory {self._folder} cannot be used ({error.strerror})", error)
            return None

    def _open(self) -> tuple[sqlite3.Connection, StartupState]:
        if self._folder is None:
            return self._open_memory(), StartupState()
        if self.directory is None:
            self._retry_file()
            return self._open_memory(), read_as_it_lies(self._folder)
        try:
            connection, known = self._open_file()
        except (DamagedError, NewerError, *TROUBLES) as error:
            return self._replace_unopened(error)
        self.durable = True
        return connection, known

    def _open_file(self) -> tuple[sqlite3.Connection, StartupState]:
        """Open the file, or begin it where there is none."""
        assert self.directory is not None
        path, now = self.directory.database, self._clock.wall()
        if moved := self.directory.set_strangers_aside(now):
            self._failed()
            self._log.error("what lay beside the store is not what SQLite keeps there and was set aside", files=moved)
        if not is_missing(path):
            return open_file(path, now)
        lost = not self._complete and bool(self.directory.copies())
        if lost:  # a process ended after it set a store aside and before it had begun another
            self._forgot_at = self._forgot_at or now
        return begin_file(path, now, self._fill), StartupState(known=not lost)

    def _replace_unopened(self, error: Exception) -> tuple[sqlite3.Connection, StartupState]:
        """Replace a file that cannot be opened."""
        assert self._folder is not None
        damaged = isinstance(error, DamagedError)
        if damaged:
            self._forgot_at = self._clock.wall()
            if (fresh := self._open_fresh(error)) is not None:
                return fresh, StartupState()
        later = isinstance(error, NewerError)
        why = "it was written by a later version" if later else describe(error)
        self._log_trouble(f"the store in {self._folder} cannot be used: {why}", error)
        if not later:
            self._retry_file()
        return self._open_memory(), StartupState() if later or damaged else read_as_it_lies(self._folder)

    def _open_fresh(self, error: Exception) -> sqlite3.Connection | None:
        """Open a new file after a damaged one was set aside; it starts with what is known to be spent."""
        now, elapsed = self._clock.wall(), self._clock.monotonic_ns()
        if self._set_aside_at is not None and elapsed - self._set_aside_at < RETRY * 1e9:
            return None  # whatever damages files is still at it: memory is safer
        if self.directory is None or (aside := self.directory.set_aside(now)) is None:
            return None
        self._set_aside_at = elapsed
        try:
            connection = begin_file(self.directory.database, now, self._fill)
        except (DamagedError, *TROUBLES):
            return None
        self.durable = True
        self._log_trouble(f"the store was damaged ({describe(error)}) and is now {aside}; a new one was begun", error)
        return connection

    def _fill(self, connection: sqlite3.Connection) -> None:
        """Write what is known into a new file."""
        self._write_ledger(connection)
        NAME.write(connection, list(self._names.values()))

    def _write_ledger(self, connection: sqlite3.Connection) -> None:
        """Write what was spent, and since when that is known; within a transaction of the caller's."""
        self._books.write(connection, self._clock.wall())
        if self._forgot_at is not None:
            record_lost_ledger(connection, self._forgot_at)

    def _replace(self, error: Exception) -> None:
        """Replace a file that failed while in use by another, or by memory."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self.durable = False
        fresh = None if is_of_machine(error) else self._open_fresh(error)
        if fresh is None:
            why = describe(error)
            self._log_trouble(f"the store in {self._folder} failed ({why}) and is tried again from time to time", error)
            self._retry_file()
        self._connection = fresh or self._open_memory()

    def _open_memory(self) -> sqlite3.Connection:
        connection = connect(None, self._clock.wall())
        NAME.write(connection, list(self._names.values()))
        return connection

    def _retry_file(self) -> None:
        self._retry_at = self._clock.monotonic_ns() + int(RETRY * 1e9)

    def _return_to_file(self) -> None:
        """Move from memory back to the file if that can be done now. It was said when that began."""
        assert self._folder is not None
        self._retry_file()
        memory = self._connection
        try:
            if self.directory is None:
                self.directory = Directory(self._folder)
                self.directory.publish_url(self._url)
            self._connection = self._move_to_file(memory)
        except (DamagedError, NewerError, UsageError, *TROUBLES):
            return
        self._retry_at, self.durable = None, True
        runs = count_stored_runs(memory)
        lost = max(0, count_received_runs(memory) - runs)
        memory.close()
        self._lost(lost)
        self._log.warning("the store can be written again; what memory kept was added", outcomes=runs, lost=lost)

    def _move_to_file(self, memory: sqlite3.Connection) -> sqlite3.Connection:
        """Move everything from memory to the file, or to a new one if it is damaged by now."""
        try:
            return self._filled(memory, *self._open_file())
        except DamagedError as error:
            if not self._complete:
                self._forgot_at = self._forgot_at or self._clock.wall()
            if (fresh := self._open_fresh(error)) is None:
                raise
            return self._filled(memory, fresh, StartupState())

    def _filled(self, memory: sqlite3.Connection, file: sqlite3.Connection, known: StartupState) -> sqlite3.Connection:
        try:
            if not self._complete:
                self._books.add(known.entries)
                self._forgot_at = self._forgot_at or known.forgot_at
                self._complete = True
            with damage_raised(), transaction(file):
                move_rows(memory, file)
                self._write_ledger(file)
        except BaseException:
            self.durable = False
            file.close()
            raise
        return file

    def _log_trouble(self, what: str, error: Exception) -> None:
        self._failed()
        kept = "in the new file" if self.durable else "in memory only"
        self._log.error(f"{what}; monitoring goes on, and what it learns is kept {kept}", error=type(error).__name__)


def _is_of_file(error: Exception, batch: Sequence[Job]) -> bool:
    """Whether another file would do better; else it is what was to be written, or the work that was to be done."""
    if isinstance(error, DamagedError):
        return not _fails_anywhere(batch)
    of_the_value = (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_TOOBIG)
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, OSError) or (code is not None and code & 0xFF not in of_the_value)


def _fails_anywhere(batch: Sequence[Job]) -> bool:
    """Return whether work fails on an empty store too: no good file may be set aside for a mistake of ours."""
    with contextlib.closing(connect(None)) as empty:
        try:
            for job in batch:
                if not isinstance(job.what, Statement):
                    with damage_raised():
                        job.what(empty)
        except (DamagedError, *TROUBLES):
            return True
    return False
