"""Distinguish a damaged store from trouble of its machine: a damaged one is set aside, trouble is waited out."""

import contextlib
import errno
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

BESIDE = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a database."""

_MACHINE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOLFS,
    }
)
"""Result codes of SQLite that say nothing against what is in the file."""

_LONGEST = 200
"""Characters of an error's own words that are repeated."""

_HEADER = 100
_MAGIC = b"SQLite format 3\0"
_FORMATS = (b"\1\1", b"\2\2")
"""The two bytes at 18 of a header: rollback journal or write-ahead log. SQLite takes others for a read-only file."""


class DamagedError(Exception):
    """The file is not what an exporter wrote."""


class NewerError(Exception):
    """The file was written by a later version, which may want it back."""


class StoreUnreadableError(Exception):
    """The file is there and cannot be read."""


@contextlib.contextmanager
def damage_raised() -> Iterator[None]:
    """Raise DamagedError for whatever a file makes its reader raise; trouble of the machine stays what it is.

    What a damaged file raises cannot be listed: SQLite's own errors, UnicodeDecodeError from a name that is no text,
    OverflowError and TypeError from values that no exporter writes.
    """
    try:
        yield
    except (DamagedError, NewerError, StoreUnreadableError):
        raise
    except Exception as error:
        if is_of_machine(error):
            raise
        raise DamagedError(describe(error)) from error


def is_of_machine(error: Exception) -> bool:
    """Return whether the disk or the system is the trouble, so that the same file may do later."""
    return isinstance(error, OSError | MemoryError) or getattr(error, "sqlite_errorcode", -1) & 0xFF in _MACHINE


def describe(error: Exception) -> str:
    """Return an error on one short line; SQLite's sentences are clear alone, others need the error's name."""
    words = " ".join(str(error).split())[:_LONGEST]
    itself = isinstance(error, sqlite3.Error | OSError | DamagedError)
    return words if itself and words else f"{type(error).__name__}: {words}"


def check_file(path: Path) -> None:
    """See that an ordinary file with the header of a database is there, before anything opens it and waits for it.

    Raises FileNotFoundError where there is none, DamagedError where it is something else, OSError where that cannot be
    seen.
    """
    try:
        found = path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise DamagedError("its symbolic links lead in a circle") from error
        raise
    if not stat.S_ISREG(found.st_mode):
        raise DamagedError("it is not an ordinary file")
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(_MAGIC) or header[18:20] not in _FORMATS:
        raise DamagedError("its header is not that of a database" if header else "it is empty")


def strangers_beside(path: Path) -> list[Path]:
    """Return what has the name of a file of SQLite's beside a database and is no ordinary file (a pipe, a folder)."""
    found = []
    for ending in BESIDE:
        beside = path.with_name(f"{path.name}{ending}")
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(beside.lstat().st_mode):
                found.append(beside)
    return found
