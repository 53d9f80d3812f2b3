"""The state directory: one writer at a time, and a place for what cannot be used any more."""

import contextlib
import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import orjson

from exporter.core.errors import UsageError

DATABASE = "state.db"
LOCK = "lock"


class Owner:
    """The process that holds a state directory: `pid`, and the `url` where it serves ("" while that is not known)."""

    def __init__(self, pid: int | None = None, url: str = "") -> None:
        self.pid = pid
        self.url = url

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Who left word last."""
        try:
            told = orjson.loads((folder / LOCK).read_bytes())
            return cls(int(told["pid"]), str(told["url"]))
        except (OSError, ValueError, KeyError, TypeError):
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
        """Rename the database so that a new one can begin; None where not even that is possible."""
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = self.folder / f"{DATABASE}.{stamp}"
        try:
            self.database.rename(aside)
            for ending in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{self.database}{ending}").rename(f"{aside}{ending}")
        except OSError:
            return None
        return aside

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)
