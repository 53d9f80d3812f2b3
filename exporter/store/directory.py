"""The state directory: one writer at a time, and a place for what cannot be used any more."""

import contextlib
import fcntl
import os
import re
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Self

import orjson

from exporter.core.errors import UsageError
from exporter.store.damage import BESIDE, strangers_beside

DATABASE = "state.db"
LOCK = "lock"

COPIES = 3
"""Damaged stores that are kept: a file that is damaged again and again must not fill the disk."""

_MOST_OF_A_LOCK = 4096
"""Bytes of the lock that are read: a process number and an address."""

_COPY = re.compile(rf"{re.escape(DATABASE)}\.\d{{8}}T\d{{6}}\.\d{{6}}Z(\.\d+)?")
"""The name of a database that was set aside, without the endings of the files beside it."""


class Owner:
    """The process that holds a state directory: `pid`, and the `url` where it serves ("" while that is not known)."""

    def __init__(self, pid: int | None = None, url: str = "") -> None:
        self.pid = pid
        self.url = url

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Who left word last; whatever has the name of the lock, reading it takes no time and little memory."""
        try:
            lock = os.open(folder / LOCK, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                told = orjson.loads(os.read(lock, _MOST_OF_A_LOCK))
            finally:
                os.close(lock)
            return cls(int(told["pid"]), str(told["url"]))
        except (OSError, ValueError, LookupError, TypeError, ArithmeticError):
            return cls()

    def __str__(self) -> str:
        words = [f"process {self.pid}"] if self.pid else []
        words += [f"at {self.url}"] if self.url else []
        return f" ({', '.join(words)})" if words else ""


class InUseError(UsageError):
    """Another process, `owner`, has the state directory."""

    def __init__(self, folder: Path, owner: Owner) -> None:
        self.owner = owner
        super().__init__(
            f"the state directory {folder} is in use by another exporter{owner}; stop that one, or give this one a "
            "directory of its own with --state-dir"
        )


class Directory:
    """A folder that this process alone writes to, until `close` or its end.

    Raises InUseError where another process does, OSError where the folder cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / DATABASE
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = Owner.read(folder)
            os.close(self._lock)
            raise InUseError(folder, owner) from None
        self.publish_url("")

    def publish_url(self, url: str) -> None:
        """Leave word where this exporter serves, as far as the disk has room for a word."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, orjson.dumps({"pid": os.getpid(), "url": url}), 0)

    def set_aside(self, now: float) -> Path | None:
        """Rename the database so that a new one can begin; None where not even that is possible.

        The oldest of more than `COPIES` goes.
        """
        try:
            aside = self._unused(now)
            self.database.rename(aside)
            for ending in BESIDE:
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{self.database}{ending}").rename(f"{aside}{ending}")
        except OSError:
            return None
        self._drop_oldest()
        return aside

    def set_strangers_aside(self, now: float) -> list[str]:
        """Rename what SQLite would wait for or fail at beside the database, and return the names it had.

        That is what is no ordinary file, and an index of the write-ahead log that cannot be opened: SQLite makes
        another. The log itself has what was spent last, and is left.
        """
        found = strangers_beside(self.database)
        index = Path(f"{self.database}-shm")
        if index not in found and index.exists() and not os.access(index, os.R_OK | os.W_OK):
            found.append(index)
        aside, moved = self._unused(now), []
        for each in found:
            with contextlib.suppress(OSError):
                each.rename(f"{aside}{each.name.removeprefix(DATABASE)}")
                moved.append(each.name)
        self._drop_oldest()
        return moved

    def copies(self) -> list[str]:
        """Return the names of the stores that were set aside, the oldest first."""
        return sorted({match[0] for each in self.folder.iterdir() if (match := _COPY.match(each.name))})

    def _unused(self, now: float) -> Path:
        """Return a name for a copy that nothing has: the clock may stand still or go back."""
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        names = chain([stamp], (f"{stamp}.{number}" for number in count(2)))
        taken = self.copies()
        return self.folder / next(name for each in names if (name := f"{DATABASE}.{each}") not in taken)

    def _drop_oldest(self) -> None:
        """Remove the copies that are too many. What is a folder stays: no exporter made it."""
        with contextlib.suppress(OSError):
            for copy in self.copies()[:-COPIES]:
                for ending in ("", *BESIDE):
                    with contextlib.suppress(OSError):
                        (self.folder / f"{copy}{ending}").unlink()

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)
