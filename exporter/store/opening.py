"""Open the file of a state directory with all that it remembers, or begin another in one step."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from exporter.store.damage import BESIDE, DamagedError, check_file, damage_raised
from exporter.store.directory import DATABASE
from exporter.store.report_query import open_readonly
from exporter.store.startup_state import StartupState, read_startup_state
from exporter.store.tables import check_tables, connect, read_version

TROUBLES = (sqlite3.Error, OSError, MemoryError)
"""Trouble of the machine, as `damage_raised` leaves it."""

Fill = Callable[[sqlite3.Connection], None]
"""Writes the first rows of a new file, within a transaction of the caller's."""


def is_missing(path: Path) -> bool:
    """Return whether there is no file. Raises DamagedError where something else is in its place."""
    try:
        check_file(path)
    except FileNotFoundError:
        return True
    return False


def open_file(path: Path, now: float) -> tuple[sqlite3.Connection, StartupState]:
    """Open a file that is there; `now` is Unix seconds. Raises DamagedError, NewerError or `TROUBLES`."""
    connection = connect(path, now)
    try:
        with damage_raised():
            check_tables(connection)
            return connection, read_startup_state(connection)
    except BaseException:
        connection.close()
        raise


def begin_file(path: Path, now: float, fill: Fill) -> sqlite3.Connection:
    """Make a file with its first rows and open it. Raises as `open_file` does.

    It is made under another name and renamed: a file of no length, or without its ledger, is never one that was begun
    and not finished.
    """
    # Where a link leads to a file that is not there yet, it is to be there.
    path = Path(os.path.realpath(path))
    made = path.with_name(f"{path.name}.new")
    for ending in ("", *BESIDE):
        with contextlib.suppress(FileNotFoundError):
            made.with_name(f"{made.name}{ending}").unlink()
    with contextlib.closing(connect(made, now)) as connection, transaction(connection):
        fill(connection)
    made.rename(path)
    _flush_folder(path.parent)
    return connect(path, now)


def read_as_it_lies(folder: Path) -> StartupState:
    """Return what can be read where nothing can be written."""
    try:
        with damage_raised(), contextlib.closing(open_readonly(folder / DATABASE)) as connection:
            read_version(connection)
            return read_startup_state(connection)
    except (DamagedError, *TROUBLES):
        return StartupState()


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _flush_folder(folder: Path) -> None:
    """Put the new name on the disk, so that a power cut does not take it; as far as the file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
